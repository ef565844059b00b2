"""The community track: a town room signs, rings the caller, sends a team, and closes - or calls the police."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.core.row_changes import row_reread, rows_read
from anlan.core.rows import row_insert
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.errors import BounceRefused, OrderOpen, ReasonMissing, TownRoomUnknown, TrackIsPolice, WrongTrack
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.dispatch.rules import ACTIVE, RESULT_CODES, TRAVELLING, WORK_ORDER
from anlan.dispatch.selectors import alternative_to, order_open_of
from anlan.dispatch.services.assignments import assignment_done, assignment_end, assignment_open
from anlan.dispatch.services.feedback import incident_finally_close
from anlan.dispatch.services.following import incident_bring, incident_follow, incident_hold, owners
from anlan.intake.errors import BounceSpent
from anlan.intake.models import Incident
from anlan.intake.services import (
    incident_bounce_take,
    incident_hand_over_ask,
    incident_holder_set,
    incident_track_override,
)
from anlan.units.errors import UnitNotAvailable
from anlan.units.models import Unit
from anlan.units.selectors import UnitOnBoard, units_crewed_by


@transaction.atomic
def order_route(*, incident: Incident, by: Actor, at: datetime, town_room: Organisation | None = None) -> WorkOrder:
    """Hand the matter to a town room (of its place by default), whose four clocks start now.

    Raises ``TrackIsPolice`` for a police matter - changing the track is a step of its own, with a reason -
    ``OrderOpen`` while a town room has it, ``TownRoomUnknown`` where none answers for the place.
    """
    require(by, "dispatch.order_route")
    incident_hold(incident)
    if incident.track == "P":
        raise TrackIsPolice(incident=incident.number, rule=incident.track_rule)
    room = town_room or incident.town_room
    if room is None:
        raise TownRoomUnknown(incident=incident.number)
    if (other := order_open_of(incident)) is not None:
        raise OrderOpen(
            incident=incident.number,
            room=other.town_room.name_shown,
            since=other.state_since,
            state=WORK_ORDER.labels[other.state],
        )
    return order_open(incident=incident, room=room, by=by, at=at)


def order_open(*, incident: Incident, room: Organisation, by: Actor, at: datetime) -> WorkOrder:
    """Write the order and ask the room; inside a transaction that holds the incident."""
    order = WorkOrder(
        incident=incident,
        town_room=room,
        routed_from_id=incident.holder_id or by.org_id,
        state_since=at,
        routed_at=at,
    )
    row_insert(order)
    incident_hand_over_ask(incident=incident, to=room, by=by, at=at)
    _tell(events.ORDER_ROUTED, order, by=by, at=at, room=room.code)
    return order


@transaction.atomic
def order_sign(*, order: WorkOrder, by: Actor, at: datetime) -> WorkOrder:
    """The town room has read it and takes it on (1 minute); from now on the matter is in its hands.

    On the joint track police keep it: both go, and the order is only the town room's part.
    """
    _room(order, by)
    incident = order.incident
    incident_hold(incident)
    _move(order, "signed", at=at, signed_at=at)
    _tell(events.ORDER_SIGNED, order, by=by, at=at, room=order.town_room.code)
    if incident.track in ("C", "T"):
        incident_holder_set(incident=incident, holder=order.town_room, held_by=incident.holder_id, by=by, at=at)
    return order


@transaction.atomic
def order_contact(*, order: WorkOrder, by: Actor, at: datetime) -> WorkOrder:
    """The town room has spoken with the caller (3 minutes)."""
    _room(order, by)
    _move(order, "contacted", at=at, contacted_at=order.contacted_at or at)
    _tell(events.ORDER_CONTACTED, order, by=by, at=at)
    return order


def order_assign(*, order: WorkOrder, unit: Unit | UnitOnBoard, by: Actor, at: datetime, **chosen: Any) -> Assignment:
    """Send a community team, by the same claim as any unit; the order follows its steps.

    Raises ``WrongTrack`` for a police unit, ``UnitNotAvailable`` for one that can't be had.
    """
    _room(order, by)
    row = unit if isinstance(unit, Unit) else Unit.objects.get(pk=unit.id)
    if row.track != Unit.Track.COMMUNITY:
        raise WrongTrack(call_sign=row.call_sign)
    if not by.sees_all and row.organisation_id not in by.org_ids:
        raise NotFound
    try:
        with transaction.atomic():
            _may_send(order)
            return assignment_open(incident=order.incident, unit=row, by=by, at=at, **chosen)
    except UnitNotAvailable as refusal:
        instead = alternative_to(row, incident=order.incident, by=by, at=at)
        raise (refusal.with_alternative(*instead) if instead else refusal) from None


@transaction.atomic
def order_settle(*, order: WorkOrder, by: Actor, at: datetime, result: str = "settled_on_site") -> WorkOrder:
    """It is settled, on site or on the telephone. Teams on site are done, teams on the way are called off."""
    _field(order, by)
    _leave(order, "settled", by=by, at=at, result=_result(result), settled_at=at)
    _tell(events.ORDER_SETTLED, order, by=by, at=at, result=result)
    return order


@transaction.atomic
def order_move_on(
    *, order: WorkOrder, moved_on_to: str, by: Actor, at: datetime, result: str = "to_mediation_centre"
) -> WorkOrder:
    """Not settled: it goes on to the mediation centre or a department, named in ``moved_on_to``.

    The town room keeps the matter: there is nobody yet who could sign for it there.
    """
    _field(order, by)
    if not moved_on_to.strip():
        raise ReasonMissing
    where = moved_on_to.strip()[:64]
    _leave(order, "moved_on", by=by, at=at, result=_result(result), moved_on_to=where, settled_at=at)
    _tell(events.ORDER_MOVED_ON, order, by=by, at=at, result=result, moved_on_to=where)
    return order


@transaction.atomic
def order_close(*, order: WorkOrder, by: Actor, at: datetime) -> WorkOrder:
    """The town room closes its order (24 hours). Where no feedback was filed, the order's result stands for it.

    On the community track that closes the incident too, unless police are still on it.
    """
    _room(order, by)
    incident = order.incident
    incident_hold(incident)
    _move(order, "closed", at=at, closed_at=at)
    _tell(events.ORDER_CLOSED, order, by=by, at=at, result=order.result)
    _teams_reported(order, by=by, at=at)
    incident_follow(incident=incident, by=by, at=at)
    theirs = [row for row in rows_read(Assignment, incident_id=incident.pk) if row.state not in ("reviewed", *_ENDED)]
    if incident.track in ("C", "T") and not theirs and incident.state in ("open", "in_review"):
        incident_finally_close(incident, by=by, at=at)
    return order


_ENDED = ("closed", "refused", "reassigned", "cancelled")


def _teams_reported(order: WorkOrder, *, by: Actor, at: datetime) -> None:
    """Feedback and review of the teams that have none: the town room speaks for both."""
    incident = order.incident
    Feedback.objects.filter(
        incident=incident, assignment__unit__track=Unit.Track.COMMUNITY, review=Feedback.Review.WAITING
    ).update(review=Feedback.Review.AGREED, reviewed_at=at, reviewed_by=by.id if by.kind == "person" else None)
    teams = Assignment.objects.filter(incident=incident, unit__track=Unit.Track.COMMUNITY)
    unreported = list(teams.filter(state="finished"))
    if unreported or not Feedback.objects.filter(incident=incident).exists():
        sheet = Feedback.objects.create(
            incident=incident,
            assignment=unreported[0] if unreported else None,
            code=incident.code,
            priority=incident.priority,
            result=order.result,
            transferred_to=order.moved_on_to,
            filed_at=at,
            filed_by=by.id if by.kind == "person" else None,
            review=Feedback.Review.AGREED,
            reviewed_at=at,
            reviewed_by=by.id if by.kind == "person" else None,
        )
        teams.filter(state="finished").update(state="feedback_done", state_since=at, feedback_at=at, sheet=sheet)
    teams.filter(state="feedback_done").update(state="reviewed", state_since=at, reviewed_at=at)


@transaction.atomic
def order_bounce(*, order: WorkOrder, reason: str, by: Actor, at: datetime) -> WorkOrder:
    """The town room sends it back, once in a matter's life, with a reason.

    Whoever routed it has it again, until another accepts it. A second time raises ``BounceRefused``: the
    order stays with the room and the town duty leader decides.
    """
    _room(order, by)
    said = _reasoned(reason)
    incident = order.incident
    incident_hold(incident)
    try:
        incident_bounce_take(incident=incident, by=by, at=at, where=order.town_room.code)
    except BounceSpent:
        earlier = WorkOrder.objects.filter(incident=incident, state="bounced").order_by("-state_since").first()
        since = earlier.state_since if earlier else order.routed_at
        raise BounceRefused(incident=incident.number, since=since, room=order.town_room.name_shown) from None
    _move(order, "bounced", at=at, bounce_reason=said)
    _tell(events.ORDER_BOUNCED, order, by=by, at=at, room=order.town_room.code)
    give_back(order, by=by, at=at)
    return order


def give_back(order: WorkOrder, *, by: Actor, at: datetime) -> None:
    """Who routed the order has the matter again, if the town room had taken it over."""
    room, first = order.town_room_id, order.routed_from
    if first is not None and order.incident.holder_id == room:
        incident_holder_set(incident=order.incident, holder=first, held_by=room, by=by, at=at)


@transaction.atomic
def order_escalate(*, order: WorkOrder, reason: str, by: Actor, at: datetime) -> WorkOrder:
    """ "Needs police", at any moment: the matter is on the police track at once, with its whole history.

    Whoever routed it has it again. A team on site stays until police take over; a closed incident is open
    again.
    """
    _field(order, by, action="dispatch.order_escalate")
    said = _reasoned(reason)
    incident = order.incident
    incident_hold(incident)
    _move(order, "escalated", at=at, escalate_reason=said)
    _tell(events.ORDER_ESCALATED, order, by=by, at=at, room=order.town_room.code)
    incident_track_override(incident=incident, track="P", reason=said, by=by, at=at)
    give_back(order, by=by, at=at)
    if incident.state == "closed":
        incident_bring(incident=incident, to="open", by=by, at=at)
    return order


def _room(order: WorkOrder, by: Actor) -> None:
    """Only the town room that has the order, or who is above it."""
    require(by, "dispatch.order_work")
    if not by.sees_all and order.town_room_id not in by.org_ids:
        raise NotFound


def _field(order: WorkOrder, by: Actor, *, action: str = "dispatch.order_field") -> None:
    """The town room, or the team that was sent for the order."""
    if by.kind != "unit":
        require(by, action)
    if by.sees_all or order.town_room_id in by.org_ids:
        return
    crewed = units_crewed_by(by)
    if not Assignment.objects.filter(incident_id=order.incident_id, unit_id__in=crewed).exists():
        raise NotFound


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:200]


def _result(result: str) -> str:
    if result not in RESULT_CODES:
        raise BadInput(field="result", problem=result)
    return result


def _may_send(order: WorkOrder) -> None:
    """A team goes once the room has signed, and more may follow; else ``WrongState`` says what comes first."""
    row_reread(order)
    if order.state not in ("signed", "contacted", "assigned", "on_site"):
        _move(order, "assigned", at=order.state_since)


def _leave(order: WorkOrder, to: str, *, by: Actor, at: datetime, **changes: Any) -> None:
    """The order is done on the spot, and with it the teams sent for it."""
    incident = order.incident
    incident_hold(incident)
    _move(order, to, at=at, **changes)
    teams = Assignment.objects.filter(
        incident=incident, unit__track=Unit.Track.COMMUNITY, state__in=ACTIVE
    ).select_related("unit", "incident")
    for team in teams:
        if team.state in TRAVELLING:
            assignment_end(team, "cancelled", str(WORK_ORDER.labels[to]), by=by, at=at)
        else:
            assignment_done(team, by=by, at=at)


def _move(order: WorkOrder, to: str, *, at: datetime, **changes: Any) -> None:
    WORK_ORDER.move(order, to, at=at, subject=order.incident.number, **changes)


def _tell(kind: str, order: WorkOrder, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=order,
        by=by,
        at=at,
        incident_id=order.incident_id,
        org_ids=owners(order.incident, order.town_room_id),
        incident=order.incident.number,
        **data,
    )
