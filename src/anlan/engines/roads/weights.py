"""Seconds per link for one vehicle in one mode, ready for the search."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.cells import WORTH_STATES, Cells, can_have_cells, cells_of
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
    `cells`, where a large network has them, answer the same questions sooner (`with_cells`).
    """

    vehicle: str
    mode: DriveMode
    usable: NDArray[np.bool_]
    forward_s: Floats
    backward_s: Floats
    moves: Moves
    cells: Cells | None = None

    def arc_s(self, arc: int) -> float:
        """Seconds over one arc."""
        return float((self.backward_s if arc & 1 else self.forward_s)[arc >> 1])


def travel_weights(
    graph: RoadGraph,
    vehicle: str = Vehicle.CAR,
    mode: DriveMode = DriveMode.NORMAL,
    *,
    rules: DriveRules | None = None,
    slowdown: Floats | None = None,
    local_time: datetime | None = None,
) -> TravelWeights:
    """Work out the seconds for one vehicle and mode over the whole graph.

    `slowdown` (one number per link, 1 = free flow, 2 = twice as long, infinite = closed; or two, along the link and
    against it) carries traffic, weather or a closed road; without it that of the graph's own `conditions` holds. A
    closed link stays snappable: a unit may be standing in it. `local_time` (naive, from the conditions too) decides
    which signs with hours bind.

    Raises ValueError when `slowdown` does not fit the graph or holds numbers below zero.
    """
    rules = rules or DriveRules()
    if graph.conditions is not None:
        slowdown = graph.conditions.slowdown if slowdown is None else slowdown
        local_time = graph.conditions.local_time if local_time is None else local_time
    access = access_of(vehicle, mode, rules.vehicles)
    free = np.ones(graph.n_links)
    turn_rules = rules.turns if rules.vehicles[vehicle].turns else FREE_TURNS
    turn_s = turn_seconds(graph.turns, turn_rules, access=access, local_time=local_time)
    if mode is DriveMode.EMERGENCY:
        turn_s /= rules.emergency_factor
    forward_s, backward_s = _link_seconds(graph, vehicle, mode, rules, free)
    moves = moves_of(graph, _by_arc(forward_s, backward_s), turn_s)
    weights = TravelWeights(vehicle, mode, usable_links(graph, access), forward_s, backward_s, moves)
    return weights if slowdown is None else slowed(graph, weights, slowdown, rules=rules)


def slowed(
    graph: RoadGraph, weights: TravelWeights, slowdown: Floats, *, rules: DriveRules | None = None
) -> TravelWeights:
    """Free-flow weights at other seconds per link: the quick part of `travel_weights`, for what changes by the hour.

    `weights` must have been made without a slowdown, under the same rules. Its cells are kept where little changes.
    Raises ValueError as `travel_weights`.
    """
    factor = np.asarray(slowdown, dtype=np.float64)
    if factor.shape not in ((graph.n_links,), (graph.n_links, 2)) or not bool(np.all(factor > 0.0)):
        raise ValueError(f"slowdown needs {graph.n_links} numbers above zero, got shape {factor.shape}")
    forward_s, backward_s = _link_seconds(graph, weights.vehicle, weights.mode, rules or DriveRules(), factor)
    moves = weights.moves.priced(_by_arc(forward_s, backward_s))
    cells = None if weights.cells is None else weights.cells.priced(moves)
    return replace(weights, forward_s=forward_s, backward_s=backward_s, moves=moves, cells=cells)


def with_cells(graph: RoadGraph, weights: TravelWeights, *, worth_states: int = WORTH_STATES) -> TravelWeights:
    """Weights with cells where the network is large enough for them to pay and the compiled part is there."""
    if weights.cells is not None or weights.moves.n_states < worth_states or not can_have_cells():
        return weights
    return replace(weights, cells=cells_of(graph, weights.moves))


def _link_seconds(
    graph: RoadGraph, vehicle: str, mode: DriveMode, rules: DriveRules, factor: Floats
) -> tuple[Floats, Floats]:
    """Seconds over each link along and against it; infinite where the vehicle may not or nobody can."""
    bit = int(access_of(vehicle, mode, rules.vehicles))
    free_s = graph.link_length_m / (_speed_kmh(graph, vehicle, mode, rules) / 3.6)
    by_way = factor if factor.ndim == 2 else np.stack([factor, factor], axis=1)
    along_s, against_s = np.maximum(free_s[:, None] * by_way, SHORTEST_MOVE_S).T
    along = (graph.link_access_forward & bit) > 0
    against = (graph.link_access_backward & bit) > 0
    forward_s = np.where(along, along_s, np.inf)
    backward_s = np.where(against, against_s, np.inf)
    if rules.contraflow_kmh is not None and bit & EMERGENCY_ACCESS_BITS:
        wrong_way_s = graph.link_length_m / (rules.contraflow_kmh / 3.6)
        backward_s = np.where(along & ~against, np.maximum(wrong_way_s, against_s), backward_s)
        forward_s = np.where(against & ~along, np.maximum(wrong_way_s, along_s), forward_s)
    return forward_s, backward_s


def _by_arc(forward_s: Floats, backward_s: Floats) -> Floats:
    return np.stack([forward_s, backward_s], axis=1).reshape(-1)


def _speed_kmh(graph: RoadGraph, vehicle: str, mode: DriveMode, rules: DriveRules) -> Floats:
    row = rules.vehicles[vehicle]
    one_speed = (row.emergency_speed_kmh if mode is DriveMode.EMERGENCY else None) or row.speed_kmh
    if one_speed is not None:
        return np.full(graph.n_links, one_speed)
    speed = graph.link_speed_kmh.astype(np.float64)
    if mode is DriveMode.EMERGENCY:
        # Nobody drives a pedestrian street faster because the light is on.
        on_foot_street = graph.link_class == int(RoadClass.PEDESTRIAN)
        speed = np.where(on_foot_street, speed, speed * rules.emergency_factor)
    return np.minimum(np.minimum(speed * row.factor, row.most_kmh), rules.most_kmh)


def usable_links(graph: RoadGraph, access: Access) -> NDArray[np.bool_]:
    """Links a holder of this access bit may stand on, in either direction."""
    either = graph.link_access_forward | graph.link_access_backward
    return np.asarray((either & int(access)) > 0)
