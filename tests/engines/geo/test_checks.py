"""A doubtful coordinate is told apart by what is wrong with it."""

import math

import pytest

from anlan.engines.geo import Bounds, CoordinateFinding, coordinates_check, wgs84_to_bd09, wgs84_to_gcj02

COUNTY = Bounds(west=120.0, south=30.0, east=121.0, north=31.0)
STATION = (120.5, 30.5)
GCJ02 = tuple(float(degrees) for degrees in wgs84_to_gcj02(*STATION))
BD09 = tuple(float(degrees) for degrees in wgs84_to_bd09(*STATION))


@pytest.mark.parametrize(
    ("lon", "lat", "finding"),
    [
        (120.5, 30.5, "ok"),
        (121.0, 31.0, "ok"),
        (None, 30.5, "missing"),
        (120.5, math.nan, "missing"),
        (0.0, 0.0, "zero"),
        (120.5, 0.0, "zero"),
        (30.5, 120.5, "swapped"),
        (12050.0, 3050.0, "not_on_earth"),
        (math.inf, 30.5, "not_on_earth"),
        (116.4, 39.9, "outside_bounds"),
    ],
)
def test_what_is_wrong_with_a_pair_is_said(lon, lat, finding):
    assert coordinates_check(lon, lat, bounds=COUNTY) is CoordinateFinding(finding)


@pytest.mark.parametrize(
    ("pair", "finding"),
    [
        (STATION, "ok"),
        (GCJ02, "looks_gcj02"),
        (BD09, "looks_bd09"),
        ((120.9, 30.1), "far_from_reference"),
        ((120.5003, 30.5), "ok"),
    ],
)
def test_a_trusted_reference_gives_the_datum_away(pair, finding):
    found = coordinates_check(*pair, bounds=COUNTY, reference=STATION)
    assert found is CoordinateFinding(finding)


def test_without_a_reference_a_shifted_point_inside_the_bounds_cannot_be_told():
    assert coordinates_check(*GCJ02, bounds=COUNTY) is CoordinateFinding.OK


def test_outside_china_no_datum_is_ever_suspected():
    manhattan = Bounds(-74.1, 40.6, -73.9, 40.9)
    found = coordinates_check(-73.98, 40.75, bounds=manhattan, reference=(-73.985, 40.755))
    assert found is CoordinateFinding.FAR_FROM_REFERENCE


def test_bounds_that_run_the_wrong_way_are_refused():
    with pytest.raises(ValueError, match="west to east"):
        Bounds(west=121.0, south=30.0, east=120.0, north=31.0)
