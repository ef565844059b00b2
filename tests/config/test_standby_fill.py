"""A second machine is agreed on and filled while the centre goes on; from then on nobody goes on without it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from click.testing import CliRunner

from anlan.assurance.standby.copy import Copy
from anlan.assurance.standby.serve import Ear
from anlan.assurance.standby.takeover import take_over
from anlan.config import standby_fill as filling
from anlan.config.commands.standby import group
from anlan.config.standby_begin import standby_agreed
from anlan.config.standby_centre import keys_are_the_same
from anlan.core.clock import now
from anlan.core.sqlite_backend.notes import STORE, STORES, alone_note, stream_state
from anlan.core.sqlite_backend.second import second_seen
from anlan.core.sqlite_backend.stream import Stream

pytestmark = pytest.mark.sqlite
KEY = b"a key that both have"


class Line:
    """A store of the home as the program holds it open."""

    def __init__(self, path):
        self.settings_dict = {"NAME": str(path)}
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("CREATE TABLE row (words TEXT)")

    def ensure_connection(self):
        pass

    def write(self, words):
        self.connection.execute("INSERT INTO row VALUES (?)", [words])


@pytest.fixture
def home(settings, tmp_path, monkeypatch):
    """A running centre's home with its two stores, and an empty standby that listens."""
    settings.HOME, settings.STANDBY_FILE = tmp_path / "one", tmp_path / "one" / "standby.json"
    settings.STANDBY_KEY_FILE = tmp_path / "key"
    settings.STANDBY_KEY_FILE.write_bytes(KEY)
    settings.HOME.mkdir()
    lines = [Line(settings.HOME / name) for name in STORES]
    monkeypatch.setattr(filling.connections, "all", lambda: lines)
    ear = Ear(("127.0.0.1", 0), Copy(tmp_path / "two"), KEY, clock=now)
    threading.Thread(target=ear.serve_forever, args=(0.01,), daemon=True).start()
    yield lines, f"127.0.0.1:{ear.server_address[1]}"
    ear.shutdown()
    ear.server_close()
    for line in lines:
        line.connection.close()


def said(*words):
    answer = CliRunner().invoke(group, words)
    return answer.exit_code, answer.output


def test_both_stores_are_filled_and_the_note_that_says_alone_goes(home, tmp_path, settings):
    lines, address = home
    main = str(settings.HOME / STORE)
    lines[0].write("call")
    lines[1].write("fix")
    assert said("use", address)[0] == 0
    # Until it is filled nothing waits for it, and every page says so.
    assert Stream.of(main) is None
    assert second_seen(main).alone["until_filled"]
    code, words = said("fill")
    assert code == 0, words
    assert not alone_note(main).exists()
    assert Stream.of(main) is not None
    assert [stream_state(str(settings.HOME / name)).is_up for name in STORES] == [True, True]
    take_over(tmp_path / "two", by="赵", reason="x", at=now())
    assert [read(tmp_path / "two" / name) for name in STORES] == [["call"], ["fix"]]


def read(store):
    with closing(sqlite3.connect(store)) as line:
        return [words for (words,) in line.execute("SELECT words FROM row")]


def test_what_can_not_be_filled_leaves_the_centre_as_it_was(home, settings):
    assert said("fill")[0] == 1
    assert said("use", "127.0.0.1:1")[0] == 0
    assert said("fill")[0] == 1
    assert alone_note(str(settings.HOME / STORE)).exists()


def test_a_start_fills_one_that_was_agreed_on_and_leaves_one_that_was_given_up(home, settings):
    note = alone_note(str(settings.HOME / STORE))
    said("use", home[1])
    standby_agreed()
    assert not note.exists()
    said("alone", "--reason", "repair")
    standby_agreed()
    assert note.exists()


def test_keys_that_were_laid_here_later_are_not_passed_over(settings, tmp_path):
    (tmp_path / "secrets").mkdir()
    assert keys_are_the_same(tmp_path)
    (tmp_path / "secrets" / "secret_key").write_text(settings.SECRET_KEY)
    assert keys_are_the_same(tmp_path)
    (tmp_path / "secrets" / "event_hash_key").write_text("another")
    assert not keys_are_the_same(tmp_path)
