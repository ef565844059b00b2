"""One definition of a percentile, and an interval that admits when n is too small."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.intervals import percentile, percentile_interval

DURATIONS = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


def test_the_position_is_interpolated_between_neighbours() -> None:
    # Sorted 1 2 3 4; h = 3 * 0.9 = 2.7, so 3 + 0.7.
    assert percentile([4, 1, 3, 2], 90) == pytest.approx(3.7)
    assert percentile([4, 1, 3, 2], 50) == 2.5
    assert percentile([7], 90) == 7.0


@given(DURATIONS, st.floats(0, 100))
def test_it_is_the_default_of_numpy(values: list[float], q: float) -> None:
    assert percentile(values, q) == pytest.approx(float(np.percentile(values, q)), rel=1e-9, abs=1e-9)


@given(DURATIONS)
def test_its_ends_are_the_smallest_and_largest_value(values: list[float]) -> None:
    assert percentile(values, 0) == min(values)
    assert percentile(values, 100) == max(values)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf]])
def test_it_refuses_missing_values(values: list[float]) -> None:
    with pytest.raises(ValueError, match="value"):
        percentile(values, 50)


@pytest.mark.parametrize("q", [-1, 101, math.nan])
def test_it_refuses_a_percentage_outside_the_scale(q: float) -> None:
    with pytest.raises(ValueError, match="percentage"):
        percentile([1.0], q)


def test_a_median_of_five_cannot_be_bounded_and_of_six_it_can() -> None:
    # All six on one side has chance 2 / 64 = 3.1 %; five gives 6.3 % and is refused.
    assert percentile_interval([1, 2, 3, 4, 5], 50) is None
    assert percentile_interval([1, 2, 3, 4, 5, 6], 50) == (1.0, 6.0)


def test_a_ninetieth_percentile_needs_thirty_six_values() -> None:
    assert percentile_interval(list(range(35)), 90) is None
    assert percentile_interval(list(range(36)), 90) is not None


def test_ranks_agree_with_the_printed_table_for_the_median() -> None:
    # Conover, table of exact median limits: n = 20 gives ranks 6 and 15.
    assert percentile_interval(list(range(1, 21)), 50) == (6.0, 15.0)


def test_it_covers_the_true_percentile_as_often_as_it_says() -> None:
    rng = np.random.default_rng(20260601)
    true_p90 = -math.log(0.1)  # of a unit exponential
    hits = 0
    for _ in range(600):
        found = percentile_interval(rng.exponential(size=80), 90)
        assert found is not None
        hits += found[0] <= true_p90 <= found[1]
    assert hits / 600 >= 0.93


@given(st.lists(st.floats(0, 1e6), min_size=36, max_size=80), st.sampled_from([25.0, 50.0, 75.0, 90.0]))
def test_the_interval_holds_the_percentile_it_belongs_to(values: list[float], q: float) -> None:
    found = percentile_interval(values, q)
    assert found is not None
    assert found[0] <= percentile(values, q) <= found[1]
