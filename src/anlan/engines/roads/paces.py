"""How much longer than the map says roads of each class take at each time of the week, from drives laid on roads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.matching import TrackMatch
from anlan.engines.roads.route import Route, route
from anlan.engines.roads.snap import Snap
from anlan.engines.roads.speeds import DriveMode, Vehicle
from anlan.engines.roads.ways import RoadClass
from anlan.engines.roads.weights import TravelWeights

WEEK_BANDS = ("night", "workday_morning", "workday_day", "workday_evening", "workday_late", "free_day")
STRETCH_S = 20.0
"""A drive is judged by stretches of at least so many seconds: between two fixes the noise would be all there is."""
LEAST_S = 10.0
"""Less than this on roads of one class within a drive says nothing of the class."""
PACE_LEAST, PACE_MOST = 0.4, 5.0

Floats = NDArray[np.float64]
PaceKey = tuple[str, str, str, str]


def week_band(hour: int, *, is_workday: bool) -> str:
    """Night 22 to 7; on workdays morning from 7, day from 9, evening from 16, late from 19; free days from 7."""
    if hour < 7 or hour >= 22:
        return "night"
    if not is_workday:
        return "free_day"
    part = "morning" if hour < 9 else "day" if hour < 16 else "evening" if hour < 19 else "late"
    return f"workday_{part}"


@dataclass(frozen=True, eq=False)
class Paces:
    """How many times as long as the map says: ``factor[vehicle, mode, class, band]``, 1 where nothing is told."""

    factor: Mapping[PaceKey, float]

    def of_classes(self, vehicle: Vehicle, mode: DriveMode, band: str) -> Floats:
        """One number per `RoadClass`."""
        told = (self.factor.get((vehicle, mode, road_class.tag, band), 1.0) for road_class in RoadClass)
        return np.array(list(told), dtype=np.float64)

    def of_links(self, graph: RoadGraph, vehicle: Vehicle, mode: DriveMode, band: str) -> Floats | None:
        """One number per link, as a slowdown; None where all of them are 1."""
        by_class = self.of_classes(vehicle, mode, band)
        return None if (by_class == 1.0).all() else by_class[graph.link_class]


@dataclass(frozen=True, eq=False)
class Driven:
    """Seconds a drive really spent on roads of each class, and what the map says of them; one entry per `RoadClass`.

    Turns are in neither: they cost what they cost.
    """

    actual_s: Floats
    map_s: Floats

    def ratios(self) -> list[tuple[str, float]]:
        """(road class, how many times as long as the map says) of the classes driven long enough to tell."""
        enough = np.flatnonzero((self.map_s >= LEAST_S) & (self.actual_s > 0.0))
        return [(RoadClass(at).tag, float(self.actual_s[at] / self.map_s[at])) for at in enough.tolist()]


def driven_by_class(graph: RoadGraph, metres: TravelWeights, weights: TravelWeights, track: TrackMatch) -> Driven:
    """Compare a drive laid on the roads with what these weights say of it, by class of road.

    ``metres`` are the weights the track was matched by: the way between two fixes is the shortest, as there. A
    stretch of several classes shares out its seconds as the map would. Stretches driven where the weights allow
    nobody are left out.
    """
    actual_s, map_s = np.zeros(len(RoadClass)), np.zeros(len(RoadClass))
    for before, after in _stretches(track):
        way = route(graph, metres, _place(track, before), _place(track, after))
        told = None if way is None else _map_seconds(graph, weights, way)
        if told is None or not told[0].sum() > 0.0:
            continue
        by_class_s, turns_s = told
        took_s = float(track.at_s[after] - track.at_s[before])
        # Never less than a fifth: who flew round the corners still drove between them.
        on_roads_s = max(took_s - turns_s, took_s / 5.0)
        actual_s += on_roads_s * by_class_s / by_class_s.sum()
        map_s += by_class_s
    return Driven(actual_s, map_s)


def _stretches(track: TrackMatch) -> list[tuple[int, int]]:
    """Pairs of fixes of one piece, so far apart in time that something was driven between them."""
    pairs, start = [], -1
    for at in np.flatnonzero(track.link >= 0).tolist():
        if start < 0 or track.piece[at] != track.piece[start]:
            start = at
        elif track.driven_m[at] > track.driven_m[at - 1] and track.at_s[at] - track.at_s[start] >= STRETCH_S:
            pairs.append((start, at))
            start = at
    return pairs


def _place(track: TrackMatch, at: int) -> Snap:
    return Snap(int(track.link[at]), float(track.offset_m[at]), 0.0, float(track.lon[at]), float(track.lat[at]))


def _map_seconds(graph: RoadGraph, weights: TravelWeights, way: Route) -> tuple[Floats, float] | None:
    """Seconds of a way by class of road, and of its turns; None where the weights let nobody drive it."""
    ends_m = np.append(way.link_at_m[1:], way.length_m)
    share = (ends_m - way.link_at_m) / graph.link_length_m[way.links]
    own_s = np.where(way.link_backward, weights.backward_s[way.links], weights.forward_s[way.links])
    arcs = (2 * way.links + way.link_backward).tolist()
    turns_s = sum(weights.moves.turn_into_s(before, after) for before, after in pairwise(arcs))
    if not (np.isfinite(own_s).all() and np.isfinite(turns_s)):
        return None
    seconds = np.bincount(graph.link_class[way.links], weights=share * own_s, minlength=len(RoadClass))
    return np.asarray(seconds, dtype=np.float64), float(turns_s)


def paces_mean(paces: Paces, weight: Mapping[tuple[str, str, str], float], group: tuple[str, str, str]) -> float:
    """How many times as long as the map says roads take as a whole, for (vehicle, mode, band); geometric mean.

    ``weight`` tells per (vehicle, mode, road class) how much of the driving is done there; 1 where nothing is told.
    """
    vehicle, mode, band = group
    rows: Sequence[tuple[float, float]] = [
        (share, paces.factor.get((vehicle, mode, road_class, band), 1.0))
        for (of_vehicle, of_mode, road_class), share in weight.items()
        if (of_vehicle, of_mode) == (vehicle, mode)
    ]
    whole = sum(share for share, _factor in rows)
    return float(np.exp(sum(share * np.log(factor) for share, factor in rows) / whole)) if whole > 0.0 else 1.0
