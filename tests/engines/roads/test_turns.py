"""Turns: what they cost, which are forbidden, and that both are obeyed on real streets."""

import heapq
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from anlan.engines.geo.distance import bearing_deg
from anlan.engines.roads import (
    DriveMode,
    DriveRules,
    RoadGraph,
    RoadLine,
    Snapper,
    TravelWeights,
    TurnRules,
    Vehicle,
    graph_from_lines,
    road_graph_build,
    route,
    search_to,
    travel_weights,
    ways_from_lines,
)
from anlan.engines.roads.ways import Access
from anlan.places.osm_import import road_file_read
from engines.roads.tiny import FREE, STEP_S

SHARED = Path(__file__).parents[4] / "shared/data"
PORTLAND = SHARED / "roads-portland/portland-central.osm.pbf"

MIDDLE, NORTH, EAST, SOUTH, WEST = (0.0, 0.0), (0.0, 0.002), (0.002, 0.0), (0.0, -0.002), (-0.002, 0.0)
ARMS = {"north": NORTH, "east": EAST, "south": SOUTH, "west": WEST}
RULES = TurnRules(near_s=3.0, far_s=7.0, back_s=20.0)


def crossing() -> list[RoadLine]:
    """Four roads that meet; on each it is 2 x 111.195 m at 10 m/s to the middle."""
    return [RoadLine(name, "residential", [MIDDLE, end], speed_kmh=36.0) for name, end in ARMS.items()]


def crossing_with_sign(kind: str, come_from: str, go_to: str) -> RoadGraph:
    """The crossing with one sign in its middle; roads are numbered as they are drawn."""
    ways = ways_from_lines(crossing())
    number = {name: row for row, name in enumerate(ARMS)}
    middle = ways.point_node[0]
    return road_graph_build(
        replace(
            ways,
            restriction_from=np.array([number[come_from]]),
            restriction_via=np.array([middle]),
            restriction_to=np.array([number[go_to]]),
            restriction_kind=(kind,),
        )
    )


def drive_s(graph: RoadGraph, come_from: str, go_to: str, rules: DriveRules | None = None, **how) -> float:
    """Seconds from half-way along one arm to half-way along another."""
    snapper, weights = Snapper(graph), travel_weights(graph, rules=rules or DriveRules(turns=RULES), **how)
    places = [snapper.snap(lon / 2, lat / 2) for lon, lat in (ARMS[come_from], ARMS[go_to])]
    way = route(graph, weights, *places)
    return math.inf if way is None else way.travel_s


@pytest.mark.parametrize(("go_to", "turn_s"), [("north", 0.0), ("east", 3.0), ("west", 7.0)])
def test_straight_on_is_free_and_a_turn_across_the_oncoming_lane_costs_most(go_to, turn_s):
    assert drive_s(graph_from_lines(crossing()), "south", go_to) == pytest.approx(2 * STEP_S + turn_s, rel=1e-4)


def test_where_one_drives_on_the_left_the_other_turn_is_the_dear_one():
    rules = DriveRules(turns=replace(RULES, drives_right=False))
    graph = graph_from_lines(crossing())
    assert drive_s(graph, "south", "east", rules) == pytest.approx(2 * STEP_S + 7.0, rel=1e-4)
    assert drive_s(graph, "south", "west", rules) == pytest.approx(2 * STEP_S + 3.0, rel=1e-4)


def test_blue_light_shortens_turns_as_it_does_streets():
    usual = drive_s(graph_from_lines(crossing()), "south", "west")
    assert drive_s(graph_from_lines(crossing()), "south", "west", mode=DriveMode.EMERGENCY) == pytest.approx(
        usual / DriveRules().emergency_factor
    )


def test_a_forbidden_turn_is_made_by_the_next_place_to_turn_round():
    graph = crossing_with_sign("no_left_turn", "south", "west")
    # Straight on to the north end, round, back, and right into the west.
    there_and_back = STEP_S + 2 * 2 * STEP_S + 20.0 + 3.0 + STEP_S
    round_here = STEP_S + 3.0 + 2 * 2 * STEP_S + 20.0 + STEP_S
    assert drive_s(graph, "south", "west") == pytest.approx(min(there_and_back, round_here), rel=1e-4)
    assert drive_s(graph, "south", "east") == pytest.approx(2 * STEP_S + 3.0, rel=1e-4)


def test_a_sign_that_allows_one_way_only_forbids_all_others():
    graph = crossing_with_sign("only_straight_on", "south", "north")
    assert drive_s(graph, "south", "north") == pytest.approx(2 * STEP_S, rel=1e-4)
    for side in ("east", "west"):
        assert drive_s(graph, "south", side) > 6 * STEP_S
    assert drive_s(graph, "east", "west") == pytest.approx(2 * STEP_S, rel=1e-4)


def test_turning_round_may_be_forbidden_without_closing_the_road():
    graph = crossing_with_sign("no_u_turn", "south", "south")
    arc = next(row for row in range(2 * graph.n_links) if graph.names[graph.link_name[row >> 1]] == "south")
    arcs = {arc, arc ^ 1}
    moves = travel_weights(graph, rules=DriveRules(turns=RULES)).moves
    in_the_middle = [a for a in arcs if np.isfinite(moves.turn_into_s(a, a ^ 1))]
    assert len(in_the_middle) == 1, "only at the far end of the road one may still turn round"
    assert drive_s(graph, "south", "north") == pytest.approx(2 * STEP_S, rel=1e-4)


def test_signs_can_be_told_not_to_bind():
    graph = crossing_with_sign("no_left_turn", "south", "west")
    unbound = DriveRules(turns=replace(RULES, obeys_bans=False))
    assert drive_s(graph, "south", "west", unbound) == pytest.approx(2 * STEP_S + 7.0, rel=1e-4)


def test_where_only_two_roads_meet_a_bend_costs_nothing():
    bend = [
        RoadLine("one", "residential", [SOUTH, MIDDLE], speed_kmh=36.0),
        RoadLine("two", "residential", [MIDDLE, EAST], speed_kmh=36.0),
    ]
    assert drive_s(graph_from_lines(bend), "south", "east") == pytest.approx(2 * STEP_S, rel=1e-4)


def test_many_at_once_get_the_answers_of_one_alone():
    graph = graph_from_lines(crossing())
    weights, snapper = travel_weights(graph, rules=DriveRules(turns=RULES)), Snapper(graph)
    sources = snapper.snap_many([0.0, -0.001], [-0.001, 0.0])
    targets = [snapper.snap(0.0, 0.001), snapper.snap(0.001, 0.0)] * 100
    alone = [search_to(graph, weights, target).travel_s(sources).tolist() for target in targets]
    with ThreadPoolExecutor(4) as threads:
        at_once = threads.map(lambda target: search_to(graph, weights, target).travel_s(sources).tolist(), targets)
        assert list(at_once) == alone


class SecondOpinion:
    """Textbook Dijkstra forward over roads and turns, with turns judged anew from the lines of the map."""

    def __init__(self, graph: RoadGraph, weights: TravelWeights, rules: TurnRules) -> None:
        self.graph, self.weights, self.rules = graph, weights, rules
        self.leaving: dict[int, list[int]] = {}
        self.moves: dict[int, list[tuple[int, float]]] = {}
        self.degree = np.bincount(np.concatenate([graph.link_from, graph.link_to]), minlength=graph.n_nodes)
        for arc in range(2 * graph.n_links):
            if math.isfinite(weights.arc_s(arc)):
                self.leaving.setdefault(self.tail(arc), []).append(arc)
        self.signs: dict[tuple[int, int], list[tuple[str, int]]] = {}
        rows = zip(
            graph.restriction_via.tolist(),
            graph.restriction_from.tolist(),
            graph.restriction_kind,
            graph.restriction_to.tolist(),
            graph.restriction_for.tolist() or [int(Access.CAR)] * len(graph.restriction_kind),
            graph.restriction_hours or [""] * len(graph.restriction_kind),
            strict=True,
        )
        for via, way, kind, to_way, binds, hours in rows:
            if binds & int(Access.CAR) and not hours:
                self.signs.setdefault((via, way), []).append((kind, to_way))

    def tail(self, arc: int) -> int:
        ends = (self.graph.link_from, self.graph.link_to)
        return int(ends[arc & 1][arc >> 1])

    def head(self, arc: int) -> int:
        return self.tail(arc ^ 1)

    def turn_s(self, before: int, after: int) -> float:
        node, round_again = self.head(before), after == before ^ 1
        graph = self.graph
        ends = (graph.link_way_first, graph.link_way_last)
        way, to_way = int(ends[1 - (before & 1)][before >> 1]), int(ends[after & 1][after >> 1])
        for kind, sign_way in self.signs.get((int(graph.node_ref[node]), way), []):
            meant = to_way == sign_way and (round_again if kind.endswith("u_turn") and way == sign_way else True)
            if way == sign_way == to_way and not kind.endswith("u_turn"):
                meant = not round_again
            if (kind.startswith("no_") and meant) or (kind.startswith("only_") and not meant):
                return math.inf
        if round_again:
            return self.rules.back_s
        if self.degree[node] <= 2:
            return 0.0
        angle = (self.heading(after, out=True) - self.heading(before, out=False) + 180.0) % 360.0 - 180.0
        full = self.rules.near_s if (angle >= 0) == self.rules.drives_right else self.rules.far_s
        return full * min(max((abs(angle) - self.rules.straight_deg) / (90.0 - self.rules.straight_deg), 0.0), 1.0)

    def heading(self, arc: int, *, out: bool) -> float:
        lon, lat, _ = self.graph.link_points(arc >> 1)
        if arc & 1:
            lon, lat = lon[::-1], lat[::-1]
        at = 0 if out else len(lon) - 2
        return float(bearing_deg(lon[at], lat[at], lon[at + 1], lat[at + 1]))

    def from_place(self, link: int, share: float) -> dict[int, float]:
        """Seconds from a place to the end of every arc."""
        queue = []
        for arc, part in ((2 * link, 1.0 - share), (2 * link + 1, share)):
            if math.isfinite(self.weights.arc_s(arc)):
                queue.append((part * self.weights.arc_s(arc), arc))
        heapq.heapify(queue)
        done: dict[int, float] = {}
        while queue:
            so_far, arc = heapq.heappop(queue)
            if arc in done:
                continue
            done[arc] = so_far
            if arc not in self.moves:
                self.moves[arc] = self.moves_from(arc)
            for onward, seconds in self.moves[arc]:
                if onward not in done:
                    heapq.heappush(queue, (so_far + seconds, onward))
        return done

    def moves_from(self, arc: int) -> list[tuple[int, float]]:
        onward = self.leaving.get(self.head(arc), [])
        times = [self.turn_s(arc, after) + self.weights.arc_s(after) for after in onward]
        return [move for move in zip(onward, times, strict=True) if math.isfinite(move[1])]

    def seconds(self, done: dict[int, float], source: tuple[int, float], target: tuple[int, float]) -> float:
        link, share = target
        best = math.inf
        for onward, part in ((2 * link, share), (2 * link + 1, 1.0 - share)):
            if not math.isfinite(self.weights.arc_s(onward)):
                continue
            for before in _arcs_into(self.graph, self.tail(onward)):
                if before in done:
                    seconds = self.turn_s(before, onward) + part * self.weights.arc_s(onward)
                    best = min(best, done[before] + seconds)
        if source[0] == link:
            ahead = share - source[1]
            arc = 2 * link if ahead >= 0 else 2 * link + 1
            if math.isfinite(self.weights.arc_s(arc)):
                best = min(best, abs(ahead) * self.weights.arc_s(arc))
        return best


def compared_with_second_opinion(graph: RoadGraph, n_sources: int, n_targets: int, seed: int) -> int:
    """Random pairs of places, both ways of reckoning; returns how many pairs were compared."""
    rng = np.random.default_rng(seed)
    weights = travel_weights(graph)
    opinion = SecondOpinion(graph, weights, DriveRules().turns)
    usable = np.flatnonzero(weights.usable)
    places = [(int(rng.choice(usable)), float(rng.uniform(0.01, 0.99))) for _ in range(n_sources + n_targets)]
    snaps = Snapper(graph).snap_many([0.0], [0.0])
    link = np.array([place[0] for place in places])
    offset_m = np.array([place[1] for place in places]) * graph.link_length_m[link]
    zeros = np.zeros(len(places))
    snaps = type(snaps)(link, offset_m, zeros, zeros, zeros)
    sources = type(snaps)(link[:n_sources], offset_m[:n_sources], *(zeros[:n_sources],) * 3)
    ours = [search_to(graph, weights, snaps[n_sources + row]).travel_s(sources) for row in range(n_targets)]
    for number in range(n_sources):
        done = opinion.from_place(*places[number])
        expected = [opinion.seconds(done, places[number], target) for target in places[n_sources:]]
        np.testing.assert_allclose([times[number] for times in ours], expected, rtol=1e-6, atol=0.02)
    return n_sources * n_targets


@pytest.fixture(scope="module")
def portland() -> RoadGraph:
    if not PORTLAND.exists():
        pytest.skip("../shared/data/roads-portland is not there")
    return road_graph_build(road_file_read(PORTLAND).ways)


def test_the_streets_of_portland_and_their_signs_are_driven_as_the_textbook_says(portland):
    assert compared_with_second_opinion(portland, n_sources=20, n_targets=20, seed=7) == 400


def test_each_of_the_443_signs_of_portland_is_obeyed_or_accounted_for(portland):
    """Walked one by one: what it forbids is forbidden to whom it binds, or no way of the network leads under it."""
    found = Counter(walked(portland, row) for row in range(len(portland.restriction_kind)))
    assert found == {
        "obeyed": 396,
        "one of its roads is not driven that way": 34,
        "its junction is not on the map": 13,
    }


def walked(graph: RoadGraph, row: int) -> str:
    """What became of one sign: its turns tried by the lightest of those it binds."""
    kind, via = graph.restriction_kind[row], int(graph.restriction_via[row])
    node = np.flatnonzero(graph.node_ref == via)
    if not len(node):
        return "its junction is not on the map"
    is_for_cars = bool(graph.restriction_for[row] & int(Access.CAR))
    weights = weights_of(graph, Vehicle.CAR if is_for_cars else Vehicle.MOTORCYCLE)
    coming = [arc for arc in _arcs_into(graph, int(node[0])) if math.isfinite(weights.arc_s(arc))]
    leaving = [arc ^ 1 for arc in _arcs_into(graph, int(node[0])) if math.isfinite(weights.arc_s(arc ^ 1))]
    ends = (graph.link_way_first, graph.link_way_last)
    before = [arc for arc in coming if ends[1 - (arc & 1)][arc >> 1] == graph.restriction_from[row]]
    named = {arc for arc in leaving if ends[arc & 1][arc >> 1] == graph.restriction_to[row]}
    if not before or not named:
        return "one of its roads is not driven that way"
    is_same_road = graph.restriction_from[row] == graph.restriction_to[row]
    for come_from in before:
        for go_to in leaving:
            turns_round = go_to == come_from ^ 1
            meant = go_to in named and (
                (turns_round or not is_same_road) if kind.endswith("u_turn") else not turns_round
            )
            if (kind.startswith("no_") and meant) or (kind.startswith("only_") and not meant):
                assert math.isinf(weights.moves.turn_into_s(come_from, go_to)), (row, kind, come_from, go_to)
    return "obeyed"


@lru_cache(maxsize=2)
def weights_of(graph: RoadGraph, vehicle: Vehicle) -> TravelWeights:
    return travel_weights(graph, vehicle)


def test_every_sign_of_portland_is_obeyed_where_its_roads_are_on_the_network(portland):
    """Each junction with a sign: every turn there is forbidden just where the second opinion says so."""
    graph = portland
    weights, free = travel_weights(graph), travel_weights(graph, rules=FREE)
    opinion = SecondOpinion(graph, weights, DriveRules().turns)
    node_of = {int(ref): node for node, ref in enumerate(graph.node_ref.tolist())}
    walked = forbidden = 0
    for via in graph.restriction_via.tolist():
        if via not in node_of:
            continue
        coming = _arcs_into(graph, node_of[via])
        for before in coming:
            for after in (arc ^ 1 for arc in coming):
                if not (math.isfinite(weights.arc_s(before)) and math.isfinite(weights.arc_s(after))):
                    continue
                barred = math.isinf(opinion.turn_s(before, after))
                assert math.isinf(weights.moves.turn_into_s(before, after)) == barred
                assert math.isfinite(free.moves.turn_into_s(before, after))
                forbidden += barred
        walked += 1
    assert walked > 400
    assert forbidden > 200


def _arcs_into(graph: RoadGraph, node: int) -> list[int]:
    ends_here = (2 * np.flatnonzero(graph.link_to == node)).tolist()
    return ends_here + (2 * np.flatnonzero(graph.link_from == node) + 1).tolist()
