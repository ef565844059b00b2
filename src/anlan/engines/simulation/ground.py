"""Zones from places: who is near each other shares one, and the ways between zones come from the road network."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from anlan.engines.geo import cells_of, distance_m
from anlan.engines.roads import DriveMode, RoadGraph, Snapper, Vehicle, travel_matrix, travel_weights
from anlan.engines.simulation.world import Floats, Ground, Ints

ZONE_RESOLUTION = 9
"""Hexagons of about 0.1 square kilometres, 200 m from middle to edge."""
DETOUR = 1.3
"""How much longer a road is than the line, where only metres are told (kilometres driven)."""
LINE_KMH = (40.0, 30.0)
"""Over the line, with blue light and without, where no road network is."""


@dataclass(frozen=True, eq=False)
class Zones:
    """Where zones lie (the mean of the places in each), and how far a place lies from its zone's, on average."""

    lon: Floats
    lat: Floats
    spread_m: float

    def __len__(self) -> int:
        return len(self.lon)


def zones_of(lon: ArrayLike, lat: ArrayLike, *, resolution: int = ZONE_RESOLUTION) -> tuple[Zones, Ints]:
    """The zones of places, and the zone of each place. Raises ValueError for coordinates that are none."""
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    cells, zone = np.unique(cells_of(lons, lats, resolution=resolution), return_inverse=True)
    count = np.bincount(zone, minlength=len(cells)).astype(np.float64)
    middle_lon = np.bincount(zone, weights=lons, minlength=len(cells)) / count
    middle_lat = np.bincount(zone, weights=lats, minlength=len(cells)) / count
    off = distance_m(lons, lats, middle_lon[zone], middle_lat[zone])
    return Zones(middle_lon, middle_lat, float(np.mean(off))), np.asarray(zone, dtype=np.int64)


def ground_of(
    zones: Zones, demand: Floats, cover_s: Floats, graph: RoadGraph | None, *, spread: Callable[..., Any] = map
) -> Ground:
    """Ways between zones by the network, with blue light and without; by the line without a network.

    `spread` shares out the searches, as `travel_matrix` has it. Kilometres are the line times 1.3. A zone that no
    road reaches from most others stays so: calls there are told as never reached.
    """
    line_m = distance_m(zones.lon[:, None], zones.lat[:, None], zones.lon[None, :], zones.lat[None, :]) * DETOUR
    way_m = np.asarray(line_m, dtype=np.float64)
    if graph is None:
        urgent, calm = (way_m / (kmh / 3.6) for kmh in LINE_KMH)
        return Ground(urgent, calm, way_m, demand, cover_s)
    snapper = Snapper(graph)
    times = []
    for mode in (DriveMode.EMERGENCY, DriveMode.NORMAL):
        weights = travel_weights(graph, Vehicle.CAR, mode)
        places = snapper.snap_many(zones.lon, zones.lat, usable=weights.usable)
        table = travel_matrix(graph, weights, places, places, spread=spread)
        np.fill_diagonal(table, 0.0)
        times.append(table)
    return Ground(times[0], times[1], way_m, demand, cover_s)


def paced(ground: Ground, *, urgent: float = 1.0, calm: float = 1.0) -> Ground:
    """The same ground with ways so many times as long: what was learned from closed trips."""
    return replace(ground, urgent_s=ground.urgent_s * urgent, calm_s=ground.calm_s * calm)
