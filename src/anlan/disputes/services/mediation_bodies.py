"""Which organisations mediate, in which rooms, and who for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.core.row_changes import row_change, row_reread
from anlan.core.services import event_record
from anlan.disputes import events
from anlan.disputes.mediation_errors import BodyStillMediates, RoomNameTaken
from anlan.disputes.mediation_models import Mediation, MediationBody, MediationRoom, Mediator
from anlan.disputes.mediation_rules import BODY_METHODS, MEDIATION_OPEN
from anlan.engines.workclock import OFFICE_HOURS, CalendarError, parse_hours

SEATS_AT_MOST = 300
NAME_CHARS = 40


@transaction.atomic
def body_put(
    *,
    organisation: Organisation,
    type: str,
    methods: Sequence[str] = (),
    hours: str = OFFICE_HOURS,
    windows: int = 1,
    is_active: bool = True,
    by: Actor,
    at: datetime,
) -> MediationBody:
    """Enter or change what an organisation mediates; without ``methods`` all its type may.

    ``hours`` are those of each working day, such as "08:30-12:00 14:00-17:30". Without ``is_active`` it takes up
    no more: refused (``BodyStillMediates``) while a mediation is open there. Raises ``BadInput``.
    """
    require(by, "disputes.mediation_setup")
    if not (by.sees_all or organisation.pk in by.org_ids):
        raise NotFound
    allowed = BODY_METHODS.get(type)
    if allowed is None:
        raise BadInput(field="type", problem=type)
    chosen = sorted(methods or allowed)
    if strange := set(chosen) - set(allowed):
        raise BadInput(field="methods", problem=", ".join(sorted(strange)))
    try:
        if not parse_hours(hours):
            raise CalendarError(hours)
    except CalendarError as problem:
        raise BadInput(field="hours", problem=str(problem)) from None
    if not 1 <= windows <= 50:
        raise BadInput(field="windows", problem=str(windows))
    if not is_active:
        _refuse_while_open(organisation)
    body, _new = MediationBody.objects.update_or_create(
        organisation=organisation,
        defaults={"type": type, "methods": chosen, "hours": hours, "windows": windows, "is_active": is_active},
    )
    event_record(
        events.BODY_SET,
        subject=body,
        by=by,
        at=at,
        org_ids=[organisation.pk],
        body=organisation.code,
        type=type,
        methods=chosen,
        hours=hours,
        windows=windows,
        is_active=is_active,
    )
    return body


def _refuse_while_open(organisation: Organisation) -> None:
    rows = Mediation.objects.filter(body__organisation=organisation, state__in=MEDIATION_OPEN)
    numbers = list(rows.order_by("due_at", "id").values_list("file__number", flat=True)[:5])
    if numbers:
        raise BodyStillMediates(body=organisation.name_shown, count=rows.count(), files=", ".join(numbers))


@transaction.atomic
def mediation_room_put(
    *,
    body: MediationBody,
    name_zh: str,
    name_en: str,
    seats: int = 6,
    is_active: bool = True,
    by: Actor,
    at: datetime,
) -> MediationRoom:
    """Enter or change a room of a body, known by its Chinese name. Sessions booked in it stay booked."""
    require(by, "disputes.mediation_setup")
    _refuse_stranger(body, by)
    if not name_zh.strip() or not name_en.strip():
        raise BadInput(field="name", problem="–")
    if not 1 <= seats <= SEATS_AT_MOST:
        raise BadInput(field="seats", problem=str(seats))
    room, _new = MediationRoom.objects.update_or_create(
        body=body,
        name_zh=name_zh.strip()[:NAME_CHARS],
        defaults={"name_en": name_en.strip()[:NAME_CHARS], "seats": seats, "is_active": is_active},
    )
    event_record(
        events.ROOM_SET,
        subject=room,
        by=by,
        at=at,
        org_ids=[body.organisation_id],
        body=body.organisation.code,
        seats=seats,
        is_active=is_active,
    )
    return room


@transaction.atomic
def mediation_room_rename(
    *, room: MediationRoom, name_zh: str, name_en: str, by: Actor, at: datetime
) -> MediationRoom:
    """Give a room another name. It stays the same room, with what is booked and what was held there.

    Papers already made keep the name they were made with; the old one stays on the record. The same names change
    nothing. Raises ``RoomNameTaken``, ``BadInput``.
    """
    require(by, "disputes.mediation_setup")
    _refuse_stranger(room.body, by)
    zh, en = name_zh.strip()[:NAME_CHARS], name_en.strip()[:NAME_CHARS]
    if not zh or not en:
        raise BadInput(field="name", problem="–")
    row_reread(room)
    if (room.name_zh, room.name_en) == (zh, en):
        return room
    try:
        with transaction.atomic():
            was = {"until": at.isoformat(), "zh": room.name_zh, "en": room.name_en}
            row_change(room, {"name_zh": zh, "name_en": en, "former_names": [was, *room.former_names]})
    except IntegrityError:
        taken = MediationRoom.objects.get(body=room.body, name_zh=zh)
        raise RoomNameTaken(body=room.body.organisation.name_shown, name=zh, seats=taken.seats) from None
    row_reread(room)
    event_record(
        events.ROOM_RENAMED,
        subject=room,
        by=by,
        at=at,
        org_ids=[room.body.organisation_id],
        body=room.body.organisation.code,
    )
    return room


@transaction.atomic
def mediator_add(*, body: MediationBody, person: Person, by: Actor, at: datetime) -> Mediator:
    """Somebody mediates for the body from now on; entered twice is entered once."""
    require(by, "disputes.mediation_setup")
    _refuse_stranger(body, by)
    try:
        with transaction.atomic():
            row: Mediator = Mediator.objects.create(body=body, person=person, joined_at=at)
    except IntegrityError:
        raced: Mediator = Mediator.objects.get(body=body, person=person, left_at=None)
        return raced
    event_record(
        events.MEDIATOR_ADDED,
        subject=row,
        by=by,
        at=at,
        org_ids=[body.organisation_id],
        body=body.organisation.code,
        person_id=person.pk,
    )
    return row


@transaction.atomic
def mediator_leave(*, mediator: Mediator, by: Actor, at: datetime) -> int:
    """Somebody no longer mediates for the body; returns how many open mediations now need another mediator."""
    require(by, "disputes.mediation_setup")
    _refuse_stranger(mediator.body, by)
    left = Mediator.objects.filter(pk=mediator.pk, left_at=None).update(left_at=at)
    waiting = mediator.body.mediations.filter(mediator=mediator.person_id, state__in=MEDIATION_OPEN).count()
    if left:
        event_record(
            events.MEDIATOR_LEFT,
            subject=mediator,
            by=by,
            at=at,
            org_ids=[mediator.body.organisation_id],
            body=mediator.body.organisation.code,
            person_id=mediator.person_id,
            open_mediations=waiting,
        )
    return waiting


def _refuse_stranger(body: MediationBody, by: Actor) -> None:
    if not (by.sees_all or body.organisation_id in by.org_ids):
        raise NotFound
