"""What a town platform tells us: checked, taken once, in the order it happened there, or parked with its reason."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import category

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_ids_beneath
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, DomainError, NotFound
from anlan.core.models import QuarantinedRow
from anlan.core.services import event_record, row_quarantine
from anlan.integrations import events
from anlan.integrations.models import PlatformEvent
from anlan.integrations.town_platform.port import STATES
from anlan.integrations.town_platform.signing import PlatformKey
from anlan.integrations.town_platform.steps import Matter, matter_of, matter_step

BODY_MAX = 16 * 1024
AHEAD = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No town platform is older: what says so has its clock or its fields wrong."""


class ToldDifferently(DomainError):
    """The same id must mean the same change."""

    code = "told_differently"
    message = _("Change {id} was told at {since:%Y-%m-%d %H:%M:%S} with other words. A new change needs a new id.")


@dataclass(frozen=True, slots=True)
class Told:
    """One change as the platform told it, read and checked."""

    id: str
    matter: str
    state: str
    at: datetime
    to: str
    result: str
    reason: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: the row, and whether it had come before."""

    row: PlatformEvent
    repeated: bool

    def as_json(self) -> dict[str, Any]:
        """The answer to the platform."""
        return {"id": self.row.external_id, "outcome": self.row.outcome, "repeated": self.repeated}


def told_read(body: bytes, *, at: datetime) -> Told:
    """The body as a change. Raises ``BadInput`` naming the first thing that can't be read."""
    if len(body) > BODY_MAX:
        raise BadInput(field="body", problem=f"{len(body)} > {BODY_MAX} bytes")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput(field="body", problem="JSON") from None
    if not isinstance(data, dict):
        raise BadInput(field="body", problem="{…}")
    words = {name: _word(data, name, longest) for name, longest in _LONGEST.items()}
    for name in ("id", "matter", "state", "at"):
        if not words[name]:
            raise BadInput(field=name, problem="–")
    if words["state"] not in STATES:
        raise BadInput(field="state", problem=words["state"])
    said_at = _moment(words["at"])
    if said_at is None or not EARLIEST <= said_at <= at + AHEAD:
        raise BadInput(field="at", problem=words["at"])
    return Told(
        id=words["id"],
        matter=words["matter"],
        state=words["state"],
        at=said_at,
        to=words["to"],
        result=words["result"],
        reason=words["reason"],
        sha256=hashlib.sha256(body).hexdigest(),
    )


def _moment(text: str) -> datetime | None:
    """The moment in UTC; None for what is none, for one without a zone, and for one no calendar holds in UTC."""
    try:
        said = parse_datetime(text)
        return None if said is None or said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_LONGEST = {"id": 64, "matter": 24, "state": 12, "at": 40, "to": 64, "result": 24, "reason": 200}


def _word(data: dict[str, Any], name: str, longest: int) -> str:
    value = data.get(name, "")
    value = "" if value is None else value
    if not isinstance(value, str) or len(value) > longest or any(category(sign) in ("Cc", "Cs") for sign in value):
        raise BadInput(field=name, problem=f"{type(value).__name__}, {longest}")
    return value.strip()


def platform_take(*, key: PlatformKey, body: bytes, at: datetime) -> Taken:
    """Take one change; told ten times it counts once. What can't be taken is parked with its reason and refused.

    A change older than the last one taken of the matter came late and changes nothing. Raises ``BadInput``,
    ``ToldDifferently``, ``NotFound`` for a matter of somebody else, or the refusal of the step itself; the
    platform may send the same again once what stood in its way is gone.
    """
    told: Told | None = None
    try:
        told = told_read(body, at=at)
        return _take(key, told, at)
    except DomainError as refusal:
        _park(key, told, body, refusal, at)
        raise


@transaction.atomic
def _take(key: PlatformKey, told: Told, at: datetime) -> Taken:
    if (before := _before(key, told)) is not None:
        return before
    by = actor_of_key(key)
    matter = matter_of(told.matter, by)
    matter.hold()
    # Somebody who sent it at the same instant may have been let in first.
    if (before := _before(key, told)) is not None:
        return before
    outcome = "late" if _is_late(told) else matter_step(matter, told, by=by, at=at)
    row = PlatformEvent.objects.create(
        key_name=key.name,
        external_id=told.id,
        body_sha256=told.sha256,
        matter=told.matter,
        state=told.state,
        said_at=told.at,
        received_at=at,
        outcome=outcome,
    )
    _tell(row, matter, by=by, at=at)
    return Taken(row, repeated=False)


def _before(key: PlatformKey, told: Told) -> Taken | None:
    """The same change as it was taken before. Raises ``ToldDifferently`` where that had other words."""
    row = PlatformEvent.objects.filter(key_name=key.name, external_id=told.id).first()
    if row is not None and row.body_sha256 != told.sha256:
        raise ToldDifferently(id=told.id, since=row.received_at)
    return None if row is None else Taken(row, repeated=True)


def _is_late(told: Told) -> bool:
    """Whether something that happened later there was told before."""
    rows = PlatformEvent.objects.filter(matter=told.matter, said_at__gt=told.at)
    return rows.exclude(outcome="late").exists()


def actor_of_key(key: PlatformKey) -> Actor:
    """The platform as an actor: what a town room's operator may do, in that organisation only."""
    organisation = Organisation.objects.filter(code=key.organisation, is_active=True).first()
    if organisation is None:
        raise NotFound
    return Actor(
        kind="platform",
        name=key.name,
        org_id=organisation.pk,
        org_ids=organisation_ids_beneath(organisation),
        roles=frozenset({"town_operator"}),
    )


def _tell(row: PlatformEvent, matter: Matter, *, by: Actor, at: datetime) -> None:
    event_record(
        events.PLATFORM_TOLD_US,
        subject=row,
        by=by,
        at=at,
        incident_id=matter.incident_id,
        org_ids=[by.org_id, *matter.org_ids],
        key=row.key_name,
        matter=row.matter,
        state=row.state,
        state_name=STATES[row.state],
        outcome=row.outcome,
    )


def _park(key: PlatformKey, told: Told | None, body: bytes, refusal: DomainError, at: datetime) -> None:
    """Keep what was refused, once for each change however often it is sent."""
    digest = hashlib.sha256(body).hexdigest()
    source = f"platform {key.name} {told.id if told is not None else digest[:24]}"
    if QuarantinedRow.objects.filter(source=source, code=refusal.code, status=QuarantinedRow.Status.OPEN).exists():
        return
    raw = body[:BODY_MAX].decode("utf-8", "backslashreplace").replace("\x00", "␀")
    row_quarantine(
        source=source,
        raw=raw,
        code=refusal.code,
        reason_zh=refusal.detail("zh-hans"),
        reason_en=refusal.detail("en"),
        at=at,
    )
