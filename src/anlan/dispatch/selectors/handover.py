"""What stands as one shift hands over to the next: open matters, promises, units out, notices unanswered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from anlan.accounts.models import Organisation, Person
from anlan.accounts.selectors import organisation_ids_beneath
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.dispatch.clocks import RunningClock, most_pressing
from anlan.dispatch.duty_models import CheckIn, Handover, HandoverNote
from anlan.dispatch.duty_rules import DESK_ROLES as DESK_ROLES
from anlan.dispatch.duty_rules import NOTE_CHARS as NOTE_CHARS
from anlan.dispatch.duty_rules import desk_role as desk_role
from anlan.dispatch.models import Revisit, WorkOrder
from anlan.dispatch.rules import ORDER_DONE
from anlan.dispatch.selectors.clocks import clocks_by_incident
from anlan.intake.models import CallBack, Incident, Transfer
from anlan.intake.selectors import OPEN_STATES
from anlan.notices.models import Notice
from anlan.notices.selectors import OPEN, FollowedNotice, followed
from anlan.units.models import Unit

SHOWN = 80
STATES_FIRST = ("open", "dispatched", "on_scene")
UNITS_OUT = ("assigned", "en_route", "on_scene", "busy")


@dataclass(frozen=True, slots=True)
class Matter:
    """An open incident, what is awaited next, and what is noted for the next shift (now, and last time)."""

    incident: Incident
    awaited: RunningClock | None
    note: str
    earlier_note: str


@dataclass(frozen=True, slots=True)
class Promise:
    """Something the desk owes somebody: what, about which incident or call, by when."""

    kind: str
    number: str
    incident: Incident | None
    due_at: datetime | None
    since: datetime | None = None
    whom: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The first of a list, and how many there are in all."""

    rows: list[Any]
    total: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything a shift hands over, as it stands at one moment."""

    matters: Part
    promises: dict[str, Part]
    units: list[Unit]
    checkins: list[CheckIn]
    notices: list[FollowedNotice]


def desk_for(actor: Actor, organisation_id: int) -> Organisation:
    """The organisation whose desk is handed over; ``NotFound`` outside the actor's reach."""
    found: Organisation | None = Organisation.objects.filter(pk=organisation_id, is_active=True).first()
    if found is None or not (actor.sees_all or found.pk in actor.org_ids):
        raise NotFound
    return found


def handover_open_of(organisation: Organisation) -> Handover | None:
    """The handover being written or waiting to be taken."""
    rows = Handover.objects.select_related("organisation", "outgoing", "incoming")
    return rows.filter(organisation=organisation).exclude(state="taken").first()


def handover_for(actor: Actor, handover_id: int) -> Handover:
    """The handover, or ``NotFound`` when it is missing or another organisation's."""
    rows = Handover.objects.select_related("organisation", "outgoing", "incoming")
    found: Handover = rows.one_for(actor, pk=handover_id)
    return found


def handovers_before(organisation: Organisation, *, limit: int = 30) -> list[Handover]:
    """Those that were taken, newest first."""
    rows = Handover.objects.select_related("outgoing", "incoming").filter(organisation=organisation, state="taken")
    return list(rows.order_by("-opened_at", "-id")[:limit])


def notes_of(handover: Handover) -> list[HandoverNote]:
    """What was noted, by incident."""
    return list(handover.notes.exclude(note="").select_related("incident").order_by("incident__received_at"))


def notes_seen(actor: Actor, handover: Handover) -> list[HandoverNote]:
    """``notes_of`` the matters that are in the actor's reach."""
    reach = set(HandoverNote.objects.visible_to(actor).filter(handover=handover).values_list("pk", flat=True))
    return [note for note in notes_of(handover) if note.pk in reach]


def standing(organisation: Organisation, handover: Handover | None, *, at: datetime) -> Standing:
    """What stands in the scope of the desk at ``at``. Some fifteen queries, whatever the numbers."""
    reach = _reach(organisation)
    incidents = Incident.objects.visible_to(reach).filter(state__in=OPEN_STATES).defer("narrative")
    rows = incidents.order_by("priority", "received_at")
    first = list(rows.filter(state__in=STATES_FIRST)[: SHOWN + 1])
    later = list(rows.exclude(state__in=STATES_FIRST)[:SHOWN]) if len(first) <= SHOWN else []
    shown = [*first, *later][:SHOWN]
    return Standing(
        Part(_matters(shown, handover, organisation, at), incidents.order_by().count()),
        _promises(reach),
        list(
            Unit.objects.visible_to(reach)
            .filter(is_active=True, state__in=UNITS_OUT)
            .order_by("state_since")[: SHOWN * 2]
        ),
        list(
            CheckIn.objects.visible_to(reach).exclude(state="ended").select_related("unit", "incident").order_by("pk")
        ),
        followed(Notice.objects.visible_to(reach).filter(state__in=OPEN).order_by("sent_at")[:SHOWN]),
    )


def _reach(organisation: Organisation) -> Actor:
    ids = organisation_ids_beneath(organisation)
    return Actor(kind="system", org_ids=ids, sees_all=organisation.parent_id is None)


def _matters(
    rows: Iterable[Incident], handover: Handover | None, organisation: Organisation, at: datetime
) -> list[Matter]:
    incidents = list(rows)
    clocks = clocks_by_incident(incidents, at=at) if incidents else {}
    ids = [row.pk for row in incidents]
    now_said = _notes(HandoverNote.objects.filter(handover=handover, incident__in=ids)) if handover else {}
    before = HandoverNote.objects.filter(
        incident__in=ids, handover__organisation=organisation, handover__state="taken"
    )
    said = _notes(before.order_by("written_at"))
    return [
        Matter(row, most_pressing(clocks[row.pk]), now_said.get(row.pk, ""), said.get(row.pk, ""))
        for row in incidents
    ]


def _notes(rows: QuerySet[HandoverNote]) -> dict[int, str]:
    return dict(rows.values_list("incident_id", "note"))


def _promises(reach: Actor) -> dict[str, Part]:
    calls = Q() if reach.sees_all else Q(call__station_id__in=reach.org_ids)
    back = CallBack.objects.filter(calls, done_at=None).select_related("call", "call__incident").order_by("due_at")
    revisits = Revisit.objects.visible_to(reach).filter(done_at=None).select_related("incident").order_by("due_at")
    offered = Transfer.objects.visible_to(reach).filter(state="offered").select_related("incident", "partner")
    orders = WorkOrder.objects.visible_to(reach).exclude(state__in=(*ORDER_DONE, "settled", "moved_on"))
    orders = orders.select_related("incident", "town_room").order_by("routed_at")
    return {
        "call_back": _part(back, lambda row: Promise("call_back", row.call.number, row.call.incident, row.due_at)),
        "revisit": _part(
            revisits, lambda row: Promise("revisit", row.incident.number, row.incident, row.due_at, row.created_at)
        ),
        "transfer": _part(
            offered.order_by("offered_at"),
            lambda row: Promise(
                "transfer", row.incident.number, row.incident, None, row.offered_at, str(row.partner.name_shown)
            ),
        ),
        "order": _part(
            orders,
            lambda row: Promise(
                "order", row.incident.number, row.incident, None, row.routed_at, str(row.town_room.name_shown)
            ),
        ),
    }


def _part(rows: QuerySet[Any], shape: Any) -> Part:
    found = list(rows[: SHOWN // 2 + 1])
    total = len(found) if len(found) <= SHOWN // 2 else rows.order_by().count()
    return Part([shape(row) for row in found[: SHOWN // 2]], total)


def people_named(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of people who work here."""
    return dict(Person.objects.filter(pk__in={pk for pk in ids if pk}).values_list("pk", "name"))
