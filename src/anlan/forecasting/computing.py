"""A night's forecast from what is on record: models judged on days just past, one chosen a family, two days told.

Nothing is written here, and no transaction is open: fitting may take minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.card import day_weights, figures, line
from anlan.engines.forecast.choice import choose
from anlan.engines.forecast.contract import Fitted, Means, Model
from anlan.engines.forecast.day_scores import COLUMN
from anlan.engines.forecast.history import History
from anlan.engines.forecast.models import candidates
from anlan.engines.forecast.models.yearly_mean import YearlyMean
from anlan.engines.forecast.record import Record
from anlan.engines.forecast.rolling import Here, Sheet, checked
from anlan.engines.forecast.station import StationLevels
from anlan.engines.forecast.volume import MEMORY_DAYS, PRIOR_DAYS, PRIOR_DISPERSION, volume_line
from anlan.engines.intervals import poisson_interval
from anlan.forecasting.auditing import AreaTables, audit_tested, equity_stored, tables_tested
from anlan.forecasting.flagging import bounds_of
from anlan.forecasting.rules import BAR, CALLS, HORIZON_DAYS, TEST_DAYS
from anlan.forecasting.selectors.record import Kept
from anlan.forecasting.trials import model_tried

Floats = NDArray[np.float64]
WET_MM, LEAST_WET_DAYS = 5.0, 20
SEASON_DAYS = 28


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one family on one day: shown means and the bar's, (shift, place), and how totals scatter."""

    family: str
    places: str
    lead_days: int
    model: str
    means: Floats
    bar: Floats
    scatter: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Which model each family is to be shown by, how totals scatter, the scores behind it, and the audit of areas.

    ``fitted`` are the models exactly as they were tested: what was judged is what is shown.
    """

    chosen: Mapping[str, str]
    scatter: Mapping[str, float]
    card: Mapping[str, Any]
    audit: Mapping[str, Any]
    fitted: FittedBoth


@dataclass(frozen=True, slots=True)
class FittedBoth:
    """The chosen models and the bar, by name: those of cells, and those of station areas."""

    cell: Mapping[str, Fitted]
    station: Mapping[str, Fitted]


def judge(kept: Kept, *, seed: int, pool: Executor) -> Judged:
    """Judge the models by cell, and those of station areas, on the last complete days before ``kept.end``.

    Each model is fitted and tested as one task of ``pool``.
    """
    rows = station_rows_of(kept)
    by_cell = _judged(kept.record, _models("cell"), rows, len(kept.stations), seed=seed, pool=pool)
    calls = Record(kept.calls, {CALLS: (np.zeros(0, np.int32), np.zeros(0, np.int8))}, kept.calls.end)
    stations = np.arange(len(kept.stations))
    by_station = _judged(calls, _models("station"), stations, len(kept.stations), seed=seed, pool=Here())
    audit = audit_tested(kept, by_cell.tables, seed=seed)
    return Judged(
        {**by_cell.chosen, **by_station.chosen},
        {**by_cell.scatter, **by_station.scatter},
        {**by_cell.card, **by_station.card},
        {family: equity_stored(found) for family, found in audit.items()},
        FittedBoth(by_cell.fitted, by_station.fitted),
    )


def fit(kept: Kept, chosen: Mapping[str, str], *, before: int, seed: int) -> FittedBoth:
    """The chosen models and the bar as they learn from everything before day ``before`` (the first day tested)."""
    wanted = {BAR, *chosen.values()}
    cell, station = (
        {model.name: model.fit(history.until(before), seed=seed) for model in _models(kind) if model.name in wanted}
        for kind, history in (("cell", kept.record.history), ("station", kept.calls))
    )
    return FittedBoth(cell, station)


def forecast(
    kept: Kept,
    fitted: FittedBoth,
    chosen: Mapping[str, str],
    scatter: Mapping[str, float],
    *,
    days: int = HORIZON_DAYS,
) -> list[Told]:
    """The days from ``kept.end`` on, from what is known before it."""
    told: list[Told] = []
    both = (("cell", kept.record.history, fitted.cell), ("station", kept.calls, fitted.station))
    for places, history, models in both:
        for lead in range(days):
            # The days between are not over: they are unknown to the models, not empty.
            ahead = replace(history, end=history.end + lead)
            said = _said(ahead, models, chosen)
            told += (
                Told(name, places, lead, chosen[name], said[chosen[name]][name], said[BAR][name], scatter[name])
                for name in ahead.categories
            )
    return told


def _said(history: History, models: Mapping[str, Fitted], chosen: Mapping[str, str]) -> Mapping[str, Means]:
    wanted = {BAR, *(chosen[name] for name in history.categories)}
    return {
        name: checked(models[name].means(history, history.end), history, model=name, day=history.end)
        for name in sorted(wanted)
    }


def _models(places: str) -> tuple[Model, ...]:
    return (YearlyMean(), *candidates()) if places == "cell" else (YearlyMean(), StationLevels())


@dataclass(frozen=True, slots=True)
class _JudgedPlaces:
    chosen: Mapping[str, str]
    scatter: Mapping[str, float]
    card: Mapping[str, Any]
    tables: Mapping[str, AreaTables]
    fitted: Mapping[str, Fitted]


def _judged(
    record: Record, models: Sequence[Model], station: NDArray[np.int64], stations: int, *, seed: int, pool: Executor
) -> _JudgedPlaces:
    history = record.history
    tested = history.days[len(history.days) - min(TEST_DAYS, len(history.days) // 3) :]
    bounds = bounds_of(history.until(int(tested[0])), station, stations)
    tasks = {model.name: pool.submit(model_tried, model, record, tested, seed, bounds) for model in models}
    done = {name: task.result() for name, task in tasks.items()}
    sheets = {name: sheet for name, (_fitted, sheet) in done.items()}
    choices = choose(sheets, bar=BAR, cells=history.cells, seed=seed)
    card: dict[str, Any] = {}
    scatter, tables = {}, {}
    for family, choice in choices.items():
        shown = sheets[choice.model]
        scatter[family] = scatter_of(shown, history, family, station)
        tables[family] = tables_tested(shown, history, family, station, stations)
        card[family] = {
            "shown": choice.model,
            "reason": choice.reason,
            "skill": choice.skill,
            "skill_lo": choice.skill_lo,
            "days": len(tested),
            "first_day": int(tested[0]),
            "last_day": int(tested[-1]),
            "cells": history.cells,
            "scatter": round(scatter[family], 3),
            "models": {
                name: card_line(sheet, sheets[BAR], family, history.cells, seed) for name, sheet in sheets.items()
            },
        }
    chosen = {name: choice.model for name, choice in choices.items()}
    fitted = {name: each for name, (each, _sheet) in done.items() if name in {BAR, *chosen.values()}}
    return _JudgedPlaces(chosen, scatter, card, tables, fitted)


def card_line(sheet: Sheet, bar: Sheet, family: str, cells: int, seed: int) -> dict[str, Any]:
    """One model's figures of one family over the days tested, against the bar on the same days."""
    weights = day_weights(len(sheet.days), seed=seed)
    told: dict[str, Any] = dict(
        line(figures(sheet.sums[family], weights, cells=cells), figures(bar.sums[family], weights, cells=cells))
    )
    totals = sheet.sums[family][:, COLUMN["predicted"]], sheet.sums[family][:, COLUMN["events"]]
    told |= volume_line(*totals, max(1, len(sheet.days) // 2))
    return told


def scatter_of(sheet: Sheet, history: History, family: str, station: NDArray[np.int64]) -> float:
    """The variance of station areas' shift totals by their mean, at least 1: how wide their intervals must be.

    ``station`` is the row of the station each place belongs to. The mean of (count - mean)^2 / mean over the days
    tested, pulled to 1.3 by fourteen days, as the engine does for the whole city.
    """
    assert sheet.means is not None
    width = int(station.max(initial=0)) + 1
    squares, number = 0.0, 0
    for day, means in zip(sheet.days[-MEMORY_DAYS:].tolist(), sheet.means[family][-MEMORY_DAYS:], strict=True):
        counts = history.counts(family, day, day + 1)
        expected, seen = area_totals(means, station, width), area_totals(counts, station, width)
        squares += float(((seen - expected) ** 2 / np.maximum(expected, 0.05)).sum())
        number += expected.size
    per_day = max(1, number // max(1, len(sheet.days)))
    return max(1.0, (squares + PRIOR_DISPERSION * PRIOR_DAYS * per_day) / (number + PRIOR_DAYS * per_day))


def area_totals(values: Floats, station: NDArray[np.int64], width: int) -> Floats:
    """Sums over each area, (shift, area), of values by (shift, place)."""
    found = np.zeros((values.shape[0], width))
    for shift, row in enumerate(values):
        found[shift] = np.bincount(station, weights=row, minlength=width)
    return found


def wet_effect(history: History) -> dict[str, Any]:
    """What rain did to each family: reports on wet days by those of the four weeks around, with a 95 % interval.

    ``days`` is how many wet days (5 mm and more) are known; below twenty nothing is said of families. A share of
    the running level, so that a wet season isn't taken for rain.
    """
    weather = history.weather
    if weather is None or "prcp_mm" not in weather.observed:
        return {"days": 0, "known": 0, "families": {}}
    rain = dict(zip(weather.day.tolist(), weather.observed["prcp_mm"].tolist(), strict=True))
    days = history.days
    wet = np.array([rain.get(int(day), 0.0) >= WET_MM for day in days], dtype=np.bool_)
    told: dict[str, Any] = {"days": int(wet.sum()), "known": len(rain), "families": {}}
    if wet.sum() < LEAST_WET_DAYS:
        return told
    for name in history.categories:
        by_day = history.totals(name, days).sum(axis=1)
        upto = np.concatenate([[0.0], np.cumsum(by_day)])
        low, high = np.maximum(0, np.arange(len(days)) - 14), np.minimum(len(days), np.arange(len(days)) + 15)
        usual = float(((upto[high] - upto[low]) / (high - low))[wet].sum())
        seen = int(by_day[wet].sum())
        if usual > 0 and seen:
            least, most = poisson_interval(seen)
            told["families"][name] = [round(seen / usual, 3), round(least / usual, 3), round(most / usual, 3), seen]
    return told


def seasons_of(history: History) -> dict[str, float]:
    """What the four weeks from this day were a year ago, by the year's mean, by family: the end of its 95 % interval
    that lies nearer to 1, so that what chance explains is told as 1. Empty without a year on record.
    """
    days = history.days
    year = days[(days >= history.end - 365) & (days < history.end)]
    weeks = year[year < history.end - 365 + SEASON_DAYS]
    if not len(days) or int(days[0]) > history.end - 365 or len(weeks) < SEASON_DAYS // 2:
        return {}
    told = {}
    for name in history.categories:
        usual = float(history.totals(name, year).sum()) * len(weeks) / len(year)
        least, most = (
            held / usual if usual else 1.0 for held in poisson_interval(int(history.totals(name, weeks).sum()))
        )
        told[name] = round(max(1.0, least) if least > 1.0 else min(1.0, most), 3)
    return told


def station_rows_of(kept: Kept) -> NDArray[np.int64]:
    """The row of each cell's station; cells of no station share the last one."""
    row = {pk: k for k, pk in enumerate(kept.stations)}
    return np.array([row.get(int(pk), len(row)) for pk in kept.station_of], dtype=np.int64)
