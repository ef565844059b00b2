"""Where a store's log ends: as a log ends, cut in the last commit, or damaged before commits that stood."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from anlan.core.sqlite_backend.wal import Hole, frames_committed, hole

HEAD, FRAME = 32, 24 + 4096


@pytest.fixture
def log(tmp_path):
    """A log of four commits of a page each, as a crash leaves it."""
    line = sqlite3.connect(tmp_path / "store", isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, words TEXT)")
    line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in range(4):
        line.execute("INSERT INTO call (words) VALUES (?)", (f"call {number}",))
    shutil.copyfile(tmp_path / "store-wal", tmp_path / "log")
    line.close()
    return tmp_path / "log"


def damage(log, frame: int, byte: int) -> None:
    content = bytearray(log.read_bytes())
    content[HEAD + frame * FRAME + byte] ^= 1
    log.write_bytes(content)


def test_a_log_that_is_whole_has_no_hole(log):
    assert hole(log) is None
    assert len(frames_committed(log)) == 4


def test_no_log_and_an_empty_one_have_none(tmp_path):
    assert hole(tmp_path / "none") is None
    (tmp_path / "empty").touch()
    assert hole(tmp_path / "empty") is None


@pytest.mark.parametrize("byte", [2, 9, 20, 3000], ids=["page number", "salt", "sum", "content"])
def test_a_frame_damaged_before_others_is_told_with_how_many_stand_behind_it(log, byte):
    damage(log, 1, byte)
    assert hole(log) == Hole(1, 2)
    assert len(frames_committed(log)) == 1


def test_a_log_cut_in_its_last_commit_says_that_nothing_stands_behind(log):
    damage(log, 3, 3000)
    assert hole(log) == Hole(3, 0)


def test_a_last_frame_with_a_strange_salt_shows_by_its_sum(log):
    damage(log, 3, 9)
    assert hole(log) == Hole(3, 0)


def test_frames_of_an_earlier_log_behind_the_end_are_no_hole(tmp_path):
    line = sqlite3.connect(tmp_path / "store", isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("CREATE TABLE call (words TEXT)")
    for number in range(6):
        line.execute("INSERT INTO call VALUES (?)", (f"call {number}",))
    line.execute("PRAGMA wal_checkpoint(RESTART)")
    line.execute("INSERT INTO call VALUES ('the first of the next log')")
    shutil.copyfile(tmp_path / "store-wal", tmp_path / "log")
    line.close()
    assert hole(tmp_path / "log") is None
    assert len(frames_committed(tmp_path / "log")) == 1
