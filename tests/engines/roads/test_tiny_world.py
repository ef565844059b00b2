"""The road engine on a world of seven junctions that can be checked on paper."""

import math

import pytest

from anlan.engines.roads import (
    FREE_TURNS,
    DriveMode,
    DriveRules,
    RoadGraph,
    RoadLine,
    Snap,
    Snapper,
    Vehicle,
    graph_from_lines,
    position_along,
    route,
    search_to,
    street_names,
    travel_times_to,
    travel_weights,
)
from engines.roads.tiny import FREE, STEP_M, STEP_S, A, B, C, D, E, F, G, tiny_graph, tiny_lines


@pytest.fixture(scope="module")
def graph() -> RoadGraph:
    return tiny_graph()


@pytest.fixture(scope="module")
def snapper(graph: RoadGraph) -> Snapper:
    return Snapper(graph)


def seconds(graph: RoadGraph, start, goal, *, vehicle=Vehicle.CAR, mode=DriveMode.NORMAL, rules=None) -> float:
    """Travel seconds between two coordinates, both snapped for that vehicle."""
    snapper = Snapper(graph)
    weights = travel_weights(graph, vehicle, mode, rules=rules or FREE)
    target = snapper.snap(*goal, usable=weights.usable)
    sources = snapper.snap_many([start[0]], [start[1]], usable=weights.usable)
    return float(travel_times_to(graph, weights, target, sources)[0])


def test_bends_and_plain_points_are_no_junctions_but_name_changes_are(graph):
    assert graph.n_nodes == 7
    assert graph.n_links == 8
    assert len(graph.point_lon) == 8 + 8 + 3  # two ends each, and three points in between


def test_the_bend_counts_in_the_length_of_its_lane(graph):
    east = graph.names.index("East Lane")
    lengths = [float(graph.link_length_m[k]) for k in range(graph.n_links) if graph.link_name[k] == east]
    assert lengths == pytest.approx([2 * math.sqrt(2) * STEP_M], rel=1e-6)


def test_a_straight_drive_takes_its_length_over_ten_metres_a_second(graph):
    assert seconds(graph, A, F) == pytest.approx(4 * STEP_S, rel=1e-6)


def test_the_one_way_hill_is_used_upward_and_driven_around_downward(graph):
    assert seconds(graph, B, D) == pytest.approx(2 * STEP_S, rel=1e-6)
    assert seconds(graph, D, B) == pytest.approx(6 * STEP_S, rel=1e-6)  # D-C-A-B, the bend is longer


def test_walkers_do_not_care_about_one_ways(graph):
    assert seconds(graph, D, B, vehicle=Vehicle.FOOT) == pytest.approx(2 * STEP_M / (5 / 3.6), rel=1e-6)


def test_blue_light_shortens_the_drive_by_its_factor_and_keeps_one_ways(graph):
    assert seconds(graph, D, B, mode=DriveMode.EMERGENCY) == pytest.approx(6 * STEP_S * 0.75, rel=1e-6)


def test_contraflow_is_driven_only_where_the_rules_allow_it(graph):
    rules = DriveRules(contraflow_kmh=18.0, turns=FREE_TURNS)
    up = seconds(graph, D, B, mode=DriveMode.EMERGENCY, rules=rules)
    assert up == pytest.approx(2 * STEP_M / 5.0, rel=1e-6)
    assert seconds(graph, D, B, rules=rules) == pytest.approx(6 * STEP_S, rel=1e-6)


def test_two_units_on_the_call_s_own_one_way_street_before_and_behind_it(graph):
    low, high = (0.002, 0.0005), (0.002, 0.0015)
    assert seconds(graph, low, high) == pytest.approx(STEP_S, rel=1e-6)
    # Behind the call the unit must go up, around by C and A, and in again from B.
    assert seconds(graph, high, low) == pytest.approx((0.5 + 6 + 0.5) * STEP_S, rel=1e-6)


def test_a_unit_standing_on_the_spot_needs_no_time(graph):
    assert seconds(graph, (0.002, 0.0007), (0.002, 0.0007)) == 0.0
    assert seconds(graph, A, A) == pytest.approx(0.0, abs=1e-6)


def test_a_call_in_the_blind_alley_is_reached_from_its_mouth(graph):
    assert seconds(graph, A, G) == pytest.approx(3 * STEP_S, rel=1e-6)
    assert seconds(graph, G, E) == pytest.approx(5 * STEP_S, rel=1e-6)


def test_snapping_finds_the_foot_of_the_perpendicular_and_says_how_far_it_was(graph, snapper):
    snap = snapper.snap(0.0015, 0.0003)
    assert (snap.lon, snap.lat) == pytest.approx((0.0015, 0.0), abs=1e-9)
    assert snap.distance_m == pytest.approx(0.3 * STEP_M, rel=1e-6)
    assert graph.names[graph.link_name[snap.link]] == "South Road"


def test_the_route_around_the_one_way_lists_its_streets_in_order(graph, snapper):
    weights = travel_weights(graph, rules=FREE)
    way = route(graph, weights, snapper.snap(0.002, 0.0015), snapper.snap(0.002, 0.0005))
    assert way is not None
    assert street_names(graph, way) == ["Hill Street", "North Road", "West Lane", "South Road", "Hill Street"]
    assert way.travel_s == pytest.approx(7 * STEP_S, rel=1e-6)
    assert way.length_m == pytest.approx(7 * STEP_M, rel=1e-6)
    corners = [point for corner in (D, (0.001, 0.002), C, A, B) for point in corner]
    assert [degrees for point in way.line()[1:-1] for degrees in point] == pytest.approx(corners, abs=1e-9)


def test_a_driving_unit_is_where_its_clock_says_and_looks_where_it_goes(graph, snapper):
    way = route(graph, travel_weights(graph, rules=FREE), snapper.snap(*A), snapper.snap(0.002, 0.0015))
    assert way is not None
    assert position_along(way, -5.0) == pytest.approx((0.0, 0.0, 90.0), abs=1e-6)
    assert position_along(way, STEP_S) == pytest.approx((0.001, 0.0, 90.0), abs=1e-6)
    lon, lat, heading = position_along(way, 3 * STEP_S)
    assert (lon, lat) == pytest.approx((0.002, 0.001), abs=1e-6)
    assert heading == pytest.approx(0.0, abs=1e-3)
    assert position_along(way, 1e6) == pytest.approx((0.002, 0.0015, 0.0), abs=1e-3)


def test_a_cutoff_leaves_far_units_out_until_enough_are_reached(graph, snapper):
    weights = travel_weights(graph, rules=FREE)
    target = snapper.snap(*A)
    places = [(0.0005, 0.0), F, E]
    sources = snapper.snap_many([lon for lon, _ in places], [lat for _, lat in places])
    near = travel_times_to(graph, weights, target, sources, cutoff_s=STEP_S, enough=1)
    assert near[0] == pytest.approx(0.5 * STEP_S, rel=1e-6)
    assert near[1:].tolist() == [math.inf, math.inf]
    everyone = travel_times_to(graph, weights, target, sources, cutoff_s=STEP_S)
    assert everyone == pytest.approx([0.5 * STEP_S, 4 * STEP_S, 6 * STEP_S], rel=1e-6)


def test_a_closed_road_is_driven_around_and_a_shut_alley_cannot_be_reached(graph, snapper):
    slowdown = [1.0] * graph.n_links
    for link in range(graph.n_links):
        if graph.names[graph.link_name[link]] in ("West Lane", "Blind Alley"):
            slowdown[link] = math.inf
    weights = travel_weights(graph, slowdown=slowdown, rules=FREE)
    assert search_to(graph, weights, snapper.snap(*C)).travel_s(snapper.snap_many([A[0] + 0.0001], [0.0]))[
        0
    ] == pytest.approx(5.9 * STEP_S, rel=1e-6)
    alley = snapper.snap(0.0, 0.0025)
    assert math.isinf(search_to(graph, weights, alley).travel_s(snapper.snap_many([B[0]], [B[1]]))[0])
    assert route(graph, weights, snapper.snap(*B), alley) is None


def test_an_island_road_is_left_out_so_that_no_call_looks_unreachable():
    island = RoadLine("Island Road", "residential", [(0.1, 0.1), (0.101, 0.1)])
    graph = graph_from_lines([*tiny_lines(), island])
    assert graph.n_links == 8
    assert Snapper(graph).snap(0.1, 0.1).distance_m > 10_000


def test_a_one_way_that_leads_out_of_the_map_is_no_place_to_snap_a_car():
    exit_road = RoadLine("Exit", "primary", [E, (0.004, 0.004)], oneway=True)
    graph = graph_from_lines([*tiny_lines(), exit_road])
    car = travel_weights(graph, rules=FREE)
    snap = Snapper(graph).snap(0.004, 0.004, usable=car.usable)
    assert (snap.lon, snap.lat) == pytest.approx(E, abs=1e-9)
    assert Snapper(graph).snap(0.004, 0.004).distance_m == pytest.approx(0.0, abs=1e-6)  # walkers may


def test_two_streets_between_the_same_corners_are_both_kept_and_the_quicker_one_driven():
    lines = [
        RoadLine("Slow", "residential", [A, B], speed_kmh=18.0),
        RoadLine("Quick", "residential", [A, (0.001, 0.0002), B], speed_kmh=36.0),
    ]
    graph = graph_from_lines([*lines, RoadLine("Tail", "residential", [B, F], speed_kmh=36.0)])
    weights = travel_weights(graph, rules=FREE)
    snapper = Snapper(graph)
    way = route(graph, weights, snapper.snap(-0.0001, -0.0001), snapper.snap(*F))
    assert way is not None
    driven = [graph.names[graph.link_name[link]] for link in way.links]
    assert "Quick" in driven
    assert way.travel_s < 4.2 * STEP_S


def test_a_ring_road_on_one_junction_is_entered_from_its_nearer_end():
    ring = RoadLine("Ring", "residential", [F, (0.005, 0.0), (0.005, 0.001), (0.004, 0.001), F], speed_kmh=36.0)
    graph = graph_from_lines([RoadLine("Road", "residential", [A, F], speed_kmh=36.0), ring])
    assert seconds(graph, A, (0.005, 0.0005)) == pytest.approx((4 + 1.5) * STEP_S, rel=1e-6)
    assert seconds(graph, A, (0.0042, 0.001)) == pytest.approx((4 + 1.2) * STEP_S, rel=1e-6)
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    way = route(graph, weights, snapper.snap(*A), snapper.snap(0.0042, 0.001))
    assert way is not None
    assert way.travel_s == pytest.approx(5.2 * STEP_S, rel=1e-6)
    assert way.line()[-2] == pytest.approx((0.004, 0.001), abs=1e-9)


def test_a_call_for_a_vehicle_that_may_not_stand_there_is_refused(graph):
    street = RoadLine("Walking Street", "pedestrian", [D, (0.002, 0.004)])
    graph = graph_from_lines([*tiny_lines(), street])
    link = next(k for k in range(graph.n_links) if graph.names[graph.link_name[k]] == "Walking Street")
    with pytest.raises(ValueError, match="cannot be used by car in normal mode"):
        search_to(graph, travel_weights(graph, rules=FREE), Snap(link, 1.0, 0.0, 0.002, 0.003))
    assert math.isfinite(seconds(graph, A, (0.002, 0.003), mode=DriveMode.EMERGENCY))
