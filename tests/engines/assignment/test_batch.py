"""Many calls at once: together they never wait longer, by weight, than one after the other; nobody goes twice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.assignment import NEVER_S, batch_assign, batch_total, lateness, rank_units

ALL = [[True, True], [True, True]]


def test_the_second_call_is_not_left_far_away_for_a_minute_of_the_first():
    # one by one the first takes unit 0 (100 s) and leaves 900 s to the second: 1,000; together 160 + 120
    cost = lateness([[100, 160], [120, 900]], left_s=[3600, 3600], weight=[1, 1])
    found = batch_assign(ALL, cost, [NEVER_S, NEVER_S])
    assert (found.one_by_one.tolist(), found.one_by_one_total) == ([0, 1], 1000)
    assert (found.rows.tolist(), found.total) == ([1, 0], 280)


def test_a_p1_keeps_its_quickest_whatever_it_costs_a_lesser_matter():
    eta, left = [[100, 160], [120, 9000]], [300, 300]
    cost = lateness(eta, left_s=left, weight=[1e8, 1])
    assert batch_assign(ALL, cost, [1e8 * NEVER_S, NEVER_S]).rows.tolist() == [0, 1]


def test_with_one_unit_for_two_the_urgent_one_gets_it_even_if_it_stands_second():
    cost = lateness([[60], [300]], left_s=[600, 300], weight=[1, 16])
    found = batch_assign([[True], [True]], cost, [NEVER_S, 16 * NEVER_S])
    assert found.rows.tolist() == [-1, 0]
    assert found.one_by_one.tolist() == [0, -1]


def test_seconds_beyond_the_time_allowed_weigh_more():
    # 100 s allowed: 150 s are 150 + 3 * 50; of a time that is over every second counts fourfold
    assert lateness([[150]], left_s=[100], weight=[2]).tolist() == [[600]]
    assert lateness([[150]], left_s=[-30], weight=[1]).tolist() == [[600]]
    assert lateness([[np.inf]], left_s=[100], weight=[1]).tolist() == [[np.inf]]


def test_only_who_can_do_it_and_get_there_goes():
    cost = lateness([[50, 80, np.inf]], left_s=[300], weight=[1])
    assert batch_assign([[False, True, True]], cost, [NEVER_S]).rows.tolist() == [1]
    assert batch_assign([[False, False, True]], cost, [NEVER_S]).rows.tolist() == [-1]


def test_nothing_waits_or_nobody_is_there():
    assert batch_assign(np.zeros((0, 3), dtype=bool), np.zeros((0, 3)), []).rows.tolist() == []
    none = batch_assign(np.zeros((2, 0), dtype=bool), np.zeros((2, 0)), [5, 5])
    assert (none.rows.tolist(), none.total) == ([-1, -1], 10)


@pytest.mark.parametrize(
    "wrong",
    [([[1.0]], [1, 2], [1], 4.0), ([[-1.0]], [1], [1], 4.0), ([[1.0]], [1], [0], 4.0), ([[1.0]], [1], [1], 0.5)],
)
def test_it_refuses_what_makes_no_sense(wrong):
    eta, left, weight, late = wrong
    with pytest.raises(ValueError, match=r"one row per place|at least|above 0"):
        lateness(eta, left_s=left, weight=weight, late_counts=late)
    with pytest.raises(ValueError, match=r"one row per place|finite"):
        batch_assign([[True]], [[np.nan]], [1])


@st.composite
def hours(draw):
    """A busy hour: places with weights and times allowed, units with times to each, and who can do what."""
    n_places, n_units = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    grid = st.lists(st.integers(0, 1800), min_size=n_units, max_size=n_units)
    eta = np.array(draw(st.lists(grid, min_size=n_places, max_size=n_places)), dtype=float)
    able = st.lists(st.booleans(), min_size=n_units, max_size=n_units)
    may = np.array(draw(st.lists(able, min_size=n_places, max_size=n_places)))
    each = {"min_size": n_places, "max_size": n_places}
    weight = np.array(draw(st.lists(st.sampled_from([1.0, 4.0, 16.0, 1e8]), **each)))
    left = np.array(draw(st.lists(st.integers(-600, 1800), **each)), dtype=float)
    return may, eta, weight, left


@settings(max_examples=80)
@given(hours())
def test_together_is_never_later_than_one_by_one_nor_than_any_other_way(hour):
    may, eta, weight, left = hour
    cost, empty = lateness(eta, left_s=left, weight=weight), weight * NEVER_S
    found = batch_assign(may, cost, empty)
    used = [row for row in found.rows.tolist() if row >= 0]
    assert len(used) == len(set(used))
    assert all(may[place, row] for place, row in enumerate(found.rows.tolist()) if row >= 0)
    assert found.total <= found.one_by_one_total
    ways = product(range(-1, eta.shape[1]), repeat=len(eta))
    fair = [
        np.array(way)
        for way in ways
        if len({row for row in way if row >= 0}) == sum(row >= 0 for row in way)
        and all(row < 0 or may[place, row] for place, row in enumerate(way))
    ]
    assert found.total == pytest.approx(min(batch_total(way, cost, empty) for way in fair))


@settings(max_examples=60)
@given(hours(), st.lists(st.integers(0, 1800), min_size=3, max_size=3))
def test_one_unit_more_never_makes_the_whole_later(hour, new):
    may, eta, weight, left = hour
    empty = weight * NEVER_S
    more = np.hstack([eta, np.array(new[: len(eta)], dtype=float)[:, None]])
    can = np.hstack([may, np.ones((len(may), 1), dtype=bool)])
    before = batch_assign(may, lateness(eta, left_s=left, weight=weight), empty)
    after = batch_assign(can, lateness(more, left_s=left, weight=weight), empty)
    assert after.total <= before.total * (1 + 1e-12)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 900)), min_size=1, max_size=6), st.integers(0, 3000))
def test_one_unit_more_never_makes_the_best_time_worse(units, new):
    travel, age = (np.array(column, dtype=float) for column in zip(*units, strict=True))
    before = rank_units(travel, age, np.zeros(len(units)))
    after = rank_units([*travel, new], [*age, 0], np.zeros(len(units) + 1))
    assert after.eta_p90_s[after.order[0]] <= before.eta_p90_s[before.order[0]]
