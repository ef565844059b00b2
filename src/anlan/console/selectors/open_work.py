"""What waits for somebody: incidents nobody was sent to, sheets not yet closed. Boards and wall ask alike."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from anlan.console.selectors.queue import open_incidents
from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.dispatch.rules import ORDER_DONE
from anlan.intake.models import Incident

# Spelt out for the partial index, as in the queue.
SHEET_IS_OPEN = 'NOT ("dispatch_assignment"."state" = \'closed\')'


def unsent(actor: Actor) -> QuerySet[Incident]:
    """Open ones, without those a town room has taken on."""
    with_room = WorkOrder.objects.filter(incident_id=OuterRef("pk")).exclude(state__in=ORDER_DONE)
    return open_incidents(actor).filter(~Exists(with_room), state="open")


def open_sheets(actor: Actor) -> QuerySet[Assignment]:
    """Assignments not yet closed, with unit and incident but without what the caller said."""
    rows: QuerySet[Assignment] = Assignment.objects.counted_for(actor).extra(where=[SHEET_IS_OPEN])
    return rows.select_related("unit", "incident").defer("incident__narrative")
