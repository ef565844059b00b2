"""Flags by need: no area far beyond its share of reports, none left out, and the map decides in between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.forecast.flagging import GOLDEN, Bounds, allowances, flags_of, need_shares


def town(*, cells: int = 40) -> tuple[np.ndarray, Bounds]:
    """A centre with half the cells and every hot one, and the country; each reports as much as the other."""
    area = np.repeat([0, 1], cells // 2)
    mean = np.where(area == 0, 2.0, 1.0) + np.linspace(0.0, 0.5, cells)
    return mean[None, :], Bounds(area, np.array([0.5, 0.5]), 1.25)


def test_without_bounds_a_centre_takes_every_flag_and_with_them_its_share():
    means, bounds = town()
    found = flags_of(means, np.zeros(means.shape), bounds, budget=16, first_shift=0)
    assert np.bincount(bounds.area[found.plain[0]], minlength=2).tolist() == [16, 0]
    assert np.bincount(bounds.area[found.kept[0]], minlength=2).tolist() == [10, 6]


def test_inside_an_area_the_most_expected_are_flagged():
    means, bounds = town()
    kept = flags_of(means, np.zeros(means.shape), bounds, budget=16, first_shift=0).kept[0]
    assert np.flatnonzero(kept).tolist() == [*range(10, 20), *range(34, 40)]


def test_a_map_within_the_bounds_is_left_as_it_is():
    means, bounds = town()
    fair = (100.0 - np.arange(40) % 20 - 0.5 * bounds.area)[None, :]  # one of each area by turns
    found = flags_of(fair, np.zeros(means.shape), bounds, budget=16, first_shift=0)
    assert (found.kept == found.plain).all()


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=12),
    st.integers(1, 60),
    st.floats(1.0, 3.0),
    st.floats(0.0, 0.999),
)
@settings(max_examples=60, deadline=None)
def test_bounds_are_the_share_rounded_and_leave_room_for_the_budget(reports, budget, factor, turn):
    need = need_shares(np.array(reports), np.array(reports))
    least, most = allowances(need, budget, factor, turn)
    assert (least <= most).all()
    assert least.sum() <= budget <= most.sum()
    assert (most >= np.floor(need * budget * factor - 1e-6)).all()
    assert (most <= np.ceil(need * budget * factor + 1e-6)).all()


@pytest.mark.parametrize("factor", [1.0, 1.1, 1.15, 1.25, 1.5])
def test_the_least_of_a_small_area_is_given_over_the_shifts_too(factor):
    need, shifts = np.array([0.6, 0.002, 0.39, 0.008]), 3 * 280
    held = [allowances(need, 225, factor, (shift * GOLDEN) % 1.0) for shift in range(shifts)]
    least, most = (sum(each[bound] for each in held) for bound in (0, 1))
    assert least / shifts == pytest.approx(need * 225 / factor, abs=0.02)
    assert most / shifts == pytest.approx(need * 225 * factor, abs=0.02)


def test_remainders_of_a_small_area_add_up_over_the_shifts():
    need = np.array([0.97, 0.03])
    held = sum(allowances(need, 5, 1.2, (shift * GOLDEN) % 1.0)[1] for shift in range(3 * 28))
    assert held[1] == pytest.approx(0.03 * 5 * 1.2 * 84, abs=2)


@given(st.integers(0, 2**16), st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_no_area_ever_holds_more_than_its_cap_and_the_budget_is_kept(seed, budget):
    rng = np.random.default_rng(seed)
    area = rng.integers(0, 4, 60)
    reports = rng.integers(1, 200, 4).astype(float)
    bounds = Bounds(area, need_shares(reports, reports), 1.25)
    means = rng.gamma(0.3, 1.0, (3, 60)) * (1.0 + 5.0 * (area == 0))
    found = flags_of(means, rng.random((3, 60)), bounds, budget=budget, first_shift=seed)
    for shift in range(3):
        _, most = allowances(bounds.need, budget, 1.25, ((seed + shift) * GOLDEN) % 1.0)
        held = np.bincount(area[found.kept[shift]], minlength=4)
        room = np.minimum(most, np.bincount(area, minlength=4))
        assert (held <= most).all()
        assert held.sum() == min(budget, room.sum())


def test_an_area_with_fewer_cells_than_its_share_leaves_the_rest_to_others():
    area = np.array([0] + [1] * 9)
    bounds = Bounds(area, np.array([0.5, 0.5]), 2.0)
    kept = flags_of(np.ones((1, 10)), np.zeros((1, 10)), bounds, budget=6, first_shift=0).kept[0]
    assert np.bincount(area[kept], minlength=2).tolist() == [1, 5]


def test_a_family_with_few_reports_is_shared_out_as_all_reports_are():
    every = np.array([300.0, 100.0])
    assert need_shares(np.zeros(2), every) == pytest.approx([0.75, 0.25])
    assert need_shares(np.array([0.0, 3000.0]), every)[1] > 0.99
    assert need_shares(np.zeros(2), np.zeros(2)).tolist() == [0.5, 0.5]


def test_a_cap_that_is_not_applied_is_seen():
    """The check itself: a picking that ignores areas breaks the cap in the same town."""
    means, bounds = town()
    found = flags_of(means, np.zeros(means.shape), bounds, budget=16, first_shift=0)
    _, most = allowances(bounds.need, 16, bounds.factor, 0.0)
    assert (np.bincount(bounds.area[found.plain[0]], minlength=2) > most).any()
