"""A town room's order follows the community teams sent for it, in the transaction of their own steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.core.actor import Actor
from anlan.core.row_changes import rows_read
from anlan.core.services import event_record
from anlan.dispatch import events
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.dispatch.rules import ACTIVE, WORK_ORDER, steps_between
from anlan.dispatch.services.following import owners
from anlan.units.models import Unit

BEFORE_TEAM = ("routed", "signed", "contacted")


def order_team_sent(assignment: Assignment, *, by: Actor, at: datetime) -> None:
    """A team is on its way: the order that was signed is assigned. An unsigned one keeps waiting to be signed."""
    order = _order_of(assignment, ("signed", "contacted"))
    if order is not None:
        _bring(order, "assigned", at=at, assigned_at=order.assigned_at or at)
        _tell(events.ORDER_ASSIGNED, order, assignment, by=by, at=at)


def order_team_on_site(assignment: Assignment, *, by: Actor, at: datetime) -> None:
    """A team has arrived; steps the town room skipped stay without a time."""
    order = _order_of(assignment, (*BEFORE_TEAM, "assigned"))
    if order is not None:
        _bring(order, "on_site", at=at, arrived_at=order.arrived_at or at)
        _tell(events.ORDER_ON_SITE, order, assignment, by=by, at=at)


def order_team_lost(assignment: Assignment, *, by: Actor, at: datetime) -> None:
    """The last team of an order doesn't come: the town room must send another."""
    order = _order_of(assignment, ("assigned",))
    if order is None:
        return
    others = Assignment.objects.filter(
        incident_id=assignment.incident_id, unit__track=Unit.Track.COMMUNITY, state__in=ACTIVE
    )
    if not others.exists():
        _bring(order, "contacted", at=at)
        _tell(events.ORDER_TEAM_LOST, order, assignment, by=by, at=at)


def _order_of(assignment: Assignment, states: tuple[str, ...]) -> WorkOrder | None:
    if assignment.unit.track != Unit.Track.COMMUNITY:
        return None
    return next(iter(rows_read(WorkOrder, incident_id=assignment.incident_id, state=states, limit=1)), None)


def _bring(order: WorkOrder, to: str, *, at: datetime, **changes: Any) -> None:
    chain = steps_between(WORK_ORDER, order.state, to)
    for number, step in enumerate(chain, start=1):
        WORK_ORDER.move(order, step, at=at, subject=str(order), **(changes if number == len(chain) else {}))


def _tell(kind: str, order: WorkOrder, assignment: Assignment, *, by: Actor, at: datetime) -> None:
    event_record(
        kind,
        subject=order,
        by=by,
        at=at,
        incident_id=order.incident_id,
        org_ids=owners(assignment.incident, order.town_room_id),
        unit=assignment.unit.call_sign,
        incident=assignment.incident.number,
    )
