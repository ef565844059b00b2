"""Alarms of clocks that ran out, and what positions say: written once, beside what people pressed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.core.actor import Actor
from anlan.core.row_changes import row_change
from anlan.core.rows import row_insert
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.clocks import RunningClock
from anlan.dispatch.models import Assignment, ClockAlarm
from anlan.dispatch.recommending import RankedUnit
from anlan.dispatch.services.following import owners
from anlan.dispatch.services.telling import assignment_tell
from anlan.intake.models import Incident

KIND_OF_ALARM = {"sign": events.UNSIGNED_ALARM, "move": events.NOT_MOVING_ALARM, "reassign": events.REASSIGN_PROPOSED}


def clock_alarm_raise(
    *, incident: Incident, clock: RunningClock, by: Actor, at: datetime, proposed: RankedUnit | None = None
) -> ClockAlarm | None:
    """Raise the alarm of a clock that ran out, once; None when it was raised before.

    For a unit that hasn't signed in two minutes it proposes ``proposed`` instead; people decide.
    """
    try:
        with transaction.atomic():
            alarm = ClockAlarm(
                kind=clock.kind,
                subject_type=clock.subject,
                subject_id=clock.subject_id,
                incident=incident,
                started_at=clock.started_at,
                due_at=clock.due_at,
                raised_at=at,
            )
            row_insert(alarm)
            _tell(alarm, incident, clock, by=by, at=at, proposed=proposed)
    except IntegrityError:
        return None
    return alarm


def _tell(
    alarm: ClockAlarm,
    incident: Incident,
    clock: RunningClock,
    *,
    by: Actor,
    at: datetime,
    proposed: RankedUnit | None,
) -> None:
    facts: dict[str, Any] = {}
    others: list[int | None] = []
    if clock.subject == "assignment":
        row = Assignment.objects.select_related("unit").get(pk=clock.subject_id)
        facts = {"unit": row.unit.call_sign, "unit_id": row.unit_id, "assignment": row.pk}
        others = [row.unit.organisation_id]
        if clock.kind == "sign":
            row_change(row, {"alarmed_at": at}, where={"alarmed_at": None})
        elif clock.kind == "reassign":
            row_change(row, {"reassign_proposed_at": at}, where={"reassign_proposed_at": None})
    if proposed is not None:
        eta_s = None if proposed.eta_s is None else round(proposed.eta_s)
        facts |= {"proposed": proposed.unit.call_sign, "proposed_id": proposed.unit.id, "proposed_eta_s": eta_s}
    event_record(
        KIND_OF_ALARM.get(clock.kind, events.CLOCK_RAN_OUT),
        subject=alarm,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident, *others),
        clock=clock.kind,
        due_at=clock.due_at.isoformat(),
        incident=incident.number,
        **facts,
    )


@transaction.atomic
def movement_infer(*, assignment: Assignment, by: Actor, at: datetime, moved_at: datetime) -> bool:
    """By its positions the unit is on the move since ``moved_at``; False when that was known."""
    won = row_change(assignment, {"moved_inferred_at": moved_at}, where={"moved_inferred_at": None})
    if won:
        assignment_tell(events.MOVEMENT_INFERRED, assignment, by=by, at=at, seen_at=moved_at.isoformat())
    return won


@transaction.atomic
def arrival_infer(*, assignment: Assignment, by: Actor, at: datetime, arrived_at: datetime) -> bool:
    """By its positions the unit is within 100 m since ``arrived_at``; the button stays the unit's own."""
    won = row_change(assignment, {"arrived_inferred_at": arrived_at}, where={"arrived_inferred_at": None})
    if won:
        assignment_tell(events.ARRIVAL_INFERRED, assignment, by=by, at=at, seen_at=arrived_at.isoformat())
    return won
