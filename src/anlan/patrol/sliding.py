"""Who takes over what a unit on a call can't visit: worked out from where everybody is, outside a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf

import numpy as np
from numpy.typing import NDArray

from anlan.engines.geo import cell_of
from anlan.engines.patrol_route import PatrolTask, Plan, Stop, Unit, Visit, faults_of, filled, visits_of
from anlan.patrol.ground import base_of
from anlan.patrol.models import PatrolRoute, PatrolStop
from anlan.patrol.rules import AWAY_S, DRIVEN, DWELT_SHARE, HOLE_LEAST, MUSTS, PROMISE_S, REACH_S, STAYS, Settings
from anlan.patrol.walking import walk_left_s
from anlan.patrol.ways import Spot, times_between, travel_by_way
from anlan.places.selectors import points_in_force
from anlan.units.models import Unit as UnitRow
from anlan.units.selectors import positions_latest

SMALL = 1e-6
"""A stop without a prize of its own is still worth going to."""


@dataclass(frozen=True)
class Slid:
    """For each neighbour's route its due stops in their new order and times, those it takes over among them."""

    takes: dict[int, list[PatrolStop]] = field(default_factory=dict)


@dataclass(frozen=True)
class Neighbour:
    """A unit that still drives: where and when it is free to leave, what it has to do, where it ends, and for how
    long it may still be on the way."""

    route: PatrolRoute
    here: Spot
    end: Spot
    free_s: float
    due: tuple[PatrolStop, ...]
    left_s: float = inf


def slide_draw(route: PatrolRoute, given: Sequence[PatrolStop], *, at: datetime, with_standby: bool = False) -> Slid:
    """Offer ``given`` stops to the units of the same plan that drive and are free.

    Each keeps its own stops in their order, none beginning more than ``PROMISE_S`` later than it was told or after
    its window; a stop goes where it costs the least way, the worthiest first, those drawn by lot and musts before
    all, and nobody walks farther than in a shift. Who is late already takes nothing. With ``with_standby`` a
    neighbour is also sent to a standby point that brings expected calls into reach which nobody else reaches now.
    """
    neighbours = _neighbours(route, at=at)
    offered = [stop for stop in given if stop.kind not in STAYS and stop.state == "due"]
    if with_standby:
        offered += _standbys(route, neighbours, at=at)
    if not neighbours or not offered:
        return Slid()
    own = [stop for neighbour in neighbours for stop in neighbour.due]
    rows = [*own, *offered]
    places = [n.here for n in neighbours] + [n.end for n in neighbours] + [(r.lon, r.lat) for r in rows]
    travel_s, ways, _source = travel_by_way(places, [n.route.unit.vehicle for n in neighbours], at=at)
    as_they_go = _as_they_go(neighbours)
    task = _for_the_punctual(_task(route, neighbours, rows, len(own), (travel_s, ways), at), as_they_go)
    whole = filled(task, as_they_go)
    takes = {}
    for unit, neighbour in enumerate(neighbours):
        if len(whole.routes[unit]) > len(neighbour.due):
            visits = visits_of(task, unit, whole.routes[unit])
            takes[neighbour.route.pk] = [_timed(rows[visit.stop], visit, at) for visit in visits]
    return Slid(takes)


def stops_in_absence(route: PatrolRoute, *, at: datetime) -> list[PatrolStop]:
    """What a unit that was just sent would have begun before it can be expected back."""
    return list(route.stops.filter(state="due", arrives_at__lt=at + timedelta(seconds=AWAY_S)).order_by("position"))


def _neighbours(route: PatrolRoute, *, at: datetime) -> list[Neighbour]:
    free = UnitRow.objects.filter(state="available").values("pk")
    rows = PatrolRoute.objects.filter(plan_id=route.plan_id, state__in=DRIVEN, starts_at__lte=at, ends_at__gt=at)
    rows = rows.exclude(pk=route.pk).filter(unit__in=free).select_related("unit", "plan").prefetch_related("stops")
    routes = list(rows.order_by("unit__call_sign"))
    seen = positions_latest([row.unit_id for row in routes], at=at)
    found = []
    for row in routes:
        stops = sorted(row.stops.all(), key=lambda stop: stop.position)
        base, free_s = base_of(row.unit), 0.0
        here = base
        if (fix := seen.get(row.unit_id)) is not None and not fix.is_lost:
            here = (fix.lon, fix.lat)
        for stop in stops:
            if stop.state == "reached" and stop.reached_at is not None:
                long = (stop.leaves_at - stop.arrives_at) * DWELT_SHARE
                here, free_s = (stop.lon, stop.lat), max((stop.reached_at + long - at).total_seconds(), 0.0)
        if here is None:
            continue  # nobody knows where it is: it is asked for nothing, and the page says so
        due = tuple(stop for stop in stops if stop.state == "due")
        left_s = walk_left_s(row, stops, here=here, at=at)
        found.append(Neighbour(row, here, base or here, free_s, due, left_s))
    return found


def _task(
    route: PatrolRoute,
    neighbours: Sequence[Neighbour],
    rows: Sequence[PatrolStop],
    n_own: int,
    moving: tuple[NDArray[np.float64], Sequence[int]],
    at: datetime,
) -> PatrolTask:
    count = len(neighbours)
    units = tuple(
        Unit(
            k,
            count + k,
            n.free_s,
            max((n.route.ends_at - at).total_seconds(), n.free_s),
            way=moving[1][k],
            most_travel_s=n.left_s,
        )
        for k, n in enumerate(neighbours)
    )
    keepers = route.plan.held.get("keepers", {})
    stops = []
    for number, row in enumerate(rows):
        latest = [row.closes_at] if row.closes_at else []
        if number < n_own:
            latest = [min([*latest, max(row.arrives_at, at) + timedelta(seconds=PROMISE_S)])]
        away = {
            k
            for k, n in enumerate(neighbours)
            if row.kind == "cell" and keepers.get(str(n.route.unit_id), row.beat_code) != row.beat_code
        }
        stops.append(
            Stop(
                2 * count + number,
                max(row.prize, SMALL),
                (row.leaves_at - row.arrives_at).total_seconds(),
                opens_s=(row.opens_at - at).total_seconds() if row.opens_at else -inf,
                closes_s=(latest[0] - at).total_seconds() if latest else inf,
                must=row.kind in MUSTS,
                units=frozenset(range(count)) - away if away else None,
            )
        )
    return PatrolTask(moving[0], tuple(stops), units)


def _for_the_punctual(task: PatrolTask, as_they_go: Plan) -> PatrolTask:
    """Who can't keep its own promises as it is takes nothing over."""
    late = {fault.unit for fault in faults_of(task, as_they_go)}
    if not late:
        return task
    every = frozenset(range(len(task.units)))
    stops = tuple(
        stop if number in as_they_go.served else replace(stop, units=(stop.units or every) - late)
        for number, stop in enumerate(task.stops)
    )
    return replace(task, stops=stops)


def _as_they_go(neighbours: Sequence[Neighbour]) -> Plan:
    routes, first = [], 0
    for neighbour in neighbours:
        routes.append(tuple(range(first, first + len(neighbour.due))))
        first += len(neighbour.due)
    return Plan(tuple(routes))


def _timed(row: PatrolStop, visit: Visit, at: datetime) -> PatrolStop:
    row.arrives_at = at + timedelta(seconds=visit.begin_s)
    row.leaves_at = at + timedelta(seconds=visit.leave_s)
    return row


def _standbys(route: PatrolRoute, neighbours: Sequence[Neighbour], *, at: datetime) -> list[PatrolStop]:
    """The standby point that closes most of the hole the unit leaves, if it is worth the way. Not yet stored."""
    wanted = route.plan.wanted
    total = sum(place["expected"] for place in wanted)
    reach_of = {route.plan.organisation_id, *(n.route.unit.organisation_id for n in neighbours)}
    points = [p for p in points_in_force(at=at) if p.kind == "standby" and p.organisation_id in reach_of]
    if not points or not neighbours or total <= 0:
        return []
    cells = [(place["lon"], place["lat"]) for place in wanted]
    demand = np.array([place["expected"] for place in wanted])
    held = np.zeros(len(cells), dtype=np.bool_)
    for n in neighbours:
        held |= times_between([n.here], cells, vehicle=n.route.unit.vehicle, at=at)[0] <= REACH_S
    gain = ((times_between([(p.lon, p.lat) for p in points], cells, at=at) <= REACH_S) & ~held) @ demand / total
    best = int(gain.argmax())
    if gain[best] < HOLE_LEAST:
        return []
    point, stop_s = points[best], Settings.read(route.plan.settings).stop_s
    return [
        PatrolStop(
            kind="standby",
            name_zh=point.name_zh,
            name_en=point.name_en,
            lon=point.lon,
            lat=point.lat,
            cell=cell_of(point.lon, point.lat),
            prize=0.0,
            why={"point": point.code, "for": route.unit.call_sign, "share": round(float(gain[best]), 3)},
            arrives_at=at,
            leaves_at=at + timedelta(seconds=stop_s),
            state="due",
            came_from=route.unit,
        )
    ]
