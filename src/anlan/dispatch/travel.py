"""How long units take to a place: on the road network in use, else by the straight line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.engines.assignment import line_travel_s
from anlan.engines.geo import distance_m
from anlan.engines.roads import DriveMode, SnapCache, TravelWeights, Vehicle, search_to, travel_weights
from anlan.places.selectors import Roads, road_graph

Floats = NDArray[np.float64]

ROAD, LINE = "road", "line"
OFF_NETWORK_M = 2000.0
"""Farther than this from any road, a point isn't on the map of roads."""
LINE_SPEED_KMH = {"car": 30.0, "motorcycle": 30.0, "foot": 5.0, "boat": 15.0}
"""Assumed where no road can be asked; said so beside the time."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A unit as far as driving goes: where it is and how it moves."""

    id: int
    lon: float
    lat: float
    vehicle: str


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Seconds from each unit to the target, how far each is off its road, and by what it was reckoned."""

    travel_s: Floats
    off_road_m: Floats
    target_off_road_m: float
    source: list[str]


@dataclass
class _Network:
    """What is kept per network in use: weights by vehicle and mode, and each unit's place on the road."""

    sha256: str
    weights: dict[tuple[Vehicle, DriveMode], TravelWeights] = field(default_factory=dict)
    places: dict[tuple[Vehicle, DriveMode], SnapCache] = field(default_factory=dict)

    def of(self, roads: Roads, vehicle: Vehicle, mode: DriveMode) -> tuple[TravelWeights, SnapCache]:
        key = (vehicle, mode)
        if key not in self.weights:
            weights = travel_weights(roads.graph, vehicle, mode)
            self.places[key] = SnapCache(roads.snapper, usable=weights.usable)
            self.weights[key] = weights
        return self.weights[key], self.places[key]


_network = _Network("")


def _held(roads: Roads) -> _Network:
    global _network
    if _network.sha256 != roads.sha256:
        _network = _Network(roads.sha256)
    return _network


def travel_times(movers: Sequence[Mover], lon: float, lat: float, *, is_urgent: bool) -> TravelTimes:
    """Times from all units to one place: one search back from the place for each kind of vehicle.

    ``is_urgent`` drives under blue light. A unit that no road leads from, and every unit where no network
    is in use, is reckoned by the straight line at an assumed speed, and marked so.
    """
    n = len(movers)
    lons = np.array([mover.lon for mover in movers], dtype=np.float64)
    lats = np.array([mover.lat for mover in movers], dtype=np.float64)
    found = TravelTimes(np.full(n, np.inf), np.zeros(n), 0.0, [LINE] * n)
    roads = road_graph()
    if roads is not None and n:
        found = _by_road(roads, movers, lons, lats, lon, lat, is_urgent)
    by_line = ~np.isfinite(found.travel_s)
    if by_line.any():
        speed = np.array([LINE_SPEED_KMH.get(mover.vehicle, 30.0) for mover in movers])
        line_s = line_travel_s(distance_m(lons, lats, lon, lat), speed)
        found.travel_s[by_line] = line_s[by_line]
        found.off_road_m[by_line] = 0.0
    return found


def _by_road(
    roads: Roads, movers: Sequence[Mover], lons: Floats, lats: Floats, lon: float, lat: float, is_urgent: bool
) -> TravelTimes:
    n = len(movers)
    found = TravelTimes(np.full(n, np.inf), np.zeros(n), 0.0, [LINE] * n)
    target_off_road_m = np.inf
    groups: dict[str, list[int]] = defaultdict(list)
    for row, mover in enumerate(movers):
        groups[mover.vehicle].append(row)
    mode = DriveMode.EMERGENCY if is_urgent else DriveMode.NORMAL
    for name, members in groups.items():
        if name not in set(Vehicle):
            continue
        rows = np.array(members)
        weights, places = _held(roads).of(roads, Vehicle(name), mode)
        if not weights.usable.any():
            continue
        target = roads.snapper.snap(lon, lat, usable=weights.usable)
        if target.distance_m > OFF_NETWORK_M:
            continue
        target_off_road_m = min(target_off_road_m, target.distance_m)
        snaps = places.snaps([movers[row].id for row in members], lons[rows], lats[rows])
        seconds = search_to(roads.graph, weights, target).travel_s(snaps)
        seconds[snaps.distance_m > OFF_NETWORK_M] = np.inf
        found.travel_s[rows] = seconds
        found.off_road_m[rows] = snaps.distance_m
        for row, reached in zip(members, np.isfinite(seconds), strict=True):
            found.source[row] = ROAD if reached else LINE
    off_m = float(target_off_road_m) if np.isfinite(target_off_road_m) else 0.0
    return TravelTimes(found.travel_s, found.off_road_m, off_m, found.source)
