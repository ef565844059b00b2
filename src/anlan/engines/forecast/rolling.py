"""Forecasts issued day by day and scored: each from the piece of history that ends on the morning of its day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.contract import Fitted, Means, Model
from anlan.engines.forecast.day_scores import SUMS, Budgets, flag_budget, score_day
from anlan.engines.forecast.errors import BadForecast
from anlan.engines.forecast.flagging import Bounds, flags_of
from anlan.engines.forecast.history import History
from anlan.engines.forecast.record import Record

Floats = NDArray[np.float64]
Clock = Callable[[], float]
"""Seconds from some beginning; must survive pickling (``time.perf_counter`` does)."""

CHUNK_DAYS = 31
"""Days scored by one task: long enough to be worth sending, short enough to share a year between processes."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One model's scored days: ``sums[category]`` (day, SUMS), ``flags[category]`` (day, bytes), by ``days``.

    ``capped`` are the flags given out by need, empty where no areas were known.
    ``means[category]`` (day, shift, cell; float32) is kept only where every forecast is wanted. ``seconds`` is what
    fitting and forecasting took, scoring left out, by the clock the caller passed; all categories together.
    """

    model: str
    days: NDArray[np.int32]
    sums: Mapping[str, Floats]
    flags: Mapping[str, NDArray[np.uint8]]
    means: Mapping[str, NDArray[np.float32]] | None = None
    seconds: float = 0.0
    capped: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)


def climatology(history: History) -> dict[str, Floats]:
    """Expected events per cell in each shift when only the shift is known: (shifts,) by category, from training."""
    days = max(1, len(history.days))
    flat = {}
    for name, held in history.series.items():
        by_shift = np.bincount(held.shift, minlength=history.shifts).astype(np.float64)
        # Half an event spread over the shifts keeps a category unseen in training finite.
        flat[name] = (by_shift + 0.5 / history.shifts) / (days * max(1, history.cells))
    return flat


def tie_noise(seed: int, day: int, shape: tuple[int, int]) -> Floats:
    """The order of equal cells on a day: the same for every model and category, so that comparisons are paired."""
    return np.random.default_rng([seed, day]).random(shape)


def roll(
    record: Record,
    fitted: Fitted,
    days: NDArray[np.int32],
    *,
    model: str,
    flat: Mapping[str, Floats],
    seed: int,
    keep_means: bool,
    clock: Clock,
    bounds: Mapping[str, Bounds] | None = None,
) -> Sheet:
    """Forecast and score ``days`` one after another with one fitted model; ``bounds`` are areas and their need."""
    history = record.history
    shape = (history.shifts, history.cells)
    sums: dict[str, list[Floats]] = {name: [] for name in history.categories}
    flags: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in history.categories}
    capped: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in history.categories}
    means: dict[str, list[NDArray[np.float32]]] = {name: [] for name in history.categories}
    budgets = Budgets(history.cells, history.grid.cell_km2, history.grid.nx * history.grid.ny)
    seconds = 0.0
    for day in days.tolist():
        began = clock()
        said = checked(fitted.means(history.until(day), day), history, model=model, day=day)
        seconds += clock() - began
        noise = tie_noise(seed, day, shape)
        for name in history.categories:
            by_need = _by_need(said[name], noise, (bounds or {}).get(name), day)
            scored, flagged = score_day(said[name], record.happened(name, day), flat[name], noise, budgets, by_need)
            sums[name].append(scored)
            flags[name].append(flagged)
            capped[name].append(flagged if by_need is None else np.packbits(by_need))
            if keep_means:
                means[name].append(said[name].astype(np.float32))
    width = (shape[0] * shape[1] + 7) // 8
    return Sheet(
        model,
        days,
        {name: np.array(held).reshape(len(days), len(SUMS)) for name, held in sums.items()},
        _bits(flags, len(days), width),
        {name: np.array(held).reshape(len(days), *shape) for name, held in means.items()} if keep_means else None,
        seconds,
        _bits(capped, len(days), width) if bounds else {},
    )


def _by_need(means: Floats, noise: Floats, bounds: Bounds | None, day: int) -> NDArray[np.bool_] | None:
    if bounds is None:
        return None
    budget = flag_budget(means.shape[1], 5)
    return flags_of(means, noise, bounds, budget=budget, first_shift=day * len(means)).kept


def _bits(held: Mapping[str, list[NDArray[np.uint8]]], days: int, width: int) -> dict[str, NDArray[np.uint8]]:
    return {name: np.array(rows, dtype=np.uint8).reshape(days, width) for name, rows in held.items()}


def checked(said: Means, history: History, *, model: str, day: int) -> Means:
    """The forecast, or a refusal that names what is wrong with it."""
    for name in history.categories:
        if name not in said:
            raise BadForecast(model, day, name, "no forecast for the category")
        if said[name].shape != (history.shifts, history.cells):
            raise BadForecast(model, day, name, f"shape {said[name].shape}")
        if not np.isfinite(said[name]).all() or (said[name] <= 0).any():
            raise BadForecast(model, day, name, "a mean that is not finite and above zero")
    return said


def fit_model(model: Model, history: History, seed: int, clock: Clock) -> tuple[Fitted, float]:
    """One fit, as a task, and the seconds it took."""
    began = clock()
    fitted = model.fit(history, seed=seed)
    return fitted, clock() - began


def join(sheets: Sequence[Sheet], *, fitting_s: float = 0.0) -> Sheet:
    """Sheets of one model over following days as one; ``fitting_s`` is added to their seconds."""
    first = sheets[0]
    kept = first.means is not None
    return Sheet(
        first.model,
        np.concatenate([sheet.days for sheet in sheets]),
        {name: np.concatenate([sheet.sums[name] for sheet in sheets]) for name in first.sums},
        {name: np.concatenate([sheet.flags[name] for sheet in sheets]) for name in first.flags},
        {name: np.concatenate([(sheet.means or {})[name] for sheet in sheets]) for name in first.sums}
        if kept
        else None,
        fitting_s + sum(sheet.seconds for sheet in sheets),
        {name: np.concatenate([sheet.capped[name] for sheet in sheets]) for name in first.capped},
    )


def timeless() -> float:
    """The clock of those who don't care how long it took."""
    return 0.0


class Here(Executor):
    """Runs each task at once in this process: for tests, small towns and ``--jobs 1``."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as problem:
            future.set_exception(problem)
        return future


def chunks(days: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """The days in pieces for tasks."""
    return [days[start : start + CHUNK_DAYS] for start in range(0, len(days), CHUNK_DAYS)]
