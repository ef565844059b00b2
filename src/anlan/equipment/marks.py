"""What a scanner types, a handheld sweeps or a label's square holds: read as the mark of one thing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from anlan.engines.rfid import BadLine, Sighting, journal_read

_BETWEEN = re.compile(r"[\s:_-]")
_TAG = re.compile(r"[0-9A-F]{16,}")
"""So many hexadecimal digits are a tag's number, whatever stands between them; what is shorter is a thing's."""
LABEL_PATH = "/equipment/q/"
"""Where a label leads on this centre: a telephone's own scanner opens it, a scanner at the counter types it."""
_PARTS = re.compile(r"[\s,;，、；]+")


def label_of(number: str, host: str) -> str:
    """What the square on a label holds: the address at ``host``, or the bare number where no host is set."""
    return f"{host.rstrip('/')}{LABEL_PATH}{quote(number, safe='')}" if host else number


def mark_of(text: str) -> str:
    """A number, a tag's number or a label's address as the mark that is compared: upper case, without the address."""
    bare = text.strip()
    if LABEL_PATH in bare:
        bare = unquote(bare.rpartition(LABEL_PATH)[2].split("?")[0].rstrip("/"))
    digits = _BETWEEN.sub("", bare).upper().removeprefix("0X")
    return digits if _TAG.fullmatch(digits) else bare.upper()


def marks_read(text: str) -> tuple[list[str], int]:
    """The marks in what was typed, scanned or swept, each once, in order; and how many lines told none.

    A line that begins with a brace is one of a reader's journal; of the others every part is a mark.
    """
    found: dict[str, None] = {}
    unread = 0
    for line in text.splitlines():
        if not line.lstrip().startswith("{"):
            found |= dict.fromkeys(_marks(_PARTS.split(line)))
            continue
        for event in journal_read([line]):
            if isinstance(event, Sighting):
                found[mark_of(event.epc)] = None
            unread += isinstance(event, BadLine)
    return list(found), unread


def _marks(parts: Iterable[str]) -> list[str]:
    return [mark_of(part) for part in parts if part.strip()]
