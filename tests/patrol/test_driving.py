"""On the road: routes taken, calls in between, stops visited by position or by hand, and the end of the shift."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.errors import WrongState
from anlan.core.models import Event
from anlan.patrol.errors import NotYourRoute, ReasonUnknown
from anlan.patrol.handlers import units_follow
from anlan.patrol.jobs import plans_end, stops_watch
from anlan.patrol.selectors import adherence_of, route_now, stop_next
from anlan.patrol.services import (
    patrol_plan_approve,
    patrol_plan_publish,
    patrol_route_accept,
    patrol_stop_confirm,
    patrol_stop_miss,
)
from anlan.units.services import PositionReport, positions_take, unit_claim, unit_release, unit_state_set
from patrol.conftest import SHIFT
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]


@pytest.fixture
def driving(patrol):
    """P-01's route, taken by Eve at the beginning of the shift."""
    plan = patrol.plan()
    patrol_plan_approve(plan=plan, by=patrol.jia, at=T0)
    patrol_plan_publish(plan=plan, by=patrol.jia, at=T0)
    patrol.eve = patrol.world.actor("eve")
    patrol.unit = patrol.world.units["P-01"]
    patrol.route = plan.routes.get(unit=patrol.unit)
    patrol_route_accept(route=patrol.route, by=patrol.eve, at=SHIFT[0])
    patrol.kept = plan
    return patrol


def seen(patrol, lon, lat, at, seq):
    report = PositionReport(unit_id=patrol.unit.pk, boot="p", seq=seq, lon=lon, lat=lat, fixed_at=at)
    positions_take(fixes=[report], by=SYSTEM, at=at)


def test_a_crew_sees_its_route_and_the_next_stop(driving):
    route = route_now(driving.eve, at=SHIFT[0])
    assert route == driving.route
    assert stop_next(route).position == 1
    assert route_now(driving.world.actor("finn"), at=SHIFT[0]) is None


def test_standing_there_long_enough_is_a_visit(driving):
    stop = stop_next(driving.route)
    begin = SHIFT[0] + timedelta(minutes=5)
    for seq, minutes in enumerate((0, 5), start=1):
        seen(driving, stop.lon, stop.lat, begin + timedelta(minutes=minutes), seq)
        stops_watch(at=begin + timedelta(minutes=minutes))
    stop.refresh_from_db()
    assert stop.state == "reached"
    long_enough = begin + (stop.leaves_at - stop.arrives_at)
    seen(driving, stop.lon, stop.lat, long_enough, 3)
    assert stops_watch(at=long_enough) == 1
    stop.refresh_from_db()
    assert (stop.state, stop.confirmed, stop.reason) == ("dwelt", "position", "")
    driving.route.refresh_from_db()
    assert driving.route.state == "in_progress"


def test_driving_through_is_no_visit(driving):
    stop = stop_next(driving.route)
    begin = SHIFT[0] + timedelta(minutes=5)
    seen(driving, stop.lon, stop.lat, begin, 1)
    stops_watch(at=begin)
    seen(driving, stop.lon + 0.02, stop.lat, begin + timedelta(minutes=2), 2)
    stops_watch(at=begin + timedelta(minutes=2))
    stop.refresh_from_db()
    assert (stop.state, stop.reason) == ("missed", "left_early")


def test_a_visit_told_by_hand_says_why_no_position_shows_it(driving):
    stop = stop_next(driving.route)
    with pytest.raises(ReasonUnknown):
        patrol_stop_confirm(stop=stop, by=driving.eve, at=SHIFT[0])
    patrol_stop_confirm(stop=stop, by=driving.eve, at=SHIFT[0], reason="no_fix")
    assert (stop.state, stop.confirmed, stop.reason) == ("dwelt", "hand", "no_fix")
    with pytest.raises(WrongState):
        patrol_stop_miss(stop=stop, reason="weather", by=driving.eve, at=SHIFT[0])
    assert adherence_of(driving.kept).by_hand == 1


def test_another_crew_says_nothing_of_my_stops(driving):
    other = driving.kept.routes.exclude(unit=driving.unit).get()
    with pytest.raises(NotYourRoute):
        patrol_stop_miss(stop=stop_next(other), reason="weather", by=driving.eve, at=SHIFT[0])
    patrol_stop_miss(stop=stop_next(other), reason="weather", by=driving.world.actor("ida"), at=SHIFT[0])


def test_a_unit_that_is_sent_leaves_its_route_and_goes_on_with_what_still_fits(driving):
    units_follow(at=SHIFT[0])
    due = driving.route.stops.filter(state="due").count()
    called, free = SHIFT[0] + timedelta(hours=1), SHIFT[0] + timedelta(hours=7, minutes=20)
    unit_claim(unit=driving.unit, incident_id=1, by=SYSTEM, at=called)
    units_follow(at=called)
    driving.route.refresh_from_db()
    assert driving.route.state == "interrupted"
    unit_release(unit=driving.unit, by=SYSTEM, at=free)
    units_follow(at=free)
    driving.route.refresh_from_db()
    stops = list(driving.route.stops.filter(state="due").order_by("position"))
    missed = driving.route.stops.filter(state="missed", reason="dispatched").count()
    assert driving.route.state == "resumed"
    assert missed > 0
    assert len(stops) + missed == due
    assert stops[0].arrives_at >= free
    assert stops[-1].leaves_at <= driving.route.ends_at
    told = Event.objects.get(kind="patrol.route_resumed")
    assert told.data == {"unit_id": driving.unit.pk, "kept": len(stops), "missed": missed}


def test_hearing_of_it_twice_changes_nothing_more(driving):
    unit_claim(unit=driving.unit, incident_id=1, by=SYSTEM, at=SHIFT[0])
    units_follow(at=SHIFT[0])
    assert units_follow(at=SHIFT[0]) == 0
    assert Event.objects.filter(kind="patrol.route_interrupted").count() == 1


def test_a_break_of_another_kind_is_no_interruption(driving):
    unit_state_set(unit=driving.unit, to="busy", by=SYSTEM, at=SHIFT[0])
    units_follow(at=SHIFT[0])
    driving.route.refresh_from_db()
    assert driving.route.state == "accepted"


def test_when_the_shift_is_over_every_stop_says_what_became_of_it(driving):
    patrol_stop_confirm(stop=stop_next(driving.route), by=driving.eve, at=SHIFT[0], reason="nearby")
    assert plans_end(at=SHIFT[1]) == 1
    figures = adherence_of(driving.kept)
    assert (figures.visited, figures.due) == (1, 0)
    assert figures.missed == figures.stops - 1
    states = dict(driving.kept.routes.values_list("unit__call_sign", "state"))
    assert states == {"P-01": "done", "P-02": "missed"}


def test_a_worker_that_is_new_to_patrols_reads_no_history_and_still_sees_who_is_out(driving):
    before = Event.objects.count()
    unit_claim(unit=driving.unit, incident_id=1, by=SYSTEM, at=SHIFT[0])
    assert before > 1
    assert units_follow(at=SHIFT[0]) == 1
    driving.route.refresh_from_db()
    assert driving.route.state == "interrupted"
