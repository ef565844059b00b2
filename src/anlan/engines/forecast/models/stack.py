"""The stacked map: everything that is known of the places, mixed by what explained the last months best.

Fitting walks twice through the training days. The first walk finds the prior of every category (a mixture of maps
without the cell's own counts), the second collects what each map, the posteriors on that prior among them,
gave the places where calls came; the weights are those under which these calls are most likely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.contract import Means
from anlan.engines.forecast.history import History
from anlan.engines.forecast.models.boosting import Boosted, boost, features_of
from anlan.engines.forecast.models.channels import Channels
from anlan.engines.forecast.models.decays import shift_classes
from anlan.engines.forecast.models.densities import blended, mixture_weights, trimmed
from anlan.engines.forecast.models.level import Levels, fit_levels
from anlan.engines.forecast.models.sampling import Sampler, places_of
from anlan.engines.forecast.models.surfaces import Maps
from anlan.engines.forecast.models.walk import Walker, sisters_of

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

FLOOR_SHARE = 1e-3
"""So much of every map is spread evenly: no place is impossible."""
LEAST_MEAN = 1e-9
TUNE_SHARE = 0.6
MOST_TUNE_SPAN_DAYS = 730
TUNE_CELL_DAYS = 400_000
FEWEST_TUNE_DAYS, MOST_TUNE_DAYS = 90, 600
CREDIT_EVENTS = 30.0
"""Pseudo-events the maps share beforehand; posteriors by shift are granted three times what others are."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights of one category: ``prior`` of the maps without own counts, ``final`` of all maps; names beside."""

    prior_names: tuple[str, ...]
    prior: Doubles
    names: tuple[str, ...]
    final: Doubles
    boosted: Boosted = field(default_factory=Boosted)


@dataclass(frozen=True, slots=True)
class Stack:
    """Stacked map times the city's level; ``trees`` lets boosted trees correct the map where calls are dense.

    ``keep`` and ``keep_prior`` name beginnings of the maps that may have a weight; every map where they are empty.
    """

    name: str = "stack"
    trees: bool = False
    keep: tuple[str, ...] = ()
    keep_prior: tuple[str, ...] = ()

    def fit(self, history: History, *, seed: int) -> FittedStack:
        """Learn weights and levels from all watched days of ``history``."""
        channels = Channels.of(history)
        levels = fit_levels(history)
        if history.cells == 0 or len(history.days) == 0:
            return FittedStack((), None, levels)
        days = tune_days(history, seed)
        sisters = sisters_of(channels, history)
        start = Walker.start(history, channels, sisters, draw_from=int(days[0]), seed=seed)
        priors = _prior_weights(history, start.copy(), days, self.keep_prior)
        samplers = _collect(history, walker := start.copy(), days, priors, seed, background=self.trees)
        mixes = tuple(
            _mix(sampler, *prior, seed=seed, trees=self.trees, keep=self.keep)
            for sampler, prior in zip(samplers, priors, strict=True)
        )
        walker.go(history, history.end)
        return FittedStack(mixes, walker, levels)


def tune_days(history: History, seed: int) -> Ints:
    """Watched days of the later part of training on which weights are learnt, at random so that no weekday leads.

    As many as keep the work about the same in a town and in a city.
    """
    days = history.days.astype(np.int64)
    begin = max(int(days[-1]) - MOST_TUNE_SPAN_DAYS, int(days[0] + (1.0 - TUNE_SHARE) * (days[-1] - days[0])))
    late = days[days >= begin]
    wanted = int(np.clip(TUNE_CELL_DAYS // max(1, history.cells), FEWEST_TUNE_DAYS, MOST_TUNE_DAYS))
    if len(late) <= wanted:
        return late
    chosen: Ints = np.sort(np.random.default_rng([seed, 1]).choice(late, wanted, replace=False))
    return chosen


def _mornings(history: History, walker: Walker, days: Ints) -> Iterator[int]:
    for day in days.tolist():
        walker.go(history, day)
        yield day


def _prior_weights(
    history: History, walker: Walker, days: Ints, keep: tuple[str, ...]
) -> list[tuple[tuple[str, ...], Doubles]]:
    """Names and weights of the prior's maps, by target."""
    seen: list[list[Floats]] = [[] for _ in range(walker.channels.targets)]
    names: list[tuple[str, ...]] = [()] * len(seen)
    for day in _mornings(history, walker, days):
        rows = walker.channels.rows(history, day)
        for target, told in enumerate(seen):
            maps = walker.surfaces.prior_maps(target)
            names[target] = tuple(maps)
            cells = rows.cell[rows.channel == target]
            told.append(np.stack([held[cells] for held in maps.values()], axis=1))
    return [(named, _weights(np.concatenate(told), named, keep)) for named, told in zip(names, seen, strict=True)]


def _weights(told: Floats, names: tuple[str, ...], keep: tuple[str, ...]) -> Doubles:
    """Weights of the maps that may have one, nothing for the others."""
    if not keep:
        return trimmed(mixture_weights(told, credit=_credit(names)))
    mine = [number for number, name in enumerate(names) if name.startswith(keep)]
    weights = np.zeros(len(names))
    some = np.ascontiguousarray(told[:, mine])
    weights[mine] = trimmed(mixture_weights(some, credit=_credit(tuple(names[number] for number in mine))))
    return weights


def _credit(names: tuple[str, ...]) -> Doubles:
    share = np.array([3.0 if name.startswith(("shift", "week", "news")) else 1.0 for name in names])
    return np.asarray(share * (CREDIT_EVENTS / share.sum()), dtype=np.float64)


def all_maps(walker: Walker, target: int, prior_weights: Doubles, klass: Ints) -> Maps:
    """Every map of one category for the shifts of a day, the posteriors drawn on the weighted prior."""
    priors = walker.surfaces.prior_maps(target)
    prior = blended(priors.values(), prior_weights, FLOOR_SHARE)
    return {**walker.surfaces.own_maps(target), **priors, **walker.surfaces.shift_maps(target, prior, klass)}


def _collect(
    history: History,
    walker: Walker,
    days: Ints,
    priors: list[tuple[tuple[str, ...], Doubles]],
    seed: int,
    *,
    background: bool,
) -> list[Sampler]:
    """What every map gave the places of the events (and of a sample of empty places), by target."""
    samplers = [
        Sampler(history, len(days), seed=seed + target, background=background) for target in range(len(priors))
    ]
    for day in _mornings(history, walker, days):
        rows = walker.channels.rows(history, day)
        klass = shift_classes(history, day)
        for target, sampler in enumerate(samplers):
            mine = rows.channel == target
            if mine.any():
                maps = all_maps(walker, target, priors[target][1], klass)
                sampler.take(day, maps, rows.shift[mine], rows.cell[mine])
    return samplers


def _mix(
    sampler: Sampler, prior_names: tuple[str, ...], prior: Doubles, *, seed: int, trees: bool, keep: tuple[str, ...]
) -> Mix:
    """Final weights of one category, and trees where wanted and worth it."""
    table = sampler.table()
    if table is None:
        return Mix(prior_names, prior, (), np.empty(0))
    final = _weights(table.told(), table.names, keep)
    if not trees:
        return Mix(prior_names, prior, table.names, final)
    mixture = (1.0 - FLOOR_SHARE) * (table.maps @ final.astype(np.float32)) + FLOOR_SHARE / sampler.history.cells
    return Mix(prior_names, prior, table.names, final, boost(table, mixture.astype(np.float32), seed=seed))


@dataclass(slots=True)
class FittedStack:
    """Weights and levels, and a walker that carries the maps from morning to morning."""

    mixes: tuple[Mix, ...]
    fitted_at: Walker | None
    levels: Levels
    _walker: Walker | None = None
    _levels: Levels | None = None
    _from_fit: bool = False

    def means(self, history: History, day: int) -> Means:
        """Expected events of ``day`` from what ``history`` holds before it."""
        if self._levels is None or not self._levels.knows(history):
            self._levels = self.levels.copy() if self.levels.knows(history) else fit_levels(history)
        expected = self._levels.expected(history)
        walker = self._morning(history, day)
        shape = (history.shifts, history.cells)
        out: Means = {}
        for target, (name, level) in enumerate(zip(history.categories, expected, strict=True)):
            even = np.full(shape, 1.0 / max(1, history.cells), dtype=np.float32)
            place = self._place(walker, history, target, day) if walker else even
            out[name] = np.maximum(place.astype(np.float64) * level[:, None], LEAST_MEAN)
        return out

    def _place(self, walker: Walker, history: History, target: int, day: int) -> Floats:
        """The share of each cell in each shift's calls."""
        mix = self.mixes[target]
        shape = (history.shifts, history.cells)
        if not mix.names:  # no call while weights were learnt: the prior is all there is to say
            prior = blended(walker.surfaces.prior_maps(target).values(), mix.prior, FLOOR_SHARE)
            return np.broadcast_to(prior, shape)
        maps = all_maps(walker, target, mix.prior, shift_classes(history, day))
        place = np.broadcast_to(blended(maps.values(), mix.final, FLOOR_SHARE), shape)
        if mix.boosted.trees is None:
            return place
        factor = mix.boosted.factor(features_of(maps, place, places_of(history), day)).reshape(shape)
        bent = place * factor
        bent = bent / bent.sum(axis=-1, keepdims=True)
        return np.asarray((1.0 - mix.boosted.say) * place + mix.boosted.say * bent, dtype=np.float32)

    def _morning(self, history: History, day: int) -> Walker | None:
        """The walker on the morning of ``day``, carried on from the morning before where that is the same past."""
        fitted = self.fitted_at
        if fitted is None:
            return None
        home = fitted.day <= day and fitted.knows(history)
        walker = self._walker
        if walker is None or home != self._from_fit or walker.day > day or not walker.knows(history):
            walker = fitted.copy() if home else self._from_the_first_day(history, fitted)
        walker.go(history, day)
        self._walker, self._from_fit = walker, home
        return walker

    def _from_the_first_day(self, history: History, fitted: Walker) -> Walker:
        """For a day before the fit's end, or another past than the fit's."""
        surfaces = fitted.surfaces
        return Walker.start(
            history, fitted.channels, surfaces.sisters, draw_from=int(history.days[0]), seed=surfaces.seed
        )

    def __getstate__(self) -> tuple[object, ...]:
        """What travels to another process: the fit, not the walk since."""
        return self.mixes, self.fitted_at, self.levels

    def __setstate__(self, state: tuple[tuple[Mix, ...], Walker | None, Levels]) -> None:
        self.mixes, self.fitted_at, self.levels = state
        self._walker, self._levels, self._from_fit = None, None, False
