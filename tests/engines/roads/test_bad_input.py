"""What maps and positions bring that should not be: islands, rivers, far places, ways of nothing, foolish limits."""

import math
from dataclasses import replace

import numpy as np
import pytest

from anlan.engines.roads import (
    RoadLine,
    Snapper,
    graph_from_lines,
    road_graph_build,
    route,
    travel_times_to,
    travel_weights,
    ways_from_lines,
)
from engines.roads.tiny import FREE, STEP_M, STEP_S, A, B, C, E, F, tiny_graph, tiny_lines

ISLAND = [(0.1, 0.1), (0.102, 0.1)]


def seconds(graph, start, goal):
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    target = snapper.snap(*goal, usable=weights.usable)
    return float(travel_times_to(graph, weights, target, snapper.snap_many(*np.array([start]).T))[0])


def test_between_disconnected_islands_there_is_honestly_no_way_and_on_each_there_is():
    ways = ways_from_lines([*tiny_lines(), RoadLine("Island Road", "residential", ISLAND, speed_kmh=36.0)])
    graph = road_graph_build(ways, least_island_points=2)
    assert math.isinf(seconds(graph, A, ISLAND[0]))
    assert math.isinf(seconds(graph, ISLAND[0], A))
    assert seconds(graph, *ISLAND) == pytest.approx(2 * STEP_S, rel=1e-5)
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    assert route(graph, weights, snapper.snap(*A), snapper.snap(*ISLAND[0])) is None


def test_a_unit_in_the_river_is_put_on_its_bank_and_how_far_it_is_off_is_said():
    # Between the two rows of the town, 80 m south of North Road.
    graph = tiny_graph()
    snapper = Snapper(graph)
    snap = snapper.snap(0.001, 0.002 - 80 / STEP_M / 1000)
    assert graph.names[graph.link_name[snap.link]] == "North Road"
    assert snap.distance_m == pytest.approx(80.0, rel=1e-6)
    assert math.isfinite(seconds(graph, (0.001, 0.0015), A))


@pytest.mark.parametrize("place", [(1.0, 1.0), (-120.0, 0.0), (0.002, 89.0), (179.999, -45.0)])
def test_an_incident_outside_the_county_is_snapped_with_a_distance_nobody_can_overlook(place):
    snapper = Snapper(tiny_graph())
    assert snapper.snap(*place).distance_m > 50_000


@pytest.mark.parametrize("place", [(math.nan, 0.0), (0.0, math.inf)])
def test_a_place_without_a_coordinate_is_refused(place):
    with pytest.raises(ValueError, match="no coordinate"):
        Snapper(tiny_graph()).snap(*place)


def test_ways_of_no_length_change_nothing():
    nothing = [
        RoadLine("Point", "residential", [B, B], speed_kmh=36.0),
        RoadLine("South Road", "residential", [A, A, B], speed_kmh=36.0),
    ]
    graph = graph_from_lines([*tiny_lines(), *nothing])
    assert (graph.link_length_m > 0.0).all()
    for start, goal in ((A, F), (E, A), (C, B)):
        assert seconds(graph, start, goal) == pytest.approx(seconds(tiny_graph(), start, goal), rel=1e-6)


def test_ways_drawn_twice_change_no_time():
    graph = graph_from_lines([*tiny_lines(), *tiny_lines(), *tiny_lines()])
    for start, goal in ((A, F), (E, A), (C, B)):
        assert seconds(graph, start, goal) == pytest.approx(seconds(tiny_graph(), start, goal), rel=1e-6)


@pytest.mark.parametrize("kmh", [-50.0, 0.0, math.inf, math.nan])
def test_a_drawn_road_with_a_speed_that_is_none_is_refused_by_name(kmh):
    with pytest.raises(ValueError, match="Foolish"):
        graph_from_lines([RoadLine("Foolish", "residential", [A, B], speed_kmh=kmh)])


@pytest.mark.parametrize("kmh", [-50.0, 0.0, math.inf, math.nan])
def test_a_map_with_a_limit_that_is_none_is_driven_as_if_it_had_none(kmh):
    ways = ways_from_lines(tiny_lines())
    graph = road_graph_build(replace(ways, way_speed_kmh=np.full(ways.n_ways, kmh)))
    assert set(graph.link_speed_kmh.tolist()) == {25.0}


def test_nobody_drives_999_km_an_hour():
    graph = graph_from_lines([RoadLine("Road", "residential", [A, B, F], speed_kmh=999.0)])
    assert (travel_weights(graph).forward_s >= graph.link_length_m / (120.0 / 3.6) - 1e-9).all()


def test_a_map_without_any_road_says_so():
    with pytest.raises(ValueError, match="no road at all"):
        road_graph_build(ways_from_lines([]))


def test_every_road_closed_leaves_only_who_stands_there():
    graph = tiny_graph()
    weights = travel_weights(graph, slowdown=np.full(graph.n_links, np.inf), rules=FREE)
    snapper = Snapper(graph)
    found = travel_times_to(graph, weights, snapper.snap(*A), snapper.snap_many(*np.array([A, F]).T))
    assert found.tolist() == [0.0, math.inf]
