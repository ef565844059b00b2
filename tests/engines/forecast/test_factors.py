"""Bounds of several factors held against each other: what is caught, who is outside, which factor is taken."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.engines.forecast.factors import audited, chosen_factor


def test_an_area_is_judged_once_in_four_weeks_with_thirty_calls():
    days, area = 60, np.array([0, 1, 2])
    came = np.zeros((days, 1, 3))
    came[:, 0, 0], came[:, 0, 1], came[::7, 0, 2] = 2, 2, 1
    kept = np.zeros((days, 1, 3), dtype=bool)
    kept[:, 0, 0] = True
    judged, outside, ratios = audited(kept, came, area)
    # Two whole windows: the centre gets all flags of two equal areas, the third calls too seldom to be judged.
    assert (judged, outside) == (4, 4)
    assert sorted(ratios)[:2] == pytest.approx([5 / 61, 5 / 61])
    assert sorted(ratios)[2:] == pytest.approx([1.98, 1.98], abs=0.06)


def test_flags_by_need_are_inside():
    came = np.full((28, 1, 2), 2.0)
    kept = np.tile(np.array([[[True, True]]]), (28, 1, 1))
    assert audited(kept, came, np.array([0, 1])) == (2, 0, [1.0, 1.0])


def test_the_largest_factor_is_taken_that_adds_no_more_than_a_point_over_all_cities():
    outside = {"a": {1.0: 0.02, 1.15: 0.03, 1.5: 0.10}, "b": {1.0: 0.00, 1.15: 0.01, 1.5: 0.00}}
    assert chosen_factor(outside) == 1.15
    assert chosen_factor({"b": outside["b"]}) == 1.5
