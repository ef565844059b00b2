"""What the doors of the bench tell: each its own numbers, everything once, and again only what was told."""

from __future__ import annotations

import pytest

from anlan.config.bench_doors_told import again_of, doors_of, messages_of
from anlan.engines.gate.passages import identity
from anlan.engines.rfid import Sighting, epc_decode

SECONDS = 40


@pytest.fixture(scope="module")
def doors():
    return doors_of(3, SECONDS)


def test_no_tag_and_no_badge_belongs_to_two_doors(doors):
    for names in ([set(door.things) for door in doors], [door.badges for door in doors]):
        assert all(names)
        assert len(set.union(*names)) == sum(map(len, names))
    assert all(epc_decode(epc) for door in doors for epc in door.things)


def test_a_door_is_in_use_without_rest_and_tells_in_the_order_of_time(doors):
    for door in doors:
        moments = [event.t_us for event in door.events]
        assert moments == sorted(moments)
        assert SECONDS - 10 < moments[-1] / 1e6 <= SECONDS


def test_every_event_is_told_once_within_a_tenth_of_a_second(doors):
    told = messages_of(doors)
    assert sum(len(events) for _, _, events in told) == sum(len(door.events) for door in doors)
    assert all(0 < at_us - event.t_us <= 100_000 for at_us, _, events in told for event in events)
    assert all(event.reader == reader for _, reader, events in told for event in events)


def test_what_is_told_again_was_told_and_half_of_it_word_for_word(doors):
    known = {identity(event) for door in doors for event in door.events}
    whole = {tuple(map(identity, events)) for _, _, events in messages_of(doors)}
    again = [events for _, events in again_of(doors, 400, 0)]
    assert all(identity(event) in known for events in again for event in events)
    assert sum(tuple(map(identity, events)) in whole for events in again) >= 200
    assert any(len(events) > len(set(map(identity, events))) for events in again)
    assert any(isinstance(event, Sighting) for events in again for event in events)


def test_told_again_bears_the_moment_at_which_it_was_told_first(doors):
    (_, now), (_, later) = next(again_of(doors, 1, 0)), next(again_of(doors, 1, 5_000_000))
    assert [one.t_us + 5_000_000 for one in now] == [one.t_us for one in later]
