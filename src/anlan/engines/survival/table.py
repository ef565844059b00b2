"""The life table all estimates start from: at each day with an event, who was still being watched."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CENSORED, EVENT, COMPETING = 0, 1, 2
"""What ended the watching of one file: nothing yet, the event asked about, or what makes it impossible."""


@dataclass(frozen=True, slots=True, eq=False)
class LifeTable:
    """One row for each distinct day on which anything happened, in ascending order.

    `at_risk` were still watched just before the day; `events` had the event asked about on it,
    `any_event` that or a competing one. Who was last seen on a day counts as at risk on it.
    """

    days: Floats
    at_risk: Ints
    events: Ints
    any_event: Ints
    n: int
    last_day: float


def life_table(
    durations: ArrayLike, outcomes: ArrayLike, *, cause: int = EVENT, counts: ArrayLike | None = None
) -> LifeTable:
    """The table of `durations` (days watched, from 0) and `outcomes` (0 censored, else the cause that came).

    With `counts` each entry stands for so many alike; without, for one. Raises ValueError for lists
    of unequal length, an empty list, a duration that is negative or no number, an outcome that is no
    whole number from 0 on, or a count that is no whole number above 0.
    """
    lasted = np.asarray(durations, dtype=np.float64).ravel()
    raw = np.asarray(outcomes, dtype=np.float64).ravel()
    if lasted.size != raw.size:
        raise ValueError(f"{lasted.size} durations but {raw.size} outcomes")
    if lasted.size == 0:
        raise ValueError("nobody was watched: there is nothing to estimate")
    if not np.isfinite(lasted).all() or (lasted < 0).any():
        raise ValueError("a duration is a number of days from 0 on")
    if not np.isfinite(raw).all() or (raw < 0).any() or (raw != np.floor(raw)).any() or cause < 1:
        raise ValueError("an outcome is 0 for censored or a whole number that names the cause")
    ended = raw.astype(np.int64)
    alike = entry_counts(counts, lasted.size)
    days, row = np.unique(lasted, return_inverse=True)
    left = np.bincount(row, weights=alike, minlength=days.size).astype(np.int64)
    n = int(left.sum())
    at_risk = n - np.concatenate([[0], np.cumsum(left)[:-1]])
    events = np.bincount(row, weights=(ended == cause) * alike, minlength=days.size).astype(np.int64)
    every = np.bincount(row, weights=(ended > 0) * alike, minlength=days.size).astype(np.int64)
    return LifeTable(days, at_risk.astype(np.int64), events, every, n, float(days[-1]))


def entry_counts(counts: ArrayLike | None, size: int) -> Ints:
    """How many each entry stands for: `counts` checked, or one each. Raises ValueError as `life_table` says."""
    if counts is None:
        return np.ones(size, dtype=np.int64)
    raw = np.asarray(counts, dtype=np.float64).ravel()
    if raw.size != size:
        raise ValueError(f"{size} durations but {raw.size} counts")
    if not np.isfinite(raw).all() or (raw < 1).any() or (raw != np.floor(raw)).any():
        raise ValueError("a count is a whole number above 0")
    return raw.astype(np.int64)


def step_at(days: Floats, values: Sequence[float] | Floats, day: float, before: float) -> float:
    """The value of a right-continuous step function on a day; `before` the first step."""
    row = int(np.searchsorted(days, day, side="right")) - 1
    return before if row < 0 else float(values[row])
