"""The square world: corners to be checked on paper, and the way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.tiles import bounds_of_tile, first_zoom, tile_at
from anlan.engines.tiles.mercator import EDGE_LAT, lonlat_of, world_of

LON = st.floats(-180, 180)
LAT = st.floats(-85, 85)


def test_the_middle_of_the_world_is_the_corner_of_four_tiles():
    assert world_of(np.array([[0.0, 0.0]])).tolist() == [[0.5, 0.5]]
    assert tile_at(0.1, 0.1, 1) == (1, 0)
    assert tile_at(-0.1, -0.1, 1) == (0, 1)


def test_the_first_tile_is_the_whole_world():
    assert bounds_of_tile(0, 0, 0) == pytest.approx((-180, -EDGE_LAT, 180, EDGE_LAT))


def test_a_known_tile_is_where_everybody_has_it():
    # Tiananmen at zoom 12, as any web map numbers it.
    assert tile_at(116.3975, 39.9087, 12) == (3372, 1552)


@given(LON, LAT)
def test_there_and_back_is_the_same_place(lon, lat):
    there = np.array([[lon, lat]])
    assert lonlat_of(world_of(there)) == pytest.approx(there, abs=1e-9)


@given(st.floats(-179.99, 179.99), LAT, st.integers(0, 18))
def test_a_tile_holds_the_points_it_is_asked_for(lon, lat, zoom):
    west, south, east, north = bounds_of_tile(zoom, *tile_at(lon, lat, zoom))
    slack = 1e-9
    assert west - slack <= lon <= east + slack
    assert south - slack <= lat <= north + slack


def test_a_county_starts_where_it_fills_the_screen_and_a_nation_further_out():
    assert first_zoom((120.0, 28.7, 120.5, 29.1)) == 8
    assert first_zoom((73.0, 18.0, 135.0, 54.0)) == 3
