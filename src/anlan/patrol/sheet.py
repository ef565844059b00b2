"""A plan with its rows, and the same as a task the engine's checker reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.patrol_route import PatrolTask, Plan, Stop, Unit, faults_of
from anlan.patrol.covering import curve_of
from anlan.patrol.ground import base_of
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import BY_NEED, REACH_S, STAYS, Settings, walk_most_s
from anlan.patrol.ways import times_between, travel_by_way, ways_of

Order = dict[int, list[int]]
"""The stops (keys) of each route (key), in driving order."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A plan with its rows, and the same as a task: unit k is ``routes[k]``, stop k is ``stops[k]``.

    ``reach`` says which expected calls each place of the task reaches in time, ``demand`` how many they are.
    """

    plan: PatrolPlan
    routes: tuple[PatrolRoute, ...]
    stops: tuple[PatrolStop, ...]
    task: PatrolTask
    beats: tuple[str, ...]
    reach: NDArray[np.bool_]
    demand: NDArray[np.float64]

    @property
    def order(self) -> Order:
        """Of stops that are on a route: one that is only about to be added is on none."""
        return {route.pk: [stop.pk for stop in self.stops if stop.route_id == route.pk] for route in self.routes}

    def as_plan(self, order: Mapping[int, Sequence[int]]) -> Plan:
        number = {stop.pk: k for k, stop in enumerate(self.stops)}
        return Plan(tuple(tuple(number[stop] for stop in order[route.pk]) for route in self.routes))


def sheet_read(plan: PatrolPlan, *, at: datetime, more: Sequence[PatrolStop] = ()) -> Sheet:
    """The plan as it is, with travel times as they are at ``at``; ``more`` are stops that come in. Reads only."""
    routes = tuple(plan.routes.select_related("unit").order_by("unit__call_sign"))
    number = {route.pk: k for k, route in enumerate(routes)}
    rows = PatrolStop.objects.filter(route__plan=plan).select_related("route__unit")
    stops = (*sorted(rows, key=lambda stop: (number[stop.route_id], stop.position)), *more)
    firsts = {stop.route_id: (stop.lon, stop.lat) for stop in reversed(stops)}
    places = [base_of(route.unit) or firsts.get(route.pk, (0.0, 0.0)) for route in routes]
    places += [(stop.lon, stop.lat) for stop in stops]
    vehicles = [route.unit.vehicle for route in routes]
    travel_s, ways, _source = travel_by_way(places, vehicles, at=at)
    settings = Settings.read(plan.settings)
    cells = [(place["lon"], place["lat"]) for place in plan.wanted]
    begin = plan.starts_at
    units = tuple(
        Unit(
            k,
            k,
            (route.starts_at - begin).total_seconds(),
            (route.ends_at - begin).total_seconds(),
            way=ways[k],
            most_travel_s=walk_most_s(settings, route.unit.vehicle),
        )
        for k, route in enumerate(routes)
    )
    beats = tuple(sorted(plan.held.get("caps", {})))
    caps = tuple(int(plan.held["caps"][beat]) for beat in beats)
    asked = tuple(_asked(plan, routes, beats, stop, len(routes) + k) for k, stop in enumerate(stops))
    task = PatrolTask(travel_s, asked, units, caps)
    reach = np.stack([times_between(places, cells, vehicle=way, at=at) for way in ways_of(vehicles)]) <= REACH_S
    return Sheet(plan, routes, stops, task, beats, reach, np.array([p["expected"] for p in plan.wanted], dtype=float))


def _asked(
    plan: PatrolPlan, routes: Sequence[PatrolRoute], beats: Sequence[str], stop: PatrolStop, place: int
) -> Stop:
    """A row as the engine is asked for it: its window, its beat's visits, and who may go there."""
    is_counted = stop.kind in BY_NEED
    return Stop(
        place,
        stop.prize,
        (stop.leaves_at - stop.arrives_at).total_seconds(),
        opens_s=(stop.opens_at - plan.starts_at).total_seconds() if stop.opens_at else -inf,
        closes_s=(stop.closes_at - plan.starts_at).total_seconds() if stop.closes_at else inf,
        group=beats.index(stop.beat_code) if is_counted and stop.beat_code in beats else None,
        units=_who_may(plan, routes, stop),
    )


def _who_may(plan: PatrolPlan, routes: Sequence[PatrolRoute], stop: PatrolStop) -> frozenset[int] | None:
    if stop.kind in STAYS:
        return frozenset(k for k, route in enumerate(routes) if route.pk == stop.route_id)
    keepers = plan.held.get("keepers", {})
    if stop.kind != "cell" or not keepers:
        return None
    away = {k for k, route in enumerate(routes) if keepers.get(str(route.unit_id), stop.beat_code) != stop.beat_code}
    return frozenset(range(len(routes))) - away if away else None


def sheet_curve(sheet: Sheet, whole: Plan) -> list[float]:
    """The share of the expected calls in reach over the shift."""
    long_s = (sheet.plan.ends_at - sheet.plan.starts_at).total_seconds()
    return curve_of(sheet.task, whole, sheet.reach, sheet.demand, long_s=long_s)


def faults_told(sheet: Sheet, whole: Plan) -> list[dict[str, Any]]:
    """What no longer holds, by code, unit, stop and beat."""
    return [
        {
            "broken": fault.broken.value,
            "call_sign": None if fault.unit is None else sheet.routes[fault.unit].unit.call_sign,
            "stop": None if fault.stop is None else sheet.stops[fault.stop].pk,
            "beat": None if fault.group is None else sheet.beats[fault.group],
            "late_s": round(fault.late_s) if isfinite(fault.late_s) else None,
        }
        for fault in faults_of(sheet.task, whole)
    ]
