"""Where is this, who answers for it, and how does one get there."""

from __future__ import annotations

import logging
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils.translation import gettext

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.services import view_log
from anlan.core.snapshot import Snapshot
from anlan.engines.geo import AreaIndex, cell_of, cells_of, distance_m, point_at
from anlan.engines.roads import CutOff, DriveMode, Going, Snapper, Vehicle, cut_off, search_to
from anlan.engines.roads.ways import WHEELS
from anlan.engines.roads.weights import usable_links
from anlan.places.errors import PlaceTooLong, PlaceUnsure
from anlan.places.live_roads import Roads, conditions_in_force, roads_now, roads_usual
from anlan.places.memory import memory_return
from anlan.places.models import (
    Area,
    Basemap,
    Place,
    Point,
    PremiseNote,
    RoadNetwork,
    WeatherReading,
    WeatherWarning,
)
from anlan.places.road_arrivals import DriveSeen, drive_judged
from anlan.places.road_drawing import Drawn, condition_drawn, heading_words
from anlan.places.road_paces import RoadDrive, band_of, pace_levels, pace_row_in_use, paces_shown
from anlan.places.road_store import RoadStoreBroken, graph_load
from anlan.places.rules import NOTES_WITHIN_M, WEATHER_FRESH, note_kept_at_most

if TYPE_CHECKING:
    from anlan.engines.addresses import Candidate, GazetteerIndex

__all__ = [
    "Drawn",
    "DriveSeen",
    "Going",
    "Located",
    "RoadDrive",
    "Roads",
    "Weather",
    "WeatherThen",
    "address_search",
    "areas_in_force",
    "band_of",
    "basemap_attribution",
    "basemap_in_use",
    "condition_drawn",
    "conditions_in_force",
    "drive_seen",
    "heading_words",
    "locate",
    "locate_many",
    "note_latest",
    "notes_near",
    "pace_levels",
    "pace_row_in_use",
    "paces_shown",
    "place_meant",
    "points_in_force",
    "road_access",
    "road_distance_m",
    "road_graph",
    "road_graph_bare",
    "road_graph_usual",
    "weather_known",
    "weather_then",
]

log = logging.getLogger("anlan.places")
METRES_PER_DEGREE = 111_000.0
SKY_ROWS = 500
"""Measurements and warnings held in memory: three weeks of hours of one place."""


@dataclass(frozen=True, slots=True)
class Located:
    """Who answers for a point. All but the cell are None outside every area in force."""

    cell: int
    station_id: int | None = None
    town_room_id: int | None = None
    zone_id: int | None = None
    beat_code: str = ""
    setting: str = "town"

    @property
    def is_inside(self) -> bool:
        return self.station_id is not None or self.town_room_id is not None


@dataclass(frozen=True)
class _Areas:
    by_kind: dict[str, AreaIndex[int]]
    rows: dict[int, Area]
    parents: dict[int, int | None]


def _areas_load() -> _Areas:
    rows = {area.pk: area for area in Area.objects.filter(valid_to=None).order_by("pk")}
    kinds: dict[str, list[Area]] = {}
    for area in rows.values():
        kinds.setdefault(area.kind, []).append(area)
    return _Areas(
        by_kind={kind: AreaIndex([a.pk for a in of], [a.polygon for a in of]) for kind, of in kinds.items()},
        rows=rows,
        parents=dict(Organisation.objects.values_list("id", "parent_id")),
    )


def _areas_version() -> Hashable:
    return tuple(Area.objects.aggregate(n=Count("id"), last=Max("id"), ended=Max("valid_to")).values())


_areas = Snapshot(_areas_load, _areas_version)


def locate(lon: float, lat: float) -> Located:
    """The cell of a point and who answers for it, from the areas in force."""
    areas, point = _areas.get(), point_at(lon, lat)
    kinds = areas.by_kind.items() if point is not None else ()
    found = {kind: areas.rows[pk] for kind, index in kinds if (pk := index.area_of(point)) is not None}
    return _located(int(cell_of(lon, lat)), found, areas)


def locate_many(lons: Sequence[float | None], lats: Sequence[float | None]) -> list[Located | None]:
    """``locate`` for many points at once; None where a point has no coordinates."""
    areas = _areas.get()
    points = [
        (k, lon, lat)
        for k, (lon, lat) in enumerate(zip(lons, lats, strict=True))
        if lon is not None and lat is not None
    ]
    known, x, y = [p[0] for p in points], [p[1] for p in points], [p[2] for p in points]
    cells: Sequence[int] = cells_of(x, y).tolist() if points else []
    hits = {kind: index.areas_at(x, y) for kind, index in areas.by_kind.items()} if known else {}
    answer: list[Located | None] = [None] * len(lons)
    for place, k in enumerate(known):
        found = {kind: areas.rows[pk] for kind, ids in hits.items() if (pk := ids[place]) is not None}
        answer[k] = _located(int(cells[place]), found, areas)
    return answer


def _located(cell: int, found: dict[str, Area], areas: _Areas) -> Located:
    station, town, beat, zone = (found.get(kind) for kind in ("station", "town", "beat", "zone"))
    station_id = station.organisation_id if station else (beat.organisation_id if beat else None)
    finest = beat or station or town
    return Located(
        cell=cell,
        station_id=station_id,
        town_room_id=town.organisation_id if town else None,
        zone_id=zone.organisation_id if zone else (areas.parents.get(station_id) if station_id else None),
        beat_code=beat.code if beat else "",
        setting=finest.setting if finest else "town",
    )


def areas_in_force(kind: str) -> list[Area]:
    """The areas of one kind as they stand now."""
    return [area for area in _areas.get().rows.values() if area.kind == kind]


def points_in_force(*, at: datetime, kind: str | None = None) -> list[Point]:
    """Booths, must-cover and standby points as they stand at ``at``, by kind and code."""
    rows = Point.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at).select_related(
        "organisation"
    )
    return list((rows.filter(kind=kind) if kind else rows).order_by("kind", "code"))


def _gazetteer_load() -> GazetteerIndex:
    from anlan.engines.addresses import GazetteerIndex, GazetteerRecord

    return GazetteerIndex(
        [
            GazetteerRecord(
                id=row.pk,
                kind=row.kind,
                name_zh=row.name_zh,
                name_en=row.name_en,
                aliases=tuple(row.aliases),
                lon=row.lon,
                lat=row.lat,
                road=row.road,
                number=row.number,
                area_code=row.area_code,
            )
            for row in Place.objects.order_by("pk").iterator(2000)
        ]
    )


def _gazetteer_version() -> Hashable:
    return tuple(Place.objects.aggregate(n=Count("id"), last=Max("id")).values())


_gazetteer = Snapshot(_gazetteer_load, _gazetteer_version)


def address_search(text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> list[Candidate]:
    """Places the words may mean, best first, each with its confidence. Deciding is the reader's."""
    return _gazetteer.get().search(text, near=near, limit=limit)


SURE = 0.7
"""Words that mean a place less surely than this mean none here; a house number between two known ones is surer."""
STRETCH_M = 250.0
"""A road whose middle may be farther than this from what is meant needs a crossing or a number."""


def place_meant(text: str) -> tuple[float, float]:
    """(lon, lat) of the one place the words mean, where something is done to it and a guess would do harm.

    Raises ``BadInput`` where the words mean nothing, ``PlaceUnsure`` with the nearest where they may mean others,
    ``PlaceTooLong`` for a whole road.
    """
    found = address_search(text.strip(), limit=3) if text.strip() else []
    if not found:
        raise BadInput(field="place", problem=text[:40])
    first = found[0]
    if first.confidence < SURE:
        names = dict.fromkeys(each.record.name_zh for each in found)
        raise PlaceUnsure(text=text.strip()[:40], found="、".join(names))
    if first.radius_m > STRETCH_M:
        raise PlaceTooLong(found=first.record.name_zh)
    return first.lon, first.lat


def _roads_load() -> Roads | None:
    row = RoadNetwork.objects.filter(is_active=True).first()
    if row is None:
        return None
    try:
        graph = graph_load(Path(settings.ROADS_DIR) / row.file)
    except (RoadStoreBroken, FileNotFoundError):
        # Units must be sent today too: times come from the straight line, and say so, until the import is repeated.
        log.exception("the road network %s can't be read; import its file again", row.name)
        return None
    roads = Roads(graph=graph, snapper=Snapper(graph), attribution=row.attribution, sha256=row.sha256)
    memory_return()
    return roads


def _roads_version() -> Hashable:
    return RoadNetwork.objects.filter(is_active=True).values_list("id", "sha256").first()


_roads = Snapshot(_roads_load, _roads_version)


def road_graph(*, at: datetime | None = None) -> Roads | None:
    """The active road network with the closures and hours that hold at ``at`` (now); None where none was imported."""
    base = _roads.get()
    return None if base is None else roads_now(base, at=at)


def road_graph_usual(*, at: datetime | None = None) -> Roads | None:
    """The road network as it usually is at that time of the week, nothing closed; None where none was imported."""
    base = _roads.get()
    return None if base is None else roads_usual(base, at=at)


def road_graph_bare() -> Roads | None:
    """The road network as the map has it: no closures, nothing learned; None where none was imported."""
    return _roads.get()


def drive_seen(
    fixes: Sequence[tuple[datetime, float, float]],
    goal: tuple[float, float],
    *,
    vehicle: str = Vehicle.CAR,
    at: datetime,
) -> DriveSeen | None:
    """What a unit's track (when, lon, lat) says of its drive to ``goal``; None without a network or without a fix."""
    base = _roads.get()
    return None if base is None else drive_judged(base, fixes, goal, vehicle=vehicle, at=at)


def road_distance_m(lon: float, lat: float) -> float | None:
    """Metres from a point to the nearest road for vehicles; None where no network is in use."""
    base = _roads.get()
    if base is None:
        return None
    return base.snapper.snap(lon, lat, usable=usable_links(base.graph, WHEELS)).distance_m


def road_access(lon: float, lat: float, *, at: datetime | None = None) -> CutOff | None:
    """Where driving ends if closures cut a place off from the rest of the network; None where it can be reached.

    For a car under blue light, since that is who is sent; None too where no network is in use.
    """
    roads = road_graph(at=at)
    if roads is None or roads.graph.conditions is None:
        return None
    weights = roads.weights(Vehicle.CAR, DriveMode.EMERGENCY)
    search = search_to(roads.graph, weights, roads.snapper.snap(lon, lat, usable=weights.usable))
    return cut_off(search, roads.snapper, lon, lat)


def basemap_in_use() -> Basemap | None:
    """The map that is shown, or None where none has been drawn or taken in."""
    return Basemap.objects.filter(is_active=True).first()


def basemap_attribution(row: Basemap) -> str:
    """What must stand on every map and print: whose data, which approval, and whether the place exists."""
    parts = [gettext("synthetic data, no real place")] if row.is_synthetic else [row.attribution]
    if row.approval_number:
        parts.append(gettext("map approval number {number}").format(number=row.approval_number))
    return " · ".join(part for part in parts if part)


def notes_near(
    lon: float, lat: float, *, by: Actor, at: datetime, incident_id: int | None = None
) -> list[PremiseNote]:
    """Notes in force about the premises at a point; each look is logged.

    With ``incident_id`` the caller has made sure that ``by`` may see that incident: whoever goes there must
    know the hazards. Without one, only those see notes in whose reach the place or the note's owner lies.
    """
    answering = _answering(lon, lat)
    north = NOTES_WITHIN_M / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(lat)), 0.01)
    nearby = PremiseNote.objects.filter(
        lon__range=(lon - east, lon + east),
        lat__range=(lat - north, lat + north),
        expires_at__gt=at,
        withdrawn_at=None,
    ).order_by("hazard", "pk")
    found = [
        note
        for note in nearby
        if float(distance_m(lon, lat, note.lon, note.lat)) <= NOTES_WITHIN_M
        and (incident_id is not None or by.sees_all or by.org_ids & {note.organisation_id, *answering})
    ]
    for note in found:
        view_log(by=by, at=at, purpose="attend", target=note, incident_id=incident_id)
    return found


def note_latest(*, at: datetime, is_dwelling: bool) -> datetime:
    """Until when a note made at ``at`` may stand at most."""
    return at + note_kept_at_most(is_dwelling=is_dwelling)


@dataclass(frozen=True)
class Weather:
    """What is known of the weather at an instant: the last measurement, the coming hours, warnings in force."""

    measured: WeatherReading | None
    is_old: bool
    hours: list[WeatherReading]
    warnings: list[WeatherWarning]

    @property
    def is_fed(self) -> bool:
        """Whether any feed has told anything at all."""
        return bool(self.measured or self.hours or self.warnings)


def weather_known(*, at: datetime, spot: str = "", hours: int = 6) -> Weather:
    """The weather as it was known at ``at``: nothing received or issued later plays a part.

    ``spot`` is an area's code; where its own is not told, that of the whole jurisdiction stands for it.
    """
    spots = [spot, ""] if spot else [""]
    heard = WeatherReading.objects.filter(spot__in=spots, received_at__lte=at)
    measured = heard.filter(form="observed", valid_at__lte=at).order_by("-spot", "-valid_at").first()
    issue = heard.filter(form="forecast", valid_at__gt=at).order_by("-spot", "-issued_at").first()
    told = (
        heard.filter(form="forecast", source=issue.source, spot=issue.spot, issued_at=issue.issued_at)
        if issue
        else heard.none()
    )
    warnings = (
        WeatherWarning.objects.filter(received_at__lte=at, ends_at__gt=at)
        .filter(Q(lifted_at=None) | Q(lifted_at__gt=at))
        .order_by("starts_at", "pk")
    )
    return Weather(
        measured=measured,
        is_old=measured is None or at - measured.valid_at > WEATHER_FRESH,
        hours=list(told.filter(valid_at__gt=at).order_by("valid_at")[:hours]),
        warnings=list(warnings),
    )


@dataclass(frozen=True)
class _Sky:
    measured: dict[str, list[WeatherReading]]
    """By area's code (empty for the whole jurisdiction), newest first."""
    warnings: list[WeatherWarning]


def _sky_load() -> _Sky:
    measured: dict[str, list[WeatherReading]] = {}
    for row in WeatherReading.objects.filter(form="observed").order_by("-valid_at", "-pk")[:SKY_ROWS]:
        measured.setdefault(row.spot, []).append(row)
    return _Sky(measured, list(WeatherWarning.objects.order_by("-ends_at", "pk")[:SKY_ROWS]))


def _sky_version() -> Hashable:
    told = WeatherWarning.objects.aggregate(
        last=Max("id"), lifted=Max("lifted_at"), starts=Max("starts_at"), ends=Max("ends_at"), n=Count("id")
    )
    return (*told.values(), WeatherReading.objects.aggregate(last=Max("id"))["last"])


_sky = Snapshot(_sky_load, _sky_version)


@dataclass(frozen=True, slots=True)
class WeatherThen:
    """What was measured at a place shortly before a moment, and the kinds of warnings in force there."""

    measured: WeatherReading | None
    warnings: frozenset[str]


def weather_then(
    moment: datetime, *, at: datetime, lon: float | None = None, lat: float | None = None
) -> WeatherThen:
    """The weather of a moment as it is known at ``at``, from memory: asked for every call that is taken.

    The finest area around the point that has a measurement of its own comes before the whole jurisdiction; a
    measurement more than 90 minutes older than the moment tells nothing of it.
    """
    sky = _sky.get()
    spots = _spots_around(lon, lat) if any(sky.measured) or any(row.spot for row in sky.warnings) else []
    fresh = (
        row
        for spot in [*spots, ""]
        for row in sky.measured.get(spot, ())
        if row.received_at <= at and moment - WEATHER_FRESH <= row.valid_at <= moment
    )
    in_force = {
        row.kind
        for row in sky.warnings
        if row.received_at <= at
        and row.starts_at <= moment < row.ends_at
        and (row.lifted_at is None or row.lifted_at > moment)
        and row.spot in ("", *spots)
    }
    return WeatherThen(next(fresh, None), frozenset(in_force))


def _spots_around(lon: float | None, lat: float | None) -> list[str]:
    """The codes of the areas around a point, the finest first."""
    if lon is None or lat is None:
        return []
    areas = _areas.get()
    kinds = (areas.by_kind[kind] for kind in ("beat", "station", "town", "zone", "county") if kind in areas.by_kind)
    return [areas.rows[pk].code for index in kinds if (pk := index.area_at(lon, lat)) is not None]


def _answering(lon: float, lat: float) -> set[int]:
    """The organisations that answer for a point."""
    where = locate(lon, lat)
    return {org for org in (where.station_id, where.town_room_id, where.zone_id) if org is not None}
