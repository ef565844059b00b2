"""What a drill showed, each figure with its n."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np
from django.db.models import Min

from anlan.core.selectors import event_log_hash, events_count
from anlan.dispatch.models import Assignment
from anlan.drills.invariants import invariants_check
from anlan.engines.intervals import percentile, wilson_interval
from anlan.intake.models import Call, Incident

QUANTILES = (50, 90, 95)


def spread(seconds: list[float]) -> dict[str, Any]:
    """n and the quantiles of some durations in seconds."""
    if not seconds:
        return {"n": 0}
    return {"n": len(seconds), **{f"p{q}_s": round(percentile(seconds, q), 1) for q in QUANTILES}}


def share(count: int, of: int) -> dict[str, Any]:
    """A share with numerator, denominator and its 95 % Wilson interval."""
    low, high = wilson_interval(count, of)
    return {
        "share": round(count / of, 4) if of else None,
        "numerator": count,
        "denominator": of,
        "interval": [round(low, 4), round(high, 4)],
    }


def load() -> dict[str, Any]:
    """How many units were at work at once, asked every minute from the first sending to the last end."""
    spans = [
        (sent, ended)
        for sent, *ends in Assignment.objects.values_list("sent_at", "finished_at", "ended_at")
        if (ended := next((end for end in ends if end is not None), None)) is not None
    ]
    if not spans:
        return {"n": 0}
    start = min(sent for sent, _ in spans)
    minutes = [(ceil(_s(start, sent) / 60), ceil(_s(start, ended) / 60)) for sent, ended in spans]
    change = np.zeros(max(last for _, last in minutes) + 1)
    for first, last in minutes:
        change[first] += 1
        change[last] -= 1
    busy = np.cumsum(change)
    return {
        "n": len(busy),
        **{f"p{q}": round(float(np.percentile(busy, q)), 1) for q in (50, 95)},
        "most": int(busy.max()),
    }


def drill_report(*, counts: Counter[str]) -> dict[str, Any]:
    """Calls, road ETA, dispatch and response times, tracks, and the invariants checked."""
    first = Assignment.objects.values("incident").annotate(first=Min("id")).values("first")
    sent = Assignment.objects.filter(pk__in=first)
    times = list(Incident.objects.values_list("received_at", "first_sent_at", "first_arrived_at"))
    incidents = Incident.objects.count()
    broken = invariants_check()
    return {
        "calls": Call.objects.count(),
        "incidents": incidents,
        "first_units_sent": sent.count(),
        "road_eta": share(sent.filter(eta_source="road").count(), sent.exclude(eta_s=None).count()),
        "dispatch": spread([_s(a, b) for a, b, _ in times if b is not None]),
        "response": spread([_s(a, c) for a, _, c in times if c is not None]),
        "duplicate_suggested": share(counts["duplicate_suggested"], incidents),
        "units_busy": load(),
        "tracks": dict(sorted(Counter(Incident.objects.values_list("track", flat=True)).items())),
        "states": dict(sorted(Counter(Incident.objects.values_list("state", flat=True)).items())),
        "played": dict(sorted(counts.items())),
        "invariants": {"checked": len(broken), "broken": {k: n for k, n in broken.items() if n}},
        "events": events_count(),
        "event_log_sha256": event_log_hash(),
    }


def _s(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
