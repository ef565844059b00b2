"""Speeds by class, vehicle and urgency; and what a hand-made map may not be."""

import numpy as np
import pytest

from anlan.engines.roads import (
    DriveMode,
    DriveRules,
    RoadLine,
    Vehicle,
    benchmark_recommend,
    graph_from_lines,
    road_graph_build,
    travel_weights,
    ways_from_lines,
)
from engines.roads.tiny import STEP_M, A, B, F, tiny_graph, tiny_lines


def kmh(road_class: str, vehicle: Vehicle, mode: DriveMode = DriveMode.NORMAL, **rules: float) -> float:
    """Driving speed on a road of this class that hangs on an ordinary street."""
    graph = graph_from_lines(
        [RoadLine("tried", road_class, [A, B]), RoadLine("street", "residential", [A, (0.0, 0.002), B])]
    )
    link = next(k for k in range(graph.n_links) if graph.names[graph.link_name[k]] == "tried")
    weights = travel_weights(graph, vehicle, mode, rules=DriveRules(**rules))
    return float(2 * STEP_M / weights.forward_s[link] * 3.6)


def test_wider_roads_are_driven_faster():
    speeds = [kmh(road, Vehicle.CAR) for road in ("service", "residential", "tertiary", "primary", "trunk")]
    assert speeds == sorted(speeds)
    assert speeds[0] < speeds[-1]


def test_blue_light_drives_a_third_faster_but_not_through_a_walking_street():
    assert kmh("primary", Vehicle.CAR, DriveMode.EMERGENCY) == pytest.approx(kmh("primary", Vehicle.CAR) * 4 / 3)
    assert kmh("pedestrian", Vehicle.CAR, DriveMode.EMERGENCY) == pytest.approx(10.0, rel=1e-6)


def test_motorcycles_and_walkers_have_no_business_on_a_motorway():
    assert kmh("motorway", Vehicle.CAR) == pytest.approx(90.0, rel=1e-6)
    assert kmh("motorway", Vehicle.MOTORCYCLE) == 0.0
    assert kmh("motorway", Vehicle.FOOT, DriveMode.EMERGENCY) == 0.0
    assert kmh("motorway", Vehicle.MOTORCYCLE, DriveMode.EMERGENCY) == pytest.approx(70.0, rel=1e-6)


def test_a_walker_walks_at_one_pace_on_any_road():
    assert kmh("primary", Vehicle.FOOT) == pytest.approx(5.0, rel=1e-6)
    assert kmh("service", Vehicle.FOOT) == pytest.approx(5.0, rel=1e-6)


def test_speeds_are_rules_a_city_can_change():
    assert kmh("primary", Vehicle.CAR, DriveMode.EMERGENCY, emergency_factor=1.5) == pytest.approx(67.5, rel=1e-6)
    with pytest.raises(ValueError, match="above zero"):
        DriveRules(emergency_factor=0.0)
    with pytest.raises(ValueError, match="contraflow"):
        DriveRules(contraflow_kmh=0.0)


def test_traffic_makes_a_link_slower_by_its_own_factor():
    graph = tiny_graph()
    free, jam = travel_weights(graph), travel_weights(graph, slowdown=np.full(graph.n_links, 2.5))
    open_links = np.isfinite(free.forward_s)
    assert jam.forward_s[open_links] == pytest.approx(free.forward_s[open_links] * 2.5)


@pytest.mark.parametrize("slowdown", [[1.0], [0.0] * 8, [float("nan")] * 8])
def test_a_slowdown_that_makes_no_sense_is_refused(slowdown):
    with pytest.raises(ValueError, match="slowdown needs 8 numbers above zero"):
        travel_weights(tiny_graph(), slowdown=slowdown)


def test_a_line_of_one_point_or_of_an_unknown_class_is_refused_by_name():
    with pytest.raises(ValueError, match=r"road line 1 \('Stub'\) has fewer than two points"):
        ways_from_lines([RoadLine("ok", "primary", [A, B]), RoadLine("Stub", "primary", [A])])
    with pytest.raises(ValueError, match=r"road line 0 \('Canal'\) has class 'river'"):
        ways_from_lines([RoadLine("Canal", "river", [A, B])])


def test_a_map_without_any_connected_road_is_refused():
    with pytest.raises(ValueError, match="no drivable network"):
        graph_from_lines([])


def test_an_island_is_kept_when_the_county_has_islands_and_no_way_leads_there():
    island = RoadLine("Island Road", "residential", [(0.1, 0.1), (0.101, 0.1), (0.102, 0.1)])
    ways = ways_from_lines([*tiny_lines(), island])
    assert road_graph_build(ways).n_links == 8
    assert road_graph_build(ways, least_island_points=3).n_links == 9
    assert road_graph_build(ways, least_island_points=4).n_links == 8


def test_lines_meet_where_they_hold_the_same_point_within_a_centimetre():
    near = (B[0] + 3e-8, B[1])
    graph = graph_from_lines([RoadLine("one", "primary", [A, B]), RoadLine("two", "primary", [near, F])])
    assert graph.n_links == 2


def test_a_ring_that_no_other_road_touches_is_a_link_of_its_own():
    ring = RoadLine("Ring", "residential", [A, B, (0.002, 0.002), (0.0, 0.002), A])
    graph = graph_from_lines([ring])
    assert (graph.n_nodes, graph.n_links) == (1, 1)
    assert float(graph.link_length_m[0]) == pytest.approx(8 * STEP_M, rel=1e-6)


def test_the_same_map_gives_the_same_graph_to_the_bit():
    one, two = tiny_graph(), tiny_graph()
    for name, value in (vars(one) | vars(one.turns)).items():
        if name != "turns":
            assert np.array_equal(value, (vars(two) | vars(two.turns))[name]), name


def test_the_bench_counts_every_query_with_the_clock_it_is_given():
    ticks = iter(range(10_000))
    figures = benchmark_recommend(tiny_graph(), 20, 5, seed=1, timer=lambda: float(next(ticks)))
    assert figures.reached_share == 1.0
    assert figures.cold_s.tolist() == [3.0] * 5  # three readings after the first in each cold query
    assert figures.cached_s.tolist() == [1.0] * 5
