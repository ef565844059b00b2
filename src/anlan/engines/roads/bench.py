"""How long a recommendation's road part takes, measured with a clock that is handed in."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.search import search_to
from anlan.engines.roads.snap import SnapCache, Snapper
from anlan.engines.roads.speeds import DriveMode, Vehicle
from anlan.engines.roads.weights import travel_weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RecommendLatencies:
    """Seconds per query, by case.

    `cold_s`: all units and the call from bare coordinates. `cached_s`: the units' places
    on the road kept, a tenth of them moved since. `snap_s`: snapping all units alone.
    `search_s`: the search alone. `reached_share`: share of travel times that were finite.
    """

    n_units: int
    n_queries: int
    cold_s: Floats
    cached_s: Floats
    snap_s: Floats
    search_s: Floats
    reached_share: float


def benchmark_recommend(
    graph: RoadGraph,
    n_units: int,
    n_queries: int,
    seed: int,
    *,
    timer: Callable[[], float],
    snapper: Snapper | None = None,
    scatter_m: float = 30.0,
) -> RecommendLatencies:
    """Time `n_queries` calls against `n_units` units, all at random places near roads.

    `timer` gives seconds, `time.perf_counter` at the edge. Building graph, weights and
    snapper is not timed. Places are uniform over road points, `scatter_m` metres off the
    road in a random direction (normal, per axis).
    """
    rng = np.random.default_rng(seed)
    weights = travel_weights(graph, Vehicle.CAR, DriveMode.EMERGENCY)
    snapper = snapper or Snapper(graph)
    cache = SnapCache(snapper, usable=weights.usable)
    ids = list(range(n_units))
    lon, lat = places_near_roads(graph, n_units, scatter_m, rng)
    cache.snaps(ids, lon, lat)
    laps = np.zeros((4, n_queries))
    reached = 0
    for query in range(n_queries):
        moved = rng.random(n_units) < 0.1
        new_lon, new_lat = places_near_roads(graph, n_units, scatter_m, rng)
        lon, lat = np.where(moved, new_lon, lon), np.where(moved, new_lat, lat)
        call_lon, call_lat = (float(degrees[0]) for degrees in places_near_roads(graph, 1, scatter_m, rng))

        begin = timer()
        units = snapper.snap_many(lon, lat, usable=weights.usable)
        snapped = timer()
        call = snapper.snap(call_lon, call_lat, usable=weights.usable)
        located = timer()
        seconds = search_to(graph, weights, call).travel_s(units)
        done = timer()
        reached += int(np.isfinite(seconds).sum())

        again = timer()
        units = cache.snaps(ids, lon, lat)
        call = snapper.snap(call_lon, call_lat, usable=weights.usable)
        search_to(graph, weights, call).travel_s(units)
        laps[:, query] = (done - begin, timer() - again, snapped - begin, done - located)
    cold_s, cached_s, snap_s, search_s = laps
    share = reached / max(n_units * n_queries, 1)
    return RecommendLatencies(n_units, n_queries, cold_s, cached_s, snap_s, search_s, share)


def places_near_roads(graph: RoadGraph, n: int, scatter_m: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """``n`` places (lon, lat), uniform over road points and ``scatter_m`` metres off them per axis (normal)."""
    at = rng.integers(0, len(graph.point_lon), n)
    north = rng.normal(0.0, scatter_m, n) / 111_195.0
    east = rng.normal(0.0, scatter_m, n) / (111_195.0 * np.cos(np.radians(graph.point_lat[at])))
    return graph.point_lon[at] + east, graph.point_lat[at] + north
