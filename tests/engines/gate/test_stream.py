"""A door's stream gives the passages of its journal as they end, whatever comes late, twice or by a wrong clock."""

from __future__ import annotations

import pytest

from anlan.engines.gate import DoorStream, Watch, passages_of
from anlan.engines.gate.passages import QUIET_US
from anlan.engines.gate_simulator import LINES, over, passages
from anlan.engines.rfid import Sighting

S = 1_000_000


def seen(epc: str, at_s: float, antenna: int = 1) -> Sighting:
    return Sighting("door", antenna, epc, round(at_s * S), round(at_s * S), -6000)


def streamed(events, reference=frozenset(), step_us=100_000):
    """Fed as it comes in, asked every tenth of a second."""
    door, found, now = DoorStream(events[0].reader, reference), [], None
    for event in events:
        now = event.received_us if now is None else max(now, event.received_us)
        found += door.over(now)
        found += door.take([event], now)
    while not door.is_at_rest:
        now += step_us
        found += door.over(now)
    return found, door


def spans(told):
    return sorted((one.begin_us, one.end_us, len(one.sightings)) for one in told)


@pytest.mark.parametrize("line", ["good", "hours_ahead", "twice", "reordered"])
def test_the_passages_are_those_of_the_whole_journal(line):
    told = list(passages(3, 12, "barrier"))
    reference = frozenset(t.epc for t in told[0].truth.things if t.kind == "reference")
    events = list(over(3, LINES[line], [event for one in told for event in one.events]))
    events.sort(key=lambda event: event.received_us)
    got, _ = streamed(events, reference)
    kept = []
    for one in got:
        # What is told late or again belongs to what was judged.
        if not any(one.begin_us <= two.end_us and two.begin_us <= one.end_us for two in kept):
            kept.append(one)
    near = [(p.begin_us, p.end_us) for p in sorted(kept, key=lambda p: p.begin_us) if p.end_us - p.begin_us > S]
    whole = [(p.begin_us, p.end_us) for p in passages_of(events, reference) if p.end_us - p.begin_us > S]
    if line in ("good", "hours_ahead"):
        assert near == whole
    # A read that comes late may cut a passage that had nearly ended; none is missed.
    assert all(any(one[0] <= two[1] and two[0] <= one[1] for two in near) for one in whole)
    assert len(near) <= len(whole) + 2


def test_a_passage_is_given_out_a_second_after_the_last_read():
    door = DoorStream("door")
    door.take([seen("A", 10), seen("A", 11)], 11 * S)
    assert door.over(11 * S + QUIET_US - 1) == []
    (passage,) = door.over(11 * S + QUIET_US)
    assert (passage.begin_us, passage.end_us) == (10 * S, 11 * S)


def test_what_lies_near_the_door_goes_on_sounding_and_holds_no_passage_open():
    door = DoorStream("door")
    for number in range(8):
        door.take([seen("SHELF", 5.0 * number)], 5 * number * S)
        door.over(5 * number * S + QUIET_US)
    door.take([seen("A", 40), seen("A", 41)], 41 * S)
    door.take([seen("SHELF", 41.9)], 41 * S + 900_000)
    (passage,) = door.over(41 * S + QUIET_US)
    assert {one.epc for one in passage.sightings} == {"A"}


def test_what_was_kept_while_the_line_was_down_makes_its_passages_later():
    door = DoorStream("door")
    door.take([seen("NOW", 1000)], 1000 * S)
    (_,) = door.over(1002 * S)
    door.take([seen("OLD", 500), seen("OLD", 501), seen("OLDER", 300)], 1003 * S)
    assert sorted(p.begin_us // S for p in door.over(1005 * S)) == [300, 500]
    assert (door.is_at_rest, door.late) == (True, 3)


def test_a_clock_that_is_set_back_is_believed_after_a_minute():
    door = DoorStream("door")
    door.take([seen("A", 90_000)], 0)
    door.over(5 * S)
    for number in range(70):
        door.take([seen(f"B{number}", 10.0 + number)], (10 + number) * S)
        door.over((10 + number) * S)
    late = door.late
    door.take([seen("C", 100)], 100 * S)
    assert late < 70
    assert [p.begin_us for p in door.over(102 * S)][-1] == 100 * S
    assert door.late == late


def test_a_flood_is_cut_and_memory_has_a_bound(monkeypatch):
    monkeypatch.setattr("anlan.engines.gate.stream.MOST_EVENTS", 500)
    monkeypatch.setattr("anlan.engines.gate.passages.MOST_EVENTS", 500)
    door, most, got = DoorStream("door"), 0, []
    for number in range(3_000):
        got += door.take([seen(f"T{number % 90}", number / 5000)], number * 200)
        most = max(most, door.held)
    assert most <= 1_000
    assert sum(len(p.sightings) for p in got) >= 2_000


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ([], "silent"),
        (["A"], "deaf"),
        (["REF1"], "half_deaf"),
        (["REF1", "REF2", "A"], ""),
    ],
)
def test_a_reader_that_does_not_hear_its_reference_tags_says_that_it_is_blind(heard, said):
    watch = Watch({"REF1": 1, "REF2": 2})
    watch.take([seen(epc, 10) for epc in heard], 10 * S)
    assert watch.blind(20 * S, after_us=30 * S) == said
    assert watch.blind(45 * S, after_us=30 * S) == "silent"
