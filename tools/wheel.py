"""Build the wheel and see that what was built works: its command, its data, its translations.

``python tools/wheel.py [--keep FOLDER] [--twice]``. The wheel is unpacked beside the installed dependencies and used
from there, far from the checkout. ``--twice`` builds it in two folders and asks for equal bytes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import needs

ROOT = Path(__file__).resolve().parents[1]
NOT_SHIPPED = {"__pycache__"}
ISLAND = Path("src/anlan/console/static/console/island")
PROOF = """
import anlan, django, os
from pathlib import Path
assert Path(anlan.__file__).is_relative_to(Path(os.environ["UNPACKED"])), anlan.__file__
django.setup()
from django.core.management import call_command
from django.utils import translation
from anlan.core.errors import NotFound
from anlan.core.permissions import permission_table
call_command("migrate", verbosity=0)
call_command("check", databases=["default"])
assert NotFound().detail("zh-hans") != NotFound().detail("en"), "translations are missing"
assert len(permission_table()) > 20, "permission sheets are missing"
from django.contrib.staticfiles import finders
built = finders.find("console/island/manifest.json")
print("works from the wheel,", "with the map console" if built else "WITHOUT the map console (make setup builds it)")
assert built or not os.environ.get("CI"), "the map console is missing"
"""


def missing(names: set[str], source: Path) -> list[str]:
    """Files of the package that the wheel lacks."""
    wanted = {
        str(path.relative_to(source))
        for path in (source / "anlan").glob("**/*")
        if path.is_file() and not NOT_SHIPPED & set(path.parts)
    }
    return sorted(wanted - names)


def build(source: Path, into: Path, *, at: int, machine: str = "", island: Path | None = None) -> Path:
    """The wheel of the files in ``source``, as of second ``at``; returns its path. The folder is written to.

    The same files give the same bytes, whatever the folder, the hour, and the rights of whoever builds. For another
    ``machine`` than this one it has no compiled parts, and slower Python serves. ``island`` is a map console that was
    built before; without it, it is built from ``frontend``. Raises ``SystemExit`` where something can't be built.
    """
    _island(source, island)
    _run([sys.executable, "-m", "anlan.core.i18n"], source, PYTHONPATH=str(source / "src"))
    for path in source.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    into.mkdir(parents=True, exist_ok=True)
    words = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(into), str(source)]
    told = {"SOURCE_DATE_EPOCH": str(at), "PYTHONHASHSEED": "0", "LDFLAGS": "-s -Wl,--build-id=none"}
    _run([sys.executable, *words], source, CFLAGS="-g0 " + shlex.quote(f"-ffile-prefix-map={source}=."), **told)
    made = next(into.glob("anlan-*.whl"))
    if shutil.which("cc") and not is_compiled(made):
        raise SystemExit("there is a compiler, and the wheel has no compiled engines")
    with zipfile.ZipFile(made) as archive:
        lacking = missing(set(archive.namelist()), source / "src")
    if lacking:
        raise SystemExit("the wheel lacks:\n  " + "\n  ".join(lacking))
    return made if machine in ("", os.uname().machine) else plain(made)


def _run(words: list[str], folder: Path, **more: str) -> None:
    done = subprocess.run(
        ["sh", "-c", 'umask 022; exec "$@"', "sh", *words],
        cwd=folder,
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:4])} failed:\n{done.stdout[-2000:]}")


def _island(source: Path, island: Path | None) -> None:
    """Put the map console where Django looks for it."""
    if island is not None:
        shutil.rmtree(source / ISLAND, ignore_errors=True)
        shutil.copytree(island, source / ISLAND)
        return
    node = needs.node()
    if node is None:
        raise SystemExit("the map console can't be built: there is no Node (make setup fetches it)")
    frontend, known = source / "frontend", ROOT / "frontend" / "node_modules"
    same = (frontend / "package-lock.json").read_bytes() == (ROOT / "frontend" / "package-lock.json").read_bytes()
    if same and known.is_dir():
        shutil.copytree(known, frontend / "node_modules", symlinks=True)
    else:
        npm = Path(node).with_name("npm")
        _run([str(npm), "ci", "--no-fund", "--no-audit"], frontend, PATH=f"{npm.parent}:{os.environ['PATH']}")
    _run([node, "node_modules/vite/bin/vite.js", "build"], frontend)
    shutil.rmtree(frontend / "node_modules")


def is_compiled(path: Path) -> bool:
    """Whether a wheel brings its compiled engines."""
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(".so") for name in archive.namelist())


def libc_of(path: Path) -> tuple[int, int]:
    """The newest version of the C library that the compiled parts of a wheel name."""
    found = [(2, 0)]
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".so"):
                found += [(int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d+)\.(\d+)", archive.read(name))]
    return max(found)


def plain(path: Path) -> Path:
    """The same wheel without its compiled parts, for every machine; returns its path, the other one is removed."""
    name = "-".join([*path.name.split("-")[:2], "py3-none-any.whl"])
    with zipfile.ZipFile(path) as archive:
        kept = [each for each in archive.infolist() if not each.filename.endswith((".so", "/RECORD"))]
        record = next(each for each in archive.infolist() if each.filename.endswith("/RECORD"))
        texts = {each.filename: archive.read(each) for each in kept}
    said = record.filename.replace("/RECORD", "/WHEEL")
    lines = [line for line in texts[said].decode().splitlines() if not line.startswith(("Tag:", "Root-Is-Purelib:"))]
    texts[said] = (
        "\n".join([line for line in lines if line]) + "\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ).encode()
    rows = [f"{each},{_record(text)}" for each, text in texts.items()]
    made = path.with_name(name)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in kept:
            archive.writestr(each, texts[each.filename], zipfile.ZIP_DEFLATED)
        archive.writestr(record, "\n".join([*rows, f"{record.filename},,"]) + "\n", zipfile.ZIP_DEFLATED)
    path.unlink()
    return made


def _record(text: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(text)}"


def _copy(into: Path) -> Path:
    """The files of this folder, so that nothing is left in it."""
    leave_out = shutil.ignore_patterns(
        ".git", ".venv", "var", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", "node_modules", "*.so"
    )
    shutil.copytree(ROOT, into, ignore=leave_out)
    return into


def _twice(folder: Path) -> int:
    """Two builds, in two folders and of two hours on the clock of the files, are the same bytes."""
    made = []
    for name in ("one", "another/with a longer name"):
        source = _copy(folder / name / "source")
        for path in source.rglob("*.py"):
            os.utime(path, (len(made) * 86400 + 1_700_000_000,) * 2)
        island = ROOT / ISLAND if (ROOT / ISLAND).is_dir() else None
        made.append(build(source, folder / name / "wheel", at=1_700_000_000, island=island))
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in made]
    print(*(f"{digest}  {path.relative_to(folder)}" for digest, path in zip(digests, made, strict=True)), sep="\n")
    print("the same bytes" if len(set(digests)) == 1 else "TWO BUILDS DIFFER")
    return int(len(set(digests)) != 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="put the wheel here")
    parser.add_argument("--twice", action="store_true", help="build it twice and compare")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anlan-wheel-") as folder:
        if options.twice:
            return _twice(Path(folder))
        source = _copy(Path(folder) / "source")
        island = ROOT / ISLAND if (ROOT / ISLAND).is_dir() else None
        if island is None and needs.node() is None:
            (source / ISLAND).mkdir(parents=True)  # told by the proof below; refused in CI
            island = source / ISLAND
        wheel = build(
            source, Path(folder) / "wheel", at=int(os.environ.get("SOURCE_DATE_EPOCH", "1700000000")), island=island
        )
        unpacked = Path(folder) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        home = Path(folder) / "home"
        environment = {**os.environ, "PYTHONPATH": str(unpacked), "UNPACKED": str(unpacked), "ANLAN_HOME": str(home)}
        environment["DJANGO_SETTINGS_MODULE"] = "anlan.config.settings"
        code = subprocess.run([sys.executable, "-P", "-c", PROOF], cwd=folder, env=environment).returncode
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
        if options.keep and not code:
            options.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy2(wheel, options.keep)
        return code


if __name__ == "__main__":
    sys.exit(main())
