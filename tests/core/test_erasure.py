"""Erasing who called leaves the record true: the same rows, the same hash, and no way back to the person."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from anlan.core.models import Event, ViewLog
from anlan.core.selectors import event_log_hash
from anlan.core.services import keyed_hash
from anlan.intake.models import Reporter
from anlan.intake.rules import REPORTER_KEPT_FOR
from anlan.intake.services import CallSheet, call_receive, reporter_reveal, reporters_erase
from world import T0, build_world

NAME, PHONE = "陈某某", "13800000000"
WORDS = "楼下两个人打起来了，快来"
ADDRESS = "安澜大道 12 号"

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def told(taxonomy):
    """A call with name, phone, words and address, and one look at who called."""
    world = build_world(units=False, roads=False)
    sheet = CallSheet(
        narrative=WORDS, address_text=ADDRESS, lon=120.05, lat=28.90, reporter_name=NAME, reporter_phone=PHONE
    )
    got = call_receive(line=sheet, at=T0, by=world.actor("ben"))
    reporter_reveal(call=got.call, purpose="call_back", by=world.actor("ada"), at=T0)
    return got


def erase():
    return reporters_erase(at=T0 + REPORTER_KEPT_FOR + timedelta(days=1))


def test_events_hold_no_name_phone_or_words(told):
    record = json.dumps(list(Event.objects.values_list("data", flat=True)), ensure_ascii=False)
    assert Event.objects.exists()
    # The first seven digits: fewer turn up by chance in a keyed hash.
    for private in (NAME, PHONE, WORDS, ADDRESS, PHONE[:7]):
        assert private not in record


def test_who_called_is_gone_after_its_time_and_not_before(told):
    assert not reporters_erase(at=T0 + REPORTER_KEPT_FOR - timedelta(days=1))
    assert Reporter.objects.filter(phone=PHONE).exists()
    assert erase()
    assert not Reporter.objects.filter(phone=PHONE).exists()
    assert not Reporter.objects.exclude(name="").exists()


def test_the_record_keeps_its_rows_and_its_hash(told):
    rows, before = list(Event.objects.order_by("pk").values()), event_log_hash()
    erase()
    assert list(Event.objects.order_by("pk").values()[: len(rows)]) == rows
    Event.objects.filter(pk__gt=rows[-1]["id"]).delete()
    assert event_log_hash() == before


def test_the_look_at_who_called_stays_on_the_record(told):
    looks = list(ViewLog.objects.values())
    assert [look["purpose"] for look in looks] == ["call_back"]
    erase()
    assert list(ViewLog.objects.values()) == looks


def test_a_phone_guessed_later_does_not_fit_the_hash_in_the_record(told):
    """The hash was made with a salt of the erased row; without it every phone is as likely as any other."""
    record = json.dumps(list(Event.objects.values_list("data", flat=True)))
    assert keyed_hash(PHONE) not in record
