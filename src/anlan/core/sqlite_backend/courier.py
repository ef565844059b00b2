"""Carrying the contents of files (photos, voice notes) to the standby: they lie beside the store, in no commit.

A content is named by its digest and written before any row names it. So it may come after its row: the second
machine is told what there is, says what it lacks, checks what it gets by its digest, and knows how many are still
missing. What is here no more it lays aside for a week: an erased content does not live on, a lost folder does.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from anlan.core.sqlite_backend.errors import Replaced
from anlan.core.sqlite_backend.notes import replaced_note
from anlan.core.sqlite_backend.sealed import LineBroken, SealedLine
from anlan.core.sqlite_backend.second import store_here
from anlan.core.sqlite_backend.stream import Stream

PART = 256 * 1024
"""Bytes a message: a commit waits for one such part at most."""
_DIGEST_CHARS = 64


class Courier:
    """Brings the standby's contents up to those of ``media``; remembers which folders it has seen unchanged."""

    def __init__(self, stream: Stream, media: Path) -> None:
        self.stream, self.media = stream, media
        self._seen: dict[str, int] = {}

    def carry(self) -> int:
        """Carry what the standby lacks; returns how many contents went.

        Raises ``Replaced``, ``LineBroken`` or ``OSError``.
        """
        line, told = self.stream.line_of_its_own()
        try:
            if told.get("about", {}).get("files_known") is None:
                # It was started with an empty home, or was never told: everything is asked again.
                self._seen = {}
            return sum(self._folder(line, folder) for folder in sorted(self.media.glob("[0-9a-f][0-9a-f]")))
        finally:
            line.close()

    def _folder(self, line: SealedLine, folder: Path) -> int:
        """One of 256 folders: all its contents are named, those that are lacking go."""
        stamp = folder.stat().st_mtime_ns
        if self._seen.get(folder.name) == stamp:
            return 0
        here = sorted(path.name for path in folder.iterdir() if len(path.name) == _DIGEST_CHARS)
        lacking = self._say(line, {"kind": "files", "folder": folder.name, "here": here})["lacking"]
        went = sum(self._content(line, folder / digest) for digest in lacking)
        if went == len(lacking):
            self._seen[folder.name] = stamp
        return went

    def _content(self, line: SealedLine, path: Path) -> bool:
        try:
            size, sent = path.stat().st_size, 0
            with path.open("rb") as content:
                while True:
                    part = content.read(PART)
                    is_last = sent + len(part) >= size or not part
                    head = {"kind": "content", "digest": path.name, "start": sent, "is_last": is_last}
                    told = self._say(line, head, part)
                    sent += len(part)
                    if is_last:
                        return bool(told["is_kept"])
        except FileNotFoundError:
            # Erased meanwhile.
            return False

    def _say(self, line: SealedLine, head: dict[str, Any], data: bytes = b"") -> dict[str, Any]:
        line.send({**head, "epoch": self.stream.epoch}, data)
        told, _ = line.hear()
        self.stream.heed(told)
        return told


_couriers: dict[int, Courier] = {}


def contents_carry(*, at: datetime) -> int:
    """Carry the contents the standby lacks; returns how many. A line that is down is tried again at the next call."""
    del at
    stream = Stream.of(store_here())
    if stream is None or stream.epoch < 0 or replaced_note(stream.store).exists():
        return 0
    courier = _couriers.setdefault(id(stream), Courier(stream, Path(settings.MEDIA_ROOT)))
    try:
        return courier.carry()
    except (Replaced, LineBroken, OSError):
        return 0


def standby_hear(*, at: datetime) -> bool:
    """Ask the standby how it is, for each store; whether it answered. One that lacks what no log holds is filled.

    Where it has taken over, that is written beside the store.
    """
    from django.db import connections

    del at
    heard = []
    for alias in connections:
        connection = connections[alias]
        store = str(connection.settings_dict["NAME"])
        stream = Stream.of(store)
        if stream is None or replaced_note(store).exists():
            return False
        connection.ensure_connection()
        try:
            heard.append(stream.hear(connection.connection))
            stream.mend(connection.connection)
        except Replaced:
            return False
        except (LineBroken, OSError):
            # The line broke while it was filled: it is asked again at the next greeting.
            heard.append(False)
    return all(heard)
