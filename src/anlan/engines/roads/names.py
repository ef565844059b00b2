"""What roads are called and where named roads meet: raw material for the gazetteer."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from anlan.engines.geo.distance import distance_m
from anlan.engines.roads.ways import RoadWays

SAME_ROAD_GAP_DEG = 0.005
"""Two pieces of one name this near (some 500 m) are one road; farther apart, two roads."""

SAME_JUNCTION_M = 80.0
"""A crossing of dual carriageways has several points; this near they are one crossing."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RoadStretch:
    """One named road in one part of town, with a point on it and points spread along it.

    `lon, lat` is a point of the road itself, the one nearest to its middle. `points`
    are (lon, lat) along the road, at most `MOST_POINTS`, for judging how near a place is.
    """

    name: str
    name_en: str
    lon: float
    lat: float
    length_m: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RoadJunction:
    """A place where two differently named roads meet; `name_a` sorts before `name_b`."""

    name_a: str
    name_b: str
    lon: float
    lat: float


MOST_POINTS = 32


def road_stretches(ways: RoadWays) -> list[RoadStretch]:
    """Every named road, split where the same name occurs in separate places.

    Ordered by name, then from west to east. Two rows of one name are two roads, which a
    gazetteer must offer as candidates rather than choose between.
    """
    way_of_point = np.repeat(np.arange(ways.n_ways), np.diff(ways.way_indptr))
    name_of_point = ways.way_name[way_of_point]
    order = np.argsort(name_of_point, kind="stable")
    starts = np.searchsorted(name_of_point[order], np.arange(len(ways.names) + 1))
    step_m = np.zeros(len(way_of_point))
    step_m[1:] = distance_m(ways.point_lon[:-1], ways.point_lat[:-1], ways.point_lon[1:], ways.point_lat[1:])
    step_m[ways.way_indptr[:-1]] = 0.0
    stretches = []
    for name in range(1, len(ways.names)):
        rows = order[starts[name] : starts[name + 1]]
        if not ways.names[name] or not rows.size:
            continue
        part = _parts(ways.point_lon[rows], ways.point_lat[rows])
        numbers = range(int(part.max()) + 1)
        stretches += [_stretch(ways, name, rows[part == number], step_m) for number in numbers]
    return sorted(stretches, key=lambda stretch: (stretch.name, stretch.lon, stretch.lat))


def _parts(lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """Number the groups of points that hang together on a coarse grid, neighbours included."""
    squares = np.stack([np.floor(lon / SAME_ROAD_GAP_DEG), np.floor(lat / SAME_ROAD_GAP_DEG)], axis=1)
    square, member = np.unique(squares.astype(np.int64), axis=0, return_inverse=True)
    place = {tuple(row): at for at, row in enumerate(square.tolist())}
    pairs = [
        (at, place[x + dx, y + dy])
        for (x, y), at in place.items()
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if (x + dx, y + dy) in place
    ]
    rows, cols = np.array(pairs, dtype=np.int64).T
    links = coo_array((np.ones(len(rows), dtype=np.int8), (rows, cols)), shape=(len(place), len(place)))
    _, group = connected_components(links.tocsr(), directed=False)
    return np.asarray(group[member.reshape(-1)], dtype=np.int64)


def _stretch(ways: RoadWays, name: int, rows: NDArray[np.int64], step_m: Floats) -> RoadStretch:
    lon, lat = ways.point_lon[rows], ways.point_lat[rows]
    middle = int(np.argmin(distance_m(lon, lat, float(lon.mean()), float(lat.mean()))))
    spread = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_POINTS)).astype(np.int64))
    return RoadStretch(
        name=ways.names[name],
        name_en=ways.names_en[name],
        lon=float(lon[middle]),
        lat=float(lat[middle]),
        length_m=float(step_m[rows].sum()),
        points=tuple(zip(lon[spread].tolist(), lat[spread].tolist(), strict=True)),
    )


def road_junctions(ways: RoadWays) -> list[RoadJunction]:
    """Every place where two differently named roads share a point, ordered by names.

    Roads that meet twice in different places give two rows; the several points of one
    large crossing give one, at their mean.
    """
    way_of_point = np.repeat(np.arange(ways.n_ways), np.diff(ways.way_indptr))
    name_of_point = ways.way_name[way_of_point]
    named = np.flatnonzero(name_of_point > 0)
    seen = np.unique(np.stack([ways.point_node[named], name_of_point[named]], axis=1), axis=0)
    node, first, count = np.unique(seen[:, 0], return_index=True, return_counts=True)
    wanted = count > 1
    point_node, point_at = np.unique(ways.point_node, return_index=True)
    where: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for ref, at, n in zip(node[wanted], first[wanted], count[wanted], strict=True):
        point = int(point_at[np.searchsorted(point_node, ref)])
        place = (float(ways.point_lon[point]), float(ways.point_lat[point]))
        names = sorted({ways.names[int(name)] for name in seen[at : at + n, 1]} - {""})
        for pair in combinations(names, 2):
            where[pair].append(place)
    return [
        RoadJunction(name_a, name_b, lon, lat)
        for (name_a, name_b), places in sorted(where.items())
        for lon, lat in _crossings(places)
    ]


def _crossings(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Gather points of one crossing: each joins the first crossing it is near to."""
    groups: list[list[tuple[float, float]]] = []
    for place in sorted(places):
        for group in groups:
            if any(float(distance_m(*place, *other)) <= SAME_JUNCTION_M for other in group):
                group.append(place)
                break
        else:
            groups.append([place])
    return [
        (sum(lon for lon, _ in group) / len(group), sum(lat for _, lat in group) / len(group)) for group in groups
    ]
