"""A way of sending found by somebody who knows every call beforehand: what could surely have been had.

At each choice everybody near who is free is tried, with the calls of the next hours as they came and the policy's own
choices after it, and the best is kept; then all over again from what was found. What is found is a course like any
other, so the best possible lies at or below it, and at or above the bound (`hindsight`).

Source: C. Duin and S. Voss (1999), "The pilot method", Networks 34:181.
"""

from copy import copy

import numpy as np

from anlan.engines.simulation.draws import Luck
from anlan.engines.simulation.policies import Policy
from anlan.engines.simulation.run import Centre, Course
from anlan.engines.simulation.world import POLICE, Bools, Floats, Need, World

PASSES = ((40, 4), (60, 6), (80, 8), (60, 6))
"""Each pass: how many calls ahead a choice is followed, and how many units are tried."""
BACK = 20
"""So many calls before count too: they may still be waiting."""
LATE_S = 3000.0
"""A late call weighs like so many seconds of waiting."""
TOO_LONG_S = 1e6
MOST_CALLS = 20_000
"""Longer spans aren't searched: it would take hours."""
COPIED = ("state", "free", "origin", "goal", "left", "there", "pace", "home")
LISTED = ("moves", "beyond", "call", "sent_at", "ends", "events", "queue")


def found_of(world: World, policy: Policy, luck: Luck, *, longest_s: float, reached: Bools) -> list[Floats]:
    """The responses of the police (shape (n_calls,), infinite where none came) of the courses found, by pass.

    Free units wait as the policy has them. Courses are left out in which somebody waits longer than `longest_s`, or
    in which nobody comes to a call that was `reached`. Policies that send whole plans aren't searched.
    """
    if policy.is_plan or len(world.calls) > MOST_CALLS:
        return []
    plan: dict[int, int] = {}
    found = []
    for ahead, most in PASSES:
        search = _Search(world, policy, luck, plan, longest_s)
        search.go(ahead=ahead, most=most)
        first_s = search.course.first_s[:, POLICE]
        if not (first_s[reached] > longest_s).any():
            found.append(first_s)
        plan = search.plan
    return found


class _Search(Centre):
    """A run that stops before each choice and tries what comes of it. `plan` has who is sent to which call."""

    def __init__(self, world: World, policy: Policy, luck: Luck, plan: dict[int, int], longest_s: float) -> None:
        super().__init__(world, policy, luck)
        self.plan, self.longest_s = dict(plan), longest_s
        self.asked: list[tuple[int, list[int]]] = []
        self.nearest = 1
        self._shifts()

    def go(self, *, ahead: int, most: int) -> None:
        """Through all calls."""
        self.nearest = most
        while True:
            trial = self._copy()
            if not trial.step():
                return
            for call, units in trial.asked[:1]:
                if len(units) > 1:
                    self.plan[call] = self._best(call, units, ahead)
            self.step()

    def _best(self, call: int, units: list[int], ahead: int) -> int:
        row = max(self.row, call)
        scores = []
        for unit in units:
            trial = self._copy()
            trial.plan = {**self.plan, call: unit}
            trial.until = min(len(self.at), row + ahead)
            while trial.step():
                pass
            scores.append(trial.score(row - BACK, row + ahead))
        return units[int(np.argmin(scores))]

    def score(self, begin: int, end: int) -> float:
        """What these calls cost, less being better."""
        span = slice(max(begin, 0), end)
        first_s = np.minimum(self.course.first_s[span, POLICE], 10.0 * self.longest_s)
        late = first_s > self.world.calls.target_s[span]
        too_long = first_s > self.longest_s
        return float(LATE_S * late.sum() + TOO_LONG_S * too_long.sum() + first_s.sum())

    def _copy(self) -> "_Search":
        """The same centre at the same moment; what it does from here on is not kept."""
        other = copy(self)
        for name in COPIED:
            setattr(other, name, getattr(self, name).copy())
        for name in LISTED:
            setattr(other, name, list(getattr(self, name)))
        course = self.course
        other.course = Course(
            course.first_s.copy(), course.sent_s.copy(), course.unit.copy(), course.busy_s.copy(),
            course.way_m.copy(), course.cover, course.looks, course.in_use,
        )  # fmt: skip
        other.asked = []
        return other

    def _choose(self, call: int, needs: tuple[Need, ...], eta: Floats, may: Bools) -> list[int]:
        """The plan's unit where there is one and it can go, else the policy's own; who else could is kept in mind."""
        rows = super()._choose(call, needs, eta, may)
        place = next((row for row, need in enumerate(needs) if need.track == POLICE), None)
        if place is None or rows[place] < 0:
            return rows
        free = np.flatnonzero(may[place])
        near = free[np.argsort(eta[free], kind="stable")][: self.nearest].tolist()
        planned = self.plan.get(call, -1)
        if planned >= 0 and may[place, planned]:
            rows[place] = planned
        self.asked.append((call, [rows[place], *(unit for unit in near if unit != rows[place])]))
        return rows
