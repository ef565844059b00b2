"""Single rows and short lists of this room, scoped to who asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.dispatch.models import Assignment, CheckIn, Feedback, FieldAttachment, Revisit, WorkOrder
from anlan.dispatch.rules import ACTIVE, ORDER_DONE
from anlan.intake.models import Incident
from anlan.units.selectors import units_crewed_by


def assignment_for(actor: Actor, assignment_id: int) -> Assignment:
    """The assignment, or ``NotFound``: those in the actor's reach, and of the unit they are on."""
    row: Assignment = _within_or_crewed(
        Assignment.objects.select_related("unit", "incident"), "unit_id", actor, assignment_id
    )
    return row


def _within_or_crewed(rows: Any, unit: str, actor: Actor, key: int) -> Any:
    """The row in the actor's reach, or of the unit they are on; else ``NotFound``, or that a rule shuts it.

    As many questions about somebody else's row as about none: the time an answer takes tells nothing either.
    """
    row = rows.visible_to(actor).filter(pk=key).first()
    if row is None:
        row = rows.filter(pk=key, **{f"{unit}__in": units_crewed_by(actor)}).first()
    if row is None:
        rows.refuse_shut(actor, pk=key)
        raise NotFound
    return row


def assignments_of(incident_id: int) -> list[Assignment]:
    """Everybody ever sent to the incident, oldest first, units with them. One query."""
    return list(Assignment.objects.filter(incident_id=incident_id).select_related("unit"))


def assignment_active_of_unit(unit_id: int) -> Assignment | None:
    """What the unit is on now, incident with it."""
    found: Assignment | None = (
        Assignment.objects.filter(unit_id=unit_id, state__in=ACTIVE).select_related("unit", "incident").first()
    )
    return found


def order_for(actor: Actor, order_id: int) -> WorkOrder:
    """The work order, or ``NotFound``."""
    row: WorkOrder = WorkOrder.objects.select_related("incident", "town_room").one_for(actor, pk=order_id)
    return row


def order_open_of(incident: Incident) -> WorkOrder | None:
    """The order a town room is working on for the incident, or None."""
    rows = WorkOrder.objects.filter(incident=incident).exclude(state__in=ORDER_DONE)
    return rows.select_related("town_room").first()


def feedback_for(actor: Actor, feedback_id: int) -> Feedback:
    """The feedback sheet, or ``NotFound``."""
    row: Feedback = Feedback.objects.select_related("incident", "assignment").one_for(actor, pk=feedback_id)
    return row


def revisit_for(actor: Actor, revisit_id: int) -> Revisit:
    """The revisit, or ``NotFound``."""
    row: Revisit = Revisit.objects.select_related("incident").one_for(actor, pk=revisit_id)
    return row


def attachment_for(actor: Actor, attachment_id: int) -> FieldAttachment:
    """A photo or voice note from the spot, or ``NotFound``: those in the actor's reach, and their own unit's."""
    rows = FieldAttachment.objects.select_related("assignment__unit")
    row: FieldAttachment = _within_or_crewed(rows, "assignment__unit_id", actor, attachment_id)
    return row


def attachments_of(incident_id: int) -> list[FieldAttachment]:
    """Everything sent from the spot of the incident, oldest first; what was erased is among it, without content."""
    rows = FieldAttachment.objects.filter(incident_id=incident_id)
    return list(rows.select_related("assignment__unit"))


def contents_named(digests: Collection[str]) -> set[str]:
    """Which of the digests a row names."""
    rows = FieldAttachment.objects.filter(sha256__in=digests)
    return set(rows.values_list("sha256", flat=True))


def checkins_of(incident_id: int) -> list[CheckIn]:
    """The timers that ran at the incident, oldest first."""
    return list(CheckIn.objects.filter(incident_id=incident_id).select_related("unit").order_by("pk"))


def checkin_for(actor: Actor, checkin_id: int) -> CheckIn:
    """A check-in timer, or ``NotFound``: those in the actor's reach, and of the unit they are on."""
    row: CheckIn = _within_or_crewed(CheckIn.objects.select_related("unit", "incident"), "unit_id", actor, checkin_id)
    return row


def timers_by_unit(unit_ids: Iterable[int]) -> dict[int, CheckIn]:
    """The check-in timers that run, by unit. One query."""
    rows = CheckIn.objects.filter(unit_id__in=list(unit_ids)).exclude(state="ended")
    return {row.unit_id: row for row in rows}
