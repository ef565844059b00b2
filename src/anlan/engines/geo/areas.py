"""Which beat, station or zone a point lies in."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

AreaId = TypeVar("AreaId", bound=Hashable)


class AreaIndex(Generic[AreaId]):
    """Answers "which area holds this point" for polygons given as GeoJSON.

    Where areas overlap the smallest one answers (a beat inside a station's area); equal
    sizes are settled by order. A point on a shared border belongs to one of the two,
    always the same one, so that no call on a boundary road is left without an area.
    """

    def __init__(self, ids: Sequence[AreaId], geojson_polygons: Sequence[Mapping[str, Any]]) -> None:
        """Build from parallel sequences; each polygon is a GeoJSON geometry or Feature.

        Raises ValueError naming the area whose outline is no valid (Multi)Polygon.
        """
        if len(ids) != len(geojson_polygons):
            raise ValueError(f"{len(ids)} ids for {len(geojson_polygons)} polygons")
        outlines = [_outline(name, doc) for name, doc in zip(ids, geojson_polygons, strict=True)]
        sizes = np.array([outline.area for outline in outlines], dtype=np.float64)
        self._ids = tuple(ids)
        self._tree = shapely.STRtree(outlines)
        # Rank 0 is the area that wins against all others that hold the same point.
        self._rank = np.empty(len(outlines), dtype=np.int64)
        self._rank[np.argsort(sizes, kind="stable")] = np.arange(len(outlines))
        self._by_rank = np.argsort(self._rank, kind="stable")
        self._rank_of: list[int] = self._rank.tolist()

    def __len__(self) -> int:
        return len(self._ids)

    def area_at(self, lon: float, lat: float) -> AreaId | None:
        """The id of the area holding the point, or None."""
        point = point_at(lon, lat)
        return None if point is None else self.area_of(point)

    def area_of(self, point: shapely.Point) -> AreaId | None:
        """`area_at` for a point as `point_at` makes it, so that several indexes can be asked with one."""
        # One point is asked for with every call; as arrays of one it takes four times as long.
        found = self._tree.query(point, predicate="intersects").tolist()
        return self._ids[min(found, key=self._rank_of.__getitem__)] if found else None

    def areas_at(self, lon: ArrayLike, lat: ArrayLike) -> list[AreaId | None]:
        """`area_at` for many points at once, in their order."""
        return [None if at < 0 else self._ids[at] for at in self.positions_at(lon, lat).tolist()]

    def positions_at(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
        """For each point the position of its area in `ids`, or -1 for none."""
        lons = np.asarray(lon, dtype=np.float64).ravel()
        lats = np.asarray(lat, dtype=np.float64).ravel()
        best = np.full(lons.shape, len(self._ids), dtype=np.int64)
        known = np.flatnonzero(np.isfinite(lons) & np.isfinite(lats))
        if known.size and self._ids:
            points = shapely.points(lons[known], lats[known])
            which_point, which_area = self._tree.query(points, predicate="intersects")
            np.minimum.at(best, known[which_point], self._rank[which_area])
        found = best < len(self._ids)
        answer = np.full(lons.shape, -1, dtype=np.int64)
        answer[found] = self._by_rank[best[found]]
        return answer


def point_at(lon: float, lat: float) -> shapely.Point | None:
    """A point to ask for (degrees, WGS 84); None where there is no such place."""
    return shapely.points(lon, lat) if math.isfinite(lon) and math.isfinite(lat) else None


def _outline(name: Hashable, document: Mapping[str, Any]) -> BaseGeometry:
    geometry = document.get("geometry") if document.get("type") == "Feature" else document
    try:
        outline = shape(geometry)
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as problem:
        raise ValueError(f"area {name!r} is not a GeoJSON polygon: {problem}") from problem
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"area {name!r} is a {outline.geom_type}, not a polygon")
    if outline.is_empty:
        raise ValueError(f"area {name!r} is empty")
    if not outline.is_valid:
        raise ValueError(f"area {name!r} has a broken outline: {shapely.is_valid_reason(outline)}")
    return outline
