"""The contents of files on the standby: each is kept only if its digest is its name.

The other machine names what it has, folder by folder, and sends what is lacking here. What it has no more is laid
aside under ``media-aside`` for a week and then removed: what was erased there must not live on here, and what was
lost there must not be lost here. A take-over puts back what lies aside; the new centre's own sweep removes what no
row names.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from anlan.core.files import folder_sync

MEDIA, ASIDE = "media", "media-aside"
ASIDE_FOR = timedelta(days=7)
_HEX = set("0123456789abcdef")


class Files:
    """The contents under ``home``; who calls holds a lock of its own for them."""

    def __init__(self, home: Path) -> None:
        self.media, self.aside = home / MEDIA, home / ASIDE
        self._lacking: dict[str, set[str]] = {}
        self._known: dict[str, int] = {}

    @property
    def known(self) -> int | None:
        """How many the other machine has; None where it has not told since this process began."""
        return sum(self._known.values()) if self._known else None

    @property
    def held(self) -> int:
        """How many of those are here, checked."""
        return (self.known or 0) - len(self.lacking)

    @property
    def lacking(self) -> list[str]:
        return sorted(digest for folder in self._lacking.values() for digest in folder)

    def folder(self, head: dict[str, Any], *, at: datetime) -> dict[str, Any]:
        """The other machine has ``here`` in ``folder``; answers which of them are lacking."""
        name, there = _name(head["folder"], 2), {_name(digest, 64) for digest in head["here"]}
        place = self.media / name
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        here = {path.name for path in place.iterdir() if len(path.name) == 64}
        for digest in here - there:
            self._lay_aside(place / digest, at)
        for digest in there - here:
            self._take_back(digest)
        self._lacking[name] = {digest for digest in there if not (place / digest).exists()}
        self._known[name] = len(there)
        self._aside_end(at)
        return {"lacking": sorted(self._lacking[name])}

    def content(self, head: dict[str, Any], data: bytes) -> dict[str, Any]:
        """A part of one content; with the last it is held against its digest and kept, or not."""
        digest = _name(head["digest"], 64)
        path = self.media / digest[:2] / digest
        draft = path.with_name(f"{digest}.coming")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | (0 if head["start"] else os.O_TRUNC), 0o600)
        with open(descriptor, "r+b") as out:
            out.seek(head["start"])
            out.write(data)
            if not head["is_last"]:
                return {"is_kept": False}
            out.flush()
            os.fsync(out.fileno())
            out.seek(0)
            is_sound = hashlib.file_digest(out, "sha256").hexdigest() == digest
        if not is_sound:
            draft.unlink()
            return {"is_kept": False}
        draft.replace(path)
        folder_sync(path.parent)
        self._lacking.get(digest[:2], set()).discard(digest)
        return {"is_kept": True}

    def _lay_aside(self, path: Path, at: datetime) -> None:
        self.aside.mkdir(exist_ok=True, mode=0o700)
        path.replace(self.aside / path.name)
        os.utime(self.aside / path.name, (at.timestamp(), at.timestamp()))

    def _take_back(self, digest: str) -> None:
        if (self.aside / digest).exists():
            (self.aside / digest).replace(self.media / digest[:2] / digest)

    def _aside_end(self, at: datetime) -> None:
        old = (at - ASIDE_FOR).timestamp()
        for path in self.aside.iterdir() if self.aside.exists() else ():
            if path.stat().st_mtime < old:
                path.unlink()


def aside_put_back(home: Path) -> int:
    """At a take-over: what was laid aside is content again; returns how many."""
    aside = home / ASIDE
    found = list(aside.iterdir()) if aside.exists() else []
    for path in found:
        place = home / MEDIA / path.name[:2]
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.replace(place / path.name)
    return len(found)


def _name(text: str, length: int) -> str:
    """A folder's or a content's name and nothing that leads elsewhere."""
    if len(text) != length or not set(text) <= _HEX:
        raise ValueError(f"{text[:80]!r} names no content")
    return text
