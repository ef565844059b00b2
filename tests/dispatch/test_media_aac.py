"""A voice note as an iPhone makes it: only its sound is kept, and bytes that lie are refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.dispatch.errors import MediaTooLarge, MediaUnreadable
from anlan.dispatch.media_aac import frames_of
from anlan.dispatch.media_voice import voice_clean
from dispatch.pictures import QUIET, TITLE, WHERE_SAID, box, mp4, webm

ADTS = bytes.fromhex("fff15040") + ((len(QUIET) + 7) << 13 | 0x7FF << 2).to_bytes(4)[1:]


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_a_recording_in_mp4_keeps_every_sound_and_loses_title_place_and_box(pieces):
    raw = mp4(2.0, pieces=pieces)
    clean = voice_clean(raw)
    assert TITLE in raw and WHERE_SAID in raw  # noqa: PT018
    assert (TITLE in clean.data, WHERE_SAID in clean.data, b"moov" in clean.data) == (False, False, False)
    assert clean.media_type == "audio/aac"
    assert clean.duration_s == pytest.approx(2.0, abs=0.03)
    assert frames_of(clean.data).frames == [QUIET] * 86


def test_each_frame_stands_under_a_head_that_says_rate_channels_and_length():
    assert voice_clean(mp4(1.0)).data == (ADTS + QUIET) * 43


def test_cleaning_what_is_clean_changes_nothing():
    once = voice_clean(mp4(30.0, pieces=4)).data
    assert voice_clean(once).data == once


def test_a_head_with_a_sum_is_written_without_it():
    with_sum = bytes([0xFF, 0xF0, *ADTS[2:3]]) + (1 << 30 | (len(QUIET) + 9) << 13 | 0x7FF << 2).to_bytes(4)
    assert voice_clean((with_sum + b"\xab\xcd" + QUIET) * 3).data == (ADTS + QUIET) * 3


def test_it_lasts_a_minute_and_no_longer():
    assert voice_clean(mp4(60.5, pieces=2)).duration_s > 60
    with pytest.raises(MediaTooLarge):
        voice_clean(mp4(70.0, pieces=2))


def bent(raw: bytes, kind: bytes, at: int, value: bytes) -> bytes:
    """``raw`` with other bytes ``at`` so far behind the name of the box ``kind``."""
    start = raw.index(kind) + 4 + at
    return raw[:start] + value + raw[start + len(value) :]


MOST = b"\xff" * 4
FILM = mp4(kind=b"vide")
LIES = {
    "a film": FILM,
    "sound of another codec": mp4(codec=5),
    "no frame": mp4(0.0),
    "no movie": box("ftyp", b"M4A ", bytes(4)),
    "a box larger than all": bent(mp4(), b"moov", -8, MOST),
    "a box smaller than its head": bent(mp4(), b"moov", -8, b"\0\0\0\4"),
    "four thousand million frames": bent(mp4(), b"stsz", 8, MOST),
    "frames outside": bent(mp4(), b"stco", 8, MOST),
    "a chunk too few": bent(mp4(), b"stco", 4, bytes(4)),
    "as many chunks": bent(mp4(), b"stco", 4, MOST),
    "four thousand million frames of a piece": bent(mp4(pieces=1), b"trun", 4, MOST),
    "a piece before the file": bent(mp4(pieces=1), b"trun", 8, b"\x80\0\0\0"),
    "a description without end": bent(mp4(), b"esds", 5, b"\x80" * 40),
    "an empty frame": mp4(frame=b""),
    "a frame too long for a head": mp4(frame=bytes(8190)),
    "two tracks": mp4().replace(b"mvhd", b"free") + mp4(),
    "cut short": mp4()[:-3],
    "bare frames cut short": (ADTS + QUIET)[:-1],
    "bare frames of two rates": ADTS + QUIET + ADTS[:2] + b"\x4c" + ADTS[3:] + QUIET,
}


@pytest.mark.parametrize("raw", LIES.values(), ids=LIES.keys())
def test_bytes_that_are_not_what_they_say_are_refused(raw):
    with pytest.raises(MediaUnreadable):
        voice_clean(raw)


def test_frames_that_lie_over_each_other_are_not_made_much_of():
    start, run = 40, struct.pack(">III", 0, 3000, 0)
    raw = mp4(pieces=1)
    piece = box(
        "moof", box("traf", box("tfhd", b"\0\0\0\x10", b"\0\0\0\1", struct.pack(">I", 8000)), box("trun", run))
    )
    with pytest.raises(MediaUnreadable):
        voice_clean(raw + piece + bytes(start))


@given(st.integers(0, 900), st.binary(min_size=1, max_size=12), st.sampled_from([0, 2]))
def test_a_recording_broken_anywhere_is_cleaned_or_refused_and_never_worse(at, noise, pieces):
    raw = mp4(0.5, pieces=pieces)
    try:
        clean = voice_clean(raw[:at] + noise + raw[at + len(noise) :])
    except (MediaUnreadable, MediaTooLarge):
        return
    assert len(clean.data) < 2 * len(raw) + 7 * 20_000
    assert voice_clean(clean.data).data == clean.data


def test_a_recording_in_webm_is_taken_as_before():
    assert voice_clean(webm(1.0)).media_type == "audio/webm"
