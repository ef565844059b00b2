"""A reader's journal as lines of JSON: what was told, in order, so that it can be judged again by a better rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from anlan.engines.rfid.epc import EpcProblem
from anlan.engines.rfid.sighting import Event, event_sound

_DECODER = msgspec.json.Decoder(Event)
_ENCODER = msgspec.json.Encoder()
CONTENT_CHARS = 2_000


class BadLine(msgspec.Struct, frozen=True):
    """A line that tells no event: its number from 1, a ``reason`` code, what was wrong in the decoder's words and the
    ``content`` as it came (at most :data:`CONTENT_CHARS` of it)."""

    line: int
    reason: str
    detail: str = ""
    content: str = ""


def journal_line(event: Event) -> str:
    """One event as one line, without its end."""
    return _ENCODER.encode(event).decode()


def journal_read(lines: Iterable[str]) -> Iterator[Event | BadLine]:
    """Events in the order of the lines; a line that holds none is told as :class:`BadLine` and the rest goes on."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _event(number, line)


def journal_events(lines: str) -> list[Event]:
    """The events of a text of lines; those that tell none are left out."""
    return [one for one in journal_read(lines.splitlines()) if not isinstance(one, BadLine)]


def _event(number: int, line: str) -> Event | BadLine:
    try:
        event: Event = _DECODER.decode(line)
    except msgspec.ValidationError as problem:
        return BadLine(number, "another_shape", str(problem), line[:CONTENT_CHARS])
    except (msgspec.DecodeError, UnicodeError) as problem:
        return BadLine(number, "not_json", str(problem), line[:CONTENT_CHARS])
    try:
        return event_sound(event)
    except EpcProblem as problem:
        return BadLine(number, problem.reason, str(problem.value), line[:CONTENT_CHARS])
