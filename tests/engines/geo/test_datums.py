"""GCJ-02 and BD-09 against an independent implementation, and there and back again."""

import warnings

import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.geo import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    distance_m,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

# A little inside the rectangle, so that a shifted point is inside it too.
CHINA_LON, CHINA_LAT = st.floats(72.1, 137.7), st.floats(0.9, 55.7)
FORWARD = {
    "gcj02": (wgs84_to_gcj02, prcoords.wgs_gcj),
    "bd09": (wgs84_to_bd09, prcoords.wgs_bd),
    "gcj02 to bd09": (gcj02_to_bd09, prcoords.gcj_bd),
}
THERE_AND_BACK = {
    "gcj02": (wgs84_to_gcj02, gcj02_to_wgs84),
    "bd09": (wgs84_to_bd09, bd09_to_wgs84),
    "gcj02 to bd09": (gcj02_to_bd09, bd09_to_gcj02),
}


@pytest.mark.parametrize("name", FORWARD)
@given(lon=CHINA_LON, lat=CHINA_LAT)
def test_the_shift_is_the_published_one(name, lon, lat):
    ours, theirs = FORWARD[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs((lat, lon))
    got_lon, got_lat = ours(lon, lat)
    assert (float(got_lon), float(got_lat)) == pytest.approx((expected.lon, expected.lat), abs=1e-9)


@pytest.mark.parametrize("name", THERE_AND_BACK)
@given(lon=CHINA_LON, lat=CHINA_LAT)
def test_there_and_back_is_exact_to_a_centimetre(name, lon, lat):
    there, back = THERE_AND_BACK[name]
    back_lon, back_lat = back(*there(lon, lat))
    assert abs(float(back_lon) - lon) <= 1e-7
    assert abs(float(back_lat) - lat) <= 1e-7


@pytest.mark.parametrize("name", THERE_AND_BACK)
@given(lon=st.floats(-180, 70) | st.floats(140, 180), lat=st.floats(-90, 90))
def test_outside_china_nothing_is_moved(name, lon, lat):
    for convert in THERE_AND_BACK[name]:
        same_lon, same_lat = convert(lon, lat)
        assert (float(same_lon), float(same_lat)) == (lon, lat)


def test_in_shanghai_the_shift_is_about_half_a_kilometre():
    lon, lat = wgs84_to_gcj02(121.4737, 31.2304)
    assert 400 < float(distance_m(121.4737, 31.2304, lon, lat)) < 600


def test_whole_columns_are_converted_at_once_and_gaps_stay_gaps():
    lon, lat = np.array([[121.0, np.nan], [-74.0, 120.0]]), np.array([[31.0, 30.0], [40.7, 30.0]])
    got_lon, got_lat = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    np.testing.assert_allclose(got_lon, lat * 0 + lon, atol=1e-7)
    np.testing.assert_allclose(got_lat[~np.isnan(lon)], lat[~np.isnan(lon)], atol=1e-7)
    assert all(len(part) == 0 for part in bd09_to_wgs84([], []))
