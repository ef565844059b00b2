"""A message leaves the house only by a channel that is on, once, awake, and is tried until its time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, NotFound
from anlan.core.models import Event
from anlan.notices import events
from anlan.notices.errors import BadAddress
from anlan.notices.models import MessageRecipient, OutboundMessage
from anlan.notices.outbox_rules import BACK_OFF, LEASE, MESSAGE, address_read, goes_at, next_try
from anlan.notices.rules import is_quiet
from anlan.notices.selectors import (
    message_by_reference,
    message_reference,
    message_register,
    messages_due,
    messages_of,
)
from anlan.notices.services import (
    addresses_erase,
    message_claim,
    message_delivered,
    message_not_sent,
    message_queue,
    message_sent,
    message_undelivered,
    messages_withdraw_for,
)
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
NIGHT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # half past eleven in the evening in Shanghai
MORNING = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # seven o'clock
FOLLOW = "tests.follow"
message_register(FOLLOW, "Matter {incident} is closed. How was it? {link}")


@pytest.fixture(autouse=True)
def _text_messages_on(settings):
    settings.MESSAGE_CHANNELS = {"sms": "json://127.0.0.1:9/?:to={address}"}


def queued(world, at=T0, **more) -> OutboundMessage:
    usual = {
        "message": FOLLOW,
        "channel": "sms",
        "address": "138 0000-1234",
        "blanks": {"incident": "260302-00001"},
        "link": "https://anlan.example/r/abc",
        "language": "en",
    }
    return message_queue(**{**usual, **more}, organisation=world.orgs["bureau"], by=world.actor("ida"), at=at)


def claimed(row, at=T0):
    return message_claim(message=row, by=SYSTEM, at=at)


def after(**passed):
    return T0 + timedelta(**passed)


def kinds(row):
    return list(Event.objects.filter(subject_id=row.pk, kind__startswith="notices.").values_list("kind", flat=True))


def test_nothing_is_written_while_the_channel_is_off(world, settings):
    settings.MESSAGE_CHANNELS = {"sms": ""}
    assert queued(world) is None
    assert not OutboundMessage.objects.exists()
    assert not MessageRecipient.objects.exists()


def test_every_channel_is_off_unless_somebody_switches_it_on():
    from anlan.config import settings as as_shipped

    assert set(as_shipped.MESSAGE_CHANNELS) == {"sms", "wecom", "dingtalk", "feishu", "email"}
    assert not any(as_shipped.MESSAGE_CHANNELS.values())


def test_it_goes_out_in_its_receivers_language_with_the_link_only_they_see(world):
    row = queued(world)
    with translation.override("zh-hans"):
        outgoing = claimed(row)
    assert outgoing.text == "Matter 260302-00001 is closed. How was it? https://anlan.example/r/abc"
    assert (outgoing.address, outgoing.attempt) == ("13800001234", 1)
    assert "138" not in repr(outgoing)


def test_address_and_link_stand_apart_and_in_no_event(world):
    row = queued(world)
    claimed(row)
    said = str(list(OutboundMessage.objects.values())) + str(list(Event.objects.values_list("data", flat=True)))
    assert "13800001234" not in said
    assert "/r/abc" not in said


def test_the_same_key_is_queued_once_ever(world):
    first = queued(world, key="rating-1")
    claimed(first)
    message_sent(message=first, by=SYSTEM, at=T0)
    again = queued(world, key="rating-1", address="13911112222", at=after(days=3))
    assert again == first
    assert MessageRecipient.objects.get().address == "13800001234"
    assert kinds(first).count(events.MESSAGE_QUEUED) == 1


def test_of_two_workers_one_takes_it(world):
    row = queued(world)
    other = OutboundMessage.objects.get()
    assert claimed(row) is not None
    assert claimed(other) is None


def test_it_waits_for_the_morning_and_an_urgent_one_does_not(world):
    row, urgent = queued(world, at=NIGHT), queued(world, at=NIGHT, urgency="urgent")
    assert messages_due(at=NIGHT) == [urgent]
    assert claimed(row, NIGHT) is None
    assert messages_due(at=MORNING) == [urgent, row]
    assert row.expires_at == MORNING + timedelta(hours=24), "a night's rest is not taken from its time"


def test_a_try_that_falls_into_the_night_is_put_off_to_the_morning(world):
    evening = NIGHT - timedelta(hours=1, minutes=31)
    row = queued(world, at=evening)
    claimed(row, evening)
    assert message_not_sent(message=row, attempt=1, problem="http_503", by=SYSTEM, at=evening)
    assert (row.state, row.next_at, row.problem) == ("queued", MORNING, "http_503")


def test_it_is_tried_six_times_each_time_later_then_given_up(world):
    row, at, gaps = queued(world), T0, []
    for attempt in range(1, 7):
        assert claimed(row, at).attempt == attempt
        assert message_not_sent(message=row, attempt=attempt, problem="no_answer", by=SYSTEM, at=at)
        if row.next_at:
            gaps.append(row.next_at - at)
            assert claimed(row, row.next_at - timedelta(seconds=1)) is None
            at = row.next_at
    assert row.state == "failed"
    assert tuple(gaps) == BACK_OFF["routine"]
    assert kinds(row)[-1] == events.MESSAGE_FAILED


def test_it_is_not_sent_after_its_time(world):
    row = queued(world, expires_at=after(hours=1))
    assert claimed(row, after(hours=1)) is None
    assert row.state == "expired"


def test_a_worker_that_does_not_come_back_loses_it_and_its_late_word_of_failure_counts_for_nothing(world):
    row = queued(world)
    first = claimed(row)
    late = OutboundMessage.objects.get()
    assert claimed(row, T0 + LEASE - timedelta(seconds=1)) is None
    second = claimed(row, T0 + LEASE)
    assert (second.attempt, second.reference) == (2, first.reference)
    assert not message_not_sent(message=late, attempt=1, problem="no_answer", by=SYSTEM, at=T0 + LEASE)
    assert message_sent(message=row, by=SYSTEM, at=T0 + LEASE)
    assert not message_sent(message=late, by=SYSTEM, at=T0 + LEASE)


def test_one_on_which_every_worker_dies_is_given_up(world):
    row, at = queued(world), T0
    while claimed(row, at):
        at += LEASE
    assert (row.state, row.attempts, row.problem) == ("failed", 6, "no_word")


def test_its_arrival_is_proved_once(world):
    row = queued(world)
    assert not message_delivered(message=row, by=SYSTEM, at=T0), "nothing arrives that was not sent"
    claimed(row)
    message_sent(message=row, by=SYSTEM, at=T0)
    assert message_delivered(message=row, by=SYSTEM, at=after(minutes=1))
    assert not message_delivered(message=row, by=SYSTEM, at=after(minutes=2))
    assert not message_undelivered(message=row, problem="late_word", by=SYSTEM, at=after(minutes=3))
    assert (row.state, row.delivered_at) == ("delivered", after(minutes=1))


def test_the_channel_may_say_later_that_it_did_not_arrive(world):
    row = queued(world)
    claimed(row)
    message_sent(message=row, by=SYSTEM, at=T0)
    assert message_undelivered(message=row, problem="no such number 13800001234", by=SYSTEM, at=after(minutes=1))
    assert (row.state, row.problem) == ("failed", "unknown"), "words of another system are not kept"


def test_what_has_not_gone_out_can_be_recalled(world):
    row = queued(world, key="k", at=NIGHT)
    assert messages_withdraw_for(key="k", by=SYSTEM, at=NIGHT)
    assert not messages_withdraw_for(key="k", by=SYSTEM, at=NIGHT)
    assert claimed(row, MORNING) is None


def test_address_link_and_blanks_go_thirty_days_after_its_end(world):
    row = queued(world)
    claimed(row)
    message_sent(message=row, by=SYSTEM, at=T0)
    waiting = queued(world, at=after(days=29))
    assert addresses_erase(at=after(days=30)) == 1
    assert MessageRecipient.objects.get().message == waiting
    row.refresh_from_db()
    assert (row.blanks, row.state, row.erased_at) == ({}, "sent", after(days=30))
    assert addresses_erase(at=after(days=30)) == 0


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("sms", "138000"[:4]),
        ("sms", "13800001234,13911112222"),
        ("email", "a@b.cn,c@d.cn"),
        ("email", "a@b.cn?to=c@d.cn"),
        ("email", "王@b.cn"),
        ("wecom", "key/../other"),
        ("dingtalk", "token?secret=1"),
        ("sms", "１３８００００"),
        ("sms", ""),
    ],
)
def test_an_address_brings_no_second_receiver_along(world, settings, channel, address):
    settings.MESSAGE_CHANNELS = {channel: "json://127.0.0.1:9/?:to={address}"}
    with pytest.raises(BadAddress) as refused:
        queued(world, channel=channel, address=address)
    if address:
        assert address not in refused.value.detail("en")


@pytest.mark.parametrize(
    "wrong",
    [
        {"message": "nobody.registered"},
        {"channel": "pigeon"},
        {"language": "tlh"},
        {"urgency": "very"},
        {"blanks": {"incident": "13800001234"}},
        {"blanks": {}},
        {"link": ""},
        {"expires_at": T0},
    ],
)
def test_it_refuses_what_it_could_not_say(world, wrong):
    with pytest.raises(BadInput):
        queued(world, **wrong)


def test_the_reference_can_not_be_guessed(world):
    row = queued(world)
    assert message_by_reference(message_reference(row.pk)) == row
    for wrong in (f"m{row.pk}", f"m{row.pk}-000000000000", "m", "", "m٣-x", f"m{10**30}-x"):
        with pytest.raises(NotFound):
            message_by_reference(wrong)


def test_what_was_sent_about_a_record_is_found(world):
    row = queued(world, subject=world.orgs["west"])
    assert messages_of(subject_type="accounts.organisation", subject_id=world.orgs["west"].pk) == [row]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["routine", "urgent"]))  # noqa: DTZ001
def test_a_message_never_goes_in_the_quiet_hours_nor_later_than_it_could(moment, urgency):
    at = moment.replace(tzinfo=UTC)
    goes = goes_at(at, urgency)
    assert not is_quiet(goes, urgency)
    assert at <= goes <= at + timedelta(hours=9)
    assert goes == at or is_quiet(goes - timedelta(microseconds=1), urgency)


@given(st.integers(1, 9))
def test_the_waits_grow_and_end(attempt):
    again = next_try(T0, "urgent", attempt)
    assert (again is None) == (attempt > len(BACK_OFF["urgent"]))
    assert list(BACK_OFF["urgent"]) == sorted(BACK_OFF["urgent"])


@given(st.text(max_size=60))
def test_no_text_is_read_as_two_addresses(text):
    for channel in ("sms", "email", "wecom", "dingtalk", "feishu"):
        read = address_read(channel, text)
        assert not set(read) & set(",;?&/# \n\t<>\"'")


STEPS = st.lists(
    st.tuples(st.sampled_from(["claim", "sent", "not_sent", "arrived", "lost", "recall"]), st.integers(0, 90)),
    max_size=25,
)


def test_an_attempt_nobody_came_back_from_is_told_when_it_waits_for_morning(world):
    row = queued(world, key="", at=NIGHT - timedelta(hours=3))
    assert claimed(row, NIGHT - timedelta(hours=3)) is not None
    assert claimed(row, NIGHT) is None
    row.refresh_from_db()
    assert (row.state, row.problem) == ("queued", "no_word")
    assert kinds(row)[-1] == "notices.message_put_off"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_it_ends_or_waits_with_a_time_and_one_event_a_change(world, steps):
    row, at = queued(world, key=""), T0
    for step, minutes in steps:
        at += timedelta(minutes=minutes)
        before, told = row.state, len(kinds(row))
        if step == "claim":
            claimed(row, at)
        elif step == "sent":
            message_sent(message=row, by=SYSTEM, at=at)
        elif step == "not_sent":
            message_not_sent(message=row, attempt=row.attempts, problem="no_answer", by=SYSTEM, at=at)
        elif step == "arrived":
            message_delivered(message=row, by=SYSTEM, at=at)
        elif step == "lost":
            message_undelivered(message=row, problem="lost", by=SYSTEM, at=at)
        row.refresh_from_db()
        assert (row.next_at is not None) == (row.state in ("queued", "sending"))
        assert row.state == before or MESSAGE.can(before, row.state) or (before, row.state) == ("sending", "sending")
        assert (row.state != before) <= (len(kinds(row)) == told + 1)
        assert row.attempts <= 6
