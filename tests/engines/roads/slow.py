"""A second, slow opinion on travel times: textbook Dijkstra over the raw map points.

It shares nothing with the engine but the haversine formula: no links, no contraction,
no sparse matrix, no snapping. Places are given as a raw road piece and a share along it.
"""

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from anlan.engines.geo import distance_m
from anlan.engines.roads import Access, RoadWays
from anlan.engines.roads.speeds import CLASS_SPEED_KMH


@dataclass(frozen=True)
class SlowPlace:
    """A point on the raw piece between way points `row` and `row + 1`."""

    row: int
    share: float


class SlowMap:
    """The raw pieces of a map with their seconds, for one access bit at free speed."""

    def __init__(self, ways: RoadWays, access: Access = Access.CAR) -> None:
        self.ways = ways
        way_of_point = np.repeat(np.arange(ways.n_ways), np.diff(ways.way_indptr))
        self.rows = np.flatnonzero(way_of_point[:-1] == way_of_point[1:])
        self.arcs: dict[object, list[tuple[object, float]]] = defaultdict(list)
        self.pieces: dict[int, tuple[int, int, float, bool, bool]] = {}
        for row in self.rows.tolist():
            way = int(way_of_point[row])
            start, end = int(ways.point_node[row]), int(ways.point_node[row + 1])
            metres = float(
                distance_m(ways.point_lon[row], ways.point_lat[row], ways.point_lon[row + 1], ways.point_lat[row + 1])
            )
            kmh = float(ways.way_speed_kmh[way])
            kmh = float(CLASS_SPEED_KMH[ways.way_class[way]]) if math.isnan(kmh) else kmh
            along = bool(ways.way_access_forward[way] & int(access))
            against = bool(ways.way_access_backward[way] & int(access))
            seconds = metres / (kmh / 3.6)
            self.pieces[row] = (start, end, seconds, along, against)
            if along:
                self.arcs[start].append((end, seconds))
            if against:
                self.arcs[end].append((start, seconds))

    def lon_lat(self, place: SlowPlace) -> tuple[float, float]:
        lon, lat = self.ways.point_lon, self.ways.point_lat
        row, share = place.row, place.share
        return (
            float(lon[row] + share * (lon[row + 1] - lon[row])),
            float(lat[row] + share * (lat[row + 1] - lat[row])),
        )

    def seconds(self, source: SlowPlace, target: SlowPlace) -> float:
        """Quickest seconds from source to target."""
        start, end, whole, along, against = self.pieces[source.row]
        best = math.inf
        if source.row == target.row:
            ahead = target.share - source.share
            if ahead == 0.0 or (ahead > 0 and along) or (ahead < 0 and against):
                best = abs(ahead) * whole
        t_start, t_end, t_whole, t_along, t_against = self.pieces[target.row]
        finish: dict[object, float] = {}
        if t_along:
            finish[t_start] = target.share * t_whole
        if t_against:
            finish[t_end] = min(finish.get(t_end, math.inf), (1.0 - target.share) * t_whole)
        queue: list[tuple[float, int]] = []
        if along:
            queue.append(((1.0 - source.share) * whole, end))
        if against:
            queue.append((source.share * whole, start))
        heapq.heapify(queue)
        done: set[object] = set()
        while queue:
            so_far, node = heapq.heappop(queue)
            if so_far >= best:
                break
            if node in done:
                continue
            done.add(node)
            if node in finish:
                best = min(best, so_far + finish[node])
            for following, seconds in self.arcs[node]:
                if following not in done:
                    heapq.heappush(queue, (so_far + seconds, following))  # type: ignore[misc]
        return best
