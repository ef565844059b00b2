"""Bringing a coordinate onto the road: the nearest point of the nearest link."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from anlan.engines.geo.distance import EARTH_RADIUS_M
from anlan.engines.roads.graph import RoadGraph

try:
    from anlan.engines.roads import native
except ImportError:  # not compiled here: the tree below answers
    native = None  # type: ignore[assignment]

SAMPLE_SPACING_M = 40.0
"""Roads carry a search point at most this far apart; it sets speed, not precision."""

_FIRST_LOOK = 12
_CELL_M = 100.0
PIECES_AT_ONCE = 65_536
_MOST_RINGS = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Snap:
    """A point on the road: `offset_m` metres from the start of `link`.

    `lon, lat` is the point on the road, `distance_m` how far the original point was.
    """

    link: int
    offset_m: float
    distance_m: float
    lon: float
    lat: float


@dataclass(frozen=True, eq=False)
class Snaps:
    """Many snapped points as parallel arrays, in the order they were asked for."""

    link: NDArray[np.int64]
    offset_m: Floats
    distance_m: Floats
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.link)

    def __getitem__(self, row: int) -> Snap:
        return Snap(
            int(self.link[row]),
            float(self.offset_m[row]),
            float(self.distance_m[row]),
            float(self.lon[row]),
            float(self.lat[row]),
        )

    @classmethod
    def of(cls, snaps: Sequence[Snap]) -> "Snaps":
        """Gather single snaps, for instance those kept beside each unit."""
        return cls(
            np.array([snap.link for snap in snaps], dtype=np.int64),
            np.array([snap.offset_m for snap in snaps], dtype=np.float64),
            np.array([snap.distance_m for snap in snaps], dtype=np.float64),
            np.array([snap.lon for snap in snaps], dtype=np.float64),
            np.array([snap.lat for snap in snaps], dtype=np.float64),
        )


class Snapper:
    """Finds the nearest point on the road network, exactly, for many points at once.

    Each straight piece of road carries search points no farther than `spacing_m` apart, laid into the cells of
    a grid. A look-up projects onto the pieces of the cells around and looks wider only while a piece not yet
    seen could still be nearer. Points far outside the grid, and all where the compiled part is missing, are looked
    up in a tree of the same search points, with the same answers.
    """

    def __init__(self, graph: RoadGraph, *, spacing_m: float = SAMPLE_SPACING_M) -> None:
        if spacing_m <= 0.0:
            raise ValueError(f"spacing must be above zero, got {spacing_m}")
        self.graph = graph
        self._reach_m = spacing_m / 2.0
        is_start = np.ones(len(graph.point_lon), dtype=bool)
        is_start[graph.link_point_indptr[1:] - 1] = False
        start = np.flatnonzero(is_start)
        self._piece_start = start
        self._piece_link = np.repeat(np.arange(graph.n_links), np.diff(graph.link_point_indptr) - 1)
        self._spacing_m = spacing_m
        self._grid = self._cells if native is not None else None

    @cached_property
    def _cells(self) -> "_Grid":
        return _grid_of(self)

    @cached_property
    def _tree(self) -> "_Tree":
        lon, lat, piece = self.samples(0, len(self._piece_start))
        return _Tree(cKDTree(_on_sphere(lon, lat), balanced_tree=False, compact_nodes=False), piece)

    @property
    def n_pieces(self) -> int:
        """Straight pieces of road."""
        return len(self._piece_start)

    def samples(self, first: int, stop: int) -> tuple[Floats, Floats, NDArray[np.int32]]:
        """Search points of the pieces from `first` up to `stop`: lon, lat, piece; made when asked for, not kept."""
        graph, start = self.graph, self._piece_start[first:stop]
        length_m = graph.point_at_m[start + 1] - graph.point_at_m[start]
        n_samples = np.maximum(np.ceil(length_m / self._spacing_m).astype(np.int64), 1)
        piece = np.repeat(np.arange(len(start), dtype=np.int32), n_samples)
        rank = np.arange(len(piece)) - np.repeat(np.cumsum(n_samples) - n_samples, n_samples)
        share = (rank + 0.5) / n_samples[piece]
        at = start[piece]
        lon = graph.point_lon[at] + share * (graph.point_lon[at + 1] - graph.point_lon[at])
        lat = graph.point_lat[at] + share * (graph.point_lat[at + 1] - graph.point_lat[at])
        return lon, lat, piece + np.int32(first)

    def snap(self, lon: float, lat: float, *, usable: NDArray[np.bool_] | None = None) -> Snap:
        """The nearest road point to one coordinate; see `snap_many`."""
        return self.snap_many([lon], [lat], usable=usable)[0]

    def snap_many(self, lon: ArrayLike, lat: ArrayLike, *, usable: NDArray[np.bool_] | None = None) -> Snaps:
        """The nearest road point to each coordinate, however far away it is.

        `usable` (one bool per link, `TravelWeights.usable`) restricts the choice to roads
        a vehicle may use. The caller judges from `distance_m` whether a point is too far
        from any road to be believed.

        Raises ValueError when a coordinate is missing or no link is usable.
        """
        lons = np.asarray(lon, dtype=np.float64).ravel()
        lats = np.asarray(lat, dtype=np.float64).ravel()
        bad = ~(np.isfinite(lons) & np.isfinite(lats))
        if bad.any():
            raise ValueError(f"{int(bad.sum())} of {len(lons)} points have no coordinate")
        if usable is not None and not usable.any():
            raise ValueError("no link is usable for this vehicle")
        piece = np.full(len(lons), -1, dtype=np.int64)
        share = np.zeros(len(lons))
        miss_m = np.full(len(lons), np.inf)
        if self._grid is not None:
            self._look_in_grid(self._grid, lons, lats, usable, (piece, share, miss_m))
        rows = np.flatnonzero(piece < 0)
        if not rows.size:
            return self._snaps(piece, share, miss_m)
        places = _on_sphere(lons, lats)
        tree = self._tree.samples
        look = min(_FIRST_LOOK, tree.n)
        while rows.size:
            seen_m, sample = tree.query(places[rows], k=np.arange(1, look + 1))
            candidates = self._tree.piece[sample].astype(np.int64)
            piece[rows], share[rows], miss_m[rows] = self._best(lons[rows], lats[rows], candidates, usable)
            settled = (seen_m[:, -1] >= miss_m[rows] + self._reach_m) | (look >= tree.n)
            rows = rows[~settled]
            look = min(look * 4, tree.n)
        return self._snaps(piece, share, miss_m)

    def near(self, lon: float, lat: float, radius_m: float, *, usable: NDArray[np.bool_] | None = None) -> Snaps:
        """The nearest point of every link within ``radius_m`` metres of one coordinate, by link; may be empty.

        Raises ValueError when the coordinate is missing.
        """
        if not (np.isfinite(lon) and np.isfinite(lat)):
            raise ValueError("1 of 1 points have no coordinate")
        pieces = self._pieces_around(lon, lat, radius_m + self._reach_m)
        if usable is not None:
            pieces = pieces[usable[self._piece_link[pieces]]]
        share, miss_m = self._projected(np.array([lon]), np.array([lat]), pieces[None, :])
        inside = miss_m[0] <= radius_m
        pieces, share, miss_m = pieces[inside], share[0, inside], miss_m[0, inside]
        order = np.lexsort((pieces, miss_m, self._piece_link[pieces]))
        first = order[np.unique(self._piece_link[pieces][order], return_index=True)[1]]
        return self._snaps(pieces[first], share[first], miss_m[first])

    def _pieces_around(self, lon: float, lat: float, radius_m: float) -> NDArray[np.int64]:
        """All pieces with a search point in the cells around a place; some farther ones too."""
        grid, degree_m = self._cells, float(np.radians(EARTH_RADIUS_M))
        reach_lat = radius_m / degree_m
        reach_lon = reach_lat / max(float(np.cos(np.radians(lat))), 0.01)
        west, east = (int(np.floor((lon + side * reach_lon - grid.west) / grid.step_lon)) for side in (-1, 1))
        south, north = (int(np.floor((lat + side * reach_lat - grid.south) / grid.step_lat)) for side in (-1, 1))
        columns = range(max(west, 0), min(east, grid.columns - 1) + 1)
        found = [np.zeros(0, dtype=np.int64)]
        for row in range(max(south, 0), min(north, grid.rows - 1) + 1):
            if len(columns):
                cell = row * grid.columns
                start, end = grid.cell_indptr[cell + columns[0]], grid.cell_indptr[cell + columns[-1] + 1]
                found.append(grid.cell_piece[start:end].astype(np.int64))
        return np.unique(np.concatenate(found))

    def _look_in_grid(
        self,
        grid: "_Grid",
        lon: Floats,
        lat: Floats,
        usable: NDArray[np.bool_] | None,
        out: tuple[NDArray[np.int64], Floats, Floats],
    ) -> None:
        """Fill piece, share and distance of each point; piece -1 where the grid doesn't reach."""
        graph = self.graph
        native.nearest(
            len(lon),
            len(graph.point_lon),
            len(self._piece_start),
            graph.n_links,
            grid.columns,
            grid.rows,
            _MOST_RINGS,
            len(grid.cell_piece),
            grid.west,
            grid.south,
            grid.step_lon,
            grid.step_lat,
            float(np.radians(EARTH_RADIUS_M)),
            self._reach_m,
            graph.point_lon,
            graph.point_lat,
            self._piece_start,
            self._piece_link,
            (np.ones(graph.n_links, dtype=bool) if usable is None else usable).view(np.uint8),
            grid.cell_indptr,
            grid.cell_piece,
            lon,
            lat,
            *out,
        )

    def _best(
        self, lon: Floats, lat: Floats, candidates: NDArray[np.int64], usable: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Project each point on its candidate pieces in a flat plane around the point."""
        share, miss = self._projected(lon, lat, candidates)
        if usable is not None:
            miss = np.where(usable[self._piece_link[candidates]], miss, np.inf)
        # Where several pieces touch (a junction), the lowest one wins, whatever the order seen.
        nearest = miss.min(axis=1, keepdims=True)
        tied = np.where(miss <= nearest + 1e-9, candidates, np.iinfo(np.int64).max)
        choice = np.argmin(tied, axis=1)
        row = np.arange(len(lon))
        return candidates[row, choice], share[row, choice], miss[row, choice]

    def _projected(self, lon: Floats, lat: Floats, candidates: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Share along each candidate piece nearest to its point, and the metres from there, shaped as candidates."""
        graph = self.graph
        start = self._piece_start[candidates]
        scale = np.radians(EARTH_RADIUS_M)
        squeeze = np.cos(np.radians(lat))[:, None]
        east = (graph.point_lon[start] - lon[:, None]) * (scale * squeeze)
        north = (graph.point_lat[start] - lat[:, None]) * scale
        run_east = (graph.point_lon[start + 1] - graph.point_lon[start]) * (scale * squeeze)
        run_north = (graph.point_lat[start + 1] - graph.point_lat[start]) * scale
        squared = run_east**2 + run_north**2
        along = -(east * run_east + north * run_north)
        share = np.clip(along / np.where(squared > 0.0, squared, 1.0), 0.0, 1.0)
        miss = np.hypot(east + share * run_east, north + share * run_north)
        return share, miss

    def _snaps(self, piece: NDArray[np.int64], share: Floats, miss_m: Floats) -> Snaps:
        graph = self.graph
        start = self._piece_start[piece]

        def between(values: Floats) -> Floats:
            return np.asarray(values[start] + share * (values[start + 1] - values[start]))

        return Snaps(
            self._piece_link[piece],
            between(graph.point_at_m),
            miss_m,
            between(graph.point_lon),
            between(graph.point_lat),
        )


class SnapCache:
    """Keeps each unit's place on the road and snaps again only those that moved.

    What is kept is replaced as a whole, never changed: threads may share a cache.
    """

    def __init__(self, snapper: Snapper, *, usable: NDArray[np.bool_] | None = None) -> None:
        self._snapper = snapper
        self._usable = usable
        # Row of each id in a table of: longitude and latitude asked for, then the columns of the snap.
        self._kept: tuple[dict[Hashable, int], Floats] = ({}, np.full((1, 7), np.nan))

    def snaps(self, ids: Sequence[Hashable], lon: ArrayLike, lat: ArrayLike) -> Snaps:
        """The snaps of these units at these coordinates; the answer never depends on history."""
        asked = np.column_stack([np.asarray(axis, dtype=np.float64).ravel() for axis in (lon, lat)])
        row_of, table = self._kept
        # The last row is nobody's, and nobody is there.
        found = table[[row_of.get(key, -1) for key in ids]]
        moved = np.flatnonzero((found[:, :2] != asked).any(axis=1))
        if moved.size:
            fresh = self._snapper.snap_many(asked[moved, 0], asked[moved, 1], usable=self._usable)
            columns = (fresh.link, fresh.offset_m, fresh.distance_m, fresh.lon, fresh.lat)
            found[moved] = np.column_stack([asked[moved], *columns])
            self._kept = _kept_with(row_of, table, [ids[row] for row in moved.tolist()], found[moved])
        return Snaps(found[:, 2].astype(np.int64), *found[:, 3:].T.copy())

    def forget(self, ids: Sequence[Hashable]) -> None:
        """Drop units that went off duty, so that the cache does not grow for ever."""
        row_of, table = self._kept
        gone = set(ids)
        staying = {key: row for key, row in row_of.items() if key not in gone}
        kept = table[[*staying.values(), -1]]
        self._kept = ({key: row for row, key in enumerate(staying)}, kept)


def _kept_with(
    row_of: dict[Hashable, int], table: Floats, ids: Sequence[Hashable], rows: Floats
) -> tuple[dict[Hashable, int], Floats]:
    """The kept table with these rows put in, new ids behind the old and nobody's row last."""
    unknown = [key for key in dict.fromkeys(ids) if key not in row_of]
    if unknown:
        row_of = row_of | {key: len(table) - 1 + more for more, key in enumerate(unknown)}
    grown = np.concatenate([table[:-1], np.full((len(unknown) + 1, table.shape[1]), np.nan)])
    grown[[row_of[key] for key in ids]] = rows
    return row_of, grown


@dataclass(frozen=True, eq=False)
class _Grid:
    """Cells of equal size in degrees over all search points; cell row * columns + column lists its pieces."""

    west: float
    south: float
    step_lon: float
    step_lat: float
    columns: int
    rows: int
    cell_indptr: NDArray[np.int32]
    cell_piece: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class _Tree:
    """All search points by nearness, and the piece of road each lies on."""

    samples: cKDTree
    piece: NDArray[np.int32]


def _grid_of(snapper: Snapper) -> _Grid:
    west, south, east, north = snapper.graph.bounds
    step_lat = _CELL_M / float(np.radians(EARTH_RADIUS_M))
    step_lon = step_lat / max(float(np.cos(np.radians((south + north) / 2.0))), 0.01)
    # A few cells per piece of road at most: an empty province costs no memory.
    wider = np.sqrt(max((east - west) / step_lon * (north - south) / step_lat / (8.0 * snapper.n_pieces), 1.0))
    step_lon, step_lat = float(step_lon * wider), float(step_lat * wider)
    columns, rows = int((east - west) / step_lon) + 1, int((north - south) / step_lat) + 1
    parts = []
    # A stretch at a time: what is worked out on the way is many times what is kept.
    for first in range(0, snapper.n_pieces, PIECES_AT_ONCE):
        lon, lat, piece = snapper.samples(first, first + PIECES_AT_ONCE)
        column = np.minimum(((lon - west) / step_lon).astype(np.int32), columns - 1)
        cell = np.minimum(((lat - south) / step_lat).astype(np.int32), rows - 1) * np.int32(columns) + column
        # A straight piece never comes back into a cell it has left.
        news = np.ones(len(cell), dtype=bool)
        news[1:] = (cell[1:] != cell[:-1]) | (piece[1:] != piece[:-1])
        parts.append((cell[news], piece[news]))
    cell, piece = (np.concatenate(column) for column in zip(*parts, strict=True))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=columns * rows))]).astype(np.int32)
    order = np.argsort(cell, kind="stable")
    return _Grid(west, south, step_lon, step_lat, columns, rows, indptr, piece[order])


def _on_sphere(lon: Floats, lat: Floats) -> Floats:
    """Points on a sphere in metres: straight-line distance there needs no local plane."""
    lon_rad, lat_rad = np.radians(lon), np.radians(lat)
    return EARTH_RADIUS_M * np.stack(
        [np.cos(lat_rad) * np.cos(lon_rad), np.cos(lat_rad) * np.sin(lon_rad), np.sin(lat_rad)], axis=1
    )
