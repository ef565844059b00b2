"""Sending to many matters in one go, and taking a unit from a lesser matter for a P1: always by a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import DomainError
from anlan.core.permissions import permitted, require
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.errors import DivertNotLesser, ServedMeanwhile
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import ACTIVE, DIVERT_LEAST_S
from anlan.dispatch.services.assignments import assignment_end, assignment_open, unit_assign
from anlan.dispatch.services.following import incident_follow, incident_hold, owners
from anlan.dispatch.services.joint import joint_send
from anlan.dispatch.services.neighbours import command_check
from anlan.dispatch.services.telling import assignment_tell
from anlan.intake.models import Incident
from anlan.units.models import Unit


@dataclass(frozen=True, slots=True)
class Pair:
    """A unit a person sends to a matter out of a proposal: ``on_it`` units were on it when it was proposed.

    ``shown`` is what the proposal showed of it, as ``unit_assign`` takes it.
    """

    incident: Incident
    unit: Unit
    on_it: int = 0
    shown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ManySent:
    """What became of each pair: the assignments that stand, and those refused with why."""

    sent: tuple[Assignment, ...]
    refused: tuple[tuple[Pair, DomainError], ...]


def many_send(*, pairs: Sequence[Pair], by: Actor, at: datetime) -> ManySent:
    """Send every pair that can still be sent; a pair somebody overtook is refused and holds up none of the others.

    Each sending is a change of its own, with its own event that says it was proposed together with others. A matter
    that has got more units since the proposal is left as it is: whoever sent them knew more.
    """
    require(by, "dispatch.send")
    sent: list[Assignment] = []
    refused: list[tuple[Pair, DomainError]] = []
    served: dict[int, int] = {}
    for pair in pairs:
        try:
            with transaction.atomic():
                incident_hold(pair.incident)
                on_it = Assignment.objects.filter(incident_id=pair.incident.pk, state__in=ACTIVE).count()
                if on_it > pair.on_it + served.get(pair.incident.pk, 0):
                    raise ServedMeanwhile(incident=pair.incident.number, units=on_it)
                sent.append(_send(pair, by=by, at=at))
            served[pair.incident.pk] = served.get(pair.incident.pk, 0) + 1
        except DomainError as refusal:
            refused.append((pair, refusal))
    return ManySent(tuple(sent), tuple(refused))


def _send(pair: Pair, *, by: Actor, at: datetime) -> Assignment:
    told = {**pair.shown, "advice": "batch", "advised_unit": pair.unit.pk}
    if pair.incident.track == "J" and permitted(by, "dispatch.order_route"):
        return joint_send(incident=pair.incident, unit=pair.unit, by=by, at=at, **told).assignment
    return unit_assign(incident=pair.incident, unit=pair.unit, by=by, at=at, **told)


@transaction.atomic
def unit_divert(
    *,
    assignment: Assignment,
    incident: Incident,
    instead: Unit | None,
    reason: str,
    by: Actor,
    at: datetime,
    **shown: Any,
) -> Assignment:
    """Take the unit from the lesser matter it travels to and send it to ``incident``; ``instead`` goes there for it.

    All of it or nothing: where ``instead`` was sent elsewhere meanwhile the refusal names it and the unit keeps its
    way. Without anybody instead the lesser matter waits in the queue again. ``shown`` is as in ``unit_assign``.
    Returns the assignment to ``incident``.

    Raises ``DivertNotLesser`` unless the matter is a P1 and the other one isn't, ``UnitOfOthers``,
    ``UnitNotAvailable``, and ``WrongState`` when the unit has arrived already.
    """
    require(by, "dispatch.send")
    unit, lesser = assignment.unit, assignment.incident
    for each in (unit, instead):
        if each is not None:
            command_check(each, by=by)
    for held in sorted({lesser.pk: lesser, incident.pk: incident}.items()):
        incident_hold(held[1])
    if incident.priority != "P1" or lesser.priority not in DIVERT_LEAST_S or lesser.pk == incident.pk:
        raise DivertNotLesser(
            unit=unit.call_sign, lesser=lesser.number, lesser_priority=lesser.priority,
            incident=incident.number, priority=incident.priority,
        )  # fmt: skip
    part = assignment.part
    assignment_end(assignment, "reassigned", reason.strip()[:200] or incident.number, by=by, at=at)
    event_record(
        events.UNIT_DIVERTED,
        subject=assignment,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=owners(incident, unit.organisation_id),
        unit=unit.call_sign,
        unit_id=unit.pk,
        incident=incident.number,
        from_incident=lesser.number,
        instead=instead.call_sign if instead else "",
    )
    assignment_tell(
        events.ASSIGNMENT_REASSIGNED, assignment, by=by, at=at, replaced_by=instead.call_sign if instead else ""
    )
    made = assignment_open(
        incident=incident, unit=unit, by=by, at=at, **{**shown, "advice": "divert", "advised_unit": unit.pk}
    )
    if instead is not None:
        assignment_open(incident=lesser, unit=instead, by=by, at=at, part=part, reason=reason.strip()[:200])
    else:
        incident_follow(incident=lesser, by=by, at=at)
    return made
