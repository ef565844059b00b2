"""The city's totals by calendar, weather and what came lately, laid out over the bar's map of places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.engines.forecast.contract import Means
from anlan.engines.forecast.history import History
from anlan.engines.forecast.models.level import Levels, fit_levels
from anlan.engines.forecast.models.yearly_mean import FLOOR, YearlyMean


@dataclass(frozen=True, slots=True)
class Totals:
    """mean(shift, cell) = level(shift) x the bar's share of the cell: what the level alone brings."""

    name: str = "totals"

    def fit(self, history: History, *, seed: int) -> FittedTotals:
        return FittedTotals(fit_levels(history))


@dataclass(slots=True)
class FittedTotals:
    """Levels on the morning they were fitted, and a copy that goes from day to day."""

    fitted: Levels
    _walking: Levels | None = None

    def means(self, history: History, day: int) -> Means:
        if self._walking is None or not self._walking.knows(history):
            self._walking = self.fitted.copy() if self.fitted.knows(history) else fit_levels(history)
        levels, bar = self._walking.expected(history), YearlyMean().means(history, day)
        return {
            name: np.maximum(held / held.sum(axis=1, keepdims=True) * level[:, None], FLOOR)
            for (name, held), level in zip(bar.items(), levels, strict=True)
        }

    def __getstate__(self) -> Levels:
        """What travels to another process: the fit, not the walk since."""
        return self.fitted

    def __setstate__(self, fitted: Levels) -> None:
        self.fitted, self._walking = fitted, None
