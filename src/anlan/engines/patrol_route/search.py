"""Better plans, as long as there is time: several annealings side by side, then the best routes of all together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from anlan.engines.patrol_route.checker import faults_of
from anlan.engines.patrol_route.closing import Found, Routes, chosen_together
from anlan.engines.patrol_route.greedy import first_plan
from anlan.engines.patrol_route.lane import Lane, lane_begin, lane_step, routes_of
from anlan.engines.patrol_route.task import PatrolTask, Plan

HEATS = (3.0, 1.5, 3.0, 0.7)
"""Mean prizes an annealing begins with, in turns; the coolest begins from the best plan, the others anew."""
MOST_REMEMBERED = 8000


class RunAll(Protocol):
    """`map`, or the same over threads: lanes are independent of each other."""

    def __call__(
        self, step: Callable[[Lane], tuple[Lane, list[Found]]], lanes: list[Lane], /
    ) -> Iterable[tuple[Lane, list[Found]]]: ...


@dataclass(frozen=True)
class Progress:
    """What is known after a round: the best plan so far, its prize, and how often the search looked."""

    round: int
    plan: Plan
    prize: float


def better_plan(
    task: PatrolTask,
    plan: Plan | None = None,
    *,
    seed: int,
    go_on: Callable[[Progress], bool],
    lanes: int = 1,
    run_all: RunAll = map,
) -> Plan:
    """The best plan found while `go_on` says so; never worse than `plan` (the greedy one where none is given).

    `go_on` is asked after every round, some quarter of a second, with what is known; it may show progress, look at a
    clock, or stop. `lanes` annealings run side by side through `run_all`. The same task, plan, seed, lanes and
    number of rounds give the same plan. Every plan that comes out has passed the checker.

    Sources: P. Shaw (1998), large neighbourhood search; J. Christiaens and G. Vanden Berghe (2020), "Slack
    induction by string removals", Transportation Science 54:417; set packing of routes met on the way as in
    Hammami, Rekik and Coelho (2020), "A hybrid adaptive large neighborhood search heuristic for the team
    orienteering problem", Computers & OR 123:105034.
    """
    start = first_plan(task)
    best = start if plan is None or faults_of(task, plan) else max(plan, start, key=task.worth)
    if not task.units or not task.stops:
        return best
    routes, rounds, begun = Routes(), 0, 0
    running: list[Lane] = []
    while go_on(Progress(rounds, best, task.prize_of(best))):
        while len(running) < lanes:
            running.append(_next_lane(task, best, start, begun, seed))
            begun += 1
        done = list(run_all(partial(lane_step, task), running))
        running = [lane for lane, _ in done]
        for lane, found in done:
            best = _better(task, best, lane.best)
            for one in found:
                routes.add(one)
        if any(lane.is_done for lane in running):
            best = closed(task, routes, best)
            running = [lane for lane in running if not lane.is_done]
        routes.trim(MOST_REMEMBERED)
        rounds += 1
    return closed(task, routes, best)


def closed(task: PatrolTask, routes: Routes, best: Plan) -> Plan:
    """`best`, or what the remembered routes give together where that is better."""
    for one in routes_of(task, best):
        routes.add(one)
    together = chosen_together(task, routes)
    return best if together is None else _better(task, best, together)


def _better(task: PatrolTask, best: Plan, other: Plan) -> Plan:
    """The worthier of the two, if it can be driven: a fault of the search must never reach a street."""
    if task.worth(other) <= task.worth(best) + 1e-12 or faults_of(task, other):
        return best
    return other


def _next_lane(task: PatrolTask, best: Plan, start: Plan, begun: int, seed: int) -> Lane:
    heat = HEATS[begun % len(HEATS)]
    return lane_begin(task, best if heat < 1 else start, heat=heat, seed=(seed * 1000 + begun) * 1000 + 1)
