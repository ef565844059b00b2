"""The engine against a second opinion: random small worlds, and a real city centre."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.roads import (
    Access,
    RoadLine,
    RoadWays,
    Snapper,
    Vehicle,
    road_graph_build,
    route_from,
    search_to,
    travel_weights,
    ways_from_lines,
)
from anlan.engines.roads.graph import RoadGraph
from anlan.places.osm_import import road_file_read
from engines.roads.slow import SlowMap, SlowPlace
from engines.roads.tiny import FREE

HELSINKI = Path(__file__).parents[4] / "shared/data/roads-helsinki/helsinki.osm.pbf"
SIDE = 4


@st.composite
def small_towns(draw: st.DrawFn) -> list[RoadLine]:
    """Up to 4 x 4 corners, slightly out of line, with any mix of one-ways, speeds and bends."""
    wide, high = draw(st.integers(2, SIDE)), draw(st.integers(2, SIDE))

    def corner(column: int, row: int) -> tuple[float, float]:
        bent = ((column * 7 + row * 13) % 5 - 2) * 1e-4
        return 120.0 + column * 0.002 + bent, 30.0 + row * 0.002 - bent / 2

    lines = []
    for column in range(wide):
        for row in range(high):
            for ahead in ((column + 1, row), (column, row + 1)):
                if ahead[0] >= wide or ahead[1] >= high:
                    continue
                kind = draw(st.sampled_from(["both", "both", "there", "back", "none"]))
                if kind == "none":
                    continue
                start, end = corner(column, row), corner(*ahead)
                middle = ((start[0] + end[0]) / 2 + 1e-4, (start[1] + end[1]) / 2 + 1e-4)
                points = [start, middle, end] if draw(st.booleans()) else [start, end]
                if kind == "back":
                    points.reverse()
                speed = draw(st.sampled_from([18.0, 36.0, None]))
                name = draw(st.sampled_from(["", "Road"]))
                lines.append(RoadLine(name, "residential", points, oneway=kind != "both", speed_kmh=speed))
    return lines


def on_usable_road(graph: RoadGraph, slow: SlowMap, places: list[SlowPlace], usable) -> list[SlowPlace]:
    """Those places that lie on a road the vehicle may use in the finished graph."""
    if not places or not usable.any():
        return []
    points = np.array([slow.lon_lat(place) for place in places])
    snaps = Snapper(graph).snap_many(points[:, 0], points[:, 1], usable=usable)
    return [place for place, miss in zip(places, snaps.distance_m, strict=True) if miss < 1e-3]


def check_pairs(ways: RoadWays, graph: RoadGraph, places: list[SlowPlace], n_targets: int) -> int:
    """Compare every usable place with the first few as targets; return the pairs compared."""
    slow, weights, snapper = SlowMap(ways), travel_weights(graph, rules=FREE), Snapper(graph)
    places = on_usable_road(graph, slow, places, weights.usable)
    if not places:
        return 0
    points = np.array([slow.lon_lat(place) for place in places])
    sources = snapper.snap_many(points[:, 0], points[:, 1], usable=weights.usable)
    for number, target in enumerate(places[:n_targets]):
        search = search_to(graph, weights, sources[number])
        seconds = search.travel_s(sources)
        expected = [slow.seconds(source, target) for source in places]
        assert np.isfinite(expected).all(), "the kept part must be strongly connected"
        np.testing.assert_allclose(seconds, expected, rtol=1e-6, atol=1e-3)
        for row in range(len(places)):
            check_route(graph, weights, search, sources, row, seconds[row])
    return len(places) * min(n_targets, len(places))


def check_route(graph, weights, search, sources, row: int, seconds: float) -> None:
    way = route_from(search, sources[row])
    assert way is not None
    assert way.travel_s == pytest.approx(seconds, rel=1e-9, abs=1e-6)
    assert (np.diff(way.at_m) >= 0).all()
    assert (np.diff(way.at_s) >= 0).all()
    ends = [way.lon[0], way.lat[0], way.lon[-1], way.lat[-1]]
    wanted = [sources[row].lon, sources[row].lat, search.target.lon, search.target.lat]
    assert ends == pytest.approx(wanted, abs=1e-8)
    if way.length_m > 1e-3:
        for link, backward in zip(way.links, way.link_backward, strict=True):
            bits = graph.link_access_backward if backward else graph.link_access_forward
            assert bits[link] & Access.CAR, "no one-way is driven the wrong way"


@given(small_towns(), st.lists(st.tuples(st.integers(0, 10_000), st.floats(0.01, 0.99)), min_size=1, max_size=6))
@settings(max_examples=120, deadline=None)
def test_any_small_town_is_driven_as_the_textbook_says(lines, picks):
    ways = ways_from_lines(lines)
    try:
        graph = road_graph_build(ways)
    except ValueError:
        return  # a town without any connected road
    rows = SlowMap(ways).rows
    places = [SlowPlace(int(rows[pick % len(rows)]), share) for pick, share in picks]
    check_pairs(ways, graph, places, n_targets=3)


@given(small_towns())
@settings(max_examples=80, deadline=None)
def test_whatever_a_vehicle_may_use_it_can_reach_from_everywhere_it_may_be(lines):
    try:
        graph = road_graph_build(ways_from_lines(lines))
    except ValueError:
        return
    snapper = Snapper(graph)
    middles = [graph.link_points(link) for link in range(graph.n_links)]
    for vehicle in Vehicle:
        weights = travel_weights(graph, vehicle, rules=FREE)
        if not weights.usable.any():
            continue
        lon = [(points[0][0] + points[0][1]) / 2 for points in middles]
        lat = [(points[1][0] + points[1][1]) / 2 for points in middles]
        sources = snapper.snap_many(lon, lat, usable=weights.usable)
        for row in range(len(sources)):
            assert np.isfinite(search_to(graph, weights, sources[row]).travel_s(sources)).all()


@given(small_towns(), st.integers(0, 10_000), st.floats(0.05, 1.0))
@settings(max_examples=120, deadline=None)
def test_a_narrower_search_says_less_but_never_anything_else(lines, pick, share):
    try:
        graph = road_graph_build(ways_from_lines(lines))
    except ValueError:
        return
    weights, snapper = travel_weights(graph, rules=FREE), Snapper(graph)
    if not weights.usable.any():
        return
    rng = np.random.default_rng(pick)
    points = rng.integers(0, len(graph.point_lon), 12)
    lon = graph.point_lon[points] + rng.normal(0.0, 5e-4, 12)
    sources = snapper.snap_many(lon, graph.point_lat[points], usable=weights.usable)
    target = sources[pick % 12]
    everywhere = search_to(graph, weights, target).travel_s(sources)
    cutoff_s = max(float(everywhere.max()) * share, 1.0)
    search = search_to(graph, weights, target, cutoff_s=cutoff_s)
    near = search.travel_s(sources)
    assert np.isfinite(near).tolist() == (everywhere <= cutoff_s).tolist()
    np.testing.assert_allclose(near[np.isfinite(near)], everywhere[np.isfinite(near)], rtol=1e-12)
    for row in np.flatnonzero(~np.isfinite(near)).tolist():
        assert route_from(search, sources[row]) is None


@pytest.mark.skipif(not HELSINKI.exists(), reason="../shared/data/roads-helsinki is not there")
def test_the_centre_of_helsinki_is_driven_as_the_textbook_says():
    ways = road_file_read(HELSINKI).ways
    graph = road_graph_build(ways)
    rng = np.random.default_rng(20)
    rows = SlowMap(ways).rows
    places = [SlowPlace(int(row), float(rng.uniform(0.01, 0.99))) for row in rng.choice(rows, 60)]
    assert check_pairs(ways, graph, places, n_targets=12) >= 200
