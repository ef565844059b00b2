"""A large network cut into cells, so that a question looks at few roads closely and crosses the rest in one step.

A city of 200,000 junctions has 700,000 roads with a direction. A search that settles all of them takes as long as it
takes; but units stand in a few hundred places, and between those only the quickest way across counts. So junctions
are gathered into cells of some dozens. A road that leads from one cell into another is a *gate* of the cell it leads
into. For every gate the seconds from each gate of the cell it leaves are worked out once (`rows`). A question then
goes from the place out to the gates of its cell, from gate to gate, and into the cells that hold a unit. The answer
is that of the plain search, since every way is a chain of crossings; turns are in it, for roads with their direction
are what is searched. A closed road changes the rows of the cells it touches and no other.

Source of the idea: D. Delling, A. Goldberg, T. Pajor, R. Werneck (2011), "Customizable Route Planning", SEA 2011.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.moves import Moves, arc_ends
from anlan.engines.roads.turns import ROWS_AT_ONCE

try:
    from anlan.engines.roads import native
except ImportError:  # not compiled here: the plain search answers
    native = None  # type: ignore[assignment]

JUNCTIONS_A_CELL = 64
"""Aim. Smaller cells mean more gates to cross, larger ones more roads to look at around each unit."""
MOST_STATES_A_CELL = 65_535
MARKS = 16
"""Landmarks a lone asker is led by. More lead straighter and take longer to look up."""
WORTH_STATES = 100_000
"""A network with fewer roads with a direction is searched whole as fast."""
ANEW_SHARE = 0.15
"""When a change touches a larger share of the cells, making their rows anew would keep callers waiting."""

SMOOTHINGS = 12
"""Rounds of moving junctions between cells; most do not last that long."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one set of moves, and what crossing them takes.

    `cell` and `spot` tell each state's cell (that of the junction it leads to) and its number there, gates first;
    `size` counts a cell's states. Gate g is a state; a cell's gates are numbered in a row from `gate_indptr`.
    `leave_gate[leave_indptr[c]:...]` are the gates by which one leaves cell c, `into_cell[g]` the cell gate g leaves.
    From `rows[row_at[g]]` on stand the seconds from the end of each gate of that cell to the end of gate g,
    `least[g]` the smallest of them. `to_mark_s[g]` are the seconds from its end to the ends of the states `marks`
    at the edge of the map when those were worked out; since then no road has come to take less than the share
    `quicker` of its time.

    The moves stand once more, cell by cell and in single precision, so that a cell is read in one go: from
    `move_row[c]` on the rows of the gates by which one leaves c, then of the states inside it; row r is that of
    `row_state[r]`, its moves come from the spots `from_spot[move_indptr[r]:...]` and take `move_s`.
    Times are those of the plain search to a thousandth of a second.
    """

    moves: Moves
    cell: Ints
    spot: NDArray[np.uint16]
    size: Ints
    gate_indptr: Ints
    leave_indptr: Ints
    leave_gate: Ints
    into_cell: Ints
    move_row: Ints
    row_state: Ints
    move_indptr: Ints
    from_spot: NDArray[np.uint16]
    move_s: NDArray[np.float32]
    row_at: NDArray[np.int64]
    rows: NDArray[np.float32]
    least: Floats
    marks: Ints
    to_mark_s: NDArray[np.float32]
    quicker: float
    most_moves: int

    @property
    def n_cells(self) -> int:
        return len(self.size)

    def seconds_from(self, states: Ints, tails: Ints, tail_s: Floats) -> Floats:
        """Seconds from the end of each of these states to a place; tails as in `Moves.search`."""
        order = np.argsort(self.cell[states], kind="stable")
        seconds = np.empty(len(order))
        if len(order):
            seconds[order] = self._ask(states[order], tails, tail_s)
        return seconds

    def _ask(self, states: Ints, tails: Ints, tail_s: Floats) -> Floats:
        """Seconds from these states, which come cell by cell; from the end of every gate where there are none."""
        found = np.empty(len(states) or len(self.leave_gate))
        native.cells_ask(
            *self._sizes(),
            len(self.rows),
            len(tails),
            len(states),
            *self._world(),
            self.rows,
            self.least,
            np.ascontiguousarray(tails, dtype=np.int32),
            np.ascontiguousarray(tail_s, dtype=np.float64),
            np.ascontiguousarray(states, dtype=np.int32),
            found,
        )
        return found

    def way(self, states: Ints, before_s: Floats, tails: Ints, tail_s: Floats) -> tuple[float, Ints] | None:
        """The quickest way to a place from the end of one of these states, each after so many seconds.

        What lies the other way is looked at late or never: the landmarks tell how far a gate is at least.

        Gives all seconds, and the states in driving order from the one chosen; infinite and none where no way leads
        there. None where rounding led in a circle: then ask the plain search. Tails are as in `Moves.search`.
        """
        chain = np.empty(self.moves.n_states, dtype=np.int32)
        seconds, n = native.cells_quickest(
            *self._sizes(),
            len(self.rows),
            len(tails),
            len(states),
            len(chain),
            self.to_mark_s.shape[1],
            self.quicker,
            *self._world(),
            self.rows,
            self.least,
            self.row_state,
            np.ascontiguousarray(tails, dtype=np.int32),
            np.ascontiguousarray(tail_s, dtype=np.float64),
            np.ascontiguousarray(states, dtype=np.int32),
            np.ascontiguousarray(before_s, dtype=np.float64),
            self.to_mark_s,
            chain,
        )
        return None if n < 0 else (seconds, chain[:n].copy())

    def priced(self, moves: Moves, *, most_share: float = ANEW_SHARE) -> "Cells | None":
        """The same cells for the same moves at other seconds; None where more than `most_share` of them are touched.

        By default that is as many as can be done in passing.
        """
        changed = np.flatnonzero(moves.own_s != self.moves.own_s)
        # A state is part of the crossing of the cell it sets out from, and that is where its rows lead.
        starts = moves.indptr[changed]
        leads = starts < moves.indptr[changed + 1]
        touched = np.unique(self.cell[moves.come_from[starts[leads]]])
        if len(touched) > most_share * self.n_cells:
            return None
        quicker = float(np.min(moves.own_s[changed] / self.moves.own_s[changed], initial=1.0))
        anew = replace(
            self,
            moves=moves,
            move_s=self.move_s.copy(),
            rows=self.rows.copy(),
            least=self.least.copy(),
            quicker=self.quicker * quicker,
        )
        for row, state in self._rows_of(touched):
            there = slice(int(self.move_indptr[row]), int(self.move_indptr[row + 1]))
            turns = slice(int(moves.indptr[state]), int(moves.indptr[state + 1]))
            anew.move_s[there] = moves.turn_s[turns] + moves.own_s[state]
        anew._price(touched)
        return anew if len(touched) <= ANEW_SHARE * self.n_cells else anew._marked()

    def _rows_of(self, cells: Ints) -> Iterator[tuple[int, int]]:
        """Rows of the moves that belong to these cells, and their states."""
        ends = np.append(self.move_row, len(self.row_state))
        for cell in cells.tolist():
            for row in range(int(ends[cell]), int(ends[cell + 1])):
                yield row, int(self.row_state[row])

    def _price(self, cells: Ints) -> None:
        native.cells_price(
            *self._sizes(),
            len(cells),
            len(self.rows),
            *self._world(),
            np.ascontiguousarray(cells, dtype=np.int32),
            self.rows,
            self.least,
        )

    def _marked(self) -> "Cells":
        """The same with the seconds to its landmarks worked out anew."""
        to_mark_s = np.empty((len(self.leave_gate), len(self.marks)), dtype=np.float32)
        nobody = np.zeros(0, dtype=np.int32)
        for at, mark in enumerate(self.marks.tolist()):
            to_mark_s[:, at] = self._ask(nobody, np.array([mark], dtype=np.int32), np.zeros(1))
        return replace(self, to_mark_s=to_mark_s, quicker=1.0)

    def _sizes(self) -> tuple[int, ...]:
        moves = self.moves
        most_states = int(self.size.max(initial=0))
        return (
            moves.n_states,
            len(moves.come_from),
            self.n_cells,
            len(self.leave_gate),
            most_states,
            self.most_moves,
        )

    def _world(self) -> tuple[NDArray[Any], ...]:
        return (
            self.cell,
            self.spot,
            self.size,
            self.gate_indptr,
            self.leave_indptr,
            self.leave_gate,
            self.into_cell,
            self.move_row,
            self.move_indptr,
            self.from_spot,
            self.move_s,
            self.row_at,
        )


def can_have_cells() -> bool:
    """Whether the compiled part that works with cells is there."""
    return hasattr(native, "cells_quickest")


def cells_of(graph: RoadGraph, moves: Moves, *, junctions: int = JUNCTIONS_A_CELL) -> Cells:
    """Cut a network into cells of at most so many junctions, and work out what crossing each takes.

    Cost: some 2 s and 60 MB for 200,000 junctions. Raises ValueError for cells of less than one junction.
    """
    if junctions < 1:
        raise ValueError(f"a cell holds at least one junction, got {junctions}")
    part = _parts(graph, junctions)
    n_cells = int(part.max(initial=0)) + 1
    tail, head = arc_ends(graph, moves.arc_of)
    cell, from_cell = part[head], part[tail]
    is_gate = cell != from_cell
    size = np.bincount(cell, minlength=n_cells)
    if int(size.max(initial=0)) > MOST_STATES_A_CELL:
        raise ValueError(f"a cell holds at most {MOST_STATES_A_CELL} roads with a direction, got {size.max()}")
    # Numbers within a cell: gates first, then in the order of the states, which is that of the map.
    order = np.lexsort((~is_gate, cell))
    spot = np.empty(moves.n_states, dtype=np.uint16)
    spot[order] = np.arange(moves.n_states) - np.repeat(np.cumsum(size) - size, size)
    gate_state = order[is_gate[order]]
    into_cell = from_cell[gate_state]
    n_gates, n_leave = (np.bincount(each, minlength=n_cells) for each in (cell[gate_state], into_cell))
    leave_gate = np.argsort(into_cell, kind="stable")
    row_length = n_gates[into_cell]
    # The rows of one cell stand together, as they are read together.
    row_at = np.empty(len(gate_state), dtype=np.int64)
    row_at[leave_gate] = np.cumsum(row_length[leave_gate]) - row_length[leave_gate]
    inside = order[~is_gate[order]]
    row_state = np.concatenate([gate_state[leave_gate], inside])
    row_state = row_state[np.argsort(from_cell[row_state], kind="stable")].astype(np.int32)
    n_rows = n_leave + size - n_gates
    of_cell = np.bincount(from_cell, weights=np.diff(moves.indptr), minlength=n_cells)
    del order, inside, is_gate, tail, from_cell, part
    move_indptr, from_spot, move_s = _moves_by_row(moves, row_state, spot)
    cells = Cells(
        moves=moves,
        cell=cell.astype(np.int32),
        spot=spot,
        size=size.astype(np.int32),
        gate_indptr=np.concatenate([[0], np.cumsum(n_gates)]).astype(np.int32),
        leave_indptr=np.concatenate([[0], np.cumsum(n_leave)]).astype(np.int32),
        leave_gate=leave_gate.astype(np.int32),
        into_cell=into_cell.astype(np.int32),
        move_row=(np.cumsum(n_rows) - n_rows).astype(np.int32),
        row_state=row_state,
        move_indptr=move_indptr,
        from_spot=from_spot,
        move_s=move_s,
        row_at=row_at,
        rows=np.empty(int(row_length.sum()), dtype=np.float32),
        least=np.empty(len(gate_state)),
        marks=gate_state[_around(graph, head[gate_state])].astype(np.int32),
        to_mark_s=np.zeros((len(gate_state), 0), dtype=np.float32),
        quicker=1.0,
        most_moves=int(of_cell.max(initial=0)),
    )
    cells._price(np.arange(n_cells, dtype=np.int32))
    return cells._marked()


def _moves_by_row(
    moves: Moves, row_state: Ints, spot: NDArray[np.uint16]
) -> tuple[Ints, NDArray[np.uint16], NDArray[np.float32]]:
    """Where the moves of each row begin, and of each move the spot it comes from and its seconds."""
    count = np.diff(moves.indptr)[row_state]
    indptr = np.concatenate([[0], np.cumsum(count)])
    from_spot, move_s = np.empty(int(indptr[-1]), dtype=np.uint16), np.empty(int(indptr[-1]), dtype=np.float32)
    for low in range(0, len(row_state), ROWS_AT_ONCE):
        rows = slice(low, min(low + ROWS_AT_ONCE, len(row_state)))
        there = slice(int(indptr[rows.start]), int(indptr[rows.stop]))
        at = np.repeat(moves.indptr[row_state[rows]] - indptr[rows], count[rows]) + np.arange(there.start, there.stop)
        from_spot[there] = spot[moves.come_from[at]]
        move_s[there] = moves.turn_s[at] + np.repeat(moves.own_s[row_state[rows]], count[rows])
    return indptr.astype(np.int32), from_spot, move_s


def _around(graph: RoadGraph, node: Ints) -> Ints:
    """Which of these junctions lie outermost, looking round in so many directions; each once."""
    if not len(node):
        return np.zeros(0, dtype=np.int32)
    squeeze = float(np.cos(np.radians(graph.node_lat.mean())))
    x, y = graph.node_lon[node] * squeeze, graph.node_lat[node]
    turns = np.arange(MARKS) * (2.0 * np.pi / MARKS)
    found = [int(np.argmax(x * np.cos(turn) + y * np.sin(turn))) for turn in turns]
    return np.unique(found).astype(np.int32)


def _parts(graph: RoadGraph, junctions: int) -> NDArray[np.int64]:
    """A cell number per junction: halved again and again across the longer side, until small enough."""
    squeeze = float(np.cos(np.radians(graph.node_lat.mean())))
    x, y = graph.node_lon * squeeze, graph.node_lat
    part = np.zeros(graph.n_nodes, dtype=np.int64)
    n_parts = 1
    while graph.n_nodes > junctions * n_parts:
        low = np.full((2, n_parts), np.inf)
        high = np.full((2, n_parts), -np.inf)
        for axis, values in enumerate((x, y)):
            np.minimum.at(low[axis], part, values)
            np.maximum.at(high[axis], part, values)
        is_wide = (high[0] - low[0] >= high[1] - low[1])[part]
        order = np.lexsort((np.where(is_wide, x, y), part))
        size = np.bincount(part, minlength=n_parts)
        rank = np.empty(graph.n_nodes, dtype=np.int64)
        rank[order] = np.arange(graph.n_nodes) - np.repeat(np.cumsum(size) - size, size)
        part = 2 * part + (rank >= (size[part] + 1) // 2)
        n_parts *= 2
    return _smoothed(graph, part, 2 * junctions)


def _smoothed(graph: RoadGraph, part: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """A junction with more roads into a neighbouring cell than into its own moves there: fewer roads are cut."""
    part, n_parts = part.copy(), int(part.max(initial=0)) + 1
    start, end = (np.concatenate(pair).astype(np.int64) for pair in _both_ways(graph))
    odd = np.arange(graph.n_nodes) * 2654435761 >> 7 & 1
    for turn in range(SMOOTHINGS):
        # Half of the junctions at a time, so that two neighbours do not change places.
        cut = np.zeros(graph.n_nodes, dtype=bool)
        cut[start[part[start] != part[end]]] = True
        near = cut[start] & (odd[start] == turn & 1)
        pair, count = np.unique(start[near] * n_parts + part[end[near]], return_counts=True)
        node, to = np.divmod(pair, n_parts)
        own = np.zeros(graph.n_nodes, dtype=np.int64)
        own[node[to == part[node]]] = count[to == part[node]]
        order = np.lexsort((to, -count, node))
        best = order[np.concatenate([[True], node[order][1:] != node[order][:-1]])] if len(order) else order
        size = np.bincount(part, minlength=n_parts)
        best = best[(count[best] > own[node[best]]) & (size[to[best]] < most)]
        if not len(best):
            break
        part[node[best]] = to[best]
    return part


def _both_ways(graph: RoadGraph) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    return (graph.link_from, graph.link_to), (graph.link_to, graph.link_from)
