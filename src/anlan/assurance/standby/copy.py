"""The standby's copy of a store: what came is on disk before it is said to be held.

A folder that will be a home: ``anlan.sqlite3`` and behind it the log as the other machine wrote it, frame for frame,
so that SQLite itself checks the sums when it is opened one day. ``role.json`` says whether it is a standby or has
taken over, since when, by whom and why. Whoever changes any of it holds the folder's lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.assurance.standby.files import Files
from anlan.core.files import folder_sync
from anlan.core.sqlite_backend.notes import STORE
from anlan.core.sqlite_backend.wal import FRAME_HEADER, WAL_HEADER, frames_committed

ROLE, SEEN = "role.json", "heard.json"
STANDBY, PRIMARY = "standby", "primary"
FILES, CONTENT = "files", "content"


class NotSound(Exception):
    """The copy is not what was sent; it must be filled anew. The message says what differs."""


@dataclass(frozen=True)
class Role:
    """What this home is, under which epoch; ``taken`` tells of the take-over: at, by, reason."""

    role: str
    epoch: int
    taken: dict[str, str] | None = None


def role_of(home: Path) -> Role | None:
    """None for a home that never was a standby."""
    try:
        return Role(**json.loads((home / ROLE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


class Copy:
    """The copy under ``home``, in the one process that receives."""

    def __init__(self, home: Path) -> None:
        self.home, self.store = home, home / STORE
        self.log = Path(f"{self.store}-wal")
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.locked():
            if role_of(home) is None:
                if self.store.exists():
                    raise NotSound(f"{home} holds a store of its own; a standby begins with an empty folder")
                role_put(home, Role(STANDBY, 0))
        self.salt, self.frames = log_held(self.store)
        self.files = Files(home)
        self.came_at: datetime | None = None
        self.behind_bytes = 0
        """How much the other machine said, when it greeted last, that is not here."""
        self.told_at: datetime | None = None
        """When the machine that was replaced was told so, last."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes anything of this folder meanwhile."""
        with home_locked(self.home):
            yield

    def take(self, head: dict[str, Any], data: bytes, *, at: datetime) -> dict[str, Any]:
        """Do what a message asks, and say what is held, on disk, afterwards."""
        with self.locked():
            role = role_of(self.home) or Role(STANDBY, 0)
            if self.is_refused(role, head["epoch"]):
                self.told_at = at
                return {"replaced": {**(role.taken or {}), "epoch": role.epoch}}
            if head["epoch"] > role.epoch:
                role_put(self.home, Role(STANDBY, head["epoch"]))
            lacks = not getattr(self, f"_take_{head['kind']}")(head, data)
            if head["kind"] != "frames":
                _write(self.home / SEEN, json.dumps({"at": at.isoformat(), "mode": head.get("mode", "")}))
            else:
                os.utime(self.home / SEEN)
                self.came_at = at
            return {"salt": self.salt.hex(), "frames": self.frames, "lacks": lacks}

    def take_file(self, head: dict[str, Any], data: bytes, *, at: datetime) -> dict[str, Any]:
        """As ``take``, of the contents of files: nothing of the store is touched, and no commit waits for it."""
        role = role_of(self.home) or Role(STANDBY, 0)
        if self.is_refused(role, head["epoch"]):
            self.told_at = at
            return {"replaced": {**(role.taken or {}), "epoch": role.epoch}}
        return self.files.folder(head, at=at) if head["kind"] == FILES else self.files.content(head, data)

    def is_refused(self, role: Role, epoch: int) -> bool:
        """Whether what comes under ``epoch`` is of a machine that was replaced."""
        return role.role == PRIMARY or epoch < role.epoch

    def _take_hello(self, head: dict[str, Any], _data: bytes) -> bool:
        self.behind_bytes = head.get("behind_bytes", 0)
        return True

    def _take_whole(self, head: dict[str, Any], data: bytes) -> bool:
        """A part of a whole copy; the copy before stays until the last part is there."""
        draft = Path(f"{self.store}.filling")
        with draft.open("r+b" if head["start"] else "wb") as out:
            out.seek(head["start"])
            out.write(data)
            if head["is_last"]:
                out.truncate()
                out.flush()
                os.fsync(out.fileno())
        if head["is_last"]:
            for beside in ("-wal", "-shm"):
                Path(f"{self.store}{beside}").unlink(missing_ok=True)
            draft.replace(self.store)
            folder_sync(self.home)
            self.salt, self.frames = b"", 0
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
        is_new = not self.log.exists()
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, data, WAL_HEADER + start * size if start else 0)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            folder_sync(self.home)
        self.frames = upto
        return True

    def _put_in_place(self) -> None:
        """The log that ended goes into the store, all of it. Raises ``NotSound`` where SQLite can't read it whole."""
        log_apply(self.store, self.frames)
        self.salt, self.frames = b"", 0


def log_held(store: Path) -> tuple[bytes, int]:
    """What stands in the log behind ``store``: its salts, and how many frames up to the last sound commit."""
    log = Path(f"{store}-wal")
    if not log.exists() or log.stat().st_size < WAL_HEADER:
        return b"", 0
    frames = len(frames_committed(log))
    return (log.read_bytes()[16:24], frames) if frames else (b"", 0)


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


@contextmanager
def home_locked(home: Path) -> Iterator[None]:
    """The lock of a standby's folder, between processes."""
    descriptor = os.open(home / "standby.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def role_put(home: Path, role: Role) -> None:
    """Write down what this home is, on stable storage."""
    _write(home / ROLE, json.dumps(role.__dict__, ensure_ascii=False))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    folder_sync(path.parent)
