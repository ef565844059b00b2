"""Which roads a unit really drove: a track of noisy positions laid on the network.

A hidden Markov model after P. Newson and J. Krumm (2009), "Hidden Markov map matching through noise and sparseness",
ACM GIS 2009: the hidden state of a fix is the road it was on, seen with normal noise; between two fixes the way by
road differs from the straight line by an exponentially distributed length. The likeliest chain of roads is found
by the algorithm of Viterbi. Ways by road obey one-ways and forbidden turns, so a unit is not put on the other
carriageway because it lies a metre nearer.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.engines.geo.distance import distance_m
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.moves import moves_of
from anlan.engines.roads.search import search_to
from anlan.engines.roads.snap import Snap, Snapper, Snaps
from anlan.engines.roads.speeds import DriveMode, Vehicle, access_of
from anlan.engines.roads.turns import TurnRules, turn_seconds
from anlan.engines.roads.weights import TravelWeights, usable_links

TURN_BACK_M = 60.0
"""Turning round in the street is as unlikely as so many metres more."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MatchRules:
    """What is believed about positions and driving.

    `sigma_m`: standard deviation of a position across the road (Newson and Krumm measured 4.07 m; streets
    between houses are worse). `beta_m`: mean difference between the way by road and the straight line between fixes.
    `reach_m`: a road farther from the fix is no candidate. `candidates`: how many of the nearest are looked at.
    `gap_s`: after a longer silence a new piece of track begins. `most_mps`: nobody drives faster than that.
    `turn_back_m`: turning round in the street is as unlikely as so many metres more.
    """

    sigma_m: float = 8.0
    beta_m: float = 5.0
    reach_m: float = 60.0
    candidates: int = 6
    gap_s: float = 180.0
    most_mps: float = 60.0
    turn_back_m: float = TURN_BACK_M

    def __post_init__(self) -> None:
        figures = (self.sigma_m, self.beta_m, self.reach_m, self.gap_s, self.most_mps)
        if min(figures) <= 0.0 or self.candidates < 1 or self.turn_back_m < 0.0:
            raise ValueError(f"noise, reach, gap and speed are above zero: {self}")


@dataclass(frozen=True, eq=False)
class TrackMatch:
    """A track on the network, one entry per fix: the road (`link`, -1 where none was near) and the place on it.

    `piece` numbers the stretches without a break; `driven_m` is the way by road from the first fix of the piece.
    `distance_m` is how far the fix was from the place it was put on.
    """

    at_s: Floats
    link: Ints
    offset_m: Floats
    lon: Floats
    lat: Floats
    distance_m: Floats
    piece: Ints
    driven_m: Floats

    def __len__(self) -> int:
        return len(self.link)


def metre_weights(
    graph: RoadGraph,
    vehicle: Vehicle = Vehicle.CAR,
    mode: DriveMode = DriveMode.EMERGENCY,
    *,
    turn_back_m: float = TURN_BACK_M,
) -> TravelWeights:
    """Weights whose "seconds" are metres, by which matching and arriving are judged; made once, then kept."""
    bit = int(access_of(vehicle, mode))
    forward, backward = (
        np.where((access & bit) > 0, np.maximum(graph.link_length_m, 1e-3), np.inf)
        for access in (graph.link_access_forward, graph.link_access_backward)
    )
    rules = TurnRules(near_s=0.0, far_s=0.0, back_s=float(turn_back_m))
    turn_m = turn_seconds(graph.turns, rules, access=access_of(vehicle, mode))
    moves = moves_of(graph, np.stack([forward, backward], axis=1).reshape(-1), turn_m)
    return TravelWeights(vehicle, mode, usable_links(graph, access_of(vehicle, mode)), forward, backward, moves)


def metres_like(graph: RoadGraph, weights: TravelWeights, *, turn_back_m: float = TURN_BACK_M) -> TravelWeights:
    """`metre_weights` for the vehicle and mode of weights that are priced already; most of what those hold is shared.

    ``weights`` are those of a network without closures: where they let nobody drive, neither do these.
    """
    length_m = np.maximum(graph.link_length_m, 1e-3)
    forward, backward = (
        np.where(np.isfinite(seconds), length_m, np.inf) for seconds in (weights.forward_s, weights.backward_s)
    )
    moves = weights.moves
    is_back = moves.arc_of[moves.come_from] == moves.arc_of[moves.row_of_turns()] ^ 1
    turn_m = np.where(is_back, np.float32(turn_back_m), np.float32(0.0))
    priced = replace(moves, turn_s=turn_m).priced(np.stack([forward, backward], axis=1).reshape(-1))
    return replace(weights, forward_s=forward, backward_s=backward, moves=priced, cells=None)


def match_track(
    snapper: Snapper,
    metres: TravelWeights,
    lon: ArrayLike,
    lat: ArrayLike,
    at_s: ArrayLike,
    *,
    rules: MatchRules | None = None,
) -> TrackMatch:
    """Lay fixes (degrees, seconds never falling) on the roads of the snapper's graph; `metres` is `metre_weights`.

    Fixes closer than two `sigma_m` to the last that counted say nothing new and share its road. Fixes without a
    coordinate or far from any road are left out. A silence, or a jump nobody could drive, begins a new piece.

    Raises ValueError for times that fall or arrays of different length.
    """
    rules = rules or MatchRules()
    lons, lats, times = (np.asarray(values, dtype=np.float64).ravel() for values in (lon, lat, at_s))
    if not len(lons) == len(lats) == len(times) or bool((np.diff(times) < 0.0).any()):
        raise ValueError("a track needs one time per position, never falling")
    found = _nothing(times)
    counting = counting_fixes(lons, lats, times, rules)
    looked = [snapper.near(lons[k], lats[k], rules.reach_m, usable=metres.usable) for k in counting]
    pieces = _chains(snapper.graph, metres, lons, lats, times, counting, looked, rules)
    for number, chain in enumerate(pieces):
        driven_m = 0.0
        for fix, snap, step_m in chain:
            driven_m += step_m
            _put(found, fix, snap, number, driven_m)
    _fill_between(snapper.graph, found, lons, lats, counting, rules)
    return found


def _nothing(times: Floats) -> TrackMatch:
    n = len(times)
    nan = [np.full(n, np.nan) for _ in range(5)]
    gone = [np.full(n, -1, dtype=np.int64) for _ in range(2)]
    return TrackMatch(times, gone[0], nan[0], nan[1], nan[2], nan[3], gone[1], nan[4])


def _put(found: TrackMatch, fix: int, snap: Snap, piece: int, driven_m: float) -> None:
    found.link[fix], found.offset_m[fix], found.piece[fix] = snap.link, snap.offset_m, piece
    found.lon[fix], found.lat[fix], found.distance_m[fix] = snap.lon, snap.lat, snap.distance_m
    found.driven_m[fix] = driven_m


def counting_fixes(lon: Floats, lat: Floats, at_s: Floats, rules: MatchRules) -> list[int]:
    """The fixes that tell something new: the first, and each that moved out of the noise or follows a silence."""
    kept: list[int] = []
    for k in np.flatnonzero(np.isfinite(lon) & np.isfinite(lat)).tolist():
        if kept:
            moved_m = float(distance_m(lon[kept[-1]], lat[kept[-1]], lon[k], lat[k]))
            if moved_m < 2.0 * rules.sigma_m and at_s[k] - at_s[kept[-1]] <= rules.gap_s:
                continue
        kept.append(k)
    return kept


_Chain = list[tuple[int, Snap, float]]


def _chains(
    graph: RoadGraph,
    metres: TravelWeights,
    lon: Floats,
    lat: Floats,
    at_s: Floats,
    counting: list[int],
    looked: list[Snaps],
    rules: MatchRules,
) -> list[_Chain]:
    """Viterbi over each piece: the likeliest place of each fix, and the metres driven to it."""
    chains: list[_Chain] = []
    trail: list[tuple[int, Snaps, Ints, Floats]] = []
    score = np.zeros(0)
    for fix, snaps in zip(counting, looked, strict=True):
        snaps = _nearest(snaps, rules.candidates)
        if not len(snaps):
            continue
        seen = -0.5 * (snaps.distance_m / rules.sigma_m) ** 2
        if trail:
            before, places = trail[-1][0], trail[-1][1]
            line_m = float(distance_m(lon[before], lat[before], lon[fix], lat[fix]))
            took_s = float(at_s[fix] - at_s[before])
            road_m = _between(graph, metres, places, snaps, line_m, took_s, rules)
            chance = score[:, None] - np.abs(road_m - line_m) / rules.beta_m
            best = np.argmax(chance, axis=0)
            column = np.arange(len(snaps))
            if took_s <= rules.gap_s and np.isfinite(chance[best, column]).any():
                score = chance[best, column] + seen
                trail.append((fix, snaps, best, road_m[best, column]))
                continue
            chains.append(_walk_back(trail, score))
        score = seen
        trail = [(fix, snaps, np.zeros(len(snaps), dtype=np.int64), np.zeros(len(snaps)))]
    return [*chains, _walk_back(trail, score)] if trail else chains


def _nearest(snaps: Snaps, n: int) -> Snaps:
    rows = np.argsort(snaps.distance_m, kind="stable")[:n]
    return Snaps(*(getattr(snaps, name)[rows] for name in ("link", "offset_m", "distance_m", "lon", "lat")))


def _between(
    graph: RoadGraph,
    metres: TravelWeights,
    sources: Snaps,
    targets: Snaps,
    line_m: float,
    took_s: float,
    rules: MatchRules,
) -> Floats:
    """Metres by road from each place before to each place now; infinite where it is too far for the time."""
    # Noise may put two fixes nearer to each other or farther apart than they were.
    most_m = max(rules.most_mps * took_s, line_m) + 4.0 * rules.sigma_m
    most_m = min(most_m, line_m + 300.0 + 2.0 * rules.reach_m)
    columns = []
    for k in range(len(targets)):
        road_m = search_to(graph, metres, targets[k], cutoff_s=most_m).travel_s(sources)
        back_m = sources.offset_m - targets.offset_m[k]
        # A little back on the same road is noise, also where the road is one-way.
        is_noise = (sources.link == targets.link[k]) & (np.abs(back_m) <= 4.0 * rules.sigma_m)
        columns.append(np.where(is_noise, np.abs(back_m), road_m))
    return np.stack(columns, axis=1)


def _walk_back(trail: list[tuple[int, Snaps, Ints, Floats]], score: Floats) -> _Chain:
    at = int(np.argmax(score))
    chain: _Chain = []
    for fix, snaps, came_from, road_m in reversed(trail):
        chain.append((fix, snaps[at], float(road_m[at])))
        at = int(came_from[at])
    return chain[::-1]


def _fill_between(
    graph: RoadGraph, found: TrackMatch, lon: Floats, lat: Floats, counting: list[int], rules: MatchRules
) -> None:
    """A fix within the noise of the last that counted is at that place on the road."""
    counts = set(counting)
    last = -1
    for k in range(len(found)):
        if k in counts:
            last = k
        elif last >= 0 and found.link[last] >= 0 and np.isfinite(lon[k]) and np.isfinite(lat[k]):
            for column in (found.link, found.offset_m, found.lon, found.lat, found.piece, found.driven_m):
                column[k] = column[last]
            found.distance_m[k] = float(distance_m(lon[k], lat[k], found.lon[k], found.lat[k]))


@dataclass(frozen=True, slots=True)
class Standing:
    """From when until when a unit stood, and where on the road."""

    since_s: float
    until_s: float
    fix: int


def standing_spells(match: TrackMatch, *, within_m: float = 30.0, at_least_s: float = 60.0) -> list[Standing]:
    """When a unit did not move: spells of at least so many seconds in which it stayed within `within_m` of a place.

    The place is that on the road, so most of the noise is gone; what is left makes a standing unit seem to drive
    to and fro, and therefore the way driven is not what is asked.
    """
    spells: list[Standing] = []
    on_road = np.flatnonzero(match.link >= 0)
    first = 0
    while first < len(on_road):
        start = on_road[first]
        last = first
        while (
            last + 1 < len(on_road)
            and match.piece[on_road[last + 1]] == match.piece[start]
            and _apart_m(match, start, on_road[last + 1]) <= within_m
        ):
            last += 1
        since_s, until_s = float(match.at_s[start]), float(match.at_s[on_road[last]])
        if until_s - since_s >= at_least_s:
            spells.append(Standing(since_s, until_s, int(start)))
            first = last + 1
        else:
            first += 1
    return spells


def _apart_m(match: TrackMatch, one: int, other: int) -> float:
    return float(distance_m(match.lon[one], match.lat[one], match.lon[other], match.lat[other]))


def arrived_s(
    graph: RoadGraph,
    metres: TravelWeights,
    match: TrackMatch,
    goal: Snap,
    *,
    near_m: float = 80.0,
    stays_s: float = 30.0,
) -> float | None:
    """When a unit arrived: since when it first stood for `stays_s` within `near_m` of the goal by road.

    Standing on the bridge above, or on the other carriageway, is no arrival; nor is driving through. A red
    light just before the goal is taken for one. None where it has not arrived.
    """
    spells = [spell.fix for spell in standing_spells(match, at_least_s=stays_s)]
    if not spells:
        return None
    places = Snaps(
        match.link[spells], match.offset_m[spells], match.distance_m[spells], match.lon[spells], match.lat[spells]
    )
    left_m = search_to(graph, metres, goal, cutoff_s=near_m).travel_s(places)
    # A little beyond the goal on its own road is there, also where the road is one-way.
    beyond = (places.link == goal.link) & (np.abs(places.offset_m - goal.offset_m) <= near_m)
    there = np.flatnonzero(np.isfinite(left_m) | beyond)
    return float(match.at_s[spells[there[0]]]) if len(there) else None


def share_right(match: TrackMatch, link: Ints) -> float:
    """Share of fixes put on the road they were on, given the true links: what a matching is judged by."""
    return float(np.mean(match.link == link)) if len(match) else float("nan")


def nearest_roads(
    snapper: Snapper, metres: TravelWeights, lon: ArrayLike, lat: ArrayLike, at_s: ArrayLike
) -> TrackMatch:
    """Each fix on the road nearest it, for itself: what matching has to beat."""
    snaps = snapper.snap_many(lon, lat, usable=metres.usable)
    found = _nothing(np.asarray(at_s, dtype=np.float64))
    return replace(
        found,
        link=snaps.link,
        offset_m=snaps.offset_m,
        lon=snaps.lon,
        lat=snaps.lat,
        distance_m=snaps.distance_m,
        piece=np.zeros(len(snaps), dtype=np.int64),
    )
