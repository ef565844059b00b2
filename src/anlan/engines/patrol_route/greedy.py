"""The first answer: put in the stop with the most prize for its time, again and again. Within a tenth of a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anlan.engines.patrol_route.task import SLACK_S, Floats, PatrolTask, Plan

Numbers = NDArray[np.int64]


def first_plan(task: PatrolTask) -> Plan:
    """A plan that can be driven, made at once (best insertion by prize per second spent, musts before all)."""
    return filled(task, Plan(tuple(() for _ in task.units)))


def filled(task: PatrolTask, plan: Plan, *, weight: Floats | None = None) -> Plan:
    """The plan with what still fits put in, the most wished for first. `weight` (n_stops,) tilts the wishes.

    What stands in the plan stays, in its order.
    """
    rows = task.rows
    routes = [list(route) for route in plan.routes]
    if not routes or not task.stops:
        return plan
    taken = np.zeros(len(task.caps), dtype=np.int64)
    free = np.ones(len(task.stops), dtype=bool)
    for stop in plan.served:
        _take(task, stop, free, taken)
    _close_full(task, free, taken)
    wish = rows.prize if weight is None else rows.prize * weight
    free &= rows.prize > 0
    cost = np.full((len(routes), len(task.stops)), np.inf)
    at = np.zeros((len(routes), len(task.stops)), dtype=np.int64)
    for unit, route in enumerate(routes):
        cost[unit], at[unit] = cheapest(task, unit, route)
    while True:
        least = cost.min(axis=0)
        possible = free & np.isfinite(least)
        if not possible.any():
            return Plan(tuple(tuple(route) for route in routes))
        spent = np.maximum(least, 0.0) + rows.dwell + rows.small_s
        stop = int(np.argmax(np.where(possible, wish / spent, -1.0)))
        unit = int(np.argmin(cost[:, stop]))
        routes[unit].insert(int(at[unit, stop]), stop)
        _take(task, stop, free, taken)
        _close_full(task, free, taken)
        cost[unit], at[unit] = cheapest(task, unit, routes[unit])


def _take(task: PatrolTask, stop: int, free: NDArray[np.bool_], taken: Numbers) -> None:
    free[stop] = False
    group = task.stops[stop].group
    if group is not None:
        taken[group] += 1


def _close_full(task: PatrolTask, free: NDArray[np.bool_], taken: Numbers) -> None:
    if len(taken):
        full = taken >= task.rows.cap
        free &= ~((task.rows.group >= 0) & full[task.rows.group])


def cheapest(task: PatrolTask, unit: int, route: list[int]) -> tuple[Floats, Numbers]:
    """For every stop the least seconds of travel it adds to the route and where, inf where it doesn't fit."""
    rows = task.rows
    travel = rows.travel[rows.way[unit]]
    places = [int(rows.place[stop]) for stop in route]
    here = np.array([int(rows.start[unit]), *places])
    there = np.array([*places, int(rows.end[unit])])
    between = travel[here, there]
    ready, late = _clocks(task, unit, route, between)
    to = travel[here][:, rows.place]
    on = travel[:, there][rows.place].T
    begin = np.maximum(ready[:, None] + to, rows.opens)
    fits = (begin <= rows.closes + SLACK_S) & (begin + rows.dwell + on <= late[:, None])
    fits &= rows.allowed[:, unit] > 0
    more = to + on - between[:, None]
    if np.isfinite(rows.most[unit]):
        fits &= between.sum() + more <= rows.most[unit] + SLACK_S
    add = np.where(fits, more, np.inf)
    at = add.argmin(axis=0)
    return add[at, np.arange(add.shape[1])], at


def _clocks(task: PatrolTask, unit: int, route: list[int], between: Floats) -> tuple[Floats, Floats]:
    """When the unit is ready to leave each gap's left side, and must begin what is on its right at the latest."""
    rows = task.rows
    ready = [float(rows.start_s[unit])]
    for stop, way in zip(route, between, strict=False):
        ready.append(max(ready[-1] + float(way), float(rows.opens[stop])) + float(rows.dwell[stop]))
    late = [float(rows.end_s[unit]) + SLACK_S]
    for stop, way in zip(reversed(route), between[::-1], strict=False):
        late.append(min(late[-1] - float(way) - float(rows.dwell[stop]), float(rows.closes[stop]) + SLACK_S))
    return np.array(ready), np.array(late[::-1])
