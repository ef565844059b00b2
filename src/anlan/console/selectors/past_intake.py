"""What each event of calls and incidents changed on the screen. Nothing here asks the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.console.selectors.past_steps import STEPS, step
from anlan.console.selectors.past_world import World
from anlan.core.models import Event
from anlan.intake import events as intake
from anlan.intake.models import Incident

RAISED = ("danger", "priority", "priority_rule", "track")


def _begin(world: World, incident_id: int | None, facts: dict[str, Any], at: datetime) -> Incident | None:
    """An incident is opened: as it was then, not as it has become."""
    incident = world.incidents.get(incident_id or 0)
    if incident is None or incident.pk in world.begun:
        return None
    for name in ("code", "priority", "priority_rule", "track", "danger"):
        if facts.get(name) is not None:
            setattr(incident, name, facts[name])
    incident.state, incident.state_since = "open", at
    incident.first_sent_at = incident.first_arrived_at = incident.closed_at = None
    incident.routed_to_id = incident.merged_into_id = None
    world.begun.add(incident.pk)
    return incident


def _to(incident: Incident | None, state: str, at: datetime) -> None:
    if incident is not None:
        incident.state, incident.state_since = state, at


# --- calls ------------------------------------------------------------------------------------------------------


def _call_to(world: World, call_id: int | None, state: str, at: datetime, station: int | None = None) -> None:
    call = world.calls.get(call_id or 0)
    if call is None:
        return
    if state:
        call.state, call.state_since = state, at
        call.station_id = station or call.station_now  # type: ignore[attr-defined]
        world.waiting.add(call.pk)
    else:
        call.station_id = call.station_now  # type: ignore[attr-defined]
        world.waiting.discard(call.pk)


def _call_back(world: World, call_id: int | None, due: str | None) -> None:
    """A call back is to be made by ``due``; the one that stands is moved, else the next of the call begins."""
    if not due or call_id is None:
        return
    task = world.due.get(call_id)
    if task is None and world.call_backs[call_id]:
        task = world.due[call_id] = world.call_backs[call_id].pop(0)
    if task is not None:
        task.due_at = datetime.fromisoformat(due)


@step(intake.CALL_RANG)
def _rang(world: World, event: Event, at: datetime) -> None:
    _call_to(world, event.subject_id, "ringing", at)
    call = world.calls.get(event.subject_id)
    if call is not None and event.schema >= 2:
        call.station_id = event.data.get("station")


@step(intake.CALL_ANSWERED)
def _answered(world: World, event: Event, at: datetime) -> None:
    call = world.calls.get(event.subject_id)
    if call is not None:
        call.state, call.state_since = "answered", at


@step(intake.CALL_ENDED)
def _ended(world: World, event: Event, at: datetime) -> None:
    call = world.calls.get(event.subject_id)
    if call is not None and event.data.get("state") == "abandoned":
        call.state, call.state_since = "abandoned", at
    _call_back(world, event.subject_id, event.data.get("due_at"))


@step(intake.CALL_RECORDED)
def _recorded(world: World, event: Event, at: datetime) -> None:
    _call_to(world, event.subject_id, "recorded", at)
    _call_back(world, event.subject_id, event.data.get("due_at"))


@step(intake.INCIDENT_OPENED)
def _opened(world: World, event: Event, at: datetime) -> None:
    _begin(world, event.incident_id, event.data, at)
    call = world.call_of(event.data.get("call", ""))
    if call is not None:
        _call_to(world, call.pk, "", at)
        _call_back(world, call.pk, event.data.get("due_at"))


@step(intake.CALL_LINKED)
def _linked(world: World, event: Event, at: datetime) -> None:
    _call_to(world, event.subject_id, "", at)
    _raise(world, event, event.incident_id)


@step(intake.CALL_UNLINKED)
def _unlinked(world: World, event: Event, at: datetime) -> None:
    _begin(world, event.incident_id, event.data, at)
    _call_to(world, event.subject_id, "", at)
    if event.data.get("lowered"):
        number = event.data.get("left")
        left = next((pk for pk in world.begun if world.incidents[pk].number == number), None)
        _lower(world, ("intake.call", event.subject_id), left)


@step(intake.CALL_INVALID)
def _invalid(world: World, event: Event, at: datetime) -> None:
    _call_to(world, event.subject_id, "", at)
    if event.data.get("number"):
        _to(world.incident(event.incident_id), "invalid", at)


@step(intake.CALL_REOPENED)
def _reopened(world: World, event: Event, at: datetime) -> None:
    _call_to(world, event.subject_id, "", at)
    if _begin(world, event.incident_id, event.data, at) is None:
        _to(world.incident(event.incident_id), "open", at)


@step(intake.CALL_BACK_TRIED)
def _tried(world: World, event: Event, at: datetime) -> None:
    _call_back(world, event.subject_id, event.data.get("due_at"))


@step(intake.CALL_BACK_DONE)
def _called_back(world: World, event: Event, at: datetime) -> None:
    world.due.pop(event.subject_id, None)
    if event.incident_id and event.data.get("outcome") == "danger":
        _begin(world, event.incident_id, event.data.get("opened") or {}, at)
        _call_to(world, event.subject_id, "", at)


# --- incidents --------------------------------------------------------------------------------------------------


@step(intake.STATE_CHANGED)
def _state(world: World, event: Event, at: datetime) -> None:
    incident = world.incident(event.incident_id)
    if incident is None:
        return
    _to(incident, event.data["state"], at)
    for name in ("first_sent_at", "first_arrived_at"):
        if name in event.data:
            told = event.data[name]
            setattr(incident, name, datetime.fromisoformat(told) if told else None)
        elif event.schema < 2:
            held = getattr(incident, f"{name}_now")
            setattr(incident, name, held if held is not None and held <= at else None)


@step(intake.TRACK_OVERRIDDEN, intake.PRIORITY_SET, intake.CODE_CORRECTED, intake.DANGER_SET, intake.REPEAT_LINKED)
def _decided(world: World, event: Event, at: datetime) -> None:
    incident = world.incident(event.incident_id)
    if incident is not None and event.kind == intake.PRIORITY_SET:
        incident.priority_rule = "person"
    elif incident is not None and event.kind == intake.DANGER_SET and event.data.get("added"):
        incident.priority_rule = f"danger:{event.data['added'][0]}"
    for name in ("code", "priority", "priority_rule", "track", "danger"):
        # A changed track names the danger that stood beside it; only the danger's own event changes it.
        told = event.data.get(name) if name != "danger" or event.kind == intake.DANGER_SET else None
        if incident is not None and told is not None:
            setattr(incident, name, told)


def _raise(world: World, event: Event, incident_id: int | None) -> None:
    raised = event.data.get("raised") or {}
    world.raised[event.subject_type, event.subject_id] = raised
    _set_raised(world.incident(incident_id), raised.get("after", {}))


def _lower(world: World, key: tuple[str, int], incident_id: int | None) -> None:
    _set_raised(world.incident(incident_id), world.raised.get(key, {}).get("before", {}))
    if incident_id:
        world.touched_incidents.add(incident_id)


def _set_raised(incident: Incident | None, values: dict[str, Any]) -> None:
    for name in RAISED:
        if incident is not None and name in values:
            setattr(incident, name, values[name])


@step(intake.INCIDENT_MERGED)
def _merged(world: World, event: Event, at: datetime) -> None:
    incident = world.incident(event.subject_id)
    _to(incident, "merged", at)
    if incident is not None:
        incident.merged_into_id = event.incident_id
        world.touched_incidents.add(incident.pk)
    _raise(world, event, event.incident_id)


@step(intake.INCIDENT_UNMERGED)
def _unmerged(world: World, event: Event, at: datetime) -> None:
    incident = world.incident(event.subject_id)
    _to(incident, event.data["state"], at)
    if incident is not None:
        incident.merged_into_id = None
    if event.data.get("lowered"):
        _lower(world, (event.subject_type, event.subject_id), event.data.get("left_id"))


@step(intake.TRANSFER_ACCEPTED, intake.TRANSFER_RETURNED)
def _transferred(world: World, event: Event, at: datetime) -> None:
    incident = world.incident(event.incident_id)
    if incident is None:
        return
    if event.kind == intake.TRANSFER_RETURNED and incident.state == "transferred":
        _to(incident, "open", at)
    elif event.data.get("state") == "transferred" and incident.state != "transferred":
        _to(incident, "transferred", at)


@step(intake.HOLDER_SET)
def _holder(world: World, event: Event, at: datetime) -> None:
    if (incident := world.incident(event.incident_id)) is not None:
        incident.holder_id = world.org_ids.get(event.data["holder"])


@step(intake.HAND_OVER_ASKED, intake.BOUNCE_TAKEN)
def _asked(world: World, event: Event, at: datetime) -> None:
    if (incident := world.incident(event.incident_id)) is not None:
        incident.routed_to_id = world.org_ids.get(event.data.get("asked", ""))


OF_CALLS = tuple(kind for kind in STEPS if kind.startswith("intake.call_"))
APART = (intake.INCIDENT_MERGED, intake.INCIDENT_UNMERGED, intake.CALL_UNLINKED)
"""Told under one incident and changing another too."""
