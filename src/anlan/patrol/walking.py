"""How much of a shift's walk a unit on foot still has when its stops change on the way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from math import isfinite

from anlan.patrol.ground import base_of
from anlan.patrol.models import PatrolRoute, PatrolStop
from anlan.patrol.rules import Settings, walk_most_s
from anlan.patrol.ways import Spot, travel_between


def walk_left_s(route: PatrolRoute, stops: Iterable[PatrolStop], *, here: Spot, at: datetime) -> float:
    """Seconds the unit may still be on the way: its bound less the ways over the places it has visited to ``here``.

    Infinite for who doesn't walk. ``stops`` are those of the route, whatever became of them. A way no road leads
    over counts nothing: it was walked all the same, but nobody knows how long. Detours are not known either, so
    more may have been walked, never less.
    """
    most_s = walk_most_s(Settings.read(route.plan.settings), route.unit.vehicle)
    if not isfinite(most_s):
        return most_s
    been = sorted(
        (stop for stop in stops if stop.state == "dwelt" or stop.reached_at is not None),
        key=lambda stop: stop.position,
    )
    begin = base_of(route.unit)
    spots = [*([begin] if begin else []), *((stop.lon, stop.lat) for stop in been), here]
    travel_s, _source = travel_between(spots, vehicle=route.unit.vehicle, at=at)
    legs = (float(travel_s[a, b]) for a, b in pairwise(range(len(spots))))
    return max(most_s - sum(leg for leg in legs if isfinite(leg)), 0.0)
