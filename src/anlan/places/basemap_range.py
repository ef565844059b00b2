"""What a Range header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII)
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file; a length of 0 can't be satisfied."""

    start: int
    length: int


def range_asked(header: str, size: int) -> Span | None:
    """The one range that ``header`` asks of a file of ``size`` bytes; None when the whole file is the answer.

    A header that is empty, broken, of another unit, or asks for several ranges is not obeyed: the standard
    lets a server answer it with the whole.
    """
    found = _ONE.fullmatch(header)
    first, last = found.groups() if found else ("", "")
    if not (first or last) or max(len(first), len(last)) > _DIGITS:
        return None
    if not first:
        length = min(int(last), size)
        return Span(size - length, length)
    start, stop = int(first), int(last) + 1 if last else size
    if last and stop <= start:
        return None
    return Span(start, max(0, min(stop, size) - start))
