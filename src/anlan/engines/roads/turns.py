"""Going on from one road to the next: every turn of the network, how sharp it is, and whether it is forbidden."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from opening_hours import OpeningHours

from anlan.engines.geo.distance import bearing_deg
from anlan.engines.roads.graph import RoadGraph, Turns
from anlan.engines.roads.signs import Bans, signed_turns
from anlan.engines.roads.ways import Access

ROWS_AT_ONCE = 65_536

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
    np.zeros(0, dtype=np.uint8),
    np.zeros(0, dtype=np.int64),
    np.zeros(0, dtype=np.int64),
    np.zeros(0, dtype=np.uint8),
    np.zeros(0, dtype=np.int32),
    (),
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
    signed = signed_turns(graph, come_from, go_to, tail, head)
    order = np.lexsort((signed.come_from, signed.go_to))
    come_from, go_to = signed.come_from[order], signed.go_to[order]
    real = np.concatenate([arcs, signed.copy_of])
    before, after = real[come_from], real[go_to]
    entering_deg, leaving_deg = _headings(graph)
    angle = (leaving_deg[after] - entering_deg[before] + 180.0) % 360.0 - 180.0
    turns = Turns(
        indptr=np.concatenate([[0], np.cumsum(np.bincount(go_to, minlength=len(real)))]).astype(np.int64),
        come_from=come_from.astype(np.int32),
        angle_cdeg=np.round(100.0 * angle).astype(np.int16),
        is_plain=(n_leaving[head[before]] <= 2) & (after != before ^ 1),
        barred_for=np.zeros(len(come_from), dtype=np.uint8),
        copy_of=signed.copy_of,
        timed_turn=np.zeros(0, dtype=np.int64),
        timed_for=np.zeros(0, dtype=np.uint8),
        timed_hours=np.zeros(0, dtype=np.int32),
        hours=(),
    )
    return _with_bans(turns, signed.bans)


def _with_bans(turns: Turns, bans: Bans) -> Turns:
    """Turns with what signs forbid: at all hours, and at some."""
    barred = turns.barred_for.copy()
    timed: list[tuple[int, int, str]] = []
    for (before, after), signs in bans.items():
        start = int(turns.indptr[after])
        at = np.flatnonzero(turns.come_from[start : int(turns.indptr[after + 1])] == before)
        for binds, when in signs if at.size else ():
            if when:
                timed.append((start + int(at[0]), binds, when))
            else:
                barred[start + int(at[0])] |= binds
    hours = sorted({each for _, _, each in timed})
    return replace(
        turns,
        barred_for=barred,
        timed_turn=np.array([turn for turn, _, _ in timed], dtype=np.int64),
        timed_for=np.array([binds for _, binds, _ in timed], dtype=np.uint8),
        timed_hours=np.array([hours.index(each) for _, _, each in timed], dtype=np.int32),
        hours=tuple(hours),
    )


def turn_seconds(
    turns: Turns, rules: TurnRules, *, access: Access = Access.CAR, local_time: datetime | None = None
) -> NDArray[np.float32]:
    """Seconds of each turn under these rules; a forbidden one is infinite where the signs bind.

    Signs with hours bind while those hours run at ``local_time`` (a naive local time); without one they don't.
    """
    real = np.concatenate([np.arange(len(turns.indptr) - 1 - len(turns.copy_of)), turns.copy_of])
    seconds = np.empty(len(turns.come_from), dtype=np.float32)
    # A stretch at a time: a province has millions of turns, and none of the steps between need be kept.
    for low in range(0, len(real), ROWS_AT_ONCE):
        rows = np.arange(low, min(low + ROWS_AT_ONCE, len(real)))
        span = slice(int(turns.indptr[rows[0]]), int(turns.indptr[rows[-1] + 1]))
        go_to = np.repeat(real[rows], np.diff(turns.indptr[rows[0] : rows[-1] + 2]))
        seconds[span] = _made_s(
            rules, turns.angle_cdeg[span], go_to, real[turns.come_from[span]], turns.is_plain[span]
        )
    if rules.obeys_bans:
        seconds[(turns.barred_for & int(access)) > 0] = np.inf
        run = np.array([_runs(hours, local_time) for hours in turns.hours], dtype=bool)
        bound = (turns.timed_for & int(access)) > 0
        seconds[turns.timed_turn[bound & run[turns.timed_hours]]] = np.inf
    return seconds


def _made_s(
    rules: TurnRules,
    angle_cdeg: NDArray[np.int16],
    go_to: Ints,
    come_from: Ints,
    is_plain: NDArray[np.bool_],
) -> Floats:
    """Seconds of turns that nobody forbids, from their angles and the arcs they join."""
    sharp = np.abs(angle_cdeg.astype(np.float64)) / 100.0
    to_far_side = (angle_cdeg < 0) == rules.drives_right
    share = np.minimum((sharp - rules.straight_deg) / (90.0 - rules.straight_deg), 1.0)
    seconds = np.where(to_far_side, rules.far_s, rules.near_s) * np.maximum(share, 0.0)
    seconds[come_from == go_to ^ 1] = rules.back_s
    seconds[is_plain] = 0.0
    return np.asarray(seconds, dtype=np.float64)


def hours_running(graph: RoadGraph, local_time: datetime) -> tuple[str, ...]:
    """The hours written on signs of this graph that run now; while they stay the same, so do its turns."""
    return tuple(hours for hours in graph.turns.hours if _runs(hours, local_time))


def _runs(hours: str, local_time: datetime | None) -> bool:
    return local_time is not None and bool(OpeningHours(hours).is_open(local_time))


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
