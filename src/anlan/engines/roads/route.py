"""The way itself: its line on the map, and where a unit on it is after so many seconds."""

from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False, slots=True)
class _Pieces:
    """Stretches of links in driving order, a row each, driven from `from_m` to `to_m` (falling when backward).

    `turn_s` is the turn into the stretch. A way across a city has a thousand of them, so they are columns.
    """

    link: NDArray[np.int64]
    backward: NDArray[np.bool_]
    from_m: Floats
    to_m: Floats
    turn_s: Floats


def route(
    graph: RoadGraph, weights: TravelWeights, source: Snap, target: Snap, *, within_s: float | None = None
) -> Route | None:
    """The quickest way from source to target, or None when no road leads there.

    The search looks only as far as `within_s`, the travel time where it is known already; where the weights have
    cells it goes cell by cell. None too when the way takes longer.
    """
    if weights.cells is not None and (found := _by_cells(graph, weights, weights.cells, source, target)) is not None:
        seconds, pieces = found
        is_near = within_s is None or seconds <= within_s + ROUNDING_S
        return _drawn(graph, weights, pieces) if is_near and pieces is not None else None
    if within_s is None:
        return route_from(search_to(graph, weights, target), source)
    if not np.isfinite(within_s):
        return None
    return route_from(search_to(graph, weights, target, cutoff_s=within_s + ROUNDING_S), source)


def _by_cells(
    graph: RoadGraph, weights: TravelWeights, cells: Cells, source: Snap, target: Snap
) -> tuple[float, _Pieces | None] | None:
    """Seconds and pieces of the quickest way, no pieces where there is no way; None where the cells can't tell."""
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
        return float(before_s[2]), _staying(source, target) if np.isfinite(before_s[2]) else None
    return seconds, _along(graph, weights, source, target, chain)


def route_from(search: ReverseSearch, source: Snap) -> Route | None:
    """The quickest way from source to the target of a search already made.

    One search serves the travel times of all units and the lines of the best few. None
    when the source has no way, or lies beyond the reach of the search.
    """
    choices = [float(seconds[0]) for seconds in search.choices(Snaps.of([source]))]
    by_end, by_start, staying = choices
    if not min(choices) <= search.reached_s or not np.isfinite(min(choices)):
        return None
    graph, link, moves = search.graph, source.link, search.weights.moves
    if staying <= min(by_end, by_start):
        return _drawn(graph, search.weights, _staying(source, search.target))
    chain = [int(moves.state_of[2 * link if by_end <= by_start else 2 * link + 1])]
    while (following := int(search.state_next[chain[-1]])) < moves.n_states:
        chain.append(following)
    pieces = _along(graph, search.weights, source, search.target, np.array(chain, dtype=np.int32))
    return _drawn(graph, search.weights, pieces)


def _staying(source: Snap, target: Snap) -> _Pieces:
    """Along the link on which both are."""
    ends_m = np.array([source.offset_m]), np.array([target.offset_m])
    return _Pieces(np.array([source.link]), ends_m[1] < ends_m[0], *ends_m, np.zeros(1))


def _along(graph: RoadGraph, weights: TravelWeights, source: Snap, target: Snap, chain: NDArray[np.int32]) -> _Pieces:
    """From the source along these states, the first of which is its own road, and into the target's link."""
    last_link, last_backward, last_turn_s = _last_turn(graph, weights, target, int(chain[-1]))
    arcs = weights.moves.arc_of[chain]
    link = np.append(arcs >> 1, last_link).astype(np.int64)
    backward = np.append(arcs & 1, last_backward).astype(np.bool_)
    length_m = graph.link_length_m[link]
    from_m, to_m = np.where(backward, length_m, 0.0), np.where(backward, 0.0, length_m)
    from_m[0], to_m[-1] = source.offset_m, target.offset_m
    turns_s = weights.moves.turns_between_s(chain[:-1], chain[1:])
    return _Pieces(link, backward, from_m, to_m, np.concatenate([np.zeros(1), turns_s, [last_turn_s]]))


def _last_turn(graph: RoadGraph, weights: TravelWeights, target: Snap, state: int) -> tuple[int, bool, float]:
    """The target's link, whether it is driven from its end, and the seconds of the turn: the quicker direction."""
    moves, share = weights.moves, share_of(graph, target)
    found = []
    for onward, part in ((2 * target.link, share), (2 * target.link + 1, 1.0 - share)):
        for entered in moves.states_of(onward):
            turn_s = moves.turn_between_s(state, entered)
            seconds = turn_s + part * float(moves.own_s[entered]) if np.isfinite(turn_s) else np.inf
            found.append((seconds, onward, turn_s))
    _, onward, turn_s = min(found)
    return target.link, bool(onward & 1), turn_s


def _with_stretch(pieces: _Pieces) -> _Pieces:
    """The pieces that lead somewhere; the turn into one that doesn't is made with the next, or with the last."""
    leads = np.abs(pieces.to_m - pieces.from_m) > NO_STRETCH_M
    if leads.all():
        return pieces
    kept = np.flatnonzero(leads) if leads.any() else np.zeros(1, dtype=np.int64)
    made_with = np.minimum(np.searchsorted(kept, np.arange(len(leads))), len(kept) - 1)
    turn_s = np.bincount(made_with, weights=pieces.turn_s, minlength=len(kept)).astype(np.float64)
    return _Pieces(pieces.link[kept], pieces.backward[kept], pieces.from_m[kept], pieces.to_m[kept], turn_s)


def _drawn(graph: RoadGraph, weights: TravelWeights, pieces: _Pieces) -> Route:
    # A source or target right on a junction leaves a stretch of nothing at either end.
    pieces = _with_stretch(pieces)
    link, backward = pieces.link, pieces.backward
    ends_m = np.column_stack([pieces.from_m, pieces.to_m])
    owner, stop_m, lon, lat = _stops(graph, link, backward, ends_m)
    link_s = np.where(backward, weights.backward_s[link], weights.forward_s[link])
    # Standing at the target on a street driven the other way: no metre, no second.
    pace = np.where(np.isfinite(link_s), link_s, 0.0) / graph.link_length_m[link]
    begins = np.append(True, owner[1:] != owner[:-1])
    step_m = np.abs(np.diff(stop_m))[~begins[1:]]
    step_s = step_m * pace[owner[~begins]]
    # A unit turns at the beginning of what it turns into.
    first_step = np.flatnonzero(begins) - np.arange(len(link))
    step_s[first_step] += pieces.turn_s
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
