"""Searching cell by cell gives what the plain search gives, whatever the cells and whatever is closed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.roads import (
    DriveMode,
    Snapper,
    Vehicle,
    road_graph_build,
    route,
    slowed,
    travel_times_to,
    travel_weights,
    ways_from_lines,
    with_cells,
)
from anlan.engines.roads.bench import places_near_roads
from anlan.engines.roads.cells import ANEW_SHARE, can_have_cells, cells_of
from anlan.engines.roads.compare import grid_lines

pytestmark = pytest.mark.skipif(not can_have_cells(), reason="the compiled part is missing here: no cells are made")

TOWN = road_graph_build(ways_from_lines(grid_lines(14, seed=3)))
SNAPPER = Snapper(TOWN)
A_THOUSANDTH_S = 1e-3


def cut(weights, junctions):
    return replace(weights, cells=cells_of(TOWN, weights.moves, junctions=junctions))


def both_ways(whole, in_cells, seed, n=40):
    rng = np.random.default_rng(seed)
    lon, lat = places_near_roads(TOWN, n + 1, 20.0, rng)
    spots = SNAPPER.snap_many(lon, lat, usable=whole.usable)
    plain, by_cells = (travel_times_to(TOWN, weights, spots[n], spots) for weights in (whole, in_cells))
    assert np.array_equal(np.isfinite(plain), np.isfinite(by_cells))
    reached = np.isfinite(plain)
    np.testing.assert_allclose(by_cells[reached], plain[reached], rtol=0, atol=A_THOUSANDTH_S)
    return plain


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    junctions=st.sampled_from([1, 3, 10, 30, 500]),
    closed=st.sampled_from([0.0, 0.1, 0.4]),
    vehicle=st.sampled_from(list(Vehicle)),
    mode=st.sampled_from(list(DriveMode)),
)
def test_times_are_those_of_the_plain_search(seed, junctions, closed, vehicle, mode):
    rng = np.random.default_rng(seed)
    slowdown = np.where(rng.random(TOWN.n_links) < closed, np.inf, rng.uniform(0.5, 30.0, TOWN.n_links))
    weights = travel_weights(TOWN, vehicle, mode, slowdown=slowdown)
    both_ways(weights, cut(weights, junctions), seed)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_a_closure_changes_the_cells_it_touches_and_leads_everybody_round(seed):
    free = cut(travel_weights(TOWN), 10)
    slowdown = np.ones(TOWN.n_links)
    slowdown[np.random.default_rng(seed).integers(TOWN.n_links)] = np.inf
    closed = slowed(TOWN, free, slowdown)
    assert closed.cells is not None
    both_ways(replace(closed, cells=None), closed, seed)
    kept = closed.cells.rows == free.cells.rows
    assert kept.mean() > 1 - 2 * ANEW_SHARE
    both_ways(replace(free, cells=None), free, seed)


def test_where_half_the_town_is_slow_the_plain_search_answers():
    free = cut(travel_weights(TOWN), 10)
    assert slowed(TOWN, free, np.full(TOWN.n_links, 2.0)).cells is None
    assert slowed(TOWN, free, np.ones(TOWN.n_links)).cells is not None


def test_a_place_nobody_reaches_is_infinite_in_cells_too():
    slowdown = np.ones(TOWN.n_links)
    target = SNAPPER.snap(120.006, 30.006)
    for junction in (int(TOWN.link_from[target.link]), int(TOWN.link_to[target.link])):
        slowdown[(TOWN.link_from == junction) | (TOWN.link_to == junction)] = np.inf
    free = cut(travel_weights(TOWN), 8)
    closed = slowed(TOWN, free, slowdown)
    seconds = travel_times_to(TOWN, closed, target, SNAPPER.snap_many([120.001, 120.012], [30.001, 30.012]))
    assert np.isinf(seconds).all()


def test_a_way_drawn_with_its_time_known_is_the_same_way():
    weights = travel_weights(TOWN)
    lon, lat = places_near_roads(TOWN, 12, 20.0, np.random.default_rng(9))
    spots = SNAPPER.snap_many(lon, lat, usable=weights.usable)
    seconds = travel_times_to(TOWN, weights, spots[0], spots)
    for k in range(1, 12):
        ways = [
            route(TOWN, weights, spots[k], spots[0]),
            route(TOWN, weights, spots[k], spots[0], within_s=float(seconds[k])),
            route(TOWN, cut(weights, 10), spots[k], spots[0]),
        ]
        assert {tuple(way.links.tolist()) for way in ways} == {tuple(ways[0].links.tolist())}
        assert route(TOWN, weights, spots[k], spots[0], within_s=seconds[k] / 2) is None


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    junctions=st.sampled_from([1, 3, 10, 30, 500]),
    closed=st.sampled_from([0.0, 0.2, 0.4]),
    vehicle=st.sampled_from(list(Vehicle)),
)
def test_a_way_drawn_cell_by_cell_is_the_way_of_the_plain_search(seed, junctions, closed, vehicle):
    rng = np.random.default_rng(seed)
    slowdown = np.where(rng.random(TOWN.n_links) < closed, np.inf, rng.uniform(0.5, 30.0, TOWN.n_links))
    weights = travel_weights(TOWN, vehicle, slowdown=slowdown)
    in_cells = cut(weights, junctions)
    lon, lat = places_near_roads(TOWN, 9, 20.0, rng)
    spots = SNAPPER.snap_many(lon, lat, usable=weights.usable)
    for k in range(9):
        plain, by_cells = (route(TOWN, each, spots[k], spots[8]) for each in (weights, in_cells))
        assert (plain is None) == (by_cells is None)
        if plain is not None and by_cells is not None:
            assert by_cells.travel_s == pytest.approx(plain.travel_s, abs=A_THOUSANDTH_S)
            assert (by_cells.lon[-1], by_cells.lat[-1]) == pytest.approx((spots[8].lon, spots[8].lat), abs=1e-8)
            assert by_cells.length_m == pytest.approx(plain.length_m, rel=1e-3)


def test_small_networks_are_searched_whole_and_cells_hold_somebody():
    weights = travel_weights(TOWN)
    assert with_cells(TOWN, weights) is weights
    cells = with_cells(TOWN, weights, worth_states=1).cells
    assert cells is not None
    assert np.bincount(cells.cell, minlength=cells.n_cells).tolist() == cells.size.tolist()
    with pytest.raises(ValueError, match="at least one junction"):
        cells_of(TOWN, weights.moves, junctions=0)
