"""The whole span of a backtest: the history to its very end, and what fell outside the active cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.day_scores import Happened
from anlan.engines.forecast.history import History


@dataclass(frozen=True, slots=True)
class Record:
    """``history`` ends after the test span; only the harness holds it, and hands models pieces that end earlier.

    ``outside[category]`` are days and shifts (two arrays of one length) of events beyond the active cells:
    nobody could flag their cell, so they count as missed. ``test_from`` is the first day the active cells didn't see.
    """

    history: History
    outside: Mapping[str, tuple[NDArray[np.int32], NDArray[np.int8]]]
    test_from: int

    def happened(self, category: str, day: int) -> Happened:
        """What the day brought."""
        beyond_day, beyond_shift = self.outside[category]
        beyond = np.bincount(beyond_shift[beyond_day == day], minlength=self.history.shifts)
        return Happened(self.history.counts(category, day, day + 1), beyond.astype(np.float64))

    def days_between(self, first: int, last: int) -> NDArray[np.int32]:
        """Watched days ``first`` <= day < ``last``."""
        days = self.history.days
        return days[(days >= first) & (days < last)]
