"""Photos of a thing and papers about it: known by their content, kept on stable storage, taken off but not lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import IntegrityError, transaction

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.files import ContentGone, content_open, content_put
from anlan.core.permissions import require
from anlan.core.photos import (
    PHOTO_KINDS,
    PHOTO_MAX_PIXELS,
    PictureTooLarge,
    PictureUnreadable,
    megapixels,
    picture_drawn,
)
from anlan.equipment import events
from anlan.equipment.models import Item, ItemPaper
from anlan.equipment.register_errors import PaperKnown, PapersFull, PaperTooLarge, PaperUnreadable
from anlan.equipment.register_rules import PAPER_MAX_BYTES, PAPERS_AT_MOST
from anlan.equipment.services.register import of_item

PDF_BEGINS, PDF_ENDS = b"%PDF-", b"%%EOF"
_PDF_TAIL = 1024
"""A reader of PDF looks for its end in the last kilobyte."""


@dataclass(frozen=True, slots=True)
class PaperContent:
    """What was sent, told apart by its content and on stable storage; no row names it yet."""

    kind: str
    name: str
    media_type: str
    sha256: str
    size_bytes: int


def paper_prepare(*, name: str, raw: bytes) -> PaperContent:
    """What somebody sent, made fit to be kept: slow, so outside of any transaction.

    A picture is drawn anew, so that nothing stands beside it; a PDF is kept as it is and only ever handed out as a
    file. What it is, its content says, not its name. Raises ``PaperTooLarge``, ``PaperUnreadable``, ``StorageShort``.
    """
    name = " ".join(name.split())[-120:] or "–"
    if len(raw) > PAPER_MAX_BYTES:
        raise PaperTooLarge(name=name, size=_mb(len(raw)), limit=_mb(PAPER_MAX_BYTES))
    if raw.startswith(PDF_BEGINS) and PDF_ENDS in raw[-_PDF_TAIL:]:
        return PaperContent("paper", name, "application/pdf", content_put(raw), len(raw))
    try:
        drawn = picture_drawn(raw)
    except PictureTooLarge as problem:
        raise PaperTooLarge(name=name, size=str(problem), limit=megapixels(PHOTO_MAX_PIXELS)) from problem
    except PictureUnreadable as problem:
        raise PaperUnreadable(name=name, kinds=", ".join(PHOTO_KINDS)) from problem
    return PaperContent("photo", name, "image/jpeg", content_put(drawn), len(drawn))


def _mb(count: int) -> str:
    return f"{count / 1024**2:.1f} MB"


@transaction.atomic
def paper_add(*, item: Item, content: PaperContent, by: Actor, at: datetime) -> ItemPaper:
    """Put a prepared content to a thing. Raises ``PapersFull`` and, for the same content again, ``PaperKnown``."""
    require(by, "equipment.register")
    Item.objects.select_for_update().filter(pk=item.pk).first()
    standing = ItemPaper.objects.filter(item=item, removed_at=None)
    if (count := standing.count()) >= PAPERS_AT_MOST:
        raise PapersFull(item=str(item), count=count, since=standing.latest("added_at").added_at)
    try:
        with transaction.atomic():
            row: ItemPaper = ItemPaper.objects.create(
                item=item, kind=content.kind, name=content.name, media_type=content.media_type,
                sha256=content.sha256, size_bytes=content.size_bytes, added_at=at,
                added_by_id=by.id if by.kind == "person" else None,
            )  # fmt: skip
    except IntegrityError:
        known = standing.get(sha256=content.sha256)
        raise PaperKnown(item=str(item), name=known.name, since=known.added_at) from None
    of_item(events.PAPER_ADDED, item, by=by, at=at, name=row.name, paper=row.pk)
    return row


@transaction.atomic
def paper_remove(*, paper: ItemPaper, by: Actor, at: datetime) -> ItemPaper:
    """Take a paper off a thing; that it was there stays on record, its content goes with the next sweep."""
    require(by, "equipment.register")
    if ItemPaper.objects.filter(pk=paper.pk, removed_at=None).update(removed_at=at):
        paper.removed_at = at
        of_item(events.PAPER_REMOVED, paper.item, by=by, at=at, name=paper.name, paper=paper.pk)
    return paper


def paper_show(*, paper: ItemPaper, by: Actor) -> BinaryIO:
    """The content, whole. Raises ``NotFound`` for one that was taken off, ``ContentGone``, ``ContentDamaged``."""
    require(by, "equipment.view")
    if paper.removed_at is not None:
        raise NotFound
    found = content_open(paper.sha256)
    if found is None:
        raise ContentGone(what=str(paper), since=paper.added_at)
    return found
