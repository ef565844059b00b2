"""Chinese and English are complete, on pages and in reference data."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import polib
import pytest

import messages
from architecture.source import PACKAGE

TEMPLATES = sorted(PACKAGE.glob("**/templates/**/*.html"))
# The built console is left out for its sources.
SCRIPTS = sorted(path for path in PACKAGE.glob("**/static/**/*.js") if not {"vendor", "island"} & set(path.parts))
SCRIPTS += sorted((PACKAGE.parents[1] / "frontend" / "src").glob("**/*.ts"))
SPOKEN_ATTRIBUTES = {"title", "placeholder", "alt", "aria-label", "aria-description", "label", "data-confirm"}
# Names, keys, the two languages' names for themselves, and signs of units, which are the same in both.
NAMES = {"Anlan", "安澜", "Ctrl", "Alt", "Esc", "Enter", "Shift", "Tab", "中文", "English", "EN", "PDF", "DOCX"}
UNITS = {"km", "MB"}
TAGS = re.compile(
    r"{%\s*block \w*class\s*%}.*?{%\s*endblock"  # words for the style sheet
    r"|{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}|{%.*?%}|{{.*?}}|{#.*?#}",
    re.DOTALL,
)
SPOKEN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]{2,}")
CHINESE = re.compile(r"[\u3400-\u9fff]")
PAIRS = (("zh", "en"), ("name_zh", "name_en"), ("label_zh", "label_en"), ("reason_zh", "reason_en"))


@pytest.fixture(scope="module")
def texts() -> dict[str, dict[messages.Key, messages.Text]]:
    """Every marked text of every room, read once."""
    return messages.texts_by_room()


@pytest.mark.parametrize("room", messages.rooms())
def test_a_rooms_catalogue_is_complete(room, texts):
    problems = messages.problems(room, texts[room])
    assert not problems, "\n".join(problems)


def test_a_text_means_the_same_in_every_room():
    clashes = messages.clashes({room: messages.catalogue(room) for room in messages.rooms()})
    assert not clashes, "\n".join(clashes)


def test_no_built_string_is_handed_to_gettext():
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.glob("**/*.py"))
        for line in messages.unmarked_fstrings(path)
    ]
    assert not found


# The check itself


def entry(msgid: str, msgstr: str, **more) -> polib.POEntry:
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **more)


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (entry("Send {unit} now", ""), "has no translation"),
        (entry("Send {unit} now", "立即派出{单位}"), "has the blanks"),
        (entry("%(n)s calls", "若干来电"), "has the blanks"),
        (entry("Send it now", "Send it now"), "is 'translated' by itself"),
    ],
)
def test_a_bad_translation_is_caught(planted, said):
    assert any(said in problem for problem in messages.entry_problems(planted))


def test_a_good_translation_passes():
    assert list(messages.entry_problems(entry("Sent at {at:%H:%M}", "{at:%H:%M} 已派出"))) == []


def test_texts_are_found_in_python_and_in_templates(tmp_path):
    code = tmp_path / "a.py"
    code.write_text(
        'from x import gettext_lazy as _\na = _("one")\n'
        'b = ngettext("a call", "calls", n)\nc = pgettext("unit", "free")\n'
    )
    page = tmp_path / "b.html"
    page.write_text(
        "<p>it's</p>\n  {% translate 'two' as t %}\n"
        "{% blocktranslate count n=n %}{{ n }} unit{% plural %}{{ n }} units{% endblocktranslate %}"
        "{% blocktranslate trimmed %}\n   a long\n   line\n{% endblocktranslate %} {{ _('three') }}"
    )
    assert set(messages.texts_of(code)) == {(None, "one", None), (None, "a call", "calls"), ("unit", "free", None)}
    assert set(messages.texts_of(page)) == {
        (None, "two", None),
        (None, "%(n)s unit", "%(n)s units"),
        (None, "a long line", None),
        (None, "three", None),
    }


# Texts that nobody marked


class Spoken(HTMLParser):
    """Collects what a page says outside of any translation tag."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("script", "style", "code", "kbd")
        self.found += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style", "code", "kbd")

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data)


def unmarked(page: str) -> list[str]:
    parser = Spoken()
    parser.feed(TAGS.sub(" ", page))
    return [word for text in parser.found for word in SPOKEN.findall(text) if word not in NAMES | UNITS]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_page_says_nothing_untranslated(path):
    assert unmarked(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "page", ["<p>Send</p>", "<b>派警</b>", '<input placeholder="Address">', "{% if a %}Waiting{% endif %}"]
)
def test_an_unmarked_text_is_caught(page):
    assert unmarked(page)


def test_marked_texts_and_names_pass():
    page = '<p title="{% translate "Send" %}">{{ unit }} Anlan 110'
    assert not unmarked(page + "{% blocktranslate %}Wait{% endblocktranslate %}</p>")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_holds_no_chinese_of_its_own(path):
    without_comments = re.sub(r"//.*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not CHINESE.search(re.sub(r"//.*", "", without_comments)), "hand texts over from the page, through gettext"


# Reference data


def records(node) -> Iterator[dict]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from records(part)


def one_sided(rows) -> list[dict]:
    return [
        row
        for row in rows
        for zh, en in PAIRS
        if (zh in row) != (en in row) or (zh in row and bool(row[zh]) != bool(row[en]))
    ]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.glob("**/data/**/*.csv")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_sheet_is_complete_in_both_languages(path):
    assert not one_sided(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.glob("**/data/**/*.json")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_data_file_is_complete_in_both_languages(path):
    assert not one_sided(records(json.loads(path.read_text(encoding="utf-8"))))
