"""A plan beside what is driven: who is late for which stop, and how much of the expected calls was in reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.patrol.covering import curve_times
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import DRIVEN, LATE_S, REACH_S
from anlan.patrol.selectors import routes_of
from anlan.patrol.ways import Spot, times_between
from anlan.units.models import StatusLog
from anlan.units.selectors import SeenAt, positions_latest, tracks_between

FRESH = timedelta(minutes=15)
"""A fix that old no longer says where a unit was."""
MOST_FIXES = 20_000
FREE = ("available", "busy")


@dataclass(frozen=True)
class Standing:
    """How one route stands: its next stop, when the unit is expected there by road, and how late that is.

    ``expected_at`` is None where the unit's place is not known or no road leads. ``seen`` is its last position.
    """

    route: PatrolRoute
    next: PatrolStop | None
    visited: int
    missed: int
    stops: int
    seen: SeenAt | None
    expected_at: datetime | None
    late_s: float | None

    @property
    def is_nowhere(self) -> bool:
        """Neither a position nor a base on the map: it takes no stops over from others."""
        return (self.seen is None or self.seen.is_lost) and self.route.unit.base_lon is None

    @property
    def is_late(self) -> bool:
        return self.late_s is not None and self.late_s >= LATE_S


def standings_of(plan: PatrolPlan, *, at: datetime) -> list[Standing]:
    """Every route of the plan as it stands at ``at``, by call sign."""
    routes = routes_of(plan)
    seen = positions_latest([route.unit_id for route in routes], at=at)
    nexts = {route.pk: _next(route) for route in routes}
    ways = _ways([(route.pk, seen.get(route.unit_id), nexts[route.pk]) for route in routes], at)
    return [_standing(route, nexts[route.pk], seen.get(route.unit_id), ways.get(route.pk), at) for route in routes]


def _next(route: PatrolRoute) -> PatrolStop | None:
    left = [stop for stop in route.stops.all() if stop.state in ("due", "reached")]
    return min(left, key=lambda stop: stop.position, default=None)


def _ways(rows: Sequence[tuple[int, SeenAt | None, PatrolStop | None]], at: datetime) -> dict[int, float]:
    known = [(key, seen, stop) for key, seen, stop in rows if seen and not seen.is_lost and stop]
    found: dict[int, float] = {}
    for vehicle in {stop.route.unit.vehicle for _, _, stop in known}:
        own = [row for row in known if row[2].route.unit.vehicle == vehicle]
        sources, targets = [(seen.lon, seen.lat) for _, seen, _ in own], [(stop.lon, stop.lat) for _, _, stop in own]
        seconds = np.diagonal(times_between(sources, targets, vehicle=vehicle, at=at))
        found |= {key: float(way) for (key, _, _), way in zip(own, seconds, strict=True)}
    return found


def _standing(
    route: PatrolRoute, stop: PatrolStop | None, seen: SeenAt | None, way_s: float | None, at: datetime
) -> Standing:
    stops = list(route.stops.all())
    expected_at: datetime | None = None
    if stop is not None and stop.state == "reached":
        expected_at = stop.reached_at
    elif stop is not None and way_s is not None and np.isfinite(way_s) and route.state in DRIVEN:
        expected_at = max(at, route.starts_at) + timedelta(seconds=way_s)
    due_late = stop is not None and stop.state == "due" and at > stop.arrives_at
    late_s = None
    if stop is not None and expected_at is not None:
        late_s = max((expected_at - stop.arrives_at).total_seconds(), 0.0)
    elif stop is not None and due_late:
        late_s = (at - stop.arrives_at).total_seconds()
    return Standing(
        route,
        stop,
        sum(row.state == "dwelt" for row in stops),
        sum(row.state == "missed" for row in stops),
        len(stops),
        seen,
        expected_at,
        late_s,
    )


def cover_done(plan: PatrolPlan) -> list[float | None]:
    """The share of expected calls that free units had in reach in each quarter of the shift, by their own positions.

    Whoever was on a call then counts for nothing, whoever had no fix within ``FRESH`` neither; where nobody had one
    the quarter is None. To be asked before the tracks are forgotten.
    """
    routes = list(plan.routes.select_related("unit"))
    places = [(row["lon"], row["lat"]) for row in plan.wanted]
    demand = np.array([row["expected"] for row in plan.wanted], dtype=float)
    long_s = (plan.ends_at - plan.starts_at).total_seconds()
    moments = [plan.starts_at + timedelta(seconds=float(s)) for s in curve_times(long_s)]
    if not routes or not places or demand.sum() <= 0:
        return []
    where = _whereabouts([route.unit_id for route in routes], moments)
    moves = {route.unit_id: route.unit.vehicle for route in routes}
    reach: dict[tuple[str, Spot], NDArray[np.bool_]] = {}
    for vehicle in set(moves.values()):
        spots = sorted({spot for unit, spot, _ in where if moves[unit] == vehicle})
        within = times_between(spots, places, vehicle=vehicle, at=plan.starts_at) <= REACH_S
        reach |= {(vehicle, spot): row for spot, row in zip(spots, within, strict=True)}
    rows: list[list[NDArray[np.bool_]]] = [[] for _ in moments]
    for unit, spot, k in where:
        rows[k].append(reach[moves[unit], spot])
    shares = [float(np.any(row, axis=0) @ demand / demand.sum()) if row else None for row in rows]
    return [None if share is None else round(share, 4) for share in shares]


def _whereabouts(unit_ids: Sequence[int], moments: Sequence[datetime]) -> list[tuple[int, Spot, int]]:
    """Where each unit that was free then was known to be: the unit, its place and the number of the moment."""
    track = tracks_between(unit_ids, start=moments[0] - FRESH, end=moments[-1], at_most=MOST_FIXES)
    fixes: dict[int, list[tuple[datetime, float, float]]] = {}
    for _received, unit, lon, lat, _speed, _heading, fixed_at in track.fixes:
        fixes.setdefault(unit, []).append((fixed_at, lon, lat))
    log: dict[int, list[tuple[datetime, str]]] = {}
    rows = StatusLog.objects.filter(unit_id__in=list(unit_ids), at__lte=moments[-1]).order_by("at", "id")
    for unit, moment, state in rows.values_list("unit_id", "at", "state_to"):
        log.setdefault(unit, []).append((moment, state))
    found = []
    for k, moment in enumerate(moments):
        for unit, own in fixes.items():
            near = [fix for fix in own if moment - FRESH <= fix[0] <= moment]
            states = [state for at, state in log.get(unit, ()) if at <= moment]
            if near and (not states or states[-1] in FREE):
                _at, lon, lat = max(near)
                found.append((unit, (round(lon, 5), round(lat, 5)), k))
    return found
