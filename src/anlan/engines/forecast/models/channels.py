"""Rows of a history by day, in numbered channels: the categories asked for first, then all that may help."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History, Series

Ints = NDArray[np.int64]
REST = "rest"
"""The channel of accepted events whose category the history doesn't name."""
BEGINNING = -(2**31)
NOTHING = Series(np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0, np.int32))


@dataclass(frozen=True, slots=True)
class DayRows:
    """Events of one day: channel, shift and cell of each, in the order of channels."""

    channel: Ints
    shift: Ints
    cell: Ints


@dataclass(frozen=True, slots=True)
class Channels:
    """Which series makes which channel; the first ``targets`` are the categories asked for."""

    names: tuple[str, ...]
    targets: int

    @classmethod
    def of(cls, history: History) -> Channels:
        """Categories asked for, then the others by name, then the rest where all events hold more than these."""
        others = tuple(name for name in sorted(history.others) if len(history.others[name]))
        known = sum(len(held) for held in history.series.values()) + sum(len(history.others[name]) for name in others)
        rest = (REST,) if len(history.all_events) > known else ()
        return cls((*history.categories, *others, *rest), len(history.categories))

    def rows(self, history: History, day: int) -> DayRows:
        """The events of ``day``."""
        pieces = [self._series(history, name).between(day, day + 1) for name in self.names if name != REST]
        channel = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
        shift = np.concatenate([piece.shift for piece in pieces]).astype(np.int64)
        cell = np.concatenate([piece.cell for piece in pieces]).astype(np.int64)
        if self.names[-1] != REST:
            return DayRows(channel.astype(np.int64), shift, cell)
        more_shift, more_cell = _without(history.all_events.between(day, day + 1), shift, cell, history)
        number = np.full(len(more_cell), len(pieces))
        return DayRows(
            np.concatenate([channel, number]).astype(np.int64),
            np.concatenate([shift, more_shift]),
            np.concatenate([cell, more_cell]),
        )

    def totals(self, history: History) -> NDArray[np.float64]:
        """Events of each channel in the whole history; the rest channel counts what is left."""
        sizes = [len(self._series(history, name)) for name in self.names if name != REST]
        if self.names[-1] == REST:
            sizes.append(len(history.all_events) - sum(sizes))
        return np.array(sizes, dtype=np.float64)

    def count_before(self, history: History, day: int) -> int:
        """How many events all channels hold before ``day``."""
        if self.names[-1] == REST:
            return len(history.all_events.between(BEGINNING, day))
        return sum(len(self._series(history, name).between(BEGINNING, day)) for name in self.names)

    @staticmethod
    def _series(history: History, name: str) -> Series:
        held = history.series.get(name)
        return held if held is not None else history.others.get(name, NOTHING)


def _without(every: Series, shift: Ints, cell: Ints, history: History) -> tuple[Ints, Ints]:
    """Shift and cell of the events of ``every`` that aren't among those given."""
    size = history.shifts * history.cells
    left = np.bincount(every.shift.astype(np.int64) * history.cells + every.cell, minlength=size)
    left = np.maximum(left - np.bincount(shift * history.cells + cell, minlength=size), 0)
    places = np.repeat(np.flatnonzero(left), left[left > 0])
    return places // history.cells, places % history.cells
