"""Neighbours slide: what a unit on a call can't visit, others take over within their own promises, and are told."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.patrol.adherence import standings_of
from anlan.patrol.handlers import unit_follow, units_follow
from anlan.patrol.jobs import plans_end, stops_watch
from anlan.patrol.models import PatrolRoute, PatrolStop
from anlan.patrol.rules import PROMISE_S
from anlan.patrol.selectors import stops_of
from anlan.patrol.services import (
    patrol_plan_approve,
    patrol_plan_publish,
    patrol_route_accept,
    patrol_stop_confirm,
    patrol_stop_explain,
    patrol_stop_miss,
)
from anlan.patrol.sliding import slide_draw, stops_in_absence
from anlan.places.services import point_put
from anlan.units.models import Unit
from anlan.units.services import PositionReport, positions_take, unit_claim, unit_release, unit_state_set
from patrol.conftest import SHIFT
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]


@pytest.fixture
def out(patrol):
    """Both units of the west drive their routes and are free."""
    patrol.kept = patrol.plan()
    patrol_plan_approve(plan=patrol.kept, by=patrol.jia, at=T0)
    patrol_plan_publish(plan=patrol.kept, by=patrol.jia, at=T0)
    patrol.routes = {}
    for call_sign in ("P-01", "P-02"):
        unit = patrol.world.units[call_sign]
        unit.refresh_from_db()
        if unit.state != "available":
            unit_state_set(unit=unit, to="available", by=SYSTEM, at=T0)
        route = patrol.kept.routes.get(unit=unit)
        patrol_route_accept(route=route, by=SYSTEM, at=SHIFT[0])
        patrol.routes[call_sign] = route
    patrol.one, patrol.other = patrol.routes["P-01"], patrol.routes["P-02"]
    first = patrol.one.stops.exclude(kind="meal").order_by("position").first()
    patrol.early = first.arrives_at - timedelta(minutes=1)  # a call comes just before its first stop
    return patrol


def test_a_neighbour_nobody_knows_the_place_of_takes_nothing_over(out):
    room_for_more(out)
    assert slide_draw(out.one, stops_in_absence(out.one, at=out.early), at=out.early).takes
    Unit.objects.filter(pk=out.other.unit_id).update(base_lon=None, base_lat=None)
    assert not slide_draw(out.one, stops_in_absence(out.one, at=out.early), at=out.early).takes
    here = {one.route.unit_id: one.is_nowhere for one in standings_of(out.kept, at=out.early)}
    assert here == {out.one.unit_id: False, out.other.unit_id: True}


def called(out, at=None):
    at = at or out.early
    unit_claim(unit=out.world.units["P-01"], incident_id=1, by=SYSTEM, at=at)
    unit_follow(out.one.unit_id, at=at)
    out.one.refresh_from_db()


def room_for_more(out):
    """The neighbour is on time and has given up what was still to come but its break: it can take over."""
    for stop in out.other.stops.order_by("position"):
        if stop.arrives_at < out.early:
            patrol_stop_confirm(stop=stop, by=SYSTEM, at=out.early, reason="nearby")
        elif stop.kind != "meal":
            patrol_stop_miss(stop=stop, reason="no_access", by=SYSTEM, at=out.early)


def test_a_neighbour_takes_over_what_falls_into_the_absence_and_is_told(out):
    room_for_more(out)
    due = {stop.pk for stop in stops_in_absence(out.one, at=out.early)}
    assert due
    called(out)
    moved = list(PatrolStop.objects.filter(route=out.other, came_from=out.one.unit))
    assert moved
    assert {stop.pk for stop in moved} <= due
    told = Event.objects.get(kind="patrol.route_slid")
    assert told.data == {"unit_id": out.other.unit_id, "from_unit_id": out.one.unit_id, "stops": len(moved)}
    stops = list(out.other.stops.filter(state="due").order_by("position"))
    assert all(a.leaves_at <= b.arrives_at for a, b in pairwise(stops))
    assert stops[-1].leaves_at <= out.other.ends_at
    assert all(stop.closes_at is None or stop.arrives_at <= stop.closes_at for stop in stops)


def test_a_neighbours_own_stops_keep_their_promise(out):
    room_for_more(out)
    before = {stop.pk: stop.arrives_at for stop in out.other.stops.filter(state="due")}
    called(out)
    for stop in out.other.stops.filter(pk__in=before):
        assert stop.arrives_at <= max(before[stop.pk], out.early) + timedelta(seconds=PROMISE_S)


def test_who_has_no_time_left_takes_nothing_and_what_nobody_takes_stays(out):
    full = {stop.pk for stop in out.other.stops.all()}
    late = SHIFT[1] - timedelta(minutes=20)
    called(out, at=late)
    assert {stop.pk for stop in out.other.stops.all()} == full
    assert out.one.stops.filter(state="due").exists()


def test_a_call_is_slid_for_once_also_after_a_worker_that_fell(out):
    room_for_more(out)
    called(out)
    slid = out.one.slid_at
    assert slid == out.early
    assert not unit_follow(out.one.unit_id, at=out.early + timedelta(minutes=1))
    # The worker fell between leaving the route and sliding: the next look does what is left to do.
    PatrolRoute.objects.filter(pk=out.one.pk).update(slid_at=None)
    assert unit_follow(out.one.unit_id, at=out.early + timedelta(minutes=1))


def test_a_neighbour_on_a_call_itself_or_without_its_route_takes_nothing(out):
    unit_claim(unit=out.world.units["P-02"], incident_id=2, by=SYSTEM, at=out.early)
    assert slide_draw(out.one, stops_in_absence(out.one, at=out.early), at=out.early).takes == {}


def test_who_is_late_already_takes_nothing(out):
    room_for_more(out)
    last = out.other.stops.order_by("-position").first()
    PatrolStop.objects.filter(pk=last.pk).update(
        state="due", reason="", arrives_at=out.early, leaves_at=out.early + timedelta(minutes=15), closes_at=out.early
    )
    PatrolStop.objects.filter(pk=last.pk).update(lon=120.05)
    called(out)
    assert not PatrolStop.objects.filter(route=out.other, came_from=out.one.unit).exists()


def test_a_break_is_never_given_away(out):
    meals = list(out.one.stops.filter(kind="meal"))
    assert slide_draw(out.one, meals, at=out.early).takes == {}


def test_a_standby_point_closes_the_hole_where_it_is_worth_it(out):
    room_for_more(out)
    for place in out.kept.wanted:
        place["lon"], place["lat"] = 120.15, 28.90  # all calls far in the east, where nobody is
    out.kept.save()
    out.one.refresh_from_db()
    point_put(
        kind="standby",
        code="S1",
        name_zh="东桥备勤点",
        lon=120.14,
        lat=28.90,
        source="tests",
        organisation=out.world.orgs["west"],
        by=SYSTEM,
        at=T0,
    )
    called(out)
    stop = PatrolStop.objects.get(route=out.other, kind="standby")
    assert (stop.name_zh, stop.came_from_id, stop.why["for"]) == ("东桥备勤点", out.one.unit_id, "P-01")


def test_what_no_longer_fits_after_the_call_is_offered_before_it_is_missed(out):
    room_for_more(out)
    called(out, at=SHIFT[0] + timedelta(hours=1))
    free = SHIFT[0] + timedelta(hours=6)
    unit_release(unit=out.world.units["P-01"], by=SYSTEM, at=free)
    unit_follow(out.one.unit_id, at=free)
    out.one.refresh_from_db()
    assert out.one.state == "resumed"
    assert out.one.slid_at == free
    missed = out.one.stops.filter(state="missed")
    assert {stop.reason for stop in missed} <= {"dispatched"}


def test_misses_are_told_by_what_is_known_and_explained_by_who_was_there(out):
    called(out)
    patrol_stop_confirm(
        stop=out.other.stops.filter(state="due").order_by("position").first(),
        by=SYSTEM,
        at=out.early,
        reason="nearby",
    )
    assert plans_end(at=SHIFT[1]) == 1
    reasons = {stop.route.unit.call_sign: set() for stop in stops_of(out.kept)}
    for stop in stops_of(out.kept):
        if stop.state == "missed":
            reasons[stop.route.unit.call_sign].add(stop.reason)
    assert reasons["P-01"] == {"dispatched"}
    assert reasons["P-02"] == {"shift_over"}
    stop = next(stop for stop in stops_of(out.kept) if stop.reason == "shift_over")
    patrol_stop_explain(stop=stop, reason="weather", by=out.world.actor("ida"), at=SHIFT[1])
    stop.refresh_from_db()
    assert (stop.reason, stop.explained_at) == ("weather", SHIFT[1])


def test_cover_done_is_what_free_units_had_in_reach_by_their_own_positions(out):
    unit = out.world.units["P-01"]
    seen = SHIFT[0] + timedelta(minutes=7)
    positions_take(
        fixes=[PositionReport(unit_id=unit.pk, boot="p", seq=1, lon=120.07, lat=28.90, fixed_at=seen)],
        by=SYSTEM,
        at=seen,
    )
    stops_watch(at=seen)
    plans_end(at=SHIFT[1])
    out.kept.refresh_from_db()
    done = out.kept.cover["done"]
    assert len(done) == len(out.kept.cover["planned"]) == 32
    # Ten of fifty reports lie two kilometres off: in reach too. Nobody was seen after that: gaps, not noughts.
    assert done[0] == pytest.approx(1.0)
    assert done[2:] == [None] * 30


def test_units_are_followed_by_their_events_too(out):
    units_follow(at=out.early)
    unit_claim(unit=out.world.units["P-01"], incident_id=1, by=SYSTEM, at=out.early)
    assert units_follow(at=out.early) > 0
    out.one.refresh_from_db()
    assert (out.one.state, out.one.slid_at) == ("interrupted", out.early)
