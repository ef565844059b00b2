"""Roads around a point, and whether a place can be driven to at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.geo.distance import EARTH_RADIUS_M
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.search import ReverseSearch
from anlan.engines.roads.snap import Snapper

CUT_OFF_SHARE = 0.5
"""A place from which less than this share of all roads is left is the cut-off part, not the rest."""


def links_within(graph: RoadGraph, lon: float, lat: float, radius_m: float) -> NDArray[np.int64]:
    """The links with any point within ``radius_m`` metres of a place (a flat plane around it), ascending.

    Raises ValueError for a radius below zero.
    """
    if radius_m < 0.0:
        raise ValueError(f"a radius is no less than nothing, got {radius_m}")
    north_m = float(np.radians(EARTH_RADIUS_M))
    east_m = north_m * float(np.cos(np.radians(lat)))
    x, y = (graph.point_lon - lon) * east_m, (graph.point_lat - lat) * north_m
    start = np.ones(len(x), dtype=bool)
    start[graph.link_point_indptr[1:] - 1] = False
    at = np.flatnonzero(start)
    run_x, run_y = x[at + 1] - x[at], y[at + 1] - y[at]
    squared = run_x**2 + run_y**2
    share = np.clip(-(x[at] * run_x + y[at] * run_y) / np.where(squared > 0.0, squared, 1.0), 0.0, 1.0)
    near = np.hypot(x[at] + share * run_x, y[at] + share * run_y) <= radius_m
    link = np.repeat(np.arange(graph.n_links), np.diff(graph.link_point_indptr) - 1)
    return np.unique(link[near])


@dataclass(frozen=True, slots=True)
class CutOff:
    """A place no vehicle comes to from the rest of the network, and the nearest point one can drive to.

    ``on_foot_m`` is the straight distance from there to the place asked for.
    """

    lon: float
    lat: float
    on_foot_m: float


def cut_off(search: ReverseSearch, snapper: Snapper, lon: float, lat: float) -> CutOff | None:
    """Whether the target of a search over the whole network is cut off from most of it, and where driving ends.

    None where it can be driven to, and where nothing but the cut-off part is open at all.
    """
    graph, weights = search.graph, search.weights
    is_open = np.isfinite(weights.forward_s) | np.isfinite(weights.backward_s)
    links = np.arange(graph.n_links, dtype=np.int64)
    comes = np.isfinite(search.end_s(2 * links)) & np.isfinite(weights.forward_s)
    comes |= np.isfinite(search.end_s(2 * links + 1)) & np.isfinite(weights.backward_s)
    if int((comes & is_open).sum()) >= CUT_OFF_SHARE * int(is_open.sum()):
        return None
    beyond = is_open & ~comes
    beyond[search.target.link] = False
    if not beyond.any():
        return None
    snap = snapper.snap(lon, lat, usable=beyond)
    return CutOff(snap.lon, snap.lat, snap.distance_m)
