"""Cutting features into the tiles of every zoom: thin, clip, round, encode."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.engines.tiles.features import NAMES, MapFeature, Value
from anlan.engines.tiles.mercator import Floats, LonLatBox, world_of
from anlan.engines.tiles.mvt import EXTENT, LINE, POINT, POLYGON, LayerDraft, Ring, tile_encoded

MARGIN = 64
"""Units a tile reaches over its rim, so that a line's end cap never shows at a seam."""
THINNING = 4.0
"""Units a simplified line may be off: half a pixel of a 512-pixel tile."""
THINNING_LAST = 1.0
"""The same in the last zoom, which clients enlarge."""
LEAST_AREA = 128.0
"""Square units; a smaller polygon is less than two pixels on a screen."""
LEAST_LENGTH = 4.0

Geometries = NDArray[Any]
_KINDS = {"Point": POINT, "LineString": LINE, "Polygon": POLYGON}


@dataclass(frozen=True, slots=True)
class Tile:
    """One vector tile, not compressed."""

    zoom: int
    x: int
    y: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Sheet:
    """All simple shapes of one zoom in its units, from the north-west corner of the world."""

    zoom: int
    shapes: Geometries
    owner: NDArray[np.int64]


def features_bounds(features: Sequence[MapFeature]) -> LonLatBox:
    """West, south, east, north of all features in degrees. ValueError when there is nothing to draw."""
    box = shapely.total_bounds([feature.geometry for feature in features]).tolist() if features else [np.nan]
    if not np.isfinite(box).all():
        raise ValueError("no feature has a place")
    west, south, east, north = box
    return west, south, east, north


def first_zoom(bounds: LonLatBox, *, at_most: int = 8) -> int:
    """The zoom at which all of it fits into about two tiles: the map further out would be a speck."""
    world = world_of(np.array(bounds, dtype=np.float64).reshape(2, 2))
    across = float(np.abs(world[1] - world[0]).max())
    return max(0, min(at_most, int(np.floor(np.log2(2 / max(across, 1e-9))))))


def tiles_cut(features: Sequence[MapFeature], *, min_zoom: int, max_zoom: int) -> Iterator[Tile]:
    """The tiles of all zooms from `min_zoom` to `max_zoom`, zoom by zoom; empty ones are left out.

    Within a tile, layers come in order of their first feature, and features of equal properties are one.
    """
    world: Geometries = shapely.transform(
        np.array([feature.geometry for feature in features], dtype=object), world_of
    )
    parts, owner = shapely.get_parts(world, return_index=True)
    if shapely.get_type_id(parts).max(initial=0) > 3:  # a collection inside a collection
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    from_zoom = np.array([feature.min_zoom for feature in features], dtype=np.int64)[owner]
    for zoom in range(min_zoom, max_zoom + 1):
        wanted = from_zoom <= zoom
        sheet = _sheet(zoom, parts[wanted], owner[wanted], last=zoom == max_zoom)
        if len(sheet.shapes):
            yield from _tiles_of(sheet, features)


def _sheet(zoom: int, parts: Geometries, owner: NDArray[np.int64], *, last: bool) -> _Sheet:
    """Scale to the zoom's units, drop what would not be seen, take out points that do not matter."""
    units = float(EXTENT << zoom)
    shapes: Geometries = shapely.transform(parts, lambda xy: xy * units)
    kind = shapely.get_type_id(shapes)
    seen = (kind == 0) | ((kind == 1) & (shapely.length(shapes) >= LEAST_LENGTH))
    seen |= (kind == 3) & (shapely.area(shapes) >= LEAST_AREA)
    shapes, owner = shapes[seen], owner[seen]
    thinned = shapely.simplify(shapes, THINNING_LAST if last else THINNING)
    return _Sheet(zoom, thinned, owner)


def _tiles_of(sheet: _Sheet, features: Sequence[MapFeature]) -> Iterator[Tile]:
    grid = _grid(sheet)
    boxes = shapely.box(*_rims(grid).T)
    cells, shapes = shapely.STRtree(sheet.shapes).query(boxes, predicate="intersects")
    order = np.lexsort((sheet.owner[shapes], cells))
    cells, shapes = cells[order], shapes[order]
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(cells)], strict=True):
        x, y = grid[cells[start]].tolist()
        data = _tile(sheet, features, x, y, shapes[start:stop])
        if data:
            yield Tile(sheet.zoom, x, y, data)


def _grid(sheet: _Sheet) -> NDArray[np.int64]:
    """Columns and rows of all tiles that the bounds of some shape touch, in order, shape (n, 2)."""
    bounds = shapely.bounds(sheet.shapes) + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN])
    corner = np.clip(np.floor(bounds / EXTENT).astype(np.int64), 0, (1 << sheet.zoom) - 1)
    cells = {
        (x, y)
        for west, north, east, south in np.unique(corner, axis=0).tolist()
        for x in range(west, east + 1)
        for y in range(north, south + 1)
    }
    return np.array(sorted(cells), dtype=np.int64).reshape(-1, 2)


def _rims(grid: NDArray[np.int64]) -> Floats:
    """Bounds of the tiles with their margins."""
    low = grid * float(EXTENT) - MARGIN
    return np.column_stack([low, low + EXTENT + 2 * MARGIN])


def _tile(sheet: _Sheet, features: Sequence[MapFeature], x: int, y: int, shapes: NDArray[np.int64]) -> bytes:
    rim = _rims(np.array([[x, y]]))[0]
    corner = np.array([x, y], dtype=np.int64) * EXTENT
    drafts: dict[str, LayerDraft] = {}
    alike: dict[tuple[Any, ...], list[Ring]] = defaultdict(list)
    told: dict[tuple[Any, ...], tuple[LayerDraft, int, dict[str, Value]]] = {}
    for shape, clipped in zip(shapes, _clipped(sheet.shapes[shapes], rim), strict=True):
        feature = features[sheet.owner[shape]]
        draft = drafts.setdefault(feature.layer, LayerDraft(feature.layer))
        properties = _told(feature, sheet.zoom)
        for kind, paths in _paths(clipped, corner):
            if kind == POINT:
                draft.add(kind, paths, properties)
                continue
            key = (feature.layer, kind, *((k, type(v), v) for k, v in properties.items()))
            told.setdefault(key, (draft, kind, properties))
            alike[key] += paths
    for key, (draft, kind, properties) in told.items():
        draft.add(kind, alike[key], properties)
    return tile_encoded(drafts.values())


def _told(feature: MapFeature, zoom: int) -> dict[str, Value]:
    if zoom >= feature.named_from:
        return dict(feature.properties)
    return {key: value for key, value in feature.properties.items() if key not in NAMES}


def _clipped(shapes: Geometries, rim: Floats) -> Geometries:
    """The shapes within the rim; those wholly inside as they are."""
    bounds = shapely.bounds(shapes)
    outside = (bounds[:, :2] < rim[:2]).any(axis=1) | (bounds[:, 2:] > rim[2:]).any(axis=1)
    clipped = shapes.copy()
    clipped[outside] = shapely.clip_by_rect(shapes[outside], *rim.tolist())
    return clipped


def _paths(geometry: BaseGeometry, corner: Ring) -> Iterator[tuple[int, list[Ring]]]:
    """The simple shapes of a clipped geometry as whole numbers from the tile's corner."""
    for part in shapely.get_parts(geometry):
        kind = _KINDS.get(part.geom_type)
        if part.is_empty or kind is None:
            continue
        if kind == POLYGON:
            rings = _rings(part, corner)
            if rings:
                yield kind, rings
            continue
        points = _whole(shapely.get_coordinates(part), corner)
        if kind == POINT or len(points) > 1:
            yield kind, [points]


def _whole(xy: Floats, corner: Ring) -> Ring:
    """Rounded to units, each point once in a row."""
    points: Ring = np.rint(xy).astype(np.int64) - corner
    moved = np.ones(len(points), dtype=bool)
    moved[1:] = (points[1:] != points[:-1]).any(axis=1)
    return points[moved]


def _rings(polygon: Any, corner: Ring) -> list[Ring]:
    """Outer ring and holes, wound as the format asks; nothing when rounding leaves no area."""
    rings: list[Ring] = []
    for hole, ring in enumerate((polygon.exterior, *polygon.interiors)):
        points = _whole(shapely.get_coordinates(ring)[:-1], corner)
        doubled = _doubled_area(points)
        if doubled == 0 or len(points) < 3:
            if hole == 0:
                return []
            continue
        rings.append(points if (doubled > 0) == (hole == 0) else points[::-1])
    return rings


def _doubled_area(points: Ring) -> int:
    """Twice the signed area (shoelace); above 0 for a ring clockwise on a screen, where y grows downwards."""
    after = np.roll(points, -1, axis=0)
    return int((points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]).sum())
