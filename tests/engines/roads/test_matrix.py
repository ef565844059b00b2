"""Times between many places, and laws that hold for every network under one set of weights."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.roads import (
    DriveMode,
    RoadLine,
    Snapper,
    Vehicle,
    graph_from_lines,
    road_graph_build,
    search_to,
    slowed,
    travel_matrix,
    travel_weights,
    ways_from_lines,
)
from anlan.engines.roads.bench import places_near_roads
from anlan.engines.roads.compare import grid_lines
from engines.roads.tiny import FREE, STEP_S, A, B, C, F, tiny_graph

TOWN = road_graph_build(ways_from_lines(grid_lines(9, seed=4)))
SNAPPER = Snapper(TOWN)


def places(n, seed, weights):
    lon, lat = places_near_roads(TOWN, n, 20.0, np.random.default_rng(seed))
    return SNAPPER.snap_many(lon, lat, usable=weights.usable)


def test_a_matrix_is_its_columns_and_reads_from_source_to_target():
    graph = tiny_graph()
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    sources = snapper.snap_many(*np.array([A, B]).T)
    targets = snapper.snap_many(*np.array([A, C, F]).T)
    steps = travel_matrix(graph, weights, sources, targets) / STEP_S
    np.testing.assert_allclose(steps, [[0, 2, 4], [2, 4, 2]], atol=1e-6)
    near = travel_matrix(graph, weights, sources, targets, cutoff_s=2.5 * STEP_S) / STEP_S
    np.testing.assert_allclose(near, [[0, 2, np.inf], [2, np.inf, 2]], atol=1e-6)


def test_the_work_may_be_shared_and_an_empty_plan_asks_nothing():
    weights = travel_weights(TOWN)
    spots = places(12, 1, weights)
    alone = travel_matrix(TOWN, weights, spots, spots)
    with ThreadPoolExecutor(3) as pool:
        assert np.array_equal(alone, travel_matrix(TOWN, weights, spots, spots, spread=pool.map))
    assert np.array_equal(np.diag(alone), np.zeros(12))
    none = Snapper(TOWN).snap_many([], [])
    assert travel_matrix(TOWN, weights, spots, none).shape == (12, 0)
    assert travel_matrix(TOWN, weights, none, spots).shape == (0, 12)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), vehicle=st.sampled_from(list(Vehicle)), mode=st.sampled_from(list(DriveMode)))
def test_a_way_over_a_third_place_is_never_quicker(seed, vehicle, mode):
    # At a place inside a street one arrives in one direction and may leave in the other, without turning round.
    rng = np.random.default_rng(seed)
    slowdown = rng.uniform(1.0, 5.0, TOWN.n_links)
    weights = travel_weights(TOWN, vehicle, mode, slowdown=slowdown)
    spots = places(8, seed, weights)
    direct = travel_matrix(TOWN, weights, spots, spots)
    # The detour saves at most the turns at the third place: none is made there, so none can be saved either.
    over = (direct[:, :, None] + direct[None, :, :]).min(axis=1)
    assert (direct <= over + turning_back_s(weights)).all()


def turning_back_s(weights):
    """What stopping inside a street can save: the one turning round that a drive through would have paid."""
    turns = weights.moves.turn_s
    return 1e-6 + (float(turns[np.isfinite(turns)].max()) if turns.size else 0.0)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_with_free_turns_the_triangle_holds_to_the_microsecond(seed):
    rng = np.random.default_rng(seed)
    weights = travel_weights(TOWN, rules=FREE, slowdown=rng.uniform(1.0, 5.0, TOWN.n_links))
    spots = places(8, seed, weights)
    direct = travel_matrix(TOWN, weights, spots, spots)
    assert (direct <= (direct[:, :, None] + direct[None, :, :]).min(axis=1) + 1e-5).all()


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), share=st.floats(0.0, 0.4))
def test_closing_more_roads_never_makes_anybody_quicker(seed, share):
    rng = np.random.default_rng(seed)
    free = travel_weights(TOWN, mode=DriveMode.EMERGENCY)
    spots = places(8, seed, free)
    some = np.where(rng.random(TOWN.n_links) < share / 2, np.inf, 1.0)
    more = np.where(rng.random(TOWN.n_links) < share / 2, np.inf, some)
    before, after, later = (
        travel_matrix(TOWN, weights, spots, spots)
        for weights in (free, slowed(TOWN, free, some), slowed(TOWN, free, more))
    )
    assert (before <= after + 1e-6).all()
    assert (after <= later + 1e-6).all()


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_on_foot_there_is_as_far_as_back(seed):
    weights = travel_weights(TOWN, Vehicle.FOOT)
    spots = places(8, seed, weights)
    there = travel_matrix(TOWN, weights, spots, spots)
    np.testing.assert_allclose(there, there.T, atol=1e-4)


def test_a_town_mirrored_has_mirrored_times():
    lines = grid_lines(5, seed=8)
    turned = [
        RoadLine(line.name, line.road_class, [(240.0 - lon, lat) for lon, lat in line.points], oneway=line.oneway)
        for line in lines
    ]
    found = []
    for each, mirror in ((lines, False), (turned, True)):
        graph = graph_from_lines(each)
        weights = travel_weights(graph, rules=FREE)
        spots = np.array([(120.0 + 0.0007 * k, 30.0 + 0.0005 * k) for k in range(6)])
        lon = 240.0 - spots[:, 0] if mirror else spots[:, 0]
        snaps = Snapper(graph).snap_many(lon, spots[:, 1], usable=weights.usable)
        found.append(travel_matrix(graph, weights, snaps, snaps))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6, atol=1e-3)


def test_seconds_from_one_search_are_the_same_as_in_the_matrix():
    weights = travel_weights(TOWN)
    spots = places(5, 2, weights)
    assert np.array_equal(
        travel_matrix(TOWN, weights, spots, spots)[:, 3], search_to(TOWN, weights, spots[3]).travel_s(spots)
    )
