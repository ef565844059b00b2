"""Two light barriers tell which way somebody went; a break that stays alone is somebody who turned back."""

from __future__ import annotations

from anlan.engines.gate import crossings_of
from anlan.engines.rfid import Beam


def beams(*told: tuple[int, float, float]) -> list[Beam]:
    """Barrier, broken from, to: seconds."""
    return [
        Beam("door", barrier, is_broken, int(at * 1e6), int(at * 1e6))
        for barrier, begin, end in told
        for is_broken, at in ((True, begin), (False, end))
    ]


def test_who_breaks_the_outer_barrier_first_comes_in():
    found = crossings_of(beams((1, 1.0, 1.4), (2, 1.8, 2.2)), 0)
    assert (len(found.inward), found.outward, found.alone) == (1, (), 0)
    assert found.is_one_way("in")
    assert not found.is_one_way("out")


def test_two_who_meet_in_the_door_go_two_ways():
    found = crossings_of(beams((1, 1.0, 1.4), (2, 1.8, 2.2), (2, 10.0, 10.4), (1, 10.8, 11.2)), 0)
    assert (len(found.inward), len(found.outward)) == (1, 1)
    assert not found.is_one_way("in")
    assert not found.is_one_way("out")


def test_who_comes_up_to_the_first_barrier_and_turns_back_leaves_a_break_alone():
    found = crossings_of(beams((2, 1.0, 1.4), (1, 1.8, 2.2), (1, 20.0, 20.4)), 0)
    assert (found.alone, found.is_one_way("out")) == (1, False)


def test_a_door_without_barriers_denies_nothing():
    found = crossings_of([], 0)
    assert not found.is_told
    assert found.is_one_way("in")
    assert found.is_one_way("out")
