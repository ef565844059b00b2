"""Deny words: what may not stand in tables, codes, texts, settings and data."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class DenyWord:
    """A word, the refusal of SCOPE.md it belongs to, and the pattern that finds it."""

    word: str
    refusal: int
    pattern: re.Pattern[str]

    def is_in(self, shown: str) -> bool:
        """Whether a text in plain form has it. A text without its pieces, which are found soon, has it not."""
        pieces = self.word.rstrip("*").split() if self.word.isascii() else self.word
        return all(piece in shown for piece in pieces) and self.pattern.search(shown) is not None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A place where a deny word was looked at and means something else."""

    path: str
    word: str
    reason: str
    reviewed_on: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A deny word found: where, which, and the line."""

    path: str
    line: int
    word: DenyWord
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} has {self.word.word!r} (SCOPE.md, refusal {self.word.refusal}): {self.text}"


@lru_cache(maxsize=1)
def deny_words() -> tuple[DenyWord, ...]:
    """The list. English entries match whole words however they are joined; ``*`` leaves the end open."""
    with (HERE / "deny_words.csv").open(encoding="utf-8", newline="") as sheet:
        return tuple(
            DenyWord(row["word"], int(row["refusal"]), _pattern(row["word"])) for row in csv.DictReader(sheet)
        )


def exceptions_load() -> list[Reviewed]:
    """The reviewed places."""
    with (HERE / "exceptions.csv").open(encoding="utf-8", newline="") as sheet:
        return [
            Reviewed(row["path"], row["word"], row["reason"], row["reviewed_on"]) for row in csv.DictReader(sheet)
        ]


def _pattern(word: str) -> re.Pattern[str]:
    if not word.isascii():
        return re.compile(r"\s*".join(re.escape(character) for character in word))
    open_end = word.endswith("*")
    joined = r"[\s_./-]*".join(re.escape(part) for part in word.rstrip("*").split())
    return re.compile(rf"(?<![a-z]){joined}{'' if open_end else '(?:s|es)?(?![a-z])'}")


def plain(text: str) -> str:
    """Text as it reads: full-width and invisible characters undone, humps opened, small letters."""
    return _HUMP.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).lower()


def hits_in(text: str, *, path: str = "") -> Iterator[Hit]:
    """Each deny word on each line of ``text``, and in the path itself."""
    whole = plain(f"{path}\n{text}")
    # Most texts hold none of the words: each is asked for once, and only what is there is looked for by line.
    there = [word for word in deny_words() if word.is_in(whole)]
    for number, line in enumerate([path, *text.splitlines()] if there else ()):
        shown = plain(line)
        for word in there:
            if word.is_in(shown):
                yield Hit(path, number, word, line.strip()[:120])


def hits_open(hits: Iterable[Hit], reviewed: Iterable[Reviewed]) -> tuple[list[Hit], list[Reviewed]]:
    """Hits that no review covers, and reviews that cover nothing any more."""
    rows = list(reviewed)
    used: set[Reviewed] = set()
    left = []
    for hit in hits:
        covering = [row for row in rows if row.word == hit.word.word and fnmatch(hit.path, row.path)]
        used.update(covering)
        if not covering:
            left.append(hit)
    return left, [row for row in rows if row not in used]
