"""The event table: written with the change, read in order, without gap or double, by everybody."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from anlan.console.live import encode
from anlan.core import selectors
from anlan.core.actor import SYSTEM, Actor
from anlan.core.models import Counter, Event, HandlerCursor
from anlan.core.selectors import (
    Cursor,
    cursor_latest,
    event_log_hash,
    event_visible,
    events_after,
    events_of_incident,
    events_wait,
    looks_after,
)
from anlan.core.services import event_record, keyed_hash, view_log

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KIND = "core.counter_moved"


def record(subject, *, at=AT, **data):
    with transaction.atomic():
        return event_record(KIND, subject=subject, by=SYSTEM, at=at, **data)


@pytest.fixture
def thing(db):
    return Counter.objects.create(name="thing")


def read_all(after=Cursor(), *, at_once=3):  # noqa: B008 - a frozen value
    """Everything after a cursor, read in small bites as the live stream does."""
    seen = []
    while bite := list(events_after(after, limit=at_once)):
        seen += bite
        after = Cursor.of(bite[-1])
    return seen


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_would_be_a_lie():
    with pytest.raises(RuntimeError, match="must be recorded in the transaction of the change"):
        event_record(KIND, subject=Counter(pk=1), by=SYSTEM, at=AT)


@pytest.mark.django_db(transaction=True)
def test_an_undone_change_leaves_no_event():
    def change_and_fail():
        with transaction.atomic():
            event_record(KIND, subject=Counter.objects.create(name="x"), by=SYSTEM, at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert not Event.objects.exists()


def test_an_event_says_what_who_when_and_whose(thing):
    event = record(thing, incident_id=7, org_ids=[3, None, 1, 3], steps=2)
    assert (event.kind, event.subject_type, event.subject_id) == (KIND, "core.counter", thing.pk)
    assert (event.actor_kind, event.at, event.incident_id) == ("system", AT, 7)
    assert (event.org_ids, event.data, event.schema) == ([1, 3], {"steps": 2}, 1)


def test_a_timeline_holds_one_incidents_events_oldest_first(thing):
    first, _, last = record(thing, incident_id=7), record(thing, incident_id=8), record(thing, incident_id=7)
    assert list(events_of_incident(7)) == [first, last]


# The stream


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_comes_back_misses_nothing_and_sees_nothing_twice(thing):
    ids = [record(thing).pk for _ in range(10)]
    seen = list(events_after(Cursor(), limit=4))
    again = Cursor.parse(str(Cursor.of(seen[-1])))
    assert [event.pk for event in seen + read_all(again)] == ids


@pytest.mark.parametrize("text", ["", "nonsense", "1", "-1.2", "1.x", "１.２.３"])
def test_an_unreadable_place_in_the_stream_means_from_the_beginning(text):
    assert Cursor.parse(text) == Cursor()


@pytest.mark.sqlite
@pytest.mark.parametrize("after", [events_after, looks_after])
def test_the_last_few_are_found_without_reading_through_the_past(db, after):
    plan = after(Cursor(0, 1_000_000)).explain()
    assert plan.count("SEARCH") == 2
    assert "SCAN" not in plan


@pytest.mark.django_db(transaction=True)
def test_the_latest_place_is_the_end_of_what_can_be_read(thing):
    assert cursor_latest() == Cursor()
    for _ in range(3):
        record(thing)
    assert read_all(cursor_latest()) == []
    late = record(thing)
    assert read_all(cursor_latest()) == []
    assert read_all()[-1] == late


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_a_reader_at_work_give_each_event_once(crew, thing):
    writers, each = 4, 15
    done = threading.Event()
    seen = []

    def write():
        for _ in range(each):
            with transaction.atomic():
                event_record(KIND, subject=thing, by=SYSTEM, at=AT)
                event_record(KIND, subject=thing, by=SYSTEM, at=AT)

    def read():
        after = Cursor()
        while True:
            last_look = done.is_set()
            for event in events_after(after, limit=7):
                seen.append(event.pk)
                after = Cursor.of(event)
            if last_look and not events_after(after, limit=1):
                return

    threads = [crew.start(write) for _ in range(writers)]
    crew.start(read)
    for thread in threads:
        thread.join(60)
    done.set()
    crew.finish()
    assert len(seen) == len(set(seen)) == writers * each * 2
    assert set(seen) == set(Event.objects.values_list("pk", flat=True))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_slow_transaction_with_a_lower_id_is_waited_for_not_stepped_over(crew, thing):
    slow_wrote, commit = threading.Event(), threading.Event()
    slow_ids = []

    def slow():
        with transaction.atomic():
            slow_ids.append(event_record(KIND, subject=thing, by=SYSTEM, at=AT).pk)
            slow_wrote.set()
            assert commit.wait(30)

    crew.start(slow)
    assert slow_wrote.wait(30)
    quick = record(thing)
    assert quick.pk > slow_ids[0], "the id was handed out before the slow one's commit"
    place = cursor_latest()
    assert read_all() == [], "nothing is settled while the older transaction runs"
    commit.set()
    crew.finish()
    assert [event.pk for event in read_all()] == [slow_ids[0], quick.pk]
    assert [event.pk for event in read_all(place)] == [slow_ids[0], quick.pk], "a late listener misses neither"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_old_transaction_that_writes_late_still_comes_in_order(crew, thing):
    """It drew its transaction number first and its event id last."""
    started, write_now = threading.Event(), threading.Event()
    late_ids = []

    def late():
        with transaction.atomic():
            Counter.objects.create(name="gives the transaction a number")
            started.set()
            assert write_now.wait(30)
            late_ids.append(event_record(KIND, subject=thing, by=SYSTEM, at=AT).pk)

    crew.start(late)
    assert started.wait(30)
    quick = record(thing)
    assert read_all() == []
    write_now.set()
    crew.finish()
    assert late_ids[0] > quick.pk
    assert [event.pk for event in read_all()] == [late_ids[0], quick.pk]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_with_one_writer_the_order_of_ids_is_the_order_of_commits(crew, thing):
    committed = []
    lock = threading.Lock()

    def write():
        for _ in range(10):
            with transaction.atomic():
                event = event_record(KIND, subject=thing, by=SYSTEM, at=AT)
                with lock:
                    committed.append(event.pk)

    for _ in range(4):
        crew.start(write)
    crew.finish()
    assert committed == sorted(committed)
    assert connection.vendor == "sqlite"


# Whose it is


def test_the_stream_shows_an_event_to_those_in_whose_reach_it_lies():
    mine = Actor(kind="person", id=1, org_ids=frozenset({1, 2}))
    assert event_visible([2, 9], mine)
    assert not event_visible([9], mine)
    assert not event_visible([], mine)
    assert event_visible([], SYSTEM)


# The hash of a run


def test_equal_runs_have_equal_hashes_whatever_their_row_numbers(thing):
    for step in range(3):
        record(thing, at=AT + timedelta(seconds=step), step=step)
    first = event_log_hash()
    last = Event.objects.order_by("pk").last()
    for step in range(3):
        record(thing, at=AT + timedelta(seconds=step), step=step)
    assert event_log_hash(after_id=last.pk) == first


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "core.counter_halted"},
        {"at": AT + timedelta(microseconds=1)},
        {"actor_id": 5},
        {"subject_id": 99},
        {"incident_id": 4},
        {"schema": 2},
        {"data": {"steps": 3}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_difference_in_what_happened_gives_another_hash(thing, change):
    event = record(thing, steps=2)
    before = event_log_hash()
    Event.objects.filter(pk=event.pk).update(**change)
    assert event_log_hash() != before


def test_the_order_of_events_is_part_of_the_hash(thing):
    one, two = record(thing, n=1), record(thing, n=2)
    before = event_log_hash()
    Event.objects.filter(pk=one.pk).update(data={"n": 2})
    Event.objects.filter(pk=two.pk).update(data={"n": 1})
    assert event_log_hash() != before


def test_a_keyed_hash_hides_the_value_and_is_the_same_each_time(settings):
    digest = keyed_hash("13800000000")
    assert digest == keyed_hash("13800000000")
    assert digest != keyed_hash("13800000001")
    assert "138" not in digest or len(digest) == 32
    settings.EVENT_HASH_KEY = "another key"
    assert keyed_hash("13800000000") != digest


def test_a_look_at_protected_data_is_noted_with_its_purpose(thing):
    ben = Actor(kind="person", id=2)
    row = view_log(by=ben, at=AT, purpose="call_back", target=thing, incident_id=7)
    assert (row.actor_id, row.purpose, row.object_type, row.object_id) == (2, "call_back", "core.counter", thing.pk)


# Rows of before


OLD_ROW = """{"txid": 0, "kind": "intake.incident_opened", "schema": 1, "at": "2026-03-02T01:00:00+00:00",
 "actor_kind": "person", "actor_id": 4, "subject_type": "intake.incident", "subject_id": 7, "incident_id": 7,
 "org_ids": [1, 3], "data": {"code": "0301", "priority": "P2", "call_id": 9}}"""
OLD_HASH = "a99d8915686e3c3dbfa429ecdf0baa318928446e8c64dd05de326f845416353e"


@pytest.mark.django_db(transaction=True)
def test_a_row_of_today_is_still_read_streamed_and_hashed_the_same_when_it_is_old():
    fields = json.loads(OLD_ROW)
    row = Event.objects.create(**{**fields, "at": datetime.fromisoformat(fields["at"])})
    assert list(events_of_incident(7)) == read_all() == [row]
    told = json.loads(encode(row).message.partition(b"data: ")[2])
    assert (told["kind"], told["incident_id"]) == ("intake.incident_opened", 7)
    assert event_log_hash() == OLD_HASH


@pytest.mark.usefixtures("seen_at_once")
def test_a_reaction_is_told_to_look_until_it_has_read_everything(thing):
    follows = {KIND}
    assert events_wait("some.reaction", follows)  # it has never looked
    place = HandlerCursor.objects.create(handler="some.reaction")
    assert not events_wait("some.reaction", follows)
    record(thing)
    assert events_wait("some.reaction", follows)
    last = record(thing)
    HandlerCursor.objects.filter(pk=place.pk).update(txid=last.txid, event_id=last.pk)
    assert not events_wait("some.reaction", follows)
    assert events_wait("another.reaction", follows)


@pytest.mark.django_db(transaction=True)  # on PostgreSQL only what is committed is in the stream
def test_a_reaction_steps_over_what_it_does_not_follow_and_stops_before_what_it_does(thing, monkeypatch):
    monkeypatch.setattr(selectors, "STEPPED_OVER", 3)
    HandlerCursor.objects.create(handler="some.reaction")
    where = HandlerCursor.objects.filter(handler="some.reaction").values_list("event_id", flat=True)
    others = [record(thing) for _ in range(7)]
    assert not events_wait("some.reaction", {"tests.wanted"})
    assert where.get() == others[5].pk  # two threes; the seventh is not much yet
    assert events_wait("some.reaction", {KIND})
    assert where.get() == others[5].pk
