"""What a policy does in a street that can be checked on paper, and what a comparison may claim."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anlan.engines.simulation import (
    COMMUNITY,
    POLICE,
    CoverAware,
    HomeFirst,
    Need,
    Policy,
    PolicyFailed,
    WorldWrong,
    call_process,
    closest,
    compare,
    fleet_of,
    luck_of,
    run,
    tally_of,
    values_of,
)
from engines.simulation.world_small import PLAIN, at_places, small, street

CLOSEST = Policy("closest", closest)


def course(world, policy=CLOSEST):
    return run(world, policy, luck_of(len(world.calls), world.rules, np.random.default_rng(1)))


def test_the_nearest_free_unit_goes_and_the_next_call_gets_the_next():
    done = course(small([0, 10], at_places((0, 3, 2), (50, 2, 2))))
    assert done.unit.tolist() == [0, 1]
    assert done.first_s[:, POLICE].tolist() == [300.0, 800.0]


def test_a_call_nobody_is_free_for_waits_and_is_served_from_where_the_unit_ends():
    # There at 300, free at 1,300, on to place 5 in 200 s; the call came at 100.
    assert course(small([0], at_places((0, 3, 2), (100, 5, 2)))).first_s[:, POLICE].tolist() == [300.0, 1400.0]


def test_a_unit_on_its_way_home_is_reckoned_from_where_it_is():
    # Free at 1,300 at place 3; at 1,400 it is at place 2 and has two more to place 0, one to place 1.
    done = course(small([0], at_places((0, 3, 2), (1400, 1, 2))))
    assert done.first_s[1, POLICE] == pytest.approx(100.0)


def test_the_home_station_goes_first_within_its_seconds_but_never_at_a_p1():
    fleet = fleet_of([2, 5], station=[7, 8])
    for priority, unit in ((2, 1), (1, 0)):
        calls = replace(at_places((0, 3, priority)), station=np.array([8]))
        world = small([2, 5], calls, fleet=fleet)
        assert course(world, Policy("home", HomeFirst(home_s=150.0))).unit.tolist() == [unit]
        assert course(world, Policy("home", HomeFirst(home_s=50.0))).unit.tolist() == [0]


def test_cover_keeps_the_only_unit_of_a_busy_place_where_another_is_near_enough():
    ground = street(demand=[0, 0, 0, 0, 50, 1, 0, 0, 0, 0, 0])
    caps = CoverAware(cap_s=(0.0, 100.0, 100.0, 100.0))
    for priority, unit in ((2, 1), (1, 0)):
        world = small([4, 8], at_places((0, 6, priority)), ground=ground)
        world = replace(world, fleet=fleet_of([4, 9]))
        assert course(world, Policy("cover", caps)).unit.tolist() == [unit]


def test_a_p1_takes_a_unit_from_a_lesser_call_which_is_then_served_by_another():
    world = small([0, 10], at_places((0, 6, 3), (50, 10, 3), (100, 1, 1)))
    done = course(world)
    # Unit 1 to place 6, unit 0 to place 10; after a second unit 0 is near place 1 and turns there.
    assert done.diverted == 1
    assert done.unit.tolist()[2] == 0
    assert np.isfinite(done.first_s[:, POLICE]).all()
    kept = course(world, replace(CLOSEST, diverts=False))
    assert kept.diverted == 0
    assert kept.first_s[2, POLICE] > done.first_s[2, POLICE]


def test_police_leave_a_joint_matter_when_it_is_handed_over():
    fleet = replace(fleet_of([0, 5]), track=np.array([POLICE, COMMUNITY]))
    joint = ((Need(POLICE), Need(COMMUNITY)),)
    calls = at_places((0, 2, 2), (100, 2, 2), scene_s=5000.0)
    world = small([0, 5], calls, fleet=fleet, answers=joint, rules=replace(PLAIN, hand_over_s=60.0))
    done = course(world)
    # Police there at 200, the town's team at 300, police leave at 360 and take the second call on the spot.
    assert done.first_s[0].tolist() == [200.0, 300.0]
    assert done.first_s[1, POLICE] == pytest.approx(260.0)


def test_a_plan_sends_all_it_asks_for_and_without_plans_one_goes():
    answers = ((Need(), Need()),)
    world = small([0, 4], at_places((0, 2, 2)), answers=answers)
    assert course(world, replace(CLOSEST, is_plan=True)).busy_s.sum() == pytest.approx(2400.0)
    assert course(world).busy_s.sum() == pytest.approx(1200.0)


def test_abilities_are_asked_for_by_plans():
    fleet = replace(fleet_of([2, 9]), able=np.array([0, 1]))
    world = small([2, 9], at_places((0, 3, 2)), fleet=fleet, answers=((Need(able=1),),))
    assert course(world, replace(CLOSEST, is_plan=True)).unit.tolist() == [1]


def test_who_is_off_duty_goes_nowhere_and_finishes_what_it_began():
    fleet = replace(fleet_of([0, 1]), shifts=(((0.0, 500.0),), ((500.0, 2000.0),)))
    done = course(small([0, 1], at_places((0, 3, 2), (600, 3, 2)), fleet=fleet))
    assert done.unit.tolist() == [0, 1]
    assert done.busy_s[0].tolist() == [1300.0, 1200.0]


def test_a_freed_unit_waits_where_it_adds_most_and_a_gap_is_filled():
    ground = street(demand=[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99])
    world = small([0, 0], at_places((0, 0, 2), (5000, 10, 2)), ground=ground, posts=[0, 10])
    assert course(world).first_s[1, POLICE] == 1000.0
    assert course(world, replace(CLOSEST, stands="post")).first_s[1, POLICE] == 0.0
    moved = course(
        small([0, 1], at_places((0, 0, 2), (5000, 8, 2)), ground=ground, posts=[0, 9]),
        replace(CLOSEST, stands="move_up"),
    )
    assert moved.moved >= 1


def test_kilometres_count_what_was_driven_and_not_the_rest_of_a_way_left():
    assert course(small([0], at_places((0, 3, 2)))).way_m.sum() == 6000.0
    # Turned back one kilometre before home, to place 2 and home again: 3 + 2 + 1 + 2.
    assert course(small([0], at_places((0, 3, 2), (1500, 2, 2)))).way_m.sum() == pytest.approx(8000.0)


def test_fewer_units_are_taken_and_more_are_like_the_first():
    world = small([0, 10], at_places((0, 9, 2), (10, 1, 2)))
    assert course(world, replace(CLOSEST, more=-1)).first_s[0, POLICE] == 900.0
    assert course(world, replace(CLOSEST, more=1)).busy_s.shape == (1, 3)
    with pytest.raises(WorldWrong, match="2 police units, 2 taken away"):
        course(world, replace(CLOSEST, more=-2))


def test_a_patrol_plan_says_where_units_begin():
    world = small([0, 0], at_places((0, 9, 2)))
    assert course(world, replace(CLOSEST, starts=(9, 0))).first_s[0, POLICE] == 0.0


@pytest.mark.parametrize("wrong", [lambda asked: [99], lambda asked: [0, 1], lambda asked: 1 / 0])
def test_a_policy_that_raises_or_sends_the_impossible_is_named_and_the_others_go_on(wrong):
    world = small([0, 10], at_places((0, 3, 2), (5, 4, 2)))
    with pytest.raises(PolicyFailed, match="planted"):
        course(world, Policy("planted", wrong))
    told = compare(world, [CLOSEST, Policy("planted", wrong)], runs=2, seed=1)
    assert list(told.failed) == ["planted"]
    assert list(told.figures) == ["closest"]


def test_no_units_and_no_calls_are_refused():
    with pytest.raises(WorldWrong, match="no units"):
        small([], at_places((0, 3, 2)))
    with pytest.raises(WorldWrong, match="no calls"):
        small([0], at_places((0, 3, 2)).take(np.array([], dtype=int)))


def test_a_place_no_road_reaches_stays_open_and_is_counted():
    ground = street()
    cut = ground.urgent_s.copy()
    cut[:, 9] = np.inf
    cut[9, 9] = 0.0
    world = small([0, 3], at_places((0, 9, 2), (10, 3, 2)), ground=replace(ground, urgent_s=cut))
    done = course(world)
    assert np.isinf(done.first_s[0, POLICE])
    assert done.first_s[1, POLICE] == 0.0
    assert values_of(tally_of(world, done))["never"].tolist() == [0.5]


def test_the_same_seed_gives_the_same_figures_and_a_policy_does_not_differ_from_itself():
    world = busy_street(days=3)
    one, two = (compare(world, [CLOSEST, replace(CLOSEST, name="again")], runs=3, seed=5) for _ in range(2))
    assert one.figures == two.figures
    assert {told.value for told in one.differences["again"].values()} <= {0.0, None}
    assert one.blocks == 3


def test_one_more_unit_is_surely_better_and_the_difference_is_surer_than_either_figure():
    told = compare(busy_street(days=14), [CLOSEST, replace(CLOSEST, name="more", more=2)], runs=2, seed=5)
    mean, gain = told.figures["closest"]["mean_s"], told.differences["more"]["mean_s"]
    assert gain.is_sure
    assert gain.value < 0
    assert gain.high - gain.low < mean.high - mean.low


def test_a_fitted_process_has_the_calls_of_its_hours():
    history = busy_street(days=14).calls
    process = call_process(history, days=14)
    assert process.per_hour.sum() / 7 == pytest.approx(len(history) / 14, rel=0.02)
    drawn = process.draw(70, np.random.default_rng(1))
    assert len(drawn) / 70 == pytest.approx(len(history) / 14, rel=0.05)
    assert drawn.blocks == 70
    # Days that are missing say nothing of how many calls there are.
    holes = history.take(np.flatnonzero(history.block != 3))
    rate = call_process(holes, days=14, missing=(3,)).per_hour.sum() / 7
    assert rate == pytest.approx(len(history) / 14, rel=0.1)


def busy_street(days: int):
    rng = np.random.default_rng(11)
    n = 40 * days
    at_s = np.sort(rng.random(n) * days * 86_400)
    calls = at_places(*((float(at), int(zone), 2) for at, zone in zip(at_s, rng.integers(0, 11, n), strict=True)))
    rules = replace(PLAIN, drive_spread=0.2)
    return small([2, 8], replace(calls, block=(at_s // 86_400).astype(int)), rules=rules)
