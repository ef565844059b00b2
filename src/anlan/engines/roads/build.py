"""From ways to a graph: connected parts, junctions, and links that keep their shape.

The steps, each exact: split ways into segments between neighbouring points; for each
vehicle and mode keep its largest strongly connected part; join segments through points
where nothing can be decided into links. A point stays a junction when it has other than
two neighbours, when class, speed, name or direction change there, or when a turn
restriction is tied to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from anlan.engines.geo.distance import distance_m
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.speeds import CLASS_SPEED_KMH
from anlan.engines.roads.turns import NO_TURNS, turns_of
from anlan.engines.roads.vehicles import ACCESS_BITS
from anlan.engines.roads.ways import Access, RoadLine, RoadWays, ways_from_lines

SHORTEST_SEGMENT_M = 0.01
"""Floor for a segment's length, so that positions along a link always move forward."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Segments:
    """Road pieces between two neighbouring way points, by node position."""

    start: Ints
    end: Ints
    way: Ints
    forward: NDArray[np.uint8]
    backward: NDArray[np.uint8]

    def kept(self, mask: NDArray[np.bool_]) -> "_Segments":
        return _Segments(self.start[mask], self.end[mask], self.way[mask], self.forward[mask], self.backward[mask])


def graph_from_lines(lines: Sequence[RoadLine]) -> RoadGraph:
    """Build a graph from hand-made road lines; see `RoadLine` for where lines meet."""
    return road_graph_build(ways_from_lines(lines))


def road_graph_build(ways: RoadWays, *, least_island_points: int | None = None) -> RoadGraph:
    """Build the routable graph of a map's ways.

    Only the largest strongly connected part is kept, because the ragged edge of an
    extract is full of roads that lead nowhere. A county with islands sets
    `least_island_points`: other strong parts with at least that many map points stay,
    and between parts there is then honestly no way.

    Raises ValueError when no two points of the map are connected for any vehicle.
    """
    if not ways.n_ways:
        raise ValueError("no drivable network: the map holds no road at all")
    node_ref, first_at, node = np.unique(ways.point_node, return_index=True, return_inverse=True)
    lon, lat = ways.point_lon[first_at], ways.point_lat[first_at]
    segments = _connected(_segments(ways, node.reshape(-1)), len(node_ref), least_island_points)
    if not len(segments.start):
        raise ValueError("no drivable network: no road of the map leads there and back again")
    next_half, is_junction = _pass_through(segments, ways, node_ref)
    chains = _chains(segments, next_half, is_junction)
    return _assemble(ways, segments, chains, node_ref, lon, lat)


def _segments(ways: RoadWays, node: Ints) -> _Segments:
    way_of_point = np.repeat(np.arange(ways.n_ways), np.diff(ways.way_indptr))
    same_way = way_of_point[:-1] == way_of_point[1:]
    start, end, way = node[:-1][same_way], node[1:][same_way], way_of_point[:-1][same_way]
    real = start != end
    start, end, way = start[real], end[real], way[real]
    return _Segments(start, end, way, ways.way_access_forward[way], ways.way_access_backward[way])


def _connected(segments: _Segments, n_nodes: int, least_island_points: int | None) -> _Segments:
    """Clear each access bit outside its kept strong parts; drop segments left without any."""
    forward, backward = segments.forward.copy(), segments.backward.copy()
    for bit in (1 << number for number in range(ACCESS_BITS)):
        along = (forward & bit) > 0
        against = (backward & bit) > 0
        if not (along.any() or against.any()):
            continue
        tails = np.concatenate([segments.start[along], segments.end[against]])
        heads = np.concatenate([segments.end[along], segments.start[against]])
        arcs = coo_array((np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(n_nodes, n_nodes))
        _, part = connected_components(arcs.tocsr(), directed=True, connection="strong")
        size = np.bincount(part)
        kept_part = np.zeros(len(size), dtype=bool)
        kept_part[np.argmax(size)] = True
        if least_island_points is not None:
            kept_part |= size >= max(least_island_points, 2)
        inside = (part[segments.start] == part[segments.end]) & kept_part[part[segments.start]]
        forward[~inside] &= 255 - bit
        backward[~inside] &= 255 - bit
    trimmed = _Segments(segments.start, segments.end, segments.way, forward, backward)
    return trimmed.kept((forward | backward) > 0)


def _pass_through(segments: _Segments, ways: RoadWays, node_ref: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """For each half-segment the one that continues it through a plain point, else -1.

    Half-segment 2i leaves the start of segment i, 2i+1 its end; `h ^ 1` is the other way.
    """
    n = len(segments.start)
    leaves = np.empty(2 * n, dtype=np.int64)
    leaves[0::2], leaves[1::2] = segments.start, segments.end
    outward = np.empty(2 * n, dtype=np.uint8)
    outward[0::2], outward[1::2] = segments.forward, segments.backward
    order = np.argsort(leaves, kind="stable")
    degree = np.bincount(leaves, minlength=len(node_ref))
    at = np.concatenate([[0], np.cumsum(degree)])
    twos = np.flatnonzero(degree == 2)
    one, other = order[at[twos]], order[at[twos] + 1]
    way_a, way_b = segments.way[one >> 1], segments.way[other >> 1]
    alike = (outward[one ^ 1] == outward[other]) & (outward[one] == outward[other ^ 1])
    alike &= ways.way_class[way_a] == ways.way_class[way_b]
    alike &= ways.way_name[way_a] == ways.way_name[way_b]
    speed_a, speed_b = ways.way_speed_kmh[way_a], ways.way_speed_kmh[way_b]
    alike &= (speed_a == speed_b) | (np.isnan(speed_a) & np.isnan(speed_b))
    alike &= _is_round(ways, way_a) == _is_round(ways, way_b)
    alike &= ~np.isin(node_ref[twos], np.concatenate([ways.restriction_via, _via_way_ends(ways)]))
    next_half = np.full(2 * n, -1, dtype=np.int64)
    next_half[one[alike] ^ 1] = other[alike]
    next_half[other[alike] ^ 1] = one[alike]
    is_junction = degree > 0
    is_junction[twos[alike]] = False
    return next_half, is_junction


def _via_way_ends(ways: RoadWays) -> Ints:
    """Map nodes where a way begins or ends over which a restriction leads."""
    named = {way for via in ways.restriction_via_ways for way in via}
    rows = np.flatnonzero(np.isin(ways.way_id, sorted(named))) if named else np.zeros(0, dtype=np.int64)
    ends = np.concatenate([ways.way_indptr[rows], ways.way_indptr[rows + 1] - 1])
    return np.asarray(ways.point_node[ends])


def _chains(segments: _Segments, next_half: Ints, is_junction: NDArray[np.bool_]) -> list[list[int]]:
    """Half-segments of each link in order, each link once, one-ways in driving direction."""
    n = len(segments.start)
    leaves = np.empty(2 * n, dtype=np.int64)
    leaves[0::2], leaves[1::2] = segments.start, segments.end
    follow = next_half.tolist()
    used = bytearray(n)
    chains: list[list[int]] = []

    def walk(half: int) -> None:
        chain = []
        while half >= 0 and not used[half >> 1]:
            used[half >> 1] = 1
            chain.append(half)
            half = follow[half]
        chains.append(chain)

    for half in np.flatnonzero(is_junction[leaves]).tolist():
        if not used[half >> 1]:
            walk(half)
    # What is left are rings no other road touches: cut each open at its first point.
    for segment in range(n):
        if not used[segment]:
            walk(2 * segment)
    wheels = 255 - int(Access.FOOT)
    outward = np.stack([segments.forward, segments.backward], axis=1).reshape(-1) & wheels
    for number, chain in enumerate(chains):
        if not outward[chain[0]] and outward[chain[0] ^ 1]:
            chains[number] = [half ^ 1 for half in reversed(chain)]
    return chains


def _assemble(
    ways: RoadWays,
    segments: _Segments,
    chains: list[list[int]],
    node_ref: Ints,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
) -> RoadGraph:
    halves = np.concatenate([np.array(chain, dtype=np.int64) for chain in chains])
    sizes = np.array([len(chain) for chain in chains], dtype=np.int64)
    first_half = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    indptr = np.concatenate([[0], np.cumsum(sizes + 1)])
    is_end = np.zeros(int(indptr[-1]), dtype=bool)
    is_end[indptr[1:] - 1] = True
    tail = np.where(halves & 1, segments.end[halves >> 1], segments.start[halves >> 1])
    head = np.where(halves & 1, segments.start[halves >> 1], segments.end[halves >> 1])
    point = np.empty(len(is_end), dtype=np.int64)
    point[~is_end] = tail
    point[is_end] = head[first_half + sizes - 1]
    at_m = _positions(lon[point], lat[point], indptr)
    lead, last = halves[first_half], halves[first_half + sizes - 1]
    flipped = (lead & 1).astype(bool)
    lead_segment = lead >> 1
    way = segments.way[lead_segment]
    along, against = segments.forward[lead_segment], segments.backward[lead_segment]
    junction, link_end = np.unique(np.stack([point[indptr[:-1]], point[is_end]]), return_inverse=True)
    link_end = link_end.reshape(2, -1).astype(np.int32)
    speed = ways.way_speed_kmh[way]
    road_class = ways.way_class[way]
    graph = RoadGraph(
        node_lon=lon[junction],
        node_lat=lat[junction],
        node_ref=node_ref[junction],
        link_from=link_end[0],
        link_to=link_end[1],
        link_length_m=at_m[is_end],
        link_class=road_class,
        link_speed_kmh=_free_speed_kmh(speed, road_class),
        link_access_forward=np.where(flipped, against, along).astype(np.uint8),
        link_access_backward=np.where(flipped, along, against).astype(np.uint8),
        link_name=ways.way_name[way],
        link_is_round=_is_round(ways, way),
        link_way_first=ways.way_id[way],
        link_way_last=ways.way_id[segments.way[last >> 1]],
        link_point_indptr=indptr.astype(np.int64),
        point_lon=lon[point],
        point_lat=lat[point],
        point_at_m=at_m,
        names=ways.names,
        names_en=ways.names_en,
        restriction_from=ways.restriction_from,
        restriction_via=ways.restriction_via,
        restriction_to=ways.restriction_to,
        restriction_kind=ways.restriction_kind,
        restriction_for=ways.restriction_for,
        restriction_hours=ways.restriction_hours,
        restriction_via_ways=ways.restriction_via_ways,
        turns=NO_TURNS,
    )
    return replace(graph, turns=turns_of(graph))


def _is_round(ways: RoadWays, way: Ints) -> NDArray[np.bool_]:
    return ways.way_is_round[way] if len(ways.way_is_round) else np.zeros(len(way), dtype=np.bool_)


def _free_speed_kmh(limit_kmh: NDArray[np.float64], road_class: NDArray[np.int8]) -> NDArray[np.float64]:
    """The limit, or the speed of the class where it is none: a road that takes no time would draw everybody."""
    is_limit = (limit_kmh > 0.0) & np.isfinite(limit_kmh)
    return np.where(is_limit, limit_kmh, CLASS_SPEED_KMH[road_class])


def _positions(lon: NDArray[np.float64], lat: NDArray[np.float64], indptr: Ints) -> NDArray[np.float64]:
    """Distance of every point from the start of its own link."""
    step = np.zeros(len(lon))
    step[1:] = np.maximum(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]), SHORTEST_SEGMENT_M)
    step[indptr[:-1]] = 0.0
    # One running sum over the whole map: even for a province it stays below 1e10 m, where
    # doubles still tell micrometres apart.
    total = np.cumsum(step)
    at_m = total - np.repeat(total[indptr[:-1]], np.diff(indptr))
    at_m[indptr[:-1]] = 0.0
    return at_m
