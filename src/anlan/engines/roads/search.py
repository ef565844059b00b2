"""Travel times from everywhere to one place: a single search backward from the call."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.snap import Snap, Snaps
from anlan.engines.roads.weights import TravelWeights

WIDENING = 3.0
"""Each further look reaches this many times as far."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReverseSearch:
    """Seconds from every junction to `target`, as far as `reached_s`.

    `node_s` is infinite beyond the reach and where no road leads. `node_next` is the next
    junction on the quickest way, `graph.n_nodes` when the target's own link comes next,
    and negative where there is no way.
    """

    graph: RoadGraph
    weights: TravelWeights
    target: Snap
    reached_s: float
    node_s: Floats
    node_next: NDArray[np.int32]

    def travel_s(self, sources: Snaps) -> Floats:
        """Seconds from each source to the target, infinite beyond the reach or without a way.

        The way from the coordinate to the road (`distance_m` of both snaps) is not in it.
        """
        best = np.min(self.choices(sources), axis=0) if len(sources) else np.zeros(0)
        # A time beyond the reach may still be beaten by a way not yet seen.
        return np.asarray(np.where(best <= self.reached_s, best, np.inf))

    def choices(self, sources: Snaps) -> tuple[Floats, Floats, Floats]:
        """Seconds when leaving by the link's end, by its start, or staying on the link."""
        graph, weights = self.graph, self.weights
        link = sources.link
        share = np.clip(sources.offset_m / graph.link_length_m[link], 0.0, 1.0)
        forward_s, backward_s = weights.forward_s[link], weights.backward_s[link]
        by_end = part_s(1.0 - share, forward_s) + self.node_s[graph.link_to[link]]
        by_start = part_s(share, backward_s) + self.node_s[graph.link_from[link]]
        target_share = min(max(self.target.offset_m / graph.link_length_m[self.target.link], 0.0), 1.0)
        ahead = target_share - share
        staying = np.where(ahead >= 0.0, part_s(ahead, forward_s), part_s(-ahead, backward_s))
        # Standing at the very spot needs no permitted direction.
        staying = np.where(ahead == 0.0, 0.0, staying)
        return by_end, by_start, np.where(link == self.target.link, staying, np.inf)


def part_s(share: Floats, link_s: Floats) -> Floats:
    """Seconds for a share of a link; infinite stays infinite even for a share of nothing."""
    return np.where(np.isfinite(link_s), np.maximum(share, 0.0) * np.where(np.isfinite(link_s), link_s, 0.0), np.inf)


def search_to(
    graph: RoadGraph, weights: TravelWeights, target: Snap, *, cutoff_s: float | None = None
) -> ReverseSearch:
    """Search backward from `target` over the whole graph, or as far as `cutoff_s` seconds.

    Cost: one Dijkstra over the junctions, whatever the number of units.

    Raises ValueError when the vehicle cannot use the target's link at all: snap the target
    with `usable=weights.usable`.
    """
    if not weights.usable[target.link]:
        raise ValueError(f"link {target.link} cannot be used by {weights.vehicle} in {weights.mode} mode")
    n = graph.n_nodes
    entries = entry_seconds(graph, weights, target)
    tails = np.array(sorted(entries), dtype=np.int32)
    seconds = np.array([entries[int(tail)] for tail in tails], dtype=np.float64)
    rows = csr_array(
        (
            np.concatenate([weights.arc_s, seconds]),
            np.concatenate([weights.arc_tail, tails]),
            np.concatenate([weights.arc_indptr, [weights.arc_indptr[-1] + len(tails)]]).astype(np.int32),
        ),
        shape=(n + 1, n + 1),
    )
    reach = np.inf if cutoff_s is None else float(cutoff_s)
    node_s, node_next = dijkstra(rows, directed=True, indices=n, return_predecessors=True, limit=reach)
    return ReverseSearch(graph, weights, target, reach, node_s[:n], node_next[:n])


def entry_seconds(graph: RoadGraph, weights: TravelWeights, target: Snap) -> dict[int, float]:
    """Seconds from the ends of the target's link to the target, by junction."""
    link = target.link
    share = min(max(target.offset_m / float(graph.link_length_m[link]), 0.0), 1.0)
    start, end = int(graph.link_from[link]), int(graph.link_to[link])
    entries: dict[int, float] = {}
    for node, seconds, part in (
        (start, float(weights.forward_s[link]), share),
        (end, float(weights.backward_s[link]), 1.0 - share),
    ):
        if np.isfinite(seconds):
            entries[node] = min(entries.get(node, np.inf), part * seconds)
    return entries


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

    With `cutoff_s` the search starts that wide and widens threefold until `enough`
    sources (default: all) are reached or the graph is exhausted; then infinite means
    "not among the `enough` nearest, or no way". The times that are given are always exact.
    """
    wanted = len(sources) if enough is None else min(enough, len(sources))
    reach = cutoff_s
    # Beyond a day's drive nothing is gained by stopping early.
    while reach is not None and reach < 86_400.0:
        seconds = search_to(graph, weights, target, cutoff_s=reach).travel_s(sources)
        if int(np.isfinite(seconds).sum()) >= wanted:
            return seconds
        reach *= WIDENING
    return search_to(graph, weights, target).travel_s(sources)
