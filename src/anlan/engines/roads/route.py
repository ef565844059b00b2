"""The way itself: its line on the map, and where a unit on it is after so many seconds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.geo.distance import bearing_deg
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.search import ReverseSearch, entry_seconds, search_to
from anlan.engines.roads.snap import Snap, Snaps
from anlan.engines.roads.weights import TravelWeights

NO_STRETCH_M = 1e-6
"""Stretches of a link shorter than this (a micrometre) are rounding, not driving."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Route:
    """A drivable way; all arrays run along its points from source to target.

    `at_m` and `at_s` are distance and seconds from the source, never falling. `links`
    are the links in driving order; `link_backward` tells which are driven from their end.
    """

    lon: Floats
    lat: Floats
    at_m: Floats
    at_s: Floats
    links: NDArray[np.int64]
    link_backward: NDArray[np.bool_]

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
    """One stretch of a link, driven from `from_m` to `to_m` (falling when backward)."""

    link: int
    backward: bool
    from_m: float
    to_m: float


def route(graph: RoadGraph, weights: TravelWeights, source: Snap, target: Snap) -> Route | None:
    """The quickest way from source to target, or None when no road leads there."""
    return route_from(search_to(graph, weights, target), source)


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
        pieces += _onward(search, int(graph.link_to[link]))
    else:
        pieces = [_Piece(link, True, source.offset_m, 0.0)]
        pieces += _onward(search, int(graph.link_from[link]))
    return _drawn(graph, search.weights, pieces)


def _onward(search: ReverseSearch, node: int) -> list[_Piece]:
    """The links from a junction to the target, following `node_next`."""
    graph, weights, target = search.graph, search.weights, search.target
    pieces = []
    while (following := int(search.node_next[node])) != graph.n_nodes:
        low, high = int(weights.arc_indptr[following]), int(weights.arc_indptr[following + 1])
        place = low + int(np.searchsorted(weights.arc_tail[low:high], node))
        link, backward = divmod(int(weights.arc_link[place]), 2)
        length_m = float(graph.link_length_m[link])
        pieces.append(_Piece(link, bool(backward), length_m * backward, length_m * (1 - backward)))
        node = following
    return [*pieces, _last_piece(graph, weights, target, node)]


def _last_piece(graph: RoadGraph, weights: TravelWeights, target: Snap, node: int) -> _Piece:
    link = target.link
    length_m = float(graph.link_length_m[link])
    share = min(max(target.offset_m / length_m, 0.0), 1.0)
    best_s = entry_seconds(graph, weights, target)[node]
    # On a link that returns to its own junction both ends lead in; take the quicker one.
    from_start = node == int(graph.link_from[link]) and share * float(weights.forward_s[link]) <= best_s
    return _Piece(link, not from_start, 0.0 if from_start else length_m, target.offset_m)


def _drawn(graph: RoadGraph, weights: TravelWeights, pieces: list[_Piece]) -> Route:
    # A source or target right on a junction leaves a stretch of nothing at either end.
    pieces = [piece for piece in pieces if abs(piece.to_m - piece.from_m) > NO_STRETCH_M] or pieces[:1]
    lons, lats, steps_m, steps_s = [], [], [np.zeros(1)], [np.zeros(1)]
    for piece in pieces:
        lon, lat, at_m = graph.link_points(piece.link)
        low, high = sorted((piece.from_m, piece.to_m))
        stops = np.concatenate([[low], at_m[(at_m > low) & (at_m < high)], [high]])
        if piece.backward:
            stops = stops[::-1]
        lons.append(np.interp(stops, at_m, lon))
        lats.append(np.interp(stops, at_m, lat))
        link_s = weights.backward_s[piece.link] if piece.backward else weights.forward_s[piece.link]
        moved_m = np.abs(np.diff(stops))
        steps_m.append(moved_m)
        # Standing at the target on a street driven the other way: no metre, no second.
        pace = link_s / at_m[-1] if np.isfinite(link_s) else 0.0
        steps_s.append(moved_m * pace)
    # The end of each piece is the start of the next; keep it once.
    lons = [lons[0], *(part[1:] for part in lons[1:])]
    lats = [lats[0], *(part[1:] for part in lats[1:])]
    return Route(
        np.concatenate(lons),
        np.concatenate(lats),
        np.cumsum(np.concatenate(steps_m)),
        np.cumsum(np.concatenate(steps_s)),
        np.array([piece.link for piece in pieces], dtype=np.int64),
        np.array([piece.backward for piece in pieces], dtype=np.bool_),
    )


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
