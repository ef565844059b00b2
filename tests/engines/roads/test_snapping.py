"""Snapping finds the nearest road of all, not merely a near one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.geo import LocalProjection
from anlan.engines.roads import RoadGraph, RoadLine, SnapCache, Snapper, graph_from_lines, travel_weights
from engines.roads.tiny import A, B, tiny_graph


def nearest_by_trying_all(graph: RoadGraph, lon: float, lat: float) -> float:
    """Distance to the nearest road, by projecting on every straight piece of it."""
    best = np.inf
    plane = LocalProjection(lon, lat)
    for link in range(graph.n_links):
        xs, ys = plane.to_metres(*graph.link_points(link)[:2])
        for k in range(len(xs) - 1):
            run = np.array([xs[k + 1] - xs[k], ys[k + 1] - ys[k]])
            start = np.array([xs[k], ys[k]])
            share = np.clip(-(start @ run) / (run @ run), 0.0, 1.0)
            best = min(best, float(np.hypot(*(start + share * run))))
    return best


def crooked_town(seed: int) -> RoadGraph:
    """Long straight roads beside short crooked ones, where sampled search could go wrong."""
    rng = np.random.default_rng(seed)
    hub = (120.0, 30.0)
    lines = []
    for _ in range(12):
        length = rng.choice([2e-4, 2e-3, 2e-2])
        steps = rng.normal(0.0, length, (rng.integers(1, 5), 2))
        points = np.vstack([[0.0, 0.0], np.cumsum(steps, axis=0)]) + hub
        lines.append(RoadLine("", "residential", [(float(x), float(y)) for x, y in points]))
    return graph_from_lines(lines)


@given(st.integers(0, 30), st.floats(-0.03, 0.03), st.floats(-0.03, 0.03))
@settings(max_examples=150, deadline=None)
def test_no_road_is_nearer_than_the_one_found(seed, east, north):
    graph = crooked_town(seed)
    snap = Snapper(graph).snap(120.0 + east, 30.0 + north)
    assert snap.distance_m == pytest.approx(nearest_by_trying_all(graph, 120.0 + east, 30.0 + north), abs=1e-3)


@given(st.integers(0, 30), st.floats(5.0, 500.0))
@settings(max_examples=40, deadline=None)
def test_the_answer_does_not_depend_on_how_densely_roads_are_sampled(seed, spacing_m):
    graph = crooked_town(seed)
    rng = np.random.default_rng(seed)
    lon, lat = 120.0 + rng.normal(0, 0.01, 20), 30.0 + rng.normal(0, 0.01, 20)
    usual = Snapper(graph).snap_many(lon, lat)
    other = Snapper(graph, spacing_m=spacing_m).snap_many(lon, lat)
    np.testing.assert_allclose(other.distance_m, usual.distance_m, atol=1e-6)


def test_a_point_on_the_road_lands_where_it_is_and_its_offset_counts_from_the_link_s_start():
    graph = tiny_graph()
    snap = Snapper(graph).snap(0.0005, 0.0)
    lon, lat, at_m = graph.link_points(snap.link)
    assert snap.distance_m < 1e-6
    assert np.interp(snap.offset_m, at_m, lon) == pytest.approx(0.0005, abs=1e-9)
    assert lat.tolist() == [0.0, 0.0]


def test_a_unit_far_off_the_map_is_still_snapped_and_its_distance_tells():
    snap = Snapper(tiny_graph()).snap(0.0, -1.0)
    assert snap.distance_m == pytest.approx(111_195, rel=1e-3)


def test_a_point_without_a_coordinate_is_refused():
    with pytest.raises(ValueError, match="1 of 2 points have no coordinate"):
        Snapper(tiny_graph()).snap_many([0.0, np.nan], [0.0, 0.0])


def test_only_usable_roads_are_answered_however_many_others_are_nearer():
    graph = tiny_graph()
    north = graph.names.index("North Road")
    usable = graph.link_name == north
    snap = Snapper(graph).snap(*A, usable=usable)
    assert graph.link_name[snap.link] == north
    with pytest.raises(ValueError, match="no link is usable"):
        Snapper(graph).snap(*A, usable=np.zeros(graph.n_links, dtype=bool))


def test_a_cache_answers_like_a_fresh_search_after_any_moves():
    graph = tiny_graph()
    snapper, usable = Snapper(graph), travel_weights(graph).usable
    cache = SnapCache(snapper, usable=usable)
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(0, 0.004, 10), rng.uniform(0, 0.002, 10)
    ids = [f"unit {number}" for number in range(10)]
    for _ in range(5):
        moved = rng.random(10) < 0.4
        lon = np.where(moved, rng.uniform(0, 0.004, 10), lon)
        kept, fresh = cache.snaps(ids, lon, lat), snapper.snap_many(lon, lat, usable=usable)
        assert kept.link.tolist() == fresh.link.tolist()
        assert kept.offset_m.tolist() == fresh.offset_m.tolist()
    cache.forget(ids)
    assert cache.snaps(ids[:1], [B[0]], [B[1]])[0].distance_m == pytest.approx(0.0, abs=1e-6)


def test_no_points_give_no_snaps():
    assert len(Snapper(tiny_graph()).snap_many([], [])) == 0
