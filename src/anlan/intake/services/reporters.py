"""Who called: shown only for a purpose and on the record, kept only for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.purpose import looking
from anlan.core.retention import deletion_certify
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.errors import ReporterErased
from anlan.intake.models import Call, Reporter
from anlan.intake.parts import chosen
from anlan.intake.rules import REVEAL_PURPOSES

ERASED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ReporterShown:
    """What the caller left, for the one who asked."""

    name: str
    phone: str
    is_confidential: bool


@transaction.atomic
def reporter_reveal(*, call: Call, purpose: str, by: Actor, at: datetime) -> ReporterShown:
    """Show who made a call, for a ``purpose`` of the closed list. The look is logged before it is shown.

    Raises ``NotInList`` without such a purpose and ``ReporterErased`` when nothing is kept (any more).
    """
    chosen("purpose", purpose, REVEAL_PURPOSES)
    rows = Reporter.objects.filter(call=call, expires_at__gt=at)
    row = rows.only("id").first()
    if row is None:
        raise ReporterErased(call=call.number)
    with looking(purpose, by=by, at=at, target=row, incident_id=call.incident_id):
        row = rows.get()
    event_record(
        events.REPORTER_REVEALED,
        subject=call,
        by=by,
        at=at,
        incident_id=call.incident_id,
        org_ids=(call.station_id, by.org_id),
        call=call.number,
        purpose=purpose,
    )
    return ReporterShown(row.name, row.phone, row.is_confidential)


@transaction.atomic
def reporters_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = ERASED_AT_ONCE) -> int:
    """Erase who called where the time for keeping it is over; returns how many were erased.

    Name, phone and salt go together, so that no hash in an event can be matched any more.
    """
    due = Reporter.objects.filter(expires_at__lte=at).select_related("call").order_by("expires_at")
    over = list(due.defer("name", "phone")[:limit])
    for row in over:
        event_record(
            events.REPORTER_ERASED,
            subject=row.call,
            by=by,
            at=at,
            incident_id=row.call.incident_id,
            org_ids=(row.call.station_id,),
            call=row.call.number,
        )
    ids = [row.pk for row in over]
    Reporter.objects.filter(pk__in=ids).delete()
    deletion_certify(rule="reporter_180d", model=Reporter, columns=("name", "phone", "salt"), ids=ids, by=by, at=at)
    return len(over)
