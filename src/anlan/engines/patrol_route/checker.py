"""Whether a plan can be driven: reckoned anew from the task, in unrounded seconds, by none of the solver's code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from anlan.engines.patrol_route.task import SLACK_S, PatrolTask, Plan


class Broken(StrEnum):
    """A rule that a plan can break."""

    ROUTES = "routes"
    TWICE = "twice"
    GROUP_OVER = "group_over"
    NO_ROAD = "no_road"
    TOO_LATE = "too_late"
    NOT_THIS_UNIT = "not_this_unit"
    PAST_END = "past_end"
    TOO_FAR = "too_far"


CANT_BE_DRIVEN = frozenset({Broken.ROUTES, Broken.TWICE, Broken.NO_ROAD, Broken.PAST_END})
"""What no signature helps: the others are rules somebody may answer for."""


@dataclass(frozen=True)
class Fault:
    """One rule broken, by which unit, stop or group. `late_s` is by how much a time is missed, or how much longer
    the unit is on the way than it may be; inf without a road."""

    broken: Broken
    unit: int | None = None
    stop: int | None = None
    group: int | None = None
    late_s: float = 0.0

    def __str__(self) -> str:
        named = {"unit": self.unit, "stop": self.stop, "group": self.group}
        about = ", ".join(f"{word} {number}" for word, number in named.items() if number is not None)
        return f"{self.broken.value}: {about}" + (f" by {self.late_s:g} s" if self.late_s else "")


@dataclass(frozen=True)
class Visit:
    """One stop of a route on the clock: arrive, begin (after waiting for the window), leave."""

    stop: int
    travel_s: float
    arrive_s: float
    begin_s: float
    leave_s: float


def visits_of(task: PatrolTask, unit: int, route: tuple[int, ...]) -> list[Visit]:
    """When each stop of a route is reached, begun and left, going as early as possible."""
    here, clock, own_s = task.units[unit].start_place, task.units[unit].start_s, task.way_s(unit)
    out: list[Visit] = []
    for number in route:
        stop = task.stops[number]
        travel = float(own_s[here, stop.place])
        begin = max(clock + travel, stop.opens_s)
        out.append(Visit(number, travel, clock + travel, begin, begin + stop.dwell_s))
        here, clock = stop.place, begin + stop.dwell_s
    return out


def faults_of(task: PatrolTask, plan: Plan) -> list[Fault]:
    """Every rule the plan breaks; empty if it can be driven.

    Musts left out are no fault here: `reasons.unmet` says why they are.
    """
    if len(plan.routes) != len(task.units):
        return [Fault(Broken.ROUTES)]
    faults: list[Fault] = []
    seen: set[int] = set()
    groups = [0] * len(task.caps)
    for unit, route in enumerate(plan.routes):
        for stop in route:
            if stop in seen:
                faults.append(Fault(Broken.TWICE, unit, stop))
            seen.add(stop)
            group = task.stops[stop].group
            if group is not None:
                groups[group] += 1
        faults += _route_faults(task, unit, route)
    return faults + [Fault(Broken.GROUP_OVER, group=g) for g, n in enumerate(groups) if n > task.caps[g]]


def _route_faults(task: PatrolTask, unit: int, route: tuple[int, ...]) -> list[Fault]:
    if not route:
        return []
    own, visits, faults = task.units[unit], visits_of(task, unit, route), []
    for visit in visits:
        stop = task.stops[visit.stop]
        if not isfinite(visit.travel_s):
            faults.append(Fault(Broken.NO_ROAD, unit, visit.stop, late_s=visit.travel_s))
        if visit.begin_s > stop.closes_s + SLACK_S:
            faults.append(Fault(Broken.TOO_LATE, unit, visit.stop, late_s=visit.begin_s - stop.closes_s))
        if stop.units is not None and unit not in stop.units:
            faults.append(Fault(Broken.NOT_THIS_UNIT, unit, visit.stop))
    back_s = float(task.way_s(unit)[task.stops[route[-1]].place, own.end_place])
    home, on_the_way_s = visits[-1].leave_s + back_s, sum(visit.travel_s for visit in visits) + back_s
    if not home <= own.end_s + 2 * SLACK_S:
        faults.append(Fault(Broken.PAST_END, unit, late_s=home - own.end_s))
    if not on_the_way_s <= own.most_travel_s + 2 * SLACK_S:
        faults.append(Fault(Broken.TOO_FAR, unit, late_s=on_the_way_s - own.most_travel_s))
    return faults
