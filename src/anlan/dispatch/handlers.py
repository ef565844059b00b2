"""Reactions to what happens in lower rooms; each may run twice without harm."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import Event, HandlerCursor
from anlan.core.selectors import Cursor, events_after, events_wait
from anlan.dispatch.models import Assignment
from anlan.dispatch.services.following import incident_follow, incident_hold, of_matter
from anlan.intake import events as intake
from anlan.intake.models import Incident

MERGES = {intake.INCIDENT_MERGED, intake.INCIDENT_UNMERGED}
NAME = "dispatch.merges"


def merges_follow(*, at: datetime, limit: int = 500) -> int:
    """Bring incidents to the state their units ask for after a merge or its undoing; returns events read.

    A unit on its way to the duplicate counts for the incident that stands for both, from here on. Stands
    still with ``EventTooNew`` before a merge that a newer edition of the program wrote down.
    """
    if not events_wait(NAME, MERGES):
        return 0
    with transaction.atomic():
        place, _ = HandlerCursor.objects.get_or_create(handler=NAME)
        read = list(events_after(Cursor(place.txid, place.event_id), limit=limit))
        for event in read:
            if event.kind in MERGES:
                _follow(event_must_be_known(event), at=at)
        if read:
            HandlerCursor.objects.filter(pk=place.pk).update(txid=read[-1].txid, event_id=read[-1].pk)
    return len(read)


def _follow(event: Event, *, at: datetime) -> None:
    ids = {event.incident_id, event.data.get("left_id")} - {None}
    for incident in Incident.objects.filter(pk__in=ids).order_by("pk"):
        incident_hold(incident)
        incident_follow(incident=incident, by=SYSTEM, at=at, **_first(incident))


def _first(incident: Incident) -> dict[str, datetime | None]:
    """When somebody was first sent and first there, told by the assignments that count for it now."""
    rows = Assignment.objects.filter(of_matter(incident)).exclude(state="cancelled", end_reason="undo")
    times: dict[str, datetime | None] = {}
    for name, column in (("first_sent_at", "sent_at"), ("first_arrived_at", "arrived_at")):
        seen = rows.filter(**{f"{column}__isnull": False}).order_by(column).values_list(column, flat=True)
        times[name] = seen.first()
    return times
