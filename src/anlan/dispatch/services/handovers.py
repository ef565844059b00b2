"""A desk is handed over: notes written, signed off by who leaves, read and taken by who comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.duty_models import Handover, HandoverNote
from anlan.dispatch.duty_rules import HANDOVER, NOTE_CHARS
from anlan.dispatch.errors import HandoverNeedsTwo, HandoverSigned, NoteTooLong
from anlan.dispatch.selectors.handover import Standing, standing
from anlan.dispatch.services.following import owners
from anlan.intake.models import Incident
from anlan.units.services import duty_leave, duty_take


@transaction.atomic
def handover_open(*, organisation: Organisation, by: Actor, at: datetime) -> Handover:
    """Begin to write the handover of a desk; the one being written is given back if there is one."""
    require(by, "dispatch.handover")
    if not (by.sees_all or organisation.pk in by.org_ids):
        raise NotFound
    open_one = Handover.objects.filter(organisation=organisation).exclude(state="taken")
    found: Handover | None = open_one.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            row: Handover = Handover.objects.create(organisation=organisation, state_since=at, opened_at=at)
    except IntegrityError:
        raced: Handover = open_one.get()
        return raced
    _tell(events.HANDOVER_OPENED, row, by=by, at=at)
    return row


@transaction.atomic
def handover_note(*, handover: Handover, incident: Incident, note: str, by: Actor, at: datetime) -> HandoverNote:
    """What the next shift must know about an incident, at most 500 characters; nothing takes the note back.

    The incident is one ``by`` may see. Raises ``NoteTooLong``, or ``HandoverSigned`` when it was signed off.
    """
    require(by, "dispatch.handover")
    said = note.strip()
    if len(said) > NOTE_CHARS:
        raise NoteTooLong(length=len(said), most=NOTE_CHARS)
    handover.refresh_from_db(fields=["state", "state_since"])
    if handover.state != "open":
        raise HandoverSigned(state=HANDOVER.labels[handover.state], since=handover.state_since)
    row, _ = HandoverNote.objects.update_or_create(
        handover=handover,
        incident=incident,
        defaults={"note": said, "written_at": at, "written_by": by.id if by.kind == "person" else None},
    )
    event_record(
        events.HANDOVER_NOTED,
        subject=handover,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident, handover.organisation_id),
        incident=incident.number,
        chars=len(said),
    )
    return row


@transaction.atomic
def handover_sign(*, handover: Handover, by: Actor, at: datetime) -> Handover:
    """Who leaves signs off: what stands at this moment is kept with it, and no more is noted."""
    require(by, "dispatch.handover")
    person = _person(by)
    organisation = handover.organisation
    stood = stood_of(standing(organisation, handover, at=at))
    HANDOVER.move(handover, "signed", at=at, subject=organisation.code, outgoing=person, signed_at=at, stood=stood)
    _tell(events.HANDOVER_SIGNED, handover, by=by, at=at)
    return handover


@transaction.atomic
def handover_reopen(*, handover: Handover, by: Actor, at: datetime) -> Handover:
    """Something was forgotten: the signature is taken back before anybody has taken over."""
    require(by, "dispatch.handover")
    changes: dict[str, Any] = {"outgoing": None, "signed_at": None, "stood": {}}
    HANDOVER.move(handover, "open", at=at, subject=handover.organisation.code, **changes)
    _tell(events.HANDOVER_REOPENED, handover, by=by, at=at)
    return handover


@transaction.atomic
def handover_take(*, handover: Handover, role: str, by: Actor, at: datetime) -> Handover:
    """Who comes has read it and takes the desk, in ``role``; who signed off leaves it.

    Raises ``HandoverNeedsTwo`` when it is the same person, ``WrongState`` before it was signed.
    """
    require(by, "dispatch.handover")
    person = _person(by)
    handover.refresh_from_db()
    outgoing = handover.outgoing
    if outgoing is not None and outgoing.pk == person.pk:
        raise HandoverNeedsTwo(person=person.name, since=handover.signed_at)
    HANDOVER.move(handover, "taken", at=at, subject=handover.organisation.code, incoming=person, taken_at=at)
    if outgoing is not None:
        duty_leave(person=outgoing, organisation=handover.organisation, by=by, at=at)
    duty_take(person=person, organisation=handover.organisation, role=role, by=by, at=at)
    _tell(events.HANDOVER_TAKEN, handover, by=by, at=at)
    return handover


def stood_of(found: Standing) -> dict[str, Any]:
    """What stood, as it is kept: numbers, codes, call signs and times; the words stay with their incidents."""
    return {
        "incidents": [
            {
                "number": matter.incident.number,
                "code": matter.incident.code,
                "priority": matter.incident.priority,
                "state": matter.incident.state,
                "received_at": matter.incident.received_at.isoformat(),
                "awaited": matter.awaited.kind if matter.awaited else "",
                "due_at": matter.awaited.due_at.isoformat() if matter.awaited else "",
            }
            for matter in found.matters.rows
        ],
        "incidents_total": found.matters.total,
        "promises": {
            kind: {
                "total": part.total,
                "rows": [
                    {"number": row.number, "due_at": row.due_at.isoformat() if row.due_at else ""}
                    for row in part.rows
                ],
            }
            for kind, part in found.promises.items()
        },
        "units": [
            {
                "call_sign": unit.call_sign,
                "state": unit.state,
                "since": unit.state_since.isoformat(),
                "incident": unit.incident_number,
            }
            for unit in found.units
        ],
        "notices": [{"id": row.notice.pk, "sent_at": row.notice.sent_at.isoformat()} for row in found.notices],
    }


def _person(by: Actor) -> Person:
    """A desk is handed from person to person; programs have none."""
    found = Person.objects.filter(pk=by.id or 0).first() if by.kind == "person" else None
    if found is None:
        raise NotFound
    return found


def _tell(kind: str, row: Handover, *, by: Actor, at: datetime) -> None:
    event_record(
        kind,
        subject=row,
        by=by,
        at=at,
        org_ids=[row.organisation_id],
        handover=row.pk,
        organisation=row.organisation.code,
    )
