"""One size of ``anlan bench disputes``: that many dispute files in a store, then the pages and lists over them.

The matcher is asked in this process: what it costs to find the files a new report may belong to.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db.models import Max, Min  # noqa: E402 - Django must be set up first

from anlan.config.bench_intake import Bench, kept_store, say  # noqa: E402
from anlan.config.server import prepare  # noqa: E402
from anlan.disputes.models import DisputeFile  # noqa: E402
from anlan.disputes.rules import LIVE  # noqa: E402
from anlan.disputes.selectors.matching import matches_for  # noqa: E402
from anlan.drills.bench.figures import Line, answers, latencies  # noqa: E402
from anlan.drills.bench.load import Ask, get_ask  # noqa: E402
from anlan.drills.bench.past_disputes import disputes_build  # noqa: E402
from anlan.drills.bench.processor import cpu_s  # noqa: E402
from anlan.intake.models import Incident  # noqa: E402

SHOWN = 25
SELDOM = {"figures page": 40, "funnel of a year": 40}
"""So often at most: looked at once a day."""


def main(job: dict[str, Any]) -> int:
    """Build the files (or take the kept store as it lies in ANLAN_HOME), look at them, then match.

    With ``as_it_is`` nothing is built, nor followed by those who follow events: a store of millions of events that
    nobody followed yet would keep them busy for hours.
    """
    if job.get("as_it_is"):
        token = (Path(settings.HOME) / "token").read_text(encoding="ascii")
    else:
        prepare()
        token = kept_store("disputes", job["size"], job["keep"], disputes_build)
    case = f"past={job['size']}/clients=1"
    bench = Bench(token, workers=job["workers"], threads=job["threads"])
    try:
        for name, ask in _looks().items():
            before = cpu_s(bench.centre.processes[0].pid)
            seen = bench.run(ask, clients=1, count=min(job["requests"], SELDOM.get(name, job["requests"])))
            say(answers("disputes", f"{name}, {case}", seen, cpu_s(bench.centre.processes[0].pid) - before))
    finally:
        bench.centre.stop()
    _matching(case, job["requests"])
    return 0


def _looks() -> dict[str, Ask]:
    """What people look at all day: their lists, and files live and long over."""
    rows = DisputeFile.objects.order_by("id").values_list("id", "number")
    live = list(rows.filter(state__in=LIVE)[:SHOWN])
    low, high = rows.aggregate(low=Min("id"), high=Max("id")).values()
    over = list(rows.filter(id__in=[low + (high - low) * k // SHOWN for k in range(SHOWN)]))
    shown = [one for two in zip(live, over, strict=False) for one in two]
    return {
        "queue": get_ask("/api/disputes?held=false"),
        "queue page": get_ask("/disputes"),
        "town board": get_ask("/api/disputes/town"),
        "file": get_ask(lambda k: f"/api/disputes/{shown[k % len(shown)][0]}"),
        "file page": get_ask(lambda k: f"/disputes/{shown[k % len(shown)][1]}"),
        "funnel": get_ask("/api/disputes/funnel?days=30"),
        "funnel of a year": get_ask("/api/disputes/funnel?days=366"),
        "figures page": get_ask("/disputes/figures"),
    }


def _matching(case: str, count: int) -> None:
    """Ask of reports all over the past which files they may bring back."""
    low, high = Incident.objects.aggregate(low=Min("id"), high=Max("id")).values()
    asked = Incident.objects.filter(id__in=[low + (high - low) * k // count for k in range(count)])
    seconds, own, found = [], [], 0
    for incident in asked:
        began, spent = time.perf_counter(), time.process_time()
        found += bool(matches_for(incident))
        seconds.append(time.perf_counter() - began)
        own.append(time.process_time() - spent)
    say(latencies("disputes", f"match, {case}", seconds, (50, 95)))
    say(latencies("disputes", f"match, processor, {case}", own, (50, 95)))
    say([Line("disputes", f"match, {case}", "with_a_match", found, "1", len(seconds))])


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
