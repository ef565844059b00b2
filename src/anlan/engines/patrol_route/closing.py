"""Of all good routes met on the way, those that together collect the most (set packing, solved by HiGHS)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from anlan.engines.patrol_route.task import PatrolTask, Plan

MOST_ROUTES = 1000
"""So many of the best routes are chosen from: the choice then takes a fraction of a second."""


@dataclass(frozen=True)
class Found:
    """A route of a unit of some kind: `value` is the worth of the best plan it was met in."""

    order: tuple[int, ...]
    kind: int
    prize: float
    travel_s: float
    value: float


@dataclass
class Routes:
    """The routes met so far, each set of stops once, by its shortest order."""

    known: dict[tuple[int, frozenset[int]], Found] = field(default_factory=dict)

    def add(self, found: Found) -> None:
        key = (found.kind, frozenset(found.order))
        old = self.known.get(key)
        if old is None:
            self.known[key] = found
            return
        shorter = found if found.travel_s < old.travel_s else old
        value = max(old.value, found.value)
        self.known[key] = Found(shorter.order, shorter.kind, shorter.prize, shorter.travel_s, value)

    def trim(self, most: int) -> None:
        """Forget all but the routes of the best plans."""
        if len(self.known) > most:
            best = sorted(self.known.items(), key=lambda item: -item[1].value)[:most]
            self.known = dict(best)


def chosen_together(task: PatrolTask, routes: Routes) -> Plan | None:
    """The best plan that can be put together from `routes`, or None where there is none.

    Maximises worth over 0/1 choices: no stop twice, no group over its cap, no more routes of a kind than units.
    Bounded by nodes, not by a clock, so that the same routes give the same plan.
    """
    best = sorted(routes.known.values(), key=lambda found: -found.value)[:MOST_ROUTES]
    if not best:
        return None
    rows = task.rows
    kinds = np.bincount(rows.kind, minlength=int(rows.kind.max()) + 1)
    n, groups = len(task.stops), len(task.caps)
    at: list[tuple[int, int]] = []
    for column, found in enumerate(best):
        at += [(stop, column) for stop in found.order]
        at += [(n + int(rows.group[stop]), column) for stop in found.order if rows.group[stop] >= 0]
        at.append((n + groups + found.kind, column))
    row, column_of = np.array(at).T
    matrix = coo_array((np.ones(len(at)), (row, column_of)), shape=(n + groups + len(kinds), len(best))).tocsr()
    most = np.concatenate([np.ones(n), np.asarray(task.caps, dtype=float), kinds.astype(float)])
    answer = milp(
        c=-np.array([found.prize - rows.per_s * found.travel_s for found in best]),
        constraints=LinearConstraint(matrix, ub=most),
        integrality=np.ones(len(best)),
        bounds=Bounds(0, 1),
        options={"node_limit": 200},
    )
    if answer.x is None:
        return None
    return _handed_out(task, [best[int(i)] for i in np.flatnonzero(answer.x > 0.5)])


def _handed_out(task: PatrolTask, chosen: list[Found]) -> Plan:
    """Each route to the first free unit of its kind."""
    routes: list[tuple[int, ...]] = [() for _ in task.units]
    for found in chosen:
        free = [u for u, kind in enumerate(task.rows.kind) if kind == found.kind and not routes[u]]
        routes[free[0]] = found.order
    return Plan(tuple(routes))
