"""What of a route still fits when its unit is free again: reckoned from where it stands, outside a change."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

from anlan.engines.patrol_route import PatrolTask, Stop, Unit, first_plan, visits_of
from anlan.patrol.ground import base_of
from anlan.patrol.models import PatrolRoute, PatrolStop
from anlan.patrol.rules import MUSTS, STAYS
from anlan.patrol.walking import walk_left_s
from anlan.patrol.ways import travel_between
from anlan.units.selectors import positions_latest


def stops_that_fit(route: PatrolRoute, *, at: datetime) -> list[PatrolStop]:
    """The due stops that can still be visited before the route ends, in order, with new times; musts before others.

    From the unit's last position, or its base where none is known, back to its base; without a base to where it is.
    Who walks goes no farther than is left of its walk.
    Where nobody knows where the unit is, what is still to come stays as it was planned.
    """
    due = list(route.stops.filter(state="due").order_by("position"))
    seen = positions_latest([route.unit_id], at=at).get(route.unit_id)
    unit = route.unit
    base = base_of(unit)
    here = (seen.lon, seen.lat) if seen is not None else base
    if not due or at >= route.ends_at:
        return []
    if here is None:
        return [row for row in due if row.arrives_at >= at]
    base = base or here
    places = [here, base, *((stop.lon, stop.lat) for stop in due)]
    travel_s, _ = travel_between(places, vehicle=unit.vehicle, at=at)
    stops = tuple(
        Stop(
            k + 2,
            max(row.prize, 1e-6),
            (row.leaves_at - row.arrives_at).total_seconds(),
            opens_s=(row.opens_at - at).total_seconds() if row.opens_at else -inf,
            closes_s=(row.closes_at - at).total_seconds() if row.closes_at else inf,
            must=row.kind in (*MUSTS, *STAYS),
        )
        for k, row in enumerate(due)
    )
    left_s = walk_left_s(route, route.stops.all(), here=here, at=at)
    rest = Unit(0, 1, 0.0, (route.ends_at - at).total_seconds(), most_travel_s=left_s)
    task = PatrolTask(travel_s, stops, (rest,))
    kept = []
    for visit in visits_of(task, 0, first_plan(task).routes[0]):
        row = due[visit.stop]
        row.arrives_at = at + timedelta(seconds=visit.begin_s)
        row.leaves_at = at + timedelta(seconds=visit.leave_s)
        kept.append(row)
    return kept
