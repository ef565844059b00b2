"""What no door can take is put aside within a bound, and taken in when somebody enters the door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.engines.rfid import CONTENT_CHARS, journal_read
from anlan.equipment import events, jobs
from anlan.equipment.models import Gate, GateBatch, Loan, StrayMessage, StrayReader
from anlan.equipment.services import (
    GateWatch,
    batch_take,
    batches_forget,
    batches_take,
    gate_set,
    heard_in,
    passages_judge,
    strays_discard,
    strays_forget,
    strays_take,
)
from anlan.equipment.services import strays as putting_aside
from anlan.integrations.mqtt import keep
from anlan.integrations.mqtt.keep import messages_keep
from anlan.integrations.mqtt.listen import Message
from world import T0

pytestmark = pytest.mark.django_db
S = timedelta(seconds=1)
US = round(T0.timestamp() * 1e6)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """The test's transaction stays open."""
    monkeypatch.setattr(keep, "close_old_connections", lambda: None)
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)


@pytest.fixture
def told(lines):
    return list(journal_read(lines.splitlines()))


def enter(world, walk, reader="door-1"):
    reference = [thing.epc for thing in walk.truth.things if thing.kind == "reference"]
    place = world.orgs["west"]
    return gate_set(
        reader=reader, name="装备库", place=place, layout="barrier", reference=reference, by=SYSTEM, at=T0
    )  # fmt: skip


def messages(lines, size=40, reader="door-1"):
    rows = lines.splitlines()
    return [Message(reader, "\n".join(rows[n : n + size]).encode(), US + n * 1000) for n in range(0, len(rows), size)]


def test_what_a_reader_told_before_its_door_was_entered_becomes_a_loan_once_it_is(
    world, walk, lines, thing, carried, badge
):
    for number, epc in enumerate(carried):
        thing(f"B-{number}", epc=epc)
    sent = messages(lines)
    messages_keep(sent)
    messages_keep(sent[3:9])  # told again: counted once
    stray = StrayReader.objects.get()
    assert (stray.reader, stray.messages, stray.kept, stray.rest) == ("door-1", len(sent), len(sent), 0)
    assert not GateBatch.objects.exists()
    gate = enter(world, walk)
    assert strays_take(gate=gate, by=SYSTEM, at=T0 + 5 * S) == len(sent)
    assert not StrayReader.objects.exists()
    messages_keep(sent)  # and once more, now that the door is there
    assert GateBatch.objects.count() == len(sent)
    passages_judge(gate=Gate.objects.get(), at=T0 + 60 * S)
    assert Loan.objects.filter(state="out").exists()
    kinds = list(Event.objects.filter(kind__contains="stray").order_by("id").values_list("kind", flat=True))
    assert kinds == [events.READER_STRAY, events.STRAYS_TAKEN]


def test_one_batch_of_a_reader_nobody_has_entered_is_put_aside_and_so_is_a_line_that_tells_nothing(lines, gate):
    said = batch_take(reader="door-9", lines=lines.replace("door-1", "door-9"), by=SYSTEM, at=T0)
    assert (said["taken"], said["aside"]) == (0, 1)
    said = batch_take(reader="door-1", lines="{broken\n" + lines.splitlines()[0], by=SYSTEM, at=T0)
    assert (said["taken"], said["bad"], said["aside"]) == (1, 1, 1)
    assert StrayMessage.objects.get(stray__reason="unreadable").raw == "{broken"


def test_a_flood_of_nonsense_is_counted_and_does_not_fill_the_disk(monkeypatch):
    monkeypatch.setitem(putting_aside.MOST_MESSAGES, "unreadable", 5)
    monkeypatch.setattr(putting_aside, "MOST_READERS", 2)
    messages_keep([Message("door-1", f"nonsense {n}".encode(), US + n) for n in range(40)])
    stray = StrayReader.objects.get()
    assert (stray.messages, stray.kept, stray.rest) == (40, 5, 35)
    for number in range(7):
        messages_keep([Message(f"made-up-{number}", b"\x00\xff{", US)])
    assert set(StrayReader.objects.values_list("reader", flat=True)) == {"door-1", "made-up-0", putting_aside.OTHERS}
    monkeypatch.setitem(putting_aside.MOST_CHARS, "unreadable", 10)
    messages_keep([Message("made-up-0", b"x" * 5_000_000, US)])
    assert StrayReader.objects.get(reader="made-up-0").rest == 1


def test_a_long_line_is_kept_by_its_beginning():
    messages_keep([Message("door-1", b"{" + b"x" * 1_000_000, US)])
    assert len(StrayMessage.objects.get().raw) == CONTENT_CHARS


def test_what_nobody_wanted_is_gone_after_its_time_or_when_a_keeper_throws_it_away(lines):
    messages_keep(messages(lines))
    messages_keep([Message("door-2", b"nonsense", US + 5 * 86_400_000_000)])
    stray = StrayReader.objects.get(reader="door-1")
    assert strays_forget(at=T0 + timedelta(days=9)) == stray.kept
    assert list(StrayReader.objects.values_list("reader", flat=True)) == ["door-2"]
    strays_discard(stray=StrayReader.objects.get(), by=SYSTEM, at=T0)
    assert not StrayMessage.objects.exists()


def test_a_message_told_again_after_a_week_in_the_brokers_queue_is_known(gate, told):
    heard = heard_in("door-1", told[:30], T0)
    batches_take(heard=[heard], by=SYSTEM, at=T0)
    passages_judge(gate=gate, at=T0 + 60 * S)
    assert batches_forget(at=T0 + timedelta(hours=25)) == 1
    assert GateBatch.objects.get().lines == ""
    assert batches_take(heard=[heard], by=SYSTEM, at=T0 + timedelta(days=7))["known"] == 1
    batches_forget(at=T0 + timedelta(days=8, hours=1))
    assert not GateBatch.objects.exists()


def test_what_nobody_has_judged_yet_is_not_forgotten_after_a_day(gate, told):
    batches_take(heard=[heard_in("door-1", told[:30], T0)], by=SYSTEM, at=T0)
    assert batches_forget(at=T0 + timedelta(hours=30)) == 0
    assert GateBatch.objects.get().lines


def test_at_a_door_that_never_rests_it_is_known_how_far_it_is_judged(gate, told):
    """Reference tags are heard all day: without it a worker begun anew would read the whole day again."""
    tag = next(one for one in told if getattr(one, "epc", "") in gate.reference)
    watch = GateWatch(gate, T0)
    for second in range(1, 30):
        at = T0 + second * S
        one = type(tag)(tag.reader, tag.antenna, tag.epc, US + second * 1_000_000, 0, tag.rssi_cdbm)
        batches_take(heard=[heard_in("door-1", [one], at)], by=SYSTEM, at=at)
        watch.tick(at)
    newest = GateBatch.objects.latest("id").pk
    assert newest - 5 < Gate.objects.get().judged_to <= newest


def test_the_worker_takes_in_what_waits_for_a_door_that_was_entered_elsewhere(world, walk, lines, monkeypatch):
    messages_keep(messages(lines))
    enter(world, walk)
    monkeypatch.setattr(jobs.time, "sleep", lambda _: (_ for _ in ()).throw(InterruptedError))
    with pytest.raises(InterruptedError):
        jobs.gates_watch(clock=lambda: T0 + 60 * S)
    assert not StrayReader.objects.exists()
