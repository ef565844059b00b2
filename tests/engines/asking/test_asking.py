"""Asking only the content is found, asking everybody is not, and too few cases are said to be too few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.asking import Closing, asking_of


def many(unit, *, smooth, rough, **more):
    """``smooth`` and ``rough`` are (asked, not asked)."""
    rows = []
    for is_rough, (asked, rest) in ((False, smooth), (True, rough)):
        rows += [Closing(unit, True, is_rough, **more)] * asked + [Closing(unit, False, is_rough)] * rest
    return rows


def look(units, name, unit="west"):
    (row,) = [u for u in units if u.unit == unit]
    return next(f for f in row.findings if f.look == name)


def test_who_asks_the_smooth_only_stands_out_with_both_shares():
    found = look(asking_of(many("west", smooth=(90, 10), rough=(10, 90))), "whom")
    assert (found.first, found.second, round(found.gap, 6)) == ((90, 100), (10, 100), 0.8)
    assert found.stands_out
    assert 0.69 < found.low < 0.8 < found.high < 0.87


def test_who_asks_everybody_alike_does_not_stand_out():
    assert not look(asking_of(many("west", smooth=(50, 50), rough=(50, 50))), "whom").stands_out


def test_who_asks_the_rough_more_often_does_nothing_wrong():
    assert not look(asking_of(many("west", smooth=(10, 90), rough=(90, 10))), "whom").stands_out


def test_ratings_above_what_a_blind_call_finds_stand_out():
    rows = [Closing("west", True, False, rating=5)] * 95 + [Closing("west", True, False, rating=2)] * 5
    rows += [Closing("west", False, False, blind_content=True)] * 50
    rows += [Closing("west", False, False, blind_content=False)] * 50
    found = look(asking_of(rows), "content")
    assert (found.first, found.second, found.stands_out) == ((95, 100), (50, 100), True)


def test_answers_in_the_minute_of_asking_stand_out_against_everybody_else():
    def rows(unit, quick, slow):
        return [Closing(unit, True, False, rating=5, answered_s=3)] * quick + [
            Closing(unit, True, False, rating=5, answered_s=3600)
        ] * slow

    units = asking_of(rows("west", 60, 40) + rows("east", 5, 95) + rows("north", 5, 95))
    assert [u.unit for u in units if u.stands_out] == ["west"]


def test_too_few_are_said_to_be_too_few():
    (unit,) = asking_of(many("west", smooth=(29, 0), rough=(0, 400)))
    assert (unit.findings, unit.too_few) == ((), ("whom", "content", "quick"))


def test_a_sure_but_tiny_gap_is_no_finding():
    found = look(asking_of(many("west", smooth=(51_000, 49_000), rough=(49_000, 51_000))), "whom")
    assert found.p < 1e-6
    assert not found.stands_out


def test_the_interval_is_newcombes():
    """His table II: 56/70 against 48/80 gives 0.0524 to 0.3339 by method 10."""
    rows = many("west", smooth=(56, 14), rough=(48, 32))
    found = look(asking_of(rows), "whom")
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize("wrong", [{"least": 0}, {"false_share": 0.0}, {"false_share": 1.0}])
def test_it_refuses_limits_that_mean_nothing(wrong):
    with pytest.raises(ValueError, match="least"):
        asking_of([], **wrong)


def test_of_two_hundred_fair_units_hardly_any_stands_out():
    """Each asks by the throw of a coin, whatever happened; seeds fixed."""
    chance = np.random.default_rng(11)
    rows = [
        Closing(f"u{unit:03}", bool(chance.random() < 0.6), bool(chance.random() < 0.4))
        for unit in range(200)
        for _ in range(150)
    ]
    assert sum(u.stands_out for u in asking_of(rows)) <= 1


def test_of_a_hundred_units_that_leave_out_a_third_of_the_rough_most_are_found():
    chance = np.random.default_rng(12)
    rows = []
    for unit in range(100):
        for _ in range(400):
            rough = bool(chance.random() < 0.4)
            rows.append(Closing(f"u{unit:03}", bool(chance.random() < (0.6 if rough else 0.9)), rough))
    assert sum(u.stands_out for u in asking_of(rows)) >= 95


CLOSINGS = st.lists(
    st.builds(
        Closing,
        st.sampled_from("abc"),
        st.booleans(),
        st.booleans(),
        st.none() | st.integers(1, 5),
        st.none() | st.floats(0, 1e6),
        st.none() | st.booleans(),
    ),
    max_size=120,
)


@settings(max_examples=100)
@given(CLOSINGS, st.randoms(use_true_random=False))
def test_the_order_of_the_matters_makes_no_difference_and_nothing_is_counted_twice(closings, chance):
    shuffled = closings[:]
    chance.shuffle(shuffled)
    units = asking_of(closings, least=3)
    assert units == asking_of(shuffled, least=3)
    assert sum(u.closings for u in units) == len(closings)
    assert sum(u.asked for u in units) == sum(c.asked for c in closings)
    for unit in units:
        assert {f.look for f in unit.findings} | set(unit.too_few) == {"whom", "content", "quick"}
        for found in unit.findings:
            assert -1 <= found.low <= found.gap + 1e-12
            assert found.gap - 1e-12 <= found.high <= 1
            assert 0 <= found.p <= 1
