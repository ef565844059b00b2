"""A forecast as it may be shown: by places large enough to point at nobody, with intervals and reasons in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
from django.db.models import Count
from django.utils import timezone
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.engines.forecast.grid import Grid
from anlan.engines.forecast.volume import Spread
from anlan.forecasting import rules
from anlan.forecasting.flagging import flags_by_need
from anlan.forecasting.models import ForecastRun, ForecastSheet
from anlan.forecasting.packing import unpacked
from anlan.forecasting.rules import BAR, LEAST_SHOWN, SHIFT_HOURS, SHIFTS, forecast_place
from anlan.forecasting.selectors.ground import SEASON, YEAR, Known, World, known_of, reach_of, world_of
from anlan.forecasting.selectors.record import day_number
from anlan.forecasting.selectors.register import held_back
from anlan.intake.models import Incident

Floats = NDArray[np.float64]
Ring = tuple[tuple[float, float], ...]
WET_MM = 5.0
MOST_PLACES = 60


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

    ``cell`` is its first grid cell of ``cells`` told together, or -1 for all of a station's area that is too sparse
    to be told by itself; ``residents`` is None where nobody knows. ``share`` is
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
    rings: tuple[Ring, ...] = ()
    cells: int = 1
    residents: int | None = None

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
    return rows.select_related("release").order_by("-day").first()


def spans_ahead(run: ForecastRun, *, at: datetime) -> list[Span]:
    """The shifts of a run that are not over."""
    days = [run.day, run.day + timedelta(days=1)]
    spans = [Span(day, shift) for day in days for shift in range(SHIFTS)]
    return [span for span in spans if span.ends_at > at]


def sheet_of(run: ForecastRun, family: str, day: date) -> ForecastSheet | None:
    """What is shown of a family on a day; None after its cells have gone.

    Where the run's version of the models has been held back since, the bar stands in the model's place.
    """
    row = run.sheets.filter(family=family, lead_days=(day - run.day).days).first()
    if row is None or not row.means:
        return None
    if row.model != BAR and held_back(run.release, family):
        row.means, row.model = row.bar, BAR
    return row


def shift_told(actor: Actor, run: ForecastRun, family: str, span: Span) -> ShiftTold | None:
    """What is expected in a shift, in the actor's reach. None where the run doesn't speak of it.

    A place stands by itself with five reports of the family in the year before, five hundred residents where their
    number is known, and eight addresses where the gazetteer knows the bureau; all else of a station's area is told
    together.
    """
    sheet = sheet_of(run, family, span.day)
    if sheet is None:
        return None
    world = world_of(run)
    means = unpacked(sheet.means, SHIFTS)
    reach = reach_of(actor, world)
    if not reach.any():
        return ShiftTold(span, family, sheet.model, 0.0, 0, 0, ())
    known = known_of(run, family)
    row = means[span.shift]
    total = float(row[reach].sum())
    year, expected = world.by_group(known.year), world.by_group(row)
    alone = (world.by_group(reach.astype(np.int64)) > 0) & (year >= LEAST_SHOWN)
    told = picked_by_need(run, family, span, world, expected, alone)
    order = [g for g in np.argsort(-expected, kind="stable").tolist() if told[g]]
    wet = _rain_ahead(run, span.day) >= WET_MM
    busiest = int(np.argmax(means[:, reach].sum(axis=1)))
    places = tuple(_place(world, known, g, row, total, (span, busiest, wet, run, family)) for g in order)
    left = reach & ~np.append(told, False)[world.group]
    # In the bureau's own order: areas are never ranked by what is expected of them.
    here = set(world.station[left].tolist())
    rest = tuple(_rest(world, known, row, left, pk, total) for pk in run.stations if pk in here)
    # Scatter was measured on whole areas' totals; a bureau's total is one of those.
    low, high = interval(total, sheet.scatter)
    km2 = world.grid.cell_km2
    return ShiftTold(span, family, sheet.model, total, low, high, places, km2, rest)


def interval(mean: float, scatter: float) -> tuple[int, int]:
    """The 80 % interval of a count."""
    spread = Spread(max(mean, 1e-6), scatter)
    return int(spread.quantile(0.1)), int(spread.quantile(0.9))


def picked_by_need(
    run: ForecastRun, family: str, span: Span, world: World, expected: Floats, alone: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which places of a shift are told by themselves, (groups,): of those ``alone``, sixty, each area by its need."""
    row = {pk: k for k, pk in enumerate(run.stations)}
    station = np.zeros(world.groups, dtype=np.int64)
    mine = world.group >= 0
    station[world.group[mine]] = [row.get(int(pk), len(row)) for pk in world.station[mine]]
    may = np.flatnonzero(alone)
    told = np.zeros(world.groups, dtype=np.bool_)
    if len(may):
        need = run.facts.get("need", {}).get(family)
        # One shift by itself: its number takes the place of the day's.
        shift = day_number(span.day) * SHIFTS + span.shift
        flags = flags_by_need(expected[None, may], station[may], need, day=shift, seed=run.seed, budget=MOST_PLACES)
        told[may[flags.kept[0]]] = True
    return told


_Ask = tuple[Span, int, bool, ForecastRun, str]
SEASON_UP = 1.1
"""A season is told where a year ago the same weeks had, surely, so many times the year's mean."""


def _reasons(year: int, near: int, month: int, asked: _Ask) -> tuple[str, ...]:
    """Why a place stands where it does, as codes of ``rules.REASONS``: facts of the record, no weights of a model."""
    span, busiest, wet, run, family = asked
    found = ["history"]
    usual = year * SEASON.days / YEAR.days
    if month >= max(3.0, 2.0 * usual):
        found.append("recent")
    elif usual >= 4 and month <= usual / 2:
        found.append("lull")
    if run.facts.get("seasons", {}).get(family, 1.0) >= SEASON_UP:
        found.append("season")
    if near >= 2:
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


def _place(world: World, known: Known, group: int, row: Floats, total: float, asked: _Ask) -> PlaceTold:
    mine = np.flatnonzero(world.group == group)
    mean, year = float(row[mine].sum()), int(known.year[mine].sum())
    low, high = interval(mean, 1.0)
    people = world.residents[mine]
    return PlaceTold(
        cell=int(world.cells[mine[0]]),
        station_id=int(world.station[mine[0]]),
        lon=float(world.lon[mine].mean()),
        lat=float(world.lat[mine].mean()),
        beat=world.beat[int(mine[np.argmax(row[mine])])],
        expected=mean,
        low=low,
        high=high,
        share=mean / total if total else 0.0,
        year=year,
        reasons=_reasons(year, int(known.near[mine].max()), int(known.month[mine].sum()), asked),
        rings=tuple(_ring(world.grid, float(world.lon[k]), float(world.lat[k])) for k in mine.tolist()),
        cells=len(mine),
        residents=round(float(people.sum())) if np.isfinite(people).all() else None,
    )


def _rest(world: World, known: Known, row: Floats, left: NDArray[np.bool_], pk: int, total: float) -> PlaceTold:
    mine = left & (world.station == pk)
    mean = float(row[mine].sum())
    low, high = interval(mean, 1.0)
    lon, lat = float(world.lon[mine].mean()), float(world.lat[mine].mean())
    share = mean / total if total else 0.0
    year, cells = int(known.year[mine].sum()), int(mine.sum())
    return PlaceTold(-1, int(pk), lon, lat, "", mean, low, high, share, year, (), (), cells)


def _ring(grid: Grid, lon: float, lat: float) -> Ring:
    """The four corners of a cell, south-west first."""
    half_lat = grid.cell_m / 2 / 111_320.0
    half_lon = half_lat / float(np.cos(np.deg2rad(grid.lat_mid)))
    return tuple((lon + x * half_lon, lat + y * half_lat) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)))


def reports_by_family(*, since: datetime) -> dict[str, int]:
    """Citizens' reports that count, by type, since a moment: for pages that say what is missing."""
    rows = Incident.objects.filter(
        origin__in=rules.LEARNT_ORIGINS, is_valid=True, merged_into=None, received_at__gte=since
    )
    return {
        row["code"]: row["n"] for row in rows.values("code").annotate(n=Count("id")) if forecast_place(row["code"])
    }
