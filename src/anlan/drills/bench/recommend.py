"""What a dispatcher waits for: the whole recommendation, from rows in a store to reasons in words.

A scratch store with units at random places near the roads of one network. Timed is what the desk asks
for: the incident read, every unit and position read, eligibility, capabilities, snapping, the search, the
order and each sentence of why. Not timed is how units come to where they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.accounts.services import organisation_add
from anlan.core.actor import SYSTEM
from anlan.dispatch.selectors import recommend
from anlan.drills.bench.figures import Line, latencies
from anlan.engines.roads import RoadGraph
from anlan.engines.roads.bench import places_near_roads
from anlan.intake.models import Incident
from anlan.intake.services import CallSheet, call_receive
from anlan.places.services import network_activate
from anlan.tagging.services import taxonomy_load
from anlan.units.models import Unit
from anlan.units.services import PositionReport, positions_take, unit_add, unit_state_set

NEED = "first_aid"
UNFIT_SHARE = 10
"""To ten units that may go there is one that may not: off duty, of the other track, or without the means."""
SCATTER_M = 30.0
BETWEEN = timedelta(minutes=1)
CASES = {"all moved": 1.0, "a tenth moved": 0.1}
"""Share of units that are elsewhere than at the call before; a place that was left is snapped anew."""

Floats = NDArray[np.float64]


def whole_recommendation(
    graph: RoadGraph, *, name: str, units: int, queries: int, seed: int, at: datetime
) -> Iterator[Line]:
    """Latencies of ``queries`` recommendations over ``units`` fit units, in the store at hand, a fresh one."""
    rng = np.random.default_rng(seed)
    ids = _fleet(units, at=at)
    network_activate(name=name, source="bench", graph=graph, attribution="", by=SYSTEM, at=at)
    lon, lat = places_near_roads(graph, len(ids), SCATTER_M, rng)
    by_road: list[float] = []
    seq = 0
    for case, share in CASES.items():
        took: list[float] = []
        for query in range(queries + 1):
            seq, at = seq + 1, at + BETWEEN
            new_lon, new_lat = places_near_roads(graph, len(ids), SCATTER_M, rng)
            moved = rng.random(len(ids)) < share
            lon, lat = np.where(moved, new_lon, lon), np.where(moved, new_lat, lat)
            _report(ids, lon, lat, seq, at)
            number = _incident(graph, rng, at=at)
            begin = time.perf_counter()
            incident = Incident.objects.get(pk=number)
            found = recommend(incident, at=at, needs=(NEED,))
            reasons = [row.reason for row in found.ranked] + [row.reason for row in found.left_out]
            if query:  # the first one loads the network
                took.append(time.perf_counter() - begin)
            if len(found.ranked) != units or len(reasons) != len(ids) or not all(reasons):
                raise RuntimeError(f"{len(found.ranked)} of {units} fit units were ranked, {len(reasons)} explained")
            by_road.append(sum(row.eta_source == "road" for row in found.ranked) / units)
        yield from latencies("recommend", f"{name}/whole, {case}", took, (50, 95, 99))
    yield Line("recommend", f"{name}/whole", "by_road_share", round(float(np.mean(by_road)), 4), "1", len(by_road))


def _fleet(units: int, *, at: datetime) -> list[int]:
    """``units`` that may be sent, and a tenth more that may not; the ids of all."""
    taxonomy_load(by=SYSTEM, at=at)
    bureau = organisation_add(code="bureau", kind="bureau", name_zh="局", name_en="Bureau", by=SYSTEM, at=at)
    whys = [""] * units + [("track", "capability", "state")[k % 3] for k in range(units // UNFIT_SHARE)]
    for k, why in enumerate(whys):
        unit = unit_add(
            call_sign=f"P-{k:05d}",
            track="C" if why == "track" else "P",
            organisation=bureau,
            capabilities=() if why == "capability" else (NEED,),
            by=SYSTEM,
            at=at,
        )
        if why != "state":
            unit_state_set(unit=unit, to="available", by=SYSTEM, at=at)
    return list(Unit.objects.order_by("id").values_list("id", flat=True))


def _report(ids: Sequence[int], lon: Floats, lat: Floats, seq: int, at: datetime) -> None:
    rows = zip(ids, lon.tolist(), lat.tolist(), strict=True)
    fixes = [PositionReport(unit_id=u, boot="bench", seq=seq, lon=x, lat=y, fixed_at=at) for u, x, y in rows]
    positions_take(fixes=fixes, by=SYSTEM, at=at)


def _incident(graph: RoadGraph, rng: np.random.Generator, *, at: datetime) -> int:
    lon, lat = places_near_roads(graph, 1, SCATTER_M, rng)
    sheet = CallSheet(narrative="有人打架，头部流血", lon=float(lon[0]), lat=float(lat[0]), track="P")
    got = call_receive(line=sheet, by=SYSTEM, at=at)
    if got.incident is None:
        raise RuntimeError("the call became no incident")
    return got.incident.pk
