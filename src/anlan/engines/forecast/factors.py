"""How far flags may stray from need: the same forecasts flagged within bounds of several factors, and audited.

A small factor keeps every area near its share of citizens' reports and costs reports caught; a large one the reverse.
Which factor is in use was chosen by ``chosen_factor`` on spans before those it is audited on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.day_scores import flag_budget
from anlan.engines.forecast.equity import ALLOCATION_HIGH, ALLOCATION_LOW, allocation_ratios
from anlan.engines.forecast.flagging import Bounds, flags_of
from anlan.engines.forecast.places import district_bounds
from anlan.engines.forecast.record import Record
from anlan.engines.forecast.rolling import Sheet, tie_noise

Floats = NDArray[np.float64]
WINDOW_DAYS = 28
LEAST_CALLS = 30
SPARED = 0.01
"""So much larger a share of areas outside the audit's limits than with the factor 1 may be."""


@dataclass(frozen=True, slots=True)
class FactorLine:
    """One factor, one category: reports caught of ``n``, and of the areas judged those outside the audit's limits.

    ``factor`` None is the map's own order. An area is judged once in four weeks with thirty reports, as in the
    audit; ``low`` and ``high`` are the extremes of flags by reports among these, None without any.
    """

    category: str
    factor: float | None
    n: int
    caught: int
    judged: int
    outside: int
    low: float | None
    high: float | None


def factor_lines(
    record: Record, sheet: Sheet, factors: Sequence[float], *, seed: int, percent: float = 5.0
) -> Iterator[FactorLine]:
    """Flag ``percent`` of the cells of every shift of ``sheet`` (its means kept) within each factor's bounds.

    Areas are the districts, their need the reports of the last year before the span.
    """
    assert sheet.means is not None
    history = record.history
    bounds = district_bounds(history.until(record.test_from))
    counts = {name: [record.happened(name, day) for day in sheet.days.tolist()] for name in history.categories}
    for name in history.categories:
        came = np.array([each.counts for each in counts[name]])
        n = round(float(came.sum() + sum(each.outside.sum() for each in counts[name])))
        for factor in (None, *factors):
            kept = _flags(sheet, name, bounds, factor, seed=seed, percent=percent)
            judged, outside, extremes = audited(kept, came, bounds[name].area)
            low, high = (min(extremes), max(extremes)) if extremes else (None, None)
            yield FactorLine(name, factor, n, round(float(came[kept].sum())), judged, outside, low, high)


def _flags(
    sheet: Sheet, name: str, bounds: Mapping[str, Bounds], factor: float | None, *, seed: int, percent: float
) -> NDArray[np.bool_]:
    """Flags by (day, shift, cell)."""
    assert sheet.means is not None
    means = sheet.means[name]
    budget, first = flag_budget(means.shape[2], percent), means.shape[1]
    within = bounds[name] if factor is None else replace(bounds[name], factor=factor)
    found = []
    for day, told in zip(sheet.days.tolist(), means, strict=True):
        noise = tie_noise(seed, day, told.shape)
        flags = flags_of(told.astype(np.float64), noise, within, budget=budget, first_shift=day * first)
        found.append(flags.plain if factor is None else flags.kept)
    return np.array(found)


def audited(
    kept: NDArray[np.bool_], came: Floats, area: NDArray[np.int64], *, window_days: int = WINDOW_DAYS
) -> tuple[int, int, list[float]]:
    """Areas judged, those outside the limits, and all their ratios: by windows of days, the last one whole.

    ``kept`` and ``came`` are (day, shift, cell), ``area`` numbers the cells' areas.
    """
    width, ratios = int(area.max(initial=0)) + 1, []
    for end in range(len(kept), window_days - 1, -window_days):
        days = slice(end - window_days, end)
        flags, calls = (
            np.bincount(area, weights=held[days].sum(axis=(0, 1)).astype(np.float64), minlength=width)
            for held in (kept, came)
        )
        for ratio, n in zip(allocation_ratios(calls, flags), calls, strict=True):
            if ratio is not None and n >= LEAST_CALLS:
                ratios.append(ratio)
    outside = sum(not ALLOCATION_LOW <= ratio <= ALLOCATION_HIGH for ratio in ratios)
    return len(ratios), outside, ratios


def chosen_factor(outside: Mapping[str, Mapping[float, float]]) -> float:
    """The largest factor whose share of areas outside stays within one point of the smallest factor's.

    ``outside[city][factor]`` is that share; every city counts alike. Thirty reports stray by a fifth by chance, so
    even areas with flags exactly by need are found outside now and then: others are held against that.
    """
    factors = sorted(set.intersection(*(set(by_factor) for by_factor in outside.values())))
    mean = {factor: float(np.mean([by_factor[factor] for by_factor in outside.values()])) for factor in factors}
    return max(factor for factor in factors if mean[factor] <= mean[factors[0]] + SPARED)
