"""The clocks of a matter: what runs, when it is due, and alarms that are raised once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.dispatch.clocks import RunningClock, duration_text
from anlan.dispatch.jobs import clocks_tick, positions_watch
from anlan.dispatch.models import ClockAlarm, Revisit
from anlan.dispatch.rules import arrival_allows
from anlan.dispatch.selectors import clocks_by_incident, clocks_of
from anlan.dispatch.selectors.clocks_due import clocks_due
from anlan.dispatch.selectors.under_way import halts_of
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_cancel,
    assignment_depart,
    assignment_finish,
    assignment_sign,
    feedback_return,
    feedback_review,
    order_assign,
    order_contact,
    order_escalate,
    order_route,
    order_sign,
)
from anlan.intake.models import Incident
from anlan.units.services import PositionReport, positions_take
from dispatch.scene import go, incident_of, later, reported, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def kinds(incident, at):
    incident.refresh_from_db()
    return {clock.kind: clock for clock in clocks_of(incident, at=at)}


def seen(world, call_sign, lon, at, *, seq=2):
    fix = PositionReport(unit_id=world.units[call_sign].pk, boot="t", seq=seq, lon=lon, lat=28.90, fixed_at=at)
    positions_take(fixes=[fix], by=SYSTEM, at=at)


@pytest.mark.parametrize(
    ("priority", "setting", "own", "minutes"),
    [
        ("P1", "town", {}, 5),
        ("P1", "rural", {}, 20),
        ("P2", "suburb", {}, 15),
        ("P3", "town", {"town_s": 900}, 15),
        ("P1", "town", {"town_s": 1800}, 5),
        ("P4", "town", {}, 24 * 60),
    ],
)
def test_the_arrival_target_comes_from_priority_setting_and_type(priority, setting, own, minutes):
    assert arrival_allows(priority, setting, **own) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("passed_s", "state"), [(0, "ok"), (39, "ok"), (40, "amber"), (59, "amber"), (60, "red")])
def test_a_clock_is_amber_from_two_thirds_and_red_from_its_end(passed_s, state):
    clock = RunningClock("sign", "assignment", 1, T0, T0 + timedelta(seconds=60), T0 + timedelta(seconds=passed_s))
    assert clock.state == state


def test_the_sum_of_a_clock_can_be_read():
    clock = RunningClock("arrive", "assignment", 1, T0, T0 + timedelta(minutes=5), T0)
    assert "09:00:00" in clock.total
    assert "09:05:00" in clock.total
    assert "5:00" in clock.total


@pytest.mark.parametrize(
    ("span", "text"),
    [(timedelta(seconds=45), "45 s"), (timedelta(seconds=200), "3:20"), (timedelta(minutes=130), "2 h 10 min")],
)
def test_durations_read_like_on_the_screens(span, text):
    with translation.override("en"):
        assert duration_text(span) == text


def test_an_unsent_incident_waits_to_be_sent_and_then_no_more(world):
    incident = incident_of(world)
    assert kinds(incident, T0)["send"].due_at == later(seconds=60)
    send(world, incident)
    assert set(kinds(incident, T0)) == {"sign", "arrive"}


def test_each_step_stops_its_clock_and_starts_the_next(world):
    incident, eve = incident_of(world), world.actor("eve")
    assignment = send(world, incident)
    assert set(kinds(incident, later(seconds=70))) == {"sign", "reassign", "arrive"}
    assignment_sign(assignment=assignment, by=eve, at=later(seconds=80))
    assert set(kinds(incident, later(seconds=80))) == {"move", "arrive"}
    assignment_arrive(assignment=assignment, by=eve, at=later(seconds=200))
    assert set(kinds(incident, later(seconds=200))) == {"report"}
    assignment_finish(assignment=assignment, by=eve, at=later(seconds=600))
    assert kinds(incident, later(seconds=600))["feedback"].due_at == later(seconds=600, minutes=30)


def test_returned_feedback_is_due_anew(world):
    incident = incident_of(world)
    sheet = reported(world, incident)
    feedback_return(feedback=sheet, reason="type missing", by=world.actor("ida"), at=later(hours=2))
    assert kinds(incident, later(hours=2))["feedback"].due_at == later(hours=2, minutes=30)


def test_the_town_rooms_four_clocks_run_from_routing(world):
    incident = incident_of(world, code="0402", priority="P3", track="C")
    order = order_route(incident=incident, by=world.actor("ada"), at=T0)
    running = {kind: clock.due_at - T0 for kind, clock in kinds(incident, T0).items()}
    assert running == {
        "town_sign": timedelta(minutes=1),
        "town_contact": timedelta(minutes=3),
        "town_arrive": timedelta(minutes=30),
        "town_close": timedelta(hours=24),
    }
    order_sign(order=order, by=world.actor("dan"), at=later(seconds=30))
    assert "town_sign" not in kinds(incident, later(seconds=30))


def test_the_unsigned_alarm_is_raised_once(world):
    incident = incident_of(world)
    assignment = send(world, incident)
    assert clocks_tick(at=later(seconds=59)) == 0
    assert [clocks_tick(at=later(seconds=61)) for _ in range(3)] == [1, 0, 0]
    assignment.refresh_from_db()
    assert assignment.alarmed_at == later(seconds=61)
    told = Event.objects.get(kind="dispatch.unsigned_alarm")
    assert (told.data["unit"], told.incident_id) == ("P-01", incident.pk)


def test_after_two_minutes_the_next_best_unit_is_proposed_once(world):
    assignment = send(world, incident_of(world))
    clocks_tick(at=later(seconds=61))
    clocks_tick(at=later(seconds=121))
    clocks_tick(at=later(seconds=125))
    assignment.refresh_from_db()
    assert assignment.reassign_proposed_at == later(seconds=121)
    told = Event.objects.get(kind="dispatch.reassign_proposed")
    assert (told.data["unit"], told.data["proposed"]) == ("P-01", "P-02")


def test_a_unit_that_signed_and_does_not_move_is_told_by_its_position(world):
    assignment = send(world, incident_of(world))
    assignment_sign(assignment=assignment, by=world.actor("eve"), at=later(seconds=20))
    seen(world, "P-01", 120.0601, later(seconds=130))  # ten metres: nothing
    positions_watch(at=later(seconds=131))
    clocks_tick(at=later(seconds=141))
    assert Event.objects.filter(kind="dispatch.not_moving_alarm").count() == 1


def test_a_unit_that_moved_is_not_told_even_if_it_forgot_the_button(world):
    assignment = send(world, incident_of(world))
    assignment_sign(assignment=assignment, by=world.actor("eve"), at=later(seconds=20))
    seen(world, "P-01", 120.0615, later(seconds=60))  # 146 metres
    assert positions_watch(at=later(seconds=61)) == 1
    clocks_tick(at=later(seconds=200))
    assert not Event.objects.filter(kind="dispatch.not_moving_alarm").exists()
    assignment.refresh_from_db()
    assert (assignment.moved_inferred_at, assignment.departed_at) == (later(seconds=60), None)


def test_arrival_by_position_stands_beside_the_button_and_corrects_nothing(world):
    assignment = send(world, incident_of(world))
    assignment_depart(assignment=assignment, by=world.actor("eve"), at=later(seconds=20))
    drives(world, stands_s=60)
    assert positions_watch(at=later(seconds=80)) == 1  # it moves, and nobody knows yet whether it stays
    positions_watch(at=later(seconds=140))
    positions_watch(at=later(seconds=145))
    assignment.refresh_from_db()
    assert (assignment.state, assignment.arrived_at) == ("en_route", None)
    assert later(seconds=70) <= assignment.arrived_inferred_at <= later(seconds=85)
    assert Event.objects.filter(kind="dispatch.arrival_inferred").count() == 1


def drives(world, *, to=120.065, stands_s, begin_s=30):
    """P-01 drives east along the road at 12 m/s, a fix every ten seconds, and stands at ``to`` for so long."""
    lons = [min(120.06 + 0.00123 * k, to) for k in range(5 + int(stands_s / 10))]
    for k, lon in enumerate(lons):
        seen(world, "P-01", lon, later(seconds=begin_s + 10 * k), seq=k + 2)


def test_driving_by_is_no_arrival_and_standing_elsewhere_is_told(world):
    assignment = send(world, incident_of(world))
    assignment_depart(assignment=assignment, by=world.actor("eve"), at=later(seconds=20))
    drives(world, to=120.0685, stands_s=140)  # past the place, and then 340 m beyond it
    for seconds in (70, 80, 90, 220):
        positions_watch(at=later(seconds=seconds))
    assignment.refresh_from_db()
    assert assignment.arrived_inferred_at is None
    halt = halts_of(assignment, at=later(seconds=211))
    assert (halt.is_standing, round(halt.left_m / 20)) == (True, 17)
    assert halts_of(assignment, at=later(minutes=9)).is_standing is False  # silent for minutes: nobody knows


def test_where_the_bureau_has_chosen_so_the_system_notes_the_arrival(world, settings):
    settings.ARRIVAL_BY_POSITION = "set"
    assignment = send(world, incident_of(world))
    assignment_depart(assignment=assignment, by=world.actor("eve"), at=later(seconds=20))
    drives(world, stands_s=60)
    positions_watch(at=later(seconds=140))
    assignment.refresh_from_db()
    assert (assignment.state, assignment.arrived_at) == ("arrived", later(seconds=140))
    assert assignment.arrived_inferred_at < assignment.arrived_at
    assert Event.objects.get(kind="dispatch.assignment_arrived").actor_kind == "system"


def test_a_position_from_before_the_sending_says_nothing(world):
    send(world, incident_of(world, lon=120.06, lat=28.90), at=later(seconds=30))
    assert positions_watch(at=later(seconds=40)) == 0


def test_a_late_arrival_is_told_once_for_each_unit(world):
    incident = incident_of(world)
    assignment = send(world, incident)
    go(assignment, "en_route", by=world.actor("eve"), every_s=5)
    seen(world, "P-01", 120.0615, later(seconds=60))
    positions_watch(at=later(seconds=60))
    clocks_tick(at=later(seconds=301))
    clocks_tick(at=later(seconds=302))
    late = ClockAlarm.objects.get(kind="arrive")
    assert (late.subject_id, late.due_at) == (assignment.pk, later(seconds=300))


def test_another_unit_starts_the_clocks_anew(world):
    incident = incident_of(world)
    first = send(world, incident)
    clocks_tick(at=later(seconds=61))
    assignment_cancel(assignment=first, reason="no answer", by=world.actor("ada"), at=later(seconds=62))
    send(world, incident, "P-02", later(seconds=63))
    assert clocks_tick(at=later(seconds=64)) == 0
    assert clocks_tick(at=later(seconds=124)) == 1


def test_the_clocks_of_many_incidents_cost_as_many_questions_as_of_one(world, settings, django_assert_num_queries):
    settings.SNAPSHOT_MAX_AGE_S = 60.0
    incidents = [incident_of(world) for _ in range(12)]
    send(world, incidents[0])
    kinds(incidents[0], T0)  # the vocabulary is read before counting
    for some in (incidents[:1], incidents):
        with django_assert_num_queries(3):
            clocks_by_incident(some, at=T0)


def told_by_hand(at):
    """Every clock of every incident, looked at one by one: late and not told yet."""
    told = set(ClockAlarm.objects.values_list("kind", "subject_type", "subject_id", "started_at"))
    incidents = list(Incident.objects.order_by("pk"))
    clocks = clocks_by_incident(incidents, at=at)
    return [
        (incident.pk, clock)
        for incident in incidents
        for clock in clocks[incident.pk]
        if clock.state == "red" and (clock.kind, clock.subject, clock.subject_id, clock.started_at) not in told
    ]


def busy_morning(world):
    """Matters at every step of their way, on every track; some handed over, called off or returned."""
    ada, dan, eve, finn = (world.actor(name) for name in ("ada", "dan", "eve", "finn"))
    incident_of(world, priority="P4", code="0599")
    incident_of(world, priority="P2", lon=None, lat=None)
    signed = send(world, incident_of(world, priority="P3", code="0107", setting="rural"))
    assignment_sign(assignment=signed, by=eve, at=later(seconds=10))
    send(world, incident_of(world, priority="P2", setting="suburb"), "P-02")
    town = {"code": "0402", "priority": "P3", "track": "C"}
    orders = [order_route(incident=incident_of(world, **town), by=ada, at=later(seconds=k)) for k in range(4)]
    order_sign(order=orders[1], by=dan, at=later(seconds=30))
    order_sign(order=orders[2], by=dan, at=later(seconds=30))
    order_contact(order=orders[2], by=dan, at=later(seconds=45))
    assignment_sign(
        assignment=order_assign(order=orders[2], unit=world.units["C-01"], by=dan, at=later(seconds=60)),
        by=finn,
        at=later(seconds=70),
    )
    order_escalate(order=orders[3], reason="weapon seen", by=dan, at=later(seconds=50))
    return signed


def test_what_a_tick_finds_due_is_what_a_look_at_every_clock_finds(world):
    signed, eve = busy_morning(world), world.actor("eve")
    moments = [0, 9, 59, 60, 61, 110, 119, 120, 121, 170, 181, 299, 301, 600, 1799, 1801, 2700, 3601, 86_401, 172_801]
    found = set()
    for k, passed in enumerate(moments):
        at = later(seconds=passed)
        due = [(incident.pk, clock) for incident, clock in clocks_due(at=at)]
        assert due == told_by_hand(at)
        found |= {clock.kind for _, clock in due}
        if k % 3 == 0:
            assert clocks_tick(at=at) == len(due)
            assert clocks_due(at=at) == []
        if passed == 170:
            assignment_arrive(assignment=signed, by=eve, at=at)
        elif passed == 181:
            assignment_finish(assignment=signed, by=eve, at=at)
    wanted = {"send", "sign", "reassign", "move", "arrive", "feedback"}
    assert wanted | {"town_sign", "town_contact", "town_arrive", "town_close"} <= found


def test_a_tick_that_finds_nothing_due_asks_one_question(world, settings, django_assert_num_queries):
    settings.SNAPSHOT_MAX_AGE_S = 60.0
    busy_morning(world)
    clocks_tick(at=later(seconds=70))
    with django_assert_num_queries(1):
        assert clocks_tick(at=later(seconds=71)) == 0


def test_a_sheet_that_waits_for_review_or_closing_and_a_revisit_are_told_when_late(world):
    incident = incident_of(world)
    sheet = reported(world, incident)
    review_due = sheet.filed_at + timedelta(hours=24)
    assert [clock.kind for _, clock in clocks_due(at=review_due)] == ["review"]
    feedback_review(feedback=sheet, by=world.actor("ida"), at=review_due)
    Revisit.objects.create(incident=incident, rule="t", probability=1.0, created_at=T0, due_at=later(days=9))
    for at in (review_due + timedelta(hours=48), later(days=9)):
        due = [(found.pk, clock) for found, clock in clocks_due(at=at)]
        assert due == told_by_hand(at)
    assert {clock.kind for _, clock in due} == {"close", "revisit"}
