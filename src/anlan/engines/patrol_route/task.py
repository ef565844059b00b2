"""What a patrol planner is asked: stops with a prize, units with a shift, seconds between places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NO_ROAD_S = 1e12
"""Stands for infinity where seconds are added up: no shift is as long."""
SLACK_S = 1e-9
"""Sums of doubles in another order differ by less; a route is not refused for it."""


@dataclass(frozen=True)
class Stop:
    """A visit that may be paid, or must be.

    `place` is a row of the travel matrix. The visit begins between `opens_s` and `closes_s`, on the clock the units'
    shifts are told in, and lasts `dwell_s`. Of the stops of one `group` at most its cap are visited. `units`
    names the only units that may pay it (a meal break is a must of one unit); None: any.
    """

    place: int
    prize: float
    dwell_s: float = 0.0
    opens_s: float = -inf
    closes_s: float = inf
    must: bool = False
    group: int | None = None
    units: frozenset[int] | None = None


@dataclass(frozen=True)
class Unit:
    """A patrol with the places it leaves from and ends at, between `start_s` and `end_s`.

    `way` says by which of the task's matrices it moves; on the way it is `most_travel_s` at most (how long people
    walk in a shift).
    """

    start_place: int
    end_place: int
    start_s: float
    end_s: float
    way: int = 0
    most_travel_s: float = inf


@dataclass(frozen=True)
class Plan:
    """For each unit its stops in order, by their number in the task."""

    routes: tuple[tuple[int, ...], ...]

    @property
    def served(self) -> frozenset[int]:
        return frozenset(stop for route in self.routes for stop in route)


@dataclass(frozen=True, eq=False)
class PatrolTask:
    """Team orienteering with time windows: collect the most prize within every unit's shift.

    `travel_s[a, b]` are seconds from place a to place b, inf where no road leads; not necessarily the same both
    ways. Where units move differently, `travel_s[w, a, b]` are those of units with `way` w. `caps[g]` is how many
    stops of group g may be visited. Raises ValueError for what can't be meant: numbers that are none, negative
    seconds or prizes, places, groups, units or ways that don't exist.

    Source of the problem: Chao, Golden and Wasil (1996), "The team orienteering problem", European Journal of
    Operational Research 88:464; windows as in Vansteenwegen et al. (2009), Computers & OR 36:3281.
    """

    travel_s: Floats
    stops: tuple[Stop, ...]
    units: tuple[Unit, ...]
    caps: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        matrix = np.asarray(self.travel_s, dtype=np.float64)
        if matrix.ndim not in (2, 3) or matrix.shape[-2] != matrix.shape[-1]:
            raise ValueError(f"travel_s must be square, or squares one upon the other, got {matrix.shape}")
        if np.isnan(matrix).any() or (matrix < 0).any():
            raise ValueError("travel_s must be seconds of at least 0")
        places, ways = matrix.shape[-1], 1 if matrix.ndim == 2 else len(matrix)
        for number, stop in enumerate(self.stops):
            self._stop_check(number, stop, places)
        for number, unit in enumerate(self.units):
            if not (0 <= unit.start_place < places and 0 <= unit.end_place < places):
                raise ValueError(f"unit {number} starts or ends at a place that isn't in travel_s")
            if not (np.isfinite(unit.start_s) and np.isfinite(unit.end_s)):
                raise ValueError(f"the shift of unit {number} needs a beginning and an end")
            if not 0 <= unit.way < ways or not unit.most_travel_s >= 0:
                raise ValueError(f"unit {number} moves by a way that isn't in travel_s, or for less than no time")
        object.__setattr__(self, "travel_s", np.ascontiguousarray(matrix))

    def _stop_check(self, number: int, stop: Stop, places: int) -> None:
        if not 0 <= stop.place < places:
            raise ValueError(f"stop {number} lies at place {stop.place}, which isn't in travel_s")
        if not (0 <= stop.prize < inf and 0 <= stop.dwell_s < inf):
            raise ValueError(f"stop {number} needs a finite prize and dwell of at least 0")
        if np.isnan(stop.opens_s) or np.isnan(stop.closes_s):
            raise ValueError(f"stop {number} has a window that is no number")
        if stop.group is not None and not 0 <= stop.group < len(self.caps):
            raise ValueError(f"stop {number} is of group {stop.group}, which has no cap")
        if stop.units is not None and not all(0 <= unit < len(self.units) for unit in stop.units):
            raise ValueError(f"stop {number} is kept for a unit that isn't there")

    @cached_property
    def ways_s(self) -> Floats:
        """Seconds by way, (n_ways, n_places, n_places)."""
        return self.travel_s if self.travel_s.ndim == 3 else self.travel_s[None]

    def way_s(self, unit: int) -> Floats:
        """Seconds from place to place as this unit moves, (n_places, n_places)."""
        own: Floats = self.ways_s[self.units[unit].way]
        return own

    def prize_of(self, plan: Plan) -> float:
        """The prizes collected, each stop once."""
        return float(sum(self.stops[stop].prize for stop in plan.served))

    def travel_of(self, plan: Plan) -> float:
        """Seconds all units travel together."""
        return sum(self.route_travel_s(unit, route) for unit, route in enumerate(plan.routes))

    def route_travel_s(self, unit: int, route: tuple[int, ...]) -> float:
        """Seconds one unit travels, from its start to its end."""
        places = [self.units[unit].start_place, *(self.stops[s].place for s in route), self.units[unit].end_place]
        own_s = self.way_s(unit)
        return float(sum(own_s[a, b] for a, b in pairwise(places)))

    def worth(self, plan: Plan) -> float:
        """What plans are compared by: musts first, then prize, then a little for shorter ways."""
        return float(self.rows.prize[list(plan.served)].sum()) - self.rows.per_s * self.travel_of(plan)

    @cached_property
    def rows(self) -> Rows:
        """The task as arrays, for the searches."""
        return _rows(self)


@dataclass(frozen=True, eq=False)
class Rows:
    """A task as arrays. `travel` has a matrix for each way to move, `way` says which is a unit's.

    `prize` carries a bonus for musts above all other prizes together; `kind` numbers units alike in everything, so
    that a route of one serves any of them; `near` orders stops around each stop.
    """

    travel: Floats
    place: Ints
    dwell: Floats
    opens: Floats
    closes: Floats
    prize: Floats
    allowed: NDArray[np.uint8]
    group: Ints
    cap: Ints
    way: Ints
    most: Floats
    start: Ints
    end: Ints
    start_s: Floats
    end_s: Floats
    kind: Ints
    near: Ints
    per_s: float
    small_s: float
    mean_prize: float
    symmetric: bool
    timed: bool


def _rows(task: PatrolTask) -> Rows:
    stops, units = task.stops, task.units
    travel = np.ascontiguousarray(np.minimum(task.ways_s, NO_ROAD_S))
    last = max((unit.end_s for unit in units), default=0.0)
    first = min((unit.start_s for unit in units), default=0.0)
    opens = np.array([max(stop.opens_s, first) for stop in stops], dtype=np.float64)
    closes = np.array([min(stop.closes_s, last) for stop in stops], dtype=np.float64)
    place = np.array([stop.place for stop in stops], dtype=np.int32)
    plain = np.array([stop.prize for stop in stops], dtype=np.float64)
    worth_having = plain[plain > 0]
    mean = float(worth_having.mean()) if len(worth_having) else 1.0
    shifts = sum(max(unit.end_s - unit.start_s, 0.0) for unit in units)
    must = np.array([stop.must for stop in stops], dtype=bool)
    real = task.travel_s[np.isfinite(task.travel_s)]
    return Rows(
        travel=travel,
        place=place,
        dwell=np.array([stop.dwell_s for stop in stops], dtype=np.float64),
        opens=opens,
        closes=closes,
        prize=plain + must * (2.0 * (float(plain.sum()) + mean)),
        allowed=np.array(
            [[stop.units is None or unit in stop.units for unit in range(len(units))] for stop in stops],
            dtype=np.uint8,
        ).reshape(len(stops), len(units)),
        group=np.array([-1 if stop.group is None else stop.group for stop in stops], dtype=np.int32),
        cap=np.array(task.caps, dtype=np.int32),
        way=np.array([unit.way for unit in units], dtype=np.int32),
        most=np.array([unit.most_travel_s for unit in units], dtype=np.float64),
        start=np.array([unit.start_place for unit in units], dtype=np.int32),
        end=np.array([unit.end_place for unit in units], dtype=np.int32),
        start_s=np.array([unit.start_s for unit in units], dtype=np.float64),
        end_s=np.array([unit.end_s for unit in units], dtype=np.float64),
        kind=_kinds(task),
        near=np.argsort(travel.min(axis=0)[np.ix_(place, place)], axis=1, kind="stable").astype(np.int32),
        per_s=0.02 * mean / shifts if shifts > 0 else 0.0,
        small_s=0.01 * float(real.mean()) + SLACK_S if len(real) else SLACK_S,
        mean_prize=mean,
        symmetric=bool((travel == travel.transpose(0, 2, 1)).all()),
        timed=bool((opens > first).any() or (closes < last).any()),
    )


def _allowed(task: PatrolTask) -> NDArray[np.uint8]:
    numbers = range(len(task.units))
    may = [[stop.units is None or unit in stop.units for unit in numbers] for stop in task.stops]
    return np.array(may, dtype=np.uint8).reshape(len(task.stops), len(task.units))


def _kinds(task: PatrolTask) -> Ints:
    named = {unit for stop in task.stops for unit in stop.units or ()}
    known: dict[Any, int] = {}
    keys = [(unit, number if number in named else -1) for number, unit in enumerate(task.units)]
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int32)
