"""The comparison of searches: the plain one is right where it claims to be, and losses are honest."""

from itertools import count

import numpy as np

from anlan.engines.roads import Snapper, road_graph_build, search_to, travel_weights, ways_from_lines
from anlan.engines.roads.compare import PlainRoads, compare_searches, grid_lines
from anlan.engines.roads.ways import Access
from engines.roads.tiny import FREE


def test_between_points_of_the_map_the_plain_search_agrees_with_ours_where_turns_are_free():
    ways = ways_from_lines(grid_lines(7, seed=3))
    graph = road_graph_build(ways)
    weights = travel_weights(graph, rules=FREE)
    lon, lat = graph.node_lon, graph.node_lat
    plain = PlainRoads.of(ways, Access.CAR).travel_s(lon, lat, float(lon[0]), float(lat[0]))
    snapper = Snapper(graph)
    places = snapper.snap_many(lon, lat)
    ours = search_to(graph, weights, snapper.snap(float(lon[0]), float(lat[0]))).travel_s(places)
    # A place right on a junction is held to stand on one of its roads, and a one-way has one end.
    is_free = np.isfinite(weights.backward_s[places.link])
    assert is_free.sum() > 20
    np.testing.assert_allclose(ours[is_free], plain[is_free], rtol=1e-6, atol=1e-3)
    assert (ours > plain - 1e-3).all()


def test_a_wrong_first_unit_is_one_that_comes_later():
    ways = ways_from_lines(grid_lines(8, seed=5))
    ticks = count()
    found = compare_searches(
        road_graph_build(ways), ways, n_units=12, n_queries=30, seed=1, timer=lambda: float(next(ticks))
    )
    assert len(found.ours_s) == len(found.is_wrong) == 30
    assert [lost > 0 for lost in found.lost_s] == found.is_wrong
    assert 0 < sum(found.is_wrong) < 30
    assert set(found.ours_s) == {1.0}, "each stretch is from one look at the clock to the next"


def test_the_same_seed_draws_the_same_city():
    assert grid_lines(5, seed=2) == grid_lines(5, seed=2) != grid_lines(5, seed=4)
