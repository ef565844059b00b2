"""What a plan could not do, and why, in codes the rooms turn into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from anlan.engines.patrol_route.checker import Broken, faults_of
from anlan.engines.patrol_route.task import PatrolTask, Plan


class Why(StrEnum):
    """Why a stop, or the whole, is left undone."""

    NO_UNITS = "no_units"
    NO_PRIZES = "no_prizes"
    NO_UNIT_MAY = "no_unit_may"
    NO_ROAD = "no_road"
    SHIFT_TOO_SHORT = "shift_too_short"
    OUTSIDE_SHIFT = "outside_shift"
    TOO_FAR = "too_far"
    GROUP_FULL = "group_full"
    AGAINST_OTHERS = "against_others"
    NO_TIME = "no_time"


@dataclass(frozen=True)
class Unmet:
    """`stop` None: the whole. `others` are stops it can't stand together with, in any order, for any unit."""

    why: Why
    stop: int | None = None
    others: tuple[int, ...] = ()


def unmet(task: PatrolTask, plan: Plan) -> list[Unmet]:
    """Why the whole can't be planned, and why each must is left out. Stops that only lost are no news."""
    if not task.units:
        return [Unmet(Why.NO_UNITS)]
    out = []
    if task.stops and not any(stop.prize > 0 for stop in task.stops):
        out.append(Unmet(Why.NO_PRIZES))
    missed = [number for number, stop in enumerate(task.stops) if stop.must and number not in plan.served]
    return out + [_why_missed(task, plan, number) for number in missed]


def never_possible(task: PatrolTask) -> list[Unmet]:
    """The stops that no unit could visit even if it did nothing else, must or not."""
    if not task.units:
        return [Unmet(Why.NO_UNITS)]
    out = []
    for number in range(len(task.stops)):
        why = _why_alone(task, number)
        if why:
            out.append(Unmet(why, number))
    return out


def _why_alone(task: PatrolTask, number: int) -> Why | None:
    stop = task.stops[number]
    may = [unit for unit in range(len(task.units)) if stop.units is None or unit in stop.units]
    if not may:
        return Why.NO_UNIT_MAY
    if any(_holds(task, unit, (number,)) for unit in may):
        return None
    roads = [u for u in may if isfinite(task.way_s(u)[task.units[u].start_place, stop.place])]
    roads = [u for u in roads if isfinite(task.way_s(u)[stop.place, task.units[u].end_place])]
    if not roads:
        return Why.NO_ROAD
    if any(_broken(task, u, (number,)) == {Broken.TOO_FAR} for u in roads):
        return Why.TOO_FAR
    at_all = [u for u in roads if max(stop.opens_s, task.units[u].start_s) <= min(stop.closes_s, task.units[u].end_s)]
    return Why.SHIFT_TOO_SHORT if at_all else Why.OUTSIDE_SHIFT


def _why_missed(task: PatrolTask, plan: Plan, number: int) -> Unmet:
    alone = _why_alone(task, number)
    if alone:
        return Unmet(alone, number)
    stop = task.stops[number]
    musts = [other for other in range(len(task.stops)) if task.stops[other].must and other != number]
    if stop.group is not None:
        same = [other for other in musts if task.stops[other].group == stop.group]
        if task.caps[stop.group] == 0 or len(same) >= task.caps[stop.group]:
            return Unmet(Why.GROUP_FULL, number, tuple(same))
    may = [unit for unit in range(len(task.units)) if stop.units is None or unit in stop.units]
    beside = [other for unit in may for other in plan.routes[unit] if task.stops[other].must]
    never = [other for other in beside if not _stand_together(task, number, other, may)]
    if never:
        return Unmet(Why.AGAINST_OTHERS, number, tuple(never))
    return Unmet(Why.NO_TIME, number, tuple(beside))


def _stand_together(task: PatrolTask, one: int, other: int, may: list[int]) -> bool:
    units = [u for u in may if task.stops[other].units is None or u in (task.stops[other].units or ())]
    return any(_holds(task, unit, pair) for unit in units for pair in ((one, other), (other, one)))


def _holds(task: PatrolTask, unit: int, route: tuple[int, ...]) -> bool:
    return not _broken(task, unit, route)


def _broken(task: PatrolTask, unit: int, route: tuple[int, ...]) -> set[Broken]:
    routes = tuple(route if u == unit else () for u in range(len(task.units)))
    return {fault.broken for fault in faults_of(task, Plan(routes))} - {Broken.GROUP_OVER}
