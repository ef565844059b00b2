"""One signed archive that a closed network installs: ``python tools/bundle.py [--into dist] [--commit REV] …``.

Made from a commit, never from what lies in the folder: our wheel, every wheel pinned in ``requirements/run.txt`` for
the machine asked for (``--machine x86_64`` or ``aarch64``), the pip that installs them, installer and verifier, the
list of parts (SBOM), notes, and the SHA-256 of each file, signed with Ed25519. The same commit gives the same bytes.

The key is made on first use (``--signing-key``, never in the repository) and its fingerprint printed. Publish that
where the bundle is not: the installer asks for it.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from packaging.requirements import Requirement

sys.path.insert(0, str(Path(__file__).parent))

import sbom
import wheel
from bundled import verify

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = Path(__file__).parent / "bundled"
KEY = Path(os.environ.get("ANLAN_RELEASE_KEY", ROOT / "var" / "release" / "key.pem"))
PYTHON = "3.11"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
PLATFORMS = ("manylinux2014", "manylinux1", "manylinux2010", *(f"manylinux_2_{minor}" for minor in range(5, 37)))
NEWEST_LIBC = (2, 36)
"""Wheels that need a newer C library than this are not taken: Debian 12 and openEuler 24.03 have no other."""
PIN = re.compile(r"^[^\s#].*?(?=\n[^\s]|\Z)", re.MULTILINE | re.DOTALL)


class CannotBuild(Exception):
    """Why there is no bundle; names what is missing."""


def pins_for(text: str, machine: str) -> list[str]:
    """The pins (with their hashes) of a lock that apply to that machine under Linux, as lines for pip."""
    environment = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{PYTHON}.0",
        "python_version": PYTHON,
        "sys_platform": "linux",
    }
    chosen = []
    for block in PIN.findall(text):
        words, *hashes = re.split(r"\s*\\\n\s*", block.strip())
        asked = Requirement(words)
        if asked.marker is None or asked.marker.evaluate(environment):
            if not hashes or not all(each.startswith("--hash=sha256:") for each in hashes):
                raise CannotBuild(f"not pinned by hash: {words}")
            chosen.append(" ".join([f"{asked.name}{asked.specifier}", *hashes]))
    return chosen


def wheels_fetch(pins: list[str], machine: str, into: Path) -> None:
    """Every pinned wheel for that machine. Raises ``CannotBuild`` with the name of each that is not to be had."""
    into.mkdir(parents=True, exist_ok=True)
    if _fetched(pins, machine, into):
        return
    lacking = [pin.split()[0] for pin in pins if not _fetched([pin], machine, into)]
    if lacking:
        raise CannotBuild(f"no wheel for {machine} and Python {PYTHON}: {', '.join(lacking)}")


def _fetched(pins: list[str], machine: str, into: Path) -> bool:
    platforms = [f"--platform={name}_{machine}" for name in PLATFORMS]
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "pins.txt"
        asked.write_text("\n".join(pins) + "\n", encoding="ascii")
        words = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "-r",
            str(asked),
        ]
        words += ["--only-binary=:all:", *platforms, f"--python-version={PYTHON}", "--implementation=cp"]
        words += [f"--abi=cp{PYTHON.replace('.', '')}", "--abi=abi3", "--abi=none", "-d", str(into)]
        done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr.strip()[-400:], file=sys.stderr)
    return done.returncode == 0


def libc_needed(names: list[str]) -> tuple[int, int]:
    """The oldest C library all these wheels run on, by their names (PEP 600)."""
    named = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
    most = (2, 5)
    for name in names:
        tags = name.removesuffix(".whl").rsplit("-", 1)[-1].split(".")
        asked = [(int(hit[1]), int(hit[2])) for tag in tags if (hit := re.match(r"manylinux_(\d+)_(\d+)_", tag))]
        asked += [libc for word, libc in named.items() if any(tag.startswith(f"{word}_") for tag in tags)]
        if asked:
            most = max(most, min(asked))
    return most


def migrations_of(source: Path) -> dict[str, str]:
    """The last migration of each room: what an older version is taken back to."""
    return {
        folder.parent.name: max(path.stem for path in folder.glob("0*.py"))
        for folder in sorted((source / "src" / "anlan").glob("*/migrations"))
    }


@contextmanager
def source_of(commit: str) -> Iterator[Path]:
    """The files of a commit, in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="anlan-bundle-") as folder:
        source = Path(folder) / "source"
        source.mkdir()
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(source, filter="data")
        yield source


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def key_at(path: Path) -> Ed25519PrivateKey:
    """The key that signs; made where there is none, for its owner's eyes alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.touch(mode=0o600)
        path.write_bytes(made)
        print(f"made a new signing key: {path}; keep it, later bundles must be signed with the same")
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotBuild(f"{path} is no Ed25519 key")
    return key


def sign(folder: Path, key: Ed25519PrivateKey) -> str:
    """Write down the SHA-256 of every file, and sign that; returns the fingerprint of the public key."""
    said = {verify.SUMS, verify.SIGNATURE, verify.KEY}
    names = sorted({str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - said)
    sums = "".join(f"{_sha256(folder / name)}  {name}\n" for name in names).encode()
    public = key.public_key()
    (folder / verify.SUMS).write_bytes(sums)
    (folder / verify.SIGNATURE).write_bytes(key.sign(sums))
    (folder / verify.KEY).write_bytes(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return verify.fingerprint(public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, into: Path, at: int) -> None:
    """The folder as one archive; the same files give the same bytes whoever packs them and when."""
    with tarfile.open(into, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            told = tarfile.TarInfo(f"{folder.name}/{path.relative_to(folder)}")
            told.size, told.mtime = path.stat().st_size, at
            told.mode = 0o755 if path.suffix == ".sh" else 0o644
            with path.open("rb") as file:
                archive.addfile(told, file)


def build(commit: str, machine: str, key: Ed25519PrivateKey, into: Path, *, island: Path | None) -> Path:
    """The archive of one commit for one machine; returns where it lies."""
    hash_, at = _git("rev-parse", commit), int(_git("show", "-s", "--format=%ct", commit))
    with source_of(hash_) as source:
        folder = source.parent
        mine = wheel.build(source, folder / "mine", at=at, machine=machine, island=island)
        name = f"{mine.name.split('-')[1]}-{hash_[:10]}"
        whole = folder / f"anlan-{name}-linux-{MACHINES[machine]}"
        wheels = whole / "wheels"
        lock = (source / "requirements" / "run.txt").read_text(encoding="ascii")
        pins = pins_for(lock, machine)
        pip = pins_for((ROOT / "requirements" / "bundle.txt").read_text(encoding="ascii"), machine)
        wheels_fetch([*pins, *pip], machine, wheels)
        shutil.copy2(mine, wheels)
        pins.append(f"anlan=={mine.name.split('-')[1]} --hash=sha256:{_sha256(mine)}")
        (whole / "requirements.txt").write_text("\n".join(pins) + "\n", encoding="ascii")
        names = sorted(path.name for path in wheels.iterdir())
        told = {
            "name": name,
            "version": name.rpartition("-")[0],
            "commit": hash_,
            "made_from": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
            "machine": machine,
            "python": PYTHON,
            "libc": max(libc_needed(names), wheel.libc_of(mine)),
            "compiled": wheel.is_compiled(mine),
            "migrations": migrations_of(source),
            "wheels": names,
        }
        _text(whole / "manifest.json", json.dumps(told, indent=1, sort_keys=True))
        _text(whole / "PYTHON", PYTHON)
        _text(whole / "NOTES.md", notes(told, source))
        _text(whole / "sbom.cdx.json", sbom.text(source, wheels=wheels, at=at))
        for path in sorted(BUNDLED.iterdir()):
            if path.suffix in (".py", ".sh"):
                shutil.copyfile(path, whole / path.name)
        fingerprint = sign(whole, key)
        into.mkdir(parents=True, exist_ok=True)
        archive = into / f"{whole.name}.tar"
        pack(whole, archive, at)
    print(f"{archive}: {archive.stat().st_size / 1e6:.0f} MB, {len(names)} wheels, glibc {told['libc']} and newer")
    print(f"compiled engines: {'yes' if told['compiled'] else 'NO: plain Python serves, slower'}")
    print(f"sha256 {_sha256(archive)}\n签名公钥指纹 / signed by {fingerprint}")
    return archive


def _text(path: Path, text: str) -> None:
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def notes(told: dict[str, object], source: Path) -> str:
    """What whoever installs it reads first, with what changed."""
    changes = (source / "CHANGELOG.md").read_text(encoding="utf-8") if (source / "CHANGELOG.md").exists() else ""
    return f"""# Anlan 安澜 {told["name"]}

安装或升级（不需要网络；目标机需有 Python {PYTHON}，glibc 不低于 {told["libc"]}）：

    sh install.sh --prefix /opt/anlan --key 指纹

升级前自动备份并预演；任何一步失败或被中断，原版本和数据保持不变。退回：在安装目录执行 `install.sh --back`。

Install or upgrade, without any network, on a machine with Python {PYTHON}: the command above. Before an upgrade
a backup is taken and the upgrade is tried on it; whatever fails or is killed leaves the version and the data in force
as they were. `install.sh --back` goes back to the version before, with today's data.

{changes}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--machine", choices=MACHINES, default="x86_64")
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    parser.add_argument("--signing-key", type=Path, default=KEY)
    parser.add_argument("--island", type=Path, help="a map console that was built from the same sources")
    options = parser.parse_args()
    try:
        build(options.commit, options.machine, key_at(options.signing_key), options.into, island=options.island)
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
