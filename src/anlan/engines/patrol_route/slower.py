"""The compiled search's twin in plain Python: the same steps, some hundred times as slowly."""

from __future__ import annotations

from math import exp

import numpy as np

from anlan.engines.patrol_route.greedy import filled
from anlan.engines.patrol_route.task import Floats, PatrolTask, Plan

Generator = np.random.Generator


def turns_slowly(
    task: PatrolTask, now: Plan, best: Plan, *, turns: int, dice: Generator, heat: float, cool: float
) -> tuple[Plan, Plan, list[Plan]]:
    """`turns` times: take stops out, fill up, accept by simulated annealing. The plan now, the best, plans met."""
    met = [now]
    for _ in range(turns):
        weight: Floats = 1.0 - dice.random() ** 2 * 0.9 * dice.random(len(task.stops))
        trial = filled(task, _thinned(now, dice), weight=weight)
        change = task.worth(trial) - task.worth(now)
        met.append(trial)
        if change >= 0 or dice.random() < exp(change / max(heat, 1e-12)):
            now = trial
        if task.worth(now) > task.worth(best):
            best = now
        heat *= cool
    return now, best, met


def _thinned(plan: Plan, dice: Generator) -> Plan:
    """The plan without some stops: single ones, or a stretch of one route."""
    served = sorted(plan.served)
    if not served:
        return plan
    count = 1 + int(dice.random() ** 2 * min(len(served) / 3, 30))
    if dice.random() < 0.5:
        out = set(dice.choice(served, size=count, replace=False).tolist())
    else:
        route = max(plan.routes, key=lambda own: bool(own) * dice.random())
        first = int(dice.integers(len(route)))
        out = set(route[first : first + count])
    return Plan(tuple(tuple(stop for stop in route if stop not in out) for route in plan.routes))
