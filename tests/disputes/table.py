"""The mediating table: the county centre with two rooms, Mo at the guide desk, Nan and Oda mediate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from anlan.accounts.services import person_add, role_grant
from anlan.core.actor import SYSTEM
from anlan.disputes.models import DisputeFile, MediationBody, MediationRoom, Party
from anlan.disputes.services.mediation import mediation_start
from anlan.disputes.services.mediation_bodies import body_put, mediation_room_put, mediator_add
from anlan.disputes.services.parties import party_add
from anlan.disputes.services.sessions import session_book, session_hold
from disputes.quarrel import people_come
from world import PASSWORD, T0, World

TEN = T0 + timedelta(hours=1)
"""Monday 2 March 2026, 10:00 in Shanghai: the first half hour anybody books."""
_numbers = count(1)


@dataclass
class Table:
    """What stands at the county centre, by name."""

    world: World
    centre: MediationBody
    police: MediationBody
    rooms: list[MediationRoom]

    def actor(self, name: str, at: datetime = T0) -> Any:
        return self.world.actor(name, at)

    def person(self, name: str) -> Any:
        return self.world.people[name]


def table_set(world: World, *, at: datetime = T0) -> Table:
    """Lay the table."""
    people_come(world, at=at)
    for name, shown, org, role in (("oda", "小田", "mediation", "mediator"), ("pei", "裴", "west", "station_room")):
        person = person_add(
            username=name, name=shown, organisation=world.orgs[org], password=PASSWORD, by=SYSTEM, at=at
        )
        role_grant(person=person, role=role, by=SYSTEM, at=at)
        world.people[name] = person
    centre = body_put(organisation=world.orgs["mediation"], type="county_centre", windows=2, by=SYSTEM, at=at)
    police = body_put(organisation=world.orgs["west"], type="police_station", by=SYSTEM, at=at)
    rooms = [
        mediation_room_put(body=centre, name_zh=zh, name_en=en, by=SYSTEM, at=at)
        for zh, en in (("第一调解室", "Room 1"), ("第二调解室", "Room 2"))
    ]
    for body, name in ((centre, "nan"), (centre, "oda"), (police, "pei")):
        mediator_add(body=body, person=world.people[name], by=SYSTEM, at=at)
    return Table(world, centre, police, rooms)


def assigned_file(world: World, *, at: datetime = T0, **columns: Any) -> DisputeFile:
    """A file that a town room has assigned, with party A and party B."""
    usual = {
        "number": f"D-260302-{next(_numbers):05d}",
        "code": "0402",
        "state": "assigned",
        "state_since": at,
        "level_since": at,
        "held_since": at,
        "opened_at": at,
        "last_report_at": at,
        "due_at": at + timedelta(days=15),
        "station": world.orgs["west"],
        "town_room": world.orgs["town-west"],
        "holder": world.orgs["town-west"],
        "mediating": world.orgs["mediation"],
    }
    file = DisputeFile.objects.create(**{**usual, **columns})
    for role, name in (("a", "张三"), ("b", "李四")):
        party_add(file=file, role=role, name=name, by=SYSTEM, at=at)
    return file


def sides(file: DisputeFile) -> tuple[Party, Party]:
    """Party A and party B."""
    return Party.objects.get(file=file, role="a", ordinal=1), Party.objects.get(file=file, role="b", ordinal=1)


def started(table: Table, *, method: str = "people", at: datetime = T0, file: Any = None, **columns: Any) -> Any:
    """A mediation that Nan (or, for police, Pei) has begun."""
    file = file or assigned_file(table.world, at=at, **columns)
    body, name = (table.police, "pei") if method == "police" else (table.centre, "nan")
    return mediation_start(
        file=file, body=body, method=method, mediator=table.person(name), by=table.actor(name, at), at=at
    )


def booked(table: Table, mediation: Any, starts_at: datetime = TEN, *, at: datetime = T0, **changes: Any) -> Any:
    """An hour of room 1 with its mediator."""
    room = table.rooms[0] if mediation.body_id == table.centre.pk else None
    usual = {"slots": 2, "mediator": mediation.mediator, "room": room, "by": table.actor("mo", at)}
    if mediation.body_id == table.police.pk:
        usual["by"] = table.actor("pei", at)
    return session_book(mediation=mediation, starts_at=starts_at, at=at, **{**usual, **changes})


def held(
    table: Table, mediation: Any, starts_at: datetime = TEN, *, outcome: str = "agreement", **changes: Any
) -> Any:
    """A session both sides came to."""
    session = booked(table, mediation, starts_at)
    a, b = sides(mediation.file)
    return session_hold(
        session=session,
        attendance={a.pk: "came", b.pk: "came"},
        outcome=outcome,
        by=table.actor(mediation.mediator.username, starts_at),
        at=starts_at + timedelta(hours=1),
        **changes,
    )
