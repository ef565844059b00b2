"""What a driver is told along a way: where to turn, into which road, and how far to go on then."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from anlan.engines.geo.distance import bearing_deg
from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.route import Route
from anlan.engines.roads.ways import Access

LOOK_M = 12.0
"""A turn is judged by the directions this far before and behind it: a kerb's bend is no turn."""
STRAIGHT_DEG = 30.0
SLIGHT_DEG = 55.0
SHARP_DEG = 130.0
BACK_DEG = 170.0
FOLD_M = 25.0
"""A stretch shorter than this between two turns is the middle of one junction: its turns are told as one."""


class Maneuver(StrEnum):
    """What the driver does at the beginning of a step."""

    DEPART = "depart"
    STRAIGHT = "straight"
    SLIGHT_LEFT = "slight_left"
    LEFT = "left"
    SHARP_LEFT = "sharp_left"
    SLIGHT_RIGHT = "slight_right"
    RIGHT = "right"
    SHARP_RIGHT = "sharp_right"
    TURN_BACK = "turn_back"
    ROUNDABOUT = "roundabout"
    ARRIVE = "arrive"


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: do `maneuver` at (`lon`, `lat`), `at_m` from the start, then follow the road for `length_m`.

    `road` and `road_en` are empty for a road without a name. `is_same_road` where one turns and stays on the
    road's name. `heading_deg` is the compass direction in which the step sets out. `exit_number` is the exit by which
    a roundabout is left, counted from 1 where one drives in; 0 where the way ends within it, and at all other steps.
    The last step is the arrival: its length is 0.
    """

    maneuver: Maneuver
    road: str
    road_en: str
    is_same_road: bool
    at_m: float
    length_m: float
    travel_s: float
    heading_deg: float
    lon: float
    lat: float
    exit_number: int = 0


@dataclass(frozen=True, slots=True)
class _Leg:
    """Links driven without anything to decide: from where, how sharp the turn into it, by which name."""

    at_m: float
    angle_deg: float
    name: int
    is_back: bool = False
    is_round: bool = False
    exit_number: int = 0


def directions(graph: RoadGraph, way: Route) -> list[Step]:
    """The steps of a way, from setting out to arriving; at least those two.

    Told is every turn of at least `SLIGHT_DEG`, every change of the road's name, every roundabout with the exit by
    which it is left, and turning back; a bend of a road that nothing joins is not.
    """
    rounds = roundabouts(graph, way)
    is_round = graph.link_is_round[way.links].tolist()
    legs = [_Leg(0.0, 0.0, int(graph.link_name[way.links[0]]))]
    for k in range(1, len(way.links)):
        if k in rounds:
            legs.append(rounds[k])
        if k in rounds or is_round[k] or is_round[k - 1]:
            continue
        leg = _turn(graph, way, k)
        before = legs[-1]
        if (
            len(legs) > 1
            and leg.at_m - before.at_m < FOLD_M
            and not (leg.is_back or before.is_back or before.is_round)
        ):
            # Both turns belong to one junction, whose inner road nobody knows by name.
            legs[-1] = replace(before, angle_deg=_around(before.angle_deg + leg.angle_deg), name=leg.name)
        elif _is_told(graph, way, k, leg, before.name):
            legs.append(leg)
    return [*_steps(graph, way, legs), _arrival(way)]


def roundabouts(graph: RoadGraph, way: Route) -> dict[int, _Leg]:
    """The roundabouts of a way, each by the place in `way.links` where it is told: where one drives in, or out."""
    is_round = graph.link_is_round[way.links]
    if not is_round.any():
        return {}
    edge = np.flatnonzero(np.diff(np.concatenate([[False], is_round, [False]])))
    ends = np.where(way.link_backward, graph.link_from[way.links], graph.link_to[way.links])
    has_exit = _with_exit(graph, ends[is_round])
    told = {}
    for first, stop in edge.reshape(-1, 2).tolist():
        is_left = stop < len(way.links)
        passed = sum(int(node) in has_exit for node in ends[first : stop - 1])
        name = int(graph.link_name[way.links[stop if is_left else stop - 1]])
        # Who sets out within a roundabout hears of its exit where that is.
        at = first or stop
        if is_left or first:
            told[at] = _Leg(float(way.link_at_m[at]), 0.0, name, is_round=True, exit_number=(passed + 1) * is_left)
    return told


def _with_exit(graph: RoadGraph, nodes: NDArray[np.int32]) -> set[int]:
    """Those junctions of roundabouts from which a road leads out that ordinary traffic may take."""
    found: set[int] = set()
    for start, access in (
        (graph.link_from, graph.link_access_forward),
        (graph.link_to, graph.link_access_backward),
    ):
        leads_out = (
            ((access & int(Access.CAR | Access.MOTORCYCLE)) > 0) & ~graph.link_is_round & np.isin(start, nodes)
        )
        found.update(start[leads_out].tolist())
    return found


def _turn(graph: RoadGraph, way: Route, k: int) -> _Leg:
    at_m = float(way.link_at_m[k])
    is_back = way.links[k] == way.links[k - 1] and way.link_backward[k] != way.link_backward[k - 1]
    angle = _heading(way, at_m, at_m + LOOK_M) - _heading(way, at_m - LOOK_M, at_m)
    return _Leg(at_m, _around(angle), int(graph.link_name[way.links[k]]), bool(is_back))


def _is_told(graph: RoadGraph, way: Route, k: int, leg: _Leg, name: int) -> bool:
    if leg.is_back or leg.name != name:
        return True
    return abs(leg.angle_deg) >= SLIGHT_DEG and not _is_plain(graph, way, k)


def _is_plain(graph: RoadGraph, way: Route, k: int) -> bool:
    """Whether only two roads meet where link k of the way begins."""
    before, after = (2 * int(way.links[at]) + int(way.link_backward[at]) for at in (k - 1, k))
    start, end = int(graph.turns.indptr[after]), int(graph.turns.indptr[after + 1])
    at = np.flatnonzero(graph.turns.come_from[start:end] == before)
    return bool(at.size and graph.turns.is_plain[start + int(at[0])])


def _heading(way: Route, from_m: float, to_m: float) -> float:
    lon, lat = (np.interp([from_m, to_m], way.at_m, axis) for axis in (way.lon, way.lat))
    return float(bearing_deg(lon[0], lat[0], lon[1], lat[1]))


def _around(angle_deg: float) -> float:
    return (angle_deg + 180.0) % 360.0 - 180.0


def _maneuver(leg: _Leg) -> Maneuver:
    if leg.is_round:
        return Maneuver.ROUNDABOUT
    sharp = abs(leg.angle_deg)
    if leg.is_back or sharp >= BACK_DEG:
        return Maneuver.TURN_BACK
    if sharp < STRAIGHT_DEG:
        return Maneuver.STRAIGHT
    side = "right" if leg.angle_deg > 0.0 else "left"
    return Maneuver(f"slight_{side}" if sharp < SLIGHT_DEG else side if sharp < SHARP_DEG else f"sharp_{side}")


def _steps(graph: RoadGraph, way: Route, legs: list[_Leg]) -> list[Step]:
    told = [
        leg
        for k, leg in enumerate(legs)
        # Folding may leave a way straight on along the same road: nothing is to be said there.
        if k == 0 or leg.name != legs[k - 1].name or _maneuver(leg) is not Maneuver.STRAIGHT
    ]
    steps = []
    for k, leg in enumerate(told):
        end_m = told[k + 1].at_m if k + 1 < len(told) else way.length_m
        start_s, end_s = np.interp([leg.at_m, end_m], way.at_m, way.at_s)
        steps.append(
            Step(
                maneuver=_maneuver(leg) if k else Maneuver.DEPART,
                road=graph.names[leg.name],
                road_en=graph.names_en[leg.name],
                is_same_road=k > 0 and leg.name == told[k - 1].name and leg.name != 0,
                at_m=leg.at_m,
                length_m=end_m - leg.at_m,
                travel_s=float(end_s - start_s),
                heading_deg=_heading(way, leg.at_m, min(leg.at_m + LOOK_M, way.length_m)),
                lon=float(np.interp(leg.at_m, way.at_m, way.lon)),
                lat=float(np.interp(leg.at_m, way.at_m, way.lat)),
                exit_number=leg.exit_number,
            )
        )
    return steps


def _arrival(way: Route) -> Step:
    heading = _heading(way, max(way.length_m - LOOK_M, 0.0), way.length_m)
    lon, lat = float(way.lon[-1]), float(way.lat[-1])
    return Step(Maneuver.ARRIVE, "", "", False, way.length_m, 0.0, 0.0, heading, lon, lat)
