"""A drawn plan as a sheet that a person changes: worked out and checked outside a change, then kept by a service.

Everything the engine's checker finds after a change is told; a change is not refused for it, only a signature is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from anlan.core.errors import NotFound
from anlan.engines.patrol_route import faults_of, visits_of
from anlan.patrol.adding import NEW, Wish, faults_out, held_with, held_without, stop_added, stop_kept, stop_of
from anlan.patrol.errors import NothingToUndo, PlanChanged, StopLocked, StopStays
from anlan.patrol.models import PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import KINDS, STAYS
from anlan.patrol.sheet import Order, Sheet, faults_told, sheet_curve, sheet_read


@dataclass(frozen=True, eq=False)
class Edited:
    """A change as worked out: rows with their new times, what no longer holds, and the order before it.

    ``stops`` are those in ``order``: rows not stored yet are to be made, stored ones that are missing to be removed.
    """

    kind: str
    edition: int
    order: Order
    stops: tuple[PatrolStop, ...]
    held: dict[str, Any]
    travel_s: dict[int, float]
    faults: list[dict[str, Any]]
    cover: dict[str, Any]
    covered: float
    before: dict[str, Any]
    touched: tuple[int, ...] = ()
    undoes: int | None = None


@dataclass(frozen=True)
class Deed:
    """What a person does: ``move`` a stop to a place of a route, ``lock``, ``unlock``, ``swap`` routes, ``undo``,
    ``add`` a stop (``wish``; without a route to whom it costs least), ``remove`` one."""

    kind: str
    stop: int | None = None
    route: int | None = None
    other: int | None = None
    place: int | None = None
    edition: int | None = None
    wish: Wish = field(default_factory=Wish)


def edit_draw(plan: PatrolPlan, deed: Deed, *, at: datetime) -> Edited:
    """Work a change out and check what comes of it. Changes nothing: to be called outside a transaction.

    Raises ``PlanChanged`` for a sheet that is no longer the plan's, ``StopStays``, ``StopLocked``, ``NothingToUndo``,
    ``NotFound`` for a stop or route of another plan, and what ``adding.stop_added`` says of a stop to be added.
    """
    if deed.edition is not None and deed.edition != plan.edition:
        raise PlanChanged
    if deed.kind == "undo":
        return _undone(plan, at=at)
    more: tuple[PatrolStop, ...] = ()
    if deed.kind == "add":
        more = (stop_added(plan, list(PatrolStop.objects.filter(route__plan=plan)), deed.wish, at=at),)
    sheet = sheet_read(plan, at=at, more=more)
    before = _before(sheet)
    order, locked, held = sheet.order, set(_locked(sheet)), plan.held
    if deed.kind == "swap":
        touched = _swap(sheet, order, deed.route, deed.other)
        return _worked_out(sheet, deed.kind, order, locked, before, touched=touched)
    stop = _one(sheet.stops, NEW if deed.kind == "add" else deed.stop)
    if deed.kind == "add":
        _put(sheet, order, stop, deed.route, deed.place)
        held = held_without(held, deed.wish.spot)
    elif deed.kind == "remove":
        _take_out(sheet, order, stop)
        before["gone"], held = [stop_kept(stop)], held_with(held, stop)
    elif deed.kind == "move":
        _move(sheet, order, stop, deed.route, deed.place)
    elif deed.kind == "lock":
        locked.add(stop.pk)
    else:
        locked.discard(stop.pk)
    return _worked_out(sheet, deed.kind, order, locked, before, touched=(stop.pk,), held=held)


def _before(sheet: Sheet) -> dict[str, Any]:
    """What brings the plan back as it is, and the figures the change is told beside."""
    plan = sheet.plan
    curve = plan.cover.get("planned") or [0.0]
    figures = {
        "covered": plan.covered,
        "travel_s": sum(route.travel_s for route in sheet.routes),
        "cover": sum(curve) / len(curve),
        "stops": sum(len(members) for members in sheet.order.values()),
    }
    order = {str(key): value for key, value in sheet.order.items()}
    return {"order": order, "locked": _locked(sheet), "out": plan.held.get("out", []), "figures": figures}


def _locked(sheet: Sheet) -> list[int]:
    return [stop.pk for stop in sheet.stops if stop.is_locked]


def _one(rows: Sequence[Any], key: int | None) -> Any:
    for row in rows:
        if row.pk == key:
            return row
    raise NotFound


def _move(sheet: Sheet, order: Order, stop: PatrolStop, route_id: int | None, place: int | None) -> None:
    """To the ``place``-th place (from 1) of a route; without one to where it fits with the least way."""
    route, own = _one(sheet.routes, route_id), _one(sheet.routes, stop.route_id)
    _must_be_unlocked(stop, own)
    if stop.kind in STAYS and route.pk != own.pk:
        raise StopStays(what=KINDS[stop.kind], call_sign=own.unit.call_sign)
    order[own.pk].remove(stop.pk)
    _put(sheet, order, stop, route.pk, place)


def _take_out(sheet: Sheet, order: Order, stop: PatrolStop) -> None:
    own = _one(sheet.routes, stop.route_id)
    _must_be_unlocked(stop, own)
    if stop.kind in STAYS:
        raise StopStays(what=KINDS[stop.kind], call_sign=own.unit.call_sign)
    order[own.pk].remove(stop.pk)


def _must_be_unlocked(stop: PatrolStop, own: PatrolRoute) -> None:
    if stop.is_locked:
        raise StopLocked(what=stop.name_zh or KINDS[stop.kind], call_sign=own.unit.call_sign)


def _put(sheet: Sheet, order: Order, stop: PatrolStop, route_id: int | None, place: int | None) -> None:
    """Into the route at that place (from 1); without a route or place to where it breaks and costs least."""
    routes = sheet.routes if route_id is None else (_one(sheet.routes, route_id),)
    if place is not None and route_id is not None:
        members = order[routes[0].pk]
        members.insert(min(max(place - 1, 0), len(members)), stop.pk)
        return
    _cost, unit, at = min(_cheapest(sheet, order, stop, route) for route in routes)
    order[sheet.routes[unit].pk].insert(at, stop.pk)


def _cheapest(sheet: Sheet, order: Order, stop: PatrolStop, route: PatrolRoute) -> tuple[tuple[int, float], int, int]:
    """Where in the route the fewest rules break, then where the way grows least: the cost, the unit, the place."""
    unit, members = sheet.routes.index(route), order[route.pk]
    now_s = sheet.task.route_travel_s(unit, sheet.as_plan(order).routes[unit])

    def cost(at: int) -> tuple[int, float]:
        whole = sheet.as_plan({**order, route.pk: [*members[:at], stop.pk, *members[at:]]})
        more_s = sheet.task.route_travel_s(unit, whole.routes[unit]) - now_s
        return len(faults_of(sheet.task, whole)), more_s

    costs = [cost(at) for at in range(len(members) + 1)]
    best = min(range(len(costs)), key=costs.__getitem__)
    return costs[best], unit, best


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


def _undone(plan: PatrolPlan, *, at: datetime) -> Edited:
    """The last change turned back: stops it took out come in again under their old keys, those it added go."""
    last = plan.edits.filter(is_open=True).order_by("-number").first()
    if last is None:
        raise NothingToUndo
    back = [stop_of(record["id"], record, at=at) for record in last.before.get("gone", [])]
    sheet = sheet_read(plan, at=at, more=back)
    order = {int(key): list(value) for key, value in last.before["order"].items()}
    held = {**plan.held, "out": last.before.get("out", [])}
    locked = set(last.before["locked"])
    return _worked_out(sheet, last.kind, order, locked, _before(sheet), undoes=last.pk, held=held)


def _worked_out(
    sheet: Sheet,
    kind: str,
    order: Order,
    locked: set[int],
    before: dict[str, Any],
    *,
    touched: tuple[int, ...] = (),
    undoes: int | None = None,
    held: dict[str, Any] | None = None,
) -> Edited:
    """The new times of every stop, and what the checker says of the whole."""
    whole, begin = sheet.as_plan(order), sheet.plan.starts_at
    held = sheet.plan.held if held is None else held
    members = {key for keys in order.values() for key in keys}
    stops = tuple(stop for stop in sheet.stops if stop.pk in members)
    for unit, route in enumerate(whole.routes):
        for visit in visits_of(sheet.task, unit, route):
            stop = sheet.stops[visit.stop]
            stop.is_locked = stop.pk in locked
            if isfinite(visit.begin_s):  # where no road leads, the old times stand beside the fault
                stop.arrives_at = begin + timedelta(seconds=visit.begin_s)
                stop.leaves_at = begin + timedelta(seconds=visit.leave_s)
    return Edited(
        kind=kind,
        edition=sheet.plan.edition,
        order=order,
        stops=stops,
        held=held,
        travel_s={
            route.pk: _finite(sheet.task.route_travel_s(unit, whole.routes[unit]))
            for unit, route in enumerate(sheet.routes)
        },
        faults=[*faults_told(sheet, whole), *faults_out(held)],
        cover={**sheet.plan.cover, "planned": sheet_curve(sheet, whole)},
        covered=_covered(sheet.plan, stops),
        before=before,
        touched=touched,
        undoes=undoes,
    )


def _covered(plan: PatrolPlan, stops: Sequence[PatrolStop]) -> float:
    """The calls expected at places visited at least once."""
    visited = {(round(stop.lon, 6), round(stop.lat, 6)) for stop in stops}
    return float(sum(one["expected"] for one in plan.wanted if (one["lon"], one["lat"]) in visited))


def _finite(seconds: float) -> float:
    return seconds if isfinite(seconds) else 0.0
