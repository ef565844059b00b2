"""A drawn plan as a sheet that a person changes: worked out and checked outside a change, then kept by a service.

Everything the engine's checker finds after a change is told; a change is not refused for it, only a signature is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.core.errors import NotFound
from anlan.engines.patrol_route import PatrolTask, Plan, Stop, Unit, faults_of, visits_of
from anlan.patrol.covering import curve_of
from anlan.patrol.errors import NothingToUndo, PlanChanged, StopLocked, StopStays
from anlan.patrol.ground import base_of, times_between, travel_between
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import KINDS, REACH_S, STAYS

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
        return {route.pk: [stop.pk for stop in self.stops if stop.route_id == route.pk] for route in self.routes}

    def as_plan(self, order: Mapping[int, Sequence[int]]) -> Plan:
        number = {stop.pk: k for k, stop in enumerate(self.stops)}
        return Plan(tuple(tuple(number[stop] for stop in order[route.pk]) for route in self.routes))


@dataclass(frozen=True, eq=False)
class Edited:
    """A change as worked out: rows with their new times, what no longer holds, and the order before it."""

    kind: str
    edition: int
    order: Order
    stops: tuple[PatrolStop, ...]
    travel_s: dict[int, float]
    faults: list[dict[str, Any]]
    cover: dict[str, Any]
    covered: float
    before: dict[str, Any]
    touched: tuple[int, ...] = ()
    undoes: int | None = None


@dataclass(frozen=True)
class Deed:
    """What a person does: ``move`` a stop to a place of a route, ``lock``, ``unlock``, ``swap`` routes, ``undo``."""

    kind: str
    stop: int | None = None
    route: int | None = None
    other: int | None = None
    place: int | None = None
    edition: int | None = None


def sheet_read(plan: PatrolPlan, *, at: datetime) -> Sheet:
    """The plan as it is, with travel times as they are at ``at``. Reads only."""
    routes = tuple(plan.routes.select_related("unit").order_by("unit__call_sign"))
    number = {route.pk: k for k, route in enumerate(routes)}
    rows = PatrolStop.objects.filter(route__plan=plan).select_related("route__unit")
    stops = tuple(sorted(rows, key=lambda stop: (number[stop.route_id], stop.position)))
    firsts = {stop.route_id: (stop.lon, stop.lat) for stop in reversed(stops)}
    places = [base_of(route.unit) or firsts.get(route.pk, (0.0, 0.0)) for route in routes]
    places += [(stop.lon, stop.lat) for stop in stops]
    travel_s, _source = travel_between(places, at=at)
    cells = [(place["lon"], place["lat"]) for place in plan.wanted]
    begin = plan.starts_at
    units = tuple(
        Unit(k, k, (route.starts_at - begin).total_seconds(), (route.ends_at - begin).total_seconds())
        for k, route in enumerate(routes)
    )
    beats = tuple(sorted(plan.held.get("caps", {})))
    caps = tuple(int(plan.held["caps"][beat]) for beat in beats)
    asked = tuple(_asked(plan, routes, beats, stop, len(routes) + k) for k, stop in enumerate(stops))
    task = PatrolTask(travel_s, asked, units, caps)
    reach = times_between(places, cells, at=at) <= REACH_S
    return Sheet(plan, routes, stops, task, beats, reach, np.array([p["expected"] for p in plan.wanted], dtype=float))


def _asked(
    plan: PatrolPlan, routes: Sequence[PatrolRoute], beats: Sequence[str], stop: PatrolStop, place: int
) -> Stop:
    """A row as the engine is asked for it: its window, its beat's visits, and who may go there."""
    is_cell = stop.kind == "cell"
    return Stop(
        place,
        stop.prize,
        (stop.leaves_at - stop.arrives_at).total_seconds(),
        opens_s=(stop.opens_at - plan.starts_at).total_seconds() if stop.opens_at else -inf,
        closes_s=(stop.closes_at - plan.starts_at).total_seconds() if stop.closes_at else inf,
        group=beats.index(stop.beat_code) if is_cell and stop.beat_code in beats else None,
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


def edit_draw(plan: PatrolPlan, deed: Deed, *, at: datetime) -> Edited:
    """Work a change out and check what comes of it. Changes nothing: to be called outside a transaction.

    Raises ``PlanChanged`` for a sheet that is no longer the plan's, ``StopStays``, ``StopLocked``, ``NothingToUndo``,
    and ``NotFound`` for a stop or route of another plan.
    """
    if deed.edition is not None and deed.edition != plan.edition:
        raise PlanChanged
    sheet = sheet_read(plan, at=at)
    before = {"order": {str(key): value for key, value in sheet.order.items()}, "locked": _locked(sheet)}
    if deed.kind == "undo":
        return _undone(sheet, before)
    order, locked = sheet.order, set(_locked(sheet))
    touched: tuple[int, ...] = ()
    if deed.kind == "swap":
        touched = _swap(sheet, order, deed.route, deed.other)
    else:
        stop = _one(sheet.stops, deed.stop)
        touched = (stop.pk,)
        if deed.kind == "move":
            _move(sheet, order, stop, deed.route, deed.place)
        elif deed.kind == "lock":
            locked.add(stop.pk)
        else:
            locked.discard(stop.pk)
    return _worked_out(sheet, deed.kind, order, locked, before, touched=touched)


def _locked(sheet: Sheet) -> list[int]:
    return [stop.pk for stop in sheet.stops if stop.is_locked]


def _one(rows: Sequence[Any], key: int | None) -> Any:
    for row in rows:
        if row.pk == key:
            return row
    raise NotFound


def _move(sheet: Sheet, order: Order, stop: PatrolStop, route_id: int | None, place: int | None) -> None:
    """To the ``place``-th place (from 1) of a route; without one to where it fits with the least way."""
    route = _one(sheet.routes, route_id)
    own = _one(sheet.routes, stop.route_id)
    if stop.is_locked:
        raise StopLocked(what=stop.name_zh or KINDS[stop.kind], call_sign=own.unit.call_sign)
    if stop.kind in STAYS and route.pk != own.pk:
        raise StopStays(what=KINDS[stop.kind], call_sign=own.unit.call_sign)
    order[own.pk].remove(stop.pk)
    members = order[route.pk]
    at = _best_place(sheet, order, stop, route) if place is None else min(max(place - 1, 0), len(members))
    members.insert(at, stop.pk)


def _best_place(sheet: Sheet, order: Order, stop: PatrolStop, route: PatrolRoute) -> int:
    """Where in the route the fewest rules break, then where the way is shortest."""
    unit = sheet.routes.index(route)

    def cost(at: int) -> tuple[int, float]:
        trial = {**order, route.pk: [*order[route.pk][:at], stop.pk, *order[route.pk][at:]]}
        whole = sheet.as_plan(trial)
        return len(faults_of(sheet.task, whole)), sheet.task.route_travel_s(unit, whole.routes[unit])

    return min(range(len(order[route.pk]) + 1), key=cost)


def _swap(sheet: Sheet, order: Order, one_id: int | None, other_id: int | None) -> tuple[int, ...]:
    """Two units drive each other's stops; what belongs to a unit (its break) stays with it, at its time."""
    one, other = _one(sheet.routes, one_id), _one(sheet.routes, other_id)
    held = {stop.pk: stop for stop in sheet.stops}
    for route in (one, other):
        for stop in (held[key] for key in order[route.pk]):
            if stop.is_locked:
                raise StopLocked(what=stop.name_zh or KINDS[stop.kind], call_sign=route.unit.call_sign)
    if one.pk == other.pk:
        return ()
    stay = {r.pk: [k for k in order[r.pk] if held[k].kind in STAYS] for r in (one, other)}
    go = {r.pk: [k for k in order[r.pk] if held[k].kind not in STAYS] for r in (one, other)}
    for route, giver in ((one, other), (other, one)):
        order[route.pk] = sorted([*stay[route.pk], *go[giver.pk]], key=lambda key: held[key].arrives_at)
    return (*go[one.pk], *go[other.pk])


def _undone(sheet: Sheet, before: dict[str, Any]) -> Edited:
    last = sheet.plan.edits.filter(is_open=True).order_by("-number").first()
    if last is None:
        raise NothingToUndo
    order = {int(key): list(value) for key, value in last.before["order"].items()}
    return _worked_out(sheet, last.kind, order, set(last.before["locked"]), before, undoes=last.pk)


def _worked_out(
    sheet: Sheet,
    kind: str,
    order: Order,
    locked: set[int],
    before: dict[str, Any],
    *,
    touched: tuple[int, ...] = (),
    undoes: int | None = None,
) -> Edited:
    """The new times of every stop, and what the checker says of the whole."""
    whole, begin = sheet.as_plan(order), sheet.plan.starts_at
    for unit, members in enumerate(whole.routes):
        for visit in visits_of(sheet.task, unit, members):
            stop = sheet.stops[visit.stop]
            stop.is_locked = stop.pk in locked
            if isfinite(visit.begin_s):  # where no road leads, the old times stand beside the fault
                stop.arrives_at = begin + timedelta(seconds=visit.begin_s)
                stop.leaves_at = begin + timedelta(seconds=visit.leave_s)
    return Edited(
        kind=kind,
        edition=sheet.plan.edition,
        order=order,
        stops=sheet.stops,
        travel_s={
            route.pk: _finite(sheet.task.route_travel_s(unit, whole.routes[unit]))
            for unit, route in enumerate(sheet.routes)
        },
        faults=faults_told(sheet, whole),
        cover={**sheet.plan.cover, "planned": sheet_curve(sheet, whole)},
        covered=sheet.plan.covered,
        before=before,
        touched=touched,
        undoes=undoes,
    )


def _finite(seconds: float) -> float:
    return seconds if isfinite(seconds) else 0.0


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
