"""Photos and voice notes from the spot: taken in, kept with their matter, and gone with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import transaction
from django.db.models import Q

from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.files import ContentGone, content_open, content_put
from anlan.core.permissions import require
from anlan.core.retention import deletion_certify
from anlan.core.services import event_record, view_log
from anlan.dispatch import events
from anlan.dispatch.errors import AttachmentsFull, AttachmentTooLate, MediaTooLarge
from anlan.dispatch.media_photo import PHOTO_MAX_BYTES, photo_clean
from anlan.dispatch.media_voice import VOICE_MAX_BYTES, voice_clean
from anlan.dispatch.models import Assignment, FieldAttachment
from anlan.dispatch.rules import ACTIVE, ATTACHMENTS_AT_MOST, ATTACHMENTS_KEPT_AT_MOST, ATTACHMENTS_TAKEN_FOR
from anlan.dispatch.services.following import incident_hold, owners
from anlan.intake.models import Incident
from anlan.intake.selectors import OPEN_STATES
from anlan.units.selectors import may_press_for

ERASED_AT_ONCE = 500
CLEANERS = {"photo": photo_clean, "voice": voice_clean}
BYTES_AT_MOST = {"photo": PHOTO_MAX_BYTES, "voice": VOICE_MAX_BYTES}


@dataclass(frozen=True, slots=True)
class Content:
    """A content that was cleaned and lies on stable storage; no row names it yet."""

    kind: str
    media_type: str
    sha256: str
    size_bytes: int
    duration_s: float | None


def attachment_expect(*, assignment: Assignment, by: Actor, at: datetime) -> None:
    """Refuse, before anything is unpacked, what ``attachment_add`` would refuse anyway.

    Raises ``NotFound`` for another unit's assignment, ``AttachmentTooLate`` and ``AttachmentsFull``.
    """
    if by.kind not in ("system", "unit"):
        require(by, "dispatch.attachment_add")
    if not may_press_for(by, assignment.unit):
        raise NotFound
    unit, incident = assignment.unit, assignment.incident
    off_since = None if assignment.state in ACTIVE else assignment.finished_at or assignment.ended_at
    if incident.erased_at is not None or (off_since is not None and at - off_since > ATTACHMENTS_TAKEN_FOR):
        raise AttachmentTooLate(
            call_sign=unit.call_sign,
            incident=incident.number,
            since=off_since or incident.state_since,
            hours=int(ATTACHMENTS_TAKEN_FOR.total_seconds() // 3600),
        )
    sent = FieldAttachment.objects.filter(assignment=assignment)
    if (count := sent.count()) >= ATTACHMENTS_AT_MOST:
        last = sent.latest("received_at").received_at
        raise AttachmentsFull(call_sign=unit.call_sign, incident=incident.number, count=count, since=last)


def content_prepare(*, kind: str, raw: bytes) -> Content:
    """Clean what a phone sent and put it on stable storage; slow, so outside of any transaction.

    Raises ``MediaTooLarge``, ``MediaUnreadable``, ``StorageShort``.
    """
    if kind not in CLEANERS:
        raise BadInput(field="kind", problem=kind)
    if len(raw) > (limit := BYTES_AT_MOST[kind]):
        raise MediaTooLarge(size=f"{len(raw) / 1024**2:.1f} MB", limit=f"{limit / 1024**2:.1f} MB")
    clean = CLEANERS[kind](raw)
    digest = content_put(clean.data)
    return Content(kind, clean.media_type, digest, len(clean.data), clean.duration_s)


@transaction.atomic
def attachment_add(
    *, assignment: Assignment, content: Content, taken_at: datetime | None = None, by: Actor, at: datetime
) -> FieldAttachment:
    """Put a prepared content on the record of the unit's assignment. ``taken_at`` is the phone's own clock."""
    incident = assignment.incident
    incident_hold(incident)
    attachment_expect(assignment=assignment, by=by, at=at)
    return _put(incident, assignment, content, taken_at, by=by, at=at)


@transaction.atomic
def visit_attachment_add(
    *, incident: Incident, content: Content, taken_at: datetime | None = None, by: Actor, at: datetime
) -> FieldAttachment:
    """Put a prepared content from a later visit on the record of the matter; who may visit, the caller has checked.

    Raises ``AttachmentTooLate`` once the matter's words are erased, ``AttachmentsFull``.
    """
    require(by, "dispatch.attachment_add")
    incident_hold(incident)
    visit_attachment_expect(incident=incident, by=by)
    return _put(incident, None, content, taken_at, by=by, at=at)


def visit_attachment_expect(*, incident: Incident, by: Actor) -> None:
    """Refuse, before anything is unpacked, what ``visit_attachment_add`` would refuse anyway."""
    require(by, "dispatch.attachment_add")
    if incident.erased_at is not None:
        raise AttachmentTooLate(call_sign=by.name, incident=incident.number, since=incident.erased_at, hours=0)
    sent = FieldAttachment.objects.filter(incident=incident, assignment=None)
    if (count := sent.count()) >= ATTACHMENTS_AT_MOST:
        last = sent.latest("received_at").received_at
        raise AttachmentsFull(call_sign=by.name, incident=incident.number, count=count, since=last)


def _put(
    incident: Incident,
    assignment: Assignment | None,
    content: Content,
    taken_at: datetime | None,
    *,
    by: Actor,
    at: datetime,
) -> FieldAttachment:
    unit = assignment.unit if assignment is not None else None
    row: FieldAttachment = FieldAttachment.objects.create(
        incident=incident,
        assignment=assignment,
        kind=content.kind,
        media_type=content.media_type,
        sha256=content.sha256,
        size_bytes=content.size_bytes,
        duration_s=content.duration_s,
        taken_at=taken_at,
        received_at=at,
        received_from=by.id if by.kind == "person" else None,
        expires_at=at + ATTACHMENTS_KEPT_AT_MOST,
    )
    event_record(
        events.FIELD_ATTACHMENT_ADDED,
        subject=row,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident, unit.organisation_id if unit is not None else by.org_id),
        unit=unit.call_sign if unit is not None else "",
        unit_id=unit.pk if unit is not None else None,
        incident=incident.number,
        media=content.kind,
        size_bytes=content.size_bytes,
        taken_at=taken_at.isoformat() if taken_at else None,
    )
    return row


def attachment_show(*, attachment: FieldAttachment, by: Actor, at: datetime) -> BinaryIO:
    """The content, for somebody who may see it; the look is logged before anything is shown."""
    require(by, "dispatch.attachment_view")
    found = content_open(attachment.sha256) if attachment.sha256 else None
    if found is None:
        raise NotFound if attachment.erased_at else ContentGone(what=str(attachment), since=attachment.received_at)
    view_log(by=by, at=at, purpose="field_attachment", target=attachment, incident_id=attachment.incident_id)
    return found


@transaction.atomic
def attachments_erase(*, at: datetime, by: Actor = SYSTEM, limit: int = ERASED_AT_ONCE) -> int:
    """Let go of contents whose matter's words were erased or whose own longest term is over; returns how many.

    An open matter keeps its own. The files themselves go with the next sweep of orphans.
    """
    over = Q(incident__erased_at__isnull=False) | Q(expires_at__lte=at) & ~Q(incident__state__in=OPEN_STATES)
    rows = list(FieldAttachment.objects.filter(over, erased_at=None).values_list("pk", "incident_id")[:limit])
    FieldAttachment.objects.filter(pk__in=[pk for pk, _incident in rows]).update(sha256="", erased_at=at)
    for incident in Incident.objects.filter(pk__in={of for _pk, of in rows}).order_by("pk"):
        event_record(
            events.FIELD_ATTACHMENTS_ERASED,
            subject=incident,
            by=by,
            at=at,
            incident_id=incident.pk,
            org_ids=owners(incident),
            incident=incident.number,
            count=sum(of == incident.pk for _pk, of in rows),
        )
    ids = [pk for pk, _incident in rows]
    deletion_certify(rule="matter_term", model=FieldAttachment, columns=("sha256",), ids=ids, by=by, at=at)
    return len(rows)
