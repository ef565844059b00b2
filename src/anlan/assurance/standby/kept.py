"""One store's copy on the standby: the file, and behind it the log as the other machine wrote it, frame for frame.

SQLite itself checks the sums of the frames when it is opened one day. A whole copy is taken beside the one that is
there, and takes its place at once or not at all: a machine that dies in between goes on with it when it starts.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

from anlan.core.files import folder_sync
from anlan.core.sqlite_backend.wal import FRAME_HEADER, WAL_HEADER, frames_committed


class NotSound(Exception):
    """The copy is not what was sent; it must be filled anew. The message says what differs."""


class Kept:
    """The copy at ``store``. Each change is made by who holds the folder's lock for it.

    With ``is_synced`` what came is on disk before it is said to be held; else in this machine's memory, as the other
    one keeps it (positions): what it says it holds then outlives the other machine, and not its own power.
    """

    def __init__(self, store: Path, *, is_synced: bool) -> None:
        self.store, self.is_synced = store, is_synced
        self.log = Path(f"{store}-wal")
        self._draft, self._draft_log = Path(f"{store}.filling"), Path(f"{store}.filling-wal")
        filled_finish(store)
        self.salt, self.frames = log_held(store)
        self.behind_bytes = 0
        """How much the other machine said, when it greeted last, that is not here."""

    def take(self, head: dict[str, Any], data: bytes) -> bool:
        """Do what a message asks; whether what it brings can stand behind what is here."""
        taken: bool = getattr(self, f"_take_{head['kind']}")(head, data)
        return taken

    def _take_hello(self, head: dict[str, Any], _data: bytes) -> bool:
        self.behind_bytes = head.get("behind_bytes", 0)
        return True

    def _take_whole(self, head: dict[str, Any], data: bytes) -> bool:
        """A part of the file of a whole copy; a log that was begun before belongs to another."""
        self._draft_log.unlink(missing_ok=True)
        with self._draft.open("r+b" if head["start"] else "wb") as out:
            out.seek(head["start"])
            out.write(data)
        return True

    def _take_whole_log(self, _head: dict[str, Any], data: bytes) -> bool:
        """A part of the log behind it."""
        with self._draft_log.open("ab") as out:
            out.write(data)
        return True

    def _take_whole_end(self, head: dict[str, Any], _data: bytes) -> bool:
        """All of it came: it is the copy from now on. Raises ``NotSound`` where a part is missing."""
        has_log = head["frames"] > 0
        # The line lets nothing be changed on its way; what this disk makes of it, SQLite sees from the sums.
        if not self._draft.exists() or (has_log and log_told(self._draft) != head["frames"]):
            raise NotSound("a whole copy came with a part missing")
        for path in (self._draft, *([self._draft_log] if has_log else [])):
            _sync(path)
        _put(_note(self.store), "log" if has_log else "file alone")
        filled_finish(self.store)
        self.salt, self.frames = (bytes.fromhex(head["salt"]), head["frames"]) if has_log else (b"", 0)
        return True

    def _take_frames(self, head: dict[str, Any], data: bytes) -> bool:
        salt, start, upto, page = bytes.fromhex(head["salt"]), head["start"], head["upto"], head["page"]
        size = FRAME_HEADER + page
        if not self.store.exists() or len(data) != (upto - start) * size + (0 if start else WAL_HEADER):
            return False
        if salt != self.salt:
            if start:
                return False
            self._put_in_place()
            self.salt = salt
        elif start != self.frames:
            # Nothing is taken twice or out of turn; who sent it hears how far this is.
            return start < self.frames
        self._append(data, WAL_HEADER + start * size if start else 0)
        self.frames = upto
        return True

    def _append(self, data: bytes, place: int) -> None:
        is_new = not self.log.exists()
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, data, place)
            if self.is_synced:
                os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            folder_sync(self.store.parent)

    def _put_in_place(self) -> None:
        """The log that ended goes into the store, all of it. Raises ``NotSound`` where SQLite can't read it whole."""
        if self.frames:
            log_apply(self.store, self.frames)
        self.log.unlink(missing_ok=True)
        self.salt, self.frames = b"", 0


def filled_finish(store: Path) -> None:
    """A whole copy that came whole takes the place of the one before, if that was begun and not ended."""
    note = _note(store)
    if not note.exists():
        return
    draft, log = Path(f"{store}.filling"), Path(f"{store}-wal")
    Path(f"{store}-shm").unlink(missing_ok=True)
    if draft.exists():
        # Until the file is replaced nothing of the one before is needed, and its log would be read behind this one.
        log.unlink(missing_ok=True)
        draft.replace(store)
    if note.read_text(encoding="utf-8") == "log" and (coming := Path(f"{draft}-wal")).exists():
        coming.replace(log)
    folder_sync(store.parent)
    note.unlink()
    folder_sync(store.parent)


def log_held(store: Path) -> tuple[bytes, int]:
    """What stands in the log behind ``store``: its salts, and how many frames up to the last sound commit."""
    log = Path(f"{store}-wal")
    if not log.exists() or log.stat().st_size < WAL_HEADER:
        return b"", 0
    frames = len(frames_committed(log))
    return (log.read_bytes()[16:24], frames) if frames else (b"", 0)


def log_told(store: Path) -> int:
    """How many frames the log behind ``store`` has up to its last commit, by their salts: no sum is reckoned."""
    with open(f"{store}-wal", "rb") as log:
        header = log.read(WAL_HEADER)
        if len(header) < WAL_HEADER:
            return 0
        (page,) = struct.unpack(">I", header[8:12])
        count = found = 0
        whole = (os.fstat(log.fileno()).st_size - WAL_HEADER) // (FRAME_HEADER + page)
        while count < whole and (frame := log.read(FRAME_HEADER))[8:16] == header[16:24]:
            count += 1
            if frame[4:8] != bytes(4):
                found = count
            log.seek(page, os.SEEK_CUR)
    return found


def log_apply(store: Path, frames: int) -> None:
    """Let SQLite put the log of ``store`` in its place; ``frames`` is how many of it are held.

    Raises ``NotSound`` where it finds fewer: one was changed on the disk.
    """
    Path(f"{store}-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(store, isolation_level=None)) as line:
        _busy, found, moved = line.execute("PRAGMA wal_checkpoint").fetchone()
        if frames and (found, moved) != (frames, frames):
            raise NotSound(f"of {frames} pages in the log {max(found, 0)} could be read")
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _note(store: Path) -> Path:
    return Path(f"{store}.filled")


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)
    folder_sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
