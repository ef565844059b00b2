"""Score a forecast when its day is over: against what citizens reported, beside the bar, on the same cells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.engines.forecast.day_scores import SUMS, Budgets, Happened, score_day
from anlan.engines.forecast.flagging import Flags
from anlan.engines.forecast.grid import Grid
from anlan.engines.forecast.rolling import tie_noise
from anlan.engines.forecast.volume import Spread, interval_held
from anlan.forecasting import events
from anlan.forecasting.computing import area_totals
from anlan.forecasting.flagging import flags_by_need
from anlan.forecasting.models import ForecastRun, ForecastScore, ForecastSheet
from anlan.forecasting.packing import cells_unpacked, unpacked
from anlan.forecasting.rules import SHIFTS
from anlan.forecasting.selectors.record import Kept, day_number, record_kept
from anlan.places.selectors import locate_many

GIVES_UP_AFTER = timedelta(days=7)
Floats = NDArray[np.float64]


def run_score(*, run: ForecastRun, by: Actor, at: datetime, kept: Kept | None = None) -> int:
    """Score the sheets of the run's own day; how many were. None of a day that isn't wholly on record.

    A day whose record stays incomplete for a week is given up and shown as not scored. Scoring again changes
    nothing. ``kept`` is a record that reaches beyond the day, where the caller has one.
    """
    if run.scored_at is not None:
        return 0
    # Up to now: a silence that began on the day may be told for what it is only later.
    end = max(run.day + timedelta(days=1), timezone.localtime(at).date())
    held = kept or record_kept(end=end, heard_at=at)
    number = day_number(run.day)
    if number not in held.record.history.days:
        if at.date() - run.day > GIVES_UP_AFTER:
            _finish(run, [], by=by, at=at)
        return 0
    rows = [_scored(run, sheet, held, number, at) for sheet in run.sheets.filter(lead_days=0).order_by("id")]
    _finish(run, rows, by=by, at=at)
    return len(rows)


@transaction.atomic
def _finish(run: ForecastRun, rows: list[ForecastScore], *, by: Actor, at: datetime) -> None:
    if not ForecastRun.objects.filter(pk=run.pk, scored_at=None).update(scored_at=at):
        return
    run.scored_at = at
    ForecastScore.objects.bulk_create(rows)
    calls = sum(int(row.sums[0]) for row in rows if row.places == "station")
    event_record(events.RUN_SCORED, subject=run, by=by, at=at, day=run.day.isoformat(), n=calls, sheets=len(rows))


def _scored(run: ForecastRun, sheet: ForecastSheet, held: Kept, day: int, at: datetime) -> ForecastScore:
    means, bar = unpacked(sheet.means, SHIFTS), unpacked(sheet.bar, SHIFTS)
    happened = _by_cell(run, sheet, held, day) if sheet.places == "cell" else _by_station(run, held, day)
    noise = tie_noise(run.seed, day, means.shape)
    flat = bar.mean(axis=1)
    grid = Grid(**run.grid)
    budgets = Budgets(means.shape[1], grid.cell_km2, grid.nx * grid.ny)
    station, width = station_rows(run) if sheet.places == "cell" else (np.arange(means.shape[1]), means.shape[1])
    need = run.facts.get("need", {}).get(sheet.family)
    flags, bar_flags = (flags_by_need(each, station, need, day=day, seed=run.seed) for each in (means, bar))
    sums, _ = score_day(means, happened, flat, noise, budgets, flags.kept)
    bar_sums, _ = score_day(bar, happened, flat, noise, budgets, bar_flags.kept)
    inside = _inside(area_totals(means, station, width), area_totals(happened.counts, station, width), sheet.scatter)
    return ForecastScore(
        sheet=sheet,
        day=run.day,
        family=sheet.family,
        places=sheet.places,
        scored_at=at,
        columns=list(SUMS),
        sums=_rounded(sums),
        bar_sums=_rounded(bar_sums),
        inside=inside,
        intervals=SHIFTS * width,
        hits=_hits(flags, happened) if sheet.places == "cell" else {},
    )


def _by_cell(run: ForecastRun, sheet: ForecastSheet, held: Kept, day: int) -> Happened:
    """What came, on the cells the run knew; what came elsewhere was missed."""
    history = held.record.history
    grid, cells = Grid(**run.grid), cells_unpacked(run.cells)
    came = history.counts(sheet.family, day, day + 1)
    beyond = held.record.happened(sheet.family, day).outside
    # By the middles of cells: the same numbers as long as the bureau's area is the same.
    there = grid.to_cell(*history.grid.centre(history.active))
    place = np.searchsorted(cells, there).clip(max=max(0, len(cells) - 1))
    known = (len(cells) > 0) & (cells[place] == there) if len(cells) else np.zeros(len(there), dtype=np.bool_)
    counts = np.zeros((SHIFTS, len(cells)))
    for shift in range(SHIFTS):
        counts[shift] = np.bincount(place[known], weights=came[shift, known], minlength=len(cells))
    return Happened(counts, beyond + came[:, ~known].sum(axis=1))


def _by_station(run: ForecastRun, held: Kept, day: int) -> Happened:
    came = held.calls.counts("calls", day, day + 1)
    row = {pk: k for k, pk in enumerate(held.stations)}
    counts = np.zeros((SHIFTS, len(run.stations)))
    for k, pk in enumerate(run.stations):
        if pk in row:
            counts[:, k] = came[:, row[pk]]
    return Happened(counts, came.sum(axis=1) - counts.sum(axis=1))


def station_rows(run: ForecastRun) -> tuple[NDArray[np.int64], int]:
    """The row of each of the run's cells among its stations (one more for cells of none), and how many rows."""
    lon, lat = Grid(**run.grid).centre(cells_unpacked(run.cells))
    row = {pk: k for k, pk in enumerate(run.stations)}
    found = locate_many(lon.tolist(), lat.tolist())
    rows = [row.get(where.station_id, len(row)) if where and where.station_id else len(row) for where in found]
    return np.array(rows, dtype=np.int64), len(row) + 1


def _inside(expected: Floats, came: Floats, scatter: float) -> float:
    """How much of the areas' totals lay in their 80 % intervals (a count on the border counts in part)."""
    pairs: Iterable[tuple[float, float]] = zip(expected.ravel().tolist(), came.ravel().tolist(), strict=True)
    return float(sum(interval_held(Spread(max(mean, 1e-6), scatter), count)[0] for mean, count in pairs))


def _hits(flags: Flags, happened: Happened) -> dict[str, Any]:
    """By shift: cells flagged (5 %, by need), those of them hit, reports inside them and elsewhere.

    ``plain`` is what the same number of flags would have caught without bounds by area: the price of these.
    """
    told = []
    for flagged, plain, counts, beyond in zip(
        flags.kept, flags.plain, happened.counts, happened.outside, strict=True
    ):
        caught = int(counts[flagged].sum())
        told.append(
            {
                "flagged": int(flagged.sum()),
                "hit": int((counts[flagged] > 0).sum()),
                "caught": caught,
                "missed": int(counts.sum() + beyond) - caught,
                "plain": int(counts[plain].sum()),
            }
        )
    return {"shifts": told}


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 6) for value in values]
