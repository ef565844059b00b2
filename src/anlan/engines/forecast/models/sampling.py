"""What every map gave the places of calls, and of a sample of places where none came, while weights are learnt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History
from anlan.engines.forecast.models.surfaces import Maps

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

BACKGROUND_ROWS = 60_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows (a cell in a shift of a day): what the maps gave them, and what came.

    ``maps`` (rows, maps) by ``names``; ``events`` of the row; ``in_shift`` events of the category in the city's
    shift; ``stands_for`` so many rows; ``place`` (rows, 2) column and row on the grid.
    """

    names: tuple[str, ...]
    maps: Floats
    events: Doubles
    in_shift: Doubles
    stands_for: Doubles
    day: Ints
    shift: Ints
    place: Floats

    def columns(self, numbers: list[int]) -> list[Floats]:
        """Single maps' values."""
        return [self.maps[:, number] for number in numbers]

    def told(self) -> Floats:
        """What the maps gave each event, one row an event."""
        with_events = self.events > 0
        out: Floats = np.repeat(self.maps[with_events], self.events[with_events].astype(np.int64), axis=0)
        return out


def places_of(history: History) -> Floats:
    """Column and row of each active cell, (cells, 2)."""
    return np.stack(history.grid.column_row(history.active), axis=1).astype(np.float32)


@dataclass(slots=True)
class Sampler:
    """Collects rows of one category day by day; empty places only where ``background`` is wanted."""

    history: History
    days: int
    seed: int
    background: bool
    names: tuple[str, ...] = ()
    _pieces: list[tuple[NDArray[np.generic], ...]] = field(default_factory=list)

    def take(self, day: int, maps: Maps, shift: Ints, cell: Ints) -> None:
        """The day's events stand at ``shift`` and ``cell``."""
        self.names = tuple(maps)
        shifts, cells = self.history.shifts, self.history.cells
        counts = np.bincount(shift * cells + cell, minlength=shifts * cells).reshape(shifts, cells)
        for number in np.flatnonzero(counts.sum(axis=1)).tolist():
            places, stands_for = self._places(day, number, counts[number], maps)
            values = [held[places] if held.ndim == 1 else held[number, places] for held in maps.values()]
            events = counts[number][places]
            same = np.ones(len(places))
            self._pieces.append(
                (np.stack(values, axis=1), events, same * counts[number].sum(), stands_for,
                 same * day, same * number, places)
            )  # fmt: skip

    def _places(self, day: int, shift: int, counts: Ints, maps: Maps) -> tuple[Ints, Doubles]:
        """Cells with events, and a sample of empty ones with the number of cells each stands for."""
        busy = np.flatnonzero(counts)
        if not self.background:
            return busy, np.ones(len(busy))
        # Half after the prior and the long memory, half evenly: where means are high a row says more.
        share = 0.4 * maps["even"] + 0.3 * maps["own_inf"] + 0.3 * maps["post_inf_3"]
        chance = share.astype(np.float64) / share.sum(dtype=np.float64)
        draws = max(20, BACKGROUND_ROWS // max(1, self.days * self.history.shifts))
        drawn = np.random.default_rng([self.seed, day, shift]).choice(len(chance), draws, p=chance)
        empty = drawn[counts[drawn] == 0]
        return np.concatenate([busy, empty]), np.concatenate([np.ones(len(busy)), 1.0 / (draws * chance[empty])])

    def table(self) -> Table | None:
        """All rows taken, or nothing where no event was."""
        if not self._pieces:
            return None
        maps, events, in_shift, stands_for, day, shift, cell = (
            np.concatenate(columns) for columns in zip(*self._pieces, strict=True)
        )
        place = places_of(self.history)[cell.astype(np.int64)]
        return Table(
            self.names, maps, events.astype(np.float64), in_shift, stands_for,
            day.astype(np.int64), shift.astype(np.int64), place,
        )  # fmt: skip
