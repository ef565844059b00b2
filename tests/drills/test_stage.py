"""The order of a drill: moments first, then the order in which things were planned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from anlan.dispatch.rules import RESULT_CODES
from anlan.drills.behaviour import behaviour
from anlan.drills.stage import Stage
from anlan.engines.county import handle_call
from anlan.engines.county.mix import MIX

START = datetime(2026, 3, 2, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_acts_are_played_in_order_of_time_and_equal_moments_in_order_of_planning():
    stage, played = Stage(), []
    for name, moment in (("late", 20), ("first", 10), ("second", 10), ("early", 1)):
        stage.plan(at(moment), lambda t, name=name: played.append((name, t)))
    assert stage.next_at == at(1)
    assert stage.play_all() == 4
    assert played == [("early", at(1)), ("first", at(10)), ("second", at(10)), ("late", at(20))]
    assert stage.next_at is None


def test_up_to_a_moment_means_that_moment_included():
    stage, played = Stage(), []
    for moment in (5, 10, 11):
        stage.plan(at(moment), played.append)
    assert stage.play_until(at(10)) == 2
    assert played == [at(5), at(10)]
    assert stage.next_at == at(11)


def test_an_act_may_plan_others_for_the_same_moment_and_they_come_after():
    stage, played = Stage(), []

    def first(t: datetime) -> None:
        played.append("first")
        stage.plan(t, lambda t: played.append("planned by first"))

    stage.plan(at(1), first)
    stage.plan(at(1), lambda t: played.append("second"))
    assert stage.play_until(at(1)) == 3
    assert played == ["first", "second", "planned by first"]


@given(st.lists(st.integers(0, 50)))
def test_whatever_is_planned_is_played_once_and_in_order(moments):
    stage, played = Stage(), []
    for number, moment in enumerate(moments):
        stage.plan(at(moment), lambda t, number=number: played.append((t, number)))
    stage.play_all()
    assert played == sorted((at(moment), number) for number, moment in enumerate(moments))


def test_an_incidents_handling_depends_on_its_number_and_the_seed_and_on_nothing_else():
    first = behaviour("0201", urgent=True, seed=3, number=7)
    assert first == behaviour("0201", urgent=True, seed=3, number=7)
    assert first != behaviour("0201", urgent=True, seed=4, number=7)
    assert first != behaviour("0201", urgent=True, seed=3, number=8)
    assert min(first.contact_s, first.review_s, first.close_s) > 0


def test_units_of_a_drill_behave_as_the_countys_engine_draws_them():
    drawn = behaviour("0401", urgent=False, seed=3, number=7)
    assert drawn.unit == handle_call(seed=3, key=7, code="0401", urgent=False, travel_s=0.0)


def test_whatever_comes_of_it_is_a_word_of_the_feedback_sheet():
    codes = [mix.code for mix in MIX]
    results = {behaviour(code, urgent=False, seed=1, number=k).result for code in codes for k in range(5)}
    assert results <= set(RESULT_CODES)
    assert {"to_department", "to_mediation_centre", "accident_fast_settled"} <= results


def test_a_unit_that_refused_is_followed_by_one_that_goes():
    refused = next(
        drawn for k in range(1000) if (drawn := behaviour("0302", urgent=False, seed=1, number=k)).unit.refused
    )
    assert not refused.willing().unit.refused
    assert refused.willing().unit.sign_s == refused.unit.sign_s
