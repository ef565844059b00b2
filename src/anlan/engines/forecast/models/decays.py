"""Counts that fade: what a place remembers of its calls, at several speeds at once.

Every cell carries, for each category and each class of shift (the shift of the day, in the working
week or at the weekend), a sum of its past events in which an event counts half as much with every
half-life that has passed. Passing a day is one multiplication and one addition, so a forecast walks
through years of history in seconds, and the sums cannot hold a row of the day they are asked about.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

HALF_LIVES_DAYS: tuple[float, ...] = (10.0, 30.0, 90.0, 240.0, 730.0, math.inf)
WEEK_PARTS = 2
DAYS_OFF = (1, 2)
"""Kinds of day on which the working world rests: a day off, a public holiday."""


def slot(half_life_days: float) -> int:
    """Where a half-life stands in the memory."""
    return HALF_LIVES_DAYS.index(half_life_days)


def weekday_of(day: int) -> int:
    """Monday = 0, for days since 1970-01-01 (a Thursday)."""
    return (day + 3) % 7


def shift_classes(history: History, day: int) -> Ints:
    """The class of each shift of ``day``: its number, plus ``shifts`` where it lives like a weekend.

    A shift of a day off does, except the last one on the eve of a working day; so does the last shift
    on the eve of a day off: people go out when the next morning is free.
    """
    shifts = history.shifts
    free = history.kind_of_day(day) in DAYS_OFF
    part = np.full(shifts, int(free), dtype=np.int64)
    if shifts > 1:
        part[-1] = int(history.kind_of_day(day + 1) in DAYS_OFF)
    classes: Ints = np.arange(shifts, dtype=np.int64) + part * shifts
    return classes


@dataclass(slots=True)
class FadingCounts:
    """Faded sums by (half-life, category, class of shift, cell), float32; a copy goes its own way."""

    counts: Floats
    keep: Floats

    @classmethod
    def empty(cls, *, categories: int, shifts: int, cells: int) -> FadingCounts:
        """No memory yet."""
        keep = np.exp2(-1.0 / np.array(HALF_LIVES_DAYS)).astype(np.float32)
        shape = (len(HALF_LIVES_DAYS), categories, WEEK_PARTS * shifts, cells)
        return cls(np.zeros(shape, dtype=np.float32), keep)

    def copy(self) -> FadingCounts:
        """The same memory."""
        return FadingCounts(self.counts.copy(), self.keep)

    def day_passes(self, category: Ints, klass: Ints, cell: Ints) -> None:
        """Fade by a day, then remember the events of the day that passed."""
        for number, keep in enumerate(self.keep):
            if keep != 1.0:
                self.counts[number] *= keep
        if len(cell) == 0:
            return
        _, _, classes, cells = self.counts.shape
        places, times = np.unique((category * classes + klass) * cells + cell, return_counts=True)
        flat = self.counts.reshape(len(self.keep), -1)
        flat[:, places] += times.astype(np.float32)
