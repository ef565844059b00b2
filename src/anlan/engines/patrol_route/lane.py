"""One lane of the search: an annealing in slices, each short enough to ask in between whether to go on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anlan.engines.patrol_route.closing import Found
from anlan.engines.patrol_route.slower import turns_slowly
from anlan.engines.patrol_route.task import SLACK_S, Floats, Ints, PatrolTask, Plan

try:
    from anlan.engines.patrol_route import native
except ImportError:  # no compiler where this was installed
    native = None  # type: ignore[assignment]

SLICES = 8
KEEP = 0.97
"""Routes of plans that collect at least this share of the best are remembered."""
MOST_ROUTES = 6000
WORK = 2.4e8
"""Steps of a slice, some quarter of a second compiled."""


def is_compiled() -> bool:
    """Whether the compiled search is there (`native.c`), or its slower twin serves."""
    return native is not None


@dataclass(frozen=True)
class Lane:
    """Where one annealing stands. `heat` is in prize: a plan worse by so much is taken one time in three."""

    now: Plan
    best: Plan
    heat: float
    seed: int
    slice: int = 0
    size: float = 1.0

    @property
    def is_done(self) -> bool:
        return self.slice >= SLICES


def lane_begin(task: PatrolTask, plan: Plan, *, heat: float, seed: int, size: float = 1.0) -> Lane:
    """An annealing from `plan`. `heat` in mean prizes; `size` stretches it."""
    return Lane(plan, plan, heat * task.rows.mean_prize, seed, 0, size)


def lane_step(task: PatrolTask, lane: Lane) -> tuple[Lane, list[Found]]:
    """The lane one slice on, and the routes it met. The interpreter is let go meanwhile where it is compiled."""
    turns = _turns(task, lane.size)
    cool = 0.01 ** (1.0 / (turns * SLICES))
    found: list[Found]
    if native is None:
        now, best, met = turns_slowly(
            task, lane.now, lane.best, turns=turns, dice=np.random.default_rng(lane.seed), heat=lane.heat, cool=cool
        )
        found = [one for plan in met for one in routes_of(task, plan)]
    else:
        now, best, found = _compiled(task, lane, turns, cool)
    heat = lane.heat * cool**turns
    return replace(lane, now=now, best=best, heat=heat, seed=lane.seed + 1, slice=lane.slice + 1), found


def routes_of(task: PatrolTask, plan: Plan) -> list[Found]:
    """The routes of a plan, to be chosen from."""
    value = task.worth(plan)
    return [
        Found(
            route,
            int(task.rows.kind[unit]),
            float(task.rows.prize[list(route)].sum()),
            task.route_travel_s(unit, route),
            value,
        )
        for unit, route in enumerate(plan.routes)
        if route
    ]


def _turns(task: PatrolTask, size: float) -> int:
    n, units = max(len(task.stops), 1), max(len(task.units), 1)
    if native is None:
        return max(int(20 * size), 1)
    return int(np.clip(WORK * size / (300.0 * n + 25.0 * n * units), 200, 60_000))


def _compiled(task: PatrolTask, lane: Lane, turns: int, cool: float) -> tuple[Plan, Plan, list[Found]]:
    rows, n, units = task.rows, len(task.stops), len(task.units)
    now, best = _packed(lane.now, n), _packed(lane.best, n)
    used = np.zeros(1, dtype=np.int64)
    unit, length = np.zeros(MOST_ROUTES, dtype=np.int32), np.zeros(MOST_ROUTES, dtype=np.int32)
    worth, order = np.zeros((3, MOST_ROUTES)), np.zeros((MOST_ROUTES, n), dtype=np.int32)
    native.search(
        n,
        units,
        rows.travel.shape[-1],
        len(task.caps),
        MOST_ROUTES,
        turns,
        lane.seed,
        lane.heat,
        cool,
        KEEP,
        rows.per_s,
        SLACK_S,
        rows.small_s,
        int(rows.symmetric),
        int(rows.timed),
        (
            *(rows.travel, rows.place, rows.dwell, rows.opens, rows.closes, rows.prize, rows.allowed),
            *(rows.group, rows.cap, rows.start, rows.end, rows.start_s, rows.end_s, rows.kind, rows.near),
            *(*now, *best, used, unit, length, worth, order, rows.way, rows.most),
        ),
    )
    found = _found(rows.kind, unit, length, worth, order, int(used[0]))
    return _unpacked(*now), _unpacked(*best), found


def _found(kind: Ints, unit: Ints, length: Ints, worth: Floats, order: Ints, used: int) -> list[Found]:
    return [
        Found(tuple(order[k, : length[k]].tolist()), int(kind[unit[k]]), *map(float, worth[:, k]))
        for k in range(used)
    ]


def _packed(plan: Plan, n: int) -> tuple[Ints, Ints]:
    length = np.array([len(route) for route in plan.routes], dtype=np.int32)
    order = np.zeros((len(plan.routes), n), dtype=np.int32)
    for unit, route in enumerate(plan.routes):
        order[unit, : len(route)] = route
    return length, order


def _unpacked(length: Ints, order: Ints) -> Plan:
    return Plan(tuple(tuple(order[unit, :k].tolist()) for unit, k in enumerate(length)))
