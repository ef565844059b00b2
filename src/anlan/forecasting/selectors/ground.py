"""The ground a forecast is shown on: its cells, whose they are, who lives there, which are told together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
from django.core.cache import cache
from django.utils import timezone
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.engines.forecast.grid import Grid
from anlan.forecasting import rules
from anlan.forecasting.merging import groups_of
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.packing import cells_unpacked
from anlan.forecasting.rules import LEAST_ADDRESSES, LEAST_RESIDENTS, forecast_place
from anlan.forecasting.selectors.residents import population_known, residents_of
from anlan.intake.models import Incident
from anlan.places.models import Place
from anlan.places.selectors import locate_many
from anlan.tagging.selectors import incident_types

Floats = NDArray[np.float64]
YEAR = timedelta(days=365)
RECENT = timedelta(days=10)
SEASON = timedelta(days=28)
HELD_FOR_S = 120


@dataclass(frozen=True, slots=True)
class World:
    """A run's cells. ``group`` is the place each is told with (see ``merging``), ``residents`` NaN where unknown."""

    grid: Grid
    cells: NDArray[np.int32]
    lon: Floats
    lat: Floats
    station: NDArray[np.int64]
    beat: Sequence[str]
    addresses: NDArray[np.int64]
    residents: Floats
    group: NDArray[np.int64]

    @property
    def groups(self) -> int:
        return int(self.group.max(initial=-1)) + 1

    def by_group(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums of a value by cell over each group."""
        mine = self.group >= 0
        found = np.bincount(self.group[mine], weights=values[mine], minlength=self.groups)
        return found.astype(values.dtype)


@dataclass(frozen=True, slots=True)
class Known:
    """Reports of a family in each of the run's cells: over a year, of the last ten days around it, of the season."""

    year: NDArray[np.int64]
    near: NDArray[np.int64]
    month: NDArray[np.int64]


def held(name: str, run: ForecastRun, make: Any) -> Any:
    """An answer about a run that never changes again, kept for the next looker."""
    key = f"forecasting:{name}:{run.record_sha256}:{run.pk}"
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, HELD_FOR_S)
    return found


def world_of(run: ForecastRun) -> World:
    def make() -> World:
        grid, cells = Grid(**run.grid), cells_unpacked(run.cells)
        lon, lat = grid.centre(cells)
        found = locate_many(lon.tolist(), lat.tolist())
        station = np.array([(row.station_id or 0) if row else 0 for row in found], dtype=np.int64)
        addresses = _addresses(grid)
        residents = residents_of(grid, np.nan_to_num(addresses).astype(np.int64))[cells]
        doors = np.where(np.isfinite(addresses[cells]), addresses[cells], LEAST_ADDRESSES).astype(np.int64)
        group = groups_of(
            cells,
            grid.nx,
            station,
            residents,
            doors,
            least_residents=LEAST_RESIDENTS,
            least_addresses=LEAST_ADDRESSES,
        )
        beat = [row.beat_code if row else "" for row in found]
        return World(grid, cells, lon, lat, station, beat, doors, residents, group)

    world: World = held(f"world-{population_known()}", run, make)
    return world


def _addresses(grid: Grid) -> Floats:
    """House numbers, buildings and estates in each cell of the grid; NaN everywhere where the gazetteer has none."""
    kinds = ("house_number", "building", "estate", "village", "landmark")
    rows = list(Place.objects.filter(kind__in=kinds).values_list("lon", "lat"))
    if not rows:
        return np.full(grid.nx * grid.ny, np.nan)
    there = grid.to_cell(*(np.array([row[axis] for row in rows], dtype=np.float64) for axis in (0, 1)))
    return np.bincount(there[there >= 0], minlength=grid.nx * grid.ny).astype(np.float64)


def reach_of(actor: Actor, world: World) -> NDArray[np.bool_]:
    """Cells of station areas in the actor's reach."""
    if actor.sees_all:
        return np.ones(len(world.cells), dtype=np.bool_)
    return np.isin(world.station, np.array(sorted(actor.org_ids or {-1}), dtype=np.int64))


def family_codes(family: str) -> list[str]:
    """Types of a family that may be told by cell."""
    return [row.code for row in incident_types() if row.family == family and forecast_place(row.code) == "cell"]


def known_of(run: ForecastRun, family: str) -> Known:
    def make() -> Known:
        world = world_of(run)
        until = timezone.make_aware(datetime.combine(run.day, time()))
        found = Incident.objects.filter(
            origin__in=rules.LEARNT_ORIGINS,
            is_valid=True,
            merged_into=None,
            code__in=family_codes(family),
            received_at__gte=until - YEAR,
            received_at__lt=until,
            lon__isnull=False,
        ).values_list("received_at", "lon", "lat")
        when, lon, lat = zip(*rows, strict=True) if (rows := list(found)) else ((), (), ())
        there = world.grid.to_cell(np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64))
        age = np.array([(until - at).total_seconds() for at in when])
        return Known(
            _counts(world, there),
            _around(world, there[age < RECENT.total_seconds()]),
            _counts(world, there[age < SEASON.total_seconds()]),
        )

    known: Known = held(f"known-{family}", run, make)
    return known


def _counts(world: World, there: NDArray[np.int32]) -> NDArray[np.int64]:
    whole = np.bincount(there[there >= 0], minlength=world.grid.nx * world.grid.ny)
    return whole[world.cells].astype(np.int64)


def _around(world: World, there: NDArray[np.int32]) -> NDArray[np.int64]:
    """Counts of each cell and its eight neighbours."""
    grid = world.grid
    whole = np.bincount(there[there >= 0], minlength=grid.nx * grid.ny).reshape(grid.ny, grid.nx)
    wide = np.pad(whole, 1)
    around = sum(wide[dy : dy + grid.ny, dx : dx + grid.nx] for dy in range(3) for dx in range(3))
    return np.asarray(around).ravel()[world.cells].astype(np.int64)
