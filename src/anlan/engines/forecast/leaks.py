"""Leak tests that come with the harness: ways to spoil the future, after which forecasts must not differ by a bit,
and ways to spoil the truth, after which a good score means that something looked ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.columns import DAY_S, Rows
from anlan.engines.forecast.contract import Model
from anlan.engines.forecast.history import History, Series, series_of
from anlan.engines.forecast.record import Record


@dataclass(frozen=True, slots=True)
class Leak:
    """A forecast that changed with what happened later: the model, the day and category, and the largest change."""

    model: str
    day: int
    category: str
    largest: float


def future_shuffled(record: Record, *, day: int, seed: int) -> Record:
    """The record with every event on or after ``day`` thrown to a random shift and cell, and its category too."""
    rng = np.random.default_rng(seed)
    history = record.history
    series = {}
    for name in history.categories:
        held = history.series[name]
        later = held.day >= day
        count = int(later.sum())
        shift = np.where(later, rng.integers(0, history.shifts, len(held)), held.shift).astype(np.int8)
        cell = np.where(later, rng.integers(0, history.cells, len(held)), held.cell).astype(np.int32)
        keep = ~later | (rng.random(len(held)) < 0.5)
        more = np.full(count, day, dtype=np.int32)
        series[name] = series_of(
            np.concatenate([held.day[keep], more]),
            np.concatenate([shift[keep], np.zeros(count, dtype=np.int8)]),
            np.concatenate([cell[keep], rng.integers(0, history.cells, count).astype(np.int32)]),
        )
    return replace(record, history=replace(history, series=series, all_events=_together(series)))


def labels_permuted(record: Record, *, seed: int) -> Record:
    """The record with cells of test days permuted within each day: places carry no news, captures fall to chance."""
    rng = np.random.default_rng(seed)
    history = record.history
    series = {}
    for name in history.categories:
        held = history.series[name]
        cell = held.cell.copy()
        tested = held.day >= record.test_from
        for day in np.unique(held.day[tested]):
            mine = held.day == day
            cell[mine] = rng.permutation(history.cells)[held.cell[mine]]
        series[name] = series_of(held.day, held.shift, cell)
    return replace(record, history=replace(history, series=series, all_events=_together(series)))


def times_moved(rows: Rows, *, days: int) -> Rows:
    """The rows with every event ``days`` later: forecasts must move with them, not stay with the calendar day."""
    return replace(rows, wall_s=rows.wall_s + days * DAY_S)


def leaks(
    record: Record, models: Sequence[Model], days: NDArray[np.int32], *, seed: int = 0, fit_from: int | None = None
) -> list[Leak]:
    """Forecasts of ``days`` that differ when what happens from each of them on is thrown about; none is right.

    Every model is fitted on the record as it was and on the spoilt one, and asked for the same day.
    """
    found = []
    for model in models:
        for day in days.tolist():
            start = record.test_from if fit_from is None else fit_from
            truth = _means(model, record.history, start, day, seed)
            spoilt = _means(model, future_shuffled(record, day=day, seed=seed).history, start, day, seed)
            for name, held in truth.items():
                largest = float(np.abs(held - spoilt[name]).max(initial=0.0))
                if largest > 0 or not np.array_equal(held, spoilt[name]):
                    found.append(Leak(model.name, day, name, largest))
    return found


def _means(model: Model, history: History, start: int, day: int, seed: int) -> dict[str, NDArray[np.float64]]:
    return model.fit(history.until(start), seed=seed).means(history.until(day), day)


def _together(series: Mapping[str, Series]) -> Series:
    held = list(series.values())
    return series_of(
        np.concatenate([each.day for each in held]),
        np.concatenate([each.shift for each in held]),
        np.concatenate([each.cell for each in held]),
    )
