"""A voice note as a phone records it, rewritten without anything beside the sound: WebM with Opus, read here, or AAC.

The container is taken apart and put together from the parts playing needs: one sound track and its blocks.
Titles, tags, dates, the recording program, pictures and chapters are left behind. The sound itself is
neither decoded nor looked at. Source of the format: RFC 8794 (EBML), RFC 9559 (Matroska), RFC 7845 (Opus).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from anlan.dispatch.errors import MediaTooLarge, MediaUnreadable
from anlan.dispatch.media import CleanMedia
from anlan.dispatch.media_aac import BrokenSound, frames_of, is_adts, is_mp4

VOICE_MAX_BYTES = 2 * 1024**2
VOICE_MAX_S = 60.0
_SLACK_S = 2.0
"""A recorder told to stop at 60 s still writes its last block."""

EBML, SEGMENT, INFO, TRACKS, CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
TIME_SCALE, DURATION, MUXING, WRITING = 0x2AD7B1, 0x4489, 0x4D80, 0x5741
TRACK, NUMBER, UID, TYPE, CODEC, CODEC_PRIVATE = 0xAE, 0xD7, 0x73C5, 0x83, 0x86, 0x63A2
CODEC_DELAY, PRE_ROLL, AUDIO = 0x56AA, 0x56BB, 0xE1
CLUSTER_TIME, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
_TOP = {EBML, SEGMENT, INFO, TRACKS, CLUSTER, 0x1C53BB6B, 0x1254C367, 0x114D9B74, 0x1941A469, 0x1043A770}
"""Elements of the first two levels: where one of unknown length ends, the next of these begins."""
_TRACK_KEPT = (NUMBER, UID, TYPE, CODEC, CODEC_PRIVATE, CODEC_DELAY, PRE_ROLL, AUDIO)
_AUDIO_KEPT = (0xB5, 0x9F, 0x6264)  # sampling frequency, channels, bits
_SOUND = 2
_MS_NS = 1_000_000
_HEADER = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d4287810442858102")


class _Broken(Exception):
    """The bytes are not what they say."""


@dataclass
class _Sound:
    """What is taken over: the track, the scale of its times, and per cluster its time and blocks."""

    track: bytes = b""
    number: int = 0
    scale_ns: int = _MS_NS
    clusters: list[tuple[int, list[bytes]]] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        ends = (base + _block_time(block) for base, blocks in self.clusters for block in blocks)
        return max(ends, default=0) * self.scale_ns / 1e9


def voice_clean(raw: bytes) -> CleanMedia:
    """The recording in ``raw`` with its one sound track and nothing else: WebM with Opus, or frames of AAC.

    What it is, its bytes say, not the sender. Raises ``MediaTooLarge`` (more than 60 s) and ``MediaUnreadable``.
    """
    try:
        sound = frames_of(raw) if is_mp4(raw) or is_adts(raw) else _read(raw)
    except (_Broken, BrokenSound, IndexError, struct.error) as problem:
        raise MediaUnreadable(kinds="WebM (Opus), MP4 (AAC)") from problem
    if sound.duration_s > VOICE_MAX_S + _SLACK_S:
        raise MediaTooLarge(size=f"{sound.duration_s:.0f} s", limit=f"{VOICE_MAX_S:.0f} s")
    if isinstance(sound, _Sound):
        return CleanMedia("audio/webm", _written(sound), duration_s=sound.duration_s)
    return CleanMedia("audio/aac", sound.written(), duration_s=sound.duration_s)


def _read(raw: bytes) -> _Sound:
    sound = _Sound()
    if not raw.startswith(b"\x1a\x45\xdf\xa3"):
        raise _Broken
    for name, start, end in _elements(raw, 0, len(raw)):
        if name == SEGMENT:
            _segment_read(raw, start, end, sound)
    if not sound.track or not any(blocks for _time, blocks in sound.clusters):
        raise _Broken
    return sound


def _segment_read(raw: bytes, start: int, end: int, sound: _Sound) -> None:
    for name, inner, stop in _elements(raw, start, end):
        if name == INFO:
            scales = [raw[a:b] for n, a, b in _elements(raw, inner, stop) if n == TIME_SCALE]
            sound.scale_ns = int.from_bytes(scales[0]) if scales else _MS_NS
        elif name == TRACKS:
            for n, a, b in _elements(raw, inner, stop):
                if n == TRACK:
                    _track_read(raw, a, b, sound)
        elif name == CLUSTER:
            _cluster_read(raw, inner, stop, sound)


def _track_read(raw: bytes, start: int, end: int, sound: _Sound) -> None:
    parts = {name: raw[a:b] for name, a, b in _elements(raw, start, end)}
    is_sound = int.from_bytes(parts.get(TYPE, b"")) == _SOUND and parts.get(CODEC) == b"A_OPUS"
    if not is_sound or sound.track or not parts.get(CODEC_PRIVATE, b"").startswith(b"OpusHead"):
        raise _Broken
    # The head's first 19 bytes say how to play; a longer one maps more channels than a phone has.
    parts[CODEC_PRIVATE] = parts[CODEC_PRIVATE][:19]
    audio = parts.get(AUDIO, b"")
    kept = ((name, audio[a:b]) for name, a, b in _elements(audio, 0, len(audio)) if name in _AUDIO_KEPT)
    parts[AUDIO] = b"".join(_element(name, data) for name, data in kept)
    parts[UID] = b"\x01"
    sound.number = int.from_bytes(parts.get(NUMBER, b""))
    sound.track = b"".join(_element(name, parts[name]) for name in _TRACK_KEPT if name in parts)


def _cluster_read(raw: bytes, start: int, end: int, sound: _Sound) -> None:
    base, blocks = 0, []
    for name, a, b in _elements(raw, start, end):
        if name == CLUSTER_TIME:
            base = int.from_bytes(raw[a:b])
        elif name == SIMPLE_BLOCK:
            blocks.append(raw[a:b])
        elif name == BLOCK_GROUP:
            blocks += [raw[x:y] for n, x, y in _elements(raw, a, b) if n == BLOCK]
    # One track, whose number is below 127: one byte.
    if any(block[0] != 0x80 | sound.number or len(block) < 5 for block in blocks):
        raise _Broken
    sound.clusters.append((base, blocks))


def _block_time(block: bytes) -> int:
    time: int = struct.unpack(">h", block[1:3])[0]
    return time


def _elements(raw: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """``(id, start, end)`` of each element's content between two places."""
    at = start
    while at < end:
        name, at = _number(raw, at, keep_mark=True, longest=4)
        size, inner = _number(raw, at, keep_mark=False, longest=8)
        is_open = size == (1 << (7 * (inner - at))) - 1
        stop = _end_of_open(raw, inner, end, name) if is_open else inner + size
        if stop > end:
            # A recording cut short ends in the middle of its last element: only containers may.
            if name not in (SEGMENT, CLUSTER):
                raise _Broken
            stop = end
        yield name, inner, stop
        at = stop


def _end_of_open(raw: bytes, start: int, end: int, name: int) -> int:
    """Where an element of unknown length ends: at its parent's end, a cluster also where the next part begins."""
    if name == SEGMENT:
        return end
    if name != CLUSTER:
        raise _Broken
    at = start
    while at < end:
        here = at
        child, at = _number(raw, at, keep_mark=True, longest=4)
        if child in _TOP:
            return here
        size, at = _number(raw, at, keep_mark=False, longest=8)
        at += size
    return end


def _number(raw: bytes, at: int, *, keep_mark: bool, longest: int) -> tuple[int, int]:
    """A number of variable length at ``at``, and where it ends."""
    first = raw[at]
    length = 9 - first.bit_length()
    if length > longest or at + length > len(raw):
        raise _Broken
    value = int.from_bytes(raw[at : at + length])
    return (value if keep_mark else value & ((1 << (7 * length)) - 1)), at + length


def _element(name: int, data: bytes) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8) + (len(data) | 1 << 56).to_bytes(8) + data


def _written(sound: _Sound) -> bytes:
    length = struct.pack(">d", sound.duration_s * 1e9 / sound.scale_ns)
    info = _element(TIME_SCALE, sound.scale_ns.to_bytes(4)) + _element(DURATION, length)
    info += _element(MUXING, b"anlan") + _element(WRITING, b"anlan")
    body = _element(INFO, info) + _element(TRACKS, _element(TRACK, sound.track))
    for base, blocks in sound.clusters:
        inner = _element(CLUSTER_TIME, base.to_bytes(8))
        body += _element(CLUSTER, inner + b"".join(_element(SIMPLE_BLOCK, block) for block in blocks))
    return _HEADER + _element(SEGMENT, body)
