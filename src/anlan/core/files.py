"""File contents by their digest, on stable storage before a row may name them.

A file is written beside its place, synced, and only then moved there; so at its place there is a whole file
or none. What no row names is an orphan: a sweep removes it once it is older than any upload can still take.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError

ORPHAN_AFTER = timedelta(hours=1)
"""Between writing a file and committing the row that names it lies one transaction, never an hour."""
FREE_SHARE = 0.05
FREE_ENOUGH = 5 * 1024**3
_ASKED_AT_ONCE = 500
_LEAVING = ".leaving"


class StorageShort(DomainError):
    """The disk is nearly full: what can wait is refused, so that calls are still taken in."""

    code = "storage_short"
    status = 507
    message = _(
        "The server's disk has only {free_mb} MB left, so it takes in no files now; calls and steps still go "
        "through. Keep it on the phone, and tell the administrator."
    )


class ContentGone(DomainError):
    """A row names a content that is not on the disk."""

    code = "content_gone"
    status = 410
    message = _(
        "The file of {what} is not on the server's disk any more, though it was received at {since:%H:%M}. "
        "Tell the administrator: the folder of files has to be restored together with the database."
    )


class ContentDamaged(DomainError):
    """A content on the disk is not what was received."""

    code = "content_damaged"
    status = 410
    message = _(
        "This file ({digest}) is not any more what was received: the server's disk has changed it. It is not shown. "
        "Tell the administrator: the folder of files has to be restored from the backup."
    )


def content_put(data: bytes) -> str:
    """Write ``data`` to stable storage and return its SHA-256, by which a row may then name it.

    Putting the same content again makes it young again, so that the sweep leaves it alone.
    Raises ``StorageShort``.
    """
    _room_needed()
    digest = hashlib.sha256(data).hexdigest()
    path = content_path(digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{digest}.{uuid4().hex}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    # The folder's own folder too: both may be new.
    for folder in (path.parent, path.parent.parent):
        folder_sync(folder)
    return digest


def content_path(digest: str) -> Path:
    """Where the content of that digest lies, or would lie."""
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest


def content_open(digest: str) -> BinaryIO | None:
    """The content of that digest for reading; None where it is not there. Raises ``ContentDamaged``."""
    try:
        found = content_path(digest).open("rb")
    except FileNotFoundError:
        return None
    # A disk may change a byte without a word: what is shown is what was sent, or nothing.
    if hashlib.file_digest(found, "sha256").hexdigest() != digest:
        found.close()
        raise ContentDamaged(digest=digest[:12])
    found.seek(0)
    return found


def orphans_remove(*, named: Callable[[Collection[str]], Collection[str]], at: datetime) -> int:
    """Remove the contents that no row names and that are older than an hour; returns how many.

    ``named`` tells which of the given digests a row names. Left-over drafts are removed alike.
    """
    removed = 0
    old = (at - ORPHAN_AFTER).timestamp()
    batch: list[Path] = []
    for path in _older_than(old):
        batch.append(path)
        if len(batch) == _ASKED_AT_ONCE:
            removed += _batch_remove(batch, named, old)
            batch = []
    return removed + _batch_remove(batch, named, old)


def _batch_remove(batch: list[Path], named: Callable[[Collection[str]], Collection[str]], old: float) -> int:
    kept = named([path.name for path in batch]) if batch else ()
    return sum(_leave(path, old) for path in batch if path.name not in kept)


def _leave(path: Path, old: float) -> bool:
    """Remove one file, unless somebody has put the same content again since it was looked at."""
    aside = path.with_name(path.name.partition(".")[0] + _LEAVING)
    try:
        path.replace(aside)
        if aside.stat().st_mtime > old:
            aside.replace(path)
            return False
        aside.unlink()
    except FileNotFoundError:
        return False
    return True


def _older_than(old: float) -> Iterator[Path]:
    root = Path(settings.MEDIA_ROOT)
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        for path in sorted(folder.iterdir()):
            try:
                if path.stat().st_mtime <= old:
                    yield path
            except FileNotFoundError:
                continue


def _room_needed() -> None:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    disk = shutil.disk_usage(root)
    if disk.free < min(FREE_SHARE * disk.total, FREE_ENOUGH):
        raise StorageShort(free_mb=disk.free // 1024**2)


def folder_sync(folder: Path) -> None:
    """What was made, renamed or removed in a folder is so after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
