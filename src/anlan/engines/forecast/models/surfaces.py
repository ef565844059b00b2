"""The maps a forecast is mixed from: own memory, kernels, other categories, land use, habits of the shift."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.models.decays import HALF_LIVES_DAYS, FadingCounts, slot
from anlan.engines.forecast.models.densities import (
    Kernels,
    low_rank,
    normalised,
    posterior_counts,
    shares_in_steps,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Maps = dict[str, Floats]
"""Named maps, each (cells,) or (shifts, cells), every row summing to one."""

NEAR_REPEAT = (10.0, 1.0)
"""Half-life in days and width in cells of the map of what has just happened next door."""
SLOW_KERNELS: tuple[tuple[float, float], ...] = (
    (90.0, 1.0),
    (240.0, 1.0),
    (240.0, 2.0),
    (math.inf, 0.6),
    (math.inf, 1.0),
    (math.inf, 2.0),
    (math.inf, 5.0),
)
STRENGTHS = (0.3, 1.0, 3.0, 10.0)
PSEUDO_EVENTS = (4.0, 20.0)
MEMORIES_DAYS = (240.0, math.inf)
NEWS = ((10.0, 1.0), (30.0, 1.0), (30.0, 3.0), (90.0, 3.0), (90.0, 10.0))
"""Half-life in days of the last counts, and the strength of the settled map against them."""
NEWS_PSEUDO_EVENTS = 20.0
CALLS_DAYS = (30.0, 240.0, math.inf)
REDRAW_DAYS = 7
LAND_USE_DAYS = 56
LAND_USE_RANK = 8
LAND_USE_ROUNDS = 40


@dataclass(slots=True)
class Surfaces:
    """A memory and what is drawn from it. The first ``targets`` channels of the memory are forecast, the rest help.

    Surfaces that move slowly are drawn once a week, on fixed days, so that the same history gives the same bits
    whichever days were asked for before.
    """

    memory: FadingCounts
    kernels: Kernels
    targets: int
    seed: int
    sisters: dict[int, list[int]]
    _slow: dict[tuple[int | str, float, float], Floats] = field(default_factory=dict)
    _today: Maps = field(default_factory=dict)
    _land_use: Floats | None = None

    def copy(self) -> Surfaces:
        """The same state, free to walk on alone (drawn surfaces are never changed in place)."""
        slow = dict(self._slow)
        return Surfaces(
            self.memory.copy(), self.kernels, self.targets, self.seed, self.sisters, slow, {}, self._land_use
        )

    def day_passes(self, day: int, category: Ints, klass: Ints, cell: Ints, *, draw: bool) -> None:
        """Remember the events of ``day``. ``draw`` false spares the drawing while nobody looks."""
        self.memory.day_passes(category, klass, cell)
        self._today = {}
        if draw and (day % REDRAW_DAYS == 0 or not self._slow):
            self._draw(day)

    def ready(self, day: int) -> None:
        """Draw on the very first morning, before any day has passed."""
        if not self._slow:
            self._draw(day)

    def _draw(self, day: int) -> None:
        for target in range(self.targets):
            for half_life, width in SLOW_KERNELS:
                counts = self.memory.counts[slot(half_life), target].sum(axis=0)
                self._slow[target, half_life, width] = normalised(self.kernels.smooth(counts, width))
        for half_life, width in ((90.0, 0.0), (math.inf, 0.0), (math.inf, 1.0)):
            counts = self.memory.counts[slot(half_life)].sum(axis=(0, 1))
            smooth = self.kernels.smooth(counts, width) if width else counts
            self._slow["all", half_life, width] = normalised(smooth)
        if self._land_use is None or day % LAND_USE_DAYS == 0:
            counts = self.memory.counts[slot(math.inf)]
            flat = counts.reshape(-1, counts.shape[-1])
            picture = low_rank(flat, rank=LAND_USE_RANK, rounds=LAND_USE_ROUNDS, seed=self.seed)
            self._land_use = picture.reshape(counts.shape)[: self.targets]

    def own_maps(self, target: int) -> Maps:
        """The category's own counts at every speed of memory."""
        own = self.memory.counts[:, target].sum(axis=1)
        return {f"own_{days:g}": normalised(own[number]) for number, days in enumerate(HALF_LIVES_DAYS)}

    def prior_maps(self, target: int) -> Maps:
        """Maps without the cell's own raw count: kernels, all calls, sister categories, land use, nothing at all."""
        half_life, width = NEAR_REPEAT
        recent = self.memory.counts[slot(half_life), target].sum(axis=0)
        maps = {"near_repeat": normalised(self.kernels.smooth(recent, width))}
        for half_life, width in SLOW_KERNELS:
            maps[f"kernel_{half_life:g}_{width:g}"] = self._slow[target, half_life, width]
        maps["all_90"] = self._slow["all", 90.0, 0.0]
        maps["all_inf"] = self._slow["all", math.inf, 0.0]
        maps["all_kernel"] = self._slow["all", math.inf, 1.0]
        for sister in self.sisters[target]:
            maps[f"sister_{sister}"] = normalised(self.memory.counts[slot(math.inf), sister].sum(axis=0))
        maps["land_use"] = normalised(self.land_use(target).sum(axis=0))
        cells = self.memory.counts.shape[-1]
        maps["even"] = np.full(cells, 1.0 / cells, dtype=np.float32)
        return maps

    def land_use(self, target: int) -> Floats:
        """The low-rank picture of the category, (classes, cells)."""
        if self._land_use is None:
            raise ValueError("nothing was drawn yet")
        out: Floats = self._land_use[target]
        return out

    def shift_maps(self, target: int, prior: Floats, klass: Ints) -> Maps:
        """Maps of each shift of a day whose shifts are of the classes ``klass``, shrunk step by step.

        The place posterior (own counts toward ``prior``) times the cell's share of the shift, which is shrunk to
        half the city's and half that of all calls in the cell, and once more for the part of the week.
        """
        shifts = len(klass)
        maps: Maps = {}
        for days in MEMORIES_DAYS:
            counts = self.memory.counts[slot(days)]
            own, every = counts[target], counts.sum(axis=0)
            posts = {strength: posterior_counts(own.sum(axis=0), prior, strength) for strength in STRENGTHS}
            for strength, post in posts.items():
                maps[f"post_{days:g}_{strength:g}"] = normalised(post)
            for pseudo in PSEUDO_EVENTS:
                share, by_class = shares_in_steps(own, every, shifts, pseudo)
                for strength, post in posts.items():
                    maps[f"shift_{days:g}_{strength:g}_{pseudo:g}"] = normalised(post * share)
                    maps[f"week_{days:g}_{strength:g}_{pseudo:g}"] = normalised(post * by_class[klass])
        maps["land_use_shift"] = normalised(self.land_use(target)[klass])
        maps.update(self._news_maps(target, maps["post_inf_3"], klass))
        maps.update(self._calls_maps(klass))
        for sister in self.sisters[target]:
            maps[f"sister_shift_{sister}"] = self._sister_map(sister, klass)
        return maps

    def _news_maps(self, target: int, settled: Floats, klass: Ints) -> Maps:
        """Posteriors of the last weeks' counts on the settled map: where something has just changed."""
        counts = self.memory.counts[slot(math.inf)]
        _, by_class = shares_in_steps(counts[target], counts.sum(axis=0), len(klass), NEWS_PSEUDO_EVENTS)
        return {
            f"news_{days:g}_{strength:g}": normalised(
                posterior_counts(self.memory.counts[slot(days), target].sum(axis=0), settled, strength)
                * by_class[klass]
            )
            for days, strength in NEWS
        }

    def _calls_maps(self, klass: Ints) -> Maps:
        """All calls of the shift, those of its own part of the week three times; the same for every category."""
        for days in CALLS_DAYS:
            if f"calls_{days:g}" not in self._today:
                every = self.memory.counts[slot(days)].sum(axis=0)
                both = every.reshape(-1, len(klass), every.shape[-1]).sum(axis=0)
                self._today[f"calls_{days:g}"] = normalised(both + 2.0 * every[klass])
        return {f"calls_{days:g}": self._today[f"calls_{days:g}"] for days in CALLS_DAYS}

    def _sister_map(self, sister: int, klass: Ints) -> Floats:
        """Another category in the shifts of the day; the same for every category it helps."""
        name = f"sister_{sister}"
        if name not in self._today:
            counts = self.memory.counts[slot(math.inf)]
            _, by_class = shares_in_steps(counts[sister], counts.sum(axis=0), len(klass), NEWS_PSEUDO_EVENTS)
            self._today[name] = normalised(counts[sister].sum(axis=0) * by_class[klass])
        return self._today[name]
