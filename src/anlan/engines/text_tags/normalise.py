"""One plain form of a narrative: width, controls and case folded, every character traceable.

Call takers paste from many places, so full-width digits, bidirectional marks and control
characters arrive. The engine reads the plain form and reports evidence in positions of the
text as it was given.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LIMIT_CHARACTERS = 2000
"""A narrative is analysed up to here; what follows is kept by the caller and said to be unread."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain text and, for each of its characters, the position it came from."""

    text: str
    origins: tuple[int, ...]
    is_truncated: bool

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Positions ``[start, end)`` of the plain text as positions of the given text."""
        return self.origins[start], self.origins[end - 1] + 1


def plain(text: str, limit: int = LIMIT_CHARACTERS) -> Plain:
    """Fold compatibility forms (NFKC), case and white space; drop controls and marks without width."""
    parts = [_fold(letter) for letter in text[:limit]]
    simple = "".join(parts)
    if len(simple) == len(parts) and "" not in parts:
        # The usual case: every character stays one character.
        origins = tuple(range(len(parts)))
    else:
        origins = tuple(position for position, part in enumerate(parts) for _ in part)
    return Plain(simple, origins, len(text) > limit)


@lru_cache(maxsize=20_000)
def _fold(letter: str) -> str:
    if letter.isspace():
        return " "
    if _is_dropped(letter):
        return ""
    folded = unicodedata.normalize("NFKC", letter).lower()
    return "".join(" " if part.isspace() else part for part in folded if not _is_dropped(part))


def _is_dropped(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}
