"""The words of mediation go with the words of their file."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from anlan.core.actor import SYSTEM, Actor
from anlan.core.retention import deletion_certify
from anlan.disputes import events
from anlan.disputes.mediation_models import Agreement, Obligation, Session, SessionMinutes
from anlan.disputes.models import DisputeFile
from anlan.disputes.services.parts import tell

ERASED_AT_ONCE = 200


@transaction.atomic
def mediation_words_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = ERASED_AT_ONCE) -> int:
    """Erase minutes, facts, terms and promises of files whose words were erased; returns how many files.

    What stays: roles, codes, amounts, days and states.
    """
    words = Q(agreements__erased_at=None, agreements__isnull=False) | Q(
        sessions__minutes__erased_at=None, sessions__minutes__isnull=False
    )
    due = DisputeFile.objects.filter(words, erased_at__isnull=False).distinct().order_by("pk")[:limit]
    files = list(due)
    for file in files:
        SessionMinutes.objects.filter(session__file=file).update(text="", erased_at=at)
        Agreement.objects.filter(file=file).update(facts="", terms="", erased_at=at)
        Session.objects.filter(file=file).update(reason="")
        for row in Obligation.objects.filter(file=file):
            # A promise that had no day keeps that it had a condition, not which.
            kept = "–" if row.due_on is None else ""
            Obligation.objects.filter(pk=row.pk).update(what="", condition=kept, note="")
        tell(events.MEDIATION_WORDS_ERASED, file, by=by, at=at)
    told = ("minutes.text", "agreement.facts", "agreement.terms", "session.reason", "obligation.what")
    ids = [file.pk for file in files]
    deletion_certify(rule="matter_term", model=DisputeFile, columns=told, ids=ids, by=by, at=at)
    return len(files)
