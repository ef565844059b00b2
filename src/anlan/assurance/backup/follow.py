"""A backup that follows: a copy of the store, and its log carried after it every second or so.

SQLite appends each commit to a log beside the file (the WAL) and now and then moves it into the file, after which the
log is begun anew. Who holds an old look at the store keeps it from being moved. The follower holds one, copies
what was committed since, and lets go only while nobody writes and all has been copied (a *generation* ends).

A folder of backups holds ``<generation>.sqlite3`` (a whole copy, for some generations), ``<generation>.wal`` (what
was committed in it), and ``index.jsonl``: at which moment how many bytes of which log were safe.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anlan.assurance.backup.index import INDEX, Point, digest_put, point_text
from anlan.assurance.backup.pages import pages_differing
from anlan.core.sqlite_backend.base import WriterLock
from anlan.core.sqlite_backend.wal import FRAME_HEADER, WAL_HEADER

ROTATE_BYTES = 64 * 1024**2
LEAST_FREE_BYTES = 64 * 1024**2


class NoSpace(Exception):
    """The backup's own disk is full; what was copied so far is whole."""


class StoreChanged(Exception):
    """Pages of the store are not what was written to them: ``pages`` are their numbers. No copy of it was kept."""

    def __init__(self, pages: list[int]) -> None:
        self.pages = pages
        super().__init__(f"{len(pages)} pages, the first is {pages[0]}")


class Follower:
    """Follows ``store`` (a SQLite file in WAL mode) into the folder ``into``, with the files of ``media`` if given.

    Each call of ``copy`` makes everything committed before it safe. One follower a store.
    """

    def __init__(self, store: Path, into: Path, *, media: Path | None = None) -> None:
        self.store, self.into, self.media = store, into, media
        self.wal = Path(f"{store}-wal")
        self.generation = ""
        self._chain: list[str] = []
        self._copied, self._header = 0, b""
        self._look: sqlite3.Connection | None = None
        into.mkdir(parents=True, exist_ok=True, mode=0o700)

    def start(self, at: datetime) -> None:
        """Begin a generation with a whole copy of the store."""
        self._begin(at)
        # The log is not moved into the file while the look is held: the file stands still.
        self._whole_copy()
        self._note(at)

    def copy(self, at: datetime) -> int:
        """Carry over what was committed since; returns how many bytes. ``at`` is the present instant."""
        fresh = self._committed(at)
        if fresh:
            self._room_for(len(fresh))
            with (self.into / f"{self.generation}.wal").open("ab") as out:
                out.write(fresh)
                _flush(out)
            self._copied += len(fresh)
        self._media()
        self._note(at)
        if self._copied >= ROTATE_BYTES:
            self.rotate(at)
        return len(fresh)

    def rotate(self, at: datetime, *, whole: bool = False) -> bool:
        """End the generation, if no long-lived reader is in the way, and begin the next; returns whether it did.

        ``whole`` puts a whole copy at the beginning of the next one, so that a restore need not go further back.
        It is held against the copy before and the logs since; raises ``StoreChanged`` where it differs. It is not
        kept then, and a restore goes on from the copy before, which is sound.
        """
        lock = WriterLock.of(str(self.store))
        lock.acquire()
        try:
            rest = self._committed(at)
            if rest:
                with (self.into / f"{self.generation}.wal").open("ab") as out:
                    out.write(rest)
                    _flush(out)
                self._copied += len(rest)
                self._note(at)
            self._let_go()
            is_moved = self._move()
            self._hold()
            if is_moved:
                self._named(at)
        finally:
            lock.release()
        if is_moved:
            if whole:
                self._whole_copy()
            self._note(at)
        return is_moved

    def prune(self, *, before: datetime) -> int:
        """Remove what no restore to ``before`` or later needs; returns how many files went."""
        wholes = sorted(path.stem for path in self.into.glob("*.sqlite3"))
        last_needed = [name for name in wholes if name <= _name(before)][-1:]
        if not last_needed:
            return 0
        old = [
            p
            for p in self.into.glob("2*.*")
            if p.suffix in {".sqlite3", ".wal", ".sha256"} and p.stem < last_needed[0]
        ]
        for path in old:
            path.unlink()
        return len(old)

    def stop(self) -> None:
        """Let go of the store."""
        self._let_go()

    def _begin(self, at: datetime) -> None:
        lock = WriterLock.of(str(self.store))
        lock.acquire()
        try:
            if not self._move():
                raise sqlite3.OperationalError("a reader holds the log; try again")
            self._hold()
            self._named(at)
        finally:
            lock.release()

    def _named(self, at: datetime) -> None:
        self.generation, self._copied = _name(at), 0
        self._chain.append(self.generation)

    def _move(self) -> bool:
        """Move the whole log into the file and empty it; False while somebody else's look stands in the way."""
        line = sqlite3.connect(self.store, isolation_level=None, timeout=2.0)
        try:
            line.execute("PRAGMA synchronous=FULL")
            busy, _, _ = line.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        finally:
            line.close()

    def _hold(self) -> None:
        line = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
        line.execute("BEGIN")
        line.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._look = line

    def _let_go(self) -> None:
        if self._look is not None:
            self._look.execute("ROLLBACK")
            self._look.close()
            self._look = None

    def _committed(self, at: datetime) -> bytes:
        """What the log holds beyond what was copied, up to the end of its last commit.

        A log that was begun anew without us (it had been moved while the look was let go, and all of it copied
        before) begins a generation.
        """
        if not self.wal.exists():
            return b""
        with self.wal.open("rb") as log:
            header = log.read(WAL_HEADER)
            if len(header) < WAL_HEADER:
                return b""
            if self._copied and header != self._header:
                self._named(at)
            self._header = header
            start = max(self._copied, WAL_HEADER)
            log.seek(start)
            rest = log.read()
        end = _last_commit(rest, header)
        if not end:
            return b""
        return (header if self._copied == 0 else b"") + rest[:end]

    def _whole_copy(self) -> None:
        self._room_for(self.store.stat().st_size)
        target = self.into / f"{self.generation}.sqlite3"
        draft = target.with_suffix(".draft")
        try:
            with self.store.open("rb") as source, draft.open("wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
                _flush(out)
            since = self._chain[:-1]
            if since and (differing := pages_differing(self.into, since, draft)):
                raise StoreChanged(differing)
            digest_put(self.into, self.generation, draft)
            draft.replace(target)
            self._chain = [self.generation]
        finally:
            draft.unlink(missing_ok=True)

    def _media(self) -> None:
        """Files of content that are not in the backup yet. A row is written after its file, so each has its file."""
        if self.media is None or not self.media.is_dir():
            return
        for path in self.media.glob("[0-9a-f][0-9a-f]/*"):
            target = self.into / "media" / path.parent.name / path.name
            if "." not in path.name and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target.with_suffix(".draft"))
                target.with_suffix(".draft").replace(target)

    def _note(self, at: datetime) -> None:
        with (self.into / INDEX).open("a", encoding="utf-8") as out:
            out.write(point_text(Point(at, self.generation, self._copied)) + "\n")
            _flush(out)

    def _room_for(self, size: int) -> None:
        free = shutil.disk_usage(self.into).free
        if free < size + LEAST_FREE_BYTES:
            raise NoSpace(f"{free // 1024**2} MB free in {self.into}, {size // 1024**2 + 64} MB needed")


def _last_commit(frames: bytes, header: bytes) -> int:
    """Where the last commit among ``frames`` ends; 0 where there is none.

    A frame says which page it is and, if it ends a commit, how long the file is then (else 0). Frames left over from
    an earlier log bear other salts than the header; those of a change that was taken back end no commit.
    """
    (page_size,) = struct.unpack(">I", header[8:12])
    step, end = FRAME_HEADER + page_size, 0
    for place in range(0, len(frames) - step + 1, step):
        _, length, *salts = struct.unpack(">IIII", frames[place : place + 16])
        if struct.pack(">II", *salts) != header[16:24]:
            break
        if length:
            end = place + step
    return end


def _name(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"


def _flush(out: Any) -> None:
    out.flush()
    os.fsync(out.fileno())
