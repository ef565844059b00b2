"""A draft that goes on from a plan a person has changed: the same task, its locked stops fixed, its order first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from anlan.engines.patrol_route import Plan
from anlan.patrol.ground import Spotted
from anlan.patrol.models import PatrolRoute
from anlan.patrol.planning import Draft
from anlan.patrol.rules import LOCK_S


def spots_by_hand(routes: Sequence[PatrolRoute]) -> list[Spotted]:
    """The places a person added, as a draft is made from them."""
    return [
        Spotted("hand", row.lon, row.lat, row.beat_code, why=row.why)
        for route in routes
        for row in route.stops.all()
        if row.kind == "hand"
    ]


def draft_kept(draft: Draft, routes: Sequence[PatrolRoute], out: Sequence[Mapping[str, Any]] = ()) -> Draft:
    """The draft with the routes' stops as its plan; a locked one is a must of its unit near its time.

    What a person added is a must, what is ``out`` goes to nobody. A stop the task no longer knows is left out; so is
    a unit that is no longer on duty.
    """
    known = {_key(spot.kind, spot.lon, spot.lat, spot.why): k for k, spot in enumerate(draft.spots)}
    unit_of = {duty.unit.pk: k for k, duty in enumerate(draft.ground.units)}
    stops, locked = list(draft.task.stops), set()
    for one in out:
        if (gone := known.get(_key(one["kind"], one["lon"], one["lat"], one["why"]))) is not None:
            stops[gone] = replace(stops[gone], must=False, prize=0.0, units=frozenset())
    orders: list[tuple[int, ...]] = [() for _ in draft.ground.units]
    for route in routes:
        unit = unit_of.get(route.unit_id)
        rows = [(known.get(_key(row.kind, row.lon, row.lat, row.why)), row) for row in route.stops.all()]
        if unit is None:
            continue
        orders[unit] = tuple(number for number, _ in rows if number is not None)
        for number, row in rows:
            if number is not None and row.why.get("by") == "hand":
                stops[number] = replace(stops[number], must=True)
            if number is not None and row.is_locked:
                begins_s = (row.arrives_at - draft.starts_at).total_seconds()
                window = {"opens_s": begins_s - LOCK_S, "closes_s": begins_s + LOCK_S}
                stops[number] = replace(stops[number], must=True, units=frozenset({unit}), **window)
                locked.add(number)
    task = replace(draft.task, stops=tuple(stops))
    return replace(draft, task=task, plan=Plan(tuple(orders)), locked=frozenset(locked))


def _key(kind: str, lon: float, lat: float, why: dict[str, Any]) -> tuple[Any, ...]:
    return kind, round(lon, 6), round(lat, 6), why.get("visit", why.get("part"))
