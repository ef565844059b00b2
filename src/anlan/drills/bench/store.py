"""A small centre to be measured: organisations, areas, sixty units, and a dispatcher with a token."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from anlan.accounts.models import Organisation, Person
from anlan.accounts.services import organisation_add, person_add, role_grant, token_issue
from anlan.core.actor import SYSTEM
from anlan.drills.bench.past import BOX
from anlan.places.services import area_put
from anlan.tagging.services import taxonomy_load
from anlan.units.models import Unit
from anlan.units.rules import MAX_FIXES_A_BATCH
from anlan.units.services import PositionReport, positions_take, unit_add, unit_state_set

UNITS = 60


def small_centre(*, at: datetime, units: int = UNITS) -> str:
    """A bureau with a station, a town room, units and a dispatcher; returns the dispatcher's token."""
    taxonomy_load(by=SYSTEM, at=at)
    bureau = organisation_add(code="bureau", kind="bureau", name_zh="局", name_en="Bureau", by=SYSTEM, at=at)
    station = organisation_add(
        code="station", kind="station", name_zh="所", name_en="Station", parent=bureau, by=SYSTEM, at=at
    )
    town = organisation_add(
        code="town", kind="town_room", name_zh="街道", name_en="Town", parent=bureau, by=SYSTEM, at=at
    )
    west, south, east, north = BOX
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    for kind, org in (("station", station), ("town", town), ("beat", station)):
        polygon = {"type": "Polygon", "coordinates": [ring]}
        area_put(kind=kind, code=kind, name_zh=kind, polygon=polygon, organisation=org, by=SYSTEM, at=at)
    for k in range(units):
        home, track = (station, "P") if k % 3 else (town, "C")
        unit = unit_add(call_sign=f"{track}-{k:03d}", track=track, organisation=home, by=SYSTEM, at=at)
        unit_state_set(unit=unit, to="available", by=SYSTEM, at=at)
    person = person_add(username="bench", name="测", organisation=bureau, password=None, by=SYSTEM, at=at)
    for role in ("dispatcher", "call_taker", "duty_leader"):
        role_grant(person=person, role=role, by=SYSTEM, at=at)
    return token_issue(person=person, label="bench", by=SYSTEM, at=at)


def desks(count: int, *, sessions: int, at: datetime) -> list[str]:
    """Cookies of ``sessions`` browsers in which ``count`` dispatchers have signed in: a third each of the
    bureau, of its station and of its town room."""
    homes = [Organisation.objects.get(code=code) for code in ("bureau", "station", "town")]
    people = []
    for k in range(count):
        home = homes[k % 3]
        person = person_add(username=f"desk-{k}", name="台", organisation=home, password=None, by=SYSTEM, at=at)
        role_grant(person=person, role="dispatcher", by=SYSTEM, at=at)
        people.append(person)
    return [f"{settings.SESSION_COOKIE_NAME}={_signed_in(people[k % count])}" for k in range(sessions)]


def _signed_in(person: Person) -> str:
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store.create()
    return str(store.session_key)


def gateway(*, at: datetime) -> str:
    """The token with which a positions gateway signs in."""
    bureau = Organisation.objects.get(code="bureau")
    person = person_add(username="gateway", name="网关", organisation=bureau, password=None, by=SYSTEM, at=at)
    role_grant(person=person, role="integration", by=SYSTEM, at=at)
    return token_issue(person=person, label="positions", by=SYSTEM, at=at)


def units_report(*, at: datetime) -> None:
    """Each unit tells where it is now; so that in a kept store nobody's position is of yesterday."""
    west, south, _, _ = BOX
    boot = f"{at:%y%m%d%H%M%S}"
    fixes = [
        PositionReport(
            unit_id=unit, boot=boot, seq=1, lon=west + 0.003 * (k % 60), lat=south + 0.003 * (k % 60), fixed_at=at
        )
        for k, unit in enumerate(Unit.objects.order_by("id").values_list("id", flat=True))
    ]
    for start in range(0, len(fixes), MAX_FIXES_A_BATCH):
        positions_take(fixes=fixes[start : start + MAX_FIXES_A_BATCH], by=SYSTEM, at=at)
