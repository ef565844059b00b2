"""Installs what lies beside it, upgrades what is installed, or goes back; nothing but Python's own library.

Below the prefix:

    versions/NAME/      a version: its own Python environment; never changed once it is complete
    generations/N/      a home (data, keys, attachments) and which version serves it
    current             the generation in force; changed at one moment, by one rename, as the last step
    bin/anlan           the command: holds a lock while it runs, so that nothing is copied from under it
    release_key         the fingerprint every later bundle must be signed with
    backups/            a backup taken before each upgrade

An upgrade makes a new generation beside the one in force: a copy of its data, brought up to date and held against
every invariant. Killed at any moment, it leaves the old generation in force, untouched.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # a file that is not on the list would be found at the next look
sys.path.insert(0, str(HERE))
import verify  # noqa: E402

STORE = "anlan.sqlite3"
NOT_COPIED = {"reserve", "static", "compressed"}  # room kept free and copies of the program's own files: made anew
LOCKS = ("-wal", "-shm", "-gate", "-writer")
LINKED = {"media"}  # written once and never changed: the same bytes under two names
ROOM_FACTOR = 3
"""So many times the size of bundle and home must be free."""
CENTRE_RUNS = 75
REHEARSED_S = 3600

WRAPPER = """#!/bin/sh
# The command of the generation in force; holds the lock that keeps an upgrade away while it runs.
prefix={prefix}
exec 9>>"$prefix/lock"
if ! flock -s -n 9; then
  echo "正在安装或升级，请稍候再试。/ An installation or upgrade is going on; try again in a minute." >&2
  exit 75
fi
here=$(readlink -f "$prefix/current")
export ANLAN_HOME="$here/home"
exec "$here/version/bin/anlan" "$@"
"""


class Refused(Exception):
    """Why nothing was done and what to do now: Chinese, English, exit code."""

    def __init__(self, zh: str, en: str, code: int = 1) -> None:
        super().__init__(f"{zh}\n{en}")
        self.code = code


def say(zh: str, en: str) -> None:
    print(f"{zh} / {en}", flush=True)


class Step:
    """Says what is done and how long it took."""

    def __init__(self, zh: str, en: str) -> None:
        print(f"… {zh} / {en}", flush=True)

    def __enter__(self) -> None:
        self.began = time.monotonic()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            print(f"  {time.monotonic() - self.began:.1f} s", flush=True)


class Site:
    """What is installed below one prefix."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        self.current = prefix / "current"

    @property
    def is_there(self) -> bool:
        return self.current.is_symlink()

    @property
    def generation(self) -> Path:
        return self.current.resolve()

    def version(self, generation: Path | None = None) -> Path:
        return ((generation or self.generation) / "version").resolve()

    def next_number(self) -> int:
        found = [int(path.name) for path in (self.prefix / "generations").glob("[0-9]*") if path.name.isdigit()]
        return max(found, default=0) + 1

    def lock(self) -> None:
        """Held until this process ends. Raises ``Refused`` while a centre runs."""
        self._held = (self.prefix / "lock").open("a")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "中心正在运行，数据未作任何改动。请先停止（如 systemctl stop anlan），"
                "再执行同一命令；已完成的步骤不会重做。",
                "The centre is running; its data were not touched. Stop it (say: systemctl stop anlan), then give "
                "the same command again; what is done is not done twice.",
                CENTRE_RUNS,
            ) from None

    def put_in_force(self, generation: Path) -> None:
        """The one moment at which everything changes."""
        draft = self.prefix / "current.new"
        draft.unlink(missing_ok=True)
        draft.symlink_to(generation.relative_to(self.prefix))
        os.sync()
        draft.replace(self.current)
        _sync_folder(self.prefix)


def manifest_of(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return told


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# What must hold before anything is done


def check(site: Site, key: str) -> str:
    """The bundle is what was signed, and fits this machine; returns the key's fingerprint."""
    kept = site.prefix / "release_key"
    wanted = key or (kept.read_text(encoding="ascii").strip() if kept.exists() else "")
    if not wanted:
        found = HERE / verify.KEY
        shown = verify.fingerprint(verify.key_read(found.read_text("ascii"))) if found.is_file() else "-"
        raise Refused(
            f"首次安装须指明签名公钥的指纹。本包自称由 {shown} 签名：请与另行取得的指纹核对，"
            f"一致后加上 --key {shown} 重新执行。",
            f"A first installation needs the fingerprint of the key. This bundle says it was signed by {shown}: "
            f"compare it with the one you were told by another way, then call again with --key {shown}",
            2,
        )
    with Step("核对签名和全部文件", "checking the signature and every file"):
        wrong = verify.problems(HERE, wanted)
    if wrong:
        raise Refused(
            "安装包未通过核对，未作任何改动：\n  " + "\n  ".join(wrong),
            "The bundle is not what was signed; nothing was done. Fetch it anew.",
            3,
        )
    told = manifest_of(HERE)
    if platform.machine() != told["machine"]:
        raise Refused(
            f"本包适用于 {told['machine']}，本机为 {platform.machine()}。",
            f"This bundle is for {told['machine']}; this machine is {platform.machine()}. Take the other one.",
        )
    libc = tuple(int(part) for part in (platform.libc_ver()[1] or "0").split(".")[:2])
    if libc < tuple(told["libc"]):
        raise Refused(
            f"本包要求 glibc {told['libc'][0]}.{told['libc'][1]} 及以上，本机为 {platform.libc_ver()[1] or '未知'}。",
            f"This bundle needs glibc {told['libc'][0]}.{told['libc'][1]}; here is {platform.libc_ver()[1] or '?'}.",
        )
    if shutil.which("flock") is None:
        raise Refused(
            "本机没有 flock 命令（util-linux）。请先从系统安装盘安装。",
            "There is no flock here (util-linux); install it from the system's own media.",
        )
    _room(site)
    return wanted.replace(":", "").replace(" ", "").lower()


def _room(site: Site) -> None:
    site.prefix.mkdir(parents=True, exist_ok=True)
    needed = ROOM_FACTOR * (_size(HERE) + (_size(site.generation / "home") if site.is_there else 0))
    free = shutil.disk_usage(site.prefix).free
    if free < needed:
        raise Refused(
            f"{site.prefix} 可用空间 {free >> 20} MiB，需要 {needed >> 20} MiB。请腾出空间后重试，未作任何改动。",
            f"{site.prefix} has {free >> 20} MiB free; {needed >> 20} MiB are needed. Make room; nothing was done.",
        )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


# A version


def version_make(site: Site) -> Path:
    """An environment of its own with everything from the bundle, by hash; one that is complete is left alone."""
    told = manifest_of(HERE)
    folder = site.prefix / "versions" / told["name"]
    if (folder / "complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Step(f"安装程序 {told['name']}", f"installing version {told['name']}"):
        _do([sys.executable, "-I", "-m", "venv", "--without-pip", str(folder)])
        # The bundle's own pip, so that the system's need not be there; no setting of anybody's takes part.
        pip = next((HERE / "wheels").glob("pip-*.whl"))
        words = [str(folder / "bin" / "python"), "-I", str(pip / "pip"), "install", "--quiet", "--no-index"]
        words += ["--no-cache-dir", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        words += ["-r", str(HERE / "requirements.txt")]
        _do(words, PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="wheels")
        kept = folder / "bundle"
        kept.mkdir()
        for name in (*verify_files(), "manifest.json", "installer.py", "install.sh", "PYTHON", "NOTES.md"):
            shutil.copy2(HERE / name, kept / name)
        (folder / "complete").write_text(told["name"], encoding="ascii")
    return folder


def verify_files() -> tuple[str, ...]:
    return ("verify.py", verify.SUMS, verify.SIGNATURE, verify.KEY)


def _do(words: list[str], **more: str) -> str:
    """What a command said; raises ``Refused`` with its last words where it failed."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(
        words,
        env={**plain, **more},
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n  ".join(done.stdout.strip().splitlines()[-8:])
        command = " ".join(Path(word).name for word in words[:5])
        raise Refused(
            f"步骤失败：{command}\n  {last}", f"a step failed ({command}); what is in force was not touched."
        )
    return done.stdout


def anlan(version: Path, home: Path, *words: str) -> str:
    """What ``anlan WORDS`` of that version said about that home."""
    temporary = home.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    return _do([str(version / "bin" / "anlan"), *words], ANLAN_HOME=str(home), TMPDIR=str(temporary))


# A generation


def generation_new(site: Site, version: Path, home: Path | None, **how: Any) -> Path:
    """A generation that is not in force yet, with a copy of ``home`` (an empty one without)."""
    number = site.next_number()
    for left in (site.prefix / "generations").glob("*.new"):
        shutil.rmtree(left)  # of an attempt that was killed
    draft = site.prefix / "generations" / f"{number}.new"
    draft.mkdir(parents=True)
    (draft / "version").symlink_to(Path("../../versions") / version.name)
    (draft / "how.json").write_text(json.dumps(how), encoding="ascii")
    if home is None:
        (draft / "home").mkdir(mode=0o700)
    else:
        home_copy(home, draft / "home")
    return draft


def home_copy(home: Path, into: Path) -> None:
    """Everything a centre keeps. Nobody may have it open."""
    into.mkdir(mode=home.stat().st_mode & 0o777)
    for path in sorted(home.iterdir()):
        if path.name in NOT_COPIED or path.name.endswith(LOCKS):
            continue
        if path.suffix == ".sqlite3":
            with closing(sqlite3.connect(path)) as store, closing(sqlite3.connect(into / path.name)) as copy:
                store.backup(copy)
            (into / path.name).chmod(path.stat().st_mode & 0o777)
        elif path.name in LINKED:
            shutil.copytree(path, into / path.name, copy_function=os.link)
        elif path.is_dir():
            shutil.copytree(path, into / path.name, symlinks=True)
        else:
            shutil.copy2(path, into / path.name)


def events_in(home: Path) -> int:
    """How many changes the record of a home holds; 0 where there is no store yet."""
    store = home / STORE
    if not store.exists():
        return 0
    with closing(sqlite3.connect(store)) as line:
        tables = {row[0] for row in line.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return int(line.execute("SELECT count(*) FROM core_event").fetchone()[0]) if "core_event" in tables else 0


def generation_take(site: Site, draft: Path, *, at_least: int) -> None:
    """Hold a generation against every invariant, then put it in force."""
    version = site.version(draft)
    with Step("更新数据表并逐条核对数据", "bringing the tables up to date and holding every invariant"):
        anlan(version, draft / "home", "migrate")
        anlan(version, draft / "home", "verify")
    found = events_in(draft / "home")
    if found < at_least:
        raise Refused(
            f"副本只有 {found} 条记录，原有 {at_least} 条；未启用。",
            f"the copy has {found} records of {at_least}; not used.",
        )
    shutil.rmtree(draft / "tmp", ignore_errors=True)
    whole = draft.with_name(draft.name.removesuffix(".new"))
    draft.rename(whole)
    site.put_in_force(whole)


# What can be asked for


def install(site: Site, key: str) -> None:
    """A first installation, or an upgrade with data."""
    signed_by = check(site, key)
    version = version_make(site)
    if not site.is_there:
        site.lock()
        draft = generation_new(site, version, None, act="install")
        generation_take(site, draft, at_least=0)
        _doors(site, signed_by)
        say(
            f"已安装 {version.name}。启动：{site.prefix}/bin/anlan run",
            f"installed; start: {site.prefix}/bin/anlan run",
        )
        return
    if site.version() == version:
        say(f"已是 {version.name}，无须升级。", f"{version.name} is in force already; nothing to do.")
        return
    _no_postgres()
    home = site.generation / "home"
    if (home / STORE).exists() and not _is_rehearsed(site, version):
        _rehearse(site, version)
    site.lock()
    before = events_in(home)
    with Step("复制数据", "copying the data"):
        draft = generation_new(site, version, home, act="upgrade", came_from=site.generation.name)
    generation_take(site, draft, at_least=before)
    _doors(site, signed_by)
    say(f"已升级到 {version.name}，记录 {before} 条俱在。", f"upgraded; all {before} records are there.")
    say(f"如需退回：sh {version}/bundle/install.sh --back", f"to go back: sh {version}/bundle/install.sh --back")


def _is_rehearsed(site: Site, version: Path) -> bool:
    """Whether it went well within the hour, from the same version: nobody waits for that again, centre down."""
    note = version / "rehearsed"
    if not note.exists() or not 0 <= time.time() - note.stat().st_mtime < REHEARSED_S:
        return False
    return note.read_text(encoding="utf-8") == site.version().name


def _rehearse(site: Site, version: Path) -> None:
    """A backup by the version in force, tried by the new one while the centre may go on running."""
    into = site.prefix / "backups" / f"before-{version.name}-{time.strftime('%Y%m%dT%H%M%S')}"
    with Step("备份数据", "taking a backup"):
        anlan(site.version(), site.generation / "home", "backup", str(into))
    with Step("用备份预演升级并核对", "rehearsing the upgrade on the backup, and checking it"):
        scratch = site.prefix / "rehearsal"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        try:
            anlan(version, scratch / "home", "restore", str(into), "--drill")
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    (version / "rehearsed").write_text(site.version().name, encoding="utf-8")
    print(f"  {into}", flush=True)


def back(site: Site, *, as_before: bool) -> None:
    """To the version before, with today's data; or, asked for, to that version's data as they were then."""
    if not site.is_there:
        raise Refused(f"{site.prefix} 尚未安装。", f"nothing is installed at {site.prefix}")
    how = json.loads((site.generation / "how.json").read_text(encoding="ascii"))
    if how.get("act") != "upgrade":
        raise Refused(
            "当前版本不是升级而来，无可退回。",
            "what is in force did not come by an upgrade; there is nothing before it.",
        )
    earlier = site.prefix / "generations" / how["came_from"]
    _no_postgres()
    site.lock()
    now_has, then_had = events_in(site.generation / "home"), events_in(earlier / "home")
    if as_before:
        left = site.generation.name
        site.put_in_force(earlier)
        later = now_has - then_had
        say(
            f"已退回 {site.version().name} 及其当时的数据；此后的 {later} 条记录仍在 generations/{left}。",
            f"back to {site.version().name} with its data of then; {later} later records stay in generations/{left}.",
        )
        return
    newer, older = site.version(), site.version(earlier)
    with Step("复制数据", "copying the data"):
        draft = generation_new(site, older, site.generation / "home", act="back", came_from=site.generation.name)
    with Step("把数据表退回旧版", "taking the tables back"):
        _tables_back(newer, older, draft / "home")
    generation_take(site, draft, at_least=now_has)
    say(f"已退回 {older.name}，{now_has} 条记录俱在。", f"back at {older.name}; all {now_has} records are there.")


def _tables_back(newer: Path, older: Path, home: Path) -> None:
    """Every room's tables to what the older version knows, by the newer one, which knows the way."""
    now, then = (manifest_of(version / "bundle")["migrations"] for version in (newer, older))
    for room in sorted(now):
        if now[room] != then.get(room, "zero"):
            try:
                anlan(newer, home, "manage", "migrate", room, then.get(room, "zero"))
            except Refused as problem:
                raise Refused(
                    f"{problem}\n数据表无法退回旧版。可改用 --back --as-before：退回旧版及升级前的数据，"
                    "升级后的记录另行保存。",
                    "The tables can't be taken back. --back --as-before goes back to the data of before the upgrade; "
                    "what was recorded since is kept apart.",
                ) from problem


def _doors(site: Site, signed_by: str) -> None:
    """The command, and the key that later bundles must be signed with."""
    (site.prefix / "bin").mkdir(exist_ok=True)
    command = site.prefix / "bin" / "anlan"
    draft = command.with_name("anlan.new")
    draft.write_text(WRAPPER.format(prefix=_quoted(str(site.prefix))), encoding="utf-8")
    draft.chmod(0o755)
    draft.replace(command)
    (site.prefix / "release_key").write_text(signed_by + "\n", encoding="ascii")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def _no_postgres() -> None:
    if os.environ.get("ANLAN_DATABASE_URL"):
        raise Refused(
            "本中心使用 PostgreSQL：请按 docs/bundle.md 先用 pg_dump 备份，再手工升级。",
            "This centre is on PostgreSQL: take a backup with pg_dump and upgrade by hand (docs/bundle.md).",
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="install.sh", description="安装、升级、退回 / install, upgrade, go back")
    parser.add_argument("--prefix", type=Path, default=None, help="安装位置 / where (default /opt/anlan)")
    parser.add_argument("--key", default="", help="签名公钥指纹 / fingerprint of the key that signed")
    parser.add_argument("--check", action="store_true", help="只核对 / check and do nothing")
    parser.add_argument(
        "--back", action="store_true", help="退回上一版本，保留现有数据 / to the version before, with its data"
    )
    parser.add_argument(
        "--as-before", action="store_true", help="连同数据退回升级前 / with --back: data as before the upgrade"
    )
    options = parser.parse_args()
    # Called from an installed version, the prefix is the one it lies in.
    inside = HERE.parents[2] if HERE.name == "bundle" and HERE.parents[1].name == "versions" else None
    site = Site((options.prefix or inside or Path("/opt/anlan")).resolve())
    try:
        if options.back:
            back(site, as_before=options.as_before)
        elif options.check:
            check(site, options.key)
            say("安装包完好，适用于本机。", "the bundle is sound and fits this machine.")
        else:
            install(site, options.key)
    except Refused as problem:
        print(problem, file=sys.stderr)
        return problem.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
