"""Travel times from everywhere to one place: a single search backward from the call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.cells import Cells
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.moves import SHORTEST_MOVE_S
from anlan.engines.roads.snap import Snap, Snaps
from anlan.engines.roads.weights import TravelWeights

WIDENING = 3.0
"""Each further look reaches this many times as far."""

Floats = NDArray[np.float64]
Spread = Callable[[Callable[[int], Floats], Iterable[int]], Iterable[Floats]]


@dataclass(frozen=True, eq=False)
class ReverseSearch:
    """Seconds to `target` from the end of every arc, as far as `reached_s`; turns are in them.

    `state_s` (one number per state of `weights.moves`) is infinite beyond the reach and where no road
    leads. `state_next` is the state that follows on the quickest way, `moves.n_states` or above when the
    target's own link comes next, and negative where there is no way.
    """

    graph: RoadGraph
    weights: TravelWeights
    target: Snap
    reached_s: float
    state_s: Floats
    state_next: NDArray[np.int32]

    def end_s(self, arcs: NDArray[np.int64]) -> Floats:
        """Seconds from the end of these arcs to the target."""
        states = self.weights.moves.state_of[arcs]
        return np.where(states >= 0, self.state_s[states], np.inf)

    def travel_s(self, sources: Snaps) -> Floats:
        """Seconds from each source to the target, infinite beyond the reach or without a way.

        The way from the coordinate to the road (`distance_m` of both snaps) is not in it.
        """
        best = np.min(self.choices(sources), axis=0) if len(sources) else np.zeros(0)
        # A time beyond the reach may still be beaten by a way not yet seen.
        return np.asarray(np.where(best <= self.reached_s, best, np.inf))

    def choices(self, sources: Snaps) -> tuple[Floats, Floats, Floats]:
        """Seconds when leaving by the link's end, by its start, or staying on the link."""
        by_end_s, by_start_s = self.end_s(2 * sources.link), self.end_s(2 * sources.link + 1)
        return choices_of(self.graph, self.weights, self.target, sources, by_end_s, by_start_s)


def choices_of(
    graph: RoadGraph, weights: TravelWeights, target: Snap, sources: Snaps, by_end_s: Floats, by_start_s: Floats
) -> tuple[Floats, Floats, Floats]:
    """Seconds from each source by its link's end, its start, or along it, given those from the two ends onward."""
    link = sources.link
    share = np.clip(sources.offset_m / graph.link_length_m[link], 0.0, 1.0)
    forward_s, backward_s = weights.forward_s[link], weights.backward_s[link]
    by_end = part_s(1.0 - share, forward_s) + by_end_s
    by_start = part_s(share, backward_s) + by_start_s
    ahead = share_of(graph, target) - share
    staying = np.where(ahead >= 0.0, part_s(ahead, forward_s), part_s(-ahead, backward_s))
    # Standing at the very spot needs no permitted direction.
    staying = np.where(ahead == 0.0, 0.0, staying)
    return by_end, by_start, np.where(link == target.link, staying, np.inf)


def share_of(graph: RoadGraph, snap: Snap) -> float:
    """How far along its link a place is, from 0 to 1."""
    return min(max(snap.offset_m / float(graph.link_length_m[snap.link]), 0.0), 1.0)


def part_s(share: Floats, link_s: Floats) -> Floats:
    """Seconds for a share of a link; infinite stays infinite even for a share of nothing."""
    return np.where(np.isfinite(link_s), np.maximum(share, 0.0) * np.where(np.isfinite(link_s), link_s, 0.0), np.inf)


def search_to(
    graph: RoadGraph, weights: TravelWeights, target: Snap, *, cutoff_s: float | None = None
) -> ReverseSearch:
    """Search backward from `target` over the whole graph, or as far as `cutoff_s` seconds.

    Cost: one Dijkstra over the roads and their turns, whatever the number of units.

    Raises ValueError when the vehicle cannot use the target's link at all: snap the target
    with `usable=weights.usable`.
    """
    tails, seconds = tails_of(graph, weights, target)
    reach = np.inf if cutoff_s is None else float(cutoff_s)
    state_s, state_next = weights.moves.search(tails, seconds, reach)
    return ReverseSearch(graph, weights, target, reach, state_s, state_next)


def tails_of(graph: RoadGraph, weights: TravelWeights, target: Snap) -> tuple[NDArray[np.int32], Floats]:
    """States from whose end one comes to the target, each once, and the seconds of it."""
    if not weights.usable[target.link]:
        raise ValueError(f"link {target.link} cannot be used by {weights.vehicle} in {weights.mode} mode")
    ways = [ways_in(graph, weights, target, arc) for arc in (2 * target.link, 2 * target.link + 1)]
    tails, seconds = (np.concatenate(parts) for parts in zip(*ways, strict=True))
    order = np.lexsort((seconds, tails))
    tails, seconds = tails[order], seconds[order]
    first = np.ones(len(tails), dtype=bool)
    first[1:] = tails[1:] != tails[:-1]
    return tails[first], seconds[first]


def ways_in(graph: RoadGraph, weights: TravelWeights, target: Snap, arc: int) -> tuple[NDArray[np.int32], Floats]:
    """States from whose end one comes to the target along one arc of its link, and the seconds of it."""
    if not np.isfinite(weights.arc_s(arc)):
        return np.zeros(0, dtype=np.int32), np.zeros(0)
    tails, seconds = weights.moves.into(arc)
    share = share_of(graph, target)
    left_s = weights.arc_s(arc) * (share if arc & 1 else 1.0 - share)
    return tails, np.maximum(seconds - left_s, SHORTEST_MOVE_S)


def travel_times_to(
    graph: RoadGraph,
    weights: TravelWeights,
    target: Snap,
    sources: Snaps,
    *,
    cutoff_s: float | None = None,
    enough: int | None = None,
) -> Floats:
    """Seconds from each source to the target; infinite means that no road leads there.

    Without `cutoff_s` a large network is searched cell by cell where its weights have cells. With `cutoff_s` the
    search starts that wide and widens threefold until `enough` sources (default: all) are reached or the graph is
    exhausted; then infinite means "not among the `enough` nearest, or no way". The times that are given are exact
    either way, by cells to a thousandth of a second.
    """
    if cutoff_s is None and weights.cells is not None:
        return _by_cells(graph, weights, weights.cells, target, sources)
    wanted = len(sources) if enough is None else min(enough, len(sources))
    reach = cutoff_s
    # Beyond a day's drive nothing is gained by stopping early.
    while reach is not None and reach < 86_400.0:
        seconds = search_to(graph, weights, target, cutoff_s=reach).travel_s(sources)
        if int(np.isfinite(seconds).sum()) >= wanted:
            return seconds
        reach *= WIDENING
    return search_to(graph, weights, target).travel_s(sources)


def _by_cells(graph: RoadGraph, weights: TravelWeights, cells: Cells, target: Snap, sources: Snaps) -> Floats:
    if not len(sources):
        return np.zeros(0)
    states = weights.moves.state_of[np.concatenate([2 * sources.link, 2 * sources.link + 1])]
    is_driven = states >= 0
    end_s = np.full(len(states), np.inf)
    end_s[is_driven] = cells.seconds_from(states[is_driven], *tails_of(graph, weights, target))
    return np.asarray(np.min(choices_of(graph, weights, target, sources, *np.split(end_s, 2)), axis=0))


def travel_matrix(
    graph: RoadGraph,
    weights: TravelWeights,
    sources: Snaps,
    targets: Snaps,
    *,
    cutoff_s: float | None = None,
    spread: Spread = map,
) -> Floats:
    """Seconds from each of n sources to each of m targets, shape (n, m): what planning asks.

    One search backward from each target answers a whole column, so ask with the fewer places as targets.
    Infinite means no way, or farther than `cutoff_s`. The diagonal of a matrix of places with themselves is 0.
    `spread` shares out the columns: the `map` of a pool of threads does them side by side, since the compiled search
    lets the interpreter go; the numbers are the same.

    Raises ValueError as `search_to`.
    """

    def column(row: int) -> Floats:
        if cutoff_s is None:
            return travel_times_to(graph, weights, targets[row], sources)
        return search_to(graph, weights, targets[row], cutoff_s=cutoff_s).travel_s(sources)

    columns = list(spread(column, range(len(targets))))
    return np.stack(columns, axis=1) if columns else np.zeros((len(sources), 0))
