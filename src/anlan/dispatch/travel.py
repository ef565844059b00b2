"""How long units take to a place: on the road network in use, else by the straight line."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.engines.assignment import line_travel_s
from anlan.engines.geo import distance_m
from anlan.engines.roads import DriveMode, SnapCache, Snaps, TravelWeights, Vehicle, travel_times_to
from anlan.places.selectors import Roads, road_graph

Floats = NDArray[np.float64]

ROAD, LINE = "road", "line"
OFF_NETWORK_M = 2000.0
"""Farther than this from any road, a point isn't on the map of roads."""
SIDE_BY_SIDE = 8
"""From so many goals on they are searched side by side."""
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
            weights = roads.weights(vehicle, mode)
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
    return travel_times_many(movers, [Goal(lon, lat, is_urgent)])[0]


@dataclass(frozen=True, slots=True)
class Goal:
    """A place to be driven to, under blue light or not."""

    lon: float
    lat: float
    is_urgent: bool


def travel_times_many(movers: Sequence[Mover], goals: Sequence[Goal]) -> list[TravelTimes]:
    """``travel_times`` to several places; the roads are asked for once, and each unit put on them once."""
    lons = np.array([mover.lon for mover in movers], dtype=np.float64)
    lats = np.array([mover.lat for mover in movers], dtype=np.float64)
    speed = np.array([LINE_SPEED_KMH.get(mover.vehicle, 30.0) for mover in movers])
    roads = road_graph() if len(movers) and goals else None
    placed: dict[bool, list[_OnRoad]] = {}
    for is_urgent in {goal.is_urgent for goal in goals} if roads is not None else ():
        assert roads is not None
        placed[is_urgent] = _on_road(roads, movers, lons, lats, is_urgent=is_urgent)

    def times(goal: Goal) -> TravelTimes:
        found = _by_road(roads, placed.get(goal.is_urgent, ()), len(movers), goal)
        by_line = ~np.isfinite(found.travel_s)
        if by_line.any():
            line_s = line_travel_s(distance_m(lons, lats, goal.lon, goal.lat), speed)
            found.travel_s[by_line] = line_s[by_line]
            found.off_road_m[by_line] = 0.0
        return found

    if len(goals) < SIDE_BY_SIDE:
        return [times(goal) for goal in goals]
    # The compiled search lets the interpreter go, so cores share the goals out; nothing here asks the store.
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(times, goals))


@dataclass(frozen=True, eq=False)
class _OnRoad:
    """Units of one kind of vehicle on the roads it may use: their rows and places."""

    rows: NDArray[np.int64]
    weights: TravelWeights
    snaps: Snaps


def _on_road(roads: Roads, movers: Sequence[Mover], lons: Floats, lats: Floats, *, is_urgent: bool) -> list[_OnRoad]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, mover in enumerate(movers):
        groups[mover.vehicle].append(row)
    mode = DriveMode.EMERGENCY if is_urgent else DriveMode.NORMAL
    placed = []
    for name, members in groups.items():
        if name not in set(Vehicle):
            continue
        rows = np.array(members, dtype=np.int64)
        weights, places = _held(roads).of(roads, Vehicle(name), mode)
        if weights.usable.any():
            snaps = places.snaps([movers[row].id for row in members], lons[rows], lats[rows])
            placed.append(_OnRoad(rows, weights, snaps))
    return placed


def _by_road(roads: Roads | None, placed: Sequence[_OnRoad], n: int, goal: Goal) -> TravelTimes:
    found = TravelTimes(np.full(n, np.inf), np.zeros(n), 0.0, [LINE] * n)
    target_off_road_m = np.inf
    for group in placed:
        assert roads is not None
        target = roads.snapper.snap(goal.lon, goal.lat, usable=group.weights.usable)
        if target.distance_m > OFF_NETWORK_M:
            continue
        target_off_road_m = min(target_off_road_m, target.distance_m)
        seconds = travel_times_to(roads.graph, group.weights, target, group.snaps)
        seconds[group.snaps.distance_m > OFF_NETWORK_M] = np.inf
        found.travel_s[group.rows] = seconds
        found.off_road_m[group.rows] = group.snaps.distance_m
        for row, reached in zip(group.rows.tolist(), np.isfinite(seconds).tolist(), strict=True):
            found.source[row] = ROAD if reached else LINE
    off_m = float(target_off_road_m) if np.isfinite(target_off_road_m) else 0.0
    return TravelTimes(found.travel_s, found.off_road_m, off_m, found.source)
