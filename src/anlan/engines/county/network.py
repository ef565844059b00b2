"""From drawn lines to a road network: cut at every crossing, weld the ends, keep what connects."""

import itertools
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from anlan.engines.county.frame import Floats, Frame
from anlan.engines.county.records import CountyRoad
from anlan.engines.county.streets import SPEED_KMH, DraftRoad

TOUCH_M = 3.0
"""An end this near to another road is meant to be on it."""
WELD_M = 9.0
"""Junctions nearer than this are one junction."""
STUB_M = 28.0
"""Loose ends shorter than this are drawing slips."""

Piece = tuple[DraftRoad, LineString]


def road_network(drafts: list[DraftRoad], frame: Frame, river: BaseGeometry) -> tuple[CountyRoad, ...]:
    """Cut the drafts into stretches between junctions and put them on the ground.

    Stretches that cross the middle line `river` (plan metres) are bridges, drawn as such or not.

    The result is one connected network in which every junction can reach every other: parts that
    do not connect are left out, one-way streets that would trap a car become two-way.
    """
    pieces = _cut(drafts)
    nodes, ends = _weld(pieces)
    pieces, ends = _without_stubs(pieces, ends)
    pieces, ends = _connected(pieces, ends, len(nodes))
    ground = frame.to_lonlat(nodes)
    oneway = _safe_oneways([road.oneway for road, _ in pieces], ends, len(nodes))
    return tuple(
        _line(piece, frame, ground[a], ground[b], bool(one), river)
        for piece, (a, b), one in zip(pieces, ends, oneway, strict=True)
    )


def _line(piece: Piece, frame: Frame, start: Floats, stop: Floats, oneway: bool, river: BaseGeometry) -> CountyRoad:
    road, line = piece
    inner = frame.to_lonlat(shapely.get_coordinates(line.segmentize(160.0)))[1:-1]
    points = [tuple(start.tolist()), *(tuple(p) for p in inner.tolist()), tuple(stop.tolist())]
    return CountyRoad(
        name=road.name.zh,
        name_en=road.name.en,
        road_class=road.road_class,
        points=tuple((float(p[0]), float(p[1])) for p in points),
        oneway=oneway,
        speed_kmh=SPEED_KMH[road.road_class],
        bridge=road.bridge or bool(line.intersects(river)),
    )


def _points_of(geom: BaseGeometry) -> Iterable[shapely.Point]:
    for part in shapely.get_parts(geom):
        if part.is_empty:
            continue
        if part.geom_type == "Point":
            yield part
        elif part.geom_type == "LineString":
            yield shapely.Point(part.coords[0])
            yield shapely.Point(part.coords[-1])


def _cut(drafts: list[DraftRoad]) -> list[Piece]:
    """Split every draft where another crosses, touches or ends on it."""
    lines = [road.line for road in drafts]
    cuts: dict[int, set[float]] = defaultdict(set)
    one, two = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=TOUCH_M)
    for i, j in zip(one.tolist(), two.tolist(), strict=True):
        if i == j:
            continue
        if i < j:
            for point in _points_of(lines[i].intersection(lines[j])):
                cuts[i].add(lines[i].project(point))
                cuts[j].add(lines[j].project(point))
        for end in (shapely.Point(lines[j].coords[0]), shapely.Point(lines[j].coords[-1])):
            if lines[i].distance(end) < TOUCH_M:
                cuts[i].add(lines[i].project(end))
    pieces: list[Piece] = []
    for i, road in enumerate(drafts):
        stops = sorted({0.0, road.line.length} | cuts[i])
        merged = [stops[0], *(b for a, b in itertools.pairwise(stops) if b - a > 1.0)]
        if road.line.length - merged[-1] <= 1.0:
            merged[-1] = road.line.length
        pieces += [(road, substring(road.line, a, b)) for a, b in itertools.pairwise(merged)]
    return pieces


def _weld(pieces: list[Piece]) -> tuple[Floats, list[tuple[int, int]]]:
    """Merge ends within WELD_M into nodes; returns node positions and each piece's two nodes."""
    tips = np.array([tip for _, line in pieces for tip in (line.coords[0], line.coords[-1])])
    near = cKDTree(tips).query_pairs(WELD_M, output_type="ndarray")
    size = len(tips)
    links = coo_matrix((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(size, size))
    count, label = connected_components(links, directed=False)
    total = np.zeros((count, 2))
    np.add.at(total, label, tips)
    nodes: Floats = total / np.bincount(label, minlength=count)[:, None]
    return nodes, [(int(a), int(b)) for a, b in label.reshape(-1, 2)]


def _without_stubs(pieces: list[Piece], ends: list[tuple[int, int]]) -> tuple[list[Piece], list[tuple[int, int]]]:
    """Leave out loops, doubles between the same junctions, and short loose ends."""
    degree: dict[int, int] = defaultdict(int)
    for a, b in ends:
        degree[a] += 1
        degree[b] += 1
    seen: set[tuple[int, int]] = set()
    kept: list[int] = []
    for k, (a, b) in enumerate(ends):
        pair = (min(a, b), max(a, b))
        loose = min(degree[a], degree[b]) == 1 and pieces[k][1].length < STUB_M
        if a == b or pair in seen or loose:
            continue
        seen.add(pair)
        kept.append(k)
    return [pieces[k] for k in kept], [ends[k] for k in kept]


def _connected(
    pieces: list[Piece], ends: list[tuple[int, int]], nodes: int
) -> tuple[list[Piece], list[tuple[int, int]]]:
    """The largest connected part."""
    pairs = np.array(ends)
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))
    _, label = connected_components(links, directed=False)
    largest = int(np.bincount(label[pairs[:, 0]]).argmax())
    kept = [k for k, (a, _) in enumerate(ends) if label[a] == largest]
    return [pieces[k] for k in kept], [ends[k] for k in kept]


def _safe_oneways(wanted: list[bool], ends: list[tuple[int, int]], nodes: int) -> list[bool]:
    """The wanted one-ways, less those whose two ends could then not reach each other."""
    pairs, one = np.array(ends), np.array(wanted, dtype=bool)
    while True:
        rows = np.concatenate([pairs[:, 0], pairs[~one, 1]])
        cols = np.concatenate([pairs[:, 1], pairs[~one, 0]])
        links = coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(nodes, nodes))
        _, label = connected_components(links, directed=True, connection="strong")
        trapped = one & (label[pairs[:, 0]] != label[pairs[:, 1]])
        if not trapped.any():
            return [bool(value) for value in one]
        one = one & ~trapped
