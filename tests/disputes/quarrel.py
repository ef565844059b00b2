"""One quarrel in the west, and its people: Lin is its community officer, Mo and Nan work at the mediation centre."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from anlan.accounts.services import person_add, role_grant
from anlan.core.actor import SYSTEM, Actor
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.services import file_accept, file_assign, file_open, file_triage, push_receive, push_send
from anlan.intake.models import Incident
from world import T0, World

_numbers = count(1)
MORE = [
    ("lin", "林", "west", "beat_officer"),
    ("mo", "莫", "mediation", "mediation_desk"),
    ("nan", "南", "mediation", "mediator"),
    ("rui", "瑞", "town-east", "town_operator"),
]


def later(**passed: float) -> datetime:
    """So long after the beginning: Monday 2 March 2026, 09:00 in Shanghai."""
    return T0 + timedelta(**passed)


def people_come(world: World, *, at: datetime = T0) -> World:
    """The people who follow disputes join the cast."""
    for name, shown, org, role in MORE:
        person = person_add(
            username=name,
            name=shown,
            organisation=world.orgs[org],
            password="a-long-enough-password",
            by=SYSTEM,
            at=at,
        )
        role_grant(person=person, role=role, by=SYSTEM, at=at)
        world.people[name] = person
    return world


def quarrel(world: World, **columns: Any) -> Incident:
    """Neighbours quarrel at lon 120.065 in the west; joint track unless told otherwise."""
    at = columns.get("received_at", T0)
    usual = {
        "number": f"260302-{next(_numbers):05d}",
        "code": "0402",
        "priority": "P3",
        "priority_rule": "type",
        "track": "J",
        "track_rule": "type",
        "state_since": at,
        "received_at": at,
        "lon": 120.065,
        "lat": 28.90,
        "cell": 12345,
        "beat_code": "beat-west",
        "address_text": "安澜大道1号",
        "station": world.orgs["west"],
        "town_room": world.orgs["town-west"],
        "holder": world.orgs["bureau"],
    }
    return Incident.objects.create(**{**usual, **columns})


def opened(world: World, *, at: datetime = T0, **columns: Any) -> DisputeFile:
    """A file just opened."""
    return file_open(incident=quarrel(world, received_at=at, **columns), by=SYSTEM, at=at)


def pushed(
    file: DisputeFile, seq: int, *, at: datetime, by: Actor = SYSTEM, reason: str = "by_hand", **more: Any
) -> Push:
    """The file is put into the usual hands."""
    return push_send(file=file, seq=seq, reason=reason, by=by, at=at, **more)


def at_town(world: World, file: DisputeFile, *, at: datetime, to: str = "assigned") -> DisputeFile:
    """Dan's town room accepts the file, triages it, assigns it to the mediation centre."""
    dan = world.actor("dan")
    pushed(file, 3, at=at)
    file_accept(file=file, by=dan, at=at)
    if to == "accepted":
        return file
    file_triage(file=file, method="people", by=dan, at=at)
    if to == "assigned":
        file_assign(file=file, mediating=world.orgs["mediation"], by=dan, at=at)
    return file


def received(push: Push, *, by: Actor, at: datetime) -> Push:
    """The receiver has it in hand."""
    return push_receive(push=push, by=by, at=at)
