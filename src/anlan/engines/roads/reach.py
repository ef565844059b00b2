"""From where a place is reached in time: the roads within so many seconds of it, as areas to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.engines.roads.search import ReverseSearch

METRES_PER_DEGREE = 111_320.0
HALF_WIDTH_M = 60.0
"""How far an area reaches beside its roads: a plot's depth, so that blocks close up and forests don't."""
SIMPLIFY_SHARE = 0.2
"""An outline is drawn as coarse as this share of the half width."""
HOLE_FILLED_M2 = 150_000.0
"""A hole smaller than a few blocks is filled: nobody reads it, everybody sees it."""

Floats = NDArray[np.float64]
Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Reach:
    """All points on the road from which the target is reached within `limit_s`, widened to an area.

    `polygons` are lists of rings, the outer first, of (lon, lat) degrees.
    """

    limit_s: float
    polygons: list[list[Ring]]


def reach_areas(
    search: ReverseSearch, limits_s: Sequence[float], *, half_width_m: float = HALF_WIDTH_M
) -> list[Reach]:
    """One area per limit, smallest first; a larger limit's area holds every smaller one's.

    Beyond what the search has looked at nothing is known.

    Raises ValueError for a limit below zero or beyond the reach of the search.
    """
    limits = sorted(float(limit) for limit in limits_s)
    if limits and (limits[0] < 0.0 or limits[-1] > search.reached_s):
        raise ValueError(f"limits must lie between 0 and {search.reached_s:g} s, got {limits}")
    return [_area(search, limit, half_width_m) for limit in limits]


def _area(search: ReverseSearch, limit_s: float, half_width_m: float) -> Reach:
    graph = search.graph
    lat0 = float(graph.node_lat[graph.link_from[search.target.link]])
    scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(lat0)), METRES_PER_DEGREE])
    pieces = [piece * scale for piece in _pieces(search, limit_s)]
    if not pieces:
        return Reach(limit_s, [])
    owner = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    lines = shapely.linestrings(np.concatenate(pieces), indices=owner)
    widened = shapely.union_all(shapely.buffer(lines, half_width_m, quad_segs=2))
    return Reach(limit_s, _rings(shapely.simplify(widened, SIMPLIFY_SHARE * half_width_m), scale))


def _rings(shape: BaseGeometry, scale: Floats) -> list[list[Ring]]:
    """The polygons of a shape in metres as rings in degrees, without the holes too small to matter."""
    found = []
    for part in shapely.get_parts(shape):
        holes = [hole for hole in part.interiors if shapely.Polygon(hole).area > HOLE_FILLED_M2]
        rings = [np.asarray(ring.coords) / scale for ring in (part.exterior, *holes)]
        found.append([[(round(float(x), 6), round(float(y), 6)) for x, y in ring] for ring in rings])
    return found


def _pieces(search: ReverseSearch, limit_s: float) -> list[Floats]:
    """The stretches of road within the limit, each as its points (lon, lat)."""
    first, last = shares_within(search, limit_s)
    whole = first >= last
    pieces = []
    for link in np.flatnonzero(whole | (first > 0.0) | (last < 1.0)):
        if whole[link]:
            pieces.append(_stretch(search, int(link), 0.0, 1.0))
            continue
        # The way out at the start of the link, and the way out at its end.
        if first[link] > 0.0:
            pieces.append(_stretch(search, int(link), 0.0, float(first[link])))
        if last[link] < 1.0:
            pieces.append(_stretch(search, int(link), float(last[link]), 1.0))
    start, end = _beside_target(search, limit_s)
    if end > start:
        pieces.append(_stretch(search, int(search.target.link), start, end))
    return pieces


def shares_within(search: ReverseSearch, limit_s: float) -> tuple[Floats, Floats]:
    """Per link, up to which share of it leaving by its start is in time, and from which share leaving by its end.

    0 and 1 where there is no time for either; the whole link is in time where the first is not below the second.
    """
    graph, weights = search.graph, search.weights
    links = np.arange(graph.n_links, dtype=np.int64)
    by_start_s = limit_s - search.end_s(2 * links + 1)
    by_end_s = limit_s - search.end_s(2 * links)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.where(np.isfinite(weights.backward_s), by_start_s / weights.backward_s, 0.0)
        last = np.where(np.isfinite(weights.forward_s), 1.0 - by_end_s / weights.forward_s, 1.0)
    return np.clip(np.nan_to_num(first), 0.0, 1.0), np.clip(np.nan_to_num(last, nan=1.0), 0.0, 1.0)


def _beside_target(search: ReverseSearch, limit_s: float) -> tuple[float, float]:
    """The share of the target's own link from which one drives straight up to it in time."""
    link, weights = search.target.link, search.weights
    at = min(max(search.target.offset_m / float(search.graph.link_length_m[link]), 0.0), 1.0)
    # Along the link to the target, and against it; infinite seconds leave no share.
    return max(0.0, at - limit_s / float(weights.forward_s[link])), min(
        1.0, at + limit_s / float(weights.backward_s[link])
    )


def _stretch(search: ReverseSearch, link: int, start: float, end: float) -> Floats:
    """The points of a link between two shares of its length."""
    lon, lat, at_m = search.graph.link_points(link)
    if start <= 0.0 and end >= 1.0:
        return np.column_stack([lon, lat])
    start_m, end_m = start * float(at_m[-1]), end * float(at_m[-1])
    inside = (at_m > start_m) & (at_m < end_m)
    marks = np.concatenate([[start_m], at_m[inside], [end_m]])
    return np.column_stack([np.interp(marks, at_m, lon), np.interp(marks, at_m, lat)])
