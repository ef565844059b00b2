"""Going on from one road to the next: every turn of the network, how sharp it is, and whether it is forbidden."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.geo.distance import bearing_deg
from anlan.engines.roads.graph import RoadGraph, Turns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TurnRules:
    """Seconds a turn costs, and whether the signs bind.

    Within `straight_deg` of straight on a turn is free. `near_s` is the full turn to the side one drives
    on, `far_s` the one across oncoming traffic, both at a right angle and half of it at half the angle;
    `back_s` is turning round. Where only two roads meet nothing is paid but for turning round.
    `obeys_bans` tells whether turns a sign forbids are left out.

    The seconds are judgement of the size open routing engines use (some 7 s for a turn across, 20 s for
    turning round, under ordinary rules); a city replaces them once it has its own trips.
    """

    straight_deg: float = 30.0
    near_s: float = 2.0
    far_s: float = 6.0
    back_s: float = 20.0
    drives_right: bool = True
    obeys_bans: bool = True

    def __post_init__(self) -> None:
        if min(self.near_s, self.far_s, self.back_s) < 0.0 or not 0.0 <= self.straight_deg < 90.0:
            raise ValueError(f"turns cost no less than nothing, and straight on lies below 90 degrees: {self}")


FREE_TURNS = TurnRules(near_s=0.0, far_s=0.0, back_s=0.0, obeys_bans=False)
"""Every turn allowed and without cost, as for a walker."""


NO_TURNS = Turns(
    np.zeros(1, dtype=np.int64),
    np.zeros(0, dtype=np.int32),
    np.zeros(0, dtype=np.int16),
    np.zeros(0, dtype=bool),
    np.zeros(0, dtype=bool),
)
"""For a graph whose turns have not been worked out yet."""


def turns_of(graph: RoadGraph) -> Turns:
    """All turns of a graph: for every arc the arcs that leave the junction it leads to.

    Arc 2k drives link k forward, 2k + 1 backward, whoever may do so; turning round on the spot is among
    the turns. Cost: one row per pair of roads at a junction.
    """
    arcs = np.arange(2 * graph.n_links, dtype=np.int64)
    tail, head = _ends(graph)
    leaving = np.argsort(tail, kind="stable")
    n_leaving = np.bincount(tail, minlength=graph.n_nodes)
    first_leaving = np.concatenate([[0], np.cumsum(n_leaving)])
    count = n_leaving[head]
    come_from = np.repeat(arcs, count)
    rank = np.arange(len(come_from)) - np.repeat(np.cumsum(count) - count, count)
    go_to = leaving[first_leaving[head[come_from]] + rank]
    order = np.lexsort((come_from, go_to))
    come_from, go_to = come_from[order], go_to[order]
    entering_deg, leaving_deg = _headings(graph)
    angle = (leaving_deg[go_to] - entering_deg[come_from] + 180.0) % 360.0 - 180.0
    return Turns(
        indptr=np.concatenate([[0], np.cumsum(np.bincount(go_to, minlength=len(arcs)))]).astype(np.int64),
        come_from=come_from.astype(np.int32),
        angle_cdeg=np.round(100.0 * angle).astype(np.int16),
        is_plain=(n_leaving[head[come_from]] <= 2) & (go_to != come_from ^ 1),
        is_barred=_barred(graph, come_from, go_to, head),
    )


def turn_seconds(turns: Turns, rules: TurnRules) -> Floats:
    """Seconds of each turn under these rules; a forbidden one is infinite where the signs bind."""
    go_to = np.repeat(np.arange(len(turns.indptr) - 1), np.diff(turns.indptr))
    sharp = np.abs(turns.angle_cdeg.astype(np.float64)) / 100.0
    to_far_side = (turns.angle_cdeg < 0) == rules.drives_right
    share = np.minimum((sharp - rules.straight_deg) / (90.0 - rules.straight_deg), 1.0)
    seconds = np.where(to_far_side, rules.far_s, rules.near_s) * np.maximum(share, 0.0)
    seconds[turns.come_from == go_to ^ 1] = rules.back_s
    seconds[turns.is_plain] = 0.0
    if rules.obeys_bans:
        seconds[turns.is_barred] = np.inf
    return seconds


def _ends(graph: RoadGraph) -> tuple[Ints, Ints]:
    """Junction each arc leaves and the one it leads to."""
    tail = np.stack([graph.link_from, graph.link_to], axis=1).reshape(-1).astype(np.int64)
    head = np.stack([graph.link_to, graph.link_from], axis=1).reshape(-1).astype(np.int64)
    return tail, head


def _headings(graph: RoadGraph) -> tuple[Floats, Floats]:
    """Compass degrees of each arc when it reaches its end, and when it sets out."""
    start, end = graph.link_point_indptr[:-1], graph.link_point_indptr[1:] - 1
    lon, lat = graph.point_lon, graph.point_lat
    out_deg = np.asarray(bearing_deg(lon[start], lat[start], lon[start + 1], lat[start + 1]))
    in_deg = np.asarray(bearing_deg(lon[end - 1], lat[end - 1], lon[end], lat[end]))
    entering = np.stack([in_deg, (out_deg + 180.0) % 360.0], axis=1).reshape(-1)
    leaving = np.stack([out_deg, (in_deg + 180.0) % 360.0], axis=1).reshape(-1)
    return entering, leaving


def _barred(graph: RoadGraph, come_from: Ints, go_to: Ints, head: Ints) -> NDArray[np.bool_]:
    """Turns a sign of the map forbids: "no_…" the one named, "only_…" all others from the same road."""
    barred = np.zeros(len(come_from), dtype=bool)
    if not len(graph.restriction_via):
        return barred
    last_way = np.stack([graph.link_way_last, graph.link_way_first], axis=1).reshape(-1)
    first_way = np.stack([graph.link_way_first, graph.link_way_last], axis=1).reshape(-1)
    node_of = {int(ref): node for node, ref in enumerate(graph.node_ref.tolist())}
    at_node: dict[int, list[int]] = defaultdict(list)
    signed = [node_of.get(int(via), -1) for via in graph.restriction_via.tolist()]
    for row in np.flatnonzero(np.isin(head[come_from], [node for node in signed if node >= 0])).tolist():
        at_node[int(head[come_from[row]])].append(row)
    for number, node in enumerate(signed):
        kind = graph.restriction_kind[number]
        from_way, to_way = int(graph.restriction_from[number]), int(graph.restriction_to[number])
        for row in at_node.get(node, ()):
            before, after = int(come_from[row]), int(go_to[row])
            if int(last_way[before]) != from_way:
                continue
            named = int(first_way[after]) == to_way and _is_named(kind, after == before ^ 1, from_way == to_way)
            barred[row] |= named if kind.startswith("no_") else kind.startswith("only_") and not named
    return barred


def _is_named(kind: str, turns_round: bool, same_way: bool) -> bool:
    """Whether a turn between the two roads of a sign is the one it speaks of."""
    if kind.endswith("u_turn"):
        # A road goes on under its own number too; only turning round on it is meant.
        return turns_round or not same_way
    return not turns_round
