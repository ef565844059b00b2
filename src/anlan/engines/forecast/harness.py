"""Backtests by rolling origin: fit before the span, forecast each day from the day before, score, compare, choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.choice import Choice, choose, validation_days
from anlan.engines.forecast.contract import Fitted, Model
from anlan.engines.forecast.errors import ForecastRefused
from anlan.engines.forecast.models.yearly_mean import YearlyMean
from anlan.engines.forecast.places import district_bounds
from anlan.engines.forecast.record import Record
from anlan.engines.forecast.rolling import Clock, Here, Sheet, chunks, climatology, fit_model, join, roll, timeless

BAR = "yearly_mean"
CHOSEN = "chosen"
Span = tuple[NDArray[np.int32], bool]
"""Days to forecast with one fit, and whether every mean is kept."""


@dataclass(frozen=True, slots=True)
class Results:
    """Scored days of every model (the bar and ``chosen`` among them), and how the choice was made.

    ``sheets`` are the test days; ``warmup`` the validation days inside training, by model.
    """

    record: Record
    sheets: Mapping[str, Sheet]
    warmup: Mapping[str, Sheet]
    choices: Mapping[str, Choice]
    seed: int


def run(
    record: Record,
    models: Sequence[Model],
    test_days: NDArray[np.int32],
    *,
    seed: int = 0,
    executor: Executor | None = None,
    keep_means: bool = False,
    refit_every_days: int | None = None,
    clock: Clock = timeless,
) -> Results:
    """Backtest ``models`` beside the bar on ``test_days`` (watched, rising, none before ``record.test_from``).

    Each model is fitted on what was known before the span, again every ``refit_every_days`` where given, and
    before that on what was known before the validation days, by which ``chosen`` is picked per category.
    ``executor`` is anything with the interface of ``concurrent.futures`` (processes, Dask); none runs here.
    ``clock`` only measures what each model took.
    """
    if len(test_days) == 0:
        raise ForecastRefused("no_test_days")
    if int(test_days[0]) < record.test_from:
        raise ForecastRefused("test_day_in_training", day=int(test_days[0]), test_from=record.test_from)
    pool = executor or Here()
    everyone: list[Model] = [YearlyMean(), *(model for model in models if model.name != BAR)]
    training = record.history.until(record.test_from)
    warm = validation_days(training.days)
    spans: list[Span] = [(warm, False)] if len(warm) else []
    spans += [(piece, keep_means) for piece in _refits(test_days, refit_every_days)]
    rolled = _roll_all(record, everyone, spans, pool, Task(seed, clock))
    warmup = {model.name: rolled[model.name][0] for model in everyone} if len(warm) else {}
    sheets = {model.name: join(rolled[model.name][1 if len(warm) else 0 :]) for model in everyone}
    choices = _choices(warmup, sheets[BAR], record, seed)
    sheets[CHOSEN] = picked(sheets, choices)
    if warmup:
        warmup[CHOSEN] = picked(warmup, choices)
    return Results(record, sheets, warmup, choices, seed)


def picked(sheets: Mapping[str, Sheet], choices: Mapping[str, Choice]) -> Sheet:
    """The sheet a reader of the product would have seen: for every category its chosen model's."""
    some = sheets[BAR]
    mine = {category: sheets[choice.model] for category, choice in choices.items()}
    means = {category: (sheet.means or {})[category] for category, sheet in mine.items()} if some.means else None
    return Sheet(
        CHOSEN,
        some.days,
        {category: sheet.sums[category] for category, sheet in mine.items()},
        {category: sheet.flags[category] for category, sheet in mine.items()},
        means,
        max(sheet.seconds for sheet in mine.values()),
        {category: sheet.capped[category] for category, sheet in mine.items() if category in sheet.capped},
    )


def _choices(warmup: Mapping[str, Sheet], tested: Sheet, record: Record, seed: int) -> dict[str, Choice]:
    if warmup:
        return choose(warmup, bar=BAR, cells=record.history.cells, seed=seed)
    return {category: Choice(category, BAR, "too_little_history") for category in tested.sums}


def _refits(days: NDArray[np.int32], every: int | None) -> list[NDArray[np.int32]]:
    """The test days cut where the models are fitted anew."""
    if every is None:
        return [days]
    number = (days - days[0]) // every
    return [days[number == piece] for piece in np.unique(number)]


@dataclass(frozen=True, slots=True)
class Task:
    """What every task is told alike."""

    seed: int
    clock: Clock


def _roll_all(
    record: Record, models: Sequence[Model], spans: Sequence[Span], pool: Executor, task: Task
) -> dict[str, list[Sheet]]:
    """Every model on every span: first all fits, then all days, so that the slow fits don't wait for each other."""
    fits: dict[tuple[str, int], Future[tuple[Fitted, float]]] = {}
    for number, (days, _) in enumerate(spans):
        known = record.history.until(int(days[0]))
        for model in models:
            fits[model.name, number] = pool.submit(fit_model, model, known, task.seed, task.clock)
    known = record.history.until(record.test_from)
    flat, bounds = climatology(known), district_bounds(known)
    rolls: dict[tuple[str, int], tuple[list[Future[Sheet]], float]] = {}
    for (name, number), fit in fits.items():
        days, keep = spans[number]
        fitted, fitting_s = fit.result()
        rolls[name, number] = (
            [
                pool.submit(
                    roll,
                    record,
                    fitted,
                    piece,
                    model=name,
                    flat=flat,
                    seed=task.seed,
                    keep_means=keep,
                    clock=task.clock,
                    bounds=bounds,
                )
                for piece in chunks(days)
            ],
            fitting_s,
        )

    def joined(name: str, number: int) -> Sheet:
        pieces, fitting_s = rolls[name, number]
        return join([piece.result() for piece in pieces], fitting_s=fitting_s)

    return {model.name: [joined(model.name, number) for number in range(len(spans))] for model in models}
