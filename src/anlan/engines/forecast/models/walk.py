"""Walking through a history day by day, so that each morning's maps hold the days before it and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History
from anlan.engines.forecast.models.channels import Channels, DayRows
from anlan.engines.forecast.models.decays import FadingCounts, shift_classes
from anlan.engines.forecast.models.densities import Kernels
from anlan.engines.forecast.models.surfaces import REDRAW_DAYS, Surfaces

Ints = NDArray[np.int64]
MOST_SISTERS = 8


@dataclass(slots=True)
class Walker:
    """Surfaces on the morning of ``day``; ``taken`` counts the events they hold, by which another past is noticed."""

    channels: Channels
    surfaces: Surfaces
    day: int
    draw_from: int
    taken: int = 0

    @classmethod
    def start(
        cls, history: History, channels: Channels, sisters: dict[int, list[int]], *, draw_from: int, seed: int
    ) -> Walker:
        """At the first watched day, remembering nothing; maps are wanted from ``draw_from`` on."""
        memory = FadingCounts.empty(categories=len(channels.names), shifts=history.shifts, cells=history.cells)
        surfaces = Surfaces(memory, Kernels(history), channels.targets, seed, sisters)
        first = int(history.days[0]) if len(history.days) else history.end
        # Surfaces are drawn on fixed days of the week, so drawing begins early enough to have some at draw_from.
        return cls(channels, surfaces, first, draw_from - REDRAW_DAYS)

    def copy(self) -> Walker:
        """The same place in time, free to walk on alone."""
        return Walker(self.channels, self.surfaces.copy(), self.day, self.draw_from, self.taken)

    def go(self, history: History, day: int) -> None:
        """Walk to the morning of ``day``; ``history`` must reach that far."""
        watched = set(history.days[(history.days >= self.day) & (history.days < day)].tolist())
        while self.day < day:
            self._pass(history, self.day in watched)
        if day >= self.draw_from:
            self.surfaces.ready(day)

    def _pass(self, history: History, watched: bool) -> None:
        rows = self.channels.rows(history, self.day) if watched else NOTHING
        klass = shift_classes(history, self.day)[rows.shift]
        self.surfaces.day_passes(self.day, rows.channel, klass, rows.cell, draw=self.day >= self.draw_from)
        self.taken += len(rows.cell)
        self.day += 1

    def knows(self, history: History) -> bool:
        """Whether the walk so far could have been on this history: it held as many events up to here."""
        return self.day <= history.end and self.taken == self.channels.count_before(history, self.day)


NOTHING = DayRows(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


def sisters_of(channels: Channels, history: History) -> dict[int, list[int]]:
    """For each category the largest other channels, by number."""
    order = np.argsort(-channels.totals(history), kind="stable").tolist()
    return {
        target: sorted([other for other in order if other != target][:MOST_SISTERS])
        for target in range(channels.targets)
    }
