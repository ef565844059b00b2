"""Into whose hands each push goes, and why where it is not the usual ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from anlan.accounts.models import Organisation, Person, RoleGrant
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import PUSH_OPEN


@dataclass(frozen=True, slots=True)
class Hands:
    """A receiver: organisation, role, perhaps one person; ``why`` is a code where the usual one is missing."""

    organisation: Organisation
    role: str
    person: Person | None = None
    why: str = ""


def organisation_acting(organisation: Organisation | None) -> Organisation | None:
    """The organisation itself, or the nearest one above it that still works; None where none does."""
    while organisation is not None and not organisation.is_active:
        organisation = organisation.parent
    return organisation


def hands_for_beat(file: DisputeFile, *, at: datetime) -> Hands | None:
    """Push 2: the officer of the beat; without one the station's room, and why.

    An officer is never chosen by results: whoever had the last file of this beat keeps the beat, else the one
    with the fewest visits open.
    """
    station = organisation_acting(file.station)
    if station is None:
        return None
    officers = beat_officers(station, at=at)
    if not officers:
        return Hands(station, "station_room", why="no_beat_officer")
    if file.beat_code:
        known = file.responsible_id or _last_of_beat(file, station, officers)
        for person in officers:
            if person.pk == known:
                return Hands(station, "beat_officer", person)
    return Hands(station, "beat_officer", officers[0], why="" if file.beat_code else "beat_unknown")


def _last_of_beat(file: DisputeFile, station: Organisation, officers: list[Person]) -> int | None:
    """Who of these had the last other file of its beat."""
    people = [person.pk for person in officers]
    sql = _LAST_OF_BEAT.format(people=", ".join(["%s"] * len(people)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [file.beat_code, station.pk, *people, file.pk])
        found = cursor.fetchone()
    return int(found[0]) if found else None


# The condition of the partial index stands in it in its very words.
_LAST_OF_BEAT = (
    f"SELECT responsible_id FROM {DisputeFile._meta.db_table} WHERE beat_code = %s AND NOT (beat_code = '') "
    "AND station_id = %s AND responsible_id IN ({people}) AND id <> %s ORDER BY opened_at DESC, id DESC LIMIT 1"
)


def beat_officers(station: Organisation, *, at: datetime) -> list[Person]:
    """The community officers of a station in service at ``at``, those with the fewest open visits first."""
    held = RoleGrant.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=at), role="beat_officer", organisation=station, valid_from__lte=at
    )
    people = list(Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("pk"))
    if len(people) < 2:
        return people
    open_visits = dict(
        Push.objects.filter(to_person__in=people, seq=2, state__in=PUSH_OPEN)
        .values_list("to_person")
        .annotate(n=Count("id"))
    )
    return sorted(people, key=lambda person: (open_visits.get(person.pk, 0), person.pk))


def hands_for_town(file: DisputeFile) -> Hands | None:
    """Push 3: the town room of the place; without one the duty leader of the bureau, and why."""
    room = organisation_acting(file.town_room)
    if room is not None and room.kind == Organisation.Kind.TOWN_ROOM:
        return Hands(room, "town_operator")
    some = organisation_acting(file.holder) or organisation_acting(file.station)
    if some is None:
        return None
    top = Organisation.objects.get(pk=int(some.path.strip("/").split("/")[0]))
    return Hands(top, "duty_leader", why="no_town_room")
