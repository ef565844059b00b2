"""The network as a backward search reads it: from road to road, turns included, with room for one place more."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from anlan.engines.roads.graph import Turns

SHORTEST_MOVE_S = 1e-6
"""Floor for a move's time: the sparse search reads a zero as "no road"."""
PLACES = 8
"""As many threads search at once without a copy of the network."""
PLACE_WIDTH = 48
"""As many ways into one place without a copy."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Moves:
    """S states, one per arc that may be driven, and the moves between them.

    `state_of` gives the state of an arc (-1: not driven) and `arc_of` the arc of a state. Row b lists in
    `come_from` the states from whose end one turns into b, and in `seconds` the turn and the whole of b.
    Behind the moves the sparse rows hold `PLACES` rows more, each of which takes the ways into one place:
    the network need not be copied for a search. They are the only thing here that changes, and a thread
    uses the one it took.
    """

    state_of: Ints
    arc_of: NDArray[np.int64]
    arc_s: Floats
    indptr: Ints
    come_from: Ints
    seconds: Floats
    rows: csr_array
    free: deque[int] = field(default_factory=lambda: deque(range(PLACES)))

    @property
    def n_states(self) -> int:
        return len(self.arc_of)

    def into(self, arc: int) -> tuple[Ints, Floats]:
        """States from whose end one turns into an arc, and the seconds of turn and arc together."""
        state = int(self.state_of[arc])
        if state < 0:
            return np.zeros(0, dtype=np.int32), np.zeros(0)
        span = slice(int(self.indptr[state]), int(self.indptr[state + 1]))
        return self.come_from[span], self.seconds[span]

    def turn_s(self, before: int, after: int) -> float:
        """Seconds of the turn from one arc into another; infinite where there is none."""
        tails, seconds = self.into(after)
        at = int(np.searchsorted(tails, self.state_of[before]))
        if at == len(tails) or tails[at] != self.state_of[before]:
            return float(np.inf)
        return float(seconds[at] - self.arc_s[after])

    def search(self, tails: Ints, seconds: Floats, reach_s: float) -> tuple[Floats, Ints]:
        """Seconds from the end of each state to a place, and the state that follows on the quickest way.

        ``tails`` are the states from whose end one comes to the place in so many ``seconds``, each once.
        The state that follows is `n_states` or above where it is the place itself, negative without a way.
        """
        with self._with_place(tails, seconds) as (rows, place):
            found, following = dijkstra(rows, directed=True, indices=place, return_predecessors=True, limit=reach_s)
        return found[: self.n_states], following[: self.n_states]

    @contextmanager
    def _with_place(self, tails: Ints, seconds: Floats) -> Iterator[tuple[csr_array, int]]:
        try:
            number = self.free.popleft() if len(tails) <= PLACE_WIDTH else -1
        except IndexError:
            number = -1
        if number < 0:
            yield _widened(self, tails, seconds), self.n_states
            return
        place = self.n_states + number
        start = int(self.rows.indptr[place])
        try:
            self.rows.indices[start : start + len(tails)] = tails
            self.rows.data[start : start + len(tails)] = seconds
            yield self.rows, place
        finally:
            self.rows.indices[start : start + PLACE_WIDTH] = place
            self.free.append(number)


def moves_of(turns: Turns, arc_s: Floats, turn_s: Floats) -> Moves:
    """The moves that can be made, given the seconds of each arc and of each turn."""
    driven = np.isfinite(arc_s)
    arc_of = np.flatnonzero(driven)
    state_of = np.full(len(arc_s), -1, dtype=np.int32)
    state_of[arc_of] = np.arange(len(arc_of), dtype=np.int32)
    go_to = np.repeat(np.arange(len(arc_s)), np.diff(turns.indptr))
    possible = driven[go_to] & driven[turns.come_from] & np.isfinite(turn_s)
    go_to, come_from = go_to[possible], state_of[turns.come_from[possible]]
    seconds = np.maximum(turn_s[possible] + arc_s[go_to], SHORTEST_MOVE_S)
    count = np.bincount(state_of[go_to], minlength=len(arc_of))
    indptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    rows = _rows(len(arc_of), indptr, come_from, seconds)
    n_moves = int(indptr[-1])
    return Moves(state_of, arc_of, arc_s, indptr, rows.indices[:n_moves], rows.data[:n_moves], rows)


def _rows(n: int, indptr: Ints, come_from: Ints, seconds: Floats) -> csr_array:
    """The moves with room for places; what is not in use leads from a place to itself."""
    own = np.repeat(np.arange(n, n + PLACES, dtype=np.int32), PLACE_WIDTH)
    borders = indptr[-1] + np.arange(1, PLACES + 1, dtype=np.int32) * PLACE_WIDTH
    return csr_array(
        (
            np.concatenate([seconds, np.ones(len(own))]),
            np.concatenate([come_from, own]),
            np.concatenate([indptr, borders]).astype(np.int32),
        ),
        shape=(n + PLACES, n + PLACES),
    )


def _widened(moves: Moves, tails: Ints, seconds: Floats) -> csr_array:
    """A copy of the network with one place more, for when all are taken or the place has very many ways in."""
    n = moves.n_states
    return csr_array(
        (
            np.concatenate([moves.seconds, seconds]),
            np.concatenate([moves.come_from, tails]),
            np.concatenate([moves.indptr, [moves.indptr[-1] + len(tails)]]).astype(np.int32),
        ),
        shape=(n + 1, n + 1),
    )
