"""A watched door: judged a second after the last read, once however often it is told, blind when it can't hear."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from msgspec.structs import replace

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.engines.epcis import problems_of
from anlan.engines.gate import passages_of
from anlan.engines.gate_simulator import passages
from anlan.engines.rfid import journal_read
from anlan.equipment import events
from anlan.equipment.gate_epcis import epcis_of
from anlan.equipment.models import Gate, GateBatch, GateQuestion, Loan, Passage
from anlan.equipment.services import (
    GateWatch,
    Heard,
    batches_forget,
    batches_take,
    loan_return,
    loan_reverse,
    passages_forget,
)
from world import T0

pytestmark = pytest.mark.django_db
S = timedelta(seconds=1)


@pytest.fixture
def told(lines):
    return list(journal_read(lines.splitlines()))


@pytest.fixture
def stocked(thing, carried, badge):
    for number, epc in enumerate(carried):
        thing(f"B-{number}", epc=epc)


def tell(told, at, size=40):
    """The events in messages, each as if it came when it happened."""
    begin = told[0].t_us
    for number in range(0, len(told), size):
        part = tuple(told[number : number + size])
        batches_take(
            heard=[Heard("door-1", part, at + timedelta(microseconds=part[-1].t_us - begin))], by=SYSTEM, at=T0
        )
    return at + timedelta(microseconds=told[-1].t_us - begin)


def counted():
    return Loan.objects.count(), Passage.objects.count(), GateQuestion.objects.count()


def test_a_loan_is_written_a_second_after_the_last_read(gate, told, stocked):
    passage = max(passages_of(told, frozenset(gate.reference)), key=lambda one: len(one.sightings))
    watch = GateWatch(gate, T0)
    end = tell([event for event in told if event.t_us <= passage.end_us], T0)
    watch.tick(end + 0.9 * S)
    before = Loan.objects.count()
    watch.tick(end + 1.1 * S)
    assert (before, Loan.objects.count() > 0) == (0, True)
    assert watch.held == 0


def test_thousands_of_messages_told_again_and_out_of_order_make_no_second_loan(gate, told, stocked):
    watch = GateWatch(gate, T0)
    end = tell(told, T0)
    watch.tick(end + 2 * S)
    made = counted()
    assert made[0]
    rng = random.Random(7)
    heard = []
    for number in range(2_000):
        part = rng.sample(told, rng.randint(1, 4))
        heard.append(Heard("door-1", tuple(part), end + (3 + number / 500) * S))
    for begin in range(0, len(heard), 500):
        batches_take(heard=heard[begin : begin + 500], by=SYSTEM, at=T0)
        batches_take(heard=heard[begin : begin + 500], by=SYSTEM, at=T0)
    watch.tick(end + 20 * S)
    assert counted() == made


def test_a_journal_cut_anew_and_told_again_for_minutes_asks_nothing_more(gate, stocked):
    """Lying tags, people who only came near: out of their passage their reads would look like somebody
    else's. Nothing new is told meanwhile, as if the clock had been set back."""
    day = [replace(event, reader="door-1") for one in passages(8, 14, "barrier") for event in one.events]
    watch = GateWatch(gate, T0)
    end = tell(day, T0)
    watch.tick(end + 2 * S)
    made = counted()
    assert made[1] > 8
    rng, at = random.Random(7), end
    for begin in rng.sample(range(len(day)), 300):
        at += S
        part = day[begin : begin + rng.randint(1, 120)]
        batches_take(heard=[Heard("door-1", tuple(part), at)], by=SYSTEM, at=T0)
        watch.tick(at + 0.5 * S)
    watch.tick(at + 5 * S)
    assert counted() == made
    assert not GateBatch.objects.filter(received_at__gt=end).exclude(lines="").exists()


def test_what_a_killed_watcher_had_seen_is_known_to_the_next(gate, told, stocked):
    watch = GateWatch(gate, T0)
    end = tell(told, T0)
    watch.tick(end + 2 * S)
    made = counted()
    later = end + timedelta(minutes=30)
    tell(told[5::2], later, size=9)
    again = GateWatch(Gate.objects.get(pk=gate.pk), later + 60 * S)
    again.tick(later + 120 * S)
    assert counted() == made


def test_what_came_back_is_not_lent_again_by_what_is_told_again(gate, told, stocked):
    watch = GateWatch(gate, T0)
    end = tell(told, T0)
    watch.tick(end + 2 * S)
    for loan in Loan.objects.filter(state="out"):
        loan_return(loan=loan, by=SYSTEM, at=end + 3 * S)
    tell(told[::-1], end + 10 * S, size=7)
    watch.tick(end + 60 * S)
    assert not Loan.objects.filter(state="out").exists()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_killed_in_the_middle_of_a_passage_nothing_is_lost(gate, told, stocked, share):
    cut = int(len(told) * share)
    tell(told[:cut], T0)
    first = GateWatch(gate, T0)
    first.tick(T0 + 0.1 * S)
    del first  # Killed: what it held in memory is gone.
    begin = T0 + timedelta(microseconds=told[cut].t_us - told[0].t_us)
    again = GateWatch(Gate.objects.get(pk=gate.pk), begin)
    end = tell(told[cut:], begin)
    again.tick(end + 2 * S)
    lent = {loan.item.tags.get().epc for loan in Loan.objects.filter(state="out")}
    asked = set(GateQuestion.objects.values_list("epc", flat=True))
    watched_whole = counted()
    assert lent | asked
    third = GateWatch(Gate.objects.get(pk=gate.pk), end + 3 * S)
    third.tick(end + 5 * S)
    assert counted() == watched_whole


def test_hours_away_what_was_kept_meanwhile_is_judged_then(gate, told, stocked):
    GateWatch(gate, T0).tick(T0)
    tell(told, T0)
    later = T0 + timedelta(hours=5)
    GateWatch(Gate.objects.get(pk=gate.pk), later).tick(later)
    assert Loan.objects.exists()


def test_a_reader_nobody_has_entered_is_counted_and_harms_none(gate, told):
    said = batches_take(
        heard=[Heard("stranger", tuple(told[:3]), T0), Heard("door-1", tuple(told[:3]), T0)], by=SYSTEM, at=T0
    )
    assert said == {"kept": 3, "known": 0, "nobody": 1, "aside": 1}
    assert GateBatch.objects.count() == 1


def test_a_door_says_once_that_it_is_blind_and_once_that_it_sees(gate, told):
    reference = [event for event in told if getattr(event, "epc", "") in gate.reference]
    watch = GateWatch(gate, T0)
    for second in (1, 61, 62, 70):
        watch.tick(T0 + second * S)
    assert Gate.objects.get().blind == "silent"
    everybody = {event.epc: event for event in reference}
    batches_take(heard=[Heard("door-1", tuple(everybody.values()), T0 + 71 * S)], by=SYSTEM, at=T0)
    watch.tick(T0 + 71 * S)
    assert Gate.objects.get().blind == ("" if set(everybody) == set(gate.reference) else "half_deaf")
    kinds = list(Event.objects.filter(kind__startswith="equipment.gate_").values_list("kind", flat=True))
    assert kinds.count(events.GATE_BLIND) <= 2
    assert kinds[0] == events.GATE_SET


def test_a_reader_that_tells_but_hears_none_of_its_own_tags_is_deaf(gate, told):
    watch = GateWatch(gate, T0)
    others = [event for event in told if getattr(event, "epc", "x") not in gate.reference][:5]
    batches_take(heard=[Heard("door-1", tuple(others), T0 + 65 * S)], by=SYSTEM, at=T0)
    watch.tick(T0 + 65 * S)
    assert Gate.objects.get().blind == "deaf"


def test_after_a_day_nothing_is_left_of_who_only_passed(gate, told):
    """Tags nobody entered and no badge of ours: all that came of it is deleted."""
    watch = GateWatch(gate, T0)
    end = tell(told, T0)
    watch.tick(end + 2 * S)
    Passage.objects.filter(questions=None).update(has_change=False)
    passages_forget(at=end + timedelta(hours=25))
    batches_forget(at=end + timedelta(hours=25))
    assert not GateBatch.objects.exclude(lines="").exists()
    assert not Passage.objects.filter(has_change=False).exists()


def test_what_a_door_said_is_told_in_epcis_and_what_was_wrong_is_declared_so(world, gate, told, stocked):
    watch = GateWatch(gate, T0)
    end = tell(told, T0)
    watch.tick(end + 2 * S)
    loan = Loan.objects.filter(state="out").first()
    loan_reverse(loan=loan, by=SYSTEM, at=end + 60 * S)
    document = epcis_of(since=T0 - 60 * S, until=end + 120 * S, at=end + 120 * S)
    assert problems_of(document) == []
    listed = document["epcisBody"]["eventList"]
    wrong = [event for event in listed if "errorDeclaration" in event]
    assert [event["errorDeclaration"]["reason"] for event in wrong] == ["did_not_occur"]
    assert wrong[0]["eventID"] in {event["eventID"] for event in listed if "errorDeclaration" not in event}
    assert world.people["ida"].name not in str(document)
