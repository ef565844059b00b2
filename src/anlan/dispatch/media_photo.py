"""A photo from the spot, drawn anew (``core.photos``), with refusals in this room's words."""

from __future__ import annotations

from anlan.core.photos import (
    PHOTO_LONG_EDGE,
    PHOTO_MAX_BYTES,
    PHOTO_MAX_PIXELS,
    PictureTooLarge,
    PictureUnreadable,
    megapixels,
    picture_drawn,
)
from anlan.dispatch.errors import MediaTooLarge, MediaUnreadable
from anlan.dispatch.media import CleanMedia

__all__ = ["PHOTO_LONG_EDGE", "PHOTO_MAX_BYTES", "photo_clean"]


def photo_clean(raw: bytes) -> CleanMedia:
    """The picture in ``raw`` as a JPEG. Raises ``MediaTooLarge`` and ``MediaUnreadable``."""
    try:
        return CleanMedia("image/jpeg", picture_drawn(raw))
    except PictureTooLarge as problem:
        raise MediaTooLarge(size=str(problem), limit=megapixels(PHOTO_MAX_PIXELS)) from problem
    except PictureUnreadable as problem:
        raise MediaUnreadable(kinds=str(problem)) from problem
