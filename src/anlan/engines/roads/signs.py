"""Signs at junctions: which turns they forbid, to whom and when, also over more than two roads.

A sign that leads over ways ("not from A over B into C") forbids nothing at one junction: whether C may be entered
from B depends on where one came from. So B gets a second row of turns for whoever came from A, a *copy*; turns
from A into B lead to the copy, and only the turn from the copy into C is barred. Copies are known by the arcs
driven, (A, B) or (A, B1, B2) where a sign leads over several links; two signs that share a beginning share it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.ways import WHEELS

MOST_VIA_LINKS = 24
"""A sign that leads over more links than this is not believed."""

Ints = NDArray[np.int64]
Bans = dict[tuple[int, int], list[tuple[int, str]]]
"""For a turn (before, after): the access bits barred, and when ("" always)."""


@dataclass(frozen=True, slots=True)
class _Sign:
    come_from: int
    via_node: int
    via_ways: tuple[int, ...]
    go_to: int
    kind: str
    binds: int
    hours: str


@dataclass(frozen=True, eq=False)
class _Streets:
    """What signs are placed by: per arc its ends and the map ways it begins and ends on."""

    tail: Ints
    head: Ints
    first_way: Ints
    last_way: Ints
    leaving: dict[int, list[int]]
    entering: dict[int, list[int]]


@dataclass(frozen=True, eq=False)
class SignedTurns:
    """All turns (`come_from`, `go_to`) with copies among them, and the bans; arcs from `n_arcs` on are copies."""

    come_from: Ints
    go_to: Ints
    copy_of: Ints
    bans: Bans


def signed_turns(graph: RoadGraph, come_from: Ints, go_to: Ints, tail: Ints, head: Ints) -> SignedTurns:
    """Place the signs of a graph on its turns; ``tail`` and ``head`` are the junctions of each arc."""
    signs = list(_signs(graph))
    if not signs:
        return SignedTurns(come_from, go_to, np.zeros(0, dtype=np.int64), {})
    streets = _streets(graph, signs, tail, head)
    node_of = {int(ref): node for node, ref in enumerate(graph.node_ref.tolist())}
    bans: Bans = defaultdict(list)
    over: dict[tuple[int, ...], list[_Sign]] = defaultdict(list)
    for sign in signs:
        if sign.via_ways:
            for chain in _chains_over(streets, sign):
                over[chain].append(sign)
        elif sign.via_node in node_of:
            node = node_of[sign.via_node]
            for before in streets.entering.get(node, ()):
                if streets.last_way[before] == sign.come_from:
                    for after in streets.leaving.get(node, ()):
                        _forbid(bans, streets, sign, (before, after), before, after)
    return _with_copies(streets, over, bans, come_from, go_to, n_arcs=len(tail))


def _signs(graph: RoadGraph) -> Iterator[_Sign]:
    for row, kind in enumerate(graph.restriction_kind):
        yield _Sign(
            int(graph.restriction_from[row]),
            int(graph.restriction_via[row]),
            graph.restriction_via_ways[row] if graph.restriction_via_ways else (),
            int(graph.restriction_to[row]),
            kind,
            int(graph.restriction_for[row]) if len(graph.restriction_for) else int(WHEELS),
            graph.restriction_hours[row] if graph.restriction_hours else "",
        )


def _streets(graph: RoadGraph, signs: list[_Sign], tail: Ints, head: Ints) -> _Streets:
    """The arcs at junctions where something named by a sign meets; all others don't matter here."""
    first_way = np.stack([graph.link_way_first, graph.link_way_last], axis=1).reshape(-1)
    last_way = np.stack([graph.link_way_last, graph.link_way_first], axis=1).reshape(-1)
    named = {way for sign in signs for way in (sign.come_from, sign.go_to, *sign.via_ways)}
    ways = np.array(sorted(named), dtype=np.int64)
    touched = np.isin(first_way, ways) | np.isin(last_way, ways)
    nodes = np.unique(np.concatenate([tail[touched], head[touched]]))
    leaving: dict[int, list[int]] = defaultdict(list)
    entering: dict[int, list[int]] = defaultdict(list)
    for arc in np.flatnonzero(np.isin(tail, nodes)).tolist():
        leaving[int(tail[arc])].append(arc)
        entering[int(head[arc ^ 1])].append(arc ^ 1)
    return _Streets(tail, head, first_way, last_way, leaving, entering)


def _chains_over(streets: _Streets, sign: _Sign) -> Iterator[tuple[int, ...]]:
    """The arcs driven under a sign that leads over ways, from the road before to the last one over."""
    starts = np.flatnonzero(streets.last_way == sign.come_from).tolist()
    for start in starts:
        way_at = 0
        front: list[tuple[tuple[int, ...], int]] = [((start,), way_at)]
        while front:
            chain, way_at = front.pop()
            node = int(streets.head[chain[-1]])
            is_over = len(chain) > 1 and way_at == len(sign.via_ways) - 1
            if is_over and any(streets.first_way[arc] == sign.go_to for arc in streets.leaving.get(node, ())):
                yield chain
                continue
            if len(chain) > MOST_VIA_LINKS:
                continue
            for arc in streets.leaving.get(node, ()):
                way = streets.first_way[arc]
                if way != streets.last_way[arc] or arc == chain[-1] ^ 1 or arc in chain:
                    continue
                if way == sign.via_ways[way_at]:
                    front.append(((*chain, arc), way_at))
                elif len(chain) > 1 and way_at + 1 < len(sign.via_ways) and way == sign.via_ways[way_at + 1]:
                    front.append(((*chain, arc), way_at + 1))


def _forbid(bans: Bans, streets: _Streets, sign: _Sign, turn: tuple[int, int], before: int, after: int) -> None:
    """Note a turn as forbidden where the sign means it; ``turn`` may name copies, ``before`` and ``after`` arcs."""
    named = int(streets.first_way[after]) == sign.go_to and _is_meant(sign, before, after)
    if named if sign.kind.startswith("no_") else sign.kind.startswith("only_") and not named:
        bans[turn].append((sign.binds, sign.hours))


def _is_meant(sign: _Sign, before: int, after: int) -> bool:
    """Whether a turn between the two roads of a sign is the one it speaks of."""
    turns_round = after == before ^ 1
    if sign.via_ways:
        return not turns_round
    if sign.kind.endswith("u_turn"):
        # A road goes on under its own number too; only turning round on it is meant.
        return turns_round or sign.come_from != sign.go_to
    return not turns_round


def _with_copies(
    streets: _Streets,
    over: dict[tuple[int, ...], list[_Sign]],
    bans: Bans,
    come_from: Ints,
    go_to: Ints,
    *,
    n_arcs: int,
) -> SignedTurns:
    """Lead turns under signs over ways through copies of the roads between."""
    begun = sorted({chain[: length + 1] for chain in over for length in range(1, len(chain))})
    if not begun:
        return SignedTurns(come_from, go_to, np.zeros(0, dtype=np.int64), bans)
    copy = {chain: n_arcs + number for number, chain in enumerate(begun)}
    tails, heads = come_from.copy(), go_to.copy()
    more: list[tuple[int, int]] = []
    before = sorted({chain[0] for chain in begun})
    rows: dict[tuple[int, ...], int] = {
        (int(come_from[row]), int(go_to[row])): row for row in np.flatnonzero(np.isin(come_from, before)).tolist()
    }
    for chain, number in copy.items():
        if len(chain) == 2 and chain in rows:
            heads[rows[chain]] = number
            if chain in bans:
                bans[chain[0], number] = bans[chain]
    for chain, number in copy.items():
        last = chain[-1]
        for after in streets.leaving.get(int(streets.head[last]), ()):
            onward = copy.get((*chain, after), copy.get((last, after), after))
            more.append((number, onward))
            bans[number, onward] = [*bans.get((last, after), [])]
            for sign in over.get(chain, ()):
                _forbid(bans, streets, sign, (number, onward), last, after)
    extra = np.array(more, dtype=np.int64).reshape(-1, 2)
    return SignedTurns(
        np.concatenate([tails, extra[:, 0]]),
        np.concatenate([heads, extra[:, 1]]),
        np.array([chain[-1] for chain in begun], dtype=np.int64),
        {turn: signs for turn, signs in bans.items() if signs},
    )
