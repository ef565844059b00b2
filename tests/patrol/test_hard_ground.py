"""What a plan is made of can be poor: no units, nothing expected, no road, too short a shift, musts at odds, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from anlan.core.actor import SYSTEM
from anlan.engines.patrol_route import PatrolTask, Stop, Unit, Why, faults_of, first_plan, unmet
from anlan.patrol import planning, ways
from anlan.patrol.errors import NoDemand, NoUnits
from anlan.patrol.models import PatrolStop
from anlan.patrol.plan_rows import plan_row
from anlan.patrol.rules import NEAR_TIE
from anlan.patrol.words import unmet_told
from anlan.places.services import point_put
from anlan.units.models import Unit as UnitRow
from patrol.conftest import PLAIN, QUIET, SHIFT, reports
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def point(patrol, code, lon, lat=28.902, kind="must_cover", name="水库"):
    point_put(
        kind=kind,
        code=code,
        name_zh=name,
        lon=lon,
        lat=lat,
        source="tests",
        organisation=patrol.world.orgs["west"],
        by=SYSTEM,
        at=T0,
    )


def told(draft):
    return unmet_told(plan_row(draft).unmet)


def test_without_units_on_duty_the_refusal_says_what_to_set(patrol):
    UnitRow.objects.filter(organisation=patrol.world.orgs["west"]).update(is_active=False)
    with pytest.raises(NoUnits) as refused:
        patrol.draw()
    assert "Set shifts and bases" in refused.value.detail("en")


def test_without_reports_and_points_there_is_nothing_to_plan(patrol):
    with pytest.raises(NoDemand):
        patrol.draw(org="east", by=SYSTEM)


def test_where_every_cell_weighs_nothing_musts_and_lots_are_still_driven(patrol, monkeypatch):
    read = planning.cells_reached
    ground = patrol.draw().ground
    nothing = replace(ground, spots=tuple(replace(s, expected=0.0) for s in ground.spots), expected=0.0)
    draft = planning.draft_make(nothing, settings=PLAIN, seed=5, starts_at=SHIFT[0], ends_at=SHIFT[1], at=T0)
    kinds = {draft.spots[stop].kind for stop in draft.plan.served}
    assert {"must", "random", "meal"} <= kinds
    assert faults_of(draft.task, draft.plan) == []
    assert set(plan_row(draft).cover["planned"]) == {0.0}
    assert read is planning.cells_reached


def test_an_engine_asked_with_no_prize_at_all_says_so():
    task = PatrolTask(np.zeros((1, 1)), (Stop(0, 0.0),), (Unit(0, 0, 0, 100),))
    assert [one.why for one in unmet(task, first_plan(task))] == [Why.NO_PRIZES]


def test_a_must_that_no_road_reaches_is_named_with_what_to_do(patrol, monkeypatch):
    point(patrol, "M9", 120.07, name="孤岛")
    drawn = ways.travel_between

    def cut_off(places, **how):
        seconds, source = drawn(places, **how)
        k = next(k for k, place in enumerate(places) if place == (120.07, 28.902))
        seconds[k, :] = seconds[:, k] = np.inf
        seconds[k, k] = 0.0
        return seconds, source

    monkeypatch.setattr(ways, "travel_between", cut_off)
    (sentence,) = told(patrol.draw())
    assert "孤岛" in sentence
    assert "road" in sentence or "道路" in sentence


def test_a_shift_shorter_than_one_stop_names_the_musts_it_can_not_hold(patrol):
    short = (SHIFT[0], SHIFT[0] + timedelta(minutes=10))
    draft = patrol.draw(shift=short, settings=replace(PLAIN, random_share=0.0))
    assert draft.plan.served == frozenset()
    assert {row["why"] for row in plan_row(draft).unmet} == {"shift_too_short"}
    assert any("实验小学" in sentence for sentence in told(draft))


def test_musts_that_can_not_both_be_visited_name_each_other(patrol):
    UnitRow.objects.filter(call_sign="P-02").update(is_active=False)
    point(patrol, "M2", 120.07, name="东桥")
    # One unit, 28 minutes: either must of a quarter of an hour fits with its way, both don't in any order.
    tight = (SHIFT[0], SHIFT[0] + timedelta(minutes=28))
    draft = patrol.draw(shift=tight, settings=replace(PLAIN, random_share=0.0, meal_s=0, stop_s=900))
    (row,) = plan_row(draft).unmet
    assert row["why"] == "against_others"
    assert {row["stop"]["name_zh"], *(other["name_zh"] for other in row["others"])} == {"实验小学", "东桥"}


def test_a_history_with_gaps_counts_what_is_there_over_the_whole_year(patrol):
    from anlan.intake.models import Incident

    # All reports of the busy crossing fall into one month; the rest of the year is blank.
    Incident.objects.filter(received_at__lt=T0 - timedelta(days=40)).delete()
    left = Incident.objects.filter(lon=120.07).count()
    draft = patrol.draw()
    busy = max(draft.ground.spots, key=lambda spot: spot.expected)
    assert busy.expected == pytest.approx(left * 8 / (365 * 24))


def test_a_standby_point_is_waited_at_for_what_it_has_in_reach_and_for_nothing_else(patrol):
    point(patrol, "S1", 120.07, kind="standby", name="备勤点")
    spots = {spot.kind: k for k, spot in enumerate(patrol.draw().spots)}
    with_cover = patrol.draw().task.stops[spots["standby"]].prize
    without = patrol.draw(settings=replace(PLAIN, cover_weight=0.0)).task.stops[spots["standby"]].prize
    assert without == 0.0 < with_cover


def test_calls_in_reach_count_among_what_is_aimed_at(patrol):
    blind = patrol.draw(settings=replace(PLAIN, cover_weight=0.0))
    seeing = patrol.draw(settings=replace(PLAIN, cover_weight=5.0))
    mean = [np.mean(plan_row(draft).cover["planned"]) for draft in (blind, seeing)]
    assert mean[1] >= mean[0]
    assert all(a.prize >= b.prize for a, b in zip(seeing.task.stops, blind.task.stops, strict=True))


def test_near_ties_are_shuffled_within_a_twentieth_and_the_first_part_of_a_shift_is_not_always_first(patrol):
    reports(patrol.world, QUIET, 30)  # both crossings weigh the same now
    orders, firsts = set(), set()
    for seed in range(12):
        draft = patrol.draw(seed=seed, settings=replace(PLAIN, cover_weight=0.0, random_share=0.0))
        for stop, spot in zip(draft.task.stops, draft.spots, strict=True):
            if spot.kind == "cell":
                assert spot.expected <= stop.prize <= spot.expected * (1 + NEAR_TIE)
        cells = [k for k, spot in enumerate(draft.spots) if spot.kind == "cell"]
        orders.add(tuple(round(draft.spots[k].lon, 3) for route in draft.plan.routes for k in route if k in cells))
        firsts |= {draft.task.stops[k].opens_s for k in cells if draft.spots[k].why["visit"] == 1}
    assert len(orders) > 1
    assert len(firsts) == PLAIN.visits


def test_each_further_visit_of_a_place_is_worth_less(patrol):
    draft = patrol.draw(settings=replace(PLAIN, cover_weight=0.0))
    worth = {}
    for spot in draft.spots:
        if spot.kind == "cell":
            worth.setdefault(round(spot.lon, 4), {})[spot.why["visit"]] = spot.expected
    for visits in worth.values():
        assert visits[2] == pytest.approx(0.8 * visits[1])
        assert visits[3] == pytest.approx(0.64 * visits[1])


def test_a_stored_stop_knows_the_hours_it_must_begin_in(patrol):
    plan = patrol.plan()
    cells = PatrolStop.objects.filter(route__plan=plan, kind="cell")
    assert all(stop.opens_at <= stop.arrives_at <= stop.closes_at for stop in cells)
