"""LLRP's bytes: frames of messages, and the parameters in them (GS1 LLRP 1.1, chapters 17 "binary encoding").

Only what a door needs is understood; what else a reader sends is stepped over by its own length. A frame that can't
be true (a length shorter than its head, longer than :data:`MOST_BYTES`, a parameter that runs over its frame) raises
:class:`BadFrame`: after it nobody knows where the next one begins, so the line is dropped.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

VERSION = 1
HEAD = struct.Struct(">HII")
MOST_BYTES = 1_000_000

GET_ROSPECS = 26
DELETE_ROSPEC, ADD_ROSPEC, START_ROSPEC, STOP_ROSPEC, ENABLE_ROSPEC = 21, 20, 22, 23, 24
SET_READER_CONFIG, CLOSE_CONNECTION, CLOSE_CONNECTION_RESPONSE = 3, 14, 4
RO_ACCESS_REPORT, KEEPALIVE, READER_EVENT_NOTIFICATION, KEEPALIVE_ACK, ERROR_MESSAGE = 61, 62, 63, 72, 100
RESPONSE = {
    DELETE_ROSPEC: 31, ADD_ROSPEC: 30, START_ROSPEC: 32, STOP_ROSPEC: 33, ENABLE_ROSPEC: 34, SET_READER_CONFIG: 13,
    CLOSE_CONNECTION: CLOSE_CONNECTION_RESPONSE,
}  # fmt: skip
"""What a reader answers to each."""

# Parameters with a head of two bytes and a length.
UTC_TIMESTAMP, ROSPEC, BOUNDARY, START_TRIGGER, STOP_TRIGGER = 128, 177, 178, 179, 182
AISPEC, AI_STOP, INVENTORY = 183, 184, 186
KEEPALIVE_SPEC, ANTENNA_CONFIGURATION = 220, 222
REPORT_SPEC, CONTENT_SELECTOR, TAG_REPORT, EPC_DATA = 237, 238, 240, 241
EVENT_SPEC, EVENT_STATE, EVENT_DATA, GPI_EVENT, CONNECTION_ATTEMPT = 244, 245, 246, 248, 256
STATUS, INVENTORY_COMMAND, SINGULATION, CUSTOM = 287, 330, 336, 1023
# Parameters with a head of one byte and a length that belongs to the type.
ANTENNA_ID, FIRST_SEEN, LAST_SEEN, PEAK_RSSI, EPC_96 = 1, 2, 4, 6, 13
_FIXED = {1: 2, 2: 8, 3: 8, 4: 8, 5: 8, 6: 1, 7: 2, 8: 2, 9: 4, 10: 2, 11: 2, 12: 2, 13: 12, 14: 2, 15: 2, 16: 4,
          17: 2, 18: 2, 19: 2, 20: 2}  # fmt: skip
IMPINJ = 25_882
IMPINJ_TID, IMPINJ_PHASE, IMPINJ_RSSI = 55, 56, 57


class BadFrame(ValueError):
    """Bytes that are no LLRP."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its ``kind``, the sender's number and what follows the head."""

    kind: int
    number: int
    body: bytes

    def bytes(self) -> bytes:
        """As it goes over the line."""
        return HEAD.pack(VERSION << 10 | self.kind, HEAD.size + len(self.body), self.number) + self.body


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its type, and what follows its head."""

    kind: int
    body: bytes


class Frames:
    """Bytes as they come, however they are cut, become frames."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def take(self, content: bytes) -> Iterator[Frame]:
        """The frames that are whole by now; :class:`BadFrame` where no frame can be."""
        self._waiting += content
        while len(self._waiting) >= HEAD.size:
            first, length, number = HEAD.unpack_from(self._waiting)
            if not HEAD.size <= length <= MOST_BYTES or first >> 13:
                raise BadFrame(f"a frame of {length} bytes, head {first:04x}")
            if len(self._waiting) < length:
                return
            body = bytes(self._waiting[HEAD.size : length])
            del self._waiting[:length]
            yield Frame(first & 0x3FF, number, body)


def parameters(content: bytes) -> Iterator[Parameter]:
    """The parameters laid one after the other; :class:`BadFrame` where one runs over the end."""
    at = 0
    while at < len(content):
        if content[at] & 0x80:
            kind = content[at] & 0x7F
            if kind not in _FIXED:
                raise BadFrame(f"parameter {kind} of unknown length")
            end = at + 1 + _FIXED[kind]
            begin = at + 1
        else:
            if at + 4 > len(content):
                raise BadFrame("a parameter's head is cut off")
            kind, length = struct.unpack_from(">HH", content, at)
            kind &= 0x3FF
            begin, end = at + 4, at + length
            if length < 4:
                raise BadFrame(f"parameter {kind} of {length} bytes")
        if end > len(content):
            raise BadFrame(f"parameter {kind} runs over its frame")
        yield Parameter(kind, content[begin:end])
        at = end


def parameter(kind: int, *parts: bytes) -> bytes:
    """A parameter with its head."""
    body = b"".join(parts)
    return struct.pack(">HH", kind, 4 + len(body)) + body


def fixed(kind: int, body: bytes) -> bytes:
    """A parameter whose length belongs to its type."""
    assert len(body) == _FIXED[kind]
    return bytes([0x80 | kind]) + body


def status_of(body: bytes) -> tuple[int, str]:
    """Code (0: done) and words of an answer; :class:`BadFrame` without a status."""
    for one in parameters(body):
        if one.kind == STATUS:
            if len(one.body) < 4:
                raise BadFrame("a status is cut off")
            code, length = struct.unpack_from(">HH", one.body)
            return code, one.body[4 : 4 + length].decode(errors="replace")
    raise BadFrame("an answer without a status")


def status(code: int = 0, words: str = "") -> bytes:
    """A status, as a reader answers."""
    text = words.encode()
    return parameter(STATUS, struct.pack(">HH", code, len(text)), text)
