"""Citizens' words go with the words of their matter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.citizen import events
from anlan.citizen.models import CitizenRequest, RatingInvite
from anlan.core.actor import SYSTEM, Actor
from anlan.core.retention import deletion_certify
from anlan.core.services import event_record

AT_ONCE = 500


@transaction.atomic
def words_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = AT_ONCE) -> int:
    """Empty words and answers of matters whose own words are erased; ratings and times stay."""
    erased = 0
    for model, empty in (
        (CitizenRequest, {"text": "", "answer": ""}),
        (RatingInvite, {"note": ""}),
    ):
        rows = list(model.objects.filter(erased_at=None, incident__erased_at__isnull=False)[: limit - erased])
        ids = [row.pk for row in rows]
        model.objects.filter(pk__in=ids).update(erased_at=at, **empty)
        deletion_certify(rule="matter_term", model=model, columns=tuple(empty), ids=ids, by=by, at=at)
        for row in rows:
            event_record(events.WORDS_ERASED, subject=row, by=by, at=at, incident_id=row.incident_id)
        erased += len(rows)
    return erased
