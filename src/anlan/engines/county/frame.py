"""From the drawing board (plan metres) to the ground (WGS 84).

Roads and borders are laid out on a flat board with straight lines; a smooth warp then bends
everything together, so that streets curve, borders wander and nothing that met before comes apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.engines.county.chance import generator_for

Floats = NDArray[np.float64]

CENTRE_LON, CENTRE_LAT = 120.25, 28.925
METRES_PER_DEGREE_LAT = 110_852.0
METRES_PER_DEGREE_LON = 97_434.0
"""Both at latitude 28.925; an equirectangular board is true to 0.2 % over 40 km here."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The bending of the board. Shifts are below 500 m and change by less than 0.35 m a metre,
    so the map stays one to one."""

    phases: Floats

    def to_lonlat(self, xy: Floats) -> Floats:
        """Plan metres, shape (n, 2), to degrees lon, lat of the same shape, six decimals."""
        p = self.phases
        x, y = xy[:, 0], xy[:, 1]
        dx = 300 * np.sin(x / 2600 + p[0]) * np.cos(y / 3300 + p[1]) + 55 * np.sin(y / 900 + p[2])
        dy = 300 * np.cos(x / 3000 + p[3]) * np.sin(y / 2700 + p[4]) + 55 * np.sin(x / 950 + p[5])
        lon = CENTRE_LON + (x + dx) / METRES_PER_DEGREE_LON
        lat = CENTRE_LAT + (y + dy) / METRES_PER_DEGREE_LAT
        return np.round(np.column_stack([lon, lat]), 6)

    def geometry(self, geom: BaseGeometry, *, step_m: float | None = None) -> BaseGeometry:
        """A plan geometry on the ground; `step_m` first cuts long edges so that they can bend."""
        if step_m is not None:
            geom = shapely.segmentize(geom, step_m)
        bent: BaseGeometry = shapely.transform(geom, self.to_lonlat)
        return bent

    def geojson(self, geom: BaseGeometry, *, step_m: float | None = None) -> Mapping[str, Any]:
        """The same as a GeoJSON geometry of plain lists."""
        return as_geojson(self.geometry(geom, step_m=step_m))


def frame_for(seed: int) -> Frame:
    """The bending that belongs to a seed."""
    return Frame(generator_for(seed, "frame").uniform(0, 2 * np.pi, 6))


def as_geojson(geom: BaseGeometry) -> Mapping[str, Any]:
    """A shapely geometry as GeoJSON with lists instead of tuples."""
    shape = shapely.geometry.mapping(geom)
    return {"type": shape["type"], "coordinates": _listed(shape["coordinates"])}


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple | list) else float(value)


def metres_between(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Ground distance in metres on the equirectangular board; good to 0.3 % inside the county."""
    gap: Floats = np.hypot((lon_a - lon_b) * METRES_PER_DEGREE_LON, (lat_a - lat_b) * METRES_PER_DEGREE_LAT)
    return gap
