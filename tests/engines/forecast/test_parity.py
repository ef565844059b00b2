"""Errors by group: a real difference is found, chance isn't taken for one, and too few calls are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.engines.forecast.equity import equity_audit
from anlan.engines.forecast.parity import BROKEN, KEPT, TOO_FEW, error_parity

GROUPS = ["town", "town", "rural", "rural"]


def span(mean, *, seed=1, days=28):
    told = np.array(mean, dtype=float)[:, None] * np.ones(days)
    return np.random.default_rng(seed).poisson(told).astype(float), told


def test_groups_with_many_calls_that_err_alike_are_kept_and_the_reach_is_near_one():
    found = error_parity(GROUPS, *span([40, 25, 15, 9], days=120), seed=1)
    assert found.verdict == KEPT
    assert 1.0 <= found.ratio <= found.reach < 1.2


def test_a_group_told_far_worse_breaks_the_limit_as_before():
    calls, told = span([40, 25, 15, 9], days=120)
    told[2:] *= np.where(np.arange(120) % 2, 1.8, 0.2)
    found = error_parity(GROUPS, calls, told, seed=1)
    assert found.verdict == BROKEN
    assert found.ratio > 1.25


def test_few_calls_are_said_to_be_too_few_whether_chance_put_the_ratio_above_the_limit_or_below():
    found = [error_parity(GROUPS, *span([5.0, 4.5, 1.0, 0.9], seed=seed), seed=seed, draws=200) for seed in range(60)]
    ratios = [each.ratio for each in found]
    for each in found:
        assert each.reach > 1.25
        assert each.verdict == (TOO_FEW if each.ratio <= each.reach else BROKEN)
    # The old limit alone would have held some of these right forecasts back; the reach lets one in twenty through.
    assert max(ratios) > 1.25 > min(ratios)
    assert sum(each.verdict == BROKEN for each in found) <= 8


def test_even_few_calls_break_the_limit_when_they_are_far_beyond_chance():
    calls, told = span([5.0, 4.5, 0.7, 0.6])
    told[2:, ::2], told[2:, 1::2] = 3.0, 0.05
    assert error_parity(GROUPS, calls, told, seed=1).verdict == BROKEN


def test_one_group_with_calls_enough_beside_another_is_no_comparison_and_no_pass():
    found = error_parity(GROUPS, *span([5.0, 4.5, 0.1, 0.1]), seed=1)
    assert (found.ratio, found.verdict) == (None, TOO_FEW)
    assert error_parity(["town"] * 4, *span([5.0, 4.5, 0.1, 0.1]), seed=1).verdict == KEPT


def test_an_audit_names_what_it_could_not_judge_and_families_side_by_side_are_judged():
    few, told = span([5.0, 4.5, 0.9, 0.8])
    found = equity_audit([*"abcd"], GROUPS, few, told, few.sum(axis=1), areas_ranked=False, seed=1)
    assert {"bias", "error"} <= set(found.unjudged)
    assert found.passes
    # What tells groups apart is how often areas and days can be compared: five families side by side are enough.
    spans = [(few, told), *(span([60.0, 50.0, 40.0, 30.0], seed=seed) for seed in range(4))]
    calls, means = (np.hstack([each[part] for each in spans]) for part in (0, 1))
    whole = equity_audit([*"abcd"], GROUPS, calls, means, calls.sum(axis=1), areas_ranked=False, seed=1)
    assert whole.unjudged == ()


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_gives_the_same_reach(seed):
    calls, told = span([5.0, 4.5, 0.7, 0.6])
    assert error_parity(GROUPS, calls, told, seed=seed) == error_parity(GROUPS, calls, told, seed=seed)
