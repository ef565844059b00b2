"""The bound by hindsight: no way of sending, tried out one by one in tiny worlds, does better than it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.engines.simulation import (
    POLICE,
    Course,
    Policy,
    World,
    bound_of,
    closest,
    compare,
    is_bounded,
    luck_of,
    policy_read,
    run,
)
from anlan.engines.simulation.hindsight_search import found_of
from anlan.engines.simulation.outcomes import sums_of
from engines.simulation.world_small import PLAIN, at_places, small

CLOSEST = Policy("closest", closest, diverts=False)
MOST_WAYS = 300


def ways_to_send(world: World, policy: Policy, luck) -> Iterator[Course]:
    """Every course there can be when each call that somebody is free for gets any one of those free (depth first)."""
    path: list[int] = []
    for _ in range(MOST_WAYS):
        widths: list[int] = []
        yield run(world, replace(policy, send=partial(chosen, path, widths)), luck)
        del path[len(widths) :]
        while path and path[-1] + 1 >= widths[len(path) - 1]:
            path.pop()
        if not path:
            return
        path[-1] += 1


def chosen(path: list[int], widths: list[int], asked) -> list[int]:
    """Whom the path has next, of those who may; beyond its end the first."""
    rows: list[int] = []
    for may in asked.may:
        free = [int(unit) for unit in np.flatnonzero(may) if unit not in rows]
        if not free:
            rows.append(-1)
            continue
        if len(widths) == len(path):
            path.append(0)
        rows.append(free[path[len(widths)]])
        widths.append(len(free))
    return rows


def figures(world: World, course: Course) -> tuple[float, float, float]:
    first = course.first_s[:, POLICE]
    late = first > world.calls.target_s
    return float(late.sum()), float((late & (world.calls.priority == 1)).sum()), float(first.sum())


def bound(world: World, policy: Policy, luck, courses: list[Course]) -> tuple[float, float, float]:
    longest = max(course.first_s[:, POLICE].max() for course in courses)
    everybody = np.ones(len(world.calls), dtype=bool)
    told = bound_of(world, policy, luck, longest_s=longest, reached=everybody)
    return float(told.late.sum()), float(told.late_p1.sum()), float(told.wait_s.sum())


@st.composite
def worlds(draw) -> tuple[World, Policy]:
    calls = draw(
        st.lists(
            st.tuples(st.integers(0, 60).map(lambda k: 40.0 * k), st.integers(0, 10), st.integers(1, 3)),
            min_size=2,
            max_size=6,
        )
    )
    rows = at_places(
        *sorted(calls), scene_s=draw(st.sampled_from([100.0, 400.0])), target_s=draw(st.sampled_from([150.0, 350.0]))
    )
    if draw(st.booleans()):
        rows = replace(rows, then_zone=np.full(len(rows), 5), then_s=np.full(len(rows), 60.0))
    if draw(st.booleans()):
        rows = replace(rows, block=(rows.at_s >= 1200.0).astype(np.int64) * int(rows.at_s[0] < 1200.0))
    homes = draw(st.lists(st.integers(0, 10), min_size=1, max_size=3))
    rules = replace(PLAIN, turnout_s=30.0, turnout_road_s=10.0, drive_spread=draw(st.sampled_from([0.0, 0.3])))
    stands = draw(st.sampled_from(["home", "home", "post", "move_up"]))
    policy = replace(CLOSEST, diverts=draw(st.booleans()), stands=stands)
    world = small(homes, rows, rules=rules, posts=[0, 10])
    if draw(st.booleans()):
        shifts = tuple(draw(st.sampled_from([None, ((0.0, 1000.0),), ((0.0, 3e4),)])) for _ in homes)
        world = replace(world, fleet=replace(world.fleet, shifts=(((0.0, 1e6),), *shifts[1:])))
    return world, policy


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(0, 3))
def test_no_way_of_sending_beats_the_bound_and_what_is_found_is_one_of_them(made, seed):
    lies_between(*made, seed)


@pytest.mark.release
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(0, 3))
def test_in_hundreds_of_tiny_worlds_no_way_of_sending_beats_the_bound(made, seed):
    lies_between(*made, seed)


def lies_between(world: World, policy: Policy, seed: int) -> None:
    """No course there can be does better than the bound, and none that is found better than the best there can be."""
    luck = luck_of(len(world.calls), world.rules, np.random.default_rng(seed))
    courses = list(ways_to_send(world, policy, luck))
    least = bound(world, policy, luck, courses)
    for course in courses:
        assert all(low <= value + 1e-6 for low, value in zip(least, figures(world, course), strict=True))
    if len(courses) < MOST_WAYS:
        best = [min(each) for each in zip(*(figures(world, course) for course in courses), strict=True)]
        longest = max(course.first_s[:, POLICE].max() for course in courses)
        everybody = np.ones(len(world.calls), dtype=bool)
        for way in found_of(world, policy, luck, longest_s=longest, reached=everybody):
            told = [float(part.sum()) for part in sums_of(world, way, everybody)]
            assert all(low <= value + 1e-6 for low, value in zip(best, told, strict=True))


def test_in_a_street_where_one_unit_must_be_late_the_bound_is_the_best_possible():
    # A unit at each end; three calls at once in the west, 1,000 s of work each, 250 s allowed: two are late anyhow.
    world = small([0, 10], at_places((0, 0, 2), (10, 1, 1), (20, 2, 2)))
    luck = luck_of(3, world.rules, np.random.default_rng(1))
    courses = list(ways_to_send(world, CLOSEST, luck))
    assert min(figures(world, course)[0] for course in courses) == 2.0
    assert bound(world, CLOSEST, luck, courses)[:2] == (2.0, 0.0)


def test_who_knows_the_next_call_sends_the_farther_unit_and_nobody_is_late():
    # From the west to place 4 in 400 s leaves the second call to the east, 900 s away; the other way round both are
    # in time.
    rows = replace(at_places((0, 4, 2), (10, 1, 2)), target_s=np.array([700.0, 250.0]))
    world = small([0, 10], rows)
    told = compare(world, [CLOSEST], runs=1, seed=1, bound_runs=1)
    assert [part["late"].value for part in (told.figures["closest"], told.best, told.found)] == [0.5, 0.0, 0.0]
    assert (told.left["late"].value, told.sure["late"].value) == (0.5, 0.5)
    assert told.found["mean_s"].value == 350.0


def test_a_late_call_binds_its_unit_and_the_bound_knows():
    # One unit, a call a minute that takes 1,000 s each: in time are only those it has nothing else to do at.
    world = small([5], at_places(*((60.0 * k, 5, 2) for k in range(4))))
    luck = luck_of(4, world.rules, np.random.default_rng(1))
    courses = list(ways_to_send(world, CLOSEST, luck))
    least = bound(world, CLOSEST, luck, courses)
    assert least[0] == figures(world, courses[0])[0] == 3.0
    assert least[2] == pytest.approx(figures(world, courses[0])[2], rel=0.05)


def test_with_a_unit_beside_each_call_nothing_is_left_to_gain():
    world = small([2, 8], at_places((0, 2, 2), (10, 8, 1)))
    luck = luck_of(2, world.rules, np.random.default_rng(1))
    done = run(world, CLOSEST, luck)
    assert bound(world, CLOSEST, luck, [done]) == figures(world, done) == (0.0, 0.0, 0.0)


def test_whole_plans_have_no_bound():
    world = small([2, 8], at_places((0, 2, 2)))
    plans = policy_read("plans")
    assert not is_bounded(world, plans)
    with pytest.raises(ValueError, match="no bound"):
        bound_of(
            world,
            plans,
            luck_of(1, world.rules, np.random.default_rng(1)),
            longest_s=1.0,
            reached=np.ones(1, dtype=bool),
        )


def test_a_comparison_tells_what_is_left_to_gain_for_the_runs_it_was_asked_for():
    rows = at_places((0, 0, 2), (10, 1, 1), (20, 2, 2), (86_400, 0, 2))
    world = small([0, 10], replace(rows, block=np.array([0, 0, 0, 1])))
    told = compare(world, [CLOSEST, Policy("again", closest)], runs=2, seed=1, bound_runs=1)
    assert (told.bound_runs, told.best["late"].value, told.left["late"].value) == (1, 0.5, 0.0)
    assert told.left["mean_s"].value >= told.sure["mean_s"].value >= 0.0
    assert told.found["late"].value >= told.best["late"].value
    assert set(told.figures) == {"closest", "again"}
    assert compare(world, [CLOSEST], runs=1, seed=1).best == {}
