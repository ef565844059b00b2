"""How many calls of a category a shift brings in the whole city.

A small Poisson regression (shift, weekday by shift, the year's waves, unusual kinds of day) carries the calendar;
running ratios of what came to what was expected, fading and shrunk toward one, carry everything else. There are fast
and slow ones; each speaks as loudly as it has been right of late, so that a level that breaks is followed within days
and a calm one isn't shaken by a single day. All are renewed with every watched day that passes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History
from anlan.engines.forecast.models.decays import weekday_of
from anlan.engines.forecast.models.weather import WeatherEffect, fit_weather

Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]

YEAR_DAYS = 365.25
ONE_WAVE_DAYS, TWO_WAVES_DAYS = 300, 500
"""A year's wave can be told from a trend only after most of a year."""
RATIO_HALF_LIVES_DAYS = (4.0, 7.0, 14.0, 30.0, 60.0, 120.0)
RATIO_SHRINK_EVENTS = 10.0
WORTH_HALF_LIFE_DAYS = 60.0
"""How long it is remembered which speed was right, in watched days."""
START_DISPERSION, START_DAYS = 1.3, 14.0
MEMORY_HALF_LIFE_DAYS = 540.0
NEWTON_ROUNDS = 25
SHIFT_RIDGE, WEEKDAY_RIDGE, WAVE_RIDGE, KIND_RIDGE = 1e-3, 30.0, 20.0, 10.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What the regression may use: shifts a day, yearly waves."""

    shifts: int
    waves: int

    def design(self, day: int, kind: int) -> Doubles:
        """Rows of one day, (shifts, terms): shift, weekday by shift, waves, unusual kind."""
        shifts, weekday = self.shifts, weekday_of(day)
        own = np.zeros((shifts, 8 * shifts))
        own[np.arange(shifts), np.arange(shifts)] = 1.0
        own[np.arange(shifts), (weekday + 1) * shifts + np.arange(shifts)] = 1.0
        angle = 2.0 * math.pi * day / YEAR_DAYS
        waves = [turn(angle * wave) for wave in range(1, self.waves + 1) for turn in (math.sin, math.cos)]
        # A holiday, or a day off in the working week; and work on a weekend.
        unusual = [float(kind == 2 or (kind == 1 and weekday < 5)), float(kind in (0, 3) and weekday >= 5)]
        shared = np.array([*waves, *unusual])
        return np.concatenate([own, np.broadcast_to(shared, (shifts, len(shared)))], axis=1)

    def ridge(self) -> Doubles:
        """Pull of each term toward nothing, in events."""
        sizes = (self.shifts, 7 * self.shifts, 2 * self.waves, 2)
        return np.repeat((SHIFT_RIDGE, WEEKDAY_RIDGE, WAVE_RIDGE, KIND_RIDGE), sizes)


def poisson_ridge(design: Doubles, counts: Doubles, weights: Doubles, ridge: Doubles) -> tuple[float, Doubles]:
    """Start and coefficients of a log-linear Poisson regression, by Newton steps with a ridge."""
    start = math.log(max(float((weights * counts).sum() / max(weights.sum(), 1e-12)), 1e-6))
    beta = np.zeros(design.shape[1])
    for _ in range(NEWTON_ROUNDS):
        mean = np.exp(np.clip(start + design @ beta, -20.0, 20.0))
        slope = design.T @ (weights * (counts - mean)) - ridge * beta
        bend = (design * (weights * mean)[:, None]).T @ design + np.diag(ridge)
        step = np.clip(np.linalg.solve(bend, slope), -2.0, 2.0)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return start, beta


@dataclass(slots=True)
class Ratio:
    """Came against expected, both fading; a little of "as expected" is always mixed in."""

    half_life_days: float
    came: float = 0.0
    expected: float = 0.0

    def value(self) -> float:
        """The factor for the next day."""
        return (self.came + RATIO_SHRINK_EVENTS) / (self.expected + RATIO_SHRINK_EVENTS)

    def pass_days(self, days: int) -> None:
        """Fade, a day at a time, so that the bits don't depend on which days were asked about."""
        keep = 2.0 ** (-1.0 / self.half_life_days)
        for _ in range(days):
            self.came, self.expected = self.came * keep, self.expected * keep

    def add(self, came: float, expected: float) -> None:
        """Take in a watched day."""
        self.came, self.expected = self.came + came, self.expected + expected


@dataclass(slots=True)
class Ratios:
    """Ratios at several speeds; each has a say by its likelihood over the last days, told by ``worth``.

    The likelihood is Poisson's divided by the scatter of the days (``squares / days``): calls come in clusters, and
    without that one busy day would decide.
    """

    held: tuple[Ratio, ...] = field(default_factory=lambda: tuple(map(Ratio, RATIO_HALF_LIVES_DAYS)))
    worth: Doubles = field(default_factory=lambda: np.zeros(len(RATIO_HALF_LIVES_DAYS)))
    squares: float = START_DISPERSION * START_DAYS
    days: float = START_DAYS

    def copy(self) -> Ratios:
        """The same ratios, free to go on alone."""
        return Ratios(tuple(replace(each) for each in self.held), self.worth.copy(), self.squares, self.days)

    def value(self) -> float:
        """The factor for the next day: the mean of all speeds' logarithms by their say."""
        told = np.log([each.value() for each in self.held])
        say = np.exp((self.worth - self.worth.max()) / max(1.0, self.squares / self.days))
        return float(np.exp((say * told).sum() / say.sum()))

    def pass_days(self, days: int) -> None:
        """Fade; which speed was right is forgotten by watched days only."""
        for each in self.held:
            each.pass_days(days)

    def add(self, came: float, expected: float) -> None:
        """Take in a watched day, judging every speed by what it would have said of it."""
        keep = 2.0 ** (-1.0 / WORTH_HALF_LIFE_DAYS)
        told = max(1e-9, expected * self.value())
        means = np.maximum([expected * each.value() for each in self.held], 1e-9)
        self.worth = self.worth * keep + (came * np.log(means) - means)
        self.squares = self.squares * keep + (came - told) ** 2 / told
        self.days = self.days * keep + 1.0
        for each in self.held:
            each.add(came, expected)


@dataclass(slots=True)
class Level:
    """One category's regression and its running ratios, which hold the days before ``day``."""

    terms: Terms
    start: float
    beta: Doubles
    ratio: Ratios
    day: int
    weather: WeatherEffect = field(default_factory=WeatherEffect)

    def base(self, history: History, day: int) -> Doubles:
        """What the calendar lets expect in each shift."""
        design = self.terms.design(day, history.kind_of_day(day))
        out: Doubles = np.exp(np.clip(self.start + design @ self.beta, -20.0, 20.0))
        return out

    def take(self, history: History, counts: Doubles, days: Ints) -> None:
        """Watched ``days`` with ``counts`` (days, shifts) pass, up to the history's end."""
        for came, day in zip(counts, days.tolist(), strict=True):
            self.ratio.pass_days(day - self.day)
            self.ratio.add(float(came.sum()), float(self.base(history, day).sum()))
            self.day = day
        self.ratio.pass_days(history.end - self.day)
        self.day = history.end


def fit_level(history: History, category: str) -> Level:
    """The level of a category from all watched days."""
    days = history.days
    span = int(days[-1] - days[0]) if len(days) else 0
    terms = Terms(history.shifts, int(span >= ONE_WAVE_DAYS) + int(span >= TWO_WAVES_DAYS))
    if len(days) == 0:
        return Level(terms, -20.0, np.zeros(len(terms.ridge())), Ratios(), history.end)
    counts = history.totals(category, days)
    design = np.concatenate([terms.design(day, history.kind_of_day(day)) for day in days.tolist()])
    weights = np.repeat(np.exp2((days - days[-1]) / MEMORY_HALF_LIFE_DAYS), history.shifts)
    start, beta = poisson_ridge(design, counts.reshape(-1), weights, terms.ridge())
    base = np.exp(np.clip(start + design @ beta, -20.0, 20.0)).reshape(counts.shape).sum(axis=1)
    came = counts.sum(axis=1)
    ahead = _ahead(base, came, days)
    level = Level(terms, start, beta, Ratios(), int(days[0]), fit_weather(history, days, came, ahead))
    level.take(history, counts, days)
    return level


def _ahead(base: Doubles, came: Doubles, days: Ints) -> Doubles:
    """Day-ahead means of the running ratios."""
    ratio, out = Ratios(), np.empty_like(base)
    for number, day in enumerate(days.tolist()):
        ratio.pass_days(day - int(days[number - 1]) if number else 0)
        out[number] = base[number] * ratio.value()
        ratio.add(float(came[number]), float(base[number]))
    return np.maximum(out, 1e-9)


@dataclass(slots=True)
class Levels:
    """The levels of all categories on one morning, and the number of events they rest on."""

    held: tuple[Level, ...]
    day: int
    taken: int

    def copy(self) -> Levels:
        """The same morning."""
        return Levels(tuple(replace(level, ratio=level.ratio.copy()) for level in self.held), self.day, self.taken)

    def knows(self, history: History) -> bool:
        """Whether this morning lies in ``history`` with the same number of events before it."""
        return self.day <= history.end and self.taken == _events_before(history, self.day)

    def expected(self, history: History) -> list[Doubles]:
        """Expected calls by shift on the day ``history`` ends, by category; takes in the days in between."""
        days = history.days[history.days >= self.day]
        for level, category in zip(self.held, history.categories, strict=True):
            level.take(history, history.totals(category, days), days)
        self.day, self.taken = history.end, _events_before(history, history.end)
        today = history.end
        return [
            level.base(history, today) * (level.ratio.value() * level.weather.factor(history, today))
            for level in self.held
        ]


def _events_before(history: History, day: int) -> int:
    return sum(len(held.between(-(2**31), day)) for held in history.series.values())


def fit_levels(history: History) -> Levels:
    """The levels of every category on the morning of the history's end."""
    held = tuple(fit_level(history, category) for category in history.categories)
    return Levels(held, history.end, _events_before(history, history.end))
