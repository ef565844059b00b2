"""The order of units, by hand and by law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.assignment import RankRules, line_travel_s, rank_units

PLAIN = RankRules(turnout_s=0, tail=1.0, door_m=0)
seconds = st.floats(0, 10_000)


def test_three_units_worked_by_hand():
    # turn-out 30; unit 1 is 60 m off its road, 30 of them walked at 1.5 m/s: 20 s
    rules = RankRules(turnout_s=30, tail=1.5, walk_mps=1.5, door_m=30)
    found = rank_units([100, 60, 300], [0, 90, 0], [0, 60, 0], rules=rules)
    assert found.eta_s.tolist() == [130, 110, 330]
    assert found.eta_p90_s.tolist() == [195, 255, 495]
    assert found.order.tolist() == [0, 1, 2]


def test_a_unit_no_road_leads_from_is_not_in_the_order():
    assert rank_units([np.inf, 10, np.inf], [0, 0, 0], [0, 0, 0]).order.tolist() == [1]


def test_equal_units_stand_as_they_came():
    assert rank_units([50] * 4, [0] * 4, [0] * 4).order.tolist() == [0, 1, 2, 3]


def test_no_units_no_order():
    assert rank_units([], [], []).order.tolist() == []


def test_the_walk_to_the_door_is_the_same_for_all():
    near, far = (rank_units([10, 20], [0, 0], [0, 0], target_off_road_m=m) for m in (0, 170))
    assert (far.eta_s - near.eta_s).tolist() == pytest.approx([100, 100])


@pytest.mark.parametrize(
    "wrong", [([1, 2], [0], [0, 0]), ([[1]], [[0]], [[0]]), ([-1], [0], [0]), ([1], [float("nan")], [0])]
)
def test_it_refuses_what_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=r"one number per unit|at least 0"):
        rank_units(*wrong)


@pytest.mark.parametrize("wrong", [{"turnout_s": -1}, {"tail": 0.9}, {"walk_mps": 0}, {"door_m": -1}])
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="turn-out"):
        RankRules(**wrong)


@given(st.lists(st.tuples(seconds, seconds), max_size=30))
def test_the_order_never_falls_and_holds_every_unit_once(units):
    travel, age = [t for t, _ in units], [a for _, a in units]
    found = rank_units(travel, age, [0.0] * len(units))
    ordered = found.eta_p90_s[found.order]
    assert sorted(found.order.tolist()) == list(range(len(units)))
    assert bool(np.all(np.diff(ordered) >= 0))


@given(st.lists(seconds, min_size=1, max_size=20), st.data())
def test_being_nearer_never_lowers_a_units_place(travel, data):
    row = data.draw(st.integers(0, len(travel) - 1))
    nearer = list(travel)
    nearer[row] /= 2
    none = [0.0] * len(travel)
    before, after = (rank_units(t, none, none, rules=PLAIN).order.tolist().index(row) for t in (travel, nearer))
    assert after <= before


@given(seconds, st.floats(0, 1000))
def test_an_older_position_never_shortens_the_time(travel, age):
    fresh, old = (rank_units([travel], [a], [0]).eta_p90_s[0] for a in (0, age))
    assert old >= fresh


def test_a_straight_line_is_lengthened_as_roads_are():
    assert float(line_travel_s(1000, 36, detour=1.3)) == pytest.approx(130)


@pytest.mark.parametrize("wrong", [{"speed_kmh": 0}, {"speed_kmh": 30, "detour": 0.9}])
def test_a_line_without_pace_is_refused(wrong):
    with pytest.raises(ValueError, match="speed must be above 0"):
        line_travel_s(1000, **wrong)
