"""Cells of a forecast and the borders of station areas as a drawing: no map program needed, on paper as on screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anlan.forecasting.selectors import PlaceTold
from anlan.places.selectors import areas_in_force

WIDTH = 640.0
BANDS = 4


@dataclass(frozen=True, slots=True)
class CellDrawn:
    """One cell: its square, how dark it is (1 to 4), and its place in the list."""

    path: str
    band: int
    position: int
    label: str


@dataclass(frozen=True, slots=True)
class MapDrawn:
    """The drawing: station borders with their names, and the cells that are told by themselves."""

    height: float
    borders: tuple[tuple[str, str, float, float], ...]
    cells: tuple[CellDrawn, ...]
    width: float = WIDTH


def map_of(places: Sequence[PlaceTold], names: dict[int, Any], labels: Sequence[str]) -> MapDrawn | None:
    """The map of a shift; None where no area has a border."""
    areas = [area for area in areas_in_force("station") if area.organisation_id in names]
    points = [point for area in areas for ring in _rings(area.polygon) for point in ring]
    if not points:
        return None
    frame = _Frame(points)
    borders = []
    for area in areas:
        rings = list(_rings(area.polygon))
        path = "".join(frame.path(ring) for ring in rings)
        x, y = frame.middle(max(rings, key=len))
        assert area.organisation_id is not None, "only areas of named stations are drawn"
        borders.append((path, str(names[area.organisation_id]), x, y))
    bands = bands_of([place.expected for place in places])
    cells = tuple(
        CellDrawn("".join(frame.path(ring) for ring in place.rings), band, k + 1, label)
        for k, (place, band, label) in enumerate(zip(places, bands, labels, strict=True))
    )
    return MapDrawn(frame.height, tuple(borders), cells)


def bands_of(values: Sequence[float]) -> list[int]:
    """Darkness by the share of the most expected: quarters."""
    most = max(values, default=0.0)
    return [max(1, min(BANDS, int(np.ceil(BANDS * value / most)))) if most > 0 else 1 for value in values]


class _Frame:
    """Degrees to the drawing's units, as wide as it may be and true to shape in the middle."""

    def __init__(self, points: Sequence[Sequence[float]]) -> None:
        lon, lat = (np.array([point[axis] for point in points], dtype=np.float64) for axis in (0, 1))
        self.lon0, self.lat1 = float(lon.min()), float(lat.max())
        squeeze = float(np.cos(np.deg2rad(lat.mean())))
        self.x_scale = (WIDTH - 8) / max(1e-9, float(np.ptp(lon)))
        self.y_scale = self.x_scale / squeeze
        self.height = round(float(np.ptp(lat)) * self.y_scale + 8, 1)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return round(4 + (lon - self.lon0) * self.x_scale, 1), round(4 + (self.lat1 - lat) * self.y_scale, 1)

    def path(self, ring: Iterable[Sequence[float]]) -> str:
        corners: list[tuple[float, float]] = []
        for point in ring:
            corner = self.at(point[0], point[1])
            if not corners or corner != corners[-1]:
                corners.append(corner)
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in corners) + "Z"

    def middle(self, ring: Sequence[Sequence[float]]) -> tuple[float, float]:
        return self.at(float(np.mean([point[0] for point in ring])), float(np.mean([point[1] for point in ring])))


def _rings(polygon: dict[str, Any]) -> Iterable[Sequence[Sequence[float]]]:
    found = polygon.get("coordinates", [])
    for rings in [found] if polygon.get("type") == "Polygon" else found:
        yield rings[0]
