"""Who may have a thread of a web process: a crowd of one kind keeps no call waiting."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from django.urls import resolve

from anlan.config.lanes import POSITIONS, SMALL_BYTES, Lane, Lanes, lane_of

LONG_S = 10.0


@contextmanager
def held(lanes, lane, count):
    """``count`` requests of a lane that are being answered and don't come to an end."""
    end, begun = threading.Event(), threading.Semaphore(0)

    def act():
        begun.release()
        end.wait(LONG_S)

    for _ in range(count):
        lanes.put(lane, act)
    for _ in range(count):
        assert begun.acquire(timeout=LONG_S)
    try:
        yield
    finally:
        end.set()


def is_done(lanes, lane, within_s=LONG_S):
    done = threading.Event()
    lanes.put(lane, done.set)
    return done.wait(within_s)


@pytest.mark.parametrize(
    ("method", "path", "length", "lane"),
    [
        ("POST", "/api/calls", 800, Lane.CHANGE),
        ("POST", "/api/calls", SMALL_BYTES + 1, Lane.USUAL),
        ("POST", "/api/calls", None, Lane.USUAL),
        ("GET", "/console", 0, Lane.USUAL),
        ("POST", POSITIONS, 30_000, Lane.POSITIONS),
        ("GET", POSITIONS, 0, Lane.USUAL),
    ],
)
def test_what_a_request_is_can_be_told_from_its_head(method, path, length, lane):
    assert lane_of(method, path, length) is lane


def test_the_address_of_positions_is_the_one_devices_send_to():
    assert resolve(POSITIONS).url_name == "positions"


def test_a_call_is_taken_while_every_usual_thread_makes_a_long_page():
    lanes = Lanes(2)
    with held(lanes, Lane.USUAL, 2):
        assert is_done(lanes, Lane.CHANGE)
        assert not is_done(lanes, Lane.USUAL, within_s=0.05)


def test_changes_have_all_threads_where_nobody_looks():
    lanes = Lanes(2)
    with held(lanes, Lane.CHANGE, 3):
        assert not is_done(lanes, Lane.CHANGE, within_s=0.05)
    assert is_done(lanes, Lane.CHANGE)


def test_positions_have_no_thread_of_the_others_and_go_on_beside_them():
    lanes = Lanes(1)
    with held(lanes, Lane.POSITIONS, 1):
        assert is_done(lanes, Lane.CHANGE)
        assert is_done(lanes, Lane.USUAL)
    # Both threads of the others at work, for longer than positions stand aside.
    with held(lanes, Lane.USUAL, 1), held(lanes, Lane.CHANGE, 1):
        assert is_done(lanes, Lane.POSITIONS)


def test_a_crowd_of_positions_is_put_off_and_nothing_else_ever_is():
    lanes = Lanes(1)
    lanes.WAIT_S = 0.0
    with held(lanes, Lane.POSITIONS, 1), held(lanes, Lane.USUAL, 1), held(lanes, Lane.CHANGE, 1):
        assert not lanes.is_full(Lane.POSITIONS)
        done = threading.Event()
        for lane in Lane:
            lanes.put(lane, done.set if lane is Lane.POSITIONS else lambda: None)
        assert [lane for lane in Lane if lanes.is_full(lane)] == [Lane.POSITIONS]
    assert done.wait(LONG_S)
    assert not lanes.is_full(Lane.POSITIONS)
