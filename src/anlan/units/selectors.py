"""Which units there are, what they are doing, and where they were last seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Mod
from django.utils.functional import Promise
from django.utils.translation import get_language

from anlan.core.actor import Actor
from anlan.core.permissions import permitted
from anlan.units.equipment import MOST_OF_A_KIND as MOST_OF_A_KIND
from anlan.units.equipment import Kind as Kind
from anlan.units.equipment import equipment_kinds as equipment_kinds
from anlan.units.equipment import kind_named as kind_named
from anlan.units.loads import Carried as Carried
from anlan.units.loads import loads_known as loads_known
from anlan.units.loads import loads_of_kinds as loads_of_kinds
from anlan.units.loads import loads_of_units as loads_of_units
from anlan.units.models import CrewMember, DeskDuty, PositionFix, Unit, UnitPosition
from anlan.units.rank_rows import position_rows, unit_rows
from anlan.units.rules import (
    CAPABILITIES,
    FIXES_KEPT_FOR,
    FUTURE_TOLERANCE,
    LOST_AFTER,
    ON_INCIDENT,
    STALE_AFTER,
    UNIT_STATUS,
)


@dataclass(frozen=True, slots=True)
class SeenAt:
    """Where a unit was last seen, and how long ago: fresh, stale (over a minute) or lost (over ten)."""

    unit_id: int
    lon: float
    lat: float
    cell: int
    speed_mps: float | None
    heading_deg: float | None
    fixed_at: datetime
    age_s: float
    is_stale: bool
    is_lost: bool


@dataclass(frozen=True, slots=True)
class UnitOnBoard:
    """A unit as boards and recommendations need it, with the crew's names and the last position."""

    id: int
    call_sign: str
    track: str
    vehicle: str
    organisation_id: int
    organisation: str
    organisation_en: str
    capabilities: tuple[str, ...]
    state: str
    state_since: datetime
    incident_id: int | None
    incident_number: str
    base: tuple[float, float] | None
    crew: tuple[str, ...]
    seen: SeenAt | None

    @property
    def is_on_incident(self) -> bool:
        """Sent somewhere and not yet free again."""
        return self.state in ON_INCIDENT

    @property
    def organisation_shown(self) -> str:
        """Its organisation's name in the active language."""
        is_zh = (get_language() or "").startswith("zh")
        return self.organisation if is_zh or not self.organisation_en else self.organisation_en

    @property
    def state_label(self) -> str:
        """The status in words, in the active language."""
        return str(UNIT_STATUS.labels[self.state])


def position_ages() -> tuple[timedelta, timedelta]:
    """From which age on a position is stale, and from which the unit is lost."""
    return STALE_AFTER, LOST_AFTER


_SEEN_FIELDS = ("unit_id", "lon", "lat", "cell", "speed_mps", "heading_deg", "fixed_at")


def positions_latest(unit_ids: Iterable[int], *, at: datetime) -> dict[int, SeenAt]:
    """The last known position of each unit that ever had one, with its age at ``at``. One query."""
    rows = UnitPosition.objects.filter(unit_id__in=list(unit_ids)).values_list(*_SEEN_FIELDS)
    return {row[0]: _seen(*row, at=at) for row in rows}


def positions_all(*, at: datetime) -> dict[int, SeenAt]:
    """The last known position of every unit. One query."""
    return {row[0]: _seen(*row, at=at) for row in position_rows(_SEEN_FIELDS)}


def _seen(
    unit_id: int,
    lon: float,
    lat: float,
    cell: int,
    speed_mps: float | None,
    heading_deg: float | None,
    fixed_at: datetime,
    *,
    at: datetime,
) -> SeenAt:
    age = max(at - fixed_at, at - at)
    return SeenAt(
        unit_id,
        lon,
        lat,
        cell,
        speed_mps,
        heading_deg,
        fixed_at,
        age_s=age.total_seconds(),
        is_stale=age > STALE_AFTER,
        is_lost=age > LOST_AFTER,
    )


_BOARD_FIELDS = (
    "id",
    "call_sign",
    "track",
    "vehicle",
    "organisation_id",
    "organisation__name_zh",
    "organisation__name_en",
    "capabilities",
    "state",
    "state_since",
    "incident_id",
    "incident_number",
    "base_lon",
    "base_lat",
)


def units_for_board(actor: Actor, *, at: datetime) -> list[UnitOnBoard]:
    """Every unit in the actor's reach with crew, status and position; three queries whatever their number."""
    rows = list(Unit.objects.visible_to(actor).filter(is_active=True).values_list(*_BOARD_FIELDS))
    crews: dict[int, list[str]] = {}
    for unit_id, name in (
        CrewMember.objects.filter(left_at=None, unit_id__in=[row[0] for row in rows])
        .order_by("joined_at", "id")
        .values_list("unit_id", "person__name")
    ):
        crews.setdefault(unit_id, []).append(name)
    seen = positions_latest((row[0] for row in rows), at=at)
    return [_on_board(row, tuple(crews.get(row[0], ())), seen.get(row[0])) for row in rows]


def units_to_rank(*, at: datetime) -> list[UnitOnBoard]:
    """Every unit of the whole jurisdiction for a recommendation, without crew names. Two queries."""
    seen = positions_all(at=at)
    return [_on_board(row, (), seen.get(row[0])) for row in unit_rows(_BOARD_FIELDS)]


def _on_board(row: tuple[Any, ...], crew: tuple[str, ...], seen: SeenAt | None) -> UnitOnBoard:
    pk, call_sign, track, vehicle, org_id, org, org_en, can, state, since, incident_id, number, lon, lat = row
    base = (lon, lat) if lon is not None and lat is not None else None
    return UnitOnBoard(
        pk,
        call_sign,
        track,
        vehicle,
        org_id,
        org,
        org_en,
        tuple(can),
        state,
        since,
        incident_id,
        number,
        base,
        crew,
        seen,
    )


def capability_labels() -> Mapping[str, str | Promise]:
    """What units can be able to do, in words."""
    return CAPABILITIES


def unit_for(actor: Actor, unit_id: int) -> Unit:
    """The unit, or ``NotFound`` when it is missing or another organisation's."""
    unit: Unit = Unit.objects.one_for(actor, pk=unit_id)
    return unit


def signs_of_people(people: Collection[int]) -> dict[int, str]:
    """The call sign of the unit each of these people is on now; who is on none is left out. One query at most."""
    if not people:
        return {}
    aboard = CrewMember.objects.filter(person_id__in=list(people), left_at=None)
    return dict(aboard.values_list("person_id", "unit__call_sign"))


def units_crewed_by(actor: Actor) -> frozenset[int]:
    """Units the actor is on: a terminal is its own unit, a person the one whose crew they joined."""
    if actor.id is None:
        return frozenset()
    if actor.kind == "unit":
        return frozenset({actor.id})
    return frozenset(CrewMember.objects.filter(person_id=actor.id, left_at=None).values_list("unit_id", flat=True))


def duties_now(organisation_ids: Iterable[int]) -> list[DeskDuty]:
    """Who is on duty at the desks of these organisations, longest first, with person and organisation."""
    rows = DeskDuty.objects.filter(organisation_id__in=list(organisation_ids), left_at=None)
    return list(rows.select_related("person", "organisation").order_by("organisation__path", "taken_at", "id"))


def may_press_for(actor: Actor, unit: Unit) -> bool:
    """Whether the actor may press a unit's buttons: its own crew, its terminal, or a desk that sees it."""
    if actor.kind == "system" or unit.pk in units_crewed_by(actor):
        return True
    desk = actor.has_role("dispatcher", "duty_leader", "station_room", "town_operator")
    in_reach = actor.sees_all or unit.organisation_id in actor.org_ids
    return desk and in_reach and permitted(actor, "units.status")


def positions_at(unit_ids: Iterable[int], *, at: datetime, today: datetime) -> dict[int, SeenAt]:
    """Where each unit was known to be at a past moment: the newest fix of those received by then.

    The same row the live screen showed. Units whose fixes of that time have been forgotten are left out
    (see ``tracks_kept_from``; ``today`` is the moment from which that is reckoned). Two queries.
    """
    fixes = PositionFix.objects.filter(
        unit_id=OuterRef("unit_id"), received_at__lte=at, fixed_at__lte=at + FUTURE_TOLERANCE
    ).order_by("-fixed_at", "received_at", "-seq")
    wanted = UnitPosition.objects.filter(unit_id__in=list(unit_ids)).annotate(then=Subquery(fixes.values("id")[:1]))
    # Whoever has not been heard of since is where they were; that row is kept when the track is forgotten.
    unmoved = {row.unit_id: row for row in wanted if row.received_at <= at}
    then = [row.then for row in wanted if row.unit_id not in unmoved and row.then is not None]
    kept = PositionFix.objects.filter(pk__in=then, received_at__gte=tracks_kept_from(today))
    found: list[UnitPosition | PositionFix] = [*unmoved.values(), *kept]
    return {
        row.unit_id: _seen(
            row.unit_id,
            row.lon,
            row.lat,
            getattr(row, "cell", 0),
            row.speed_mps,
            row.heading_deg,
            row.fixed_at,
            at=at,
        )
        for row in found
    }


def tracks_kept_from(today: datetime) -> datetime:
    """Fixes received before this have been forgotten, or will be at the next tidying."""
    return today - FIXES_KEPT_FOR


FIXES_JUDGED = 60
"""The newest so many fixes are enough to judge whether a unit moves, stands or is there."""


def fixes_latest(unit_id: int, *, since: datetime, at: datetime) -> list[tuple[datetime, float, float]]:
    """The unit's newest fixes from ``since`` on, known at ``at``: (when, lon, lat), never falling in time."""
    rows = PositionFix.objects.filter(unit_id=unit_id, fixed_at__gte=since, fixed_at__lte=at, received_at__lte=at)
    return list(rows.order_by("-fixed_at", "-id").values_list("fixed_at", "lon", "lat")[:FIXES_JUDGED])[::-1]


@dataclass(frozen=True, slots=True)
class Track:
    """Fixes of many units in the order they were received: ``(received_at, unit_id, lon, lat, speed_mps,
    heading_deg, fixed_at)``. Of every device one in ``one_in`` was taken."""

    fixes: list[tuple[datetime, int, float, float, float | None, float | None, datetime]]
    one_in: int


def tracks_between(unit_ids: Iterable[int], *, start: datetime, end: datetime, at_most: int) -> Track:
    """What was received of the units after ``start`` and up to ``end``, thinned to about ``at_most`` fixes."""
    rows = PositionFix.objects.filter(received_at__gt=start, received_at__lte=end, unit_id__in=list(unit_ids))
    one_in = max(1, -(-rows.count() // at_most))
    if one_in > 1:
        rows = rows.alias(turn=Mod(F("seq"), Value(one_in))).filter(turn=0)
    columns = ("received_at", "unit_id", "lon", "lat", "speed_mps", "heading_deg", "fixed_at")
    return Track(list(rows.order_by("received_at", "id").values_list(*columns)), one_in)
