"""A voice note as an iPhone records it (AAC in MP4), rewritten as its bare frames with the shortest head each.

Where a browser can't record WebM it records MP4, whole or in fragments. Only the frames of the one sound track are
taken over, one after the other as ADTS: places, titles, dates, programs, pictures and all boxes stay behind. The
sound itself is neither decoded nor looked at. Sources of the format: ISO/IEC 14496-12 (boxes), 14496-14 and 14496-1
(``esds``), 14496-3 (the codec's description, ADTS).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

RATES_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
FRAME_SOUNDS = 1024
"""Values a channel in each frame."""
FRAMES_MAX = 20_000
"""Over three minutes at the highest rate: more is no voice note, whatever it says."""
_HEAD, _FRAME_MAX = 7, (1 << 13) - 1
_LOW_COMPLEXITY = 2
_ISO_MOVIE = ("moov", "trak", "mdia", "minf", "stbl")


class BrokenSound(Exception):
    """The bytes are not what they say."""


@dataclass
class Frames:
    """The frames of a recording as they are, with the rate (an index of ``RATES_HZ``) and the channels."""

    rate: int = 0
    channels: int = 0
    frames: list[bytes] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        return len(self.frames) * FRAME_SOUNDS / RATES_HZ[self.rate]

    def written(self) -> bytes:
        """The frames as ADTS, each under a head of seven bytes."""
        return b"".join(self._head(len(frame)) + frame for frame in self.frames)

    def _head(self, size: int) -> bytes:
        bits = 0xFFF << 44 | 1 << 40 | (_LOW_COMPLEXITY - 1) << 38 | self.rate << 34 | self.channels << 30
        return (bits | (size + _HEAD) << 13 | 0x7FF << 2).to_bytes(_HEAD)


def is_mp4(raw: bytes) -> bool:
    """Whether it begins as an MP4 does."""
    return raw[4:8] == b"ftyp"


def is_adts(raw: bytes) -> bool:
    """Whether it begins as bare frames of AAC do."""
    return len(raw) > 1 and raw[0] == 0xFF and raw[1] & 0xF6 == 0xF0


def frames_of(raw: bytes) -> Frames:
    """The frames of an MP4 or of ADTS. Raises ``BrokenSound``."""
    try:
        sound = _of_mp4(raw) if is_mp4(raw) else _of_adts(raw)
    except (IndexError, struct.error) as problem:
        raise BrokenSound from problem
    if not 0 < len(sound.frames) <= FRAMES_MAX or not all(0 < len(f) <= _FRAME_MAX - _HEAD for f in sound.frames):
        raise BrokenSound
    return sound


def _of_adts(raw: bytes) -> Frames:
    sound, at = Frames(), 0
    while at < len(raw):
        head = raw[at : at + _HEAD]
        size = int.from_bytes(head[3:6]) >> 5 & _FRAME_MAX
        # A head of nine bytes ends with a sum, which says nothing about the sound.
        inner = _HEAD if head[1] & 1 else _HEAD + 2
        rate, channels = head[2] >> 2 & 15, (head[2] & 1) << 2 | head[3] >> 6
        told = (rate, channels) == (sound.rate, sound.channels) or not sound.frames
        is_one = head[6] & 3 == 0 and head[2] >> 6 == _LOW_COMPLEXITY - 1
        if not is_adts(head) or not told or not is_one or size <= inner or at + size > len(raw):
            raise BrokenSound
        _checked(sound, rate, channels)
        sound.frames.append(raw[at + inner : at + size])
        at += size
    return sound


def _checked(sound: Frames, rate: int, channels: int) -> None:
    if rate >= len(RATES_HZ) or channels not in (1, 2):
        raise BrokenSound
    sound.rate, sound.channels = rate, channels


def _of_mp4(raw: bytes) -> Frames:
    tracks = list(_inside(raw, 0, len(raw), _ISO_MOVIE[:2]))
    if len(tracks) != 1:
        raise BrokenSound  # one sound, and no picture beside it
    kinds = [raw[a + 8 : a + 12] for a, _b in _inside(raw, *tracks[0], ("mdia", "hdlr"))]
    tables = list(_inside(raw, *tracks[0], _ISO_MOVIE[2:]))
    if kinds != [b"soun"] or len(tables) != 1:
        raise BrokenSound
    sound = Frames()
    _checked(sound, *_described(raw, *tables[0]))
    places = _whole(raw, *tables[0]) + _fragments(raw)
    # Frames that lie over each other would make much of little.
    if any(start < 0 or start + size > len(raw) for start, size in places) or sum(s for _, s in places) > len(raw):
        raise BrokenSound
    sound.frames = [raw[start : start + size] for start, size in places]
    return sound


def _boxes(raw: bytes, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """``(kind, start, end)`` of each box's content between two places."""
    at = start
    while at < end:
        size, kind = struct.unpack(">I4s", raw[at : at + 8])
        inner = at + 8
        if size == 1:
            (size,), inner = struct.unpack(">Q", raw[inner : inner + 8]), inner + 8
        stop = end if size == 0 else at + size
        if not inner <= stop <= end:
            raise BrokenSound
        yield kind.decode("latin-1"), inner, stop
        at = stop


def _inside(raw: bytes, start: int, end: int, path: Sequence[str]) -> Iterator[tuple[int, int]]:
    """All boxes at ``path`` below."""
    for kind, inner, stop in _boxes(raw, start, end):
        if kind == path[0]:
            if len(path) == 1:
                yield inner, stop
            else:
                yield from _inside(raw, inner, stop, path[1:])


def _described(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Rate and channels from the codec's own description (``stsd``/``mp4a``/``esds``)."""
    found = [(a + 8, b) for a, b in _inside(raw, start, end, ("stsd",))]
    entries = [entry for a, b in found for entry in _boxes(raw, a, b)]
    if len(entries) != 1 or entries[0][0] != "mp4a":
        raise BrokenSound
    _kind, a, b = entries[0]
    descriptions = list(_inside(raw, a + 28, b, ("esds",)))
    if len(descriptions) != 1:
        raise BrokenSound
    told = _decoder_specific(raw, descriptions[0][0] + 4, descriptions[0][1])
    bits = int.from_bytes(told[:2])
    if len(told) < 2 or bits >> 11 != _LOW_COMPLEXITY:
        raise BrokenSound
    return bits >> 7 & 15, bits >> 3 & 15


def _decoder_specific(raw: bytes, start: int, end: int) -> bytes:
    """What lies in the stream's (3), decoder's (4) and codec's (5) descriptions, one inside the other."""
    at = start
    for tag, skipped in ((3, 3), (4, 13), (5, 0)):
        if raw[at] != tag:
            raise BrokenSound
        size, at = 0, at + 1
        for _byte in range(4):
            more, size, at = raw[at] & 0x80, size << 7 | raw[at] & 0x7F, at + 1
            if not more:
                break
        if more or at + size > end:
            raise BrokenSound
        if tag == 5:
            return raw[at : at + size]
        if tag == 3 and raw[at + 2] & 0xE0:
            raise BrokenSound  # it hangs on another stream
        at += skipped
    raise BrokenSound


def _whole(raw: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Place and size of each frame by the tables of a recording that was written to its end."""
    tables = {kind: (a + 4, b) for kind, a, b in _boxes(raw, start, end)}
    same, count = struct.unpack(">II", raw[tables["stsz"][0] : tables["stsz"][0] + 8]) if "stsz" in tables else (0, 0)
    if count == 0:
        return []
    if count > FRAMES_MAX or "stsc" not in tables or not {"stco", "co64"} & tables.keys():
        raise BrokenSound
    sizes = [same] * count if same else _numbers(raw, tables["stsz"][0] + 8, count, 4)
    wide = 8 if "co64" in tables else 4
    at = tables["co64" if wide == 8 else "stco"][0]
    chunks = _numbers(raw, at + 4, _numbers(raw, at, 1, 4)[0], wide)
    at = tables["stsc"][0]
    runs = _numbers(raw, at + 4, 3 * _numbers(raw, at, 1, 4)[0], 4)
    return _laid_out(sizes, chunks, list(zip(runs[::3], runs[1::3], strict=True)))


def _laid_out(sizes: list[int], chunks: list[int], runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Frames lie in chunks, of which from the ``first`` of each run on so many hold ``each``."""
    firsts, places, taken = dict(runs), list[tuple[int, int]](), 0
    each = 0
    for number, start in enumerate(chunks, 1):
        each = firsts.get(number, each)
        for size in sizes[taken : taken + each]:
            places.append((start, size))
            start += size
        taken = len(places)
    if taken != len(sizes):
        raise BrokenSound
    return places


def _numbers(raw: bytes, at: int, count: int, wide: int) -> list[int]:
    if count > FRAMES_MAX or at + count * wide > len(raw):
        raise BrokenSound
    return list(struct.unpack(f">{count}{'Q' if wide == 8 else 'I'}", raw[at : at + count * wide]))


def _fragments(raw: bytes) -> list[tuple[int, int]]:
    """Place and size of each frame of a recording that was written piece by piece."""
    usual = [
        struct.unpack(">I", raw[a + 16 : a + 20])[0] for a, _b in _inside(raw, 0, len(raw), ("moov", "mvex", "trex"))
    ]
    places: list[tuple[int, int]] = []
    for kind, inner, stop in _boxes(raw, 0, len(raw)):
        if kind != "moof":
            continue
        for start, end in _inside(raw, inner, stop, ("traf",)):
            places += _fragment(raw, start, end, inner - 8, usual[0] if usual else 0)
            if len(places) > FRAMES_MAX:
                raise BrokenSound
    return places


def _fragment(raw: bytes, start: int, end: int, base: int, size: int) -> list[tuple[int, int]]:
    """The frames of one piece, which begins at ``base``; each of ``size`` bytes where nothing else is said."""
    places: list[tuple[int, int]] = []
    follows = base
    for kind, a, _b in _boxes(raw, start, end):
        flags = int.from_bytes(raw[a + 1 : a + 4])
        if kind == "tfhd":
            at = a + 8
            if flags & 0x1:
                base = follows = struct.unpack(">Q", raw[at : at + 8])[0]
            at += 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2) + 4 * bool(flags & 0x8)
            size = _numbers(raw, at, 1, 4)[0] if flags & 0x10 else size
        elif kind == "trun":
            (count,), at = _numbers(raw, a + 4, 1, 4), a + 8
            if flags & 0x1:
                follows = base + struct.unpack(">i", raw[at : at + 4])[0]
            at += 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
            fields = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
            rows = _numbers(raw, at, count * len(fields), 4)
            sizes = (
                rows[fields.index(0x200) :: len(fields)] if 0x200 in fields else [size] * min(count, FRAMES_MAX + 1)
            )
            if len(places) + len(sizes) > FRAMES_MAX:
                raise BrokenSound
            for each in sizes:
                places.append((follows, each))
                follows += each
    return places
