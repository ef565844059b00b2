"""The bar: the mean of each cell over the last 365 watched days, times the city's share of each shift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.contract import Means
from anlan.engines.forecast.history import History

WINDOW_DAYS = 365
PSEUDO_DAYS = 0.5
"""Half a day at the city's mean is added to each cell, so that an empty cell isn't declared impossible."""
FLOOR = 1e-9


@dataclass(frozen=True, slots=True)
class YearlyMean:
    """Three lines anyone can repeat in a table program; everything else has to beat it.

    mean(cell, shift) = (n(cell) + 0.5 m) / (D + 0.5) x f(shift), with n the cell's events on the last 365
    watched days, D their number, m the mean of n / D over cells, f the share of the category's events in each shift.
    Nothing is learnt beforehand: the mean is taken anew every day.
    """

    name: str = "yearly_mean"
    window_days: int = WINDOW_DAYS

    def fit(self, history: History, *, seed: int) -> YearlyMean:
        return self

    def means(self, history: History, day: int) -> Means:
        window = history.last_days(self.window_days)
        first = int(window[0]) if len(window) else day
        return {name: _means(history.counts(name, first, day), len(window)) for name in history.categories}


def _means(counts: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    """Means by (shift, cell) from counts by (shift, cell) over ``days`` days."""
    shifts, cells = counts.shape
    total = counts.sum()
    if days == 0 or total == 0:
        # Half an event over the window in the whole city: "never seen" isn't "impossible".
        return np.full(counts.shape, max(FLOOR, 0.5 / (max(days, 1) * shifts * max(cells, 1))))
    share = (counts.sum(axis=1) + 0.5) / (total + 0.5 * shifts)
    typical = total / (days * cells)
    per_cell = (counts.sum(axis=0) + PSEUDO_DAYS * typical) / (days + PSEUDO_DAYS)
    means: NDArray[np.float64] = np.maximum(share[:, None] * per_cell[None, :], FLOOR)
    return means
