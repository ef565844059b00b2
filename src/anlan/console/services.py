"""Changes in this room: a past hour is opened for a purpose, on the record."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.console import events
from anlan.console.errors import ReplayNotPast, ReplayPurposeMissing
from anlan.console.rules import REPLAY_HOURS, REPLAY_PURPOSES
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.models import ViewLog
from anlan.core.permissions import require
from anlan.core.services import event_record, view_log
from anlan.intake.models import Incident


@transaction.atomic
def replay_open(
    *,
    start: datetime,
    hours: int,
    purpose: str,
    words: str,
    by: Actor,
    at: datetime,
    incident: Incident | None = None,
) -> ViewLog:
    """Open ``hours`` of the past from ``start`` for a ``purpose`` of the closed list, told in ``words`` too.

    The look is logged before anything is shown; from a matter's page it stands in that matter's timeline.
    Raises ``ReplayPurposeMissing``, ``ReplayNotPast``, or ``BadInput`` for a length nobody offers.
    """
    require(by, "console.replay")
    if purpose not in REPLAY_PURPOSES or len(words.strip()) < 2:
        raise ReplayPurposeMissing
    if start >= at:
        raise ReplayNotPast(moment=start)
    if hours not in REPLAY_HOURS:
        raise BadInput(field="hours", problem=str(hours))
    centre = Organisation.objects.filter(pk=by.org_id or 0).first() or Organisation.objects.order_by("path").first()
    if centre is None:
        raise NotFound
    looked = view_log(
        by=by,
        at=at,
        purpose=f"replay:{purpose}",
        target=centre,
        incident_id=incident.pk if incident else None,
        note=words.strip(),
    )
    matter = (incident.station_id, incident.town_room_id, incident.holder_id) if incident else ()
    event_record(
        events.REPLAY_OPENED,
        subject=looked,
        by=by,
        at=at,
        incident_id=incident.pk if incident else None,
        org_ids=(by.org_id, *matter),
        purpose=purpose,
        from_at=start.isoformat(),
        until_at=(start + timedelta(hours=hours)).isoformat(),
        incident=incident.number if incident else None,
    )
    return looked
