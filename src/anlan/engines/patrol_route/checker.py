"""Whether a plan can be driven: reckoned anew from the task, in unrounded seconds, by none of the solver's code."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from anlan.engines.patrol_route.task import SLACK_S, PatrolTask, Plan


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
    here, clock, out = task.units[unit].start_place, task.units[unit].start_s, []
    for number in route:
        stop = task.stops[number]
        travel = float(task.travel_s[here, stop.place])
        begin = max(clock + travel, stop.opens_s)
        out.append(Visit(number, travel, clock + travel, begin, begin + stop.dwell_s))
        here, clock = stop.place, begin + stop.dwell_s
    return out


def faults_of(task: PatrolTask, plan: Plan) -> list[str]:
    """Every rule the plan breaks, as words for a developer; empty if it can be driven.

    Musts left out are no fault here: `reasons.unmet` says why they are.
    """
    faults = []
    if len(plan.routes) != len(task.units):
        return [f"{len(plan.routes)} routes for {len(task.units)} units"]
    seen: set[int] = set()
    groups = [0] * len(task.caps)
    for unit, route in enumerate(plan.routes):
        for stop in route:
            if stop in seen:
                faults.append(f"stop {stop} is visited twice")
            seen.add(stop)
            group = task.stops[stop].group
            if group is not None:
                groups[group] += 1
        faults += _route_faults(task, unit, route)
    faults += [f"group {g} has {n} visits, {task.caps[g]} allowed" for g, n in enumerate(groups) if n > task.caps[g]]
    return faults


def _route_faults(task: PatrolTask, unit: int, route: tuple[int, ...]) -> list[str]:
    if not route:
        return []
    own, visits, faults = task.units[unit], visits_of(task, unit, route), []
    for visit in visits:
        stop = task.stops[visit.stop]
        if not isfinite(visit.travel_s):
            faults.append(f"unit {unit} has no road to stop {visit.stop}")
        if visit.begin_s > stop.closes_s + SLACK_S:
            faults.append(f"unit {unit} begins stop {visit.stop} at {visit.begin_s}, after {stop.closes_s}")
        if stop.units is not None and unit not in stop.units:
            faults.append(f"unit {unit} may not visit stop {visit.stop}")
    home = visits[-1].leave_s + float(task.travel_s[task.stops[route[-1]].place, own.end_place])
    if not home <= own.end_s + 2 * SLACK_S:
        faults.append(f"unit {unit} ends at {home}, after {own.end_s}")
    return faults
