"""Seconds per link for one vehicle in one mode, ready for the search."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.graph import RoadGraph
from anlan.engines.roads.moves import SHORTEST_MOVE_S, Moves, moves_of
from anlan.engines.roads.speeds import EMERGENCY_ACCESS_BITS, DriveMode, DriveRules, Vehicle, access_of
from anlan.engines.roads.turns import FREE_TURNS, turn_seconds
from anlan.engines.roads.ways import Access, RoadClass

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TravelWeights:
    """Travel seconds over each link in both directions, and over each turn; infinite where driving is not allowed.

    `moves` is the network as the backward search reads it: from the end of one arc over a turn and the
    whole of the next arc. Its states are the arcs (2 * link, plus 1 when driven backward) that may be driven.
    """

    vehicle: Vehicle
    mode: DriveMode
    usable: NDArray[np.bool_]
    forward_s: Floats
    backward_s: Floats
    moves: Moves

    def arc_s(self, arc: int) -> float:
        """Seconds over one arc."""
        return float((self.backward_s if arc & 1 else self.forward_s)[arc >> 1])


def travel_weights(
    graph: RoadGraph,
    vehicle: Vehicle = Vehicle.CAR,
    mode: DriveMode = DriveMode.NORMAL,
    *,
    rules: DriveRules | None = None,
    slowdown: Floats | None = None,
) -> TravelWeights:
    """Work out the seconds for one vehicle and mode over the whole graph.

    `slowdown` (one number per link, 1 = free flow, 2 = twice as long, infinite = closed)
    carries traffic, weather or a closed road. A closed link stays snappable: a unit may
    be standing in it.

    Raises ValueError when `slowdown` does not fit the graph or holds numbers below zero.
    """
    rules = rules or DriveRules()
    factor = np.ones(graph.n_links) if slowdown is None else np.asarray(slowdown, dtype=np.float64)
    if factor.shape != (graph.n_links,) or not bool(np.all(factor > 0.0)):
        raise ValueError(f"slowdown needs {graph.n_links} numbers above zero, got shape {factor.shape}")
    bit = int(access_of(vehicle, mode))
    free_s = graph.link_length_m / (_speed_kmh(graph, vehicle, mode, rules) / 3.6)
    free_s = np.maximum(free_s * factor, SHORTEST_MOVE_S)
    along = (graph.link_access_forward & bit) > 0
    against = (graph.link_access_backward & bit) > 0
    forward_s = np.where(along, free_s, np.inf)
    backward_s = np.where(against, free_s, np.inf)
    if rules.contraflow_kmh is not None and bit & EMERGENCY_ACCESS_BITS:
        wrong_way_s = np.maximum(graph.link_length_m / (rules.contraflow_kmh / 3.6), free_s)
        backward_s = np.where(along & ~against, wrong_way_s, backward_s)
        forward_s = np.where(against & ~along, wrong_way_s, forward_s)
    turn_s = turn_seconds(graph.turns, FREE_TURNS if vehicle is Vehicle.FOOT else rules.turns)
    if mode is DriveMode.EMERGENCY:
        turn_s = turn_s / rules.emergency_factor
    moves = moves_of(graph.turns, np.stack([forward_s, backward_s], axis=1).reshape(-1), turn_s)
    return TravelWeights(vehicle, mode, along | against, forward_s, backward_s, moves)


def _speed_kmh(graph: RoadGraph, vehicle: Vehicle, mode: DriveMode, rules: DriveRules) -> Floats:
    if vehicle is Vehicle.FOOT:
        on_foot = rules.foot_emergency_kmh if mode is DriveMode.EMERGENCY else rules.foot_kmh
        return np.full(graph.n_links, on_foot)
    speed = graph.link_speed_kmh.astype(np.float64)
    if mode is DriveMode.EMERGENCY:
        # Nobody drives a pedestrian street faster because the light is on.
        on_foot_street = graph.link_class == int(RoadClass.PEDESTRIAN)
        speed = np.where(on_foot_street, speed, speed * rules.emergency_factor)
    if vehicle is Vehicle.MOTORCYCLE:
        speed = np.minimum(speed * rules.motorcycle_factor, rules.motorcycle_most_kmh)
    return np.minimum(speed, rules.most_kmh)


def usable_links(graph: RoadGraph, access: Access) -> NDArray[np.bool_]:
    """Links a holder of this access bit may stand on, in either direction."""
    either = graph.link_access_forward | graph.link_access_backward
    return np.asarray((either & int(access)) > 0)
