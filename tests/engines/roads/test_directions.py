"""What a driver is told: every turn that must be decided, no bend that need not be."""

import numpy as np
import pytest

from anlan.engines.roads import (
    Maneuver,
    RoadLine,
    Snapper,
    directions,
    graph_from_lines,
    road_graph_build,
    route,
    travel_weights,
    ways_from_lines,
)
from anlan.engines.roads.bench import places_near_roads
from anlan.engines.roads.compare import grid_lines
from engines.roads.tiny import FREE, STEP_M, A, B, C, D, E, F, G, tiny_graph


def told(graph, start, goal):
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    way = route(graph, weights, *(snapper.snap(*place, usable=weights.usable) for place in (start, goal)))
    return [(str(step.maneuver), step.road, round(step.length_m / STEP_M, 2)) for step in directions(graph, way)]


def test_around_the_block_each_corner_is_told_with_its_road_and_how_far():
    assert told(tiny_graph(), (0.002, 0.0015), (0.002, 0.0005)) == [
        ("depart", "Hill Street", 0.5),
        ("left", "North Road", 2.0),
        ("left", "West Lane", 2.0),
        ("left", "South Road", 2.0),
        ("left", "Hill Street", 0.5),
        ("arrive", "", 0.0),
    ]


def test_a_bend_that_nothing_joins_is_not_told():
    steps = told(tiny_graph(), (0.0035, 0.0), (0.0035, 0.002))
    assert [step[:2] for step in steps] == [
        ("depart", "South Road"),
        ("slight_left", "East Lane"),
        ("slight_left", "North Road"),
        ("arrive", ""),
    ]


def test_straight_on_into_a_road_of_another_name_is_told_and_of_the_same_name_is_not():
    assert told(tiny_graph(), (0.0, 0.0005), G) == [
        ("depart", "West Lane", 1.5),
        ("straight", "Blind Alley", 1.0),
        ("arrive", "", 0.0),
    ]
    assert told(tiny_graph(), A, F) == [("depart", "South Road", 4.0), ("arrive", "", 0.0)]


def test_turning_a_corner_on_the_same_road_is_told_where_another_joins():
    lines = [
        RoadLine("环城路", "primary", [A, B, D], name_en="Ring Road", speed_kmh=36.0),
        RoadLine("支路", "residential", [B, F], speed_kmh=36.0),
        RoadLine("", "residential", [D, E], speed_kmh=36.0),
    ]
    graph = graph_from_lines(lines)
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    way = route(graph, weights, snapper.snap(*A), snapper.snap(*E))
    steps = directions(graph, way)
    assert [(step.maneuver, step.is_same_road) for step in steps] == [
        (Maneuver.DEPART, False),
        (Maneuver.LEFT, True),
        (Maneuver.RIGHT, False),
        (Maneuver.ARRIVE, False),
    ]
    assert (steps[1].road, steps[1].road_en, steps[2].road) == ("环城路", "Ring Road", "")
    assert (steps[0].heading_deg, steps[1].heading_deg) == pytest.approx((90.0, 0.0), abs=0.1)


def test_a_left_turn_over_a_divided_road_is_one_turn():
    # The crossing street is two one-ways 15 m apart; turning left one crosses the nearer first.
    wide = 0.00013
    lines = [
        RoadLine("东街", "primary", [(-0.002, 0.0), (0.0, 0.0), (wide, 0.0)], speed_kmh=36.0),
        RoadLine("北街", "primary", [(0.0, 0.002), (0.0, 0.0), (0.0, -0.002)], oneway=True, speed_kmh=36.0),
        RoadLine("北街", "primary", [(wide, -0.002), (wide, 0.0), (wide, 0.002)], oneway=True, speed_kmh=36.0),
        RoadLine("北街", "primary", [(wide, 0.002), (0.0, 0.002)], speed_kmh=36.0),
        RoadLine("北街", "primary", [(0.0, -0.002), (wide, -0.002)], speed_kmh=36.0),
    ]
    steps = told(graph_from_lines(lines), (-0.001, 0.0), (wide, 0.0015))
    assert [step[:2] for step in steps] == [("depart", "东街"), ("left", "北街"), ("arrive", "")]


def test_driven_out_of_a_blind_alley_one_turns_back():
    lines = [
        RoadLine("巷", "residential", [A, B], speed_kmh=36.0),
        RoadLine("街", "residential", [B, F], speed_kmh=36.0),
    ]
    graph = graph_from_lines([*lines, RoadLine("坡", "residential", [C, A], oneway=True, speed_kmh=36.0)])
    assert told(graph, F, A)[-1][0] == "arrive"
    assert told(graph, (0.001, 0.0), (0.001, 0.0)) == [("depart", "巷", 0.0), ("arrive", "", 0.0)]


def test_steps_add_up_to_the_way_on_any_town():
    graph = road_graph_build(ways_from_lines(grid_lines(9, seed=4)))
    weights, snapper = travel_weights(graph), Snapper(graph)
    lon, lat = places_near_roads(graph, 40, 20.0, np.random.default_rng(3))
    spots = snapper.snap_many(lon, lat, usable=weights.usable)
    for k in range(0, 40, 2):
        way = route(graph, weights, spots[k], spots[k + 1])
        steps = directions(graph, way)
        assert (steps[0].maneuver, steps[-1].maneuver) == (Maneuver.DEPART, Maneuver.ARRIVE)
        assert sum(step.length_m for step in steps) == pytest.approx(way.length_m, abs=1e-6)
        assert sum(step.travel_s for step in steps) == pytest.approx(way.travel_s, abs=1e-6)
        assert len(way.link_at_m) == len(way.links)


RING = [(0.0, 0.0), (0.0003, 0.0003), (0.0, 0.0006), (-0.0003, 0.0003)]


def ring_lines(*arms):
    """A roundabout driven anticlockwise from the south, and roads that join it at (corner, name, end, one-way)."""
    ring = [RoadLine("", "primary", [*RING, RING[0]], oneway=True, speed_kmh=36.0, is_round=True)]
    for corner, name, end, oneway in arms:
        ring.append(RoadLine(name, "primary", [RING[corner], end], oneway=oneway, speed_kmh=36.0))
    return ring


SOUTH, EAST, NORTH, WEST = (0.0, -0.002), (0.002, 0.0003), (0.0, 0.0026), (-0.002, 0.0003)
CROSS = ring_lines(
    (0, "南街", SOUTH, False), (1, "东街", EAST, False), (2, "北街", NORTH, False), (3, "西街", WEST, False)
)


def exits(graph, start, goal):
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    way = route(graph, weights, *(snapper.snap(*place, usable=weights.usable) for place in (start, goal)))
    return [(str(step.maneuver), step.road, step.exit_number) for step in directions(graph, way)]


@pytest.mark.parametrize(("goal", "road", "number"), [(EAST, "东街", 1), (NORTH, "北街", 2), (WEST, "西街", 3)])
def test_a_roundabout_is_one_instruction_and_tells_the_exit(goal, road, number):
    graph = graph_from_lines(CROSS)
    assert exits(graph, SOUTH, goal) == [("depart", "南街", 0), ("roundabout", road, number), ("arrive", "", 0)]


def test_a_road_that_only_leads_in_is_no_exit_and_neither_is_a_footpath():
    lines = ring_lines((0, "南街", SOUTH, False), (2, "北街", NORTH, False), (3, "西街", WEST, False))
    lines.append(RoadLine("东街", "primary", [EAST, RING[1]], oneway=True, speed_kmh=36.0))
    lines += [RoadLine("东街", "primary", [SOUTH, EAST], speed_kmh=9.0)]
    assert exits(graph_from_lines(lines), (0.0, -0.001), NORTH)[1] == ("roundabout", "北街", 1)
    lines = [*ring_lines((0, "南街", SOUTH, False), (2, "北街", NORTH, False))]
    lines.append(RoadLine("花园", "pedestrian", [RING[1], EAST]))
    assert exits(graph_from_lines(lines), SOUTH, NORTH)[1] == ("roundabout", "北街", 1)


def test_who_turns_round_at_a_roundabout_takes_the_last_exit_and_who_sets_out_within_hears_of_the_exit():
    lines = ring_lines((1, "东街", EAST, False), (2, "北街", NORTH, False), (3, "西街", WEST, False))
    # The south street is two one-way roads: in at the corner, out a little before it.
    out = (-0.00015, 0.00015)
    lines[0] = RoadLine("", "primary", [*RING, out, RING[0]], oneway=True, speed_kmh=36.0, is_round=True)
    lines += [
        RoadLine("南街", "primary", [(0.0001, -0.002), RING[0]], oneway=True, speed_kmh=36.0),
        RoadLine("南街", "primary", [out, (-0.0002, -0.002)], oneway=True, speed_kmh=36.0),
        RoadLine("南街", "primary", [(-0.0002, -0.002), (0.0001, -0.002)], speed_kmh=1.0),
    ]
    graph = graph_from_lines(lines)
    assert exits(graph, (0.00005, -0.001), (-0.00018, -0.001))[1] == ("roundabout", "南街", 4)
    assert exits(graph, (0.00015, 0.00015), NORTH) == [
        ("depart", "", 0),
        ("roundabout", "北街", 2),
        ("arrive", "", 0),
    ]
    assert exits(graph, EAST, (-0.00015, 0.00045)) == [
        ("depart", "东街", 0),
        ("roundabout", "", 0),
        ("arrive", "", 0),
    ]


def test_straight_over_a_roundabout_on_the_same_road_one_stays_on_it():
    graph = graph_from_lines(
        ring_lines((0, "长街", SOUTH, False), (1, "东街", EAST, False), (2, "长街", NORTH, False))
    )
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    steps = directions(graph, route(graph, weights, snapper.snap(*SOUTH), snapper.snap(*NORTH)))
    assert [(step.maneuver, step.is_same_road, step.exit_number) for step in steps[1:-1]] == [
        (Maneuver.ROUNDABOUT, True, 2)
    ]
