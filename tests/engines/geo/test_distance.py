"""Distance and direction, against figures one can look up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.geo import EARTH_RADIUS_M, LocalProjection, bearing_deg, distance_m

LON, LAT = st.floats(-180, 180), st.floats(-89, 89)


def test_one_degree_of_latitude_is_a_sixtieth_times_sixty_sea_miles():
    assert float(distance_m(120, 30, 120, 31)) == pytest.approx(111_195, abs=1)


def test_shanghai_to_beijing_is_a_little_over_a_thousand_kilometres():
    assert float(distance_m(121.4737, 31.2304, 116.4074, 39.9042)) == pytest.approx(1_067_000, rel=2e-3)


def test_antipodes_are_half_a_circumference_apart():
    assert float(distance_m(10, 20, -170, -20)) == pytest.approx(np.pi * EARTH_RADIUS_M, rel=1e-9)


def test_many_points_are_measured_at_once_and_broadcast():
    lengths = distance_m([0, 0, 0], [0, 1, 2], 0, 0)
    assert lengths == pytest.approx([0, 111_195, 222_390], abs=2)


@pytest.mark.parametrize(("lon", "lat", "degrees"), [(0, 1, 0), (1, 0, 90), (0, -1, 180), (-1, 0, 270), (0, 0, 0)])
def test_directions_are_those_of_the_compass(lon, lat, degrees):
    assert float(bearing_deg(0, 0, lon, lat)) == pytest.approx(degrees)


@given(LON, LAT, LON, LAT)
def test_distance_is_the_same_both_ways_and_bearing_stays_on_the_dial(lon1, lat1, lon2, lat2):
    there, back = distance_m(lon1, lat1, lon2, lat2), distance_m(lon2, lat2, lon1, lat1)
    assert float(there) == pytest.approx(float(back), abs=1e-6)
    assert 0 <= float(bearing_deg(lon1, lat1, lon2, lat2)) < 360


@given(st.floats(73, 135), st.floats(3, 53), st.floats(-4000, 4000), st.floats(-4000, 4000))
def test_the_flat_plane_agrees_with_the_sphere_within_five_kilometres(lon, lat, x_m, y_m):
    plane = LocalProjection(lon, lat)
    there_lon, there_lat = plane.to_degrees(x_m, y_m)
    assert float(distance_m(lon, lat, there_lon, there_lat)) == pytest.approx(np.hypot(x_m, y_m), rel=1e-3, abs=0.01)
    back_x, back_y = plane.to_metres(there_lon, there_lat)
    assert (float(back_x), float(back_y)) == pytest.approx((x_m, y_m), abs=1e-6)
