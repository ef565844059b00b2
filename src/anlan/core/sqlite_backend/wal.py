"""SQLite's write-ahead log as bytes: which pages it holds, and whether its end is the end or a hole.

SQLite reads a log up to the first frame that is not as it was written and passes over the rest without a word:
after a power cut that is the commit that was just being written; after a damage it may be commits that were
acknowledged. The two are told apart here, as far as the bytes allow. Format: https://www.sqlite.org/fileformat2.html#walformat
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WAL_HEADER, FRAME_HEADER = 32, 24
_BIG_ENDIAN_SUMS = 0x377F0683


@dataclass(frozen=True, slots=True)
class Hole:
    """A log that ends before its end: ``frame`` (from 0) is the first that can't be read, ``after`` follow it."""

    frame: int
    after: int


@dataclass(frozen=True, slots=True)
class _Frame:
    page: int
    length: int
    place: int
    has_salts: bool
    is_chained: bool


def frames_committed(log: Path) -> list[tuple[int, int]]:
    """Number of each page in the log and where its content begins, in the order of writing, up to the last commit."""
    found: list[tuple[int, int]] = []
    end = 0
    for frame in _frames(log.read_bytes()):
        if not (frame.has_salts and frame.is_chained):
            break
        found.append((frame.page, frame.place))
        if frame.length:
            end = len(found)
    return found[:end]


def frames_sound(log: Path, start: int, upto: int, before: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    """How many of the frames ``start`` to ``upto`` follow from each other, and the sums of the last that does.

    ``before`` are the sums of the frame before ``start``; for the first frame they are read from the header.
    """
    with log.open("rb") as content:
        header = content.read(WAL_HEADER)
        magic, _version, size = struct.unpack(">III", header[:12])
        order, salts = ">" if magic == _BIG_ENDIAN_SUMS else "<", header[16:24]
        sums: tuple[int, int] = struct.unpack(">II", header[24:32]) if start == 0 else before
        content.seek(WAL_HEADER + start * (FRAME_HEADER + size))
        for k in range(start, upto):
            frame = content.read(FRAME_HEADER + size)
            found = _sums(frame[FRAME_HEADER:], _sums(frame[:8], sums, order), order)
            if len(frame) < FRAME_HEADER + size or frame[8:16] != salts or frame[16:24] != struct.pack(">II", *found):
                return k - start, sums
            sums = found
    return upto - start, sums


def hole(log: Path) -> Hole | None:
    """Where the log was cut or damaged; None where it ends as a log ends, or isn't there.

    No writer may be at work meanwhile. The commit that a power cut took shows as well: it was acknowledged to nobody.
    """
    content = log.read_bytes() if log.exists() else b""
    if len(content) < WAL_HEADER:
        return None
    (magic,) = struct.unpack(">I", content[:4])
    order = ">" if magic == _BIG_ENDIAN_SUMS else "<"
    if _sums(content[:24], (0, 0), order) != struct.unpack(">II", content[24:32]):
        return Hole(0, (len(content) - WAL_HEADER) // FRAME_HEADER)
    frames = list(_frames(content))
    first = next((k for k, f in enumerate(frames) if not (f.has_salts and f.is_chained)), len(frames))
    # Frames left over from an earlier log have its salts, and sums that follow from each other but not from ours.
    after = [k for k, f in enumerate(frames[first:], first) if f.has_salts or (k == first and f.is_chained)]
    return Hole(first, max(after) - first) if after else None


def _frames(content: bytes) -> Iterator[_Frame]:
    """Every whole frame of the file, sound or not. One is chained if its sum follows from what stands before it."""
    magic, _version, size = struct.unpack(">III", content[:12])
    order = ">" if magic == _BIG_ENDIAN_SUMS else "<"
    salts = content[16:24]
    if size not in {1 << k for k in range(9, 17)}:
        return
    before = struct.unpack(">II", content[24:32])
    for place in range(WAL_HEADER, len(content) - FRAME_HEADER - size + 1, FRAME_HEADER + size):
        page, length = struct.unpack(">II", content[place : place + 8])
        told = struct.unpack(">II", content[place + 16 : place + 24])
        data = content[place + FRAME_HEADER : place + FRAME_HEADER + size]
        has_salts = content[place + 8 : place + 16] == salts
        sums = _sums(data, _sums(content[place : place + 8], before, order), order)
        yield _Frame(page, length, place + FRAME_HEADER, has_salts, sums == told)
        before = told


def _sums(data: bytes, start: tuple[int, ...], order: str) -> tuple[int, int]:
    one, two = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for k in range(0, len(words), 2):
        one = (one + words[k] + two) & 0xFFFFFFFF
        two = (two + words[k + 1] + one) & 0xFFFFFFFF
    return one, two
