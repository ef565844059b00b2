"""The standby: files of content come after their rows, a page of the copy is looked at, and a person takes over."""

from __future__ import annotations

import hashlib
import io
import shutil
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import translation

from anlan.assurance.standby.copy import Copy, role_of
from anlan.assurance.standby.files import ASIDE, ASIDE_FOR, Files
from anlan.assurance.standby.page import TRIES, Page
from anlan.assurance.standby.serve import Ear
from anlan.core.clock import now
from anlan.core.sqlite_backend.courier import Courier
from anlan.core.sqlite_backend.errors import CutOff, Replaced
from anlan.core.sqlite_backend.notes import STORE, replaced_note
from anlan.core.sqlite_backend.second import INTAKE, Terms, second_seen
from anlan.core.sqlite_backend.stream import Stream
from anlan.core.standing import change_refusal, standing_told

pytestmark = pytest.mark.sqlite
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEY = b"a key that both have"
PHOTO = b"a photo " * 100_000
DIGEST = hashlib.sha256(PHOTO).hexdigest()
CODE = "ABCD-EFGH-JKMN-PQRS"


def laid(media, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (media / digest[:2]).mkdir(parents=True, exist_ok=True)
    (media / digest[:2] / digest).write_bytes(content)
    return digest


@pytest.fixture
def pair(tmp_path):
    """A first machine's line and, at its other end, a standby with an empty home."""
    import sqlite3

    (tmp_path / "one").mkdir()
    line = sqlite3.connect(tmp_path / "one" / STORE, isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, words TEXT)")
    ear = Ear(("127.0.0.1", 0), Copy(tmp_path / "two"), KEY, clock=now)
    threading.Thread(target=ear.serve_forever, args=(0.01,), daemon=True).start()
    address = f"127.0.0.1:{ear.server_address[1]}"
    stream = Stream(str(tmp_path / "one" / STORE), address=address, is_sync=True, key=KEY)
    stream.begin(line)
    yield stream, ear, line
    ear.shutdown()
    ear.server_close()
    line.close()


def page_of(ear, tmp_path, **more) -> Page:
    code = tmp_path / "code"
    code.write_text(make_password(CODE), encoding="ascii")
    return Page(ear, code_file=code, **more)


def asked(page, path, language="en", **form):
    body = urlencode(form).encode()
    told = []
    environ = {
        "PATH_INFO": path,
        "REQUEST_METHOD": "POST" if form else "GET",
        "QUERY_STRING": f"lang={language}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    answer = b"".join(page(environ, lambda status, headers: told.append((status, dict(headers)))))
    return told[0][0][:3], told[0][1], answer.decode()


def sure_of(html: str) -> str:
    return html.partition('name="sure" value="')[2].partition('"')[0]


def test_a_photo_comes_after_its_row_and_is_held_against_its_digest(pair, tmp_path):
    stream, ear, _line = pair
    media = tmp_path / "one" / "media"
    laid(media, PHOTO)
    courier = Courier(stream, media)
    assert courier.carry() == 1
    assert (tmp_path / "two" / "media" / DIGEST[:2] / DIGEST).read_bytes() == PHOTO
    assert (ear.copy.files.known, ear.copy.files.held) == (1, 1)
    assert courier.carry() == 0
    # One the disk here has changed is not passed on, and stands as missing there.
    other = laid(media, b"another")
    (media / other[:2] / other).write_bytes(b"changed")
    courier.carry()
    assert ear.copy.files.lacking == [other]


def test_what_the_first_has_no_more_lies_aside_for_a_week_and_a_take_over_puts_it_back(tmp_path):
    files = Files(tmp_path)
    laid(tmp_path / "media", PHOTO)
    gone = {"folder": DIGEST[:2], "here": []}
    files.folder(gone, at=AT)
    assert (tmp_path / ASIDE / DIGEST).exists()
    files.folder({"folder": DIGEST[:2], "here": [DIGEST]}, at=AT)
    assert files.lacking == []
    assert (tmp_path / "media" / DIGEST[:2] / DIGEST).exists()
    files.folder(gone, at=AT)
    files.folder(gone, at=AT + ASIDE_FOR + timedelta(seconds=1))
    assert not (tmp_path / ASIDE / DIGEST).exists()


def test_a_name_that_leads_elsewhere_is_refused(tmp_path):
    with pytest.raises(ValueError, match="names no content"):
        Files(tmp_path).content({"digest": "../" * 21 + "x", "start": 0, "is_last": True}, b"x")


def test_a_byte_changed_on_the_standbys_disk_is_seen_before_a_take_over(pair):
    stream, ear, line = pair
    stream.before(line)
    line.execute("INSERT INTO call (words) VALUES ('one')")
    stream.after()
    assert ear.looker.look().is_sound
    assert ear.looker.seen.frames == ear.copy.main.frames
    line.execute("INSERT INTO call (words) VALUES ('two')")
    stream.after()
    content = bytearray(ear.copy.main.log.read_bytes())
    content[-1] ^= 1
    ear.copy.main.log.write_bytes(content)
    assert not ear.looker.look().is_sound


def test_the_button_takes_two_steps_a_code_a_name_and_a_reason(pair, tmp_path):
    stream, ear, line = pair
    page = page_of(ear, tmp_path, centre=lambda: "http://10.1.1.2:8000")
    assert "由本机接管" in asked(page, "/", "zh-hans")[2]
    status, _, html = asked(page, "/takeover", by="Zhao", reason="power", code="WRONG")
    assert (status, "not the take-over code" in html) == ("422", True)
    status, _, html = asked(page, "/takeover", by="", reason="power", code=CODE)
    assert status == "422"
    status, _, html = asked(page, "/takeover", by="Zhao", reason="power", code=CODE)
    assert (status, role_of(tmp_path / "two").role) == ("200", "standby")
    # The first machine answers at this moment: that has to be ticked.
    assert asked(page, "/takeover/do", sure=sure_of(html))[0] == "422"
    assert asked(page, "/takeover/do", sure=sure_of(html), still="on")[0] == "303"
    assert role_of(tmp_path / "two").taken["by"] == "Zhao"
    assert "10.1.1.2:8000" in asked(page, "/")[2]
    with pytest.raises(Replaced):
        stream.hear(line)
    assert "The old machine was told so" in asked(page, "/")[2]


def test_a_code_that_is_guessed_at_is_not_asked_any_more(pair, tmp_path):
    page = page_of(pair[1], tmp_path)
    for _ in range(TRIES):
        asked(page, "/takeover", by="x", reason="y", code="WRONG")
    status, _, html = asked(page, "/takeover", by="x", reason="y", code=CODE)
    assert (status, "Wait a minute" in html) == ("422", True)


def test_no_step_without_the_step_before(pair, tmp_path):
    assert asked(page_of(pair[1], tmp_path), "/takeover/do", sure="made up", still="on")[0] == "422"
    assert role_of(tmp_path / "two").role == "standby"


@pytest.fixture
def cut(settings, tmp_path, pair):
    """A first machine in async mode whose second has gone."""
    stream, ear, line = pair
    settings.HOME, settings.STANDBY_FILE = tmp_path / "one", tmp_path / "one" / "standby.json"
    settings.STANDBY_FILE.write_text(Terms(":".join(map(str, stream.address)), False, 30, INTAKE).as_text())
    stream.is_sync = False
    ear.shutdown()
    ear.server_close()
    stream._line.close()
    stream.before(line)
    line.execute("INSERT INTO call (words) VALUES ('here alone')")
    stream.after()
    assert not stream.hear(line)
    return stream.store


def test_a_machine_that_may_have_been_replaced_takes_new_calls_alone(cut):
    second = second_seen(cut)
    assert second.behind_bytes > 0
    soon, late = second.since + timedelta(seconds=20), second.since + timedelta(seconds=31)
    assert change_refusal("/console/orders/1/sign", at=soon) is None
    assert isinstance(change_refusal("/console/orders/1/sign", at=late), CutOff)
    assert change_refusal("/console/calls/save", at=late) is None
    assert change_refusal("/api/calls", at=late) is None


def test_a_second_machine_that_never_answered_is_told_too_and_is_not_taken_for_one_in_step(settings, tmp_path, pair):
    stream, ear, line = pair
    settings.HOME, settings.STANDBY_FILE = tmp_path / "one", tmp_path / "one" / "standby.json"
    settings.STANDBY_FILE.write_text(Terms(":".join(map(str, stream.address)), False).as_text())
    line.execute("INSERT INTO call (words) VALUES ('before')")
    state_file = tmp_path / "one" / f"{STORE}-standby"
    state_file.unlink()
    ear.shutdown()
    ear.server_close()
    stream._line.close()
    assert not stream.hear(line)
    second = second_seen(stream.store)
    assert (second.is_up, second.needs_whole) == (False, True)
    assert standing_told(second.since + timedelta(seconds=20)) != []


def test_every_page_says_that_the_second_machine_is_lost_and_since_when(cut):
    since = second_seen(cut).since
    assert standing_told(since + timedelta(seconds=5)) == []
    with translation.override("en"):
        assert "goes on alone" in standing_told(since + timedelta(seconds=20))[0].text
        assert "Only new calls" in standing_told(since + timedelta(seconds=31))[0].text
    with translation.override("zh-hans"):
        assert "只受理新警情" in standing_told(since + timedelta(seconds=31))[0].text


def test_a_replaced_machine_says_by_whom_before_anybody_saves(cut):
    replaced_note(cut).write_text('{"at": "2026-03-02T01:00:00+00:00", "by": "赵", "reason": "x", "epoch": 1}')
    assert "赵" in standing_told(AT)[0].text
    assert isinstance(change_refusal("/console/calls/save", at=AT), Replaced)


@pytest.mark.parametrize(
    ("has_reserve", "free_mb", "words"),
    [(True, 500, ""), (True, 40, "photos"), (False, 90, "its reserve is in use"), (False, 500, "")],
)
def test_every_page_says_that_the_disk_is_nearly_full_or_its_reserve_in_use(
    settings, tmp_path, monkeypatch, has_reserve, free_mb, words
):
    settings.HOME, settings.STANDBY_FILE = tmp_path, tmp_path / "standby.json"
    if has_reserve:
        (tmp_path / "reserve").touch()
    usage = shutil._ntuple_diskusage(1000 * 1024**2, 0, free_mb * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with translation.override("en"):
        told = standing_told(AT)
    assert [words in one.text for one in told] == ([True] if words else [])
