"""The mean of a few like days, and where the next one would lie."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.intervals import mean_interval, next_interval

DAYS = st.lists(st.integers(0, 5000).map(float), min_size=2, max_size=12)


def test_eight_days_by_the_table_of_student():
    # Deviations of one each, so s = sqrt(8 / 7); t(0.975, 7) = 2.3646.
    days = [9.0, 11.0] * 4
    half = 2.3646 * math.sqrt(8 / 7) / math.sqrt(8)
    assert mean_interval(days) == pytest.approx((10 - half, 10 + half), abs=1e-3)
    wide = 2.3646 * math.sqrt(8 / 7) * math.sqrt(1 + 1 / 8)
    assert next_interval(days) == pytest.approx((10 - wide, 10 + wide), abs=1e-3)


@pytest.mark.parametrize("days", [[], [7.0]])
def test_one_day_tells_nothing_about_the_next(days):
    assert mean_interval(days) is None
    assert next_interval(days) is None


@given(DAYS)
def test_the_next_day_is_less_certain_than_the_mean(days):
    low, high = mean_interval(days)
    next_low, next_high = next_interval(days)
    assert next_low <= low <= sum(days) / len(days) + 1e-9
    assert high <= next_high


@pytest.mark.parametrize("wrong", [0.0, 1.0, float("nan")])
def test_it_refuses_a_confidence_that_is_none(wrong):
    with pytest.raises(ValueError, match="confidence"):
        mean_interval([1.0, 2.0], confidence=wrong)


def test_it_refuses_a_value_that_is_no_number():
    with pytest.raises(ValueError, match="finite"):
        next_interval([1.0, float("inf")])
