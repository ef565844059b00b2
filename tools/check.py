"""Run the checks named on the command line and say at the end which of them failed.

``check.py [--thorough] lint | frontend | wheel | sqlite | postgres …``

Each part runs even if an earlier one failed, so that one run shows everything. The tests keep their
databases and keys in a folder of their own, which is removed afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import needs
import postgres

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
FRONTEND = ROOT / "frontend"
PATHS = ("src", "tests", "tools")
# The long one first: they run beside one another.
LINT = {
    "mypy": ["mypy", "src"],
    "ruff check": ["ruff", "check", *PATHS],
    "ruff format": ["ruff", "format", "--check", *PATHS],
    "import-linter": ["lint-imports"],
    "translations": ["python", "tools/messages.py", "--check"],
}
PYTEST = ["pytest", "-q", "-p", "house_rules", "--durations=15"]
# A browser keeps an event loop in its process, in which other tests may not touch the store: browser tests get
# processes of their own, each with its own centre, store and browser.
BROWSER_TESTS = "tests/browser"
WORKERS = 2
BROWSERS = 2
# In the order of tests/selection.py, which begins with the long ones; xdist's own begins with the many.
PARALLEL = ["--dist", "loadfile", "--no-loadscope-reorder"]


# The tables of every store of this run: made while mypy keeps one core, then copied (anlan.config.ready). On
# PostgreSQL they are made once on each server, in the database from which the others are copied.
READY_DATABASE = "anlan_ready"
TABLES = """
import django
django.setup()
from django.conf import settings
from anlan.config.ready import tables_make
for alias in settings.DATABASES:
    tables_make(alias)
"""
# Whatever waits for what doesn't come is ended and named, and the rest goes on: a test with its fixtures, and a part
# as a whole. Longest are a power cut's rig (two minutes on a busy machine) and the first test of a browser, which
# fills a town. By signal: a worker that were ended for it would be given the same test again.
TEST_LIMIT_S, BROWSER_TEST_LIMIT_S, PART_LIMIT_S = 400, 240, 15 * 60
STUCK = 124
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is the run's own
MEMORY_WANTED_BYTES = 4 * 1024**3


class Run:
    """Runs commands in one environment and remembers how each went."""

    def __init__(self, environment: dict[str, str], *, thorough: bool, makes_stores: bool) -> None:
        self.environment = environment
        self.thorough = thorough
        self.makes_stores = makes_stores
        self.results: list[tuple[str, int, float]] = []

    def do(self, name: str, command: list[str], folder: Path = ROOT, **extra: str) -> None:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        words = [str(BIN / command[0]), *command[1:]]
        code = self._within(words, folder, {**self.environment, **extra})
        self.results.append((name, code, time.monotonic() - started))

    def _within(self, words: list[str], folder: Path, environment: dict[str, str]) -> int:
        """The command's exit code; after its time it and all it started are ended."""
        limit_s = None if self.thorough else PART_LIMIT_S
        process = subprocess.Popen(words, cwd=folder, env=environment, start_new_session=True)
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            print(f"\n== not done after {limit_s} s: ended", flush=True)
            return STUCK
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def beside(self, commands: dict[str, list[str]]) -> None:
        """Two commands at a time; what each said is printed when it is done."""

        def one(named: tuple[str, list[str]]) -> tuple[str, int, float]:
            name, (program, *words) = named
            started = time.monotonic()
            done = subprocess.run(
                [str(BIN / program), *words],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            print(f"\n== {name}\n{done.stdout}", end="", flush=True)
            return name, done.returncode, time.monotonic() - started

        with ThreadPoolExecutor(WORKERS) as pool:
            self.results += pool.map(one, commands.items())

    def lint(self) -> None:
        tables = {"tables of a new store": ["python", "-c", TABLES]} if self.makes_stores else {}
        self.beside({**LINT, **tables})

    def frontend(self) -> None:
        """The map console's types and the tests of its logic; left out where it was not built."""
        node = needs.node()
        if node is None or not (FRONTEND / "node_modules").exists():
            print("\n== frontend left out: it was not built here (make setup says why)", flush=True)
            self.results.append(("frontend (left out)", int(self.in_ci), 0.0))
            return
        self.do("frontend types", [node, "node_modules/typescript/bin/tsc", "--noEmit"], FRONTEND)
        self.do("frontend tests", [node, "node_modules/vitest/vitest.mjs", "run"], FRONTEND)

    def wheel(self) -> None:
        self.do("wheel", ["python", "tools/wheel.py"])

    def tests(self, store: str, *left_out: str, **extra: str) -> None:
        profile = ["--hypothesis-profile", "thorough"] if self.thorough else []
        if self.thorough:
            extra = {"ANLAN_HISTORIES": "2000", "ANLAN_RELEASE": "1", **extra}
        rest = [f"--ignore={BROWSER_TESTS}", *left_out, *profile]
        tests = [*PYTEST, *PARALLEL, f"-n{WORKERS}", *self._limit(TEST_LIMIT_S), *rest]
        self.do(f"tests on {store}", tests, PYTHONPATH="tests", **extra)
        browsers = [*PYTEST, *PARALLEL, f"-n{BROWSERS}", *self._limit(BROWSER_TEST_LIMIT_S), BROWSER_TESTS]
        self.do(f"browser tests on {store}", browsers, PYTHONPATH="tests", **extra)

    def _limit(self, seconds: int) -> list[str]:
        return [] if self.thorough else [f"--timeout={seconds}", "--timeout-method=signal"]

    def sqlite(self) -> None:
        self.tests("SQLite")

    def tables_on(self, urls: list[str]) -> dict[str, str]:
        """On each server a database with empty tables, and how the tests are told of it."""
        import psycopg

        def one(url: str) -> subprocess.CompletedProcess[bytes]:
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(f"create database {READY_DATABASE}")
            there = f"{url.rpartition('/')[0]}/{READY_DATABASE}"
            told = {**self.environment, "ANLAN_DATABASE_URL": there}
            return subprocess.run([str(BIN / "python"), "-c", TABLES], cwd=ROOT, env=told)

        started = time.monotonic()
        with ThreadPoolExecutor(WORKERS) as pool:
            code = max(done.returncode for done in pool.map(one, urls))
        self.results.append(("tables on PostgreSQL", code, time.monotonic() - started))
        return {} if code else {"ANLAN_READY_DATABASE": READY_DATABASE}

    def postgres(self) -> None:
        try:
            with contextlib.ExitStack() as running:
                # One server a worker: readers of events wait for the oldest transaction of the whole server.
                urls = [running.enter_context(postgres.server()) for _ in range(WORKERS)]
                own = {f"ANLAN_DATABASE_URL_GW{number}": url for number, url in enumerate(urls)}
                own |= self.tables_on(urls)
                # The engines know no store: the run on SQLite has tried them.
                self.tests("PostgreSQL", "--ignore=tests/engines", ANLAN_DATABASE_URL=urls[0], **own)
        except postgres.NoPostgres as problem:
            print(f"\n== tests on PostgreSQL left out: {problem}", flush=True)
            self.results.append(("tests on PostgreSQL (left out)", int(self.in_ci), 0.0))

    @property
    def in_ci(self) -> bool:
        return self.environment.get("CI", "").lower() in {"1", "true", "yes"}

    def verdict(self) -> int:
        print("\n== summary")
        for name, code, seconds in self.results:
            print(f"{'ok    ' if code == 0 else 'FAILED'} {name} ({seconds:.0f} s)")
        failed = [name for name, code, _ in self.results if code]
        print(
            f"{len(failed)} of {len(self.results)} parts failed: {', '.join(failed)}"
            if failed
            else "all parts passed"
        )
        return int(bool(failed))


def _environment(home: Path) -> dict[str, str]:
    environment = {**os.environ, "ANLAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "anlan.config.settings"}
    environment["ANLAN_READY_STORES"] = str(home / "ready")
    environment.pop("ANLAN_DATABASE_URL", None)
    return environment


def _memory() -> str | None:
    """A folder in memory with room enough, else None: the disk.

    The stores of the tests ask the disk to keep each commit, as a centre's do. They live for one run; in memory
    the question is asked all the same and nobody waits for the answer. Centres that tests start for themselves
    keep their homes on the disk: each holds a large reserve there.
    """
    there = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return str(MEMORY) if there and shutil.disk_usage(MEMORY).free >= MEMORY_WANTED_BYTES else None


def _browser(environment: dict[str, str]) -> None:
    path = needs.chromium()
    if path:
        environment["ANLAN_CHROMIUM"] = path
    print(f"Chromium: {path or 'none; the browser tests will skip'}")
    print(f"Chinese font: {'there' if needs.chinese_font() else 'none; pictures of Chinese pages would show boxes'}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--thorough", action="store_true", help="more generated examples per property")
    parser.add_argument("parts", nargs="+", choices=["lint", "frontend", "wheel", "sqlite", "postgres"])
    options = parser.parse_args()
    # What was started has groups of its own: whoever ends this run ends them too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="anlan-test-", dir=_memory(), ignore_cleanup_errors=True) as home:
        environment = _environment(Path(home))
        if {"sqlite", "postgres"} & set(options.parts):
            _browser(environment)
        run = Run(environment, thorough=options.thorough, makes_stores="sqlite" in options.parts)
        for part in options.parts:
            getattr(run, part)()
        return run.verdict()


if __name__ == "__main__":
    sys.exit(main())
