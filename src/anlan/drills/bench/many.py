"""What a desk waits for when fifty matters wait at once: all of them reckoned together, from rows to reasons."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from anlan.core.actor import SYSTEM
from anlan.dispatch.selectors.batch import batch_of
from anlan.drills.bench.figures import Line, latencies
from anlan.engines.roads import RoadGraph
from anlan.engines.roads.bench import places_near_roads
from anlan.intake.models import Incident
from anlan.intake.services import CallSheet, call_receive, incident_priority_set
from anlan.units.models import Unit
from anlan.units.services import PositionReport, positions_take

AT_ONCE = 50
ROUNDS = 12
SCATTER_M = 30.0
MIX = ("P1", "P2", "P2", "P3", "P3", "P3", "P3", "P4", "P4", "P4")
"""Of ten matters so many of each priority."""


def many_at_once(graph: RoadGraph, *, name: str, seed: int, at: datetime) -> Iterator[Line]:
    """Latency and processor time of serving ``AT_ONCE`` matters together in the store of ``whole_recommendation``.

    Timed is what the page asks for: matters read, plans, units and positions, one road search a matter, cover, the
    assignment and each sentence of why. Each round has matters of its own.
    """
    rng = np.random.default_rng(seed)
    took: list[float] = []
    worked: list[float] = []
    won: list[float] = []
    filled = places = 0
    for round_ in range(ROUNDS + 1):
        at += timedelta(minutes=1)
        ids = _waiting(graph, rng, at=at)
        _report(graph, rng, seq=round_, at=at)
        begin, work = time.perf_counter(), time.process_time()
        waiting = (
            Incident.objects.filter(pk__in=ids).select_related("station").order_by("priority", "received_at", "id")
        )
        found = batch_of(list(waiting), by=SYSTEM, at=at)
        reasons = [going.why for row in found.rows for going in row.going]
        if not reasons or not all(reasons) or found.weighted > found.weighted_apart:
            raise RuntimeError(
                f"{len(reasons)} reasons; {found.weighted} together, {found.weighted_apart} one by one"
            )
        if round_:  # the first one loads plans and ground
            took.append(time.perf_counter() - begin)
            worked.append(time.process_time() - work)
            won.append((found.apart.mean_s or 0.0) - (found.together.mean_s or 0.0))
        filled, places = filled + found.together.sent, places + len(reasons)
    case = f"{name}/{AT_ONCE} at once"
    yield from latencies("recommend", case, took, (50, 95))
    yield from latencies("recommend", f"{case}, processor", worked, (50, 95))
    yield Line("recommend", case, "filled_share", round(filled / places, 4), "1", places)
    yield Line("recommend", case, "mean_sooner_s", round(float(np.mean(won)), 2), "s", len(won))


def _report(graph: RoadGraph, rng: np.random.Generator, *, seq: int, at: datetime) -> None:
    """Every unit is somewhere else, and says so."""
    units = list(Unit.objects.order_by("id").values_list("id", flat=True))
    lons, lats = places_near_roads(graph, len(units), SCATTER_M, rng)
    rows = zip(units, lons.tolist(), lats.tolist(), strict=True)
    fixes = [PositionReport(unit_id=u, boot="many", seq=seq, lon=x, lat=y, fixed_at=at) for u, x, y in rows]
    positions_take(fixes=fixes, by=SYSTEM, at=at)


def _waiting(graph: RoadGraph, rng: np.random.Generator, *, at: datetime) -> list[int]:
    """Ids of matters that wait near the roads, of the usual mix of priorities."""
    lons, lats = places_near_roads(graph, AT_ONCE, SCATTER_M, rng)
    ids = []
    for k, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True)):
        sheet = CallSheet(narrative=f"有人打架 {k}", lon=lon, lat=lat, track="P")
        got = call_receive(line=sheet, by=SYSTEM, at=at)
        if got.incident is None:
            raise RuntimeError("the call became no incident")
        wanted = MIX[k % len(MIX)]
        if got.incident.priority != wanted:
            incident_priority_set(incident=got.incident, priority=wanted, reason="bench", by=SYSTEM, at=at)
        ids.append(got.incident.pk)
    return ids
