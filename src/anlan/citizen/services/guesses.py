"""Wrong codes are counted, and whoever tries too often waits."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from anlan.citizen import events
from anlan.citizen.models import GuessCount
from anlan.citizen.rules import (
    CODE_FIRST,
    CODE_FREE,
    CODE_LONGEST,
    FORGOTTEN_AFTER,
    FROM_FIRST,
    FROM_FREE,
    FROM_LONGEST,
    wait_after,
)
from anlan.citizen.selectors import guess_keys
from anlan.core.actor import Actor
from anlan.core.services import event_record

_LIMITS = {
    "code": {"free": CODE_FREE, "first": CODE_FIRST, "longest": CODE_LONGEST},
    "from": {"free": FROM_FREE, "first": FROM_FIRST, "longest": FROM_LONGEST},
}


@transaction.atomic
def guess_failed(*, code: str, address: str, by: Actor, at: datetime) -> list[GuessCount]:
    """Count a wrong try against the code and against the address it came from; returns both counts.

    The event carries neither. What lies a day back is forgotten.
    """
    GuessCount.objects.filter(failed_at__lt=at - FORGOTTEN_AFTER).delete()
    rows = [_counted(kind, key, at) for kind, key in sorted(guess_keys(code, address).items())]
    for row in rows:
        event_record(events.GUESSED_WRONG, subject=row, by=by, at=at, failures=row.failures)
    return rows


def _counted(kind: str, key: str, at: datetime) -> GuessCount:
    row, _ = GuessCount.objects.get_or_create(key=key, defaults={"failed_at": at})
    GuessCount.objects.filter(pk=row.pk).update(failures=F("failures") + 1, failed_at=at)
    row.refresh_from_db()
    if wait := wait_after(row.failures, **_LIMITS[kind]):  # type: ignore[arg-type]
        GuessCount.objects.filter(pk=row.pk).update(locked_until=at + wait)
        row.refresh_from_db()
    return row
