"""The road graph: junctions, the links between them, and the shape of every link."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Turns:
    """All ways of going on at the junctions, as sparse rows by the road one goes on to.

    An arc is a link in one direction: arc 2k drives link k forward, 2k + 1 backward. Row a lists in
    `come_from[indptr[a]:indptr[a + 1]]` the arcs from whose end one can turn into a.
    `angle_cdeg` is the change of heading in hundredths of a degree, right positive, up to 18000 either
    way. `is_plain` marks places where only two roads meet and one simply goes on.

    `barred_for` are the `Access` bits a sign forbids a turn to at all hours. Turn `timed_turn[k]` is forbidden to
    `timed_for[k]` during `hours[timed_hours[k]]` (opening hours as OpenStreetMap writes them).

    Where a sign speaks of more than two roads ("not from A over B into C"), B has a second row for having come
    from A: arc 2L + e is arc `copy_of[e]` with that history.
    """

    indptr: NDArray[np.int64]
    come_from: NDArray[np.int32]
    angle_cdeg: NDArray[np.int16]
    is_plain: NDArray[np.bool_]
    barred_for: NDArray[np.uint8]
    copy_of: NDArray[np.int64]
    timed_turn: NDArray[np.int64]
    timed_for: NDArray[np.uint8]
    timed_hours: NDArray[np.int32]
    hours: tuple[str, ...]

    @property
    def is_barred(self) -> NDArray[np.bool_]:
        """Turns that a sign forbids to somebody at all hours."""
        return np.asarray(self.barred_for > 0)

    def go_to(self) -> NDArray[np.int64]:
        """The row of each turn."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))


@dataclass(frozen=True, eq=False)
class Conditions:
    """What holds beyond the map at one moment: `slowdown` as in `travel_weights`, and the local time."""

    slowdown: NDArray[np.float64] | None = None
    local_time: datetime | None = None


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """N junctions and L links; a link is a stretch of road without a junction inside.

    A link runs from `link_from` to `link_to` along the points
    `link_point_indptr[k]:link_point_indptr[k + 1]`; the first and last point are its
    junctions, so a link has at least two. `point_at_m` is the distance of each point
    from the start of its link, strictly rising, and `link_length_m` the last of them.
    `link_access_forward` / `_backward` are `Access` bits for the two directions. A
    one-way link runs forward. `link_speed_kmh` is the free driving speed of a car.
    `link_is_round` tells the links of roundabouts.
    `link_name` points into `names` / `names_en` (entry 0: no name). `node_ref` and
    `link_way_first` / `link_way_last` are ids of the source map, by which turn
    restrictions (`restriction_*`, map ids too, see `RoadWays`) are placed; `turns` holds what they mean.
    `conditions` is what holds at this moment beyond the map; it is never kept with the graph.

    For each access bit the links holding it are strongly connected: whoever may use two
    of them can drive from any point of the one to the other and back. (Within each island
    when the graph was built with islands.)
    """

    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    node_ref: NDArray[np.int64]
    link_from: NDArray[np.int32]
    link_to: NDArray[np.int32]
    link_length_m: NDArray[np.float64]
    link_class: NDArray[np.int8]
    link_speed_kmh: NDArray[np.float64]
    link_access_forward: NDArray[np.uint8]
    link_access_backward: NDArray[np.uint8]
    link_name: NDArray[np.int32]
    link_is_round: NDArray[np.bool_]
    link_way_first: NDArray[np.int64]
    link_way_last: NDArray[np.int64]
    link_point_indptr: NDArray[np.int64]
    point_lon: NDArray[np.float64]
    point_lat: NDArray[np.float64]
    point_at_m: NDArray[np.float64]
    names: tuple[str, ...]
    names_en: tuple[str, ...]
    restriction_from: NDArray[np.int64]
    restriction_via: NDArray[np.int64]
    restriction_to: NDArray[np.int64]
    restriction_kind: tuple[str, ...]
    restriction_for: NDArray[np.uint8]
    restriction_hours: tuple[str, ...]
    restriction_via_ways: tuple[tuple[int, ...], ...]
    turns: Turns
    conditions: Conditions | None = None

    @property
    def n_nodes(self) -> int:
        return len(self.node_lon)

    @property
    def n_links(self) -> int:
        return len(self.link_from)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) of all road points, in degrees."""
        return (
            float(self.point_lon.min()),
            float(self.point_lat.min()),
            float(self.point_lon.max()),
            float(self.point_lat.max()),
        )

    def link_points(self, link: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """(lon, lat, at_m) of the points of one link, start to end."""
        span = slice(int(self.link_point_indptr[link]), int(self.link_point_indptr[link + 1]))
        return self.point_lon[span], self.point_lat[span], self.point_at_m[span]
