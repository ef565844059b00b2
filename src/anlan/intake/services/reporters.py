"""Who called: shown only for a purpose and on the record, kept only for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.services import event_record, view_log
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
    row = Reporter.objects.filter(call=call, expires_at__gt=at).first()
    if row is None:
        raise ReporterErased(call=call.number)
    view_log(by=by, at=at, purpose=purpose, target=row, incident_id=call.incident_id)
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
    over = list(Reporter.objects.filter(expires_at__lte=at).select_related("call").order_by("expires_at")[:limit])
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
    Reporter.objects.filter(pk__in=[row.pk for row in over]).delete()
    return len(over)
