"""What a machine took while it was cut off goes into a sheet, for the centre that replaced it."""

from __future__ import annotations

import csv
import stat
from datetime import timedelta

import pytest

from anlan.config.standby_left import HEAD, calls_left
from anlan.intake.services import CallSheet, call_receive
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite]


def took(world, minutes, narrative, **fields):
    sheet = CallSheet(lon=120.05, lat=28.90, narrative=narrative, reporter_phone="13900000001", **fields)
    return call_receive(line=sheet, at=T0 + timedelta(minutes=minutes), by=world.actor("ben")).call


def test_calls_since_then_are_listed_with_their_time_and_words_and_without_who_called(world, taxonomy, tmp_path):
    took(world, 0, "钥匙锁在屋里")
    call = took(world, 5, "=cmd|' /C calc'!A0")
    into = tmp_path / "left.csv"
    assert calls_left(since=T0 + timedelta(minutes=4), into=into) == 1
    with into.open(encoding="utf-8-sig", newline="") as sheet:
        head, row = csv.reader(sheet)
    assert tuple(head) == HEAD
    told = dict(zip(head, row, strict=True))
    assert (told["number"], told["taken at"], told["incident"]) == (
        call.number,
        "2026-03-02 09:05:00",
        call.incident.number,
    )
    # A sheet's program takes none of the words for a formula.
    assert told["narrative"].startswith("'=")
    assert "13900000001" not in into.read_text(encoding="utf-8-sig")
    assert stat.S_IMODE(into.stat().st_mode) == 0o600


def test_a_sheet_that_is_there_is_not_written_over(world, tmp_path):
    into = tmp_path / "left.csv"
    into.write_text("another")
    with pytest.raises(FileExistsError):
        calls_left(since=T0, into=into)
    assert into.read_text() == "another"
