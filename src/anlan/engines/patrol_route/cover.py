"""Who could be where in time while a patrol is driven: cover over the shift, and what a stop adds to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.engines.patrol_route.checker import visits_of
from anlan.engines.patrol_route.task import Floats, PatrolTask, Plan, Stop

Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
NOWHERE = -1


def whereabouts(task: PatrolTask, plan: Plan, times_s: ArrayLike) -> Places:
    """At which place each unit is at each moment, (n_units, n_times), `NOWHERE` outside its shift.

    On the way it counts for the nearer end in time: the first half of a leg for the place it left.
    """
    times = np.asarray(times_s, dtype=np.float64)
    where = np.full((len(task.units), len(times)), NOWHERE, dtype=np.int64)
    for unit, route in enumerate(plan.routes):
        own, own_s = task.units[unit], task.way_s(unit)
        here, left = own.start_place, own.start_s
        on = (times >= own.start_s) & (times < own.end_s)
        where[unit, on] = here
        for visit in visits_of(task, unit, route):
            place = task.stops[visit.stop].place
            if place != here:
                where[unit, on & (times >= (left + visit.begin_s) / 2)] = place
            here, left = place, visit.leave_s
        home_s = left + float(own_s[here, own.end_place])
        if home_s < np.inf:
            where[unit, on & (times >= (left + home_s) / 2)] = own.end_place
    return where


def times_covered(task: PatrolTask, where: Places, reach: Bools) -> NDArray[np.int64]:
    """By how many units each cell is reached at each moment, (n_times, n_cells).

    `reach` says which cells are reached in time from each place, (n_places, n_cells), or by each way to move
    (n_ways, n_places, n_cells): who is on foot reaches less.
    """
    by_way = _by_way(reach)
    count = np.zeros((where.shape[1], by_way.shape[-1]), dtype=np.int64)
    for unit, spots in zip(task.units, where, strict=True):
        on = spots != NOWHERE
        count[on] += by_way[unit.way if len(by_way) > 1 else 0, spots[on]]
    return count


def _by_way(reach: Bools) -> Bools:
    return reach if reach.ndim == 3 else reach[None]


def cover_curve(task: PatrolTask, where: Places, reach: Bools, demand: ArrayLike) -> Floats:
    """The share of the expected demand (n_cells,) that at least one unit reaches in time at each moment.

    `reach` as in `times_covered`.

    Without any demand it is 0. Source: R. Church and C. ReVelle (1974), "The maximal covering location problem",
    Papers of the Regional Science Association 32:101.
    """
    wanted = np.asarray(demand, dtype=np.float64)
    total = float(wanted.sum())
    if total <= 0:
        return np.zeros(where.shape[1])
    share: Floats = (times_covered(task, where, reach) > 0) @ wanted / total
    return share


def cover_worth(
    task: PatrolTask, plan: Plan, reach: Bools, demand: ArrayLike, *, busy: float, step_s: float = 900.0
) -> Floats:
    """What standing at each stop for its dwell is worth in cover beside `plan`, (n_stops,), in units of demand.

    `demand` is of the whole shift. A call that another k units could answer in time counts `busy**k`: those are the
    chance that all of them are taken. The mean over the stop's window, of units on duty then, its own not taken out;
    so it is a straight-line view of cover about one plan, to be added to prizes, not cover itself.

    Raises ValueError for `busy` outside [0, 1). Source of the weights: M. S. Daskin (1983), "A maximum expected
    covering location model", Transportation Science 17:48.
    """
    if not 0.0 <= busy < 1.0:
        raise ValueError(f"the busy share must lie from 0 to below 1, got {busy}")
    wanted = np.asarray(demand, dtype=np.float64)
    first = min((unit.start_s for unit in task.units), default=0.0)
    last = max((unit.end_s for unit in task.units), default=0.0)
    if last <= first or not task.stops:
        return np.zeros(len(task.stops))
    times = np.arange(first + step_s / 2, last, step_s) if last - first > step_s else np.array([(first + last) / 2])
    left = np.power(busy, times_covered(task, whereabouts(task, plan, times), reach)) * wanted
    worth = np.zeros(len(task.stops))
    from_each = np.broadcast_to(_by_way(reach), (len(task.ways_s), *reach.shape[-2:]))
    for number, stop in enumerate(task.stops):
        within = (times >= stop.opens_s) & (times <= stop.closes_s + stop.dwell_s)
        rows = left[within] if within.any() else left
        reached = from_each[_ways_to(task, stop), stop.place].mean(axis=0)
        worth[number] = float(rows.mean(axis=0) @ reached) * stop.dwell_s / (last - first)
    return worth


def _ways_to(task: PatrolTask, stop: Stop) -> list[int]:
    """How the units that may pay the visit move, once for each unit; every way where nobody may."""
    units = range(len(task.units)) if stop.units is None else stop.units
    return [task.units[unit].way for unit in sorted(units)] or list(range(len(task.ways_s)))
