"""The first word from the spot, and the day by whose end the feedback is there: two clocks with an alarm each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import NotFound
from anlan.core.models import Event
from anlan.dispatch.errors import ReportGiven, ReportNotDue
from anlan.dispatch.jobs import clocks_tick
from anlan.dispatch.models import ClockAlarm
from anlan.dispatch.selectors import clocks_of
from anlan.dispatch.services import assignment_finish, feedback_file, first_report_give
from dispatch.scene import go, incident_of, later, send

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def there(world):
    """P-01 has arrived at a P1; the moment it did."""
    incident = incident_of(world)
    assignment = send(world, incident)
    return assignment, go(assignment, "arrived", by=world.actor("eve"))


def running(assignment, at):
    return {clock.kind: clock for clock in clocks_of(assignment.incident, at=at)}


def alarms(kind):
    return list(ClockAlarm.objects.filter(kind=kind).values_list("subject_id", "raised_at"))


def test_a_p1_is_told_about_within_ten_minutes_of_arriving(there, world):
    assignment, arrived = there
    clock = running(assignment, arrived)["report"]
    assert (clock.subject_id, clock.started_at, clock.allows) == (assignment.pk, arrived, timedelta(minutes=10))
    told = first_report_give(assignment=assignment, by=world.actor("eve"), at=arrived + timedelta(minutes=4))
    assert told.reported_at == arrived + timedelta(minutes=4)
    event = Event.objects.get(kind="dispatch.first_report_given")
    assert (event.incident_id, event.data["unit"]) == (assignment.incident_id, "P-01")
    assert "report" not in running(assignment, arrived + timedelta(minutes=5))


def test_the_alarm_is_raised_once_and_only_without_a_word(there):
    assignment, arrived = there
    due = arrived + timedelta(minutes=10)
    clocks_tick(at=due - timedelta(seconds=1))
    assert alarms("report") == []
    for minute in (0, 1, 30):
        clocks_tick(at=due + timedelta(minutes=minute))
    assert alarms("report") == [(assignment.pk, due)]


def test_only_a_p1_is_waited_for(world):
    incident = incident_of(world, priority="P2")
    assignment = send(world, incident)
    arrived = go(assignment, "arrived", by=world.actor("eve"))
    assert "report" not in running(assignment, arrived)
    clocks_tick(at=arrived + timedelta(hours=1))
    assert alarms("report") == []


def test_one_word_is_enough_for_all_who_are_there(there, world):
    first, arrived = there
    second = send(world, first.incident, "P-02", at=arrived)
    go(second, "arrived", by=world.actor("ada"), at=arrived)
    assert running(first, arrived + timedelta(minutes=9))["report"].subject_id == first.pk
    first_report_give(assignment=second, by=world.actor("ada"), at=arrived + timedelta(minutes=9))
    assert "report" not in running(first, arrived + timedelta(minutes=9))
    clocks_tick(at=arrived + timedelta(minutes=40))
    assert alarms("report") == []


def test_being_done_is_a_word_too(there, world):
    assignment, arrived = there
    assignment_finish(assignment=assignment, by=world.actor("eve"), at=arrived + timedelta(minutes=6))
    clocks_tick(at=arrived + timedelta(minutes=20))
    assert alarms("report") == []


def test_it_is_given_once_while_the_unit_is_there(world):
    eve = world.actor("eve")
    assignment = send(world, incident_of(world))
    with pytest.raises(ReportNotDue, match=r"P-01 on incident 260302-[0-9]+ is sent"):
        first_report_give(assignment=assignment, by=eve, at=later(minutes=1))
    arrived = go(assignment, "arrived", by=eve)
    first_report_give(assignment=assignment, by=eve, at=arrived)
    with pytest.raises(ReportGiven, match="at 09:01 already"):
        first_report_give(assignment=assignment, by=eve, at=arrived + timedelta(minutes=1))
    assignment_finish(assignment=assignment, by=eve, at=arrived + timedelta(minutes=2))
    with pytest.raises(ReportNotDue, match="file the feedback instead"):
        first_report_give(assignment=assignment, by=eve, at=arrived + timedelta(minutes=3))


def test_another_stations_room_cannot_tell_for_the_unit(there, world):
    assignment, arrived = there
    with pytest.raises(NotFound):
        first_report_give(assignment=assignment, by=world.actor("cleo"), at=arrived)


def test_feedback_is_there_within_a_day_at_the_very_latest(world):
    eve = world.actor("eve")
    assignment = send(world, incident_of(world, priority="P3"))
    done = go(assignment, "finished", by=eve)
    assert set(running(assignment, done)) == {"feedback"}
    late = running(assignment, done + timedelta(minutes=30))
    assert {kind: clock.state for kind, clock in late.items()} == {"feedback": "red", "feedback_limit": "ok"}
    assert late["feedback_limit"].due_at == done + timedelta(hours=24)
    clocks_tick(at=done + timedelta(hours=23, minutes=59))
    assert (len(alarms("feedback")), alarms("feedback_limit")) == (1, [])
    clocks_tick(at=done + timedelta(hours=24))
    clocks_tick(at=done + timedelta(hours=25))
    assert alarms("feedback_limit") == [(assignment.pk, done + timedelta(hours=24))]
    feedback_file(
        incident=assignment.incident,
        assignment=assignment,
        result="settled_on_site",
        by=eve,
        at=done + timedelta(hours=26),
    )
    assert "feedback_limit" not in running(assignment, done + timedelta(hours=26))
