"""Bring a room's Chinese catalogue up to its texts: ``python tools/messages.py [ROOM …]``, or ``--check`` it.

Texts marked for translation are read from Python and templates; new ones are added with an empty
translation, those no longer used are dropped, the rest keep what they have. No GNU gettext is needed.
Rooms that are no Django application (``api``, ``config``) keep their texts in the catalogue of ``core``.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "anlan"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "zh_Hans",
    "Plural-Forms": "nplurals=1; plural=0;",
}
_NAMED = re.compile(r"%\((\w+)\)[sdf]")
_WORD = re.compile(r"[a-z]{3,}")

Key = tuple[str | None, str]


@dataclass
class Text:
    """One translatable text: its context, its two numbers, and the files that use it."""

    context: str | None
    singular: str
    plural: str | None = None
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        return self.context, self.singular


def rooms() -> list[str]:
    """Rooms that keep a catalogue of their own."""
    return sorted(path.parent.name for path in PACKAGE.glob("*/apps.py"))


def owner_of(path: Path) -> str:
    """The room in whose catalogue the texts of ``path`` stand."""
    room = path.relative_to(PACKAGE).parts[0]
    return room if (PACKAGE / room / "apps.py").exists() else "core"


def texts_of(path: Path) -> Iterator[tuple[str | None, str, str | None]]:
    """``(context, singular, plural)`` of every marked text in a Python file or template."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What is left of a template is calls among filler; indentation would confuse the tokenizer.
        source = "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())
    stream = io.BytesIO(source.encode())
    for _line, message, _comments, context in extract("python", stream, keywords=KEYWORDS):
        parts = message if isinstance(message, tuple) else (message, None)
        if parts[0]:
            yield context, parts[0], parts[1]


def texts_by_room() -> dict[str, dict[Key, Text]]:
    """Every marked text, by the room whose catalogue must hold it."""
    found: dict[str, dict[Key, Text]] = {room: {} for room in rooms()}
    for path in sorted([*PACKAGE.glob("**/*.py"), *PACKAGE.glob("**/templates/**/*.html")]):
        if "migrations" in path.parts:
            continue
        for context, singular, plural in texts_of(path):
            text = found[owner_of(path)].setdefault((context, singular), Text(context, singular, plural))
            text.plural = text.plural or plural
            text.files.add(str(path.relative_to(PACKAGE)))
    return found


def catalogue_path(room: str) -> Path:
    return PACKAGE / room / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def catalogue(room: str) -> polib.POFile:
    path = catalogue_path(room)
    return polib.pofile(str(path), wrapwidth=118) if path.exists() else polib.POFile(wrapwidth=118)


def update(room: str, wanted: dict[Key, Text]) -> int:
    """Rewrite the room's catalogue; returns how many texts still lack a translation."""
    held = {(entry.msgctxt, entry.msgid): entry for entry in catalogue(room)}
    book = polib.POFile(wrapwidth=118)
    book.metadata = HEADER
    for key in sorted(wanted, key=lambda k: (k[1], k[0] or "")):
        text = wanted[key]
        old = held.get(key)
        entry = polib.POEntry(
            msgctxt=text.context, msgid=text.singular, occurrences=[(f, "") for f in sorted(text.files)]
        )
        if text.plural:
            entry.msgid_plural = text.plural
            entry.msgstr_plural = {0: (old.msgstr_plural.get(0, "") or old.msgstr) if old else ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        book.append(entry)
    if wanted:
        catalogue_path(room).parent.mkdir(parents=True, exist_ok=True)
        text_now = f"{book}\n"
        if not catalogue_path(room).exists() or catalogue_path(room).read_text(encoding="utf-8") != text_now:
            catalogue_path(room).write_text(text_now, encoding="utf-8")
    return sum(not translation(entry) for entry in book)


def translation(entry: polib.POEntry) -> str:
    return str(entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr)


def problems(room: str, wanted: dict[Key, Text]) -> list[str]:
    """What is wrong with a room's catalogue, one sentence each."""
    book = catalogue(room)
    held = {(entry.msgctxt, entry.msgid): entry for entry in book if not entry.obsolete}
    where = f"{room}: "
    found = [f"{where}{key[1]!r} is not in the catalogue" for key in wanted if key not in held]
    found += [f"{where}{entry.msgid!r} is obsolete" for entry in book.obsolete_entries()]
    for key, entry in held.items():
        if key not in wanted:
            found.append(f"{where}{entry.msgid!r} is used nowhere any more")
        elif entry.fuzzy:
            found.append(f"{where}{entry.msgid!r} is fuzzy: look at it and remove the mark")
        else:
            found += [f"{where}{entry.msgid!r} {what}" for what in entry_problems(entry)]
    return found


def entry_problems(entry: polib.POEntry) -> Iterator[str]:
    """What is wrong with one translation."""
    said = translation(entry)
    if not said:
        yield "has no translation"
    elif said == entry.msgid and _WORD.search(said) and " " in said:
        yield "is 'translated' by itself"
    elif blanks(said) != blanks(entry.msgid) and not (
        entry.msgid_plural and blanks(said) == blanks(entry.msgid_plural)
    ):
        yield f"has the blanks {sorted(blanks(entry.msgid))}, its translation {sorted(blanks(said))}"


def blanks(text: str) -> set[str]:
    """The named blanks of a sentence, ``{name:%H:%M}`` and ``%(name)s`` alike."""
    try:
        braces = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        braces = {"unreadable braces"}
    return braces | set(_NAMED.findall(text))


def clashes(books: dict[str, polib.POFile]) -> list[str]:
    """Texts that two rooms translate differently: at run time one of them would win everywhere."""
    said: dict[Key, dict[str, list[str]]] = {}
    for room, book in books.items():
        for entry in book:
            if translation(entry):
                said.setdefault((entry.msgctxt, entry.msgid), {}).setdefault(translation(entry), []).append(room)
    return [
        f"{key[1]!r} means {ways}: agree, or give one a context with pgettext"
        for key, ways in said.items()
        if len(ways) > 1
    ]


def unmarked_fstrings(path: Path) -> list[int]:
    """Lines where a formatted string is handed to gettext: it can never be found in a catalogue."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_", *KEYWORDS}
        and any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in node.args)
    ]


def check(names: list[str]) -> list[str]:
    """Everything wrong in the catalogues of the rooms ``names``."""
    wanted = texts_by_room()
    found = [line for room in names for line in problems(room, wanted[room])]
    found += clashes({room: catalogue(room) for room in names})
    found += [
        f"{path.relative_to(PACKAGE)}:{line} hands a built string to gettext; use a whole sentence with named blanks"
        for path in sorted(PACKAGE.glob("**/*.py"))
        if path.relative_to(PACKAGE).parts[0] in names
        for line in unmarked_fstrings(path)
    ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if anything is missing")
    parser.add_argument("rooms", nargs="*", help="rooms (default: all)")
    options = parser.parse_args()
    names = options.rooms or rooms()
    if options.check:
        found = check(names)
        print("\n".join(found) if found else f"translations complete in {len(names)} rooms")
        return int(bool(found))
    wanted = texts_by_room()
    for room in names:
        print(f"{room}: {len(wanted[room])} texts, {update(room, wanted[room])} without a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
