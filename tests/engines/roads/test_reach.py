"""From where a place is reached in time, on roads that can be checked on paper."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.roads import (
    Reach,
    RoadLine,
    Snapper,
    graph_from_lines,
    reach_areas,
    search_to,
    travel_times_to,
    travel_weights,
)
from engines.roads.tiny import FREE, STEP_S, A, B, F, tiny_graph

SIDE = 2.0  # metres; narrow, so that an area is next to its road and nowhere else
DEGREE_M = 111_320.0
GRAPH = tiny_graph()
WEIGHTS = travel_weights(GRAPH, rules=FREE)
SNAPPER = Snapper(GRAPH)


def areas(place: tuple[float, float], *limits_s: float) -> list[Reach]:
    search = search_to(GRAPH, WEIGHTS, SNAPPER.snap(*place, usable=WEIGHTS.usable))
    return reach_areas(search, limits_s, half_width_m=SIDE)


def shape(reach: Reach) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(rings[0], rings[1:]) for rings in reach.polygons])


def test_on_a_straight_road_a_minute_reaches_a_minute_each_way():
    line = RoadLine("Long Road", "residential", ((0.0, 0.0), (0.1, 0.0)), speed_kmh=36.0)
    graph = graph_from_lines([line])
    weights = travel_weights(graph, rules=FREE)
    search = search_to(graph, weights, Snapper(graph).snap(0.05, 0.0))
    (reach,) = reach_areas(search, [60.0], half_width_m=SIDE)
    west, south, east, north = shape(reach).bounds
    assert west == pytest.approx(0.05 - 600.0 / DEGREE_M, abs=5e-5)
    assert east == pytest.approx(0.05 + 600.0 / DEGREE_M, abs=5e-5)
    assert (south, north) == pytest.approx((-SIDE / DEGREE_M, SIDE / DEGREE_M), abs=1e-6)


def test_a_one_way_street_is_reached_from_its_beginning_only():
    north_end = (0.002, 0.002)
    (reach,) = areas(north_end, STEP_S)
    area = shape(reach)
    assert area.intersects(shapely.Point(0.002, 0.0012))  # driving north, with the arrow
    (from_south,) = areas(B, STEP_S)
    assert not shape(from_south).intersects(shapely.Point(0.002, 0.0008))  # it would be against it


def test_no_time_reaches_next_to_nothing_and_a_long_time_everything():
    nothing, everything = areas(A, 0.0, 100 * STEP_S)
    assert shape(nothing).area * DEGREE_M**2 < 50.0
    assert shape(everything).contains(shapely.Point(F)) or shape(everything).intersects(shapely.Point(F))


def test_it_refuses_a_limit_beyond_what_was_searched():
    search = search_to(GRAPH, WEIGHTS, SNAPPER.snap(*A), cutoff_s=30.0)
    with pytest.raises(ValueError, match="between 0 and 30"):
        reach_areas(search, [10.0, 60.0])


@settings(max_examples=40, deadline=None)
@given(
    lon=st.floats(0.0, 0.004),
    lat=st.sampled_from([0.0, 0.002]),
    limit=st.floats(1.0, 60.0),
    more=st.floats(1.0, 60.0),
)
def test_more_time_never_reaches_less(lon, lat, limit, more):
    small, large = areas((lon, lat), limit, limit + more)
    assert shape(small).difference(shape(large).buffer(1.0 / DEGREE_M)).area * DEGREE_M**2 < 1.0


@settings(max_examples=40, deadline=None)
@given(lon=st.floats(0.0, 0.004), lat=st.sampled_from([0.0, 0.002]), limit=st.floats(5.0, 60.0))
def test_a_point_on_the_road_lies_in_the_area_just_when_it_is_near_enough_in_time(lon, lat, limit):
    target = SNAPPER.snap(*B, usable=WEIGHTS.usable)
    there = SNAPPER.snap_many([lon], [lat], usable=WEIGHTS.usable)
    seconds = float(travel_times_to(GRAPH, WEIGHTS, target, there)[0])
    (reach,) = areas(B, limit)
    # A drawn edge is as wide as the road's side and the simplifying: seconds this near to it may fall either way.
    if abs(seconds - limit) > 3.0:
        assert shape(reach).intersects(shapely.Point(lon, lat)) is (seconds < limit)
