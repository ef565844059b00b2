"""The square world of web maps: spherical Mercator (EPSG:3857) cut into 2^zoom by 2^zoom tiles.

Tile (0, 0) lies in the north-west. Formulas as in the OGC Two Dimensional Tile Matrix Set standard,
WebMercatorQuad; CGCS2000 and WGS 84 differ by centimetres and count as one here.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EDGE_LAT = 85.0511287798066
"""Where the square ends; latitudes beyond are drawn on its rim."""

LonLatBox = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def world_of(lonlat: Floats) -> Floats:
    """Degrees lon, lat of shape (n, 2) to the unit square, x east from -180°, y south from the northern rim."""
    lat = np.radians(np.clip(lonlat[:, 1], -EDGE_LAT, EDGE_LAT))
    x = lonlat[:, 0] / 360.0 + 0.5
    y = 0.5 - np.arcsinh(np.tan(lat)) / (2 * math.pi)
    return np.column_stack([x, y])


def lonlat_of(world: Floats) -> Floats:
    """The unit square back to degrees; the inverse of `world_of`."""
    lon = (world[:, 0] - 0.5) * 360.0
    lat = np.degrees(np.arctan(np.sinh((0.5 - world[:, 1]) * 2 * math.pi)))
    return np.column_stack([lon, lat])


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile a point lies in."""
    x, y = world_of(np.array([[lon, lat]]))[0]
    last = (1 << zoom) - 1
    return min(max(int(x * (1 << zoom)), 0), last), min(max(int(y * (1 << zoom)), 0), last)


def bounds_of_tile(zoom: int, x: int, y: int) -> LonLatBox:
    """West, south, east, north of a tile in degrees."""
    corners = np.array([[x, y + 1], [x + 1, y]], dtype=np.float64) / (1 << zoom)
    (west, south), (east, north) = lonlat_of(corners).tolist()
    return west, south, east, north
