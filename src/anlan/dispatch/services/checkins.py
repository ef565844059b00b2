"""A unit alone on scene is asked every so often whether all is well; silence is told to the desk.

Running → asked → after a minute without an answer the desk is told, with sound → two minutes later, if nobody
there took it on, the duty leader. All times are the server's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.core.asking import any_due
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.duty_models import CheckIn
from anlan.dispatch.duty_rules import (
    CHECKIN,
    CHECKIN_ANSWER_WITHIN,
    CHECKIN_ESCALATE_AFTER,
    CHECKIN_LONGEST,
    CHECKIN_SHORTEST,
    checkin_every,
)
from anlan.dispatch.errors import CheckInOver, NotOnScene, ReasonMissing
from anlan.dispatch.messages import CHECKIN_MISSED
from anlan.dispatch.models import Assignment
from anlan.dispatch.services.following import owners
from anlan.notices.services import Rung, notice_send, notices_withdraw_for, to_role
from anlan.units.models import CrewMember, Unit
from anlan.units.selectors import may_press_for

AT_ONCE = 200


@transaction.atomic
def checkin_set(*, assignment: Assignment, every: timedelta, reason: str, by: Actor, at: datetime) -> CheckIn:
    """A desk sets a timer on a unit on scene, or another interval on the one that runs; with a reason.

    Raises ``NotOnScene``, ``ReasonMissing``, or ``BadInput`` for an interval under two minutes or over two hours.
    """
    require(by, "dispatch.checkin_set")
    if not CHECKIN_SHORTEST <= every <= CHECKIN_LONGEST:
        raise BadInput(field="minutes", problem=f"{every.total_seconds() / 60:g}")
    if not reason.strip():
        raise ReasonMissing
    if assignment.state != "arrived":
        raise NotOnScene(call_sign=assignment.unit.call_sign, incident=assignment.incident.number)
    running = checkin_of(assignment)
    if running is None:
        return _start(assignment, every, reason.strip()[:200], by=by, at=at)
    return _count_anew(running, by=by, at=at, every_s=int(every.total_seconds()), reason=reason.strip()[:200])


def checkin_arrived(*, assignment: Assignment, by: Actor, at: datetime) -> CheckIn | None:
    """Somebody arrived: whoever is alone on the unit gets a timer by itself; inside the step's transaction."""
    if CrewMember.objects.filter(unit_id=assignment.unit_id, left_at=None).count() != 1:
        return None
    if checkin_of(assignment) is not None:
        return None
    return _start(assignment, checkin_every(assignment.incident.danger), "", by=by, at=at, is_automatic=True)


def checkin_of(assignment: Assignment) -> CheckIn | None:
    """The timer that runs on the assignment."""
    return (
        CheckIn.objects.select_related("unit", "incident")
        .filter(assignment=assignment)
        .exclude(state="ended")
        .first()
    )


def _start(
    assignment: Assignment, every: timedelta, reason: str, *, by: Actor, at: datetime, is_automatic: bool = False
) -> CheckIn:
    try:
        with transaction.atomic():
            row: CheckIn = CheckIn.objects.create(
                assignment=assignment,
                unit=assignment.unit,
                incident=assignment.incident,
                state_since=at,
                every_s=int(every.total_seconds()),
                is_automatic=is_automatic,
                reason=reason,
                started_at=at,
                started_by=_person(by),
                wakes_at=at + every,
            )
    except IntegrityError:
        raced: CheckIn = CheckIn.objects.exclude(state="ended").get(assignment=assignment)
        return raced
    _tell(events.CHECKIN_STARTED, row, by=by, at=at, minutes=row.every_s // 60)
    return row


@transaction.atomic
def checkin_confirm(*, checkin: CheckIn, by: Actor, at: datetime) -> CheckIn:
    """The crew says all is well (平安): the timer counts anew, and what the desk was told is withdrawn.

    A desk that has spoken with them may press for them. Raises ``CheckInOver`` when the timer has ended.
    """
    require(by, "dispatch.checkin_confirm")
    if not may_press_for(by, checkin.unit):
        raise NotFound
    return _count_anew(checkin, by=by, at=at, kind=events.CHECKIN_CONFIRMED, confirmed_at=at)


@transaction.atomic
def checkin_end(*, checkin: CheckIn, reason: str, by: Actor, at: datetime) -> CheckIn:
    """A desk ends the timer, with a reason; what was told about it is withdrawn."""
    require(by, "dispatch.checkin_set")
    if not reason.strip():
        raise ReasonMissing
    _refuse_over(checkin)
    _end(checkin, reason.strip()[:200], by=by, at=at)
    return checkin


def checkin_stop(*, assignment: Assignment, by: Actor, at: datetime) -> None:
    """The unit is done or called off: its timer ends with it; inside the step's transaction."""
    row = checkin_of(assignment)
    if row is not None:
        _end(row, "", by=by, at=at)


def checkins_tick(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Ask whose time has come, and tell the desk of those who did not answer; returns how many changed.

    One question where nothing is due; running twice at the same instant changes nothing more.
    """
    if not any_due(CheckIn, "wakes_at", at=at):
        return 0
    due = CheckIn.objects.filter(wakes_at__lte=at).order_by("wakes_at", "id").select_related("unit", "incident")
    return sum(checkin_wake(checkin=row, by=by, at=at) for row in list(due[:AT_ONCE]))


@transaction.atomic
def checkin_wake(*, checkin: CheckIn, by: Actor, at: datetime) -> bool:
    """One step of time on one timer; False when somebody came first."""
    seen = (checkin.state, checkin.wakes_at)
    if checkin.wakes_at is None or checkin.wakes_at > at or checkin.state not in ("running", "asked"):
        return False
    asks = checkin.state == "running"
    changes: dict[str, Any] = {"state": "asked", "asked_at": at, "wakes_at": at + CHECKIN_ANSWER_WITHIN}
    if not asks:
        changes = {"state": "missed", "wakes_at": None}
    won = CheckIn.objects.filter(pk=checkin.pk, state=seen[0], wakes_at=seen[1]).update(state_since=at, **changes)
    if not won:
        return False
    for name, value in {"state_since": at, **changes}.items():
        setattr(checkin, name, value)
    _tell(events.CHECKIN_ASKED if asks else events.CHECKIN_MISSED, checkin, by=by, at=at)
    if not asks:
        _desk_told(checkin, by=by, at=at)
    return True


def _desk_told(row: CheckIn, *, by: Actor, at: datetime) -> None:
    unit: Unit = row.unit
    home = unit.organisation
    top = Organisation.objects.get(pk=int(home.path.strip("/").split("/")[0]))
    desks = (to_role("town_operator" if unit.track == Unit.Track.COMMUNITY else "station_room", home),)
    notice_send(
        message=CHECKIN_MISSED,
        blanks={
            "unit": unit.call_sign,
            "incident": row.incident.number,
            "asked_at": row.asked_at.isoformat() if row.asked_at else "",
        },
        chain=[
            Rung((to_role("dispatcher", top), *desks), within=CHECKIN_ESCALATE_AFTER, counts="clock"),
            Rung((to_role("duty_leader", top),), within=CHECKIN_ESCALATE_AFTER, counts="clock"),
        ],
        organisation=home,
        urgency="urgent",
        incident_id=row.incident_id,
        incident_number=row.incident.number,
        subject=row,
        key=f"checkin:{row.pk}",
        by=by,
        at=at,
    )


def _count_anew(
    row: CheckIn, *, by: Actor, at: datetime, kind: str = events.CHECKIN_STARTED, **changes: Any
) -> CheckIn:
    _refuse_over(row)
    every_s = changes.get("every_s", row.every_s)
    unit, incident = row.unit, row.incident
    wakes_at = at + timedelta(seconds=every_s)
    CHECKIN.move(row, "running", at=at, subject=unit.call_sign, wakes_at=wakes_at, asked_at=None, **changes)
    row.unit, row.incident = unit, incident
    notices_withdraw_for(key=f"checkin:{row.pk}", by=by, at=at)
    _tell(kind, row, by=by, at=at, minutes=every_s // 60)
    return row


def _refuse_over(row: CheckIn) -> None:
    row.refresh_from_db(fields=["state", "state_since"])
    if row.state == "ended":
        raise CheckInOver(call_sign=row.unit.call_sign, since=row.state_since)


def _end(row: CheckIn, reason: str, *, by: Actor, at: datetime) -> None:
    unit, incident = row.unit, row.incident
    changes: dict[str, Any] = {"wakes_at": None, "ended_at": at, "ended_by": _person(by), "end_reason": reason}
    CHECKIN.move(row, "ended", at=at, subject=unit.call_sign, **changes)
    row.unit, row.incident = unit, incident
    notices_withdraw_for(key=f"checkin:{row.pk}", by=by, at=at)
    _tell(events.CHECKIN_ENDED, row, by=by, at=at)


def _person(by: Actor) -> int | None:
    return by.id if by.kind == "person" else None


def _tell(kind: str, row: CheckIn, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=row,
        by=by,
        at=at,
        incident_id=row.incident_id,
        org_ids=owners(row.incident, row.unit.organisation_id),
        unit=row.unit.call_sign,
        unit_id=row.unit_id,
        incident=row.incident.number,
        assignment=row.assignment_id,
        **data,
    )
