"""What stands and what can be chosen where bodies, rooms and mediators are entered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from anlan.accounts.models import Organisation, Person, RoleGrant
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.permissions import permission_table
from anlan.disputes.mediation_rules import BODY_METHODS as BODY_METHODS
from anlan.disputes.mediation_rules import BODY_TYPES as BODY_TYPES
from anlan.disputes.mediation_rules import MEDIATION_OPEN
from anlan.disputes.models import Mediation, MediationBody, MediationRoom, Mediator


@dataclass(frozen=True, slots=True)
class MediatorRow:
    """Somebody who mediates for a body, since when, and how many open mediations they have there."""

    mediator: Mediator
    open: int


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room with its sessions booked, and until when it was called what, the latest first."""

    room: MediationRoom
    former: list[tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class BodySetup:
    """A body with all its rooms, also those closed, its mediators, and who could become one."""

    body: MediationBody
    rooms: list[RoomRow]
    mediators: list[MediatorRow]
    candidates: list[Person]
    open: int


def bodies_entered(actor: Actor) -> list[MediationBody]:
    """Every body in the actor's reach, also those that take up no more."""
    rows = MediationBody.objects.visible_to(actor).select_related("organisation")
    return list(rows.order_by("-is_active", "organisation__path"))


def organisations_without_body(actor: Actor) -> list[Organisation]:
    """Organisations in the actor's reach that are no body yet."""
    rows = Organisation.objects.filter(is_active=True, mediation_body=None).order_by("path")
    return list(rows if actor.sees_all else rows.filter(pk__in=actor.org_ids))


def body_setup(actor: Actor, body_id: int, *, at: datetime) -> BodySetup:
    """One body as it is set up, or ``NotFound``. Six queries."""
    body: MediationBody = MediationBody.objects.select_related("organisation").one_for(actor, pk=body_id)
    mine = Mediator.objects.filter(body=body, left_at=None).select_related("person__organisation")
    opened = Mediation.objects.filter(body=body, state__in=MEDIATION_OPEN)
    by_person = dict(opened.order_by().values_list("mediator_id").annotate(n=Count("id")))
    rows = [MediatorRow(row, by_person.get(row.person_id, 0)) for row in mine.order_by("person__name", "id")]
    now_booked = Count("sessions", filter=Q(sessions__state="booked", sessions__starts_at__gte=at))
    rooms = list(MediationRoom.objects.filter(body=body).annotate(booked=now_booked).order_by("-is_active", "id"))
    return BodySetup(
        body,
        [RoomRow(room, _former(room)) for room in rooms],
        rows,
        _candidates(body, actor, {row.mediator.person_id for row in rows}, at=at),
        sum(by_person.values()),
    )


def _former(room: MediationRoom) -> list[tuple[datetime, str]]:
    return [(datetime.fromisoformat(each["until"]), each["zh"]) for each in room.former_names]


def room_of(body: MediationBody, room_id: int) -> MediationRoom:
    """A room of the body, open or closed, or ``NotFound``."""
    found: MediationRoom | None = MediationRoom.objects.filter(body=body, pk=room_id).first()
    if found is None:
        raise NotFound
    return found


def _candidates(body: MediationBody, actor: Actor, but: set[int], *, at: datetime) -> list[Person]:
    """People in the actor's reach whose role mediates; the body's own first. Two queries."""
    held = RoleGrant.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=at), role__in=permission_table()["disputes.mediate"], valid_from__lte=at
    )
    if not actor.sees_all:
        held = held.filter(organisation_id__in=actor.org_ids)
    people = Person.objects.filter(pk__in=held.values("person_id"), is_active=True).exclude(pk__in=but)
    found = list(people.select_related("organisation").order_by("organisation__path", "name", "pk"))
    return sorted(found, key=lambda person: person.organisation_id != body.organisation_id)


def mediator_for(body: MediationBody, mediator_id: int) -> Mediator:
    """Somebody who mediates for the body now, or ``NotFound``."""
    found: Mediator | None = Mediator.objects.filter(body=body, pk=mediator_id, left_at=None).first()
    if found is None:
        raise NotFound
    return found
