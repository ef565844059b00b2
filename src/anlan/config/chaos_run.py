"""One slice of ``anlan chaos``: a process and a home of its own, made useless on purpose, and gone afterwards."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
import django

django.setup()

from anlan.assurance.chaos.catalogue import fault_of  # noqa: E402 - Django must be set up first
from anlan.assurance.chaos.fault import NotPossible, Setting  # noqa: E402
from anlan.assurance.ledger import run_add, run_of  # noqa: E402
from anlan.core.clock import now  # noqa: E402

TELL_EVERY_S = 10.0
SKIPPED = 77
"""The exit code where this machine can't do the fault; nothing is put on the ledger."""


def main(job: dict[str, Any]) -> int:
    """Run the fault of ``job``, put the run on the ledger, tell what came of it; 1 where a promise was broken."""
    began, told_at = time.monotonic(), [time.monotonic()]

    def on_trial(done: int) -> None:
        if time.monotonic() - told_at[0] >= TELL_EVERY_S:
            told_at[0] = time.monotonic()
            print(f"  {job['fault']} {done}/{job['count']}", file=sys.stderr, flush=True)  # noqa: T201 - it is the output

    centre = json.loads((Path(os.environ["ANLAN_HOME"]) / "centre.json").read_text(encoding="utf-8"))
    fault = fault_of(job["fault"], job.get("store", ""))
    setting = Setting(
        home=Path(os.environ["ANLAN_HOME"]),
        centre=centre,
        seed=job["seed"],
        count=job["count"],
        program=_program(job["plant"]) if job["plant"] and fault.needs_server else (),
        plant=job["plant"],
        on_trial=on_trial,
    )
    try:
        outcome = fault().run(setting)
    except NotPossible as reason:
        print(f"{job['fault']} SKIPPED: {reason}", file=sys.stderr, flush=True)  # noqa: T201 - it is the output
        return SKIPPED
    run = run_of(
        job["fault"],
        store=fault.store,
        at=now(),
        source=Path(__file__).parent,
        seed=job["seed"],
        count=outcome.trials,
        failed=outcome.failed,
        wall_s=round(time.monotonic() - began, 1),
        replay=job["replay"],
        plant=job["plant"],
        figures=outcome.figures,
        examples=tuple(outcome.examples[:3]),
    )
    if job["ledger"]:
        run_add(Path(job["ledger"]), run)
    print(json.dumps(run.__dict__, ensure_ascii=False), flush=True)  # noqa: T201 - it is the output
    return int(outcome.failed > 0)


def _program(plant: str) -> list[str]:
    """How a server is called that has this fault in it; none where the fault is put in elsewhere."""
    from anlan.config.chaos_plant import PLANTS

    return [sys.executable, "-m", "anlan.config.chaos_plant", plant] if plant in PLANTS else []


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    # Several where none of them hurts the home they share.
    sys.exit(max([main(job) for job in (asked if isinstance(asked, list) else [asked])]))
