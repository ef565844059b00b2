"""The courses units can take through a block's calls, as a net in which the bound by hindsight looks for ways.

A place in the net is a kind of units at a call, having come there within a box of time, or at home when a call can be
sent to. An arc says that somebody who was at the one may be at the other next. Every real course is a way through the
net: boxes hold their ends, and an arc is left out only where no moment of the one box leads into the other.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from anlan.engines.simulation.hindsight_stops import Stops
from anlan.engines.simulation.world import Bools, Floats, Ints

BOX_S, LATE_BOX_S = 30.0, 60.0
"""How long the boxes of arrivals in time and of late ones are, where there are not too many."""
MOST_BOXES = 40
"""Boxes in time, and late ones, of one call at the most: beyond it they are made longer."""
EDGE_S = 1e-6
Number = TypeVar("Number", bound=np.generic)
Arcs = tuple[Ints, Ints, Floats]
"""From which place to which, and the seconds between two arrivals at the least, infinite where that says nothing."""


@dataclass(frozen=True, eq=False)
class Net:
    """All kinds' nets in one, places in an order in which they can be reckoned.

    By place: `call` (-1 at home), `kind`, `since_s` when its box begins, and `is_late`. What leads to place p is
    `source[first[p]:first[p + 1]]`. A piece is (from place, until place, how often it must be gone through).
    Place 0 stands for what can't be, place 1 + k for kind k before its first call.
    """

    call: Ints
    kind: Ints
    since_s: Floats
    is_late: Bools
    source: Ints
    first: Ints
    pieces: tuple[tuple[int, int, int], ...]
    kinds: int


@dataclass(frozen=True, eq=False)
class _Boxes:
    """The boxes of all calls one after the other: call j's begin at `begin[j]`, the first `n_in[j]` are in time.

    By box: `call`, `low_s` and `high_s` its ends, `is_late`.
    """

    begin: Ints
    n_in: Ints
    count: Ints
    in_s: Floats
    late_s: Floats
    call: Ints
    low_s: Floats
    high_s: Floats
    is_late: Bools
    stops: Stops

    @property
    def widest_s(self) -> float:
        return float(max(self.in_s.max(), self.late_s.max()))

    def at(self, call: Ints, moment: Floats) -> Ints:
        """The box, counted within its call, that holds a moment; the last where it lies beyond."""
        stops = self.stops
        is_in = (moment <= stops.due_s[call]) & (self.n_in[call] > 0)
        within = np.floor((moment - stops.sent_s[call]) / self.in_s[call])
        beyond = np.floor((moment - np.maximum(stops.due_s, stops.sent_s)[call]) / self.late_s[call])
        late = self.n_in[call] + np.maximum(beyond, 0.0)
        box = np.where(is_in, np.minimum(within, self.n_in[call] - 1), late)
        return np.clip(box, 0, self.count[call] - 1).astype(np.int64)

    def over(self, call: Ints, low_s: Floats, high_s: Floats, *, is_first: bool) -> tuple[Ints, Ints]:
        """The boxes a span of moments touches, or the first of them alone: (row, box)."""
        begin = self.at(call, low_s - EDGE_S)
        end = begin if is_first else np.maximum(self.at(call, high_s + EDGE_S), begin)
        row, box = _ragged(begin, end + 1)
        return row, self.begin[call[row]] + box


def net_of(kinds: list[Stops], *, is_loose: bool) -> Net:
    """The net of all kinds of units, whose calls are the same.

    `is_loose` says that a unit may be sent later than a call asks, and from any place it passed: then to be somewhere
    sooner leaves open all that being there later does.
    """
    n, boxes = len(kinds[0].sent_s), _boxes(kinds[0])
    each, base = len(boxes.call) + n, 1 + len(kinds)
    arcs: list[Arcs] = []
    for kind, stops in enumerate(kinds):
        offset = base + kind * each
        homes = offset + len(boxes.call) + np.arange(n)
        arcs.append(_from_start(stops, boxes, (1 + kind, offset), homes, is_first=is_loose))
        arcs.append(_onward(stops, boxes, offset, is_loose=is_loose))
        arcs.append(_homeward(stops, boxes, offset, homes))
    places = base + len(kinds) * each
    nowhere = (np.zeros(places, dtype=np.int64), np.arange(places), np.full(places, np.inf))
    keys = _by_place(boxes.low_s, kinds[0].sent_s, len(kinds), before=-np.inf)
    is_box = _by_place(np.ones(len(boxes.call)), np.zeros(n), len(kinds), before=0.0)
    order = np.lexsort((is_box, keys))
    rank = np.empty(places, dtype=np.int64)
    rank[order] = np.arange(places)
    source, goal, hop = (np.concatenate(parts) for parts in zip(*arcs, nowhere, strict=True))
    source, goal = rank[source], rank[goal]
    by_goal = np.argsort(goal, kind="stable")
    source, goal, hop = source[by_goal], goal[by_goal], hop[by_goal]
    first = np.searchsorted(goal, np.arange(places + 1))
    none = np.full(n, -1)
    number = np.repeat(np.arange(len(kinds)), each)
    return Net(
        call=_by_place(boxes.call, none, len(kinds), before=-1)[order],
        kind=np.concatenate([[-1], np.arange(len(kinds)), number])[order],
        since_s=np.where(np.isfinite(keys), keys, 0.0)[order],
        is_late=_by_place(boxes.is_late, np.zeros(n, dtype=bool), len(kinds), before=False)[order],
        source=source.astype(np.int32),
        first=first,
        pieces=_pieces(source, goal, hop, first, base, keys[order], is_box[order], boxes.widest_s),
        kinds=len(kinds),
    )


def _by_place(of_boxes: NDArray[Number], of_homes: NDArray[Number], kinds: int, *, before: float) -> NDArray[Number]:
    """What every place is, from what boxes are, what homes are, and what places before all calls are."""
    tiled = np.tile(np.concatenate([of_boxes, of_homes]), kinds)
    return np.concatenate([np.full(1 + kinds, before, dtype=tiled.dtype), tiled])


def _boxes(stops: Stops) -> _Boxes:
    begin_s, due_s = stops.sent_s, np.minimum(stops.due_s, stops.last_s)
    late_s = np.maximum(stops.due_s, begin_s)
    spans = np.maximum(due_s - begin_s, 0.0), np.maximum(stops.last_s - late_s, 0.0)
    wide = [np.maximum(box, span / MOST_BOXES) for box, span in zip((BOX_S, LATE_BOX_S), spans, strict=True)]
    n_in, n_late = (np.ceil(span / width - EDGE_S).astype(np.int64) for span, width in zip(spans, wide, strict=True))
    n_in = np.maximum(n_in, stops.due_s >= begin_s)
    n_late = np.maximum(n_late, n_in == 0)
    count = n_in + n_late
    begin = np.cumsum(count) - count
    call, number = _ragged(np.zeros(len(count), dtype=np.int64), count)
    is_late = number >= n_in[call]
    from_s = np.where(is_late, late_s[call], begin_s[call])
    width = np.where(is_late, wide[1][call], wide[0][call])
    low_s = from_s + width * np.where(is_late, number - n_in[call], number)
    most_s = np.where(is_late, np.maximum(stops.last_s[call], low_s), due_s[call])
    return _Boxes(
        begin, n_in, count, wide[0], wide[1], call, low_s, np.minimum(low_s + width, most_s), is_late, stops
    )


def _ragged(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """For each row the numbers from its begin to before its end: (row, number)."""
    count = np.maximum(end - begin, 0)
    row = np.repeat(np.arange(len(begin)), count)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + begin[row]


def _from_start(stops: Stops, boxes: _Boxes, own: tuple[int, int], homes: Ints, *, is_first: bool) -> Arcs:
    """Along the line at home, from it to calls, and to calls from where the block before has left a unit."""
    start, offset = own
    goes = np.flatnonzero(stops.sent_s + stops.home_s <= stops.last_s + EDGE_S)
    moment = (stops.sent_s + stops.home_s)[goes]
    row, box = boxes.over(goes, moment, moment, is_first=is_first)
    strays = np.flatnonzero(stops.sent_s + stops.stray_s <= stops.last_s + EDGE_S)
    _, stray = boxes.over(strays, (stops.sent_s + stops.stray_s)[strays], stops.last_s[strays], is_first=False)
    source = np.concatenate([[start], homes[:-1], homes[goes[row]], np.full(len(stray), start)])
    goal = np.concatenate([homes, offset + box, offset + stray])
    return source, goal, np.full(len(source), np.inf)


def _homeward(stops: Stops, boxes: _Boxes, offset: int, homes: Ints) -> Arcs:
    """Home before the first call that can be sent to after that."""
    bound_s = (stops.least_s + stops.trip_s)[boxes.call]
    place = np.searchsorted(stops.sent_s, boxes.low_s + bound_s - EDGE_S)
    which = np.flatnonzero(place < len(homes))
    return offset + which, homes[place[which]], bound_s[which]


def _onward(stops: Stops, boxes: _Boxes, offset: int, *, is_loose: bool) -> Arcs:
    """From a call straight to the next: from its spot where that one waits already, else from the way home."""
    free_s = boxes.low_s + stops.least_s[boxes.call]
    most_s = (stops.last_s[boxes.call] if is_loose else boxes.high_s) + stops.most_s[boxes.call]
    since = np.searchsorted(stops.last_s, free_s - EDGE_S)
    until = np.searchsorted(stops.sent_s, most_s + stops.trip_s[boxes.call] + EDGE_S, side="right")
    row, to = _ragged(since, until)
    other = to != boxes.call[row]
    row, to = row[other], to[other]
    by, sent_s = boxes.call[row], stops.sent_s[to]
    hop = stops.nearest_s[by, to]
    if is_loose:
        low_s = high_s = np.maximum(free_s[row], sent_s) + hop
    else:
        low_s, high_s = _span(stops, by, to, free_s[row], most_s[row])
    fits = low_s <= stops.last_s[to] + EDGE_S
    row, to, low_s, high_s, hop = row[fits], to[fits], low_s[fits], high_s[fits], hop[fits]
    which, box = boxes.over(to, low_s, np.minimum(high_s, stops.last_s[to]), is_first=is_loose)
    return offset + row[which], offset + box, (stops.least_s[boxes.call[row]] + hop)[which]


def _span(stops: Stops, by: Ints, to: Ints, free_s: Floats, most_s: Floats) -> tuple[Floats, Floats]:
    """When a unit that is free between two moments can be at the next call: soonest and latest."""
    sent_s, trip_s = stops.sent_s[to], stops.trip_s[by]
    waits = most_s >= sent_s - EDGE_S
    spot = stops.spot_s[by, to]
    low, high = np.maximum(free_s, sent_s) + spot, most_s + spot
    gone, gone_most = np.maximum(sent_s - most_s, 0.0), np.minimum(sent_s - free_s, trip_s)
    drives = (gone_most >= -EDGE_S) & (gone <= trip_s + EDGE_S)
    least, most = _along(stops, by, to, gone, np.maximum(gone_most, 0.0))
    return (
        np.minimum(np.where(waits, low, np.inf), np.where(drives, sent_s + least, np.inf)),
        np.maximum(np.where(waits, high, -np.inf), np.where(drives, sent_s + most, -np.inf)),
    )


def _along(stops: Stops, by: Ints, to: Ints, since: Floats, until: Floats) -> tuple[Floats, Floats]:
    """Least and most seconds to a call for somebody gone between `since` and `until` seconds of a way home."""
    begin, half, end = (stops.road_s[place][by, to] for place in range(3))
    via, rest = stops.via_s[by], (stops.trip_s - stops.via_s)[by]

    def at(gone: Floats) -> Floats:
        before = begin + (half - begin) * np.minimum(gone / np.where(via > 0.0, via, 1.0), 1.0)
        after = half + (end - half) * np.clip((gone - via) / np.where(rest > 0.0, rest, 1.0), 0.0, 1.0)
        return np.where(gone < via, before, after)

    one, two = at(since), at(until)
    middle = np.where((since <= via) & (via <= until), half, one)
    return np.minimum(np.minimum(one, two), middle), np.maximum(np.maximum(one, two), middle)


def _pieces(
    source: Ints, goal: Ints, hop: Floats, first: Ints, base: int, keys: Floats, is_box: Floats, widest_s: float
) -> tuple[tuple[int, int, int], ...]:
    """Places one after the other in pieces without an arc inside; where one must be, gone through often enough."""
    back = np.flatnonzero((source >= goal) & (source >= base))
    joined: list[list[int]] = []
    for low, high in sorted(zip(goal[back].tolist(), source[back].tolist(), strict=True)):
        if joined and low <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], high)
        else:
            joined.append([low, high])
    newest = np.maximum.reduceat(source, first[:-1]).tolist()
    ends = {low: high + 1 for low, high in joined}
    pieces, begin, place = [], base, base
    while place < len(newest):
        if (end := ends.get(place)) is not None:
            pieces += [(begin, place, 1)] if place > begin else []
            arcs = slice(first[place], first[end])
            inside = hop[arcs][(source[arcs] >= place) & np.isfinite(hop[arcs])]
            span_s = float(keys[place:end].max() - keys[place:end].min()) + widest_s
            pieces.append((place, end, _often(inside, span_s, is_box[place:end])))
            begin = place = end
            continue
        if newest[place] >= begin:
            pieces.append((begin, place, 1))
            begin = place
        place += 1
    return (*pieces, (begin, place, 1)) if place > begin else tuple(pieces)


def _often(hops: Floats, span_s: float, is_box: Floats) -> int:
    """How many arcs can follow one another within a piece: by the seconds it spans, and by its places at home."""
    least_s = float(hops.min()) if len(hops) else np.inf
    homes = int((is_box == 0.0).sum())
    return int(min(homes + 2.0 + 2.0 * np.ceil(span_s / max(least_s, EDGE_S)), len(is_box)))
