"""A forecast as it may be shown: by places large enough to point at nobody, with intervals and reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.engines.forecast.grid import Grid
from anlan.engines.forecast.volume import Spread
from anlan.forecasting.models import ForecastRun, ForecastSheet
from anlan.forecasting.packing import cells_unpacked, unpacked
from anlan.forecasting.rules import (
    CITIZEN,
    LEAST_ADDRESSES,
    LEAST_SHOWN,
    SHIFT_HOURS,
    SHIFTS,
    forecast_place,
)
from anlan.forecasting.selectors.record import day_number
from anlan.intake.models import Incident
from anlan.places.models import Place
from anlan.places.selectors import locate_many
from anlan.tagging.selectors import incident_types

Floats = NDArray[np.float64]
YEAR = timedelta(days=365)
RECENT = timedelta(days=10)
SEASON = timedelta(days=28)
WET_MM = 5.0
MOST_PLACES = 60
HELD_FOR_S = 120


@dataclass(frozen=True, slots=True)
class Span:
    """One shift: its local day, which of the day's it is, and its moments."""

    day: date
    shift: int

    @property
    def starts_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.day, time(hour=SHIFT_HOURS * self.shift)))

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(hours=SHIFT_HOURS)

    @property
    def label(self) -> str:
        return f"{SHIFT_HOURS * self.shift:02d}–{SHIFT_HOURS * (self.shift + 1):02d}"

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()}.{self.shift}"


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """One place of a shift: expected reports with the 80 % interval, and why here.

    ``cell`` is a grid cell, or -1 for all of a station's area that is too sparse to be told by itself. ``share`` is
    its part of the shift's whole, ``reasons`` are codes of ``rules.REASONS``, ``year`` the reports of a year here.
    """

    cell: int
    station_id: int
    lon: float
    lat: float
    beat: str
    expected: float
    low: int
    high: int
    share: float
    year: int
    reasons: tuple[str, ...] = ()
    ring: tuple[tuple[float, float], ...] = ()
    cells: int = 1

    @property
    def chance(self) -> float:
        """The chance of at least one report (Poisson)."""
        return float(1.0 - np.exp(-self.expected))


@dataclass(frozen=True, slots=True)
class ShiftTold:
    """What is expected of a family in one shift, in all and by place, most first."""

    span: Span
    family: str
    model: str
    expected: float
    low: int
    high: int
    places: tuple[PlaceTold, ...]
    km2: float = 0.0
    rest: tuple[PlaceTold, ...] = field(default=())


def run_for(day: date) -> ForecastRun | None:
    """The newest forecast that speaks of ``day``: its own, or that of the day before."""
    rows = ForecastRun.objects.filter(day__lte=day, day__gte=day - timedelta(days=1))
    return rows.order_by("-day").first()


def spans_ahead(run: ForecastRun, *, at: datetime) -> list[Span]:
    """The shifts of a run that are not over."""
    days = [run.day, run.day + timedelta(days=1)]
    spans = [Span(day, shift) for day in days for shift in range(SHIFTS)]
    return [span for span in spans if span.ends_at > at]


def sheet_of(run: ForecastRun, family: str, day: date) -> ForecastSheet | None:
    """What the run said of a family on a day; None after its cells have gone."""
    row = run.sheets.filter(family=family, lead_days=(day - run.day).days).first()
    return row if row is not None and row.means else None


def shift_told(actor: Actor, run: ForecastRun, family: str, span: Span) -> ShiftTold | None:
    """What is expected in a shift, in the actor's reach. None where the run doesn't speak of it.

    A cell stands by itself with five reports of the family in the year before and, where the gazetteer knows
    the bureau, eight addresses; the others of a station's area are told together.
    """
    sheet = sheet_of(run, family, span.day)
    if sheet is None:
        return None
    world = _world(run)
    means = unpacked(sheet.means, SHIFTS)
    reach = _reach(actor, world)
    if not reach.any():
        return ShiftTold(span, family, sheet.model, 0.0, 0, 0, ())
    known = _known(run, family)
    alone = reach & (known.year >= LEAST_SHOWN) & (world.addresses >= LEAST_ADDRESSES)
    row = means[span.shift]
    total = float(row[reach].sum())
    order = [k for k in np.argsort(-row, kind="stable").tolist() if alone[k]][:MOST_PLACES]
    wet = _rain_ahead(run, span.day) >= WET_MM
    busiest = int(np.argmax(means[:, reach].sum(axis=1)))
    places = tuple(
        _place(world, known, k, float(row[k]), total, _reasons(known, k, span, busiest, wet, run)) for k in order
    )
    left = reach & ~alone
    rest = tuple(_rest(world, known, row, left, pk, total) for pk in np.unique(world.station[left]).tolist() if pk)
    # Scatter was measured on whole areas' totals; a bureau's total is one of those.
    low, high = interval(total, sheet.scatter)
    km2 = world.grid.cell_km2
    return ShiftTold(span, family, sheet.model, total, low, high, places, km2, tuple(sorted(rest, key=_most)))


def interval(mean: float, scatter: float) -> tuple[int, int]:
    """The 80 % interval of a count."""
    spread = Spread(max(mean, 1e-6), scatter)
    return int(spread.quantile(0.1)), int(spread.quantile(0.9))


def _most(place: PlaceTold) -> float:
    return -place.expected


@dataclass(frozen=True, slots=True)
class _World:
    grid: Grid
    cells: NDArray[np.int32]
    lon: Floats
    lat: Floats
    station: NDArray[np.int64]
    beat: Sequence[str]
    addresses: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Known:
    """Reports of a family in each of the run's cells: over a year, of the last ten days around it, of the season."""

    year: NDArray[np.int64]
    near: NDArray[np.int64]
    month: NDArray[np.int64]


def _held(name: str, run: ForecastRun, make: Any) -> Any:
    """An answer about a run that never changes again, kept for the next looker."""
    key = f"forecasting:{name}:{run.record_sha256}:{run.pk}"
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, HELD_FOR_S)
    return found


def _world(run: ForecastRun) -> _World:
    def make() -> _World:
        grid, cells = Grid(**run.grid), cells_unpacked(run.cells)
        lon, lat = grid.centre(cells)
        found = locate_many(lon.tolist(), lat.tolist())
        return _World(
            grid,
            cells,
            lon,
            lat,
            np.array([(row.station_id or 0) if row else 0 for row in found], dtype=np.int64),
            [row.beat_code if row else "" for row in found],
            _addresses(grid, cells),
        )

    world: _World = _held("world", run, make)
    return world


def _addresses(grid: Grid, cells: NDArray[np.int32]) -> NDArray[np.int64]:
    """House numbers, buildings and estates in each cell; enough everywhere where the gazetteer has none."""
    kinds = ("house_number", "building", "estate", "village", "landmark")
    rows = list(Place.objects.filter(kind__in=kinds).values_list("lon", "lat"))
    if not rows:
        return np.full(len(cells), LEAST_ADDRESSES, dtype=np.int64)
    there = grid.to_cell(*(np.array([row[axis] for row in rows], dtype=np.float64) for axis in (0, 1)))
    found, counts = np.unique(there, return_counts=True)
    place = np.searchsorted(found, cells).clip(max=len(found) - 1)
    return np.where(found[place] == cells, counts[place], 0).astype(np.int64)


def _reach(actor: Actor, world: _World) -> NDArray[np.bool_]:
    """Cells of station areas in the actor's reach."""
    if actor.sees_all:
        return np.ones(len(world.cells), dtype=np.bool_)
    return np.isin(world.station, np.array(sorted(actor.org_ids or {-1}), dtype=np.int64))


def family_codes(family: str) -> list[str]:
    """Types of a family that may be told by cell."""
    return [row.code for row in incident_types() if row.family == family and forecast_place(row.code) == "cell"]


def _known(run: ForecastRun, family: str) -> _Known:
    def make() -> _Known:
        world = _world(run)
        until = timezone.make_aware(datetime.combine(run.day, time()))
        found = Incident.objects.filter(
            origin=CITIZEN,
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
        return _Known(
            _counts(world, there),
            _around(world, there[age < RECENT.total_seconds()]),
            _counts(world, there[age < SEASON.total_seconds()]),
        )

    known: _Known = _held(f"known-{family}", run, make)
    return known


def _counts(world: _World, there: NDArray[np.int32]) -> NDArray[np.int64]:
    whole = np.bincount(there[there >= 0], minlength=world.grid.nx * world.grid.ny)
    return whole[world.cells].astype(np.int64)


def _around(world: _World, there: NDArray[np.int32]) -> NDArray[np.int64]:
    """Counts of each cell and its eight neighbours."""
    grid = world.grid
    whole = np.bincount(there[there >= 0], minlength=grid.nx * grid.ny).reshape(grid.ny, grid.nx)
    wide = np.pad(whole, 1)
    around = sum(wide[dy : dy + grid.ny, dx : dx + grid.nx] for dy in range(3) for dx in range(3))
    return np.asarray(around).ravel()[world.cells].astype(np.int64)


def _reasons(known: _Known, k: int, span: Span, busiest: int, wet: bool, run: ForecastRun) -> tuple[str, ...]:
    """Why a place stands where it does, as codes of ``rules.REASONS``: facts of the record, no weights of a model."""
    found = ["history"]
    usual = known.year[k] * SEASON.days / YEAR.days
    if known.month[k] >= max(3.0, 2.0 * usual):
        found.append("season")
    elif usual >= 4 and known.month[k] <= usual / 2:
        found.append("lull")
    if known.near[k] >= 2:
        found.append("near_repeat")
    if span.shift == busiest:
        found.append("shift")
    if wet:
        found.append("weather")
    if run.facts.get("day_kinds", {}).get(str(day_number(span.day))) == 2:
        found.append("holiday")
    return tuple(found)


def _rain_ahead(run: ForecastRun, day: date) -> float:
    return float(run.facts.get("rain_mm", {}).get(str(day_number(day)), 0.0))


def _place(world: _World, known: _Known, k: int, mean: float, total: float, reasons: tuple[str, ...]) -> PlaceTold:
    low, high = interval(mean, 1.0)
    return PlaceTold(
        int(world.cells[k]),
        int(world.station[k]),
        float(world.lon[k]),
        float(world.lat[k]),
        world.beat[k],
        mean,
        low,
        high,
        mean / total if total else 0.0,
        int(known.year[k]),
        reasons,
        _ring(world.grid, float(world.lon[k]), float(world.lat[k])),
    )


def _rest(world: _World, known: _Known, row: Floats, left: NDArray[np.bool_], pk: int, total: float) -> PlaceTold:
    mine = left & (world.station == pk)
    mean = float(row[mine].sum())
    low, high = interval(mean, 1.0)
    lon, lat = float(world.lon[mine].mean()), float(world.lat[mine].mean())
    share = mean / total if total else 0.0
    year, cells = int(known.year[mine].sum()), int(mine.sum())
    return PlaceTold(-1, int(pk), lon, lat, "", mean, low, high, share, year, (), (), cells)


def _ring(grid: Grid, lon: float, lat: float) -> tuple[tuple[float, float], ...]:
    """The four corners of a cell, south-west first."""
    half_lat = grid.cell_m / 2 / 111_320.0
    half_lon = half_lat / float(np.cos(np.deg2rad(grid.lat_mid)))
    return tuple((lon + x * half_lon, lat + y * half_lat) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)))


def reports_by_family(*, since: datetime) -> dict[str, int]:
    """Citizens' reports that count, by type, since a moment: for pages that say what is missing."""
    rows = Incident.objects.filter(origin=CITIZEN, is_valid=True, merged_into=None, received_at__gte=since)
    return {
        row["code"]: row["n"] for row in rows.values("code").annotate(n=Count("id")) if forecast_place(row["code"])
    }
