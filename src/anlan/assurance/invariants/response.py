"""I5, I6: a unit is in one place, and what happens to a matter goes step by step."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from django.db.models import BigIntegerField, Count, Max
from django.db.models.functions import Cast, Substr

from anlan.assurance.findings import Group, Look, Verdict, judged, many
from anlan.core.models import Counter, Event
from anlan.core.state_machine import StateMachine
from anlan.drills import invariants as drilled
from anlan.intake.models import Call, Incident
from anlan.intake.rules import INCIDENT
from anlan.units.models import StatusLog, Unit
from anlan.units.rules import UNIT_STATUS

GROUP = Group()
_STATE_CHANGED = "intake.incident_state_changed"
_IN_ONE_PLACE = (
    drilled.units_in_two_places,
    drilled.busy_units_without_assignment,
    drilled.assignments_with_free_unit,
    drilled.closed_with_unit_still_there,
    drilled.danger_without_police,
)
_STEP_BY_STEP = (drilled.times_backwards, drilled.incidents_without_call, drilled.calls_left_out)


@GROUP.invariant("I5", "任一时刻一个单元只在一起警情上", "no unit is at two incidents at one moment")
def units_in_one_place(look: Look) -> Verdict:
    broken = [line for check in _IN_ONE_PLACE for line in many(check.__name__, check())]
    return judged(Unit.objects.count(), broken)


@GROUP.invariant(
    "I6",
    "编号不跳号，状态只按规定流转",
    "numbers have no gap, and states went only where the machines allow",
)
def step_by_step(look: Look) -> Verdict:
    broken = [line for check in _STEP_BY_STEP for line in many(check.__name__, check())]
    gaps, runs = _gaps()
    moves, seen = _incident_moves()
    statuses, logged = _unit_statuses()
    return judged(runs + seen + logged, [*broken, *gaps, *moves, *statuses])


def _gaps() -> tuple[list[str], int]:
    """Each day's run of numbers against the counter that drew them."""
    runs = dict(Counter.objects.values_list("name", "value"))
    broken, seen = [], 0
    for kind, model, length in (("incident", Incident, 6), ("call", Call, 7)):
        days = model.objects.annotate(day=Substr("number", 1, length)).values_list("day")  # type: ignore[attr-defined]
        for day, count, last in days.annotate(n=Count("id"), last=_last(length)).order_by():
            drawn = runs.pop(f"{kind}-{day.lstrip('J')}", None)
            seen += 1
            if drawn is not None and not (count == drawn and last == drawn):
                broken.append(f"{kind}s of {day}: {drawn} numbers drawn, {count} there, the last is {last}")
    broken += [f"{name}: {value} drawn and none is there" for name, value in runs.items() if _is_day(name) and value]
    return broken, seen


def _last(length: int) -> Max:
    """The highest number of a day, as a number: 100000 comes after 99999, which its letters don't say."""
    return Max(Cast(Substr("number", length + 2), BigIntegerField()))


def _is_day(name: str) -> bool:
    kind, _, day = name.partition("-")
    return kind in {"incident", "call"} and len(day) == 6 and day.isdecimal()


def _incident_moves() -> tuple[list[str], int]:
    """State changes on the record that the machine has no arrow for."""
    broken, seen = [], 0
    told = Event.objects.filter(kind=_STATE_CHANGED, schema__gte=2).values_list("id", "data")
    for pk, data in told.iterator(2000):
        seen += 1
        if not _may(INCIDENT, str(data.get("state_from")), str(data.get("state"))):
            broken.append(f"event {pk}: incident went from {data.get('state_from')} to {data.get('state')}")
    return broken, seen


def _unit_statuses() -> tuple[list[str], int]:
    """Each unit's log is one unbroken chain that ends where the unit is."""
    broken, seen = [], 0
    states = dict(Unit.objects.values_list("id", "state"))
    rows = StatusLog.objects.order_by("unit_id", "id").values_list("unit_id", "state_from", "state_to")
    for unit_id, steps in groupby(rows.iterator(2000), key=itemgetter(0)):
        was = None
        for _, left, to in steps:
            seen += 1
            if was is not None and left != was:
                broken.append(f"unit {unit_id} left {left} though it was {was}")
            if not _may(UNIT_STATUS, left, to):
                broken.append(f"unit {unit_id} went from {left} to {to}")
            was = to
        if was != states[unit_id]:
            broken.append(f"unit {unit_id} is {states[unit_id]} and its log ends with {was}")
    return broken, seen


def _may(machine: StateMachine, left: str, to: str) -> bool:
    return left == to or machine.can(left, to)
