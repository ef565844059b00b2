"""The hexagon grid (H3) that stands on every located row: one key in every database."""

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import ArrayLike, NDArray

CELL_RESOLUTION = 9
"""Hexagons of about 0.1 square kilometres, some 200 m from centre to corner."""


def cell_of(lon: float, lat: float, *, resolution: int = CELL_RESOLUTION) -> int:
    """The H3 cell holding the point, as an integer that fits a signed 64-bit column.

    Raises ValueError for a resolution outside 0..15 or a coordinate that is no number.
    """
    return int(h3.latlng_to_cell(lat, lon, resolution))


def cells_of(lon: ArrayLike, lat: ArrayLike, *, resolution: int = CELL_RESOLUTION) -> NDArray[np.int64]:
    """`cell_of` for many points; a point with a missing coordinate gets 0, which is no cell."""
    lons = np.asarray(lon, dtype=np.float64).ravel()
    lats = np.asarray(lat, dtype=np.float64).ravel()
    cells = np.zeros(lons.shape, dtype=np.int64)
    for row in np.flatnonzero(np.isfinite(lons) & np.isfinite(lats)).tolist():
        cells[row] = h3.latlng_to_cell(lats[row], lons[row], resolution)
    return cells


def cell_neighbours(cell: int, *, rings: int = 1) -> NDArray[np.int64]:
    """All cells within `rings` steps, the cell itself included, in ascending order."""
    return np.sort(np.asarray(h3.grid_disk(cell, rings)).astype(np.int64))


def cell_centre(cell: int) -> tuple[float, float]:
    """(lon, lat) of the middle of a cell."""
    lat, lon = h3.cell_to_latlng(cell)
    return float(lon), float(lat)
