"""Each screen that listens is an open file: the machine's limit is known before the screens are."""

from __future__ import annotations

import resource
import sys

import pytest

from anlan.config.commands.doctor import _files
from anlan.console import live_door


@pytest.fixture
def limit(monkeypatch):
    """``limit(soft, hard)``: what this system allows; returns the list of what was asked of it."""
    asked: list[tuple[int, int]] = []

    def set_to(soft: int, hard: int) -> list[tuple[int, int]]:
        monkeypatch.setattr(resource, "getrlimit", lambda _kind: (soft, hard))
        monkeypatch.setattr(resource, "setrlimit", lambda _kind, pair: asked.append(pair))
        return asked

    return set_to


def test_a_machine_that_allows_enough_is_fit(limit, settings):
    settings.LIVE_STREAMS_MAX = 1000
    limit(256, 2000)
    _label, fine, told = _files()
    assert fine
    assert "2000 allowed" in told
    assert "1000 live streams" in told


def test_too_few_files_are_told_with_what_to_do_and_how_many_screens_could_listen_as_it_is(limit, settings):
    settings.LIVE_STREAMS_MAX = 3000
    limit(256, 1024)
    _label, fine, told = _files()
    possible = 1024 - live_door.FILES_BESIDE
    assert not fine
    assert f"LimitNOFILE={3000 + live_door.FILES_BESIDE}" in told
    assert f"ANLAN_LIVE_STREAMS={possible}" in told
    # What is advised is fit.
    settings.LIVE_STREAMS_MAX = possible
    assert _files()[1]


@pytest.mark.parametrize(
    ("soft", "hard", "then"),
    [
        (256, 1024, [(1024, 1024)]),
        (256, 100_000, [(4160, 100_000)]),
        (256, resource.RLIM_INFINITY, [(4160, resource.RLIM_INFINITY)]),
        (5000, 100_000, []),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, []),
    ],
)
def test_the_stream_asks_for_what_it_needs_and_no_more_than_it_may_have(limit, settings, soft, hard, then):
    settings.LIVE_STREAMS_MAX = 4160 - live_door.FILES_BESIDE
    asked = limit(soft, hard)
    live_door.files_allow()
    assert asked == then


def test_where_nothing_is_limited_the_setting_alone_counts(limit, settings):
    settings.LIVE_STREAMS_MAX = 50
    limit(resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    assert live_door.files_allowed() == sys.maxsize
    assert live_door.streams_possible() == 50
