"""What a release is held to, in slices of ten minutes and less: ``python tools/release.py [--minutes N] [NAME …]``.

Each slice stands on a ledger when it is done (``docs/reliability/runs.jsonl`` for faults, ``slices.jsonl`` for the
rest), with its seed, its commit and the command that does it again. What is killed is not on it, and is done next
time. A slice counts for a commit that has the same sources; ``--any-commit`` counts whatever was done before too.
``--list`` only says how much of each is done. Ends with 1 unless everything asked for is done and nothing failed.

``--advisories FILE`` names the dated copy for that slice; without one it is not done, and that is told as a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bundle
import fuzz
import needs
import reliability

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
FAULTS = reliability.LEDGER
LEDGER = ROOT / "docs" / "reliability" / "slices.jsonl"
BUNDLES = ROOT / "var" / "release"
SLICE_S = 600.0
LATEST_S = 1.5 * SLICE_S
"""A slice that takes longer is ended and told as failed: on a slower machine take smaller ones."""
SOURCES = ("src", "frontend", "requirements", "pyproject.toml")
TESTED = (*SOURCES, "tests")
FIRST = ("F3", "F2", "F1", "F8")
"""Power cuts, kills and messages before the rest."""
OURS = f"{ROOT / 'src'}:{ROOT / 'tests'}"
"""What is tried is what lies here, whatever the environment's own packages point to."""
COUNTED = re.compile(r"^([\d,]+) (.+)$", re.MULTILINE)
PASSED = re.compile(r"(\d+) passed")


@dataclass(frozen=True)
class Done:
    """A slice on the ledger: ``count`` of what its kind counts, ``failed`` of them."""

    slice: str
    part: str
    seed: int
    count: int
    failed: int
    commit: str
    at: str
    wall_s: float
    replay: str


@dataclass(frozen=True)
class Work:
    """One slice to do: a command, and how its count is read from what it says. Exit code 0 is none failed."""

    words: tuple[str, ...]
    counted: Callable[[str], int]
    more: tuple[tuple[str, str], ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Kind:
    """Slices of one kind. ``parts`` names those that must each be done once; with ``wanted`` they are done again,
    under other seeds, until so many are counted."""

    name: str
    what: str
    work: Callable[[str, int], Work]
    parts: tuple[str, ...] = ("",)
    wanted: int = 0
    paths: tuple[str, ...] = TESTED


def one(_said: str) -> int:
    return 1


def passed(said: str) -> int:
    """How many tests passed, as pytest says at its end."""
    return sum(int(number) for number in PASSED.findall(said)[-1:])


def counted(what: str) -> Callable[[str], int]:
    """How many the tests say they have counted of something."""
    return lambda said: sum(int(number.replace(",", "")) for number, words in COUNTED.findall(said) if words == what)


def tests(*words: str) -> tuple[str, ...]:
    return (str(BIN / "pytest"), "-q", "-p", "house_rules", *words)


HOSTILE = "tests/permissions/test_hostile_requests.py"
MUTANTS = "tests/permissions/test_mutants.py"
STATES = "tests/permissions/test_states.py"
MATRIX = ("tests/permissions/test_api_doors.py", "tests/permissions/test_page_doors.py")
RELEASE = (("ANLAN_RELEASE", "1"), ("ANLAN_HISTORIES", "2000"))


def kinds(advisories: Path | None) -> list[Kind]:
    """Everything but the faults, in the order in which it is done."""

    def suite(part: str, _seed: int) -> Work:
        left = [f"--ignore={each}" for each in (HOSTILE, MUTANTS, STATES, *MATRIX)]
        return Work(tests(part, "--hypothesis-profile", "thorough", *left), passed, RELEASE)

    def hostile(_part: str, seed: int) -> Work:
        # As many as in CI under another seed each time: all at once is too long a slice for a busy machine.
        more = (("ANLAN_SEED", str(20260302 + seed)),)
        return Work(tests(HOSTILE), counted("hostile requests to the interface"), more, seed)

    def mutants(_part: str, _seed: int) -> Work:
        return Work(tests(MUTANTS), counted("permission checks taken out and noticed"), RELEASE)

    def states(_part: str, _seed: int) -> Work:
        return Work(tests(STATES), counted("answers at doors to those who could come in a moment ago"), RELEASE)

    def matrix(part: str, _seed: int) -> Work:
        return Work(tests(part), counted("answers at doors held against the table of who may"), RELEASE)

    def fuzzed(part: str, _seed: int) -> Work:
        words = ("tools/fuzz.py", part, "--seconds", "480")
        return Work((sys.executable, *words), counted(f"inputs thrown at {part}"))

    def tool(*words: str) -> Callable[[str, int], Work]:
        return lambda part, _seed: Work((sys.executable, *words, *([part] if part else [])), one)

    found = [
        Kind("hostile", "hostile requests (Schemathesis)", hostile, wanted=12_000),
        Kind("mutants", "permission checks taken out and noticed", mutants, wanted=100),
        Kind("states", "answers to those who could come in a moment ago", states),
        Kind("matrix", "answers held against the table of who may", matrix, parts=MATRIX),
        Kind("fuzz", "parsers at which bytes were thrown, led by what they reach", fuzzed, parts=tuple(fuzz.LED_BY)),
        Kind("checks", "static checks, frontend, wheel", tool("tools/check.py"), parts=("lint", "frontend", "wheel")),
        Kind("twice", "two builds of the wheel, byte for byte", tool("tools/wheel.py", "--twice"), paths=SOURCES),
        Kind("suite", "tests with many examples, SQLite", suite, parts=tuple(folders())),
        Kind("postgres", "the whole suite on PostgreSQL", tool("tools/check.py"), parts=("postgres",)),
        Kind("bundle", "the bundle in a closed network", bundle_try, parts=("faults", "fresh", "upgrade")),
    ]
    words = ["tools/advisories.py", "--advisories", str(advisories or "(none was named: ADVISORIES=FILE)")]
    # The age of the copy is judged each time: what was sound last month is not sound for that.
    return [*found, Kind("advisories", "every pin asked of a dated copy", tool(*words), paths=("requirements",))]


def folders() -> Iterator[str]:
    """The folders of the suite, each a slice."""
    for folder in sorted((ROOT / "tests").iterdir()):
        if folder.is_dir() and any(folder.rglob("test_*.py")):
            deeper = [each for each in sorted(folder.iterdir()) if each.is_dir() and any(each.rglob("test_*.py"))]
            yield from (str(each.relative_to(ROOT)) for each in (deeper if folder.name == "engines" else [folder]))


def bundle_try(part: str, _seed: int) -> Work:
    """Builds what is not there yet: the bundle of this commit, and one from before the tables last changed."""
    newest = _git("rev-parse", "HEAD")
    changed = _git("log", "-1", "--format=%H", "--", ":(glob)src/anlan/*/migrations/0*.py")
    older = _git("rev-parse", f"{changed}^")
    asked = [older, newest] if part == "upgrade" else [newest]
    key, into = bundle.key_at(bundle.KEY), BUNDLES / "bundles"
    for commit in asked:
        if not list(into.glob(f"anlan-*-{commit[:10]}-linux-*.tar")):
            bundle.build(commit, os.uname().machine, key, into, island=None)
    archives = [str(next(into.glob(f"anlan-*-{commit[:10]}-linux-*.tar"))) for commit in (asked[0], newest)]
    named = bundle.verify.fingerprint(key.public_key().public_bytes_raw())
    return Work((sys.executable, "tools/bundle_try.py", *archives, "--key", named, "--only", part), one)


# What is done


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@lru_cache
def is_same(commit: str, paths: tuple[str, ...]) -> bool:
    """Whether a commit on a ledger has the sources of this one; never one with changes nobody committed."""
    if not commit or commit.endswith("+") or commit == "?":
        return False
    done = subprocess.run(["git", "diff", "--quiet", commit, "HEAD", "--", *paths], cwd=ROOT, capture_output=True)
    return done.returncode == 0


def ledger_read(path: Path) -> list[Done]:
    if not path.exists():
        return []
    return [Done(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def kind_done(kind: Kind, ledger: list[Done], *, any_commit: bool) -> list[Done]:
    """What was done of a kind and counts; where something failed, it is not done."""
    mine = [each for each in ledger if each.slice == kind.name and not each.failed]
    return [each for each in mine if any_commit or is_same(each.commit, kind.paths)]


def kind_left(kind: Kind, done: list[Done]) -> list[str]:
    """The parts still to be done; a kind with a number is done once its number is reached."""
    if kind.wanted:
        return [] if sum(each.count for each in done) >= kind.wanted else list(kind.parts)
    there = {each.part for each in done}
    return [part for part in kind.parts if part not in there]


def faults_done(*, any_commit: bool) -> dict[str, int]:
    """Trials by fault, of runs without a plant."""
    found = dict.fromkeys(reliability.RELEASE, 0)
    for line in FAULTS.read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        name = reliability.name_of(run["fault"], run.get("store", ""))
        if name in found and not run["plant"] and (any_commit or is_same(run["commit"], SOURCES)):
            found[name] += run["count"]
    return found


# Doing it


def commit_now() -> str:
    """The commit, with + where its sources or tests were changed; a ledger that has grown changes neither."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *TESTED, "tools")
    return _git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")


def kind_do(kind: Kind, part: str, seed: int) -> bool:
    """One slice; on the ledger when it ended by itself. Returns whether nothing failed."""
    try:
        work = kind.work(part, seed)
    except (bundle.CannotBuild, SystemExit) as problem:
        print(f"{kind.name} {part}: {problem}", flush=True)
        return False
    replay = " ".join([*(f"{key}={value}" for key, value in work.more), *(_short(word) for word in work.words)])
    print(f"\n== {kind.name} {part}: {replay}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="anlan-release-", ignore_cleanup_errors=True) as home:
        code, said = _run(work, Path(home))
    if code is None:
        print(f"{kind.name} {part} took more than {LATEST_S:g} s and was ended; it is not on the ledger")
        return False
    line = Done(
        slice=kind.name,
        part=part,
        seed=work.seed,
        count=work.counted(said),
        failed=int(code != 0),
        commit=commit_now(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        wall_s=round(time.monotonic() - began, 1),
        replay=replay,
    )
    with LEDGER.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
    print(f"{'FAILED' if code else 'ok'}: {line.count:,} in {line.wall_s:g} s", flush=True)
    return code == 0


def _short(word: str) -> str:
    return word.replace(f"{BIN}/", "").replace(f"{ROOT}/", "")


def _run(work: Work, home: Path) -> tuple[int | None, str]:
    """Exit code and words of a slice; None where it was ended for its length."""
    environment = {**os.environ, **dict(work.more), "ANLAN_HOME": str(home), "PYTHONPATH": OURS}
    environment.setdefault("ANLAN_CHROMIUM", needs.chromium() or "")
    log = home / "said"
    with (
        log.open("w") as out,
        subprocess.Popen(
            work.words, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        ) as process,
    ):
        try:
            code = process.wait(LATEST_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return None, ""
    said = log.read_text(encoding="utf-8", errors="replace")
    print("\n".join(said.splitlines()[-400 if code else -6 :]), flush=True)
    return code, said


def fault_do(fault: str) -> int:
    """One slice of a fault; it puts itself on the ledger."""
    part = reliability.RELEASE[fault][1]
    words = [sys.executable, "-m", "anlan.config.cli", "chaos", *reliability.asked(fault), "--count", str(part)]
    print(f"\n== {fault}: {part} trials", flush=True)
    with tempfile.TemporaryDirectory(prefix="anlan-release-", ignore_cleanup_errors=True) as home:
        environment = {**os.environ, "ANLAN_HOME": home, "PYTHONPATH": OURS}
        environment["DJANGO_SETTINGS_MODULE"] = "anlan.config.settings"
        return subprocess.run([*words, "--ledger", str(FAULTS)], cwd=ROOT, env=environment).returncode


def go(chosen: list[str], minutes: float, *, any_commit: bool, advisories: Path | None) -> bool:
    """Slices until the time is over or all is done; returns whether everything is done and nothing failed."""
    until, bad = time.monotonic() + 60 * minutes, set[str]()
    for fault in sorted(
        reliability.RELEASE, key=lambda name: (name not in FIRST, FIRST.index(name) if name in FIRST else 0)
    ):
        while not chosen or fault in chosen:
            if faults_done(any_commit=any_commit)[fault] >= reliability.RELEASE[fault][0] or time.monotonic() > until:
                break
            if fault_do(fault):
                bad.add(fault)  # a broken promise, or this machine can't do it; the rest goes on
                break
    for kind in kinds(advisories):
        while not chosen or kind.name in chosen:
            done = kind_done(kind, ledger_read(LEDGER), any_commit=any_commit)
            left = [part for part in kind_left(kind, done) if f"{kind.name} {part}" not in bad]
            if not left or time.monotonic() > until:
                break
            seed = max((each.seed for each in ledger_read(LEDGER) if each.slice == kind.name), default=0) + 1
            if not kind_do(kind, left[0], seed):
                bad.add(f"{kind.name} {left[0]}")
    return told(chosen, any_commit=any_commit, advisories=advisories) and not bad


def told(chosen: list[str], *, any_commit: bool, advisories: Path | None) -> bool:
    """Say how much of each is done, here and in all; returns whether everything asked for is."""
    here, ever, whole = faults_done(any_commit=False), faults_done(any_commit=True), True
    print(f"\n{'':<14}{'these sources':>14}{'ever':>10}{'wanted':>10}")
    for name, (wanted, _) in reliability.RELEASE.items():
        if not chosen or name in chosen:
            whole &= (ever if any_commit else here)[name] >= wanted
            print(f"{name:<14}{here[name]:>14,}{ever[name]:>10,}{wanted:>10,}")
    ledger = ledger_read(LEDGER)
    for kind in kinds(advisories):
        if chosen and kind.name not in chosen:
            continue
        mine, all_ = (kind_done(kind, ledger, any_commit=each) for each in (False, True))
        whole &= not kind_left(kind, all_ if any_commit else mine)
        numbers = [
            sum(each.count for each in found) if kind.wanted else len(kind.parts) - len(kind_left(kind, found))
            for found in (mine, all_)
        ]
        wanted = kind.wanted or len(kind.parts)
        print(f"{kind.name:<14}{numbers[0]:>14,}{numbers[1]:>10,}{wanted:>10,}  {kind.what}")
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these (F3, hostile, bundle …)")
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no slice after so long")
    parser.add_argument("--any-commit", action="store_true", help="what was done at other commits counts too")
    parser.add_argument("--list", action="store_true", help="only say how much is done")
    parser.add_argument("--advisories", type=Path, help="the dated copy")
    options = parser.parse_args()
    known = {*reliability.RELEASE, *(kind.name for kind in kinds(None))}
    if unknown := set(options.names) - known:
        parser.error(f"no such slice: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    if options.list:
        return int(not told(options.names, any_commit=options.any_commit, advisories=options.advisories))
    done = go(options.names, options.minutes, any_commit=options.any_commit, advisories=options.advisories)
    print(
        "all of it is done"
        if done
        else "NOT ALL OF IT IS DONE, OR SOMETHING FAILED; the same command goes on from here"
    )
    return int(not done)


if __name__ == "__main__":
    sys.exit(main())
