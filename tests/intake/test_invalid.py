"""Calls that tell of nothing, and those who can't speak."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import WrongState
from anlan.intake.errors import (
    CallBackFirst,
    CallBackOver,
    DangerInText,
    InvalidHasMore,
    NotInList,
    ReasonMissing,
)
from anlan.intake.models import CallBack
from anlan.intake.services import (
    call_back_done,
    call_link,
    call_mark_invalid,
    call_reopen,
    incident_state_set,
)
from world import T0

LATER = T0 + timedelta(minutes=2)
QUIET = "打错了，不好意思"


def test_an_invalid_call_takes_its_incident_along(take, ben):
    got = take(narrative=QUIET)
    call_mark_invalid(call=got.call, kind="wrong_number", by=ben, at=LATER)
    got.incident.refresh_from_db()
    assert (got.call.state, got.call.invalid_reason) == ("invalid", "wrong_number")
    assert (got.incident.state, got.incident.is_valid) == ("invalid", False)


def test_danger_is_looked_for_first(take, ben):
    got = take(narrative=QUIET, danger=("weapon",))
    with pytest.raises(DangerInText, match=r"its text speaks of danger \(weapon\)"):
        call_mark_invalid(call=got.call, kind="prank", by=ben, at=LATER)
    got.call.refresh_from_db()
    assert got.call.state == "incident_open"


def test_danger_in_the_words_of_the_call_is_found_too(take, ben):
    got = take(narrative=QUIET, call_type="prank", lon=None, lat=None)
    got.call.narrative = "有人拿刀砍人，满地是血"
    got.call.state = "recorded"
    got.call.save()
    with pytest.raises(DangerInText):
        call_mark_invalid(call=got.call, kind="prank", by=ben, at=LATER)


def test_with_a_reason_a_false_report_of_danger_can_be_marked(take, ben):
    got = take(narrative=QUIET, danger=("weapon",))
    call_mark_invalid(call=got.call, kind="prank", reason="已回拨核实，学生恶作剧", by=ben, at=LATER)
    got.incident.refresh_from_db()
    assert got.incident.state == "invalid"
    assert got.incident.reasons.get().text == "已回拨核实，学生恶作剧"


def test_the_kind_comes_from_the_closed_list(take, ben):
    with pytest.raises(NotInList, match="silent, prank, wrong_number"):
        call_mark_invalid(call=take(narrative=QUIET).call, kind="boring", by=ben, at=LATER)


def test_what_others_have_told_of_is_not_invalid(take, ben):
    got = take(narrative=QUIET)
    other = take(narrative="同一件事")
    call_link(call=other.call, incident=got.incident, by=ben, at=LATER)
    with pytest.raises(InvalidHasMore, match="unlink the other calls"):
        call_mark_invalid(call=got.call, kind="prank", by=ben, at=LATER)


def test_what_somebody_was_sent_to_is_ended_there_first(take, ben):
    got = take(narrative=QUIET)
    incident_state_set(incident=got.incident, to="dispatched", by=ben, at=T0)
    with pytest.raises(InvalidHasMore, match="sent since 09:00"):
        call_mark_invalid(call=got.call, kind="prank", by=ben, at=LATER)


def test_the_shift_leader_takes_the_mark_back(take, ben, county):
    got = take(narrative=QUIET)
    call_mark_invalid(call=got.call, kind="prank", by=ben, at=LATER)
    call_reopen(call=got.call, reason="来电人再次来电", by=county.actor("jia"), at=LATER)
    got.incident.refresh_from_db()
    assert (got.call.state, got.call.invalid_reason) == ("incident_open", "")
    assert (got.incident.state, got.incident.is_valid) == ("open", True)


def test_a_reopened_call_that_had_no_incident_gets_one(take, county):
    got = take(narrative=QUIET, call_type="prank", lon=None, lat=None)
    opened = call_reopen(call=got.call, reason="回听录音，有人求救", by=county.actor("jia"), at=LATER)
    assert (got.call.incident, got.call.is_opening, opened.state) == (opened, True, "open")


def test_reopening_needs_a_reason_and_an_invalid_call(take, county):
    jia = county.actor("jia")
    got = take(narrative=QUIET)
    with pytest.raises(ReasonMissing):
        call_reopen(call=got.call, reason=" ", by=jia, at=LATER)
    with pytest.raises(WrongState):
        call_reopen(call=got.call, reason="理由", by=jia, at=LATER)


# Calling back


@pytest.fixture
def silent(take):
    return take(narrative="", lon=None, lat=None, call_type="silent")


def test_a_silent_call_is_called_back_before_it_is_invalid(silent, ben):
    with pytest.raises(CallBackFirst, match="called back by 09:01:00"):
        call_mark_invalid(call=silent.call, kind="silent", by=ben, at=T0)
    call_back_done(call_back=silent.call_back, outcome="reached", by=ben, at=LATER)
    assert call_mark_invalid(call=silent.call, kind="silent", by=ben, at=LATER).state == "invalid"


def test_danger_found_when_called_back_is_p1_at_once(silent, ben):
    incident = call_back_done(call_back=silent.call_back, outcome="danger", danger=("weapon",), by=ben, at=LATER)
    assert (incident.priority, incident.track, incident.danger) == ("P1", "P", ["weapon"])
    silent.call.refresh_from_db()
    assert (silent.call.incident, silent.call.is_opening) == (incident, True)


def test_danger_without_a_name_is_danger(silent, ben):
    assert call_back_done(call_back=silent.call_back, outcome="danger", by=ben, at=LATER).priority == "P1"


def test_danger_raises_the_incident_the_call_already_has(take, ben):
    got = take(narrative="要一份外卖", call_type="covert")
    again = call_back_done(call_back=got.call_back, outcome="danger", danger=("fight_ongoing",), by=ben, at=LATER)
    assert again == got.incident
    assert again.danger == ["fight_ongoing"]


def test_who_does_not_answer_is_tried_three_times(silent, ben):
    task = silent.call_back
    for n in (1, 2):
        at = T0 + timedelta(minutes=n)
        assert call_back_done(call_back=task, outcome="no_answer", by=ben, at=at) is None
        assert (task.tries, task.done_at, task.due_at) == (n, None, at + timedelta(seconds=60))
    call_back_done(call_back=task, outcome="no_answer", by=ben, at=LATER)
    assert (task.tries, task.outcome, task.done_at) == (3, "no_answer", LATER)


def test_two_who_call_back_at_once_do_not_both_count(silent, ben):
    stale = CallBack.objects.get(pk=silent.call_back.pk)
    call_back_done(call_back=silent.call_back, outcome="reached", by=ben, at=LATER)
    with pytest.raises(CallBackOver, match="done at 09:02:00"):
        call_back_done(call_back=stale, outcome="danger", by=ben, at=LATER)
