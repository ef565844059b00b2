"""Who is on foot walks no farther than in a shift, also when its stops change on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.replanning import stops_that_fit
from anlan.patrol.rules import Settings
from anlan.patrol.services import patrol_plan_approve, patrol_plan_publish, patrol_route_accept
from anlan.patrol.sliding import slide_draw
from anlan.patrol.walking import walk_left_s
from anlan.patrol.ways import times_between
from anlan.units.models import Unit
from patrol.conftest import SHIFT
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.store_free]
NOON = SHIFT[0] + timedelta(hours=2)


@pytest.fixture
def walking(patrol):
    """P-01 walks its route: one stop visited, one due a little farther on. P-02 has one due as well."""
    plan = patrol.plan()
    patrol_plan_approve(plan=plan, by=patrol.jia, at=T0)
    patrol_plan_publish(plan=plan, by=patrol.jia, at=T0)
    Unit.objects.filter(call_sign="P-01").update(vehicle="foot", base_lon=120.06, base_lat=28.9, state="available")
    for call_sign in ("P-01", "P-02"):
        route = plan.routes.select_related("unit", "plan").get(unit__call_sign=call_sign)
        patrol_route_accept(route=route, by=SYSTEM, at=SHIFT[0])
        route.stops.exclude(pk__in=route.stops.exclude(kind="meal").order_by("position").values("pk")[:2]).delete()
        for stop, lon in zip(route.stops.order_by("position"), (120.07, 120.08), strict=True):
            row = PatrolStop.objects.filter(pk=stop.pk)
            row.update(kind="must", lon=lon, lat=28.9, opens_at=None, closes_at=None, state="due")
            row.update(arrives_at=NOON + timedelta(hours=1), leaves_at=NOON + timedelta(hours=1, minutes=15))
        PatrolStop.objects.filter(pk=route.stops.order_by("position").first().pk).update(
            state="dwelt", reached_at=SHIFT[0] + timedelta(hours=1)
        )
    patrol.one, patrol.other = (
        plan.routes.select_related("unit", "plan").get(unit__call_sign=sign) for sign in ("P-01", "P-02")
    )
    return patrol


def bounded(walking, walk_s: float) -> None:
    """The plan lets people walk so long; both routes are read anew."""
    stored = Settings(walk_s=round(walk_s)).stored()
    PatrolPlan.objects.filter(pk=walking.one.plan_id).update(settings=stored)
    for route in (walking.one, walking.other):
        route.plan.refresh_from_db()


def leg_s(a: float, b: float) -> float:
    return float(times_between([(a, 28.9)], [(b, 28.9)], vehicle="foot", at=NOON)[0, 0])


def test_the_walk_to_places_already_visited_counts(walking):
    bounded(walking, 10_000)
    stops = list(walking.one.stops.all())
    left_s = walk_left_s(walking.one, stops, here=(120.07, 28.9), at=NOON)
    assert left_s == pytest.approx(10_000 - leg_s(120.06, 120.07))
    assert walk_left_s(walking.other, stops, here=(120.07, 28.9), at=NOON) == float("inf")


def test_the_rest_of_a_walk_planned_anew_keeps_to_what_is_left_of_it(walking):
    # From the base, where it is taken to be: there again and back is all it was to walk, and it has been there once.
    there_and_back = 2 * leg_s(120.06, 120.08)
    been_and_back = 2 * leg_s(120.06, 120.07)
    bounded(walking, been_and_back + there_and_back + 60)
    assert len(stops_that_fit(walking.one, at=NOON)) == 1
    bounded(walking, been_and_back + there_and_back - 60)
    assert stops_that_fit(walking.one, at=NOON) == []


def test_a_neighbour_on_foot_takes_no_more_than_it_can_still_walk(walking):
    given = list(walking.other.stops.filter(state="due"))
    assert given
    # Its own stop and the one offered lie in the same place: only what it has walked and its own way count.
    need_s = 2 * leg_s(120.06, 120.07) + 2 * leg_s(120.06, 120.08)
    PatrolStop.objects.filter(pk=given[0].pk).update(lon=120.085)
    given = list(walking.other.stops.filter(state="due"))
    bounded(walking, need_s + 60)
    assert slide_draw(walking.other, given, at=NOON).takes == {}
    bounded(walking, need_s + 2 * leg_s(120.08, 120.085) + 60)
    assert list(slide_draw(walking.other, given, at=NOON).takes) == [walking.one.pk]
