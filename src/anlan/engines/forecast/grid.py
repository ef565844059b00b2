"""Square cells of a given size over a city: flat metres near one point, good to a few parts in a thousand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

METRES_PER_DEGREE = 111_320.0
SMALLEST_PRODUCT_CELL_M = 250.0
"""Below this a cell comes near a single address: such runs are research, and labelled so."""


@dataclass(frozen=True, slots=True)
class Grid:
    """``nx`` by ``ny`` squares of ``cell_m`` metres; cell 0 is the south-west one, numbers run east, then north.

    ``lon0, lat0`` (degrees) is the south-west corner. Metres are equirectangular: a degree of latitude is
    111.32 km, a degree of longitude that times the cosine of ``lat_mid``.
    """

    cell_m: float
    lon0: float
    lat0: float
    nx: int
    ny: int
    lat_mid: float

    @property
    def is_research(self) -> bool:
        """Finer than the product may show."""
        return self.cell_m < SMALLEST_PRODUCT_CELL_M

    @property
    def cell_km2(self) -> float:
        return self.cell_m * self.cell_m / 1e6

    def to_metres(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Metres east and north of the south-west corner."""
        east = (lon - self.lon0) * METRES_PER_DEGREE * np.cos(np.deg2rad(self.lat_mid))
        return east, (lat - self.lat0) * METRES_PER_DEGREE

    def to_cell(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int32]:
        """The cell of each point, int32; -1 where a point lies outside the grid."""
        east, north = self.to_metres(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
        column, row = np.floor(east / self.cell_m), np.floor(north / self.cell_m)
        inside = (column >= 0) & (column < self.nx) & (row >= 0) & (row < self.ny)
        cell = np.where(inside, row * self.nx + column, -1)
        return cell.astype(np.int32)

    def column_row(self, cell: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Column (east) and row (north) of each cell."""
        return (cell % self.nx).astype(np.int32), (cell // self.nx).astype(np.int32)

    def centre(self, cell: NDArray[np.int32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of the middle of each cell, degrees."""
        column, row = self.column_row(np.asarray(cell))
        east_degree = METRES_PER_DEGREE * float(np.cos(np.deg2rad(self.lat_mid)))
        lon = self.lon0 + (column.astype(np.float64) + 0.5) * (self.cell_m / east_degree)
        lat = self.lat0 + (row.astype(np.float64) + 0.5) * (self.cell_m / METRES_PER_DEGREE)
        return lon, lat


def grid_over(lon: NDArray[np.float64], lat: NDArray[np.float64], *, cell_m: float) -> Grid:
    """The smallest grid that holds all points, its corner at the south-west of them.

    Give it training points only: a corner moved by a future point would carry that point into the forecast.
    No points make a grid of one cell at 0, 0, which holds nothing.
    """
    if len(lon) == 0:
        return Grid(cell_m=cell_m, lon0=0.0, lat0=0.0, nx=1, ny=1, lat_mid=0.0)
    lon0, lat0 = float(np.min(lon)), float(np.min(lat))
    lat_mid = float(np.mean(lat))
    bare = Grid(cell_m=cell_m, lon0=lon0, lat0=lat0, nx=1, ny=1, lat_mid=lat_mid)
    east, north = bare.to_metres(np.asarray(lon), np.asarray(lat))
    nx, ny = (int(np.floor(np.max(along) / cell_m)) + 1 for along in (east, north))
    return Grid(cell_m=cell_m, lon0=lon0, lat0=lat0, nx=nx, ny=ny, lat_mid=lat_mid)
