"""What a plan is made from: units on duty, places worth a stop, seconds between them. Read once, outside a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_ids_beneath
from anlan.core.actor import Actor
from anlan.patrol.demand import Wanted, demand_of_shift
from anlan.patrol.trials.selectors import extra_visits
from anlan.patrol.ways import Spot
from anlan.places.models import Area
from anlan.places.selectors import areas_in_force, locate_many, points_in_force, road_graph
from anlan.units.models import Shift, Unit

SQUARE_M = 500.0
NEAR_ROAD_M = 250.0
METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class OnDuty:
    """A unit that can patrol: where it begins and ends, from when to when, in whose beat its base lies."""

    unit: Unit
    lon: float
    lat: float
    starts_at: datetime
    ends_at: datetime
    beat_code: str


@dataclass(frozen=True)
class Spotted:
    """A place worth a stop, or that must have one."""

    kind: str
    lon: float
    lat: float
    beat_code: str
    expected: float = 0.0
    name_zh: str = ""
    name_en: str = ""
    why: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Ground:
    """All a plan is made from. ``squares`` are the places that may be drawn by lot, each with the same chance."""

    units: tuple[OnDuty, ...]
    spots: tuple[Spotted, ...]
    squares: tuple[Spotted, ...]
    demand: str
    expected: float


def ground_read(
    actor: Actor, organisation: Organisation, *, starts_at: datetime, ends_at: datetime, at: datetime
) -> Ground:
    """Everything but the travel times. Reads only."""
    reach = organisation_ids_beneath(organisation)
    wanted, source = demand_of_shift(actor, reach, starts_at=starts_at, ends_at=ends_at, at=at)
    return Ground(
        units=tuple(_units(reach, starts_at, ends_at)),
        spots=(*_cells(wanted), *points_of(reach, starts_at), *_extra_visits(reach, starts_at, ends_at)),
        squares=tuple(_squares(reach)),
        demand=source,
        expected=sum(one.expected for one in wanted),
    )


def base_of(unit: Unit) -> Spot | None:
    """Where the unit begins and ends; None without a base on the map."""
    return None if unit.base_lon is None or unit.base_lat is None else (unit.base_lon, unit.base_lat)


def _units(reach: frozenset[int], starts_at: datetime, ends_at: datetime) -> list[OnDuty]:
    """Units of the police track with a shift then; where no shifts are kept at all, every unit that is in service."""
    rows = Unit.objects.filter(organisation_id__in=reach, is_active=True, track="P", base_lon__isnull=False)
    rows = rows.exclude(state="out_of_service").exclude(vehicle="boat")
    shifts = {
        shift.unit_id: shift
        for shift in Shift.objects.filter(
            unit__organisation_id__in=reach, starts_at__lt=ends_at, ends_at__gt=starts_at
        )
    }
    units = [unit for unit in rows if not shifts or unit.pk in shifts]
    located = locate_many([unit.base_lon for unit in units], [unit.base_lat for unit in units])
    found = []
    for unit, where in zip(units, located, strict=True):
        shift = shifts.get(unit.pk)
        begin = max(starts_at, shift.starts_at) if shift else starts_at
        end = min(ends_at, shift.ends_at) if shift else ends_at
        assert unit.base_lon is not None
        assert unit.base_lat is not None
        found.append(OnDuty(unit, unit.base_lon, unit.base_lat, begin, end, where.beat_code if where else ""))
    return found


def _cells(wanted: Sequence[Wanted]) -> list[Spotted]:
    return [Spotted("cell", w.lon, w.lat, w.beat_code, w.expected, why=w.why) for w in wanted]


def points_of(reach: frozenset[int], starts_at: datetime) -> list[Spotted]:
    """Must-cover points, booths and standby points of these organisations."""
    kinds = {"booth": "booth", "must_cover": "must", "standby": "standby"}
    rows = [row for row in points_in_force(at=starts_at) if row.organisation_id in reach and row.kind in kinds]
    located = locate_many([row.lon for row in rows], [row.lat for row in rows])
    return [
        Spotted(
            kinds[row.kind],
            row.lon,
            row.lat,
            where.beat_code if where else "",
            name_zh=row.name_zh,
            name_en=row.name_en,
            why={"point": row.code},
        )
        for row, where in zip(rows, located, strict=True)
    ]


def _extra_visits(reach: frozenset[int], starts_at: datetime, ends_at: datetime) -> list[Spotted]:
    """What a trial asks for today: each a must, in its own part of the shift: visits, not one stay."""
    visits = extra_visits(reach, starts_at=starts_at, ends_at=ends_at)
    located = locate_many([visit.lon for visit in visits], [visit.lat for visit in visits])
    return [
        Spotted(
            "must",
            visit.lon,
            visit.lat,
            where.beat_code if where else "",
            name_zh=f"试验 {visit.register_number} 加访 {visit.block}",
            name_en=f"Trial {visit.register_number}, extra visit {visit.block}",
            why={"trial": visit.trial_id, "block": visit.block, "part": visit.part, "parts": visit.parts},
        )
        for visit, where in zip(visits, located, strict=True)
    ]


def _squares(reach: frozenset[int]) -> list[Spotted]:
    """Every 500 m square of the area with a road near its middle, needed or not."""
    areas = [area for area in areas_in_force("station") if area.organisation_id in reach]
    if not areas:
        return []
    west, south, east, north = _bounds(areas)
    step_lat = SQUARE_M / METRES_A_DEGREE
    step_lon = step_lat / float(np.cos(np.deg2rad((south + north) / 2)))
    lon, lat = (
        grid.ravel()
        for grid in np.meshgrid(
            np.arange(west + step_lon / 2, east, step_lon), np.arange(south + step_lat / 2, north, step_lat)
        )
    )
    roads = road_graph()
    if roads is not None:
        near = roads.snapper.snap_many(lon, lat).distance_m <= NEAR_ROAD_M
        lon, lat = lon[near], lat[near]
    located = locate_many(lon.tolist(), lat.tolist())
    return [
        Spotted("random", float(x), float(y), where.beat_code)
        for x, y, where in zip(lon, lat, located, strict=True)
        if where is not None and where.station_id in reach
    ]


def _bounds(areas: Sequence[Area]) -> tuple[float, float, float, float]:
    points = np.array([point for area in areas for ring in _rings(area.polygon) for point in ring], dtype=np.float64)
    (west, south), (east, north) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _rings(polygon: dict[str, Any]) -> list[list[Spot]]:
    if polygon["type"] == "MultiPolygon":
        return [ring for part in polygon["coordinates"] for ring in part]
    return list(polygon["coordinates"])
