"""Beside a centre under load: ``callers`` that send, an ``audience`` that listens, and the ``oracle`` afterwards.

Each reads its job from the command line and says what it found as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from anlan.assurance.load.profiles import Profile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
HISTORY = "history.jsonl"


def callers(job: dict[str, Any]) -> dict[str, Any]:
    """Send for as long as is asked; the history lies in the home."""
    from anlan.assurance.history import Recorder
    from anlan.assurance.load.callers import Callers

    home = Path(job["home"])
    recorder = Recorder(home / HISTORY)
    work = Callers(job["port"], job["centre"], Profile(**job["profile"]), recorder, seed=job["seed"])
    told = asyncio.run(work.run(job["minutes"]))
    recorder.close()
    return asdict(told)


def audience(job: dict[str, Any]) -> dict[str, Any]:
    """Listen until standard input ends."""
    from anlan.assurance.load.audience import Ears, listened

    async def until_told() -> Ears:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(sys.stdin, stop.set)
        return await listened(
            job["port"] + 1, job["centre"]["cookies"], Profile(**job["profile"]), stop, half_s=30 * job["minutes"]
        )

    return asyncio.run(until_told()).as_json()


def oracle(job: dict[str, Any]) -> dict[str, Any]:
    """Hold the store to every promise and to what clients were told."""
    import django

    django.setup()
    from anlan.assurance.findings import Look
    from anlan.assurance.history import History
    from anlan.assurance.verify import broken, store_verify
    from anlan.core.clock import now
    from anlan.units.models import PositionFix

    found = store_verify(Look(at=now(), history=History.read(Path(job["home"]) / HISTORY)))
    of = {finding.invariant.id: finding.verdict for finding in found}
    boots = [f"{name}{job['seed']}" for name in ("load", "backlog")]
    return {
        "lost": len(of["I1"].broken),
        "doubled": len(of["I2"].broken),
        "looked_at": of["I1"].looked_at,
        "promises": sum(finding.state != "not_applicable" for finding in found),
        "broken": [f"{each.invariant.id} {each.verdict.broken[0]}" for each in broken(found)],
        "fixes_kept": PositionFix.objects.filter(boot__in=boots).count(),
    }


ROLES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "callers": callers,
    "audience": audience,
    "oracle": oracle,
}

if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    asked["centre"] = json.loads((Path(asked["home"]) / "load.json").read_text(encoding="utf-8"))
    print(json.dumps(ROLES[sys.argv[1]](asked), ensure_ascii=False), flush=True)  # noqa: T201 - it is the output
