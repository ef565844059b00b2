"""The road search beside a plain one and beside the straight line, timed with a clock that is handed in."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from anlan.engines.geo.distance import distance_m
from anlan.engines.roads.bench import places_near_roads
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.route import route
from anlan.engines.roads.search import travel_times_to
from anlan.engines.roads.snap import SnapCache, Snapper
from anlan.engines.roads.speeds import CLASS_SPEED_KMH, DriveMode, Vehicle
from anlan.engines.roads.ways import Access, RoadLine, RoadWays
from anlan.engines.roads.weights import slowed, travel_weights, with_cells

MOVED_SHARE = 0.1
"""Share of units that are elsewhere than at the call before."""
GRID_STEP_DEG = 0.001
ONE_WAY_SHARE = 0.15

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Compared:
    """Seconds per query of each way to rank all units, and what the straight line's order costs.

    `ours_s`: from coordinates to times of all units, a tenth of them moved. `plain_s`: one textbook search
    over every point of the map, nearest points as places, no turns. `line_s`: straight lines. `route_s`:
    the line of the quickest unit's way, drawn. `closure_s`: pricing the network anew with one road closed.
    `ours_processor_s`, `plain_processor_s`: what the first two took of a processor, whoever else is at work.
    `is_wrong`: the unit nearest in a straight line is not the quickest; `lost_s`: how much later it is there.
    """

    n_units: int
    ours_s: list[float] = field(default_factory=list)
    plain_s: list[float] = field(default_factory=list)
    line_s: list[float] = field(default_factory=list)
    ours_processor_s: list[float] = field(default_factory=list)
    plain_processor_s: list[float] = field(default_factory=list)
    route_s: list[float] = field(default_factory=list)
    closure_s: list[float] = field(default_factory=list)
    is_wrong: list[bool] = field(default_factory=list)
    lost_s: list[float] = field(default_factory=list)


def compare_searches(
    graph: RoadGraph,
    ways: RoadWays,
    *,
    n_units: int,
    n_queries: int,
    seed: int,
    timer: Callable[[], float],
    processor: Callable[[], float] = lambda: 0.0,
) -> Compared:
    """Rank `n_units` units for `n_queries` calls in each way; places are as in `benchmark_recommend`.

    `timer` is a clock on the wall, `processor` one of this process's work, both in seconds.
    """
    rng = np.random.default_rng(seed)
    found, plain, snapper = Compared(n_units), PlainRoads.of(ways), Snapper(graph)
    weights = with_cells(graph, travel_weights(graph, Vehicle.CAR, DriveMode.EMERGENCY))
    cache, ids = SnapCache(snapper, usable=weights.usable), list(range(n_units))
    lon, lat = places_near_roads(graph, n_units, 30.0, rng)
    cache.snaps(ids, lon, lat)
    for _ in range(n_queries):
        moved = rng.random(n_units) < MOVED_SHARE
        new_lon, new_lat = places_near_roads(graph, n_units, 30.0, rng)
        lon, lat = np.where(moved, new_lon, lon), np.where(moved, new_lat, lat)
        call_lon, call_lat = (float(axis[0]) for axis in places_near_roads(graph, 1, 30.0, rng))
        work, begin = processor(), timer()
        snaps = cache.snaps(ids, lon, lat)
        target = snapper.snap(call_lon, call_lat, usable=weights.usable)
        travel_s = travel_times_to(graph, weights, target, snaps)
        ours = timer()
        found.ours_processor_s.append(processor() - work)
        first = int(np.argmin(travel_s))
        route(graph, weights, snaps[first], target, within_s=float(travel_s[first]))
        drawn, work = timer(), processor()
        plain.travel_s(lon, lat, call_lon, call_lat)
        plainly = timer()
        found.plain_processor_s.append(processor() - work)
        nearest = int(np.argmin(distance_m(lon, lat, call_lon, call_lat)))
        lined = timer()
        slowdown = np.ones(graph.n_links)
        slowdown[int(rng.integers(graph.n_links))] = np.inf
        closing = timer()
        slowed(graph, weights, slowdown)
        found.closure_s.append(timer() - closing)
        found.ours_s.append(ours - begin)
        found.route_s.append(drawn - ours)
        found.plain_s.append(plainly - drawn)
        found.line_s.append(lined - plainly)
        found.is_wrong.append(bool(travel_s[nearest] > travel_s[first]))
        found.lost_s.append(float(travel_s[nearest] - travel_s[first]))
    return found


@dataclass(frozen=True, eq=False)
class PlainRoads:
    """Every point of the map as a junction, backward: what one builds in an afternoon."""

    rows: csr_array
    tree: cKDTree

    @classmethod
    def of(cls, ways: RoadWays, access: Access = Access.CAR_EMERGENCY) -> "PlainRoads":
        _, first, node = np.unique(ways.point_node, return_index=True, return_inverse=True)
        way = np.repeat(np.arange(ways.n_ways), np.diff(ways.way_indptr))
        same = way[:-1] == way[1:]
        tail, head, way = node[:-1][same], node[1:][same], way[:-1][same]
        lon, lat = ways.point_lon, ways.point_lat
        metres = distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])[same]
        speed = np.where(np.isnan(ways.way_speed_kmh), CLASS_SPEED_KMH[ways.way_class], ways.way_speed_kmh)[way]
        seconds = np.maximum(metres / (speed / 3.6), 1e-6)
        along = (ways.way_access_forward[way] & int(access)) > 0
        against = (ways.way_access_backward[way] & int(access)) > 0
        tails = np.concatenate([tail[along], head[against]])
        heads = np.concatenate([head[along], tail[against]])
        times = np.concatenate([seconds[along], seconds[against]])
        rows = csr_array((times, (heads, tails)), shape=(len(first), len(first)))
        return cls(rows, cKDTree(_flat(lon[first], lat[first])))

    def travel_s(self, lon: Floats, lat: Floats, call_lon: float, call_lat: float) -> Floats:
        """Seconds from the point of the map nearest each unit to the one nearest the call."""
        _, units = self.tree.query(_flat(lon, lat))
        _, call = self.tree.query(_flat(np.array([call_lon]), np.array([call_lat])))
        return np.asarray(dijkstra(self.rows, indices=int(call[0]))[units])


def _flat(lon: Floats, lat: Floats) -> Floats:
    return np.column_stack([lon * np.cos(np.radians(lat)), lat])


def grid_lines(side: int, seed: int) -> list[RoadLine]:
    """A made-up city of `side` times `side` junctions, slightly out of line, some of its streets one-way."""
    rng = np.random.default_rng(seed)
    steps = np.arange(side) * GRID_STEP_DEG
    lon, lat = np.meshgrid(120.0 + steps, 30.0 + steps)
    lon = np.round(lon + rng.uniform(-0.3, 0.3, lon.shape) * GRID_STEP_DEG, 7)
    lat = np.round(lat + rng.uniform(-0.3, 0.3, lat.shape) * GRID_STEP_DEG, 7)
    lines = []
    for row in range(side):
        for column in range(side):
            for other in ((row, column + 1), (row + 1, column)):
                if max(other) >= side:
                    continue
                ends = [(float(lon[at]), float(lat[at])) for at in ((row, column), other)]
                if rng.random() < 0.5:
                    ends.reverse()
                kind = ("residential", "tertiary", "primary")[int(rng.integers(3))]
                lines.append(RoadLine("", kind, ends, oneway=bool(rng.random() < ONE_WAY_SHARE)))
    return lines
