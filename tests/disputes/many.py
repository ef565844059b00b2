"""Many random histories, counted and kept: ``PYTHONPATH=tests python -m disputes.many --count 20000``.

Histories of files and pushes, ``--walks`` by the tables of moves alone, ``--table`` at the mediating table. One small
county, taken back to its beginning after each. Every chunk prints its seeds, its counts and what was wrong. With
``--ledger FILE`` it is added there with the commit it ran at, and the next run goes on with the next seeds;
``--told FILE`` says what such a ledger adds up to.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[[int], list[str]]


def county() -> Any:
    """Django with a fresh store of tests, and the small county in it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    os.environ.setdefault("ANLAN_HOME", tempfile.mkdtemp(prefix="anlan-histories-"))
    os.environ.setdefault("ANLAN_SECRET_KEY", "tests only")
    os.environ.setdefault("ANLAN_EVENT_HASH_KEY", "tests only")
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_databases, setup_test_environment

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    setup_test_environment()
    setup_databases(0, interactive=False, serialized_aliases=[])
    from anlan.core.actor import SYSTEM
    from anlan.tagging.services import taxonomy_load
    from world import T0, build_world

    world = build_world()
    taxonomy_load(by=SYSTEM, at=T0)
    return world


def runner(what: str, world: Any) -> Run:
    """Runs one seed; raises AssertionError for what must never be, returns what was pressed."""
    from disputes import course, table_course, walks
    from disputes.quarrel import people_come
    from disputes.table import table_set

    if what == "table":
        table = table_set(world)
        files = table_course.beginning(table)
        return lambda seed: table_course.run(table, files, seed)
    start = course.beginning(people_come(world))
    if what == "walks":
        return lambda seed: walks.run(start[1], seed) or []
    return lambda seed: course.run(world, start, seed)


def main(arguments: list[str]) -> int:
    """Run the seeds asked for; 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, help="the first seed; else on from the ledger, or 0")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--chunk", type=int, default=500)
    parser.add_argument("--walks", dest="what", action="store_const", const="walks", default="histories")
    parser.add_argument("--table", dest="what", action="store_const", const="table")
    parser.add_argument("--ledger", type=Path, help="add each chunk here; refused where the source was changed")
    parser.add_argument("--told", type=Path, help="only say what this ledger adds up to")
    asked = parser.parse_args(arguments)
    if asked.told:
        return told(asked.told)
    commit = commit_now(ROOT)
    if asked.ledger and commit.endswith(("+", "?")):
        parser.error(f"{commit}: a ledger takes runs of a commit, not of changes on top of one")
    first = asked.first if asked.first is not None else _next(asked.ledger, asked.what)
    logging.disable(logging.WARNING)
    run, failed = runner(asked.what, county()), 0
    for low in range(first, first + asked.count, asked.chunk):
        line = _chunk(asked.what, run, range(low, min(low + asked.chunk, first + asked.count))) | {"commit": commit}
        failed += len(line["wrong"])
        text = json.dumps(line, ensure_ascii=False) + "\n"
        sys.stdout.write(text)
        sys.stdout.flush()
        if asked.ledger:
            with asked.ledger.open("a", encoding="utf-8") as out:
                out.write(text)
    return int(failed > 0)


def _chunk(what: str, run: Run, seeds: range) -> dict[str, Any]:
    pressed: Counter[str] = Counter()
    wrong, began, cpu = [], time.monotonic(), time.process_time()
    for seed in seeds:
        try:
            pressed.update("refused" if ":" in name else "done" for name in run(seed))
        except AssertionError as found:
            wrong.append(str(found)[:2000])
    return {
        "what": what,
        "seeds": [seeds.start, seeds.stop - 1],
        "n": len(seeds),
        **dict(sorted(pressed.items())),
        "wrong": wrong,
        "seconds": round(time.monotonic() - began, 1),
        "cpu_ms_each": round(1000 * (time.process_time() - cpu) / len(seeds), 1),
    }


def commit_now(root: Path) -> str:
    """The commit of the source, with + where it was changed."""
    from anlan.assurance.ledger import commit_now as commit_of

    return commit_of(root)


def lines_of(ledger: Path | None) -> list[dict[str, Any]]:
    """The chunks of a ledger; none where there is no such file yet."""
    if ledger is None or not ledger.exists():
        return []
    return [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]


def _next(ledger: Path | None, what: str) -> int:
    return max((line["seeds"][1] + 1 for line in lines_of(ledger) if line["what"] == what), default=0)


def told(ledger: Path) -> int:
    """Say, for each kind and commit, how many different seeds ran and how many were wrong; 1 where one was."""
    seeds: dict[tuple[str, str], set[int]] = defaultdict(set)
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in lines_of(ledger):
        key = (line["what"], line["commit"])
        seeds[key].update(range(line["seeds"][0], line["seeds"][1] + 1))
        sums[key].update({name: line.get(name, 0) for name in ("done", "refused")}, wrong=len(line["wrong"]))
    for (what, commit), counts in sums.items():
        line = {"what": what, "commit": commit, "different_seeds": len(seeds[what, commit]), **counts}
        sys.stdout.write(json.dumps(line) + "\n")
    return int(any(counts["wrong"] for counts in sums.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
