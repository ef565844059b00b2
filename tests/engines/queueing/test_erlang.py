"""Erlang's queue on paper: one unit, two units, none free, and what more units bring."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.queueing import erlang_b, erlang_c, reached_within, units_needed, waited_within


def test_one_unit_makes_callers_wait_as_often_as_it_is_bound():
    assert erlang_c(1, 0.6) == pytest.approx(0.6)


def test_two_units_with_a_load_of_one_make_every_third_caller_wait():
    # By hand: B(2, 1) = 1/5, C = 2·(1/5) / (2 - 1·4/5) = 1/3.
    assert erlang_b(2, 1.0) == pytest.approx(1 / 5)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)


def test_the_printed_table_of_erlang_c_is_met():
    # 10 servers at 8 erlang; 20 at 15: values of the usual tables.
    assert erlang_c(10, 8.0) == pytest.approx(0.4092, abs=1e-4)
    assert erlang_c(20, 15.0) == pytest.approx(0.1604, abs=1e-4)


def test_a_load_that_is_not_below_the_units_lets_everybody_wait_and_nobody_be_reached():
    assert erlang_c(3, 3.0) == 1.0
    assert waited_within(3, 3.0, service_s=600, limit_s=300) == 0.0
    assert reached_within(3, 4.5, [60.0], service_s=600, limit_s=300) == 0.0


def test_waiting_and_the_way_are_added():
    # One unit, load 0.5: half wait, and the wait is exponential with mean 1200 s.
    seen = reached_within(1, 0.5, [0.0, 300.0, 301.0], service_s=600, limit_s=300)
    at_once = 1 - 0.5 * math.exp(-0.5 * 300 / 600)
    assert seen == pytest.approx((at_once + 0.5 + 0.0) / 3)


def test_twice_the_free_units_shorten_ways_by_the_root_of_two():
    assert reached_within(3, 1e-9, [424.0], service_s=600, limit_s=300, seen_free=1) == pytest.approx(1.0)
    assert reached_within(1, 1e-9, [301.0], service_s=600, limit_s=300, seen_free=1) == 0.0


def test_more_calls_never_ask_for_fewer_units():
    ways = [240.0] * 30 + [330.0] * 10
    asked = [units_needed(load, ways, service_s=2700, limit_s=300, seen_free=4) for load in (0.1, 0.5, 1.0, 2.0)]
    assert [found.units for found in asked if found] == sorted(found.units for found in asked if found)
    assert asked[0].units < asked[-1].units


def test_ways_that_are_too_long_ask_for_no_number_of_units():
    assert units_needed(1.0, [400.0] * 10, service_s=1800, limit_s=300) is None


def test_the_fewest_units_that_keep_the_promise_are_named():
    found = units_needed(2.0, [120.0] * 20, service_s=1800, limit_s=300)
    assert found is not None
    assert found.reached >= 0.95
    assert reached_within(found.units - 1, 2.0, [120.0] * 20, service_s=1800, limit_s=300) < 0.95
    assert found.busy == pytest.approx(2.0 / found.units)


@pytest.mark.parametrize(
    "call",
    [
        lambda: erlang_b(-1, 1.0),
        lambda: erlang_c(1, float("nan")),
        lambda: waited_within(2, 1.0, service_s=0, limit_s=60),
        lambda: reached_within(2, 1.0, [], service_s=60, limit_s=60),
        lambda: reached_within(2, 1.0, [-1.0], service_s=60, limit_s=60),
        lambda: units_needed(1.0, [1.0], service_s=60, limit_s=60, share=1.0),
    ],
)
def test_it_refuses_what_cannot_be(call):
    with pytest.raises(ValueError, match=r".+"):
        call()


@given(st.integers(1, 60), st.floats(0.01, 50))
def test_another_unit_never_lets_more_wait(units, load):
    assert erlang_c(units + 1, load) <= erlang_c(units, load) + 1e-12
    assert 0.0 <= erlang_b(units, load) <= erlang_c(units, load) <= 1.0


@given(st.integers(1, 20), st.floats(0.01, 18), st.floats(1, 600), st.floats(60, 3600))
def test_another_unit_never_lets_fewer_be_reached(units, load, way, service):
    fewer = reached_within(units, load, [way], service_s=service, limit_s=300, seen_free=25)
    assert reached_within(units + 1, load, [way], service_s=service, limit_s=300, seen_free=25) >= fewer - 1e-12
