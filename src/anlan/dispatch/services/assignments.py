"""A unit is sent, signs, sets off, arrives and is done; or refuses, is called off, or is replaced.

Each step moves three things together in one transaction: the assignment, the unit's status, and the
incident, which follows from its assignments.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import require
from anlan.core.row_changes import row_change, row_reread, rows_read
from anlan.core.rows import row_insert
from anlan.core.state_machine import REGISTRY
from anlan.dispatch import events
from anlan.dispatch.errors import (
    IncidentNotOpen,
    ReasonMissing,
    ReportGiven,
    ReportNotDue,
    SignedAlready,
    TooLateToUndo,
)
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import ACTIVE, ASSIGNMENT, UNDO, UNDO_WINDOW, shown_kept
from anlan.dispatch.selectors import alternative_to
from anlan.dispatch.services.checkins import checkin_arrived, checkin_stop
from anlan.dispatch.services.following import incident_follow, incident_hold
from anlan.dispatch.services.neighbours import command_check
from anlan.dispatch.services.teams import order_team_lost, order_team_on_site, order_team_sent
from anlan.dispatch.services.telling import assignment_tell as _tell
from anlan.intake.models import Incident
from anlan.units.errors import UnitNotAvailable
from anlan.units.models import Unit
from anlan.units.selectors import UnitOnBoard, may_press_for, positions_latest
from anlan.units.services import unit_claim, unit_release, unit_state_set


def unit_assign(
    *,
    incident: Incident,
    unit: Unit | UnitOnBoard,
    by: Actor,
    at: datetime,
    part: str = "",
    eta_s: float | None = None,
    eta_source: str = "",
    rank: int | None = None,
    reason: str = "",
    **shown: Any,
) -> Assignment:
    """Send ``unit`` (a row, or as the recommendation gave it) to ``incident`` and put it on the record.

    ``part`` is "lead" or "support"; by default the first unit leads. ``eta_s, eta_source, rank, reason``
    are what the recommendation showed when the choice was made; so are ``travel_s, eta_p90_s, fix_age_s,
    advised_unit, advice`` (columns of ``Assignment``) among ``shown``.

    Raises ``UnitOfOthers`` for a unit the desk doesn't command (``unit_ask`` asks who does), ``UnitNotAvailable``
    when it can't be had - of two dispatchers at the same instant one wins,
    and the other is told who sent it where, since when, and whom to take instead - and
    ``IncidentNotOpen``. In both cases nothing is written.
    """
    require(by, "dispatch.send")
    chosen = {"eta_s": eta_s, "eta_source": eta_source, "rank": rank, "reason": reason, **shown}
    row = unit if isinstance(unit, Unit) else Unit.objects.get(pk=unit.id)
    command_check(row, by=by)
    try:
        with transaction.atomic():
            return assignment_open(incident=incident, unit=row, by=by, at=at, part=part, **chosen)
    except UnitNotAvailable as refusal:
        instead = alternative_to(row, incident=incident, by=by, at=at)
        raise (refusal.with_alternative(*instead) if instead else refusal) from None


def assignment_open(
    *, incident: Incident, unit: Unit, by: Actor, at: datetime, part: str = "", **chosen: Any
) -> Assignment:
    """Claim the unit, write the assignment, and let the incident follow; inside a transaction."""
    chosen = shown_kept(chosen)
    incident_hold(incident)
    if incident.state in ("merged", "invalid"):
        raise IncidentNotOpen(
            incident=incident.number,
            state=REGISTRY["intake.incident"].labels[incident.state],
            since=incident.state_since,
        )
    unit_claim(unit=unit, incident_id=incident.pk, incident_number=incident.number, by=by, at=at)
    led = bool(rows_read(Assignment, incident_id=incident.pk, state=ACTIVE, part="lead", limit=1))
    seen = positions_latest([unit.pk], at=at).get(unit.pk)
    assignment = Assignment(
        incident=incident,
        unit=unit,
        part=part or ("support" if led else "lead"),
        state_since=at,
        sent_at=at,
        sent_lon=seen.lon if seen else None,
        sent_lat=seen.lat if seen else None,
        sent_by=by.id if by.kind == "person" else None,
        **chosen,
    )
    row_insert(assignment)
    advised = {"advised_unit": assignment.advised_unit, "advice": assignment.advice} if assignment.advice else {}
    _tell(events.UNIT_ASSIGNED, assignment, by=by, at=at, part=assignment.part, rank=assignment.rank, **advised)
    order_team_sent(assignment, by=by, at=at)
    incident_follow(incident=incident, by=by, at=at, first_sent_at=at)
    return assignment


def assignment_sign(*, assignment: Assignment, by: Actor, at: datetime) -> Assignment:
    """The unit has read it and takes it on (签收)."""
    return _step(assignment, "signed", events.ASSIGNMENT_SIGNED, by=by, at=at)


def assignment_depart(*, assignment: Assignment, by: Actor, at: datetime) -> Assignment:
    """The unit sets off; that signs as well, if it hadn't."""
    return _step(assignment, "en_route", events.ASSIGNMENT_DEPARTED, by=by, at=at)


def assignment_arrive(*, assignment: Assignment, by: Actor, at: datetime) -> Assignment:
    """The unit is there, by button. What its position says stands beside it and corrects nothing."""
    return _step(assignment, "arrived", events.ASSIGNMENT_ARRIVED, by=by, at=at)


@transaction.atomic
def _step(assignment: Assignment, to: str, kind: str, *, by: Actor, at: datetime) -> Assignment:
    """One of the unit's own buttons on its way: assignment, unit and incident move together."""
    _own(assignment, by)
    stamps: dict[str, Any] = {} if assignment.signed_at else {"signed_at": at}
    if to == "en_route":
        stamps["departed_at"] = at
    elif to == "arrived":
        stamps["arrived_at"] = at
    _move(assignment, to, at=at, **stamps)
    unit, incident = assignment.unit, assignment.incident
    if to != "signed":
        state = "en_route" if to == "en_route" else "on_scene"
        unit_state_set(unit=unit, to=state, by=by, at=at, incident_id=incident.pk)
    _tell(kind, assignment, by=by, at=at)
    if to == "arrived":
        order_team_on_site(assignment, by=by, at=at)
        checkin_arrived(assignment=assignment, by=by, at=at)
        incident_follow(incident=incident, by=by, at=at, first_arrived_at=at)
    return assignment


@transaction.atomic
def first_report_give(*, assignment: Assignment, by: Actor, at: datetime) -> Assignment:
    """The unit has told the desk what it found (by radio, photo or voice note): the time of its first word.

    Once, while it is there: ``ReportNotDue`` before it has arrived and after it has finished,
    ``ReportGiven`` a second time.
    """
    _own(assignment, by)
    incident_hold(assignment.incident)
    won = row_change(assignment, {"reported_at": at}, where={"state": "arrived", "reported_at": None})
    row_reread(assignment)
    told = {"call_sign": assignment.unit.call_sign, "incident": assignment.incident.number}
    if not won and assignment.state != "arrived":
        raise ReportNotDue(state=ASSIGNMENT.labels[assignment.state], since=assignment.state_since, **told)
    if not won:
        raise ReportGiven(since=assignment.reported_at, **told)
    _tell(events.FIRST_REPORT_GIVEN, assignment, by=by, at=at)
    return assignment


@transaction.atomic
def assignment_finish(*, assignment: Assignment, by: Actor, at: datetime, unit_to: str = "available") -> Assignment:
    """The unit is done on the spot and free again, or "busy" with what came of it; feedback is due."""
    _own(assignment, by)
    return assignment_done(assignment, by=by, at=at, unit_to=unit_to)


def assignment_done(assignment: Assignment, *, by: Actor, at: datetime, unit_to: str = "available") -> Assignment:
    """Finish the assignment, whoever may say so; inside a transaction."""
    _move(assignment, "finished", at=at, finished_at=at)
    unit_release(unit=assignment.unit, by=by, at=at, to=unit_to, incident_id=assignment.incident_id)
    checkin_stop(assignment=assignment, by=by, at=at)
    _tell(events.ASSIGNMENT_FINISHED, assignment, by=by, at=at)
    incident_follow(incident=assignment.incident, by=by, at=at)
    return assignment


@transaction.atomic
def assignment_refuse(
    *, assignment: Assignment, reason: str, by: Actor, at: datetime, unit_to: str = "available"
) -> Assignment:
    """The unit can't go, and says why. The incident waits to be sent again."""
    _own(assignment, by)
    assignment_end(assignment, "refused", _reason(reason), by=by, at=at, unit_to=unit_to)
    _tell(events.ASSIGNMENT_REFUSED, assignment, by=by, at=at)
    incident_follow(incident=assignment.incident, by=by, at=at)
    return assignment


@transaction.atomic
def assignment_cancel(
    *, assignment: Assignment, reason: str, by: Actor, at: datetime, unit_to: str = "available"
) -> Assignment:
    """Call the unit off. With reason "undo", within ten seconds of sending and before it signed, the
    sending counts as never having happened: the incident's first-sent time goes with it.
    """
    require(by, "dispatch.cancel")
    is_undo = _reason(reason) == UNDO
    if is_undo and assignment.signed_at is not None:
        raise SignedAlready(call_sign=assignment.unit.call_sign, signed_at=assignment.signed_at)
    if is_undo and at - assignment.sent_at > UNDO_WINDOW:
        raise TooLateToUndo(
            call_sign=assignment.unit.call_sign,
            sent_at=assignment.sent_at,
            seconds=int(UNDO_WINDOW.total_seconds()),
        )
    assignment_end(assignment, "cancelled", reason, by=by, at=at, unit_to=unit_to)
    kind = events.ASSIGNMENT_UNDONE if is_undo else events.ASSIGNMENT_CANCELLED
    _tell(kind, assignment, by=by, at=at)
    incident = assignment.incident
    never_sent = is_undo and incident.first_sent_at == assignment.sent_at
    incident_follow(incident=incident, by=by, at=at, **({"first_sent_at": None} if never_sent else {}))
    return assignment


def unit_reassign(
    *, assignment: Assignment, unit: Unit, reason: str, by: Actor, at: datetime, **chosen: Any
) -> Assignment:
    """Send ``unit`` in place of the one assigned, which is free again. Returns the new assignment."""
    require(by, "dispatch.send")
    command_check(unit, by=by)
    try:
        with transaction.atomic():
            part = assignment.part
            assignment_end(assignment, "reassigned", _reason(reason), by=by, at=at)
            _tell(events.ASSIGNMENT_REASSIGNED, assignment, by=by, at=at, replaced_by=unit.call_sign)
            return assignment_open(
                incident=assignment.incident, unit=unit, by=by, at=at, part=part, **{"reason": reason, **chosen}
            )
    except UnitNotAvailable as refusal:
        row_reread(assignment)
        instead = alternative_to(unit, incident=assignment.incident, by=by, at=at)
        raise (refusal.with_alternative(*instead) if instead else refusal) from None


@transaction.atomic
def support_request(
    *, assignment: Assignment, by: Actor, at: datetime, units: int = 1, capabilities: tuple[str, ...] = ()
) -> None:
    """The unit asks for help; the desk sees it and sends, with what was asked for in mind."""
    _own(assignment, by)
    _tell(events.SUPPORT_REQUESTED, assignment, by=by, at=at, units=max(1, units), capabilities=sorted(capabilities))


def unit_free(*, unit: Unit, reason: str, by: Actor, at: datetime, unit_to: str = "available") -> bool:
    """Release a unit from whatever it is assigned to (it was rung up, it is at the gate …).

    A unit already there has finished, one on its way is called off. False when it was free.
    """
    assignment = Assignment.objects.select_related("unit", "incident").filter(unit=unit, state__in=ACTIVE).first()
    if assignment is None:
        return unit_release(unit=unit, by=by, at=at, to=unit_to)
    if assignment.state == "arrived":
        assignment_finish(assignment=assignment, by=by, at=at, unit_to=unit_to)
    else:
        assignment_cancel(assignment=assignment, reason=reason, by=by, at=at, unit_to=unit_to)
    return True


def _own(assignment: Assignment, by: Actor) -> None:
    """Only the unit itself, or a desk in whose reach it is, presses its buttons."""
    if not may_press_for(by, assignment.unit):
        raise NotFound
    if by.kind not in ("system", "unit"):
        require(by, "dispatch.step")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:200]


def _move(assignment: Assignment, to: str, *, at: datetime, **changes: Any) -> None:
    unit, incident = assignment.unit, assignment.incident
    incident_hold(incident)
    ASSIGNMENT.move(assignment, to, at=at, subject=f"{unit.call_sign} → {incident.number}", **changes)


def assignment_end(
    assignment: Assignment, to: str, reason: str, *, by: Actor, at: datetime, unit_to: str = "available"
) -> None:
    """An assignment ends before its work is done: the unit is freed, a town room's order waits again."""
    _move(assignment, to, at=at, ended_at=at, end_reason=reason)
    unit_release(unit=assignment.unit, by=by, at=at, to=unit_to, incident_id=assignment.incident_id)
    checkin_stop(assignment=assignment, by=by, at=at)
    order_team_lost(assignment, by=by, at=at)
