"""A commit is with the standby before anybody is told of it, whatever statement made it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest

from anlan.assurance.standby.copy import PRIMARY, Copy, Role, role_put
from anlan.assurance.standby.kept import NotSound, log_held
from anlan.assurance.standby.serve import Ear
from anlan.assurance.standby.takeover import NoStandby, epoch_of, standing, take_over
from anlan.config.standby_begin import takeover_finish
from anlan.core.clock import now
from anlan.core.sqlite_backend.errors import Replaced, StandbySilent, StandbyUnsure
from anlan.core.sqlite_backend.notes import POSITIONS, STORE, log_end, stream_state
from anlan.core.sqlite_backend.sealed import LineBroken
from anlan.core.sqlite_backend.stream import Stream

pytestmark = pytest.mark.sqlite
KEY = b"a key that both have"


class Two:
    """A store, its standby, and the one line that writes."""

    def __init__(self, folder):
        self.here, self.there = folder / "one", folder / "two"
        self.here.mkdir()
        self.store = str(self.here / STORE)
        self.line = sqlite3.connect(self.store, isolation_level=None)
        self.line.execute("PRAGMA journal_mode=WAL")
        self.line.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, words TEXT)")
        self.port = 0
        self.listen()
        self.stream = Stream(self.store, address=f"127.0.0.1:{self.port}", is_sync=True, key=KEY)

    def listen(self):
        self.ear = Ear(("127.0.0.1", self.port), Copy(self.there), KEY, clock=now)
        self.port = self.ear.server_address[1]
        threading.Thread(target=self.ear.serve_forever, args=(0.01,), daemon=True).start()

    def deaf(self):
        self.ear.shutdown()
        self.ear.server_close()
        if self.stream._line:
            self.stream._line.close()

    def write(self, words):
        """As the store's own backend does it, with the lock left out."""
        self.stream.before(self.line)
        self.line.execute("BEGIN IMMEDIATE")
        self.stream.begun(self.line)
        self.line.execute("INSERT INTO call (words) VALUES (?)", [words])
        self.line.execute("COMMIT")
        self.stream.after()

    def words(self, home):
        with closing(sqlite3.connect(home / STORE)) as line:
            return [row[0] for row in line.execute("SELECT words FROM call ORDER BY id")]


@pytest.fixture
def two(tmp_path):
    made = Two(tmp_path)
    made.stream.begin(made.line)
    yield made
    made.deaf()
    made.line.close()


def taken_over(two):
    take_over(two.there, by="值班长", reason="主机断电", at=now())
    return two.words(two.there)


def test_what_was_answered_is_there_after_the_machine_is_gone(two):
    for k in range(5):
        two.write(f"call {k}")
    assert log_held(two.there / STORE)[1] == log_end(two.store).frames
    assert taken_over(two) == [f"call {k}" for k in range(5)]


def test_a_log_that_begins_anew_is_followed(two):
    two.line.execute("PRAGMA wal_autocheckpoint=3")
    for k in range(20):
        two.write(f"call {k}")
    assert taken_over(two) == [f"call {k}" for k in range(20)]


def test_without_an_answer_nothing_is_told_and_nothing_more_is_written(two):
    two.write("safe")
    two.deaf()
    with pytest.raises(StandbyUnsure):
        two.write("unsure")
    with pytest.raises(StandbySilent):
        two.write("never")
    two.listen()
    two.stream._not_before = 0
    two.write("again")
    assert taken_over(two) == ["safe", "unsure", "again"]


def test_an_old_machine_writes_nothing_any_more_and_says_who_replaced_it(two):
    two.write("safe")
    assert taken_over(two) == ["safe"]
    with pytest.raises(Replaced):
        two.write("to the old one")
    with pytest.raises(Replaced) as told:
        two.write("again")
    assert told.value.facts["by"] == "值班长"
    assert "值班长" in told.value.detail("zh-hans")
    assert two.words(two.there) == ["safe"]


def test_an_old_machine_that_comes_back_learns_it_before_it_serves(two):
    two.write("safe")
    taken_over(two)
    again = Stream(two.store, address=f"127.0.0.1:{two.port}", is_sync=True, key=KEY)
    with pytest.raises(Replaced):
        again.begin(two.line)


def test_a_standby_started_again_goes_on_from_what_it_had(two):
    two.write("one")
    two.deaf()
    two.listen()
    two.stream._not_before = 0
    two.write("two")
    assert taken_over(two) == ["one", "two"]


def test_a_standby_that_lacks_something_does_not_go_on_as_if_nothing_were(two, tmp_path):
    two.write("one")
    two.deaf()
    shutil.rmtree(two.there)
    two.listen()
    two.stream._not_before = 0
    with pytest.raises(StandbyUnsure):
        two.write("two")
    # At its next start it is given a whole copy.
    two.stream.begin(two.line)
    assert taken_over(two) == ["one", "two"]


def test_in_the_other_mode_the_centre_goes_on_alone(two):
    two.stream.is_sync = False
    two.deaf()
    two.write("alone")
    two.write("and on")
    assert two.words(two.here) == ["alone", "and on"]


def test_after_going_on_alone_no_standby_is_left_with_a_gap(two):
    two.stream.is_sync = False
    two.write("both")
    two.deaf()
    two.line.execute("PRAGMA wal_autocheckpoint=3")
    for k in range(10):
        two.write(f"alone {k}")
    two.listen()
    two.stream._not_before = 0
    two.write("on")
    assert not stream_state(two.store).is_up
    two.stream.begin(two.line)
    two.write("both again")
    assert taken_over(two) == ["both", *(f"alone {k}" for k in range(10)), "on", "both again"]


@pytest.fixture
def tracks(two):
    """The second store of the same two homes: where units are."""
    made = Tracks(two)
    made.stream.begin(made.line)
    yield made
    made.line.close()


class Tracks(Two):
    def __init__(self, two):
        self.here, self.there, self.ear = two.here, two.there, two.ear
        self.store = str(two.here / POSITIONS)
        self.line = sqlite3.connect(self.store, isolation_level=None)
        self.line.execute("PRAGMA journal_mode=WAL")
        self.line.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, words TEXT)")
        self.stream = Stream(self.store, address=f"127.0.0.1:{two.port}", is_sync=True, key=KEY)

    def words(self, home):
        with closing(sqlite3.connect(home / POSITIONS)) as line:
            return [row[0] for row in line.execute("SELECT words FROM call ORDER BY id")]


def test_where_units_were_said_to_be_is_there_too_and_under_the_same_epoch(two, tracks):
    two.write("call")
    tracks.write("fix 1")
    tracks.line.execute("PRAGMA wal_autocheckpoint=2")
    for k in range(2, 8):
        tracks.write(f"fix {k}")
    assert taken_over(two) == ["call"]
    assert tracks.words(two.there) == [f"fix {k}" for k in range(1, 8)]
    with closing(sqlite3.connect(two.there / POSITIONS)) as line:
        assert line.execute("PRAGMA user_version").fetchone() == (1,)
    with pytest.raises(Replaced):
        tracks.write("to the old one")


def test_positions_that_are_not_sound_hold_up_no_take_over(two, tracks):
    two.write("call")
    tracks.write("fix 1")
    tracks.write("fix 2")
    spoil(two.there / f"{POSITIONS}-wal")
    assert taken_over(two) == ["call"]
    assert (two.there / f"{POSITIONS}.not-sound").exists()
    assert not (two.there / POSITIONS).exists()


def spoil(log):
    """One bit of the first page in the log."""
    content = bytearray(log.read_bytes())
    content[200] ^= 1
    log.write_bytes(content)


def test_a_page_that_the_standbys_disk_changed_is_no_torn_end(two):
    for k in range(3):
        two.write(f"call {k}")
    log = two.there / f"{STORE}-wal"
    spoil(log)
    found = log.read_bytes()
    with pytest.raises(NotSound):
        taken_over(two)
    # What it was is kept for whoever looks into it.
    assert (two.there / f"{STORE}-wal.taken-over").read_bytes() == found


def test_a_commit_that_the_standbys_power_cut_short_was_told_to_nobody(two):
    two.write("told")
    two.write("torn")
    log = two.there / f"{STORE}-wal"
    log.write_bytes(log.read_bytes()[:-100])
    assert taken_over(two) == ["told"]


def test_what_the_standby_lost_with_its_power_is_not_passed_over_when_the_log_begins_anew(two, tracks):
    tracks.write("fix 1")
    tracks.write("fix 2")
    two.deaf()
    log = two.there / f"{POSITIONS}-wal"
    log.write_bytes(log.read_bytes()[:-100])
    two.listen()
    # All of it is in its place here, and the log begins anew with what is written next.
    tracks.line.execute("PRAGMA wal_checkpoint(RESTART)")
    tracks.stream._line.close()
    with pytest.raises(StandbyUnsure):
        tracks.write("fix 3")
    assert tracks.stream.needs_whole
    assert tracks.stream.mend(tracks.line)
    tracks.write("fix 4")
    two.stream._line = None
    two.write("call")
    taken_over(two)
    assert tracks.words(two.there) == [f"fix {k}" for k in range(1, 5)]


@pytest.mark.parametrize("is_log_empty", [True, False])
def test_a_standby_is_filled_while_the_centre_goes_on(two, is_log_empty):
    two.deaf()
    shutil.rmtree(two.there)
    two.listen()
    two.line.execute("PRAGMA wal_autocheckpoint=3")
    two.stream.is_sync = False
    for k in range(5):
        two.write(f"before {k}")
    if is_log_empty:
        two.line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with two.stream.filling(two.line) as filling:
        filling.copy()
        for k in range(9):
            two.write(f"meanwhile {k}")
        filling.end()
    two.stream.is_sync = True
    two.write("after")
    words = [*(f"before {k}" for k in range(5)), *(f"meanwhile {k}" for k in range(9)), "after"]
    assert taken_over(two) == words


def test_a_whole_copy_that_did_not_come_whole_leaves_the_one_before(two):
    two.write("safe")
    with two.stream.filling(two.line) as filling:
        filling.copy()
    assert taken_over(two) == ["safe"]


def test_a_whole_copy_takes_its_place_though_the_machine_dies_over_it(two, monkeypatch):
    two.write("one")
    with two.stream.filling(two.line) as filling, monkeypatch.context() as cut:
        filling.copy()
        cut.setattr("anlan.assurance.standby.kept.filled_finish", dies)
        with pytest.raises(LineBroken):
            filling.end()
    # The file has taken its place, its log has not.
    (two.there / f"{STORE}.filling").replace(two.there / STORE)
    two.deaf()
    two.listen()
    two.stream._line = None
    two.write("two")
    assert taken_over(two) == ["one", "two"]


def dies(_store):
    raise OSError("the machine is gone")


def test_a_take_over_that_was_cut_off_is_ended_before_anything_is_opened(two, settings):
    two.write("safe")
    role_put(two.there, Role(PRIMARY, 1, {"at": "2026-03-02T01:00:00+00:00", "by": "赵", "reason": "x"}))
    settings.HOME = two.there
    takeover_finish()
    assert two.words(two.there) == ["safe"]
    assert epoch_of(two.there / STORE) == 1


def test_who_lacks_the_key_is_not_heard(two):
    stranger = Stream(two.store, address=f"127.0.0.1:{two.port}", is_sync=True, key=b"another")
    with pytest.raises(LineBroken):
        stranger.begin(two.line)


def test_a_page_of_the_log_that_changed_on_the_disk_is_not_taken_over(two):
    two.write("one")
    log = two.there / f"{STORE}-wal"
    held = Copy(two.there).main
    content = bytearray(log.read_bytes())
    content[-1] ^= 1
    log.write_bytes(content)
    assert log_held(two.there / STORE)[1] < held.frames


def test_one_take_over_and_no_second(two):
    two.write("one")
    taken_over(two)
    with pytest.raises(NoStandby):
        take_over(two.there, by="x", reason="y", at=now())
    assert standing(two.there).role.taken["reason"] == "主机断电"


def test_a_store_without_a_standby_has_no_stream(settings, tmp_path):
    settings.STANDBY_FILE = tmp_path / "standby.json"
    assert Stream.of(str(tmp_path / STORE)) is None
