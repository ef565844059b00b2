"""Patrol routes: a street on paper, laws for all towns, and what is said when something can't be done."""

from __future__ import annotations

from itertools import combinations, permutations
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.patrol_route import (
    Broken,
    Fault,
    PatrolTask,
    Plan,
    Stop,
    Unit,
    Why,
    better_plan,
    faults_of,
    first_plan,
    is_compiled,
    lane,
    never_possible,
    unmet,
    visits_of,
)


@pytest.fixture(autouse=True)
def short_slices(monkeypatch):
    """Towns this small are searched through in a few hundred turns."""
    monkeypatch.setattr(lane, "WORK", 2e6)


def street(*metres: float) -> np.ndarray:
    """Places along one street, a second a metre."""
    at = np.array(metres, dtype=float)
    return np.abs(at[:, None] - at[None, :])


def for_rounds(rounds: int):
    return lambda progress: progress.round < rounds


@st.composite
def towns(draw: st.DrawFn) -> PatrolTask:
    places = draw(st.integers(2, 6))
    xy = np.array(draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=places, max_size=places)))
    travel = np.abs(xy[:, None] - xy[None, :]).sum(axis=2).astype(float)
    travel[draw(st.integers(0, places - 1)), draw(st.integers(0, places - 1))] += draw(st.integers(0, 5))  # a one-way
    units = draw(
        st.lists(
            st.builds(
                lambda a, b, start, long: Unit(a, b, float(start), float(start + long)),
                *[st.integers(0, places - 1)] * 2,
                *[st.integers(0, 30)] * 2,
            ),
            min_size=1,
            max_size=3,
        )
    )
    stop = st.builds(
        lambda place, prize, dwell, opens, long, must, group, only: Stop(
            place, float(prize), float(dwell), float(opens), float(opens + long), must, group, only
        ),
        *(st.integers(0, places - 1), st.integers(0, 9), st.integers(0, 4), st.integers(0, 20), st.integers(0, 40)),
        *(st.booleans(), st.sampled_from([None, 0, 1]), st.sampled_from([None, None, frozenset({0})])),
    )
    return PatrolTask(travel, tuple(draw(st.lists(stop, max_size=7))), tuple(units), caps=(1, 2))


def best_by_hand(task: PatrolTask) -> float:
    """The most prize one unit can collect: every set of stops in every order."""
    numbers = range(len(task.stops))
    orders = (order for k in numbers for chosen in combinations(numbers, k + 1) for order in permutations(chosen))
    plans = (Plan((order,)) for order in orders)
    return max((task.prize_of(plan) for plan in plans if not faults_of(task, plan)), default=0.0)


def test_a_street_on_paper():
    # Station at 0, stops at 10, 20 and 60 metres; 100 s are enough for the first two and back, or the far one alone.
    stops = (Stop(1, 3, 20), Stop(2, 4, 20), Stop(3, 5, 0))
    task = PatrolTask(street(0, 10, 20, 60), stops, (Unit(0, 0, 0, 100),))
    plan = first_plan(task)
    assert (plan.served, task.prize_of(plan), task.travel_of(plan)) == ({0, 1}, 7, 40)
    assert [(visit.arrive_s, visit.leave_s) for visit in visits_of(task, 0, (0, 1))] == [(10, 30), (40, 60)]


def test_a_patrol_waits_for_a_window_and_never_comes_after_it():
    task = PatrolTask(street(0, 10), (Stop(1, 1, 5, opens_s=50, closes_s=60),), (Unit(0, 0, 0, 100),))
    assert [visit.begin_s for visit in visits_of(task, 0, first_plan(task).routes[0])] == [50]
    late = PatrolTask(street(0, 10), (Stop(1, 1, 5, opens_s=0, closes_s=9),), (Unit(0, 0, 0, 100),))
    assert first_plan(late).routes == ((),)


def test_a_must_goes_before_any_prize():
    stops = (Stop(1, 100, 50), Stop(2, 0, 50, must=True))
    task = PatrolTask(street(0, 10, 20), stops, (Unit(0, 0, 0, 100),))
    assert first_plan(task).served == {1}


@settings(max_examples=60, deadline=None)
@given(towns(), st.integers(0, 5))
def test_every_plan_can_be_driven_and_time_never_makes_it_worse(task, seed):
    first = first_plan(task)
    better = better_plan(task, seed=seed, go_on=for_rounds(1))
    assert faults_of(task, first) == faults_of(task, better) == []
    assert task.worth(better) >= task.worth(first) - 1e-9


@settings(max_examples=30, deadline=None)
@given(towns(), st.data())
def test_a_stop_left_out_spoils_no_route(task, data):
    # Holds where roads keep the triangle rule; the one-way town above may be dearer than its detour by nothing.
    plan = first_plan(task)
    unit = data.draw(st.integers(0, len(task.units) - 1))
    if not plan.routes[unit]:
        return
    gone = data.draw(st.sampled_from(plan.routes[unit]))
    short = tuple(task.travel_s[:, k, None] + task.travel_s[None, k, :] for k in range(len(task.travel_s)))
    closed = PatrolTask(np.minimum.reduce([task.travel_s, *short]), task.stops, task.units, task.caps)
    left = Plan(tuple(tuple(stop for stop in route if stop != gone) for route in plan.routes))
    assert faults_of(closed, left) == []


@settings(max_examples=15, deadline=None)
@given(towns())
def test_one_unit_in_a_tiny_town_collects_the_most_there_is(task):
    alone = PatrolTask(
        task.travel_s, tuple(Stop(s.place, s.prize, s.dwell_s) for s in task.stops[:5]), task.units[:1]
    )
    found = better_plan(alone, seed=1, go_on=for_rounds(lane.SLICES))
    assert alone.prize_of(found) == best_by_hand(alone)


@pytest.mark.parametrize("compiled", [True, False])
def test_the_same_seed_gives_the_same_plan(compiled, monkeypatch):
    if compiled and not is_compiled():
        pytest.skip("native.c was not compiled here")
    if not compiled:
        monkeypatch.setattr(lane, "native", None)
    dice = np.random.default_rng(3)
    at = dice.random((15, 2)) * 100
    travel = np.hypot(*(at[:, None] - at[None, :]).transpose(2, 0, 1))
    task = PatrolTask(
        travel, tuple(Stop(k, 1 + k % 4, 5) for k in range(1, 15)), (Unit(0, 0, 0, 150), Unit(0, 0, 0, 150))
    )
    once, again = (better_plan(task, seed=7, go_on=for_rounds(9), lanes=2) for _ in range(2))
    assert once == again
    assert task.prize_of(once) > task.prize_of(first_plan(task))
    assert faults_of(task, once) == []


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (PatrolTask(street(0, 1), (Stop(1, 1),), ()), Why.NO_UNITS),
        (PatrolTask(street(0, 1), (Stop(1, 0),), (Unit(0, 0, 0, 9),)), Why.NO_PRIZES),
        (PatrolTask(np.array([[0, inf], [1, 0]]), (Stop(1, 1, must=True),), (Unit(0, 0, 0, 9),)), Why.NO_ROAD),
        (PatrolTask(street(0, 1), (Stop(1, 1, 900, must=True),), (Unit(0, 0, 0, 600),)), Why.SHIFT_TOO_SHORT),
        (PatrolTask(street(0, 1), (Stop(1, 1, 1, 90, 95, must=True),), (Unit(0, 0, 0, 60),)), Why.OUTSIDE_SHIFT),
        (
            PatrolTask(street(0, 1), (Stop(1, 1, must=True, units=frozenset()),), (Unit(0, 0, 0, 60),)),
            Why.NO_UNIT_MAY,
        ),
        (PatrolTask(street(0, 1), (Stop(1, 1, must=True, group=0),), (Unit(0, 0, 0, 60),), (0,)), Why.GROUP_FULL),
    ],
)
def test_what_can_not_be_done_is_said(task, why):
    assert why in [one.why for one in unmet(task, first_plan(task))]


def test_musts_that_exclude_each_other_are_named():
    # Two ends of a street at the same minute, one patrol.
    stops = tuple(Stop(place, 1, 5, opens_s=100, closes_s=110, must=True) for place in (1, 2))
    task = PatrolTask(street(0, 50, -50), stops, (Unit(0, 0, 0, 300),))
    (one,) = unmet(task, better_plan(task, seed=1, go_on=for_rounds(1)))
    assert one.why is Why.AGAINST_OTHERS
    assert {one.stop, *one.others} == {0, 1}


def test_a_stop_no_unit_could_ever_reach_is_found_before_planning():
    task = PatrolTask(street(0, 10, 500), (Stop(1, 1), Stop(2, 9)), (Unit(0, 0, 0, 100),))
    assert [(one.stop, one.why) for one in never_possible(task)] == [(1, Why.SHIFT_TOO_SHORT)]


def test_the_checker_sees_every_kind_of_fault():
    stops = (Stop(1, 1, 5, 0, 20, group=0), Stop(2, 1, 5, group=0), Stop(1, 1, units=frozenset({1})))
    task = PatrolTask(street(0, 10, 50), stops, (Unit(0, 0, 0, 80), Unit(0, 0, 0, 80)), caps=(1,))
    told = faults_of(task, Plan(((1, 0, 2), (0,))))
    assert set(told) == {
        Fault(Broken.TOO_LATE, 0, 0, late_s=75),  # 50 s there, 5 s of stop, 40 s back: at 95, not by 20
        Fault(Broken.NOT_THIS_UNIT, 0, 2),
        Fault(Broken.PAST_END, 0, late_s=30),
        Fault(Broken.TWICE, 1, 0),
        Fault(Broken.GROUP_OVER, group=0),
    }
    assert str(told[0]).startswith("too_late: unit 0, stop 0 by 75")
    assert faults_of(task, Plan(((),))) == [Fault(Broken.ROUTES)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: PatrolTask(np.zeros((2, 3)), (), ()),
        lambda: PatrolTask(street(0, 1) * np.nan, (), ()),
        lambda: PatrolTask(street(0, 1), (Stop(2, 1),), ()),
        lambda: PatrolTask(street(0, 1), (Stop(1, -1),), ()),
        lambda: PatrolTask(street(0, 1), (Stop(1, 1, group=0),), ()),
        lambda: PatrolTask(street(0, 1), (Stop(1, 1, units=frozenset({0})),), ()),
        lambda: PatrolTask(street(0, 1), (), (Unit(0, 0, 0, inf),)),
    ],
)
def test_what_can_not_be_meant_is_refused(make):
    with pytest.raises(ValueError, match=r"\w"):
        make()


# A street with a base at 0 and stops at 100, 200 and 3000 metres; by car 10 metres a second, on foot one.
BY_CAR_AND_ON_FOOT = np.stack([street(0, 100, 200, 3000) / 10, street(0, 100, 200, 3000)])
NEAR_AND_FAR = (Stop(1, 1, 60), Stop(2, 1, 60), Stop(3, 9, 60))


@pytest.mark.parametrize("compiled", [True, False])
def test_who_walks_gets_what_lies_near_and_who_drives_the_rest(compiled, monkeypatch):
    if compiled and not is_compiled():
        pytest.skip("native.c was not compiled here")
    if not compiled:
        monkeypatch.setattr(lane, "native", None)
    # The car has time for the far stop alone (600 s there and back); the walker would have time for it as well.
    units = (Unit(0, 0, 0, 8000, way=1, most_travel_s=1000), Unit(0, 0, 0, 661))
    task = PatrolTask(BY_CAR_AND_ON_FOOT, NEAR_AND_FAR, units)
    better = better_plan(task, seed=1, go_on=for_rounds(2))
    assert ({*better.routes[0]}, {*better.routes[1]}) == ({0, 1}, {2})
    assert faults_of(task, first_plan(task)) == faults_of(task, better) == []
    assert task.route_travel_s(0, (0, 1)) == 400
    assert faults_of(task, Plan(((2,), ()))) == [Fault(Broken.TOO_FAR, 0, late_s=5000)]


def test_a_must_too_far_to_walk_is_said_to_be():
    walker = Unit(0, 0, 0, 8000, way=1, most_travel_s=1000)
    task = PatrolTask(BY_CAR_AND_ON_FOOT, (Stop(3, 5, 60, must=True),), (walker,))
    assert [one.why for one in unmet(task, first_plan(task))] == [Why.TOO_FAR]
    with pytest.raises(ValueError, match="way"):
        PatrolTask(BY_CAR_AND_ON_FOOT, (), (Unit(0, 0, 0, 9, way=2),))
