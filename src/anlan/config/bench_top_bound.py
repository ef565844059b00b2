"""How much no plan of a team-orienteering instance can exceed: tells a reference that nobody can reach.

Published best scores were partly reckoned on rounded distances or copied wrongly, and a gap to such a score says
nothing of a planner. Where units can visit few stops each, every set of stops that one unit can drive is listed
(dynamic programming over sets, exact), and a plan is a choice of as many sets as there are units in which no stop
stands twice. The same choice with fractions allowed is a linear programme; its value is an upper bound of every plan.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from anlan.engines.patrol_route import PatrolTask

MOST_SETS = 150_000
"""Longer lists take minutes and gigabytes: no bound is told then."""
ROUNDING = 1e-9


def upper_bound(task: PatrolTask, most_sets: int = MOST_SETS) -> float | None:
    """The score no plan exceeds; None where more than `most_sets` sets of stops can be driven.

    For instances whose units are alike and whose stops take no time, as those of the bench.
    """
    sets = drivable_sets(task, most_sets)
    if sets is None:
        return None
    if not sets:
        return 0.0
    prize = np.array([stop.prize for stop in task.stops])
    rows, columns = zip(*((stop, column) for column, one in enumerate(sets) for stop in one), strict=True)
    once = sp.csc_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(prize), len(sets)))
    table = sp.vstack([once, np.ones((1, len(sets)))]).tocsc()
    limits = np.append(np.ones(len(prize)), float(len(task.units)))
    found = linprog(-(prize @ once), A_ub=table, b_ub=limits, bounds=(0, None), method="highs")
    if not found.success:
        raise RuntimeError(f"the bound wasn't found: {found.message}")
    return -float(found.fun)


def drivable_sets(task: PatrolTask, most_sets: int = MOST_SETS) -> list[tuple[int, ...]] | None:
    """Every set of stops (by their numbers in the task) that one unit can drive in its time; None: too many."""
    unit, travel = task.units[0], task.travel_s.tolist()
    places, most_s = [stop.place for stop in task.stops], unit.end_s - unit.start_s + ROUNDING
    home = [travel[place][unit.end_place] for place in places]
    # For each set of one size: the shortest way from the start through it, by its last stop.
    ways: dict[int, dict[int, float]] = {}
    for stop, place in enumerate(places):
        if (to := travel[unit.start_place][place]) + home[stop] <= most_s:
            ways[1 << stop] = {stop: to}
    found: list[int] = []
    while ways:
        found += ways
        longer: dict[int, dict[int, float]] = {}
        for members, ends in ways.items():
            for last, so_far in ends.items():
                from_last = travel[places[last]]
                for stop, place in enumerate(places):
                    to = so_far + from_last[place]
                    if members >> stop & 1 or to + home[stop] > most_s:
                        continue
                    known = longer.setdefault(members | 1 << stop, {})
                    known[stop] = min(to, known.get(stop, to))
            if len(found) + len(longer) > most_sets:
                return None
        ways = longer
    return [tuple(stop for stop in range(len(places)) if members >> stop & 1) for members in found]
