"""The replay itself, in a process whose home is the replay's own folder."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import django


def main(job: dict[str, Any]) -> int:
    """Read the file, make the store, play, print the report; 1 when an invariant is broken."""
    began = time.monotonic()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    django.setup()
    from anlan.config.commands.imports import bar, mapping_for
    from anlan.config.server import prepare
    from anlan.drills.dataset import drill_calls
    from anlan.drills.replay import ReplayPlan, on_network, replay
    from anlan.drills.report import drill_report
    from anlan.integrations.imports.runner import rows_checked

    # A mapping's codes are looked up in the store's vocabulary, so the store comes first.
    prepare()
    _hurry()
    mapping = mapping_for(Path(job["dataset"]), job["mapping"] or None)
    start = datetime.fromisoformat(job["start"]).replace(tzinfo=mapping.timezone)
    end = datetime.fromisoformat(job["end"]).replace(tzinfo=mapping.timezone)
    rows_checked(Path(job["dataset"]), mapping)
    calls = list(drill_calls(Path(job["dataset"]), mapping, start=start, end=end))
    offered, roads = len(calls), Path(job["roads"]) if job["roads"] else None
    if roads is not None:
        calls = on_network(calls, roads)
    plan = ReplayPlan(calls, job["units"], job["seed"], start, end, roads, job["attribution"])
    with bar("replay", len(calls)) as progress:
        task = progress.task_ids[0]
        player = replay(plan, progress=lambda done, of: progress.update(task, completed=done, total=of))
    report = {
        "dataset": mapping.name,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "seed": job["seed"],
        "units": job["units"],
        "events_in_span": offered,
        "events_on_network": len(calls) if roads is not None else None,
        **drill_report(counts=player.counts),
        "wall_s": round(time.monotonic() - began, 1),
        "processor_s": round(time.process_time(), 1),
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))  # noqa: T201 - the report is the output
    return 1 if report["invariants"]["broken"] else 0


def _hurry() -> None:
    """What a store that serves nobody may leave out: waiting for the disk, and looking for rubbish often."""
    from django.db import connections

    for connection in connections.all():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous = OFF")
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def run(job: dict[str, Any]) -> int:
    """``main``, with a file that can't be used told in a sentence: 2."""
    try:
        return main(job)
    except click.ClickException as problem:
        sys.stderr.write(f"{problem.message}\n")
    except Exception as problem:
        if type(problem).__name__ not in ("FileRefused", "NotFit"):
            raise
        sys.stderr.write(f"{problem}\n")
    return 2


if __name__ == "__main__":
    sys.exit(run(json.loads(sys.argv[1])))
