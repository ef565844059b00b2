"""What stands beside a store about its standby: how far it is, whether it answers, who goes on alone or took over."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from anlan.core.sqlite_backend.wal import FRAME_HEADER, WAL_HEADER

SYNC, ASYNC = "sync", "async"
STORE, POSITIONS = "anlan.sqlite3", "positions.sqlite3"
STORES = (STORE, POSITIONS)
"""What a home holds, each with a log of its own: what people and programs were told is kept, and where units are."""
STATE = struct.Struct("<8sQ?d")
_INDEX = struct.Struct("=I4xIBBHII2I8s")


@dataclass(frozen=True, slots=True)
class LogEnd:
    """How far a log has been committed: which log (its salts), how many frames, bytes of a page."""

    salt: bytes
    frames: int
    page: int

    @property
    def is_at(self) -> tuple[bytes, int]:
        return (self.salt, self.frames) if self.frames else (b"", 0)


def log_end(store: str) -> LogEnd:
    """Where the log of ``store`` ends, from SQLite's own index of it. Nobody else may be writing.

    Format: https://www.sqlite.org/walformat.html#the_wal_index_header.
    """
    try:
        with open(f"{store}-shm", "rb") as index:
            head = index.read(_INDEX.size)
        _version, _change, _is_made, _order, page, frames, _pages, _a, _b, salt = _INDEX.unpack(head)
    except (FileNotFoundError, struct.error):
        return LogEnd(b"", 0, 0)
    return LogEnd(salt, frames, 65536 if page == 1 else page)


def frames_read(store: str, end: LogEnd, start: int, upto: int) -> bytes:
    """Frames ``start`` to ``upto`` of the log as they stand in it; before the first its header."""
    size = FRAME_HEADER + end.page
    first = 0 if start == 0 else WAL_HEADER + start * size
    with open(f"{store}-wal", "rb") as log:
        log.seek(first)
        return log.read(WAL_HEADER + upto * size - first)


def alone_note(store: str) -> Path:
    """Where it stands that this home goes on without its standby, and who said so: one note for all its stores."""
    return _beside(store, "alone")


def replaced_note(store: str) -> Path:
    """Where it stands that another machine has taken over from this home."""
    return _beside(store, "replaced")


def heard_note(store: str) -> Path:
    """Where it stands when the standby last answered, whether anything was written or not, and what it told."""
    return _beside(store, "heard")


def _beside(store: str, what: str) -> Path:
    return Path(store).with_name(f"{STORE}-{what}")


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a store knows of its standby: whether it answered last, and when that was."""

    is_up: bool
    at: datetime
    salt: bytes = b""
    frames: int = 0


def stream_state(store: str) -> StreamState | None:
    """None where nothing was ever carried."""
    try:
        with open(f"{store}-standby", "rb") as state:
            salt, frames, is_up, at = STATE.unpack(state.read(STATE.size))
    except (FileNotFoundError, struct.error):
        return None
    return StreamState(is_up, datetime.fromtimestamp(at, timezone.get_current_timezone()), salt, frames)


def behind(store: str) -> tuple[int, bool]:
    """Bytes committed here that the second machine was not known to hold, and whether it needs a whole copy."""
    state, end = stream_state(store), log_end(store)
    if state is None or not end.frames or (state.salt, state.frames) == end.is_at:
        return 0, False
    size = FRAME_HEADER + end.page
    if state.salt == end.salt:
        return max(0, end.frames - state.frames) * size, False
    if state.is_up:
        # A new log has begun this moment; the commit that is under way carries it.
        return end.frames * size, False
    return os.stat(store).st_size, True
