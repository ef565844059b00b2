"""How much of the expected calls is in reach while a plan is driven: in the prizes, and as a curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anlan.engines.patrol_route import PatrolTask, Plan, cover_curve, cover_worth, whereabouts
from anlan.patrol.ground import Ground
from anlan.patrol.rules import BUSY, CURVE_STEP_S, REACH_S

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def cells_reached(ground: Ground, travel_s: Floats) -> tuple[Bools, Floats]:
    """Which expected calls each place of the task has in reach, by way, (n_ways, n_places, n_cells); how many."""
    cells = [k for k, spot in enumerate(ground.spots) if spot.kind == "cell"]
    columns = [len(ground.units) + k for k in cells]
    return travel_s[..., columns] <= REACH_S, np.array([ground.spots[k].expected for k in cells])


def task_with_cover(task: PatrolTask, plan: Plan, reach: Bools, demand: Floats, *, weight: float) -> PatrolTask:
    """The task whose prizes also count the calls a stop would have in reach beside ``plan``, times ``weight``."""
    if not weight or not len(demand):
        return task
    worth = weight * cover_worth(task, plan, reach, demand, busy=BUSY)
    stops = tuple(
        stop if stop.units and stop.must else replace(stop, prize=stop.prize + float(more))
        for stop, more in zip(task.stops, worth, strict=True)
    )
    return replace(task, stops=stops)


def curve_of(task: PatrolTask, plan: Plan, reach: Bools, demand: Floats, *, long_s: float) -> list[float]:
    """The share of expected calls in reach every quarter of an hour, as it is kept."""
    shares = cover_curve(task, whereabouts(task, plan, curve_times(long_s)), reach, demand)
    return [round(float(share), 4) for share in shares]


def curve_times(long_s: float) -> Floats:
    """The middles of the quarters of an hour of a shift, in seconds from its beginning."""
    return np.arange(CURVE_STEP_S / 2, max(long_s, CURVE_STEP_S), CURVE_STEP_S)
