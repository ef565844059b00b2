"""A shift's plan: what goes into it, what it keeps to, and what is said when there can be none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound, NotPermitted
from anlan.core.models import Event
from anlan.engines.patrol_route import faults_of
from anlan.patrol import jobs
from anlan.patrol.errors import NoDemand, NoUnits, SettingOutOfRange, ShiftUnreadable
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.selectors import adherence_of, beat_shares, plan_for, plans_for
from anlan.patrol.services import patrol_plan_approve, patrol_plan_drop, patrol_plan_publish, patrol_plan_settle
from anlan.patrol.sheet import sheet_read
from anlan.places.services import point_put
from anlan.units.models import Unit as UnitRow
from anlan.units.services import shift_set
from patrol.conftest import BUSY, PLAIN, SHIFT, reports
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_plan_covers_the_must_and_goes_where_calls_are_expected(patrol):
    plan = patrol.plan()
    stops = PatrolStop.objects.filter(route__plan=plan)
    assert set(stops.values_list("kind", flat=True)) >= {"cell", "must", "meal", "random"}
    assert stops.get(kind="must").name_zh == "实验小学"
    assert {stop.route.unit.call_sign for stop in stops} == {"P-01", "P-02"}
    assert (plan.demand, plan.travel, plan.unmet, plan.state) == ("year", "road", [], "drawn")
    # 50 reports a year over an eight-hour shift, all of it visited.
    assert plan.expected == pytest.approx(50 * 8 / (365 * 24))
    assert plan.covered == pytest.approx(plan.expected)


def test_stops_of_a_unit_follow_each_other_within_its_shift(patrol):
    plan = patrol.plan()
    for route in plan.routes.all():
        stops = list(route.stops.order_by("position"))
        assert stops[0].arrives_at >= route.starts_at
        assert stops[-1].leaves_at <= route.ends_at
        assert all(a.leaves_at <= b.arrives_at for a, b in pairwise(stops))


def test_a_tenth_of_the_visits_is_drawn_by_lot_and_its_chance_is_on_record(patrol):
    draft = patrol.draw()
    lots = [spot for spot in draft.spots if spot.kind == "random"]
    capacity = 2 * 8 * 3600 / (900 + 300)
    assert len(lots) == round(0.1 * capacity)
    assert draft.chance == pytest.approx(len(lots) / len(draft.ground.squares))
    plan = patrol.plan()
    assert {stop.chance for stop in PatrolStop.objects.filter(route__plan=plan, kind="random")} == {draft.chance}
    assert Event.objects.get(kind="patrol.plan_made").data["chance"] == round(draft.chance, 6)


def test_lots_do_not_look_at_need(patrol):
    before = patrol.draw(seed=9)
    reports(patrol.world, (120.055, 28.902), 300)
    after = patrol.draw(seed=9)
    spots = [[(s.lon, s.lat) for s in draft.spots if s.kind == "random"] for draft in (before, after)]
    assert spots[0] == spots[1]


def test_the_same_seed_gives_the_same_plan_and_another_another(patrol):
    one, again, other = patrol.draw(seed=1), patrol.draw(seed=1), patrol.draw(seed=2)
    assert one.plan == again.plan
    assert [s.lon for s in one.spots] != [s.lon for s in other.spots]


def test_a_busy_place_is_visited_again_in_another_part_of_the_shift(patrol):
    plan = patrol.plan()
    visits = PatrolStop.objects.filter(route__plan=plan, kind="cell", lon__range=(BUSY[0] - 0.01, BUSY[0] + 0.01))
    hours = sorted((stop.arrives_at - SHIFT[0]) / timedelta(hours=8) * 3 for stop in visits)
    assert [int(hour) for hour in hours] == [0, 1, 2]


def test_no_beat_gets_far_more_than_its_share_of_need(patrol):
    plan = patrol.plan()
    (share,) = beat_shares(plan)
    assert (share.beat_code, share.minutes_share, share.need_share) == ("beat-west", 1.0, 1.0)


def test_a_place_with_a_handful_of_reports_is_no_stop(patrol):
    reports(patrol.world, (120.052, 28.94), 4)
    assert all(spot.lat < 28.93 for spot in patrol.draw().spots if spot.kind == "cell")


def test_what_officers_find_does_not_move_the_plan(patrol):
    from anlan.intake.models import Incident

    before = patrol.draw()
    reports(patrol.world, (120.055, 28.902), 300)
    Incident.objects.filter(lon=120.055).update(origin="officer")
    assert patrol.draw().plan == before.plan


def test_only_units_on_shift_patrol_where_shifts_are_kept(patrol):
    shift_set(
        unit=patrol.world.units["P-02"], starts_at=SHIFT[0], ends_at=SHIFT[0] + timedelta(hours=4), by=SYSTEM, at=T0
    )
    (duty,) = patrol.draw().ground.units
    assert (duty.unit.call_sign, duty.ends_at - duty.starts_at) == ("P-02", timedelta(hours=4))


def test_who_is_on_foot_is_planned_at_walking_pace_and_not_farther_than_people_walk(patrol):
    UnitRow.objects.filter(call_sign="P-02").update(vehicle="foot")
    draft = patrol.draw(settings=replace(PLAIN, walk_s=3600))
    task = draft.task
    (walker,) = [k for k, duty in enumerate(draft.ground.units) if duty.unit.vehicle == "foot"]
    by_car_s, on_foot_s = (task.way_s(unit).max() for unit in (1 - walker, walker))
    assert on_foot_s > 3 * by_car_s
    assert faults_of(task, draft.plan) == []
    UnitRow.objects.filter(call_sign="P-01").update(is_active=False)
    alone = patrol.plan(settings=replace(PLAIN, walk_s=3600))
    assert 0 < alone.routes.get().travel_s <= 3600
    (asked,) = sheet_read(alone, at=T0).task.units
    assert asked.most_travel_s == 3600


def test_a_must_that_no_road_reaches_in_time_is_named(patrol):
    point_put(
        kind="must_cover",
        code="M2",
        name_zh="水库",
        lon=120.06,
        lat=28.902,
        source="tests",
        organisation=patrol.world.orgs["west"],
        by=SYSTEM,
        at=T0,
    )
    short = (SHIFT[0], SHIFT[0] + timedelta(minutes=20))
    plan = patrol.plan(settings=replace(PLAIN, random_share=0.0, meal_s=0, stop_s=1190), shift=short)
    assert {row["why"] for row in plan.unmet} == {"shift_too_short"}
    assert {row["stop"]["name_zh"] for row in plan.unmet} == {"实验小学", "水库"}


@pytest.mark.parametrize(
    ("refusal", "asked"),
    [
        (ShiftUnreadable, {"shift": (SHIFT[1], SHIFT[0])}),
        (ShiftUnreadable, {"shift": (SHIFT[0], SHIFT[0] + timedelta(hours=20))}),
        (SettingOutOfRange, {"settings": replace(PLAIN, stop_s=10)}),
        (NoUnits, {"org": "mediation"}),
        (NoDemand, {"org": "east"}),
    ],
)
def test_what_can_not_be_planned_is_refused_in_words(patrol, refusal, asked):
    with pytest.raises(refusal) as told:
        patrol.draw(**asked)
    assert told.value.detail("en") != told.value.detail("zh-hans")


def test_next_doors_plan_is_not_there(patrol):
    plan = patrol.plan()
    cleo = patrol.world.actor("cleo")
    assert plans_for(cleo) == []
    with pytest.raises(NotFound):
        plan_for(cleo, plan.pk)
    with pytest.raises(NotFound):
        patrol.draw(by=cleo)
    with pytest.raises(NotPermitted):
        patrol.draw(by=patrol.world.actor("ben"))


def test_better_routes_take_the_place_of_the_first_ones(patrol):
    plan = patrol.plan(settings=replace(PLAIN, search_s=2))
    assert plan.is_searching
    ticks = iter(range(100))
    assert jobs.plans_better(at=T0, clock=lambda: next(ticks)) == 1
    plan.refresh_from_db()
    assert not plan.is_searching
    assert plan.routes.count() == 2
    assert Event.objects.filter(kind="patrol.plan_bettered").count() == 1
    draft = patrol.draw(settings=replace(PLAIN, search_s=2))
    assert faults_of(draft.task, draft.plan) == []


def test_a_signature_or_a_stop_ends_the_search(patrol):
    plan = patrol.plan(settings=replace(PLAIN, search_s=5))
    assert patrol_plan_settle(plan=plan, by=patrol.jia, at=T0)
    assert jobs.plans_better(at=T0) == 0
    other = patrol.plan(settings=replace(PLAIN, search_s=5))
    patrol_plan_approve(plan=other, by=patrol.jia, at=T0)
    other.refresh_from_db()
    assert (other.state, other.is_searching, other.approved_by_id) == ("approved", False, patrol.jia.id)


def test_a_leader_signs_before_crews_get_their_routes(patrol):
    plan = patrol.plan()
    with pytest.raises(NotPermitted):
        patrol_plan_approve(plan=plan, by=patrol.world.actor("ida"), at=T0)
    patrol_plan_approve(plan=plan, by=patrol.jia, at=T0)
    patrol_plan_publish(plan=plan, by=patrol.jia, at=T0)
    assert set(plan.routes.values_list("state", flat=True)) == {"published"}
    assert adherence_of(plan).due == adherence_of(plan).stops


def test_a_dropped_plan_stays_on_record(patrol):
    plan = patrol.plan()
    patrol_plan_drop(plan=plan, by=patrol.jia, at=T0)
    assert PatrolPlan.objects.get(pk=plan.pk).state == "dropped"
