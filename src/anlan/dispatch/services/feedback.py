"""What came of it is filed by who was there, reviewed by the station room, and the incident closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import permitted, require
from anlan.core.row_changes import row_change, row_reread, rows_read
from anlan.core.rows import row_insert
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.errors import (
    FeedbackAlreadyReviewed,
    FeedbackMissing,
    FeedbackNotDue,
    OrderOpen,
    ReasonMissing,
    UnitsStillThere,
)
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.dispatch.rules import ACTIVE, LOSS_BANDS, ORDER_DONE, PRIORITIES, RESULT_CODES, WORK_ORDER
from anlan.dispatch.services.following import incident_bring, incident_follow, incident_hold, matter_ids, owners
from anlan.dispatch.services.revisits import revisit_draw
from anlan.intake.models import Incident
from anlan.intake.selectors import incident_root
from anlan.intake.services import incident_code_correct, incident_tags_confirm
from anlan.units.selectors import may_press_for

Tags = Mapping[str, str | Sequence[str]]


@transaction.atomic
def feedback_file(
    *,
    incident: Incident,
    result: str,
    by: Actor,
    at: datetime,
    assignment: Assignment | None = None,
    code: str = "",
    priority: str = "",
    tags: Tags | None = None,
    **details: Any,
) -> Feedback:
    """File what came of it (反馈单): result, confirmed type and priority, and the confirmed ``tags``.

    ``details`` are columns of the sheet: ``occurred_from, occurred_to, injuries, loss_band, people_helped,
    transferred_to, case_number, narrative``. One sheet speaks for all units of its track that have
    finished there; without ``assignment`` for that of the first. A sheet corrected after review is a new
    row, the old one stays.

    Raises ``FeedbackNotDue`` when nobody has finished, ``BadInput`` for a code outside its list.
    """
    require(by, "dispatch.feedback")
    _check(result, priority, details)
    incident = incident_root(incident)
    incident_hold(incident)
    spoken_for = _finished(incident, assignment)
    if not any(may_press_for(by, row.unit) for row in spoken_for) and not permitted(by, "dispatch.review"):
        raise NotFound
    filed = Feedback(
        incident=incident,
        assignment=assignment or spoken_for[0],
        code=code or incident.code,
        priority=priority or incident.priority,
        result=result,
        filed_at=at,
        filed_by=by.id if by.kind == "person" else None,
        **details,
    )
    row_insert(filed)
    done = {"state": "feedback_done", "state_since": at, "feedback_at": at, "sheet_id": filed.pk}
    for row in spoken_for:
        row_change(row, done, where={"state": "finished"})
    sheet = {"result": result, "code": filed.code, "priority": filed.priority}
    tell(events.FEEDBACK_FILED, filed, by=by, at=at, schema=2, assignments=[row.pk for row in spoken_for], **sheet)
    incident_code_correct(incident=incident, code=filed.code, by=by, at=at, is_confirmed=True)
    _confirm(incident, tags or {}, by=by, at=at)
    incident_follow(incident=incident, by=by, at=at)
    return filed


def _check(result: str, priority: str, details: Mapping[str, Any]) -> None:
    for name, value, choices in (
        ("result", result, RESULT_CODES),
        ("priority", priority or PRIORITIES[0], PRIORITIES),
        ("loss_band", details.get("loss_band", ""), LOSS_BANDS),
    ):
        if value not in choices:
            raise BadInput(field=name, problem=str(value))
    start, end = details.get("occurred_from"), details.get("occurred_to")
    if start is not None and end is not None and end < start:
        raise BadInput(field="occurred_to", problem=f"{end.isoformat()} < {start.isoformat()}")


def _finished(incident: Incident, assignment: Assignment | None) -> list[Assignment]:
    """The assignments a sheet speaks for: all that have finished.

    While a town room works on its own order, only those of the track of the one that reports.
    """
    rows = rows_read(Assignment, order=("sent_at", "id"), incident_id=matter_ids(incident), state="finished")
    if assignment is not None:
        rows = [assignment if row.pk == assignment.pk else row for row in rows]
    if assignment is not None:
        if incident_root(assignment.incident).pk != incident.pk:
            raise NotFound
        rows.sort(key=lambda row: row.pk != assignment.pk)
        if not rows or rows[0].pk != assignment.pk:
            raise FeedbackNotDue(incident=incident.number)
    if not rows:
        raise FeedbackNotDue(incident=incident.number)
    if all(order.state in ORDER_DONE for order in rows_read(WorkOrder, incident_id=incident.pk)):
        return rows
    return [row for row in rows if row.unit.track == rows[0].unit.track]


def _confirm(incident: Incident, tags: Tags, *, by: Actor, at: datetime) -> None:
    values = {dimension: [one] if isinstance(one, str) else list(one) for dimension, one in tags.items()}
    if values:
        incident_tags_confirm(incident=incident, values=values, by=by, at=at)


@transaction.atomic
def feedback_review(*, feedback: Feedback, by: Actor, at: datetime, note: str = "") -> Feedback:
    """The station room has read it and agrees."""
    require(by, "dispatch.review")
    _reviewed(feedback, Feedback.Review.AGREED, note, by=by, at=at)
    for row in rows_read(Assignment, sheet_id=feedback.pk, state="feedback_done"):
        row_change(row, {"state": "reviewed", "state_since": at, "reviewed_at": at}, where={"state": "feedback_done"})
    tell(events.FEEDBACK_AGREED, feedback, by=by, at=at, review=feedback.review)
    incident_follow(incident=feedback.incident, by=by, at=at)
    return feedback


@transaction.atomic
def feedback_return(*, feedback: Feedback, reason: str, by: Actor, at: datetime) -> Feedback:
    """The station room sends it back to be corrected, with the reason; feedback is due again."""
    require(by, "dispatch.review")
    if not reason.strip():
        raise ReasonMissing
    _reviewed(feedback, Feedback.Review.RETURNED, reason, by=by, at=at)
    Assignment.objects.filter(sheet=feedback, state="feedback_done").update(state="finished", state_since=at)
    tell(events.FEEDBACK_RETURNED, feedback, by=by, at=at, review=feedback.review)
    incident_follow(incident=feedback.incident, by=by, at=at)
    return feedback


def _reviewed(feedback: Feedback, review: str, note: str, *, by: Actor, at: datetime) -> None:
    incident_hold(feedback.incident)
    columns = {
        "review": review,
        "reviewed_at": at,
        "reviewed_by": by.id if by.kind == "person" else None,
        "review_note": note.strip()[:200],
    }
    won = row_change(feedback, columns, where={"review": Feedback.Review.WAITING.value})
    row_reread(feedback)
    if not won:
        raise FeedbackAlreadyReviewed(since=feedback.reviewed_at, review=Feedback.Review(feedback.review).label)


@transaction.atomic
def incident_close(*, incident: Incident, by: Actor, at: datetime, reason: str = "") -> Incident:
    """The desk closes the incident (终结), and the sampling rule decides whether the caller is revisited.

    Needs agreed feedback, nobody there and no order still with a town room. Without any feedback (settled
    on the telephone, nobody needed) it needs a ``reason``.
    """
    require(by, "dispatch.close")
    incident_hold(incident)
    _refuse_open_ends(incident)
    reviews = {row.review for row in rows_read(Feedback, incident_id=matter_ids(incident))}
    reported = incident.state == "in_review" and Feedback.Review.AGREED in reviews
    if Feedback.Review.WAITING in reviews or not (reported or reason.strip()):
        raise FeedbackMissing(incident=incident.number)
    incident_finally_close(incident, by=by, at=at, has_reason=bool(reason.strip()))
    return incident


def _refuse_open_ends(incident: Incident) -> None:
    matter = matter_ids(incident)
    rows = rows_read(Assignment, order=("sent_at", "id"), incident_id=matter)
    if names := ", ".join(row.unit.call_sign for row in rows if row.state in ACTIVE):
        raise UnitsStillThere(incident=incident.number, units=names)
    orders = rows_read(WorkOrder, incident_id=matter)
    if (waiting := next((row for row in orders if row.state not in ORDER_DONE), None)) is not None:
        raise OrderOpen(
            incident=incident.number,
            room=waiting.town_room.name_shown,
            since=waiting.state_since,
            state=WORK_ORDER.labels[waiting.state],
        )
    if any(row.state == "finished" for row in rows):
        raise FeedbackMissing(incident=incident.number)


def incident_finally_close(incident: Incident, *, by: Actor, at: datetime, has_reason: bool = False) -> None:
    """Close the incident and its reviewed assignments, and draw the revisit; conditions were checked."""
    for row in rows_read(Assignment, incident_id=matter_ids(incident), state="reviewed"):
        row_change(row, {"state": "closed", "state_since": at, "ended_at": at}, where={"state": "reviewed"})
    incident_bring(incident=incident, to="closed", by=by, at=at)
    event_record(
        events.INCIDENT_CLOSED,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident),
        incident=incident.number,
        without_feedback=has_reason,
    )
    revisit_draw(incident=incident, by=by, at=at)


def tell(kind: str, feedback: Feedback, *, by: Actor, at: datetime, schema: int = 1, **data: Any) -> None:
    """Put what happened to a feedback sheet on the record."""
    event_record(
        kind,
        subject=feedback,
        by=by,
        at=at,
        incident_id=feedback.incident_id,
        org_ids=owners(feedback.incident),
        schema=schema,
        incident=feedback.incident.number,
        **data,
    )
