"""Sightings become passages: silence ends one, what lies about is none, and no order or repetition matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.gate import passages as cutting
from anlan.engines.gate import passages_of
from anlan.engines.gate_simulator import LINES, over, passages
from anlan.engines.rfid import Badge, Beam, Sighting

S = 1_000_000


def seen(epc: str, at_s: float, antenna: int = 1, received_s: float | None = None) -> Sighting:
    t_us = round(at_s * S)
    return Sighting("door", antenna, epc, t_us, round((at_s if received_s is None else received_s) * S), -6000)


def spans(events, reference=frozenset()):
    return [(p.begin_us / S, p.end_us / S) for p in passages_of(events, reference)]


def test_silence_ends_a_passage():
    assert spans([seen("A", 10), seen("A", 11), seen("A", 15), seen("A", 15.2)]) == [(10, 11), (15, 15.2)]


def test_what_lies_near_the_door_is_no_passage_once_it_is_known():
    looks = [seen("SHELF", 5.0 * n) for n in range(12)]
    walked = [seen("A", 40.0), seen("A", 41.0), seen("SHELF", 41.5)]
    # Three looks make it known; until then each is a passage of its own in which nothing moves.
    assert spans(looks + walked) == [(0, 0), (5, 5), (10, 10), (40, 41)]
    (passage,) = [p for p in passages_of(looks + walked) if p.begin_us == 40 * S]
    assert passage.quiet_bins == {"A": 0, "SHELF": 8}


def test_whoever_waits_in_the_doorway_does_not_become_part_of_it():
    lingering = [seen("A", 100 + n) for n in range(40)]
    assert spans(lingering) == [(100, 139)]


def test_a_door_held_open_is_cut_so_that_memory_has_a_bound():
    long = passages_of([seen("A", float(n)) for n in range(200)])
    assert all(p.end_us - p.begin_us <= cutting.LONGEST_US + S for p in long)
    assert long[0].is_cut


def test_a_light_barrier_or_a_badge_opens_a_passage_without_a_tag():
    (passage,) = passages_of([Beam("door", 1, True, 5 * S, 5 * S), Badge("door", "000123", 6 * S, 6 * S)])
    assert (passage.badges, len(passage.beams)) == (("000123",), 1)


def test_reference_tags_are_never_part_of_one():
    assert spans([seen("REF", 1), seen("REF", 2)], frozenset({"REF"})) == []


def test_the_clock_of_a_reader_may_be_wrong_by_hours():
    (passage,) = passages_of([seen("A", 10, received_s=28_810.2), seen("A", 11, received_s=28_811.05)])
    assert passage.right_by_us == 28_800.05 * S


@pytest.fixture(scope="module")
def stream():
    told = list(passages(3, 4, "barrier"))
    return [event for one in told for event in one.events]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), again=st.floats(0, 0.5))
def test_late_doubled_and_reordered_events_give_the_same_passages(stream, seed, again):
    rng = np.random.default_rng(seed)
    more = [event for event in stream if rng.random() < again]
    mixed = [*stream, *more]
    rng.shuffle(mixed)
    assert passages_of(mixed) == passages_of(stream)


# A clock counting from elsewhere lets the spaces of five seconds fall otherwise: a shelf is known a look later.
@pytest.mark.parametrize("line", sorted(set(LINES) - {"clock_set", "no_clock"}))
def test_a_bad_line_changes_no_passage_but_its_clock(stream, line):
    def bare(events):
        return [(p.end_us - p.begin_us, len(p.sightings), p.badges) for p in passages_of(events)]

    assert bare(over(1, LINES[line], stream)) == bare(stream)
