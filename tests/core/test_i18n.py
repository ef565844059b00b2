"""Translations are compiled without GNU gettext, once, and in one step."""

from __future__ import annotations

import gettext
import os

import pytest

from anlan.core.i18n import catalogues, translations_compile

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Send {unit} now"
msgstr "立即派出 {unit}"

#, fuzzy
msgid "guessed"
msgstr "猜的"
"""


@pytest.fixture
def room(tmp_path):
    path = tmp_path / "intake" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO, encoding="utf-8")
    return path


def read(room):
    with room.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_a_catalogue_is_compiled_and_says_what_it_should(room, tmp_path):
    assert translations_compile(tmp_path) == [room.with_suffix(".mo")]
    assert read(room).gettext("Send {unit} now") == "立即派出 {unit}"


def test_a_guess_is_not_shown(room, tmp_path):
    translations_compile(tmp_path)
    assert read(room).gettext("guessed") == "guessed"


def test_nothing_is_done_twice_but_a_change_is_seen(room, tmp_path):
    translations_compile(tmp_path)
    assert translations_compile(tmp_path) == []
    room.write_text(PO.replace("立即派出", "马上派出"), encoding="utf-8")
    later = room.with_suffix(".mo").stat().st_mtime + 5
    os.utime(room, (later, later))
    assert translations_compile(tmp_path) == [room.with_suffix(".mo")]
    assert read(room).gettext("Send {unit} now") == "马上派出 {unit}"


def test_no_draft_is_left_behind(room, tmp_path):
    translations_compile(tmp_path)
    assert sorted(path.name for path in room.parent.iterdir()) == ["django.mo", "django.po"]


def test_the_rooms_catalogues_are_found():
    assert all(path.name == "django.po" for path in catalogues())
