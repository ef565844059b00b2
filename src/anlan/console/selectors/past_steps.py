"""What each kind of event changed on the screen. Nothing here asks the store.

Events written before they told everything (schema 1) are read with the rule the service followed then, or
with what the row still says where that is as good.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from anlan.console.selectors.past_world import World
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import Event
from anlan.dispatch import events as dispatch
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import TRAVELLING
from anlan.units import events as units
from anlan.units.rules import ON_INCIDENT

Step = Callable[[World, Event, datetime], None]
STEPS: dict[str, Step] = {}


def step(*kinds: str) -> Callable[[Step], Step]:
    """Register what these kinds of event do."""

    def keep(act: Step) -> Step:
        for kind in kinds:
            STEPS[kind] = act
        return act

    return keep


def apply(world: World, event: Event, at: datetime) -> None:
    """Bring the world forward by one event that took effect ``at``."""
    act = STEPS.get(event.kind)
    if act is None:
        return
    event_must_be_known(event)
    if event.incident_id:
        world.touched_incidents.add(event.incident_id)
    act(world, event, at)


# --- assignments ------------------------------------------------------------------------------------------------

ASSIGNED = {
    dispatch.ASSIGNMENT_SIGNED: ("signed", "signed_at"),
    dispatch.ASSIGNMENT_DEPARTED: ("en_route", "departed_at"),
    dispatch.ASSIGNMENT_ARRIVED: ("arrived", "arrived_at"),
    dispatch.ASSIGNMENT_FINISHED: ("finished", "finished_at"),
    dispatch.ASSIGNMENT_REFUSED: ("refused", "ended_at"),
    dispatch.ASSIGNMENT_CANCELLED: ("cancelled", "ended_at"),
    dispatch.ASSIGNMENT_UNDONE: ("cancelled", "ended_at"),
    dispatch.ASSIGNMENT_REASSIGNED: ("reassigned", "ended_at"),
}
STAMPS = (
    "signed_at",
    "departed_at",
    "arrived_at",
    "finished_at",
    "reported_at",
    "feedback_at",
    "reviewed_at",
    "ended_at",
    "moved_inferred_at",
    "arrived_inferred_at",
    "alarmed_at",
    "reassign_proposed_at",
)


@step(dispatch.UNIT_ASSIGNED)
def _sent(world: World, event: Event, at: datetime) -> None:
    row = world.assignments.get(event.subject_id)
    if row is None or row in world.sent[row.incident_id]:
        return
    row.state, row.state_since = "sent", at
    for name in STAMPS:
        setattr(row, name, None)
    world.sent[row.incident_id].append(row)


def _stand(row: Assignment, state: str, at: datetime, *stamps: str) -> None:
    row.state, row.state_since = state, at
    for name in stamps:
        setattr(row, name, at)


@step(*ASSIGNED)
def _stepped(world: World, event: Event, at: datetime) -> None:
    row = world.assignments.get(event.subject_id)
    if row is None:
        return
    state, stamp = ASSIGNED[event.kind]
    _stand(row, state, at, stamp)
    if state in ("en_route", "arrived"):
        row.signed_at = row.signed_at or at


@step(dispatch.MOVEMENT_INFERRED, dispatch.ARRIVAL_INFERRED)
def _inferred(world: World, event: Event, at: datetime) -> None:
    row = world.assignments.get(event.subject_id)
    name = "moved_inferred_at" if event.kind == dispatch.MOVEMENT_INFERRED else "arrived_inferred_at"
    if row is not None:
        setattr(row, name, datetime.fromisoformat(event.data["seen_at"]))


@step(dispatch.FIRST_REPORT_GIVEN)
def _first_word(world: World, event: Event, at: datetime) -> None:
    row = world.assignments.get(event.subject_id)
    if row is not None:
        row.reported_at = at


@step(dispatch.UNSIGNED_ALARM, dispatch.REASSIGN_PROPOSED)
def _alarmed(world: World, event: Event, at: datetime) -> None:
    row = world.assignments.get(event.data.get("assignment", 0))
    name = "alarmed_at" if event.kind == dispatch.UNSIGNED_ALARM else "reassign_proposed_at"
    if row is not None and getattr(row, name) is None:
        setattr(row, name, at)


@step(dispatch.FEEDBACK_FILED)
def _filed(world: World, event: Event, at: datetime) -> None:
    told = event.data.get("assignments")
    for row in list(world.of_matter(event.incident_id or 0)):
        # Before it was told, a sheet is taken to speak for everybody who had finished.
        if row.state == "finished" and (told is None or row.pk in told):
            _stand(row, "feedback_done", at, "feedback_at")
            world.sheets[row.pk] = event.subject_id
            world.touched_incidents.add(row.incident_id)


@step(dispatch.FEEDBACK_AGREED, dispatch.FEEDBACK_RETURNED)
def _reviewed(world: World, event: Event, at: datetime) -> None:
    for pk, sheet in world.sheets.items():
        row = world.assignments[pk]
        if sheet != event.subject_id or row.state != "feedback_done":
            continue
        world.touched_incidents.add(row.incident_id)
        if event.kind == dispatch.FEEDBACK_AGREED:
            _stand(row, "reviewed", at, "reviewed_at")
        else:
            _stand(row, "finished", at)


@step(dispatch.INCIDENT_CLOSED)
def _closed(world: World, event: Event, at: datetime) -> None:
    for row in list(world.of_matter(event.incident_id or 0)):
        if row.state == "reviewed":
            _stand(row, "closed", at, "ended_at")
            world.touched_incidents.add(row.incident_id)


@step(dispatch.REVISIT_DRAWN, dispatch.REVISIT_DONE)
def _revisit(world: World, event: Event, at: datetime) -> None:
    """Its times stand in its row; the incident is only looked at anew."""


# --- the town rooms' orders ------------------------------------------------------------------------------------

ORDERED = {
    dispatch.ORDER_SIGNED: ("signed", "signed_at"),
    dispatch.ORDER_CONTACTED: ("contacted", "contacted_at"),
    dispatch.ORDER_ASSIGNED: ("assigned", "assigned_at"),
    dispatch.ORDER_TEAM_LOST: ("contacted", ""),
    dispatch.ORDER_ON_SITE: ("on_site", "arrived_at"),
    dispatch.ORDER_SETTLED: ("settled", "settled_at"),
    dispatch.ORDER_MOVED_ON: ("moved_on", "settled_at"),
    dispatch.ORDER_CLOSED: ("closed", "closed_at"),
    dispatch.ORDER_BOUNCED: ("bounced", ""),
    dispatch.ORDER_DECIDED: ("bounced", ""),
    dispatch.ORDER_ESCALATED: ("escalated", ""),
}
SET_ONCE = ("contacted_at", "assigned_at", "arrived_at")


@step(dispatch.ORDER_ROUTED)
def _routed(world: World, event: Event, at: datetime) -> None:
    order = world.orders.get(event.subject_id)
    if order is None or order in world.routed[order.incident_id]:
        return
    order.state, order.state_since = "routed", at
    for _state, name in ORDERED.values():
        if name:
            setattr(order, name, None)
    world.routed[order.incident_id].append(order)


@step(*ORDERED)
def _order(world: World, event: Event, at: datetime) -> None:
    order = world.orders.get(event.subject_id)
    if order is None:
        return
    state, stamp = ORDERED[event.kind]
    order.state, order.state_since = state, at
    if stamp and not (stamp in SET_ONCE and getattr(order, stamp)):
        setattr(order, stamp, at)
    for team in world.sent[order.incident_id]:
        if team.unit.track == "C":
            _team_follows(team, state, at)


def _team_follows(team: Assignment, state: str, at: datetime) -> None:
    """A settled order calls off the teams on their way; a closed one speaks for those that have finished."""
    if state in ("settled", "moved_on") and team.state in TRAVELLING:
        _stand(team, "cancelled", at, "ended_at")
    elif state == "closed" and team.state == "finished":
        _stand(team, "reviewed", at, "feedback_at", "reviewed_at")
    elif state == "closed" and team.state == "feedback_done":
        _stand(team, "reviewed", at, "reviewed_at")


# --- units ------------------------------------------------------------------------------------------------------


def unit_stands(world: World, unit_id: int, state: str, since: datetime, incident_id: int | None) -> None:
    """The unit's status from ``since``, and the incident it is on while it is on one."""
    unit = world.units.get(unit_id)
    if unit is None:
        return
    unit.state, unit.state_since = state, since
    unit.incident_id = incident_id if state in ON_INCIDENT else None
    unit.incident_number = world.numbers.get(unit.incident_id or 0, "")
    world.on_books.add(unit_id)
    world.touched_units.add(unit_id)


@step(units.UNIT_ADDED)
def _unit_added(world: World, event: Event, at: datetime) -> None:
    unit_stands(world, event.subject_id, "off", at, None)


@step(units.UNIT_CLAIMED, units.STATUS_CHANGED)
def _unit_status(world: World, event: Event, at: datetime) -> None:
    state = "assigned" if event.kind == units.UNIT_CLAIMED else event.data["state"]
    unit_stands(world, event.subject_id, state, at, event.incident_id)


@step(units.CREW_JOINED, units.CREW_LEFT)
def _crew(world: World, event: Event, at: datetime) -> None:
    sign = event.data.get("unit")
    world.touched_units |= {pk for pk in world.on_books if world.units[pk].call_sign == sign}
