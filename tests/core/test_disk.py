"""A full disk: the first change that finds no room is told so and frees the reserve; the next one is taken."""

from __future__ import annotations

import shutil
import sqlite3
from collections import namedtuple

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from anlan.api.root import api, no_room
from anlan.core import disk
from anlan.core.errors import StoreFull, StoreFullForGood
from anlan.core.middleware import RefusalPages
from world import T0

Usage = namedtuple("Usage", "total used free")
MB = 1024**2


@pytest.fixture
def home(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(40 * MB, 0, 40 * MB))
    return tmp_path


def no_more_room() -> OperationalError:
    """What Django raises, made by a real SQLite that may not grow."""
    line = sqlite3.connect(":memory:", isolation_level=None)
    line.execute("CREATE TABLE call (words)")
    line.execute("PRAGMA max_page_count=3")
    try:
        with connection.wrap_database_errors:
            line.execute("INSERT INTO call VALUES (zeroblob(100000))")
    except OperationalError as problem:
        return problem
    finally:
        line.close()
    raise AssertionError("SQLite found room")


def test_the_reserve_takes_its_share_of_the_disk_and_really_holds_it(home):
    assert disk.reserve_make()
    status = (home / "reserve").stat()
    assert status.st_size == 2 * MB
    assert status.st_blocks * 512 >= 2 * MB


def test_a_disk_that_is_short_already_keeps_no_reserve(home, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(40 * MB, 36 * MB, 4 * MB))
    assert not disk.reserve_make()
    assert list(home.iterdir()) == []


def test_no_room_is_refused_with_507_and_frees_the_reserve_once(home):
    disk.reserve_make()
    first, second = disk.store_refusal(no_more_room(), at=T0), disk.store_refusal(no_more_room(), at=T0)
    assert type(first) is StoreFull
    assert type(second) is StoreFullForGood
    assert (first.status, second.status) == (507, 507)
    assert not (home / "reserve").exists()


def test_it_says_what_happened_and_what_to_do_in_both_languages(home):
    told = StoreFull().as_json()["detail_i18n"]
    assert "send it again now" in told["en"]
    assert "立即重新发送" in told["zh-hans"]
    gone = StoreFullForGood().as_json()["detail_i18n"]
    assert "on paper" in gone["en"]
    assert "记在纸上" in gone["zh-hans"]


def test_pages_and_the_interface_tell_it_alike(home):
    request = RequestFactory().post("/api/calls")
    answer = no_room(request, no_more_room())
    assert answer.status_code == 507
    page = RefusalPages(lambda _request: None).process_exception(request, no_more_room())
    assert page.status_code == 507
    assert b"store_full_for_good" in page.content
    assert no_room in api._exception_handlers.values()


def test_any_other_trouble_of_the_store_is_not_taken_for_a_full_disk(home):
    disk.reserve_make()
    other = OperationalError("no such table: call")
    other.__cause__ = sqlite3.OperationalError("no such table: call")
    assert disk.store_refusal(other, at=T0) is None
    assert disk.store_refusal(ValueError(), at=T0) is None
    assert (home / "reserve").exists()
    with pytest.raises(OperationalError):
        no_room(RequestFactory().get("/api/units"), other)
