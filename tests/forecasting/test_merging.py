"""Neighbouring cells are told together until enough people live there; a grid three wide, on paper."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anlan.forecasting.merging import NOWHERE, groups_of

UNKNOWN = float("nan")


def groups(residents, *, cells=None, station=None, addresses=None, nx=3):
    n = len(residents)
    return groups_of(
        np.array(cells if cells is not None else range(n), dtype=np.int32),
        nx,
        np.array(station if station is not None else [1] * n, dtype=np.int64),
        np.array(residents, dtype=np.float64),
        np.array(addresses if addresses is not None else [20] * n, dtype=np.int64),
        least_residents=500,
        least_addresses=8,
    ).tolist()


def test_a_cell_with_enough_people_stands_by_itself():
    assert groups([600, 500, 2000]) == [0, 1, 2]


def test_a_small_cell_joins_the_neighbour_with_fewest():
    # 0 1 2 in a row: 100 and 450 make 550, though the third would have done as well.
    assert groups([100, 450, 600]) == [0, 0, 1]


def test_it_never_joins_another_stations_cell():
    assert groups([100, 900], station=[1, 2]) == [NOWHERE, 0]


def test_the_row_above_at_the_other_edge_is_no_neighbour():
    # Cell 2 is the east end of the first row, cell 3 the west end of the second.
    assert groups([100, 900], cells=[2, 3]) == [NOWHERE, 0]


def test_where_nobody_knows_who_lives_there_addresses_alone_decide():
    assert groups([UNKNOWN, UNKNOWN], addresses=[8, 7]) == [0, NOWHERE]


def test_enough_people_behind_too_few_doors_are_joined_too():
    assert groups([800, 700], addresses=[3, 9]) == [0, 0]


@given(st.lists(st.integers(0, 900), min_size=1, max_size=12), st.integers(1, 4))
def test_no_group_is_home_to_too_few(residents, nx):
    found = groups(residents, nx=nx)
    for group in set(found) - {NOWHERE}:
        assert sum(n for n, mine in zip(residents, found, strict=True) if mine == group) >= 500
