"""The linear programme behind the bound by hindsight: units flow from home to calls and on, as early as they can.

Each kind of units has two lines in time. On the one they stand at home, on the other they are away, serving a call
they reached late. From the first they leave for a call they reach in time; from the second likewise, but every
leaving of it is paid for with a call that was late. After a call in time a unit goes on to the next one it can still
reach, or back to a line as soon as it can be there. All of this a real course does too, at the same time or later: so
what is least here is no more than what is possible.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from anlan.engines.simulation.world import Bools, Floats, Ints

HOME, STRAY, ROAD = range(3)
"""How a call is reached in time: from home, after a late call, on the road after one in time."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """What a block's programme is made of.

    By (HOME or STRAY, kind, call): `take_s` the moment by which the unit has left its line, `there_s` when it is
    there at the soonest, infinite where it can't be in time. `is_given` (kind, call): a stray may come from the block
    before. `after_s` (any way, kind, call before, call): when it is there at the soonest on the road, infinite where
    it can't. `free_s` (any way, kind, call) when it is done; `trip_s` (kind, call) the seconds home; `at_s` when
    calls come.
    """

    count: Floats
    take_s: Floats
    there_s: Floats
    is_given: Bools
    after_s: Floats
    free_s: Floats
    trip_s: Floats
    at_s: Floats


def least_cost(pieces: Pieces, *, late: Floats, waits: Floats | None = None) -> float:
    """The least that can't be avoided: `late` for each call not reached in time, and where given `waits` times the
    seconds of each that is.

    Raises RuntimeError where the solver finds nothing, which can't be: all late is always possible.
    """
    n = len(pieces.at_s)
    sheet = _Sheet()
    is_late = sheet.columns(late)
    shared = sheet.rows(np.ones(n), is_equal=True)
    sheet.put(shared, is_late, 1.0)
    paid = sheet.rows(np.zeros(1))
    sheet.put(np.repeat(paid, n), is_late, -1.0)
    zero = np.zeros(n) if waits is None else waits
    for kind in range(len(pieces.count)):
        _kind(sheet, pieces, kind, zero, shared, paid)
    return sheet.least()


def _kind(sheet: "_Sheet", pieces: Pieces, kind: int, waits: Floats, shared: Ints, paid: Ints) -> None:
    """Columns and rows of one kind of units."""
    n = len(pieces.at_s)
    goes = [np.flatnonzero(np.isfinite(pieces.there_s[way, kind])) for way in (HOME, STRAY)]
    moments = np.unique(np.concatenate([pieces.take_s[way, kind][calls] for way, calls in enumerate(goes)]))
    if not len(moments):
        return
    lines = [sheet.rows(np.zeros(len(moments)), is_equal=True) for _ in range(2)]
    start = sheet.rows(pieces.count[[kind]])
    stays = [sheet.columns(np.zeros(len(moments))) for _ in range(2)]
    for line, held in zip(lines, stays, strict=True):  # so many stay after the moment, as stayed before it, and …
        sheet.put(line, held, 1.0)
        sheet.put(line[1:], held[:-1], -1.0)
    begin = sheet.columns(np.zeros(1))
    sheet.put(lines[HOME][:1], begin, -1.0)
    sheet.put(start, begin, 1.0)
    out, back = sheet.columns(np.zeros(len(moments))), sheet.columns(np.zeros(len(moments)))
    for line, sign in zip(lines, (1.0, -1.0), strict=True):
        sheet.put(line, out, sign)
        sheet.put(line, back, -sign)
    sheet.put(np.repeat(paid, len(moments)), back, 1.0)
    leaves = [sheet.rows(np.zeros(n)) for _ in range(3)]
    for way, calls in enumerate(goes):
        cost = waits[calls] * (pieces.there_s[way, kind, calls] - pieces.at_s[calls])
        taken = sheet.columns(cost)
        sheet.put(lines[way][np.searchsorted(moments, pieces.take_s[way, kind, calls])], taken, 1.0)
        sheet.put(shared[calls], taken, 1.0)
        sheet.put(leaves[way][calls], taken, -1.0)
        if way == STRAY:
            sheet.put(np.repeat(paid, len(calls)), taken, 1.0)
            _given(sheet, pieces, kind, calls, cost, shared, leaves[STRAY], start)
    for way in (HOME, STRAY, ROAD):
        _onward(sheet, pieces, (way, kind), waits, shared, leaves)
        _back(sheet, pieces, (way, kind), moments, lines, leaves[way])


def _given(
    sheet: "_Sheet", pieces: Pieces, kind: int, calls: Ints, cost: Floats, shared: Ints, leave: Ints, start: Ints
) -> None:
    """Units that begin the block on their way from a call of the one before."""
    which = pieces.is_given[kind, calls]
    free = sheet.columns(cost[which])
    sheet.put(shared[calls[which]], free, 1.0)
    sheet.put(leave[calls[which]], free, -1.0)
    sheet.put(np.repeat(start, len(free)), free, 1.0)


def _onward(
    sheet: "_Sheet", pieces: Pieces, which: tuple[int, int], waits: Floats, shared: Ints, leaves: list[Ints]
) -> None:
    """From a call in time straight to the next."""
    there = pieces.after_s[which[0], which[1]]
    before, call = np.nonzero(np.isfinite(there))
    goes = sheet.columns(waits[call] * (there[before, call] - pieces.at_s[call]))
    sheet.put(leaves[which[0]][before], goes, 1.0)
    sheet.put(leaves[ROAD][call], goes, -1.0)
    sheet.put(shared[call], goes, 1.0)


def _back(
    sheet: "_Sheet", pieces: Pieces, which: tuple[int, int], moments: Floats, lines: list[Ints], leave: Ints
) -> None:
    """From a call in time to a line: away at once, home after the trip."""
    free_s = pieces.free_s[which]
    for line, since in ((lines[HOME], free_s + pieces.trip_s[which[1]]), (lines[STRAY], free_s)):
        place = np.searchsorted(moments, since)
        calls = np.flatnonzero(place < len(moments))
        comes = sheet.columns(np.zeros(len(calls)))
        sheet.put(leave[calls], comes, 1.0)
        sheet.put(line[place[calls]], comes, -1.0)


@dataclass(eq=False)
class _Sheet:
    """A programme as it is written: costs, rows with their limits, and factors at places."""

    cost: list[Floats] = field(default_factory=list)
    limits: list[Floats] = field(default_factory=list)
    equal: list[Bools] = field(default_factory=list)
    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    factor: list[Floats] = field(default_factory=list)
    n_columns: int = 0
    n_rows: int = 0

    def columns(self, cost: Floats) -> Ints:
        """New variables of at least 0; their numbers."""
        self.cost.append(cost)
        self.n_columns += len(cost)
        return np.arange(self.n_columns - len(cost), self.n_columns)

    def rows(self, limit: Floats, *, is_equal: bool = False) -> Ints:
        """New rows, at most their limit or equal to it; their numbers."""
        self.limits.append(limit)
        self.equal.append(np.full(len(limit), is_equal))
        self.n_rows += len(limit)
        return np.arange(self.n_rows - len(limit), self.n_rows)

    def put(self, row: Ints, column: Ints, factor: float) -> None:
        """The factor of each column in the row beside it."""
        row, column = np.broadcast_arrays(row, column)
        self.row.append(row)
        self.column.append(column)
        self.factor.append(np.full(len(row), factor))

    def least(self) -> float:
        """The least cost."""
        places = (np.concatenate(self.row), np.concatenate(self.column))
        whole = sparse.csr_array((np.concatenate(self.factor), places), shape=(self.n_rows, self.n_columns))
        limit, equal = np.concatenate(self.limits), np.concatenate(self.equal)
        found = linprog(
            np.concatenate(self.cost), A_ub=whole[~equal], b_ub=limit[~equal], A_eq=whole[equal], b_eq=limit[equal],
            bounds=(0.0, None), method="highs-ipm",
        )  # fmt: skip
        if found.status != 0:
            raise RuntimeError(f"the bound was not found: {found.message}")
        return float(found.fun)
