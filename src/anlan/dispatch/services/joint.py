"""The joint track: police and the town room go together, by one deed of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.dispatch.rules import ALONE
from anlan.dispatch.selectors import alternative_to, order_open_of
from anlan.dispatch.services.assignments import assignment_open
from anlan.dispatch.services.following import incident_hold
from anlan.dispatch.services.neighbours import command_check
from anlan.dispatch.services.orders import order_open
from anlan.intake.models import Incident
from anlan.units.errors import UnitNotAvailable
from anlan.units.models import Unit


@dataclass(frozen=True, slots=True)
class JointSent:
    """The unit that was sent, and the town room's order it meets there.

    ``alone`` says why no order was written with it (a code of ``rules.ALONE``); empty where one was.
    ``order`` is then the one that stands already, if any.
    """

    assignment: Assignment
    order: WorkOrder | None
    alone: str = ""

    @property
    def alone_words(self) -> str | Promise:
        """Why the unit goes without a new order, in words; empty where it does not."""
        return ALONE[self.alone] if self.alone else ""


def joint_send(
    *, incident: Incident, unit: Unit, by: Actor, at: datetime, part: str = "", **chosen: Any
) -> JointSent:
    """Send ``unit`` and route the order to the town room of the place: both or neither, in one transaction.

    Sending is never held up for the order's sake: where there is no town room, where one has the matter
    already, or where the track is not joint any more, the unit goes and ``alone`` says so.

    Raises what ``unit_assign`` raises; nothing is written then, neither unit nor order.
    """
    require(by, "dispatch.send")
    require(by, "dispatch.order_route")
    command_check(unit, by=by)
    try:
        with transaction.atomic():
            return _both(incident, unit, by=by, at=at, part=part, **chosen)
    except UnitNotAvailable as refusal:
        instead = alternative_to(unit, incident=incident, by=by, at=at)
        raise (refusal.with_alternative(*instead) if instead else refusal) from None


def _both(incident: Incident, unit: Unit, *, by: Actor, at: datetime, part: str, **chosen: Any) -> JointSent:
    incident_hold(incident)
    standing = order_open_of(incident)
    room = incident.town_room
    alone = ""
    if incident.track != "J":
        alone = "not_joint"
    elif standing is not None:
        alone = "room_has_it"
    elif room is None:
        alone = "no_town_room"
    assignment = assignment_open(incident=incident, unit=unit, by=by, at=at, part=part, **chosen)
    if alone or room is None:
        return JointSent(assignment, standing, alone)
    return JointSent(assignment, order_open(incident=incident, room=room, by=by, at=at))
