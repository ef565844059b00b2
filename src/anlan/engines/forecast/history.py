"""What a forecaster may know: events by day, shift and cell, days watched, weather and calendar — and nothing later.

A ``History`` ends on a day. ``until(day)`` gives the history that holds nothing on or after ``day``; models
are only ever handed such a piece, so looking ahead isn't possible by forgetting something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.grid import Grid

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Kept = TypeVar("Kept", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Series:
    """Events of one kind in the order of days: ``day`` (days since 1970-01-01, local), ``shift`` (int8), ``cell``.

    ``cell`` counts among the history's active cells (int32). The three arrays have one length and are read-only.
    """

    day: Ints
    shift: NDArray[np.int8]
    cell: Ints

    def __len__(self) -> int:
        return len(self.day)

    def between(self, first: int, last: int) -> Series:
        """Events of days ``first`` <= day < ``last``."""
        low, high = np.searchsorted(self.day, (first, last))
        return Series(_sealed(self.day[low:high]), _sealed(self.shift[low:high]), _sealed(self.cell[low:high]))


def series_of(day: NDArray[np.int32], shift: NDArray[np.int8], cell: NDArray[np.int32]) -> Series:
    """A series from arrays in any order of days (stable sort; int32, int8, int32)."""
    order = np.argsort(day, kind="stable")
    return Series(
        _sealed(np.asarray(day, dtype=np.int32)[order]),
        _sealed(np.asarray(shift, dtype=np.int8)[order]),
        _sealed(np.asarray(cell, dtype=np.int32)[order]),
    )


@dataclass(frozen=True, slots=True)
class Weather:
    """Daily weather: ``observed[name]`` beside ``day``; ``expected[name]`` beside ``(issued, for_day)``.

    Names carry their unit (``tmax_c``, ``prcp_mm``). NaN is a gap. ``expected`` holds forecasts by the day they
    were issued; without any the next day's weather isn't known and models do without.
    """

    day: Ints
    observed: Mapping[str, Floats]
    issued: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    for_day: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    expected: Mapping[str, Floats] = field(default_factory=dict)

    def until(self, day: int) -> Weather:
        """Observed before ``day``; forecasts issued on or before it (they were on the desk that morning)."""
        seen, issued = self.day < day, self.issued <= day
        return Weather(
            self.day[seen],
            {name: values[seen] for name, values in self.observed.items()},
            self.issued[issued],
            self.for_day[issued],
            {name: values[issued] for name, values in self.expected.items()},
        )

    def expected_for(self, day: int) -> dict[str, float]:
        """The newest forecast for ``day``, name to value; empty where none was issued."""
        mine = np.flatnonzero(self.for_day == day)
        if len(mine) == 0:
            return {}
        newest = mine[np.argmax(self.issued[mine])]
        return {name: float(values[newest]) for name, values in self.expected.items()}


@dataclass(frozen=True, slots=True)
class History:
    """Everything known on the morning of day ``end``: nothing here happened on or after it.

    ``grid`` and ``active`` (grid cell numbers, int32) name the places; arrays over places follow the order of
    ``active``. ``series[category]``, ``others[category]`` (accepted, but not asked for: they only help) and
    ``all_events`` (every accepted category together, asked for or not) hold events on watched days only. ``days``
    lists the watched (complete) days before ``end``; a day that isn't in it is unknown, never zero. ``shifts`` a
    day, each ``24 / shifts`` hours of local wall time. ``day_kinds``
    maps a day to its calendar kind (0 working day, 1 day off, 2 public holiday, 3 make-up working day); known ahead.
    """

    grid: Grid
    active: Ints
    shifts: int
    series: Mapping[str, Series]
    all_events: Series
    days: Ints
    end: int
    weather: Weather | None = None
    day_kinds: Mapping[int, int] = field(default_factory=dict)
    others: Mapping[str, Series] = field(default_factory=dict)

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.series)

    @property
    def cells(self) -> int:
        """Number of active cells."""
        return len(self.active)

    def until(self, day: int) -> History:
        """The same without anything on or after ``day``."""
        if day >= self.end:
            return self
        return replace(
            self,
            series={name: held.between(-(2**31), day) for name, held in self.series.items()},
            all_events=self.all_events.between(-(2**31), day),
            days=_sealed(self.days[self.days < day]),
            end=day,
            weather=self.weather.until(day) if self.weather else None,
            others={name: held.between(-(2**31), day) for name, held in self.others.items()},
        )

    def last_days(self, count: int) -> Ints:
        """The newest ``count`` watched days (fewer where there are fewer)."""
        return self.days[-count:] if count else self.days[:0]

    def counts(self, category: str | None, first: int, last: int) -> Floats:
        """Events of ``first`` <= day < ``last`` by (shift, cell); ``None`` counts all events."""
        held = self.all_events if category is None else self.series[category]
        piece = held.between(first, last)
        flat = np.bincount(piece.shift.astype(np.int64) * self.cells + piece.cell, minlength=self.shifts * self.cells)
        return flat.reshape(self.shifts, self.cells).astype(np.float64)

    def decayed(self, category: str | None, half_life_days: float) -> tuple[Floats, float]:
        """Counts by (shift, cell), each halved per ``half_life_days`` of *watched* days, and the days' summed weight.

        Watched days only, so that a gap in the record doesn't age what is known.
        """
        held = self.all_events if category is None else self.series[category]
        age = len(self.days) - 1 - np.arange(len(self.days))
        weight_of_day = np.exp2(-age / half_life_days)
        weight = weight_of_day[np.searchsorted(self.days, held.day)] if len(held) else np.empty(0)
        flat = np.bincount(
            held.shift.astype(np.int64) * self.cells + held.cell, weights=weight, minlength=self.shifts * self.cells
        )
        return flat.reshape(self.shifts, self.cells).astype(np.float64), float(weight_of_day.sum())

    def kind_of_day(self, day: int) -> int:
        """The calendar kind, by the weekday alone (1970-01-01 was a Thursday) where the calendar says nothing."""
        known = self.day_kinds.get(day)
        return known if known is not None else int((day + 3) % 7 >= 5)

    def totals(self, category: str, days: Sequence[int] | Ints) -> Floats:
        """Events by (day, shift) over all active cells, for watched days."""
        held, wanted = self.series[category], np.asarray(days)
        if len(wanted) == 0:
            return np.zeros((0, self.shifts))
        held = held.between(int(wanted[0]), int(wanted[-1]) + 1)
        place = np.searchsorted(wanted, held.day)
        mine = wanted[np.minimum(place, len(wanted) - 1)] == held.day
        flat = np.bincount(place[mine] * self.shifts + held.shift[mine], minlength=len(wanted) * self.shifts)
        return flat.reshape(len(wanted), self.shifts).astype(np.float64)


def _sealed(values: NDArray[Kept]) -> NDArray[Kept]:
    values = values.view()
    values.flags.writeable = False
    return values
