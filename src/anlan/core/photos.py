"""A picture as somebody sends it, made into one that is a picture and nothing else.

It is decoded and drawn anew: what the file said beside the picture (place, time, camera, names, a second
file behind the end) is gone, because only pixels are taken over. Nothing in the picture is looked at.
"""

from __future__ import annotations

import io

from PIL import Image, ImageOps

PHOTO_MAX_BYTES = 12 * 1024**2
PHOTO_MAX_PIXELS = 25_000_000
PHOTO_LONG_EDGE = 2560
PHOTO_KINDS = ("JPEG", "PNG", "WEBP")
_JPEG_QUALITY = 85


class PictureTooLarge(ValueError):
    """More pixels than are unpacked; ``args[0]`` says how many."""


class PictureUnreadable(ValueError):
    """No JPEG, PNG or WebP picture from first to last byte."""


def picture_drawn(raw: bytes) -> bytes:
    """The picture in ``raw`` as a JPEG without anything beside it, upright, its long edge 2560 at most.

    Raises ``PictureTooLarge`` (pixels by the header, before any is unpacked) and ``PictureUnreadable``.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=PHOTO_KINDS) as opened:
            pixels = opened.width * opened.height
            if pixels > PHOTO_MAX_PIXELS:
                raise PictureTooLarge(megapixels(pixels))
            return _drawn_anew(opened)
    except PictureTooLarge:
        raise
    except Image.DecompressionBombError as problem:
        raise PictureTooLarge(f"> {megapixels(2 * (Image.MAX_IMAGE_PIXELS or 0))}") from problem
    # A decoder fed with somebody's bytes may fail in any way it likes; to the sender it is one and the same.
    except Exception as problem:
        raise PictureUnreadable(", ".join(PHOTO_KINDS)) from problem


def _drawn_anew(opened: Image.Image) -> bytes:
    opened.draft("RGB", (PHOTO_LONG_EDGE, PHOTO_LONG_EDGE))
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((PHOTO_LONG_EDGE, PHOTO_LONG_EDGE))
    # A new sheet carries no comment, profile or text of the old one.
    sheet = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        sheet.paste(seen, mask=seen.getchannel("A"))
    else:
        sheet.paste(upright.convert("RGB"))
    out = io.BytesIO()
    sheet.save(out, format="JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def megapixels(pixels: int) -> str:
    """So many pixels in words."""
    return f"{pixels / 1e6:.0f} MP"
