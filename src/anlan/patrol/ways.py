"""How long units take from place to place, each as it moves: by road where a network is in use, else by lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from anlan.engines.assignment import line_travel_s
from anlan.engines.geo import distance_m
from anlan.engines.roads import DriveMode, Vehicle, route
from anlan.places.selectors import Roads, road_graph

Floats = NDArray[np.float64]
Spot = tuple[float, float]
ROAD, LINE = "road", "line"
CAR = "car"
VEHICLES = {CAR: Vehicle.CAR, "motorcycle": Vehicle.MOTORCYCLE, "foot": Vehicle.FOOT}
LINE_SPEED_KMH = {CAR: 30.0, "motorcycle": 30.0, "foot": 5.0}


def times_between(sources: Sequence[Spot], targets: Sequence[Spot], *, vehicle: str = CAR, at: datetime) -> Floats:
    """Seconds from each of n places to each of m, (n, m); without a network by straight lines."""
    if not sources or not targets:
        return np.zeros((len(sources), len(targets)))
    roads: Roads | None = road_graph(at=at)
    if roads is not None:
        return roads.matrix_s(sources, targets, vehicle=VEHICLES.get(vehicle, Vehicle.CAR))
    (lon_a, lat_a), (lon_b, lat_b) = np.array(sources, dtype=np.float64).T, np.array(targets, dtype=np.float64).T
    apart = distance_m(lon_a[:, None], lat_a[:, None], lon_b[None, :], lat_b[None, :])
    return line_travel_s(apart, np.full(apart.shape, LINE_SPEED_KMH.get(vehicle, LINE_SPEED_KMH[CAR])))


def ways_m(legs: Sequence[tuple[Spot, Spot]], *, vehicle: str = CAR, at: datetime) -> float | None:
    """Metres of road the quickest ways of these legs have together; None where no network is in use.

    A leg that no road leads over counts nothing: it is a fault of the plan, told as such.
    """
    roads: Roads | None = road_graph(at=at)
    if roads is None:
        return None
    weights = roads.weights(VEHICLES.get(vehicle, Vehicle.CAR), DriveMode.NORMAL)
    total = 0.0
    for leg in legs:
        source, target = (roads.snapper.snap(*place, usable=weights.usable) for place in leg)
        way = route(roads.graph, weights, source, target)
        total += way.length_m if way is not None else 0.0
    return total


def travel_between(spots: Sequence[Spot], *, vehicle: str = CAR, at: datetime) -> tuple[Floats, str]:
    """Seconds between all places, (n, n), and by what: ``road``, or ``line`` where no network is in use.

    Unreachable places stay infinite on a road network.
    """
    source = LINE if road_graph(at=at) is None else ROAD
    return times_between(spots, spots, vehicle=vehicle, at=at), source


def ways_of(vehicles: Sequence[str]) -> list[str]:
    """In which ways these units move, one matrix each; what has no way of its own moves like a car."""
    return sorted({vehicle if vehicle in VEHICLES else CAR for vehicle in vehicles}) or [CAR]


def travel_by_way(spots: Sequence[Spot], vehicles: Sequence[str], *, at: datetime) -> tuple[Floats, list[int], str]:
    """Seconds between all places for each way these units move, (n_ways, n, n); which is each unit's; by what."""
    ways = ways_of(vehicles)
    found = [travel_between(spots, vehicle=way, at=at) for way in ways]
    own = [ways.index(vehicle if vehicle in VEHICLES else CAR) for vehicle in vehicles]
    return np.stack([seconds for seconds, _ in found]), own, found[0][1]
