"""From where a point is reached in so many minutes, and which units are there: by road, else by straight line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from anlan.core.actor import Actor
from anlan.engines.geo import distance_m
from anlan.engines.roads import DriveMode, Reach, Vehicle, reach_areas, search_to
from anlan.places.selectors import Roads, road_graph
from anlan.units.selectors import UnitOnBoard, units_for_board

LONGEST_MINUTES = 30
LINE_M_PER_S = {"car": 30 / 3.6, "motorcycle": 30 / 3.6, "foot": 5 / 3.6, "boat": 15 / 3.6}
"""Assumed where no road can be asked; the answer says so."""
CIRCLE_POINTS = 48
METRES_PER_DEGREE = 111_320.0
OFF_NETWORK_M = 2000.0


@dataclass(frozen=True)
class Answer:
    """Areas by limit, and ``(unit, seconds, by road or line)`` of those that can be there in the longest."""

    source: str
    areas: list[Reach]
    units: list[tuple[UnitOnBoard, float, str]]


def reach_to(
    actor: Actor, lon: float, lat: float, minutes: Sequence[int], *, is_urgent: bool, at: datetime
) -> Answer:
    """Who can be at a point in how many minutes, and from where one could: for a car, under blue light if urgent.

    Units are the actor's own reach's; each drives as it is (a pair on foot walks). A unit without a position
    is reckoned from its base, one without either is left out.
    """
    limits = [60.0 * minute for minute in minutes]
    roads = road_graph()
    mode = DriveMode.EMERGENCY if is_urgent else DriveMode.NORMAL
    units = [unit for unit in units_for_board(actor, at=at) if unit.state not in ("off", "out_of_service")]
    areas = _areas_by_road(roads, lon, lat, limits, mode) if roads is not None else None
    found = []
    for vehicle in {unit.vehicle for unit in units}:
        members = [(unit, place) for unit in units if unit.vehicle == vehicle and (place := _place(unit)) is not None]
        if members:
            found += _times(roads, members, vehicle, lon, lat, mode, limits[-1])
    found.sort(key=lambda each: (each[1], each[0].call_sign))
    if areas is None:
        return Answer("line", [_circle(lon, lat, limit) for limit in limits], found)
    return Answer("road", areas, found)


def _place(unit: UnitOnBoard) -> tuple[float, float] | None:
    return (unit.seen.lon, unit.seen.lat) if unit.seen else unit.base


def _areas_by_road(roads: Roads, lon: float, lat: float, limits: list[float], mode: DriveMode) -> list[Reach] | None:
    weights = roads.weights(Vehicle.CAR, mode)
    target = roads.snapper.snap(lon, lat, usable=weights.usable)
    if target.distance_m > OFF_NETWORK_M:
        return None
    return reach_areas(search_to(roads.graph, weights, target, cutoff_s=limits[-1]), limits)


def _times(
    roads: Roads | None,
    members: list[tuple[UnitOnBoard, tuple[float, float]]],
    vehicle: str,
    lon: float,
    lat: float,
    mode: DriveMode,
    longest_s: float,
) -> list[tuple[UnitOnBoard, float, str]]:
    """The units of one vehicle that are near enough in time."""
    lons, lats = np.array([place for _unit, place in members]).T
    line_s = distance_m(lons, lats, lon, lat) / LINE_M_PER_S.get(vehicle, LINE_M_PER_S["car"])
    seconds, by_road = np.asarray(line_s, dtype=np.float64), np.zeros(len(members), dtype=bool)
    if roads is not None and vehicle in set(Vehicle):
        weights = roads.weights(Vehicle(vehicle), mode)
        if weights.usable.any():
            target = roads.snapper.snap(lon, lat, usable=weights.usable)
            if target.distance_m <= OFF_NETWORK_M:
                snaps = roads.snapper.snap_many(lons, lats, usable=weights.usable)
                by_road = snaps.distance_m <= OFF_NETWORK_M
                road_s = search_to(roads.graph, weights, target, cutoff_s=longest_s).travel_s(snaps)
                seconds = np.where(by_road, road_s, line_s)
    return [
        (unit, float(took), "road" if road else "line")
        for (unit, _place_), took, road in zip(members, seconds, by_road, strict=True)
        if took <= longest_s
    ]


def _circle(lon: float, lat: float, limit_s: float) -> Reach:
    """As far as a car comes in a straight line."""
    turn = np.linspace(0.0, 2.0 * np.pi, CIRCLE_POINTS + 1)
    radius = limit_s * LINE_M_PER_S["car"] / METRES_PER_DEGREE
    x = lon + radius * np.cos(turn) / np.cos(np.radians(lat))
    y = lat + radius * np.sin(turn)
    return Reach(limit_s, [[[(round(float(a), 6), round(float(b), 6)) for a, b in zip(x, y, strict=True)]]])


def reach_out(answer: Answer) -> dict[str, Any]:
    """The answer as GeoJSON areas, the widest first (so that the nearest is drawn on top), and the units."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": area.polygons},
            "properties": {"minutes": round(area.limit_s / 60)},
        }
        for area in reversed(answer.areas)
    ]
    return {
        "source": answer.source,
        "areas": {"type": "FeatureCollection", "features": features},
        "units": [[unit.id, round(seconds), source] for unit, seconds, source in answer.units],
    }
