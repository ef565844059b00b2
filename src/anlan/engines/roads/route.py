"""The way itself: its line on the map, and where a unit on it is after so many seconds."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anlan.engines.geo.distance import bearing_deg
from anlan.engines.roads.cells import Cells
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.search import ReverseSearch, choices_of, search_to, share_of, tails_of
from anlan.engines.roads.snap import Snap, Snaps
from anlan.engines.roads.weights import TravelWeights

NO_STRETCH_M = 1e-6
"""Stretches of a link shorter than this (a micrometre) are rounding, not driving."""

ROUNDING_S = 0.01
"""Times by cells are those of the plain search to a thousandth of a second."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Route:
    """A drivable way; all arrays run along its points from source to target.

    `at_m` and `at_s` are distance and seconds from the source, never falling. `links`
    are the links in driving order; `link_backward` tells which are driven from their end, `link_at_m` how far
    from the source each is entered.
    """

    lon: Floats
    lat: Floats
    at_m: Floats
    at_s: Floats
    links: NDArray[np.int64]
    link_backward: NDArray[np.bool_]
    link_at_m: Floats

    @property
    def length_m(self) -> float:
        return float(self.at_m[-1])

    @property
    def travel_s(self) -> float:
        return float(self.at_s[-1])

    def line(self) -> list[tuple[float, float]]:
        """The points as (lon, lat) pairs, ready for a GeoJSON LineString."""
        return list(zip(self.lon.tolist(), self.lat.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Piece:
    """One stretch of a link, driven from `from_m` to `to_m` (falling when backward) after a turn of `turn_s`."""

    link: int
    backward: bool
    from_m: float
    to_m: float
    turn_s: float = 0.0


def route(
    graph: RoadGraph, weights: TravelWeights, source: Snap, target: Snap, *, within_s: float | None = None
) -> Route | None:
    """The quickest way from source to target, or None when no road leads there.

    The search looks only as far as `within_s`, the travel time where it is known already; where the weights have
    cells it goes cell by cell. None too when the way takes longer.
    """
    if weights.cells is not None and (found := _by_cells(graph, weights, weights.cells, source, target)) is not None:
        seconds, pieces = found
        is_near = pieces and (within_s is None or seconds <= within_s + ROUNDING_S)
        return _drawn(graph, weights, pieces) if is_near else None
    if within_s is None:
        return route_from(search_to(graph, weights, target), source)
    if not np.isfinite(within_s):
        return None
    return route_from(search_to(graph, weights, target, cutoff_s=within_s + ROUNDING_S), source)


def _by_cells(
    graph: RoadGraph, weights: TravelWeights, cells: Cells, source: Snap, target: Snap
) -> tuple[float, list[_Piece]] | None:
    """Seconds and pieces of the quickest way, none where there is no way; None where the cells can't tell."""
    leaving = choices_of(graph, weights, target, Snaps.of([source]), np.zeros(1), np.zeros(1))
    before_s = np.concatenate(leaving)
    states = weights.moves.state_of[[2 * source.link, 2 * source.link + 1]]
    leaves = np.flatnonzero((states >= 0) & np.isfinite(before_s[:2]))
    tails = tails_of(graph, weights, target)
    told = cells.way(states[leaves], before_s[leaves], *tails) if len(leaves) else None
    if told is None and len(leaves):
        return None
    seconds, chain = told if told is not None else (np.inf, np.zeros(0, dtype=np.int32))
    if before_s[2] <= seconds:
        backward = target.offset_m < source.offset_m
        stays = [_Piece(source.link, backward, source.offset_m, target.offset_m)]
        return float(before_s[2]), stays if np.isfinite(before_s[2]) else []
    arcs = weights.moves.arc_of[chain]
    turns_s = weights.moves.turns_between_s(chain[:-1], chain[1:]).tolist()
    lengths_m = graph.link_length_m[arcs >> 1].tolist()
    rows = zip((arcs >> 1).tolist(), (arcs & 1).astype(bool).tolist(), lengths_m, [0.0, *turns_s], strict=True)
    first, *onward = (
        _Piece(link, backward, length_m * backward, length_m * (not backward), turn_s)
        for link, backward, length_m, turn_s in rows
    )
    first = replace(first, from_m=source.offset_m)
    return seconds, [first, *onward, _last_piece(graph, weights, target, int(chain[-1]))]


def route_from(search: ReverseSearch, source: Snap) -> Route | None:
    """The quickest way from source to the target of a search already made.

    One search serves the travel times of all units and the lines of the best few. None
    when the source has no way, or lies beyond the reach of the search.
    """
    choices = [float(seconds[0]) for seconds in search.choices(Snaps.of([source]))]
    by_end, by_start, staying = choices
    if not min(choices) <= search.reached_s or not np.isfinite(min(choices)):
        return None
    graph, link = search.graph, source.link
    length_m = float(graph.link_length_m[link])
    if staying <= min(by_end, by_start):
        backward = search.target.offset_m < source.offset_m
        pieces = [_Piece(link, backward, source.offset_m, search.target.offset_m)]
    elif by_end <= by_start:
        pieces = [_Piece(link, False, source.offset_m, length_m)]
        pieces += _onward(search, 2 * link)
    else:
        pieces = [_Piece(link, True, source.offset_m, 0.0)]
        pieces += _onward(search, 2 * link + 1)
    return _drawn(graph, search.weights, pieces)


def _onward(search: ReverseSearch, arc: int) -> list[_Piece]:
    """The links from the end of an arc to the target, following `state_next`."""
    graph, moves = search.graph, search.weights.moves
    pieces = []
    state = int(moves.state_of[arc])
    while (following := int(search.state_next[state])) < moves.n_states:
        link, backward = divmod(int(moves.arc_of[following]), 2)
        length_m = float(graph.link_length_m[link])
        turn_s = moves.turn_between_s(state, following)
        pieces.append(_Piece(link, bool(backward), length_m * backward, length_m * (1 - backward), turn_s))
        state = following
    return [*pieces, _last_piece(graph, search.weights, search.target, state)]


def _last_piece(graph: RoadGraph, weights: TravelWeights, target: Snap, state: int) -> _Piece:
    """From the end of a state into the target's link, by the quicker of its two directions."""
    moves = weights.moves
    share, length_m = share_of(graph, target), float(graph.link_length_m[target.link])
    found = []
    for onward, part in ((2 * target.link, share), (2 * target.link + 1, 1.0 - share)):
        for entered in moves.states_of(onward):
            turn_s = moves.turn_between_s(state, entered)
            seconds = turn_s + part * float(moves.own_s[entered]) if np.isfinite(turn_s) else np.inf
            found.append((seconds, onward, turn_s))
    _, onward, turn_s = min(found)
    backward = bool(onward & 1)
    return _Piece(target.link, backward, length_m if backward else 0.0, target.offset_m, turn_s)


def _with_stretch(pieces: list[_Piece]) -> list[_Piece]:
    """The pieces that lead somewhere; the turn into one that doesn't is made with the next."""
    if all(abs(piece.to_m - piece.from_m) > NO_STRETCH_M for piece in pieces):
        return pieces
    kept: list[_Piece] = []
    waiting_s = 0.0
    for piece in pieces:
        if abs(piece.to_m - piece.from_m) > NO_STRETCH_M:
            kept.append(replace(piece, turn_s=piece.turn_s + waiting_s) if waiting_s else piece)
            waiting_s = 0.0
        else:
            waiting_s += piece.turn_s
    if not kept:
        return [replace(pieces[0], turn_s=waiting_s)]
    if waiting_s:
        kept[-1] = replace(kept[-1], turn_s=kept[-1].turn_s + waiting_s)
    return kept


def _drawn(graph: RoadGraph, weights: TravelWeights, pieces: list[_Piece]) -> Route:
    # A source or target right on a junction leaves a stretch of nothing at either end.
    pieces = _with_stretch(pieces)
    link = np.array([piece.link for piece in pieces], dtype=np.int64)
    backward = np.array([piece.backward for piece in pieces], dtype=np.bool_)
    ends_m = np.array([(piece.from_m, piece.to_m) for piece in pieces])
    owner, stop_m, lon, lat = _stops(graph, link, backward, ends_m)
    link_s = np.where(backward, weights.backward_s[link], weights.forward_s[link])
    # Standing at the target on a street driven the other way: no metre, no second.
    pace = np.where(np.isfinite(link_s), link_s, 0.0) / graph.link_length_m[link]
    begins = np.append(True, owner[1:] != owner[:-1])
    step_m = np.abs(np.diff(stop_m))[~begins[1:]]
    step_s = step_m * pace[owner[~begins]]
    # A unit turns at the beginning of what it turns into.
    first_step = np.flatnonzero(begins) - np.arange(len(pieces))
    step_s[first_step] += [piece.turn_s for piece in pieces]
    at_m, at_s = (np.concatenate([np.zeros(1), np.cumsum(steps)]) for steps in (step_m, step_s))
    # The end of each piece is the start of the next; keep it once.
    keep = ~begins
    keep[0] = True
    return Route(lon[keep], lat[keep], at_m, at_s, link, backward, at_m[first_step])


def _stops(
    graph: RoadGraph, link: NDArray[np.int64], backward: NDArray[np.bool_], ends_m: Floats
) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Both ends of each piece of a link and the map's points between, in driving order: piece, metres, lon, lat."""
    first = graph.link_point_indptr[link]
    n = graph.link_point_indptr[link + 1] - first
    piece = np.repeat(np.arange(len(link)), n)
    rank = np.arange(len(piece)) - np.repeat(np.cumsum(n) - n, n)
    point = first[piece] + np.where(backward[piece], n[piece] - 1 - rank, rank)
    at_m = graph.point_at_m[point]
    inside = (at_m > ends_m.min(axis=1)[piece]) & (at_m < ends_m.max(axis=1)[piece])
    size = np.bincount(piece[inside], minlength=len(link)) + 2
    start = np.cumsum(size) - size
    edge = np.zeros(int(size.sum()), dtype=bool)
    edge[start] = edge[start + size - 1] = True
    owner = np.repeat(np.arange(len(link)), size)
    stop_m, lon, lat = (np.empty(len(edge)) for _ in range(3))
    stop_m[edge], (lon[edge], lat[edge]) = ends_m.ravel(), _places(graph, np.repeat(link, 2), ends_m.ravel())
    stop_m[~edge] = at_m[inside]
    lon[~edge], lat[~edge] = graph.point_lon[point[inside]], graph.point_lat[point[inside]]
    return owner, stop_m, lon, lat


def _places(graph: RoadGraph, link: NDArray[np.int64], at_m: Floats) -> tuple[Floats, Floats]:
    """Where on links so many metres from their start are; most are their ends."""
    at = np.where(at_m <= 0.0, graph.link_point_indptr[link], graph.link_point_indptr[link + 1] - 1)
    lon, lat = graph.point_lon[at].copy(), graph.point_lat[at].copy()
    for k in np.flatnonzero((at_m > 0.0) & (at_m < graph.link_length_m[link])).tolist():
        lons, lats, stops = graph.link_points(int(link[k]))
        lon[k], lat[k] = np.interp(at_m[k], stops, lons), np.interp(at_m[k], stops, lats)
    return lon, lat


def position_along(way: Route, elapsed_s: float) -> tuple[float, float, float]:
    """(lon, lat, heading) after so many seconds; before the start and after the end it stands.

    The heading is a compass direction in degrees; after arrival it stays what it was.
    """
    lon = float(np.interp(elapsed_s, way.at_s, way.lon))
    lat = float(np.interp(elapsed_s, way.at_s, way.lat))
    moves = np.flatnonzero(np.diff(way.at_s) > 0.0)
    if not moves.size:
        return lon, lat, 0.0
    leg = int(np.searchsorted(way.at_s[moves], elapsed_s, side="right")) - 1
    start = int(moves[min(max(leg, 0), len(moves) - 1)])
    heading = bearing_deg(way.lon[start], way.lat[start], way.lon[start + 1], way.lat[start + 1])
    return lon, lat, float(heading)


def street_names(graph: RoadGraph, way: Route) -> list[str]:
    """The named roads of a route in driving order, each once in a row; nameless ones left out."""
    names: list[str] = []
    for link in way.links.tolist():
        name = graph.names[int(graph.link_name[link])]
        if name and (not names or names[-1] != name):
            names.append(name)
    return names
