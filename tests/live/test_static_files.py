"""Scripts and styles come compressed to whoever takes them so, and are never those of yesterday."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from django.test import Client

from anlan.config import static

SCRIPT = "/static/core/live.js"


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path
    static._copy.cache_clear()
    yield tmp_path
    static._copy.cache_clear()


def ask(url: str, **headers: str):
    answer = Client().get(url, headers=headers)
    return answer, b"".join(answer) if answer.streaming else answer.content


def test_who_takes_gzip_gets_the_same_script_in_fewer_bytes(home):
    plain, script = ask(SCRIPT)
    small, packed = ask(SCRIPT, accept_encoding="gzip, br")
    assert gzip.decompress(packed) == script
    assert small["Content-Encoding"] == "gzip"
    assert int(small["Content-Length"]) == len(packed) < len(script) / 2
    assert "Content-Encoding" not in plain
    assert plain["Vary"] == small["Vary"] == "Accept-Encoding"
    assert plain["Content-Type"] == small["Content-Type"]


def test_one_mark_holds_for_both_forms_and_says_when_nothing_has_changed(home):
    plain, small = ask(SCRIPT)[0], ask(SCRIPT, accept_encoding="gzip")[0]
    assert plain["ETag"] == small["ETag"]
    assert small["ETag"].startswith('W/"')
    for encoding in ("", "gzip"):
        again, body = ask(SCRIPT, accept_encoding=encoding, if_none_match=small["ETag"])
        assert (again.status_code, body) == (304, b"")
    assert ask(SCRIPT, if_none_match='W/"of-yesterday"')[0].status_code == 200


def test_a_picture_is_left_as_it_is(home):
    answer, _body = ask("/static/console/phone-192.png", accept_encoding="gzip")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer


def test_a_file_that_was_changed_is_never_served_from_an_old_copy(home):
    file = home / "words.js"
    file.write_text("say('before');" * 50)
    then = file.stat()
    before = static._copy(str(file), static._digest(str(file), then.st_mtime_ns, then.st_size))
    file.write_text("say('after!');" * 50)
    now = file.stat()
    after = static._copy(str(file), static._digest(str(file), now.st_mtime_ns, now.st_size))
    assert before != after
    assert gzip.decompress(Path(after).read_bytes()).startswith(b"say('after!')")


def test_copies_nobody_names_any_more_are_let_go(home):
    static.copies_make()
    kept = set(os.listdir(home / "compressed"))
    (home / "compressed" / "0123.gz").write_bytes(b"of a version long gone")
    static.copies_make()
    assert set(os.listdir(home / "compressed")) == kept


def test_where_nothing_can_be_kept_the_script_comes_whole(home, settings):
    settings.HOME = home / "a file" / "no folder"
    (home / "a file").write_text("")
    answer, body = ask(SCRIPT, accept_encoding="gzip")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer
    assert body


def test_only_what_bears_its_content_in_its_name_may_be_kept_for_good(home):
    served = static.StaticFiles(lambda _request: None)
    assert served.immutable_file_test("", "/static/console/island/main-BCP9PCiP.js")
    assert not served.immutable_file_test("", "/static/console/island/manifest.json")
    assert not served.immutable_file_test("", "/static/core/live-worker.js")


@pytest.mark.django_db
def test_pages_are_not_compressed_so_that_their_length_tells_nothing(home):
    answer, _body = ask("/sign-in", accept_encoding="gzip")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer
