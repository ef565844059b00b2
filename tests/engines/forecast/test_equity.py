"""The audit of areas: fair flags pass, a doubled area is named, groups are compared beyond chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.forecast.equity import allocation_ratios, equity_audit, gini_weighted, order_keeps

NAMES = ["north", "south", "east", "west"]
GROUPS = ["town", "town", "rural", "rural"]


def span(seed=1, days=120):
    mean = np.array([[40.0], [25.0], [15.0], [9.0]]) * np.ones(days)
    return np.random.default_rng(seed).poisson(mean), mean


def test_a_right_forecast_with_flags_by_need_passes():
    calls, told = span()
    found = equity_audit(NAMES, GROUPS, calls, told, calls.sum(axis=1), seed=1)
    assert found.passes
    assert found.outside == ()
    assert found.error_ratio == pytest.approx(1.0, abs=0.15)
    assert found.gini == pytest.approx(0.0, abs=0.01)


def test_an_area_flagged_twice_as_often_as_it_calls_is_named():
    calls, told = span()
    flags = calls.sum(axis=1) * np.array([1, 1, 1, 3])
    found = equity_audit(NAMES, GROUPS, calls, told, flags, seed=1)
    assert found.outside == ("west",)
    assert not found.passes


def test_a_group_told_a_third_too_much_is_out_of_bounds():
    calls, told = span()
    told = told * np.array([[1.0], [1.0], [1.35], [1.35]])
    rural = equity_audit(NAMES, GROUPS, calls, told, calls.sum(axis=1), seed=1).groups[1]
    assert not rural.within
    assert rural.bias == pytest.approx(0.35, abs=0.06)


def test_small_counts_are_not_held_to_be_worse_for_being_small():
    rng = np.random.default_rng(2)
    told = np.array([[50.0], [50.0], [0.3], [0.3]]) * np.ones(400)
    found = equity_audit(NAMES, GROUPS, rng.poisson(told), told, told.sum(axis=1), seed=1)
    assert [row.relative_error for row in found.groups] == pytest.approx([1.0, 1.0], abs=0.12)


def test_a_group_nobody_called_from_says_nothing():
    calls, told = span()
    calls[2:] = 0
    found = equity_audit(NAMES, GROUPS, calls, told, calls.sum(axis=1), seed=1).groups[1]
    assert found.relative_error is None
    assert found.bias is None


def test_inequality_on_paper():
    assert gini_weighted([1, 1, 1], [1, 1, 1]) == pytest.approx(0.0)
    assert gini_weighted([0, 0, 0, 1], [1, 1, 1, 1]) == pytest.approx(0.75)
    assert gini_weighted([0, 0], [1, 1]) == 0.0


def test_areas_far_apart_keep_their_order_and_areas_alike_do_not():
    assert order_keeps([1, 10, 100, 1000], seed=1) == 1.0
    assert order_keeps(np.linspace(100, 104, 20), seed=1) < 0.5
    assert order_keeps([7.0], seed=1) == 1.0


def test_nothing_needed_or_given_has_no_ratio():
    assert allocation_ratios([0, 0], [1, 1]) == (None, None)
    assert allocation_ratios([1, 1], [0, 0]) == (None, None)


@given(st.lists(st.integers(1, 500), min_size=2, max_size=8), st.integers(1, 5))
def test_what_is_given_by_need_is_fair(need, times):
    assert allocation_ratios(need, [times * n for n in need]) == pytest.approx([1.0] * len(need))


def test_it_refuses_rows_that_do_not_fit():
    calls, told = span()
    with pytest.raises(ValueError, match="rows"):
        equity_audit(NAMES[:3], GROUPS[:3], calls, told, [1, 1, 1], seed=1)
    with pytest.raises(ValueError, match="flags"):
        equity_audit(NAMES, GROUPS, calls, told, [1, 1, 1], seed=1)


def test_an_order_that_does_not_keep_is_a_limit_only_where_areas_are_ranked():
    """Areas of nearly the same level: a little more or less reporting turns the order about."""
    mean = np.array([[30.0], [29.0], [28.0], [27.0]]) * np.ones(120)
    calls = np.random.default_rng(3).poisson(mean)
    ranked, unranked = (
        equity_audit(NAMES, GROUPS, calls, mean, calls.sum(axis=1), areas_ranked=each, seed=1)
        for each in (True, False)
    )
    assert ranked.tau == unranked.tau < 0.8
    assert not ranked.passes
    assert unranked.passes
