"""What an unusual day outside does to the number of calls: learnt from observed, used on forecast weather.

A day is described by how it differs from the thirty days before it, which the level's running ratio already knows.
Where no forecast was issued for the day, or a value of it is missing, the factor is one: weather helps where there
is any.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History, Weather

Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]

BEFORE_DAYS = 30
FEWEST_BEFORE = 10
FEWEST_DAYS = 120
RIDGE_EVENTS = 30.0
NEWTON_ROUNDS = 20
MOST_LOG_FACTOR = 0.4
SKEWED = ("prcp", "rain", "snow")
"""Amounts of these are looked at by their logarithm."""


@dataclass(frozen=True, slots=True)
class WeatherEffect:
    """Log factor per standard deviation of each named value's difference from the days before it."""

    names: tuple[str, ...] = ()
    scale: Doubles | None = None
    effect: Doubles | None = None

    def factor(self, history: History, day: int) -> float:
        """What the weather forecast for ``day`` multiplies its expected calls by; 1 where nothing is known."""
        if self.scale is None or self.effect is None or history.weather is None:
            return 1.0
        told = history.weather.expected_for(day)
        values = np.array([told.get(name, np.nan) for name in self.names])
        unusual = _unusual(history.weather, self.names, np.array([day], dtype=np.int32), values[None, :])[0]
        if not np.isfinite(unusual).all():
            return 1.0
        return float(np.exp(np.clip((unusual / self.scale) @ self.effect, -MOST_LOG_FACTOR, MOST_LOG_FACTOR)))


def fit_weather(history: History, days: Ints, came: Doubles, expected: Doubles) -> WeatherEffect:
    """The effect on the calls that ``came`` (days) against what was ``expected`` without weather.

    Only values that are also forecast are learnt; days with a gap are left out.
    """
    weather = history.weather
    names = tuple(sorted(set(weather.observed) & set(weather.expected))) if weather else ()
    if weather is None or not names:
        return WeatherEffect()
    place = np.searchsorted(weather.day, days)
    held = place < len(weather.day)
    held[held] = weather.day[place[held]] == days[held]
    values = np.full((len(days), len(names)), np.nan)
    values[held] = np.stack([weather.observed[name][place[held]] for name in names], axis=1)
    unusual = _unusual(weather, names, days, values)
    whole = np.isfinite(unusual).all(axis=1)
    if whole.sum() < FEWEST_DAYS:
        return WeatherEffect()
    scale = np.maximum(unusual[whole].std(axis=0), 1e-6)
    return WeatherEffect(names, scale, _effect(unusual[whole] / scale, came[whole], expected[whole]))


def _unusual(weather: Weather, names: tuple[str, ...], days: Ints, values: Doubles) -> Doubles:
    """How ``values`` (days, names) differ from the mean of the thirty days before; NaN where too few are known."""
    out = np.full(values.shape, np.nan)
    first, last = np.searchsorted(weather.day, (days - BEFORE_DAYS, days))
    for column, name in enumerate(names):
        seen = _told(name, weather.observed[name])
        known = np.isfinite(seen)
        number = np.concatenate([[0], np.cumsum(known)])
        total = np.concatenate([[0.0], np.cumsum(np.where(known, seen, 0.0))])
        count = number[last] - number[first]
        mean = (total[last] - total[first]) / np.maximum(count, 1)
        out[:, column] = np.where(count >= FEWEST_BEFORE, _told(name, values[:, column]) - mean, np.nan)
    return out


def _told(name: str, values: Doubles) -> Doubles:
    return np.log1p(np.maximum(values, 0.0)) if name.startswith(SKEWED) else values


def _effect(unusual: Doubles, came: Doubles, expected: Doubles) -> Doubles:
    """Coefficients of a Poisson regression with ``expected`` as offset, by Newton steps with a ridge."""
    effect = np.zeros(unusual.shape[1])
    ridge = np.full(len(effect), RIDGE_EVENTS)
    for _ in range(NEWTON_ROUNDS):
        mean = expected * np.exp(np.clip(unusual @ effect, -2.0, 2.0))
        bend = (unusual * mean[:, None]).T @ unusual + np.diag(ridge)
        effect = effect + np.linalg.solve(bend, unusual.T @ (came - mean) - ridge * effect)
    return effect
