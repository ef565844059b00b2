"""The compiled loops give what their plain twins give, to the last bit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anlan.engines.roads import Snapper, road_graph_build, travel_weights, ways_from_lines
from anlan.engines.roads.bench import places_near_roads
from anlan.engines.roads.cells import cells_of
from anlan.engines.roads.compare import grid_lines
from anlan.engines.roads.moves import is_compiled
from anlan.engines.roads.search import tails_of, ways_in
from anlan.engines.roads.speeds import DriveMode, Vehicle
from anlan.places.osm_import import road_file_read

SHARED = Path(__file__).parents[4] / "shared/data"
pytestmark = pytest.mark.skipif(not is_compiled(), reason="native.c was not compiled here: the plain twins serve")

GRID = road_graph_build(ways_from_lines(grid_lines(14, seed=3)))


def both_ways(graph, weights, link, share, reach_s=np.inf):
    """Seconds to a place from every state: compiled, plain."""
    target = Snapper(graph).snap(0.0, 0.0) if link is None else _place(graph, link, share)
    parts = [ways_in(graph, weights, target, arc) for arc in (2 * target.link, 2 * target.link + 1)]
    tails, seconds = (np.concatenate(part) for part in zip(*parts, strict=True))
    tails, first = np.unique(tails, return_index=True)
    found = weights.moves.search(tails, seconds[first], reach_s)
    return found, weights.moves.search_plainly(tails, seconds[first], reach_s)


def _place(graph, link, share):
    from anlan.engines.roads import Snap

    return Snap(int(link), float(share * graph.link_length_m[link]), 0.0, 0.0, 0.0)


@pytest.mark.parametrize("reach_s", [np.inf, 90.0, 0.0])
@pytest.mark.parametrize("closed_share", [0.0, 0.15])
def test_the_search_is_that_of_the_textbook_to_the_last_bit(reach_s, closed_share):
    rng = np.random.default_rng(5)
    for vehicle in Vehicle:
        slowdown = np.where(rng.random(GRID.n_links) < closed_share, np.inf, rng.uniform(0.5, 40.0, GRID.n_links))
        weights = travel_weights(GRID, vehicle, DriveMode.EMERGENCY, slowdown=slowdown)
        for link in rng.choice(np.flatnonzero(weights.usable), 10):
            ours, plain = both_ways(GRID, weights, link, rng.random(), reach_s)
            assert np.array_equal(ours[0], plain[0])
            assert np.array_equal(ours[1] >= 0, np.isfinite(ours[0]))


def test_a_road_that_takes_longer_than_all_slices_together_is_searched_like_any_other():
    weights = travel_weights(GRID, slowdown=np.full(GRID.n_links, 1e4))
    ours, plain = both_ways(GRID, weights, 3, 0.4)
    assert np.array_equal(ours[0], plain[0])
    assert ours[0].max() > 1e6


def test_a_point_is_brought_to_the_same_road_by_grid_and_by_tree():
    rng = np.random.default_rng(6)
    by_grid, by_tree = Snapper(GRID), Snapper(GRID)
    by_tree._grid = None
    near = places_near_roads(GRID, 400, 200.0, rng)
    west, south, east, north = GRID.bounds
    far = rng.uniform(west - 0.3, east + 0.3, 100), rng.uniform(south - 0.3, north + 0.3, 100)
    lon, lat = (np.concatenate(parts) for parts in zip(near, far, ([west - 40.0], [89.0]), strict=True))
    for usable in (None, rng.random(GRID.n_links) < 0.05):
        grid, tree = by_grid.snap_many(lon, lat, usable=usable), by_tree.snap_many(lon, lat, usable=usable)
        np.testing.assert_allclose(grid.distance_m, tree.distance_m, rtol=1e-9, atol=1e-6)
        same = grid.link == tree.link
        assert same.mean() > 0.99, "only where two roads are equally near the choice may differ"
        assert np.array_equal(grid.link[~same] >= 0, np.ones((~same).sum(), dtype=bool))


def test_arrays_that_are_too_short_are_refused_not_read_beyond():
    moves = travel_weights(GRID).moves
    with pytest.raises(ValueError, match="needs"):
        replace(moves, own_s=moves.own_s[:-1]).search(np.zeros(1, np.int32), np.zeros(1), np.inf)


@pytest.mark.release
@pytest.mark.parametrize("file", sorted(SHARED.glob("roads-*/*.osm.pbf")), ids=lambda path: path.parent.name)
def test_ten_thousand_pairs_of_each_network(file):
    graph = road_graph_build(road_file_read(file).ways)
    rng = np.random.default_rng(11)
    weights = travel_weights(graph, mode=DriveMode.EMERGENCY)
    cells = cells_of(graph, weights.moves)
    compared = 0
    while compared < 10_000:
        link, share = rng.choice(np.flatnonzero(weights.usable)), rng.random()
        ours, plain = both_ways(graph, weights, link, share)
        pairs = rng.choice(weights.moves.n_states, 100).astype(np.int32)
        assert np.array_equal(ours[0][pairs], plain[0][pairs])
        by_cells = cells.seconds_from(pairs, *tails_of(graph, weights, _place(graph, link, share)))
        np.testing.assert_allclose(by_cells, plain[0][pairs], rtol=0, atol=1e-3)
        compared += len(pairs)
