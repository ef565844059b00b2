"""What a paper is made of. Words are data here, never markup."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any


def printable(text: str) -> str:
    """``text`` without what no paper can hold: control characters and halves of letters; line ends stay."""
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a part."""

    text: str

    def as_json(self) -> dict[str, Any]:
        return {"kind": "heading", "text": self.text}


@dataclass(frozen=True, slots=True)
class Text:
    """Words as somebody wrote them; each line a paragraph."""

    text: str

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()] or ["–"]

    def as_json(self) -> dict[str, Any]:
        return {"kind": "text", "lines": self.lines}


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values, one a line."""

    rows: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        return {"kind": "fields", "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its head; all rows are as long as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError("a row of a table is as long as its head")

    def as_json(self) -> dict[str, Any]:
        return {"kind": "table", "head": list(self.head), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, with a line for the date beneath each; ``seal`` says whose seal belongs there, if any."""

    names: tuple[str, ...]
    date: str
    seal: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"kind": "signatures", "names": list(self.names), "date": self.date, "seal": self.seal}


Block = Heading | Text | Fields | Table | Signatures


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper in one language: its title, number, blocks, a foot, and the moment it was made at."""

    title: str
    number: str
    language: str
    made_at: datetime
    blocks: tuple[Block, ...]
    issuer: str = ""
    foot: str = ""
    page_of: str = "{page}/{pages}"

    @property
    def is_chinese(self) -> bool:
        return self.language.startswith("zh")
