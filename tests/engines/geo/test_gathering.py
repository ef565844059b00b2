"""Nobody can be picked out of a count by cell: the few are gathered into larger cells, or told of no cell."""

import h3.api.numpy_int as h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.geo import cell_of, cell_ring, gather_few

HERE = int(h3.cell_to_parent(cell_of(120.07, 28.9), 8))
NEXT_DOOR = [int(cell) for cell in h3.cell_to_children(h3.cell_to_parent(HERE, 7), 8) if cell != HERE]
COUNTS = st.dictionaries(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
        lambda at: cell_of(120.0 + at[0] / 200, 28.8 + at[1] / 200)
    ),
    st.integers(1, 9),
    max_size=40,
)


def test_enough_in_one_cell_stand_alone():
    assert gather_few({HERE: 5}, least=5) == ({HERE: 5}, 0)


def test_too_few_are_told_with_their_neighbours():
    shown, left = gather_few({HERE: 3, NEXT_DOOR[0]: 2}, least=5)
    assert shown == {int(h3.cell_to_parent(HERE, 7)): 5}
    assert left == 0


def test_a_larger_cell_counts_only_what_stands_in_no_smaller_one():
    shown, left = gather_few({HERE: 7, NEXT_DOOR[0]: 3, NEXT_DOOR[1]: 3}, least=5)
    assert shown == {HERE: 7, int(h3.cell_to_parent(HERE, 7)): 6}
    assert left == 0


def test_what_is_too_little_anywhere_has_no_place():
    assert gather_few({HERE: 4}, least=5) == ({}, 4)


@given(COUNTS, st.integers(1, 8))
def test_nothing_is_lost_and_nothing_shown_is_too_small(counts, least):
    shown, left = gather_few(counts, least=least)
    assert sum(shown.values()) + left == sum(counts.values())
    assert all(count >= least for count in shown.values())


def test_it_refuses_a_cell_too_large_to_be_placed():
    with pytest.raises(ValueError, match="larger"):
        gather_few({int(h3.cell_to_parent(HERE, 7)): 9}, least=5)
    with pytest.raises(ValueError, match="at least one"):
        gather_few({}, least=0)


def test_the_border_of_a_cell_closes():
    ring = cell_ring(HERE)
    assert len(ring) == 7
    assert ring[0] == ring[-1]
    assert all(120 < lon < 120.2 and 28.8 < lat < 29 for lon, lat in ring)
