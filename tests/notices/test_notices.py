"""A notice reaches somebody, tells the next in line while nobody answers, and proves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, DomainError, NotFound
from anlan.core.models import Event
from anlan.notices import events
from anlan.notices.errors import NoReceiver, NoticeAnswered, NoticeOver, TextNamesSomebody
from anlan.notices.models import Addressee, Notice, Receipt
from anlan.notices.rules import NOTICE, answer_due, blanks_problem, holds_number_of_a_person, is_quiet
from anlan.notices.selectors import OPEN, followed, notice_for, notices_followed, notices_waiting
from anlan.notices.services import (
    Rung,
    notice_acknowledge,
    notice_delivered,
    notice_send,
    notice_wake,
    notice_withdraw,
    notices_tick,
    to_person,
    to_role,
    words_erase,
)
from world import T0, build_world

pytestmark = pytest.mark.django_db(databases="__all__")
NIGHT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # half past eleven in the evening in Shanghai


def chain(world):
    """First whoever dispatches, then the duty leader."""
    return [
        Rung((to_role("dispatcher", world.orgs["bureau"]),)),
        Rung((to_role("duty_leader", world.orgs["bureau"]),)),
    ]


def sent(world, at=T0, **more):
    usual = {"message": "notices.written", "text": "请核对值班电话", "chain": chain(world), "urgency": "urgent"}
    return notice_send(**{**usual, **more}, organisation=world.orgs["bureau"], by=world.actor("ida"), at=at)


def after(**passed):
    return T0 + timedelta(**passed)


def waits(world, name, at=T0):
    return len(notices_waiting(world.actor(name), at=at))


def test_it_waits_for_those_it_is_for_and_nobody_else(world):
    sent(world)
    assert (waits(world, "ada"), waits(world, "jia"), waits(world, "cleo"), waits(world, "eve")) == (1, 0, 0, 0)


def test_it_is_read_in_the_readers_language(world):
    sent(world)
    (mine,) = notices_waiting(world.actor("ada"), at=T0)
    with translation.override("en"):
        (hers,) = notices_waiting(world.actor("ada"), at=T0)
    assert hers.text == "Message: 请核对值班电话"
    assert mine.notice == hers.notice


def test_being_shown_is_proved_once_for_each_who_saw_it(world):
    notice = sent(world)
    assert notice_delivered(notice=notice, by=world.actor("ada"), at=after(seconds=2))
    assert not notice_delivered(notice=notice, by=world.actor("ada"), at=after(seconds=9))
    assert not notice_delivered(notice=notice, by=world.actor("cleo"), at=after(seconds=9))
    notice.refresh_from_db()
    assert (notice.state, notice.delivered_at) == ("delivered", after(seconds=2))
    assert Receipt.objects.count() == 1


def test_one_answer_is_enough_and_the_second_is_told_who_was_quicker(world):
    notice = sent(world, chain=[Rung((*chain(world)[0].to, to_person(world.people["ida"])))])
    notice_acknowledge(notice=notice, by=world.actor("ada"), at=after(seconds=5))
    assert waits(world, "ida") == 0
    with pytest.raises(NoticeAnswered) as refusal:
        notice_acknowledge(notice=notice, by=world.actor("ida"), at=after(seconds=6))
    assert refusal.value.facts["who"] == "艾达"


def test_pressing_twice_is_answering_once(world):
    notice = sent(world)
    for second in (5, 6):
        notice_acknowledge(notice=notice, by=world.actor("ada"), at=after(seconds=second))
    assert Event.objects.filter(kind=events.NOTICE_ACKNOWLEDGED).count() == 1
    notice.refresh_from_db()
    assert notice.acknowledged_at == after(seconds=5)


def test_nobody_answers_for_those_it_is_not_for(world):
    notice = sent(world)
    with pytest.raises(NotFound):
        notice_acknowledge(notice=notice, by=world.actor("cleo"), at=T0)
    with pytest.raises(NotFound):
        notice_for(world.actor("cleo"), notice.pk)


def test_silence_tells_the_next_in_line_and_then_that_nobody_is_left(world):
    notice = sent(world)
    assert notices_tick(at=after(seconds=119)) == 0
    assert notices_tick(at=after(seconds=120)) == 1
    assert (waits(world, "ada", after(minutes=2)), waits(world, "jia", after(minutes=2))) == (1, 1)
    assert notices_tick(at=after(seconds=240)) == 1
    notice.refresh_from_db()
    assert notice.unanswered_at == after(seconds=240)
    assert notices_tick(at=after(hours=11)) == 0
    assert notices_tick(at=after(hours=12)) == 1
    notice.refresh_from_db()
    assert notice.state == "expired"


def test_a_tick_twice_at_one_instant_changes_nothing_more(world):
    sent(world)
    assert [notices_tick(at=after(minutes=2)) for _ in range(3)] == [1, 0, 0]
    assert Event.objects.filter(kind=events.NOTICE_ESCALATED).count() == 1


def test_nobody_is_told_after_an_answer(world):
    notice = sent(world)
    notice_acknowledge(notice=notice, by=world.actor("ada"), at=after(seconds=5))
    assert notices_tick(at=after(hours=100)) == 0
    assert Addressee.objects.filter(step=1, told_at__isnull=False).count() == 0


def test_a_routine_notice_keeps_quiet_at_night_and_its_wait_stands_still(world):
    notice = sent(world, at=NIGHT, urgency="routine")
    (row,) = notices_waiting(world.actor("ada"), at=NIGHT)
    assert not row.is_loud
    # Thirty minutes from seven in the morning.
    assert notice.step_due_at == datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def test_an_urgent_notice_sounds_at_night(world):
    sent(world, at=NIGHT)
    (row,) = notices_waiting(world.actor("ada"), at=NIGHT)
    assert row.is_loud


def test_office_hours_leave_the_weekend_out():
    friday_evening = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)  # 17:30, the office closes
    due = answer_due(friday_evening, timedelta(hours=1), "office")
    assert due.astimezone(UTC) > datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


@given(st.integers(0, 365 * 24 * 60), st.integers(1, 3 * 24 * 60))
@settings(max_examples=60, deadline=None)
def test_an_answer_is_never_due_sooner_than_by_the_clock_nor_in_quiet_hours(start, minutes):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    within = timedelta(minutes=minutes)
    due = answer_due(at, within, "awake")
    assert due >= answer_due(at, within, "clock") == at + within
    assert not is_quiet(due - timedelta(seconds=1), "routine")


def test_withdrawn_is_gone_from_every_screen(world):
    notice = sent(world)
    assert notice_withdraw(notice=notice, by=world.actor("ida"), at=after(seconds=3))
    assert not notice_withdraw(notice=notice, by=world.actor("ida"), at=after(seconds=4))
    assert waits(world, "ada") == 0
    with pytest.raises(NoticeOver):
        notice_acknowledge(notice=notice, by=world.actor("ada"), at=after(seconds=5))


def test_of_one_matter_one_notice_stands(world):
    first, again = sent(world, key="clock:7"), sent(world, key="clock:7", at=after(seconds=5))
    assert first.pk == again.pk
    notice_withdraw(notice=first, by=SYSTEM, at=after(seconds=6))
    assert sent(world, key="clock:7", at=after(seconds=7)).pk != first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=first.pk).update(state="sent", wakes_at=T0)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"chain": []}, NoReceiver),
        ({"message": "nobody.knows"}, BadInput),
        ({"blanks": {"phone": "1"}}, BadInput),
        ({"urgency": "loud"}, BadInput),
        ({"text": "报警人 138-0000-1234"}, TextNamesSomebody),
        ({"expires_at": T0}, BadInput),
    ],
)
def test_it_refuses_what_would_reach_nobody_or_name_somebody(world, wrong, refusal):
    with pytest.raises(refusal):
        sent(world, **wrong)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("13800001234", True),
        ("138 0000 1234", True),
        ("330106199001011234", True),
        ("警情 260302-00001 现场", False),
        ("车牌不写 3 楼 402", False),
        ("2026-03-02T01:00:00+00:00", False),
    ],
)
def test_a_number_of_a_person_is_told_from_numbers_of_the_work(text, names):
    assert holds_number_of_a_person(text) == names


@given(st.dictionaries(st.sampled_from(["unit", "caller", "phone", "n"]), st.text(max_size=80) | st.none()))
@settings(max_examples=60, deadline=None)
def test_what_passes_into_a_sentence_never_names_who_called(blanks):
    if not blanks_problem(frozenset(blanks), blanks):
        assert not {"caller", "phone"} & set(blanks)
        assert all(isinstance(v, str) and not holds_number_of_a_person(v) for v in blanks.values())


def test_who_has_not_answered_is_seen_by_those_who_follow(world):
    notice = sent(world)
    notice_delivered(notice=notice, by=world.actor("ada"), at=after(seconds=2))
    (told,) = notices_followed(world.actor("jia"))
    assert (told.told, told.seen, told.answered) == (1, 1, 0)
    assert [answer.addressee.told_at for answer in told.answers] == [T0, None]
    assert notices_followed(world.actor("cleo")) == []


def test_words_go_after_their_time_and_the_proof_stays(world):
    notice = sent(world)
    notice_acknowledge(notice=notice, by=world.actor("ada"), at=after(seconds=5))
    assert words_erase(at=after(days=89)) == 0
    assert words_erase(at=after(days=91)) == 1
    notice.refresh_from_db()
    assert (notice.text, notice.blanks) == ("", {})
    assert followed([notice])[0].answered == 1


class Centre(RuleBasedStateMachine):
    """Two notices with two steps each; everybody presses what they can, and time passes."""

    @initialize()
    def open_the_centre(self):
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.at = T0
        self.world = build_world(roads=False, units=False)
        self.actors = [self.world.actor(name) for name in ("ada", "jia", "ida", "cleo")]
        self.notices = [
            sent(self.world),
            sent(
                self.world, asks="each", chain=[Rung((*chain(self.world)[0].to, to_person(self.world.people["ida"])))]
            ),
        ]

    def teardown(self):
        if hasattr(self, "sandbox"):
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    def press(self, act, n, who):
        self.at += timedelta(seconds=1)
        notice = self.notices[n]
        before = (notice.state, Event.objects.count())
        refusal = None
        try:
            with transaction.atomic():
                act(notice=notice, by=self.actors[who], at=self.at)
        except DomainError as error:
            refusal = error
        assert refusal is None or (refusal.detail("zh-hans") and Event.objects.count() == before[1])
        notice.refresh_from_db()
        moved = before[0] != notice.state
        assert not moved or NOTICE.can(before[0], notice.state) or notice.state == "acknowledged"

    @rule(n=st.integers(0, 1), who=st.integers(0, 3))
    def shown(self, n, who):
        self.press(notice_delivered, n, who)

    @rule(n=st.integers(0, 1), who=st.integers(0, 3))
    def answered(self, n, who):
        self.press(notice_acknowledge, n, who)

    @rule(n=st.integers(0, 1))
    def withdrawn(self, n):
        self.press(notice_withdraw, n, 2)

    @rule(n=st.integers(0, 1))
    def woken_out_of_turn(self, n):
        self.press(notice_wake, n, 0)

    @rule(seconds=st.sampled_from([1, 119, 121, 4000, 43200]))
    def time_passes(self, seconds):
        self.at += timedelta(seconds=seconds)
        notices_tick(at=self.at)
        assert notices_tick(at=self.at) == 0 or Notice.objects.filter(wakes_at__lte=self.at).exists()

    @invariant()
    def the_proof_is_whole(self):
        for notice in getattr(self, "notices", []):
            notice.refresh_from_db()
            legs = list(notice.addressees.all())
            assert all(leg.told_at for leg in legs if leg.step <= notice.step)
            assert not any(leg.told_at for leg in legs if leg.step > notice.step)
            assert (notice.wakes_at is not None) == (notice.state in OPEN)
            if notice.state == "acknowledged":
                answered = [leg for leg in legs if leg.acknowledged_at]
                assert answered
                assert notice.asks == "one" or len(answered) == len([leg for leg in legs if leg.told_at])
            if notice.state == "sent":
                assert not Receipt.objects.filter(addressee__in=legs).exists()


TestCentre = Centre.TestCase
TestCentre.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
