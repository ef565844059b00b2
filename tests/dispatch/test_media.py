"""What comes from a phone is a picture or a recording and nothing beside it, or it is refused."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from anlan.dispatch.errors import MediaTooLarge, MediaUnreadable
from anlan.dispatch.media_photo import PHOTO_LONG_EDGE, photo_clean
from anlan.dispatch.media_voice import _block_time, _read, voice_clean
from dispatch.pictures import OPUS_HEAD, TITLE, claiming, jpeg, other, webm


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_photo_keeps_its_picture_and_loses_place_time_and_camera():
    raw = jpeg(exif=True, comment=b"taken by Eve")
    assert opened(raw).getexif().get_ifd(0x8825)
    clean = opened(photo_clean(raw).data)
    assert not clean.getexif()
    assert {name for name in clean.info if not name.startswith("jfif")} == set()
    for said in (b"Eve", b"Exif", b"taken"):
        assert said not in photo_clean(raw).data
    # It lay on its right side: what was above is now at the right.
    assert clean.size == (48, 64)
    assert clean.getpixel((40, 32))[0] < 60 < 180 < clean.getpixel((8, 32))[0]


def test_a_second_file_behind_the_end_of_a_photo_is_left_behind():
    assert b"<script>" not in photo_clean(jpeg() + b"<script>alert(1)</script>").data


def test_a_large_photo_is_made_smaller_and_keeps_its_shape():
    clean = opened(photo_clean(jpeg(4000, 3000)).data)
    assert clean.size == (PHOTO_LONG_EDGE, PHOTO_LONG_EDGE * 3 // 4)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_of_pictures_become_jpeg(kind):
    assert opened(photo_clean(other(kind)).data).format == "JPEG"


@pytest.mark.parametrize(
    ("width", "height", "told"), [(6_000, 5_000, "30 MP"), (60_000, 60_000, "> 179 MP")], ids=["large", "bomb"]
)
def test_a_picture_that_would_unpack_to_too_much_is_refused_by_its_header(width, height, told):
    with pytest.raises(MediaTooLarge) as refused:
        photo_clean(claiming(width, height))
    assert refused.value.facts == {"size": told, "limit": "25 MP"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"GIF89a" + bytes(40),
        other("GIF"),
        other("BMP"),
        other("TIFF"),
        b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        b"%PDF-1.7",
        jpeg()[:200],
        jpeg()[:-300],
        b"PK\x03\x04" + jpeg(),
    ],
)
def test_what_is_no_whole_photo_is_refused_with_what_would_do(raw):
    with pytest.raises(MediaUnreadable) as refused:
        photo_clean(raw)
    assert "JPEG, PNG, WEBP" in refused.value.detail("en")
    assert "电台" in refused.value.detail("zh-hans")


@given(st.integers(0, 600), st.binary(min_size=1, max_size=20))
def test_a_photo_broken_anywhere_is_cleaned_or_refused_and_never_worse(at, noise):
    raw = jpeg()
    try:
        clean = photo_clean(raw[:at] + noise + raw[at + len(noise) :])
    except (MediaUnreadable, MediaTooLarge):
        return
    assert opened(clean.data).format == "JPEG"


@pytest.mark.parametrize("is_open", [True, False])
def test_a_voice_note_keeps_every_sound_and_loses_title_date_and_program(is_open):
    raw = webm(2.0, is_open=is_open)
    clean = voice_clean(raw)
    assert TITLE in raw
    for said in (TITLE, b"Chrome", b"\x44\x61\x88", b"\x7a\x11"):
        assert said not in clean.data
    before, after = _read(raw), _read(clean.data)
    assert after.clusters == before.clusters
    assert sum(len(blocks) for _base, blocks in after.clusters) == 34
    assert clean.duration_s == pytest.approx(1.98)
    assert OPUS_HEAD in clean.data


def test_cleaning_what_is_clean_changes_nothing():
    once = voice_clean(webm(35.0)).data
    assert voice_clean(once).data == once


def test_a_voice_note_lasts_a_minute_and_no_longer():
    assert voice_clean(webm(60.5)).duration_s > 60
    with pytest.raises(MediaTooLarge) as refused:
        voice_clean(webm(70.0))
    assert refused.value.facts == {"size": "70 s", "limit": "60 s"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"RIFF....WAVEfmt ",
        b"OggS" + bytes(60),
        webm(codec=b"V_VP8", kind=1),
        webm(codec=b"A_VORBIS"),
        webm(0.0),
        webm()[:150],
        jpeg(),
    ],
)
def test_what_is_no_recording_is_refused(raw):
    with pytest.raises(MediaUnreadable):
        voice_clean(raw)


def test_a_recording_cut_short_keeps_what_came_whole():
    whole = webm(1.0)
    clean = voice_clean(whole[: whole.rindex(b"\xa3\x01")])
    assert 0 < clean.duration_s < 1.0


@given(st.integers(0, 700), st.binary(min_size=1, max_size=12))
def test_a_recording_broken_anywhere_is_cleaned_or_refused_and_never_worse(at, noise):
    raw = webm(0.5)
    try:
        clean = voice_clean(raw[:at] + noise + raw[at + len(noise) :])
    except (MediaUnreadable, MediaTooLarge):
        return
    assert voice_clean(clean.data).data == clean.data


def test_block_times_are_read_with_their_sign():
    assert _block_time(b"\x81" + struct.pack(">h", -7) + b"\x80") == -7
