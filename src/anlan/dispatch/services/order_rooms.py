"""Which town room a matter belongs to, where that is in question: the duty leader decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.errors import ReasonMissing
from anlan.dispatch.models import WorkOrder
from anlan.dispatch.rules import WORK_ORDER
from anlan.dispatch.services.following import incident_hold, owners
from anlan.dispatch.services.orders import give_back, order_open


@transaction.atomic
def order_decide(*, order: WorkOrder, town_room: Organisation, reason: str, by: Actor, at: datetime) -> WorkOrder:
    """The duty leader's word on whose the matter is: it goes to ``town_room``, whose clocks start now.

    This is the way out when a matter was sent back once and the second room doesn't want it either. It takes
    no bounce. Whoever routed it has the matter until the new room signs. Only an order on which no team is out
    can be decided; otherwise ``WrongState`` says how it stands. Raises ``BadInput`` for anything but another
    town room.
    """
    require(by, "dispatch.order_decide")
    said = reason.strip()[:200]
    if not said:
        raise ReasonMissing
    if town_room.kind != "town_room" or town_room.pk == order.town_room_id:
        raise BadInput(field="town_room", problem=town_room.code)
    incident = order.incident
    incident_hold(incident)
    WORK_ORDER.move(order, "bounced", at=at, subject=incident.number, bounce_reason=said)
    event_record(
        events.ORDER_DECIDED,
        subject=order,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident, order.town_room_id, town_room.pk),
        incident=incident.number,
        room=order.town_room.code,
        to=town_room.code,
    )
    give_back(order, by=by, at=at)
    return order_open(incident=incident, room=town_room, by=by, at=at)
