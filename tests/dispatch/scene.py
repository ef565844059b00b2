"""One incident in the west, and the steps of a matter, one line each."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_depart,
    assignment_finish,
    assignment_sign,
    feedback_file,
    unit_assign,
)
from anlan.intake.models import Incident
from world import T0, World

_numbers = count(1)


def later(**passed: float) -> datetime:
    """So long after the beginning."""
    return T0 + timedelta(**passed)


def incident_of(world: World, **columns: Any) -> Incident:
    """An assault at lon 120.065 in the west: P1 for the police unless told otherwise."""
    at = columns.get("received_at", T0)
    usual = {
        "number": f"260302-{next(_numbers):05d}",
        "code": "0201",
        "priority": "P1",
        "priority_rule": "type",
        "track": "P",
        "track_rule": "type",
        "state_since": at,
        "received_at": at,
        "lon": 120.065,
        "lat": 28.90,
        "station": world.orgs["west"],
        "town_room": world.orgs["town-west"],
        "holder": world.orgs["bureau"],
    }
    return Incident.objects.create(**{**usual, **columns})


def send(world: World, incident: Incident, call_sign: str = "P-01", at: datetime = T0, **more: Any) -> Assignment:
    """Ada sends a unit."""
    return unit_assign(incident=incident, unit=world.units[call_sign], by=world.actor("ada"), at=at, **more)


STEPS = {
    "signed": assignment_sign,
    "en_route": assignment_depart,
    "arrived": assignment_arrive,
    "finished": assignment_finish,
}


def go(assignment: Assignment, to: str, *, by: Actor, at: datetime = T0, every_s: float = 30) -> datetime:
    """Press the unit's buttons one after the other until it is ``to``; returns when the last was pressed."""
    for name, step in STEPS.items():
        at += timedelta(seconds=every_s)
        step(assignment=assignment, by=by, at=at)
        if name == to:
            return at
    raise ValueError(to)


def reported(world: World, incident: Incident, *, at: datetime = T0) -> Any:
    """P-01 goes there, is done and files its sheet; the incident is in review."""
    eve = world.actor("eve")
    assignment = send(world, incident, at=at)
    done = go(assignment, "finished", by=eve, at=at)
    return feedback_file(
        incident=incident, assignment=assignment, result="settled_on_site", by=eve, at=done + timedelta(minutes=5)
    )
