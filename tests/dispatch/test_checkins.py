"""A unit alone on scene is asked whether all is well, and silence reaches somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from anlan.accounts.models import Person
from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, DomainError, NotFound, NotPermitted
from anlan.core.models import Event
from anlan.dispatch import events
from anlan.dispatch.errors import CheckInOver, NotOnScene, ReasonMissing
from anlan.dispatch.models import CheckIn
from anlan.dispatch.services import assignment_arrive, assignment_cancel, assignment_finish
from anlan.dispatch.services.checkins import (
    checkin_confirm,
    checkin_end,
    checkin_of,
    checkin_set,
    checkin_wake,
    checkins_tick,
)
from anlan.notices.models import Notice
from anlan.notices.selectors import OPEN, notices_waiting
from anlan.notices.services import notices_tick
from anlan.units.services import crew_join
from dispatch.scene import incident_of, later, send
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
EVERY = timedelta(minutes=20)


def arrived(world, at=T0, unit="P-01", **incident):
    row = send(world, incident_of(world, **incident), unit)
    assignment_arrive(assignment=row, by=world.actor("ada"), at=at)
    return row


def waits(world, name, at):
    return [row.notice.message for row in notices_waiting(world.actor(name), at=at)]


def silent(world, until):
    """Nobody answers while the worker ticks every five seconds, from a little before they are asked."""
    at = T0 + EVERY - timedelta(seconds=10)
    while at < until:
        at += timedelta(seconds=5)
        checkins_tick(at=at)
        notices_tick(at=at)


def test_one_alone_on_a_unit_gets_a_timer_on_arrival(world):
    timer = checkin_of(arrived(world))
    assert timer is not None
    assert (timer.every_s, timer.wakes_at, timer.is_automatic) == (1200, T0 + EVERY, True)


def test_danger_halves_the_time(world):
    timer = checkin_of(arrived(world, danger=["weapon"]))
    assert timer is not None
    assert timer.every_s == 600


def test_two_on_a_unit_look_after_each_other(world):
    crew_join(unit=world.units["P-01"], person=Person.objects.get(username="ida"), by=SYSTEM, at=T0)
    assert checkin_of(arrived(world)) is None


def test_silence_is_told_to_the_desk_after_a_minute_and_to_the_duty_leader_after_three(world):
    arrived(world)
    asked = T0 + EVERY
    silent(world, asked + timedelta(seconds=55))
    assert waits(world, "ada", asked + timedelta(seconds=55)) == []
    silent(world, asked + timedelta(seconds=60))
    assert waits(world, "ada", asked + timedelta(seconds=61)) == ["dispatch.checkin_missed"]
    assert waits(world, "ida", asked + timedelta(seconds=61)) == ["dispatch.checkin_missed"]
    assert waits(world, "cleo", asked + timedelta(seconds=61)) == []
    assert waits(world, "jia", asked + timedelta(seconds=61)) == []
    silent(world, asked + timedelta(seconds=180))
    assert waits(world, "jia", asked + timedelta(seconds=181)) == ["dispatch.checkin_missed"]


def test_the_notice_names_the_unit_and_when_it_was_asked(world):
    arrived(world)
    silent(world, T0 + EVERY + timedelta(seconds=60))
    notice = Notice.objects.get()
    assert notice.urgency == "urgent"
    assert notice.blanks["unit"] == "P-01"
    assert notice.blanks["asked_at"] == (T0 + EVERY).isoformat()


def test_an_answer_takes_the_notice_from_every_screen(world):
    timer = checkin_of(arrived(world))
    silent(world, T0 + EVERY + timedelta(seconds=60))
    at = T0 + EVERY + timedelta(seconds=70)
    checkin_confirm(checkin=timer, by=world.actor("eve"), at=at)
    assert waits(world, "ada", at) == []
    timer.refresh_from_db()
    assert (timer.state, timer.wakes_at) == ("running", at + EVERY)


def test_the_timer_ends_with_the_work(world):
    row = arrived(world)
    silent(world, T0 + EVERY + timedelta(seconds=60))
    assignment_finish(assignment=row, by=world.actor("eve"), at=T0 + EVERY + timedelta(seconds=90))
    assert CheckIn.objects.get().state == "ended"
    assert not Notice.objects.filter(state__in=OPEN).exists()


def test_the_timer_ends_when_the_unit_is_called_off(world):
    row = arrived(world)
    assignment_cancel(assignment=row, reason="别处急需", by=world.actor("ada"), at=later(minutes=1))
    assert CheckIn.objects.get().state == "ended"


def test_a_desk_sets_and_ends_a_timer_with_a_reason(world):
    row = arrived(world, unit="P-02")
    assert checkin_of(row) is None
    timer = checkin_set(
        assignment=row, every=timedelta(minutes=5), reason="夜间独自", by=world.actor("ada"), at=later(minutes=1)
    )
    assert timer.wakes_at == later(minutes=6)
    with pytest.raises(ReasonMissing):
        checkin_end(checkin=timer, reason=" ", by=world.actor("ada"), at=later(minutes=2))
    checkin_end(checkin=timer, reason="增援已到", by=world.actor("ada"), at=later(minutes=2))
    with pytest.raises(CheckInOver):
        checkin_confirm(checkin=timer, by=world.actor("ada"), at=later(minutes=3))


def test_it_refuses_a_timer_that_would_protect_nobody(world):
    row = send(world, incident_of(world))
    ada = world.actor("ada")
    with pytest.raises(NotOnScene):
        checkin_set(assignment=row, every=EVERY, reason="x", by=ada, at=T0)
    assignment_arrive(assignment=row, by=ada, at=T0)
    for minutes in (0, 1, 121):
        with pytest.raises(BadInput):
            checkin_set(assignment=row, every=timedelta(minutes=minutes), reason="x", by=ada, at=T0)
    with pytest.raises(NotPermitted):
        checkin_set(assignment=row, every=EVERY, reason="x", by=world.actor("eve"), at=T0)


def test_nobody_answers_for_another_stations_unit(world):
    timer = checkin_of(arrived(world))
    with pytest.raises(NotFound):
        checkin_confirm(checkin=timer, by=world.actor("cleo"), at=later(minutes=1))


def test_a_tick_twice_at_one_instant_changes_nothing_more(world):
    arrived(world)
    at = T0 + EVERY
    assert checkins_tick(at=at) == 1
    assert checkins_tick(at=at) == 0
    assert Event.objects.filter(kind=events.CHECKIN_ASKED).count() == 1


class Watch(RuleBasedStateMachine):
    """One timer, a crew that answers or not, a desk that sets and ends it, and time that passes."""

    @initialize()
    def arrive(self):
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.world = build_world(roads=False)
        self.at = T0
        self.row = arrived(self.world)

    def teardown(self):
        if hasattr(self, "sandbox"):
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    def press(self, act, **what):
        refusal = None
        try:
            with transaction.atomic():
                act(**what, at=self.at)
        except DomainError as error:
            refusal = error
        assert refusal is None or refusal.detail("zh-hans")

    @rule(seconds=st.sampled_from([1, 30, 59, 60, 61, 150, 600, 1200]))
    def time_passes(self, seconds):
        self.at += timedelta(seconds=seconds)
        checkins_tick(at=self.at)
        notices_tick(at=self.at)

    @rule()
    def crew_answers(self):
        self.press(checkin_confirm, checkin=CheckIn.objects.latest("pk"), by=self.world.actor("eve"))

    @rule(minutes=st.integers(0, 130))
    def desk_sets(self, minutes):
        every = timedelta(minutes=minutes)
        self.press(checkin_set, assignment=self.row, every=every, reason="x", by=self.world.actor("ada"))

    @rule()
    def desk_ends(self):
        self.press(checkin_end, checkin=CheckIn.objects.latest("pk"), reason="x", by=self.world.actor("ada"))

    @rule()
    def the_tick_comes_late_and_twice(self):
        for _ in range(2):
            checkin_wake(checkin=CheckIn.objects.latest("pk"), by=SYSTEM, at=self.at)

    @rule()
    def unit_is_done(self):
        self.press(assignment_finish, assignment=self.row, by=self.world.actor("eve"))

    @invariant()
    def one_story_is_told(self):
        if not hasattr(self, "row"):
            return
        running = CheckIn.objects.exclude(state="ended")
        assert running.count() <= 1
        missed = running.filter(state="missed").count()
        # The desk is told exactly while somebody is missed; an answer takes it back.
        told = Notice.objects.filter(message="dispatch.checkin_missed")
        assert told.filter(state__in=OPEN).count() == missed
        self.row.refresh_from_db()
        if self.row.state == "finished":
            assert running.count() == 0


TestWatch = Watch.TestCase
TestWatch.settings = settings(max_examples=8, stateful_step_count=25, deadline=None)
