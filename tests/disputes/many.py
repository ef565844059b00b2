"""Many random histories and walks, counted: ``PYTHONPATH=tests python -m disputes.many --count 20000 --chunk 500``.

One small county in a store in memory, taken back to its beginning after each history. Every chunk prints its seeds,
its counts and what was wrong, so that what has run is known whenever it stops.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from typing import Any


def county() -> Any:
    """Django with a fresh store in memory, and the small county in it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    os.environ.setdefault("ANLAN_HOME", tempfile.mkdtemp(prefix="anlan-histories-"))
    os.environ.setdefault("ANLAN_SECRET_KEY", "tests only")
    os.environ.setdefault("ANLAN_EVENT_HASH_KEY", "tests only")
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment

    setup_test_environment()
    setup_databases(0, interactive=False, serialized_aliases=[])
    from anlan.core.actor import SYSTEM
    from anlan.tagging.services import taxonomy_load
    from disputes.quarrel import people_come
    from world import T0, build_world

    world = build_world()
    taxonomy_load(by=SYSTEM, at=T0)
    return people_come(world)


def main(arguments: list[str]) -> int:
    """Run the seeds asked for; 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--chunk", type=int, default=500)
    parser.add_argument("--walks", action="store_true", help="walks by the tables of moves alone")
    asked = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    world = county()
    from disputes import course

    failed, start = 0, course.beginning(world)
    for low in range(asked.first, asked.first + asked.count, asked.chunk):
        seeds = range(low, min(low + asked.chunk, asked.first + asked.count))
        told = _chunk(world, start, seeds, walks=asked.walks)
        failed += len(told["wrong"])
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return int(failed > 0)


def _chunk(world: Any, start: Any, seeds: range, *, walks: bool) -> dict[str, Any]:
    from disputes import course
    from disputes import walks as walking

    pressed: Counter[str] = Counter()
    wrong, began, cpu = [], time.monotonic(), time.process_time()
    for seed in seeds:
        try:
            if walks:
                walking.run(start[1], seed)
            else:
                pressed.update("refused" if ":" in name else "done" for name in course.run(world, start, seed))
        except AssertionError as found:
            wrong.append(str(found)[:2000])
    return {
        "what": "walks" if walks else "histories",
        "seeds": [seeds.start, seeds.stop - 1],
        "n": len(seeds),
        **pressed,
        "wrong": wrong,
        "seconds": round(time.monotonic() - began, 1),
        "cpu_ms_each": round(1000 * (time.process_time() - cpu) / len(seeds), 1),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
