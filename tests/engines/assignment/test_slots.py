"""Places of a response plan: as many filled as can be, the soonest of those, nobody twice."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.assignment import slots_fill


def test_the_only_dog_goes_to_the_place_that_needs_it():
    # place 0 takes anybody, place 1 needs a dog; unit 0 is nearest and the only one with a dog
    assert slots_fill([[True, True, True], [True, False, False]], [60, 100, 90]).tolist() == [2, 0]


def test_a_place_nobody_can_fill_stays_empty_and_the_rest_is_filled():
    assert slots_fill([[False, False], [True, True]], [60, 50]).tolist() == [-1, 1]


def test_the_first_place_gets_the_quicker_unit():
    assert slots_fill([[True, True], [True, True]], [200, 100]).tolist() == [1, 0]


def test_home_goes_first_within_its_seconds_and_not_beyond():
    one = [[True, True]]
    assert slots_fill(one, [200, 150], allowance_s=[60, 0]).tolist() == [0]
    assert slots_fill(one, [211, 150], allowance_s=[60, 0]).tolist() == [1]


def test_whoever_cannot_get_there_fills_nothing():
    assert slots_fill([[True, True]], [np.inf, np.inf]).tolist() == [-1]
    assert slots_fill([[True]], np.zeros(1)).tolist() == [0]
    assert slots_fill(np.zeros((2, 0), dtype=bool), []).tolist() == [-1, -1]
    assert slots_fill(np.zeros((0, 2), dtype=bool), [1, 2]).tolist() == []


@pytest.mark.parametrize("wrong", [([[True]], [1, 2]), ([True], [1]), ([[True]], [-1]), ([[True]], [float("nan")])])
def test_it_refuses_what_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=r"one time per unit|at least 0"):
        slots_fill(*wrong)


@settings(max_examples=60)
@given(st.integers(1, 3), st.integers(1, 4), st.data())
def test_no_other_filling_fills_more_or_is_sooner(n_slots, n_units, data):
    may = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=n_units, max_size=n_units),
                                      min_size=n_slots, max_size=n_slots)))  # fmt: skip
    eta = data.draw(st.lists(st.integers(0, 900), min_size=n_units, max_size=n_units))
    found = slots_fill(may, eta)
    used = [row for row in found.tolist() if row >= 0]
    assert len(used) == len(set(used))
    assert all(may[slot, row] for slot, row in enumerate(found.tolist()) if row >= 0)
    choices = permutations([*range(n_units), *([-1] * n_slots)], n_slots)
    fair = [c for c in choices if all(row < 0 or may[slot, row] for slot, row in enumerate(c))]
    best = min((-sum(row >= 0 for row in c), sum(eta[row] for row in c if row >= 0)) for c in fair)
    assert len(used) == -best[0]
    assert sum(eta[row] for row in used) <= best[1] + 1
