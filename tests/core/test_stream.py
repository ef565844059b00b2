"""A commit is with the standby before anybody is told of it, whatever statement made it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest

from anlan.assurance.standby.copy import Copy, log_held
from anlan.assurance.standby.serve import Ear
from anlan.assurance.standby.takeover import NoStandby, standing, take_over
from anlan.core.clock import now
from anlan.core.sqlite_backend.errors import Replaced, StandbySilent, StandbyUnsure
from anlan.core.sqlite_backend.notes import STORE, log_end, stream_state
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


def test_who_lacks_the_key_is_not_heard(two):
    stranger = Stream(two.store, address=f"127.0.0.1:{two.port}", is_sync=True, key=b"another")
    with pytest.raises(LineBroken):
        stranger.begin(two.line)


def test_a_page_of_the_log_that_changed_on_the_disk_is_not_taken_over(two):
    two.write("one")
    log = two.there / f"{STORE}-wal"
    held = Copy(two.there)
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
