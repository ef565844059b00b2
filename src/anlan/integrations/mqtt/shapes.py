"""Messages of Zebra's and Impinj's readers, and our own lines, as sightings.

Zebra (IoT Connector): ``type`` and ``data`` with idHex, antenna, peakRssi in dBm; most of it optional. Impinj (IoT
device interface): ``tagInventoryEvent`` with epcHex or epc in base64, antennaPort, peakRssiCdbm in hundredths. One
message holds an object, a list of them or a line each. What can't be read is told, the rest is kept.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from anlan.engines.rfid import CONTENT_CHARS, BadLine, EpcProblem, Event, Sighting, event_sound, journal_read

NOT_BEFORE_US = 946_684_800_000_000
"""A number before the year 2000 in microseconds is told in milliseconds or seconds, or the reader has no clock."""


def sightings_of(reader: str, content: bytes, received_us: int) -> Iterator[Event | BadLine]:
    """Events of one message; lines that hold none come as :class:`BadLine` with their number from 1."""
    try:
        whole = msgspec.json.decode(content)
        parts = whole if isinstance(whole, list) else [whole]
        lines: list[tuple[int, Any]] = list(enumerate(parts, start=1))
    except msgspec.DecodeError:
        lines = list(_lines(content))
    for number, part in lines:
        yield part if isinstance(part, BadLine) else _one(reader, number, part, received_us)


def _lines(content: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                yield number, msgspec.json.decode(line)
            except msgspec.DecodeError as problem:
                yield number, BadLine(number, "not_json", str(problem), line[:CONTENT_CHARS].decode(errors="replace"))


def _one(reader: str, number: int, part: Any, received_us: int) -> Event | BadLine:
    if not isinstance(part, dict):
        return BadLine(number, "another_shape", type(part).__name__, _text(part))
    if "kind" in part:
        (event,) = journal_read([msgspec.json.encode(part).decode()])
        return msgspec.structs.replace(event, line=number) if isinstance(event, BadLine) else event
    try:
        if isinstance(told := part.get("tagInventoryEvent"), dict):
            return event_sound(_impinj(reader, part, told, received_us))
        if isinstance(told := part.get("data"), dict):
            return event_sound(_zebra(reader, part, told, received_us))
    except (EpcProblem, ValueError, TypeError, OverflowError, binascii.Error) as problem:
        return BadLine(number, "unreadable", str(problem), _text(part))
    return BadLine(number, "another_shape", ", ".join(sorted(part)[:5]), _text(part))


def _text(part: Any) -> str:
    return msgspec.json.encode(part).decode()[:CONTENT_CHARS]


def _zebra(reader: str, part: dict[str, Any], told: dict[str, Any], received_us: int) -> Sighting:
    if "idHex" not in told:
        # Only a running number was sent: there is nothing to tell which tag it was.
        raise ValueError("no idHex")
    strength = told.get("peakRssi")
    return Sighting(
        reader,
        int(told.get("antenna") or 0),
        str(told["idHex"]),
        time_us(part.get("timestamp", told.get("timestamp")), received_us),
        received_us,
        None if strength is None else round(float(strength) * 100),
        str(told.get("TID") or ""),
        None if told.get("phase") is None else float(told["phase"]),
    )


def _impinj(reader: str, part: dict[str, Any], told: dict[str, Any], received_us: int) -> Sighting:
    number = told.get("epcHex") or base64.urlsafe_b64decode(str(told.get("epc") or "")).hex()
    strength = told.get("peakRssiCdbm")
    return Sighting(
        reader,
        int(told.get("antennaPort") or 0),
        str(number),
        time_us(part.get("timestamp"), received_us),
        received_us,
        None if strength is None else int(strength),
        str(told.get("tidHex") or ""),
    )


def time_us(value: Any, received_us: int) -> int:
    """A reader's time in microseconds: ISO text, or a number of seconds, milli- or microseconds; else ours."""
    if value in (None, ""):
        return received_us
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        at = datetime.fromisoformat(value)
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1e6)
    number = float(value)
    for per_second in (1, 1_000, 1_000_000):
        if NOT_BEFORE_US <= (us := round(number * 1_000_000 / per_second)) < 10 * NOT_BEFORE_US:
            return us
    return round(number)
