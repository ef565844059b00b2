"""The end of keeping in this room: what was written about a matter goes with the matter's own words."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Model, Q

from anlan.core.actor import SYSTEM, Actor
from anlan.core.retention import deletion_certify
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.models import Assignment, CheckIn, Feedback, HandoverNote, Revisit, WorkOrder
from anlan.dispatch.rules import UNDO
from anlan.intake.models import Incident

ERASED_AT_ONCE = 500
WORDS: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Feedback, ("narrative", "review_note")),
    (Assignment, ("reason", "end_reason")),
    (WorkOrder, ("bounce_reason", "escalate_reason")),
    (Revisit, ("note",)),
    (CheckIn, ("reason", "end_reason")),
    (HandoverNote, ("note",)),
)
# A mark and no words: figures tell sendings taken back at once by it.
KEPT = {"end_reason": UNDO}


@transaction.atomic
def words_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = ERASED_AT_ONCE) -> int:
    """Erase what was written about incidents whose own words were erased; returns how many incidents.

    One event for each, which names nothing of the content. Nothing is done where nothing is left.
    """
    found: set[int] = set()
    for model, columns in WORDS:
        rows = model._default_manager.filter(_said(columns), incident__erased_at__isnull=False)
        found.update(rows.values_list("incident_id", flat=True)[:limit])
    ids = sorted(found)[:limit]
    for model, columns in WORDS:
        for column in columns:
            rows = model._default_manager.filter(incident__in=ids)
            rows.exclude(**{column: KEPT.get(column, "")}).update(**{column: ""})
    told = [f"{model._meta.model_name}.{column}" for model, columns in WORDS for column in columns]
    deletion_certify(rule="matter_term", model=Incident, columns=told, ids=ids, by=by, at=at)
    for incident in Incident.objects.filter(pk__in=ids).order_by("pk"):
        event_record(
            events.WORDS_ERASED,
            subject=incident,
            by=by,
            at=at,
            incident_id=incident.pk,
            org_ids=(incident.station_id, incident.town_room_id, incident.holder_id),
            number=incident.number,
        )
    return len(ids)


def _said(columns: tuple[str, ...]) -> Q:
    """Rows in which one of the columns holds words."""
    return reduce(or_, (~Q(**{f"{column}__in": ["", KEPT.get(column, "")]}) for column in columns))
