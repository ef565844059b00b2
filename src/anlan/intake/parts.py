"""Pieces several services of this room share: numbers, rows of an incident, what stands in events."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.purpose import machine_use
from anlan.core.row_changes import row_reread
from anlan.core.rows import row_insert, row_new
from anlan.core.services import keyed_hash, number_next, numbers_next
from anlan.intake.errors import BounceSpent, NotInList, ReasonMissing
from anlan.intake.models import Call, Incident, Reporter, StepReason
from anlan.intake.rules import MAX_BOUNCES, REPORTER_KEPT_FOR

PERSON = "person"
FEED = "integration"


def incident_number(at: datetime) -> str:
    """``261122-00412``: the local day, and the running number within it."""
    day = _day(at)
    return f"{day}-{number_next(f'incident-{day}'):05d}"


def call_number(at: datetime) -> str:
    """``J261122-00412``: calls have a run of their own."""
    day = _day(at)
    return f"J{day}-{number_next(f'call-{day}'):05d}"


def opening_numbers(at: datetime) -> tuple[str, str]:
    """``incident_number`` and ``call_number`` of a call that opens an incident, drawn in one step."""
    day = _day(at)
    incident, call = numbers_next(f"incident-{day}", f"call-{day}")
    return f"{day}-{incident:05d}", f"J{day}-{call:05d}"


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%y%m%d}"


def taker_id(by: Actor) -> int | None:
    """The person at the desk, None for machines, those with an account of their own included."""
    return by.id if by.kind == PERSON and not by.has_role(FEED) else None


def orgs_of(incident: Incident) -> tuple[int | None, ...]:
    """The organisations an incident's events are shown to."""
    return incident.station_id, incident.town_room_id, incident.holder_id, incident.routed_to_id


def reporter_keep(*, call: Call, name: str, phone: str, is_confidential: bool, at: datetime) -> str:
    """Keep who called, apart and for a time; returns the keyed hash that may stand in an event.

    The hash is keyed with a random salt that is erased with the row, so afterwards it can be matched
    with nothing.
    """
    with machine_use("keep"):
        row = Reporter.objects.filter(call=call).first() if call.ringing_at else None
    is_new = row is None
    if row is None:
        row = row_new(Reporter, call_id=call.pk, salt=secrets.token_hex(16), created_at=at)
    row.name, row.phone = name or row.name, phone or row.phone
    row.is_confidential = is_confidential or row.is_confidential
    row.expires_at = at + REPORTER_KEPT_FOR
    if is_new:
        row_insert(row)
    else:
        with machine_use("keep"):  # whoever takes the call may sit beyond the reach of where the line rang
            row.save()
    return keyed_hash(row.salt + row.phone) if row.phone else ""


def bounce_use(incident: Incident) -> None:
    """Use up the one time a matter may be sent back; raises ``BounceSpent`` when it was already."""
    won = Incident.objects.filter(pk=incident.pk, bounces__lt=MAX_BOUNCES).update(bounces=F("bounces") + 1)
    if not won:
        raise BounceSpent(incident=incident.number)
    row_reread(incident)


def chosen(field: str, value: str, choices: Mapping[str, Any]) -> str:
    """``value`` if it is one of ``choices``; else a refusal that names them."""
    if value not in choices:
        raise NotInList(field=field, value=value, choices=", ".join(choices))
    return value


def reason_keep(event: Event, incident: Incident, text: str) -> None:
    """Keep the words of a reason beside the event they explain; events themselves carry no free text."""
    if text:
        StepReason.objects.create(event=event, incident=incident, text=text)


def reasoned(reason: str, *, step: Any) -> str:
    """The reason, trimmed; raises ``ReasonMissing`` for an empty one."""
    if not reason.strip():
        raise ReasonMissing(step=step)
    return reason.strip()[:200]
