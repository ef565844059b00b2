"""Calls of whole station areas by shift: what a duty roster is planned by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.contract import Means
from anlan.engines.forecast.history import History

HALF_LIFE_DAYS = 42.0
KIND_DAYS = 30.0
FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class StationLevels:
    """Each place's recent level by shift, times what the kind of day does to the whole area.

    mean(shift, place) = decayed count / decayed days (half-life 42 watched days), a shift's share drawn by fourteen
    pseudo-days to the share of all places; times f(kind) = counts on days of that kind over the mean, drawn to 1 by
    thirty days: seven kinds of weekday, holidays and make-up working days apart.
    """

    name: str = "station_levels"

    def fit(self, history: History, *, seed: int) -> StationLevels:
        return self

    def means(self, history: History, day: int) -> Means:
        factor = _factor(history, day)
        return {name: np.maximum(FLOOR, _level(history, name) * factor) for name in history.categories}


def _level(history: History, name: str) -> NDArray[np.float64]:
    counts, weight = history.decayed(name, HALF_LIFE_DAYS)
    total = counts.sum()
    if weight <= 0 or total <= 0:
        return np.full((history.shifts, history.cells), FLOOR)
    share = counts.sum(axis=1) / total
    place = counts.sum(axis=0) / weight
    prior = 14.0 * place[None, :] * share[:, None]
    level: NDArray[np.float64] = (counts + prior) / (weight + 14.0)
    return level


def _factor(history: History, day: int) -> float:
    """How this kind of day differs from the days around it, from all events of a year."""
    days = history.last_days(365)
    if not len(days):
        return 1.0
    first = int(days[0])
    counts = np.bincount(history.all_events.between(first, history.end).day - first, minlength=history.end - first)
    by_day = counts[days - first].astype(np.float64)
    # Against the running level, so that a season isn't taken for a weekday.
    upto = np.concatenate([[0.0], np.cumsum(by_day)])
    low, high = np.maximum(0, np.arange(len(days)) - 14), np.minimum(len(days), np.arange(len(days)) + 15)
    level = (upto[high] - upto[low]) / (high - low)
    alike = np.array([_kind(history, int(other)) == _kind(history, day) for other in days])
    seen, usual = float(by_day[alike].sum()), float(level[alike].sum())
    typical = KIND_DAYS / 7.0 * float(by_day.mean())
    return (seen + typical) / (usual + typical) if usual + typical > 0 else 1.0


def _kind(history: History, day: int) -> tuple[int, int]:
    """The kind of day; ordinary days by their weekday (1970-01-01 was a Thursday)."""
    kind = history.kind_of_day(day)
    return (kind, (day + 3) % 7 if kind in (0, 1) else 0)
