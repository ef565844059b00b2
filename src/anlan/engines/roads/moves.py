"""The network as a backward search reads it: from road to road, turns included."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from anlan.engines.roads.graph import RoadGraph, Turns
from anlan.engines.roads.turns import ROWS_AT_ONCE

try:
    from anlan.engines.roads import native
except ImportError:  # not compiled here: SciPy's search gives the same answers, some four times as slowly
    native = None  # type: ignore[assignment]

SHORTEST_MOVE_S = 1e-6
"""Floor for a move's time: the sparse search reads a zero as "no road"."""
MORTON_BITS = 16

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def is_compiled() -> bool:
    """Whether the compiled search and snapping are there (`native.c`), or their slower twins serve."""
    return hasattr(native, "search_turns")


@dataclass(frozen=True, eq=False)
class Moves:
    """S states, one per arc that may be driven, and the moves between them.

    `state_of` gives the state of an arc (-1: not driven) and `arc_of` the arc of a state; an arc that is entered
    under a sign over several roads has states of its own for that, and `state_of` names the plain one. Row b lists
    in `come_from` the states from whose end one turns into b, and in `turn_s` the seconds of the turn; `own_s` are
    those of b itself, infinite where a road is closed. `tail` is the junction a state leaves, and
    `n_in` how many states lead into a junction. `copies` are the states of arcs under signs over several roads.
    States that lie near each other have numbers near each other,
    so that a search reads memory in order.
    """

    state_of: Ints
    arc_of: Ints
    indptr: Ints
    come_from: Ints
    turn_s: NDArray[np.float32]
    own_s: Floats
    tail: Ints
    n_in: Ints
    copies: Ints

    @property
    def n_states(self) -> int:
        return len(self.arc_of)

    def states_of(self, arc: int) -> list[int]:
        """All states of one arc: the plain one, and those for having come under a sign over several roads."""
        plain = int(self.state_of[arc])
        return [plain, *self.copies[self.arc_of[self.copies] == arc].tolist()] if plain >= 0 else []

    def into(self, arc: int) -> tuple[Ints, Floats]:
        """States from whose end one turns into an arc, and the seconds of turn and arc together."""
        states = self.states_of(arc)
        spans = [slice(int(self.indptr[state]), int(self.indptr[state + 1])) for state in states]
        if not spans:
            return np.zeros(0, dtype=np.int32), np.zeros(0)
        come_from = np.concatenate([self.come_from[span] for span in spans])
        seconds = [self.turn_s[span] + self.own_s[state] for state, span in zip(states, spans, strict=True)]
        return come_from, np.concatenate(seconds)

    def row_of_turns(self) -> Ints:
        """The state each turn leads into."""
        return np.repeat(np.arange(self.n_states, dtype=np.int32), np.diff(self.indptr))

    def turn_between_s(self, before: int, after: int) -> float:
        """Seconds of the turn from one state into another; infinite where there is none."""
        start = int(self.indptr[after])
        at = np.flatnonzero(self.come_from[start : int(self.indptr[after + 1])] == before)
        return float(self.turn_s[start + int(at[0])]) if at.size else float(np.inf)

    def turns_between_s(self, before: Ints, after: Ints) -> Floats:
        """Seconds of the turns from states into the states that follow them; infinite where there is none."""
        count = self.indptr[after + 1] - self.indptr[after]
        pair = np.repeat(np.arange(len(after)), count)
        at = np.repeat(self.indptr[after] - (np.cumsum(count) - count), count) + np.arange(len(pair))
        found = np.full(len(after), np.inf)
        meant = self.come_from[at] == before[pair]
        found[pair[meant]] = self.turn_s[at[meant]]
        return found

    def turn_into_s(self, before: int, after: int) -> float:
        """Seconds of the turn from one arc into another; infinite where there is none."""
        state = int(self.state_of[before])
        return min((self.turn_between_s(state, onward) for onward in self.states_of(after)), default=float(np.inf))

    def priced(self, arc_s: Floats) -> "Moves":
        """The same moves at other seconds per arc; an arc that is closed now is infinite, none can be opened so."""
        return replace(self, own_s=np.maximum(arc_s[self.arc_of], SHORTEST_MOVE_S))

    def search(self, tails: Ints, seconds: Floats, reach_s: float) -> tuple[Floats, Ints]:
        """Seconds from the end of each state to a place, and the state that follows on the quickest way.

        ``tails`` are the states from whose end one comes to the place in so many ``seconds``, each once.
        The state that follows is `n_states` where it is the place itself, negative without a way.
        """
        if not is_compiled():
            return self.search_plainly(tails, seconds, reach_s)
        n = self.n_states
        found, following = np.empty(n), np.empty(n, dtype=np.int32)
        native.search_turns(
            n,
            len(self.n_in),
            len(self.come_from),
            len(tails),
            n,
            reach_s,
            self.indptr,
            self.come_from,
            self.turn_s,
            self.own_s,
            self.tail,
            self.n_in,
            np.ascontiguousarray(tails, dtype=np.int32),
            np.ascontiguousarray(seconds, dtype=np.float64),
            found,
            following,
        )
        return found, following

    def search_plainly(self, tails: Ints, seconds: Floats, reach_s: float) -> tuple[Floats, Ints]:
        """The same answer by SciPy's Dijkstra, the place as one row more: what `search` is held to."""
        n = self.n_states
        rows = self.row_of_turns()
        moves_s = self.turn_s + self.own_s[rows]
        is_open = np.isfinite(moves_s)
        rows = rows[is_open]
        count = np.bincount(rows, minlength=n + 1)
        count[n] = len(tails)
        network = csr_array(
            (
                np.concatenate([moves_s[is_open], seconds]),
                np.concatenate([self.come_from[is_open], tails]),
                np.concatenate([[0], np.cumsum(count)]).astype(np.int32),
            ),
            shape=(n + 1, n + 1),
        )
        found, following = dijkstra(network, directed=True, indices=n, return_predecessors=True, limit=reach_s)
        return found[:n], following[:n]


def moves_of(graph: RoadGraph, arc_s: Floats, turn_s: NDArray[np.float32]) -> Moves:
    """The moves that can be made, given the seconds of each arc (infinite: not driven) and of each turn."""
    turns = graph.turns
    real = np.concatenate([np.arange(2 * graph.n_links), turns.copy_of]).astype(np.int64)
    tail, head = arc_ends(graph, real)
    driven = np.flatnonzero(np.isfinite(arc_s[real]))
    by_place = driven[np.argsort(_morton(graph)[tail[driven]], kind="stable")]
    state_of = np.full(len(real), -1, dtype=np.int32)
    state_of[by_place] = np.arange(len(by_place), dtype=np.int32)
    count, come_from, turn = _possible(turns, by_place, state_of, turn_s)
    return Moves(
        state_of=state_of[: 2 * graph.n_links],
        arc_of=real[by_place].astype(np.int32),
        indptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int32),
        come_from=come_from,
        turn_s=turn,
        own_s=np.maximum(arc_s[real[by_place]], SHORTEST_MOVE_S),
        tail=tail[by_place].astype(np.int32),
        n_in=np.bincount(head[by_place], minlength=graph.n_nodes).astype(np.int32),
        copies=np.flatnonzero(by_place >= 2 * graph.n_links).astype(np.int32),
    )


def _possible(
    turns: Turns, by_place: NDArray[np.int64], state_of: Ints, turn_s: NDArray[np.float32]
) -> tuple[Ints, Ints, NDArray[np.float32]]:
    """The turns that can be made, by the state they lead into: how many, the state before each, the seconds."""
    most = int((turns.indptr[by_place + 1] - turns.indptr[by_place]).sum())
    counts, befores = np.zeros(len(by_place), dtype=np.int32), np.empty(most, dtype=np.int32)
    times = np.empty(most, dtype=np.float32)
    n = 0
    # A stretch at a time, as in `turn_seconds`: most of what is worked out on the way is not kept.
    for low in range(0, len(by_place), ROWS_AT_ONCE):
        arcs = by_place[low : low + ROWS_AT_ONCE]
        first, count = turns.indptr[arcs], turns.indptr[arcs + 1] - turns.indptr[arcs]
        row = np.repeat(np.arange(len(arcs), dtype=np.int32), count)
        at = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(len(row))
        come_from, seconds = state_of[turns.come_from[at]], turn_s[at]
        possible = (come_from >= 0) & np.isfinite(seconds)
        counts[low : low + len(arcs)] = np.bincount(row[possible], minlength=len(arcs))
        fits = slice(n, n + int(possible.sum()))
        befores[fits], times[fits] = come_from[possible], seconds[possible]
        n = fits.stop
    # Nearly all turns can be made: what is cut off is not worth a copy where it is little.
    if n > 0.9 * most:
        return counts, befores[:n], times[:n]
    return counts, befores[:n].copy(), times[:n].copy()


def arc_ends(graph: RoadGraph, arc: NDArray[np.int64] | Ints) -> tuple[Ints, Ints]:
    """The junctions arcs leave and lead to."""
    link, is_back = arc >> 1, (arc & 1).astype(bool)
    start, end = graph.link_from[link], graph.link_to[link]
    return np.where(is_back, end, start), np.where(is_back, start, end)


def _morton(graph: RoadGraph) -> NDArray[np.uint64]:
    """A number per junction that is near for what lies near: the bits of both axes in turns (Morton 1966)."""
    code = np.zeros(graph.n_nodes, dtype=np.uint64)
    for shift, axis in enumerate((graph.node_lon, graph.node_lat)):
        span = float(np.ptp(axis)) or 1.0
        step = ((axis - axis.min()) / span * (2**MORTON_BITS - 1)).astype(np.uint64)
        for bit in range(MORTON_BITS):
            code |= ((step >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + shift)
    return code
