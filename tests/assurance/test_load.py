"""The load that is put on a centre: what comes, and that a run which lost something can't say that it held."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from anlan.assurance.load.figures import Figure, case_of, figures
from anlan.assurance.load.profiles import PROFILES
from anlan.assurance.load.storm import SAME_EVENTS, moments, storm

BOX = (120.0, 28.8, 120.2, 29.0)
L2 = PROFILES["L2"]


def calls(minutes=30.0, seed=1):
    return list(storm(seed=seed, per_min=400, minutes=minutes, box=BOX, salt="t"))


def test_the_nine_profiles_are_those_of_a_city_of_ten_million():
    assert list(PROFILES) == [f"L{n}" for n in range(1, 10)]
    assert (L2.calls_per_min, L2.consoles, L2.positions_per_s, L2.accept_p99_ms) == (400, 300, 2000, 300)
    assert L2.units == 10_000


def test_calls_come_when_they_come_and_not_when_the_last_was_answered():
    at = list(moments(Random(1), 400, 60))
    assert len(at) == pytest.approx(24_000, rel=0.02)
    waits = [later - sooner for sooner, later in pairwise(at)]
    # Of a Poisson process the waits spread as wide as their mean: no pace that a server could fall in with.
    mean = sum(waits) / len(waits)
    assert sum((wait - mean) ** 2 for wait in waits) / len(waits) == pytest.approx(mean**2, rel=0.1)


def test_of_a_surge_most_tell_of_a_few_events_and_some_say_nothing():
    came = calls()
    events = Counter(call.event for call in came if call.event is not None)
    assert len(events) == SAME_EVENTS
    assert sum(events.values()) / len(came) == pytest.approx(0.85 * 0.60, abs=0.02)
    assert sum("call_type" in call.command.body for call in came) / len(came) == pytest.approx(0.15, abs=0.01)
    assert sum(call.is_retried for call in came) / len(came) == pytest.approx(0.05, abs=0.01)
    assert len({call.command.key for call in came}) == len(came)


def test_the_same_seed_sends_the_same():
    assert calls(1) == calls(1)
    assert calls(1) != calls(1, seed=2)


TOLD = {
    "callers": {
        "calls": 100, "accept_s": [0.02] * 99 + [0.2], "step_s": [0.1], "batch_s": [0.1], "late_ms": 1.0,
        "refused": 0, "failed": 0, "unanswered": 0, "steps_failed": 0, "batches_failed": 0, "fixes": 400,
        "fixes_accepted": 400, "wall_s": 15.0, "about_same": 10, "suggested": 10,
    },
    "audience": {"delays_s": [0.1] * 50, "map_s": [1.0] * 5},
    "oracle": {"lost": 0, "doubled": 0, "looked_at": 100, "promises": 12, "broken": [], "fixes_kept": 400},
}  # fmt: skip


def missed(profile=L2, **changed):
    told = {part: {**said, **changed.get(part, {})} for part, said in TOLD.items()}
    return {figure.metric for figure in figures(profile, told) if figure.is_met is False}


def test_a_run_that_held_everything_misses_nothing():
    assert missed() == set()


@pytest.mark.parametrize(
    ("part", "wrong", "metric"),
    [
        ("oracle", {"lost": 1}, "lost"),
        ("oracle", {"doubled": 1}, "doubled"),
        ("oracle", {"broken": ["I6 …"]}, "promises_broken"),
        ("oracle", {"fixes_kept": 399}, "positions_lost"),
        ("callers", {"refused": 1}, "refused"),
        ("callers", {"accept_s": [0.02] * 90 + [0.4] * 10}, "accept_p99"),
        ("callers", {"accept_s": [0.02] * 199 + [2.5]}, "accept_max"),
        ("audience", {"delays_s": [0.1] * 90 + [1.2] * 10}, "other_consoles_p95"),
        ("audience", {"delays_s": []}, "other_consoles_p95"),
    ],
)
def test_each_bound_is_held_and_silence_is_no_proof(part, wrong, metric):
    assert metric in missed(**{part: wrong})


def test_a_spike_has_to_show_callers_of_one_event_what_is_known():
    assert missed(replace(PROFILES["L3"]), callers={"suggested": 8}) == {"same_event_suggested"}


def test_a_shortened_run_says_so():
    assert case_of(L2, 3).endswith("3 of 60 min")
    assert case_of(PROFILES["L6"], 10) == "L6 slow disk (+5 ms a sync)"
    line = json.loads(Figure("lost", 1, "1", 9, 0).json("L2", busy=8.0))
    assert (line["met"], line["load_1min"], line["n"]) == (False, 8.0, 9)
