"""How many residents a cell has, where a file told it: by cell where there are cells, else by the smallest area."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.engines.forecast.grid import METRES_PER_DEGREE, Grid
from anlan.forecasting.models import Population
from anlan.places.selectors import areas_in_force

Floats = NDArray[np.float64]
SMALLEST_FIRST = ("beat", "town", "station", "zone", "county")
STEP_M = 250.0
"""A cell of the file wider than this is spread over points so far apart."""


def residents_of(grid: Grid, addresses: NDArray[np.int64]) -> Floats:
    """Residents of every cell of the grid, (ny * nx,); NaN where no file tells.

    ``addresses`` by cell share out an area's residents; where an area has none, all its cells get the same.
    """
    rows = list(Population.objects.all())
    found = _by_cell(grid, [row for row in rows if not row.code])
    for kind in SMALLEST_FIRST:
        told = {row.code: row.residents for row in rows if row.code and row.area_kind == kind}
        if told:
            spread = _by_area(grid, kind, told, addresses)
            found = np.where(np.isfinite(found), found, spread)
    return found


def _by_cell(grid: Grid, rows: Iterable[Population]) -> Floats:
    found = np.full(grid.nx * grid.ny, np.nan)
    for row in rows:
        lon, lat = _points(row.lon or 0.0, row.lat or 0.0, row.cell_m or STEP_M)
        there = grid.to_cell(lon, lat)
        inside = there[there >= 0]
        if len(inside):
            cell, n = np.unique(inside, return_counts=True)
            found[cell] = np.nan_to_num(found[cell]) + row.residents * n / len(there)
    return found


def _points(lon: float, lat: float, cell_m: float) -> tuple[Floats, Floats]:
    """Points spread evenly over a square around its middle."""
    n = max(1, int(np.ceil(cell_m / STEP_M)))
    off = ((np.arange(n) + 0.5) / n - 0.5) * cell_m / METRES_PER_DEGREE
    east, north = np.meshgrid(off / float(np.cos(np.deg2rad(lat))), off)
    return lon + east.ravel(), lat + north.ravel()


def _by_area(grid: Grid, kind: str, told: dict[str, int], addresses: NDArray[np.int64]) -> Floats:
    found = np.full(grid.nx * grid.ny, np.nan)
    lon, lat = grid.centre(np.arange(grid.nx * grid.ny, dtype=np.int32))
    for area in areas_in_force(kind):
        if area.code not in told:
            continue
        inside = np.flatnonzero(shapely.contains_xy(shapely.geometry.shape(area.polygon), lon, lat))
        if len(inside):
            weight = addresses[inside].astype(np.float64)
            weight = weight if weight.sum() > 0 else np.ones(len(inside))
            found[inside] = told[area.code] * weight / weight.sum()
    return found


def population_known() -> int:
    """Of how many areas and cells the residents are known."""
    return Population.objects.count()
