"""Whatever people, time and accident do to files: somebody has each live one, a clock runs, nothing is lost.

A dozen random histories in every run, as many as ``ANLAN_HISTORIES`` says (two thousand before a release is
tested; ``python -m disputes.many`` runs as many as one likes and counts). Each history is a chain of steps on three
files of one small county, in any order, right or wrong; each walk takes a file and a push only where the table of
moves leads.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.row_changes import rows_read
from anlan.disputes.jobs import disputes_tick
from anlan.disputes.models import DisputeFile
from anlan.disputes.services import file_follow_up, file_open, files, holding, mediation_ending, steps, ticking
from disputes import course, table_course, walks
from disputes.quarrel import later, people_come, quarrel
from disputes.table import table_set
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
HISTORIES = int(os.environ.get("ANLAN_HISTORIES", "12"))
SHARES = 8 if HISTORIES > 100 else 1
"""Shared out among the workers where there are many."""


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


@pytest.mark.parametrize("share", range(SHARES))
def test_no_history_leaves_a_file_without_hands_or_clock(west, share):
    start = course.beginning(west)
    for seed in range(share, HISTORIES, SHARES):
        course.run(west, start, seed)


@pytest.mark.parametrize("share", range(SHARES))
def test_every_move_the_tables_allow_can_be_made_and_no_other(west, share):
    (_incidents, started) = course.beginning(west)
    for seed in range(share, HISTORIES, SHARES):
        walks.run(started, seed)


@pytest.mark.parametrize("share", range(SHARES))
def test_no_history_at_the_table_leaves_a_sitting_a_limit_or_a_promise_hanging(world, taxonomy, share):
    table = table_set(world)
    files_there = table_course.beginning(table)
    for seed in range(share, HISTORIES, SHARES):
        table_course.run(table, files_there, seed)


def caught(run, *, among: int = 40) -> str:
    """What the histories say once one of them meets the fault."""
    for seed in range(among):
        try:
            run(seed)
        except AssertionError as found:
            return str(found)
    pytest.fail(f"{among} histories did not meet the fault")


def caught_among_files(west) -> str:
    start = course.beginning(west)
    return caught(lambda seed: course.run(west, start, seed))


def test_histories_notice_a_mediation_that_outlives_its_file(world, taxonomy, monkeypatch):
    """The file is closed while the table still expects its parties: found by histories, and mended."""
    table = table_set(world)
    files_there = table_course.beginning(table)
    monkeypatch.setattr(files, "mediation_overtaken", lambda *args, **kwargs: False)
    assert "a mediation that runs of a file that is over" in caught(
        lambda seed: table_course.run(table, files_there, seed)
    )


def test_histories_notice_a_draft_that_nobody_can_finish(world, taxonomy, monkeypatch):
    table = table_set(world)
    files_there = table_course.beginning(table)
    monkeypatch.setattr(mediation_ending, "_drafts_drop", lambda *args, **kwargs: None)
    assert "a draft of a mediation that is over" in caught(lambda seed: table_course.run(table, files_there, seed))


def test_histories_notice_a_file_without_an_owner(west, monkeypatch):
    """Nobody takes over what an abolished organisation held."""
    monkeypatch.setattr(ticking, "organisation_acting", lambda organisation: None)
    assert "held by who is no more" in caught_among_files(west)


def test_histories_notice_a_holder_taken_away(west, monkeypatch):
    """A step that gives the file to nobody: the store itself refuses."""

    def given_to_nobody(file, holder, *, by, at, why):
        return steps.file_change(file, {"holder_id": None, "held_since": at})

    monkeypatch.setattr(files, "holder_set", given_to_nobody)
    assert "the store refused" in caught_among_files(west)


def test_histories_notice_a_push_without_an_end(west, monkeypatch):
    monkeypatch.setattr(files, "pushes_end", lambda *args, **kwargs: [])
    assert "over with a push that runs" in caught_among_files(west)


def test_histories_notice_a_deadline_that_is_not_its_sum(west, monkeypatch):
    counted = steps.due_after

    def a_minute_late(kind, start, **more):
        due = counted(kind, start, **more)
        return replace(due, due_at=due.due_at + timedelta(minutes=1))

    monkeypatch.setattr(steps, "due_after", a_minute_late)
    assert "deadline that its sum doesn't give" in caught_among_files(west)


def test_what_a_step_has_in_hand_stands_in_the_store(west, monkeypatch):
    """A step reads its file once; whoever holds it again has every column as the store has it."""
    looked, names = holding.is_held, [field.attname for field in DisputeFile._meta.concrete_fields]
    seen = []

    def compared(file):
        is_held = looked(file)
        if is_held:
            (stored,) = rows_read(DisputeFile, id=file.pk)
            assert {name: getattr(file, name) for name in names} == {name: getattr(stored, name) for name in names}
            seen.append(file.pk)
        return is_held

    monkeypatch.setattr(holding, "is_held", compared)
    start = course.beginning(west)
    for seed in range(min(HISTORIES, 200)):
        course.run(west, start, seed)
    assert seen


def test_ordinary_days_end(west):
    """A file nobody touches is told of once for each deadline, however often the worker looks."""
    file = file_open(incident=quarrel(west), by=SYSTEM, at=T0)
    file_follow_up(file=file, by=SYSTEM, at=T0)
    told = [disputes_tick(at=later(days=day)) for day in (1, 6, 8, 8, 9, 30)]
    assert [told[0], told[1], told[3], told[4], told[5]] == [0, 0, 0, 0, 0]
    assert told[2] == 2  # the push, and the file that waits for the same moment
