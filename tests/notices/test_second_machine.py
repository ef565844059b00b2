"""Duty leaders and administrators have a notice when the second machine falls silent, once, and it is taken back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from anlan.core.sqlite_backend.errors import StandbyUnsure
from anlan.core.sqlite_backend.notes import STATE, STORE, alone_note, replaced_note
from anlan.core.sqlite_backend.second import Terms
from anlan.notices import second_machine
from anlan.notices.second_machine import standby_tell
from anlan.notices.selectors import notices_waiting
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite]
LATE = T0 + timedelta(seconds=11)


@pytest.fixture
def second(world, settings, tmp_path, monkeypatch):
    """A first machine in async mode; says whether its second answers since ``T0``."""
    settings.HOME, settings.STANDBY_FILE = tmp_path, tmp_path / "standby.json"
    settings.STANDBY_FILE.write_text(Terms("10.1.1.2:8020", False).as_text())
    monkeypatch.setattr(second_machine, "_TOLD", [])

    def answers(is_up):
        state = STATE.pack(bytes(8), 0, is_up, T0.timestamp())
        (tmp_path / f"{STORE}-standby").write_bytes(state)

    return answers


def told_to(world, at=LATE):
    return [name for name in ("jia", "cleo", "ben") if notices_waiting(world.actor(name), at=at)]


def test_who_answers_for_the_centre_is_told_once_and_no_more_when_it_answers_again(second, world):
    second(False)
    assert not standby_tell(at=T0 + timedelta(seconds=9))
    assert told_to(world) == []
    assert standby_tell(at=LATE)
    assert standby_tell(at=LATE + timedelta(seconds=10))
    told = told_to(world)
    assert told == ["jia"]
    assert [len(notices_waiting(world.actor(name), at=LATE)) for name in told] == [1] * len(told)
    second(True)
    assert not standby_tell(at=LATE + timedelta(seconds=20))
    assert told_to(world, LATE + timedelta(seconds=20)) == []


def test_nobody_is_told_where_a_person_said_to_go_on_alone_or_this_machine_was_replaced(second, world, tmp_path):
    second(False)
    note = alone_note(str(tmp_path / STORE))
    note.write_text(json.dumps({"at": T0.isoformat(), "by": "ada", "reason": "repair"}))
    assert not standby_tell(at=LATE)
    note.unlink()
    replaced_note(str(tmp_path / STORE)).write_text(json.dumps({"at": T0.isoformat(), "by": "zhao", "reason": "x"}))
    assert not standby_tell(at=LATE)
    assert told_to(world) == []


def test_in_sync_mode_no_notice_is_tried_that_could_not_be_kept(second, world, settings):
    settings.STANDBY_FILE.write_text(Terms("10.1.1.2:8020", True).as_text())
    second(False)
    assert not standby_tell(at=LATE)
    assert told_to(world) == []


def test_a_notice_that_could_not_be_kept_is_tried_again(second, world, monkeypatch):
    second(False)
    with monkeypatch.context() as broken:
        broken.setattr(second_machine, "notice_send", refuses)
        assert not standby_tell(at=LATE)
    assert standby_tell(at=LATE)
    assert told_to(world) == ["jia"]


def refuses(**_):
    raise StandbyUnsure(since=T0)
