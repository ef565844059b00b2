"""A store as it was at a moment: the whole copy before it, and the logs since, played into it."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from anlan.assurance.backup.index import INDEX, Point, digest_holds, point_read
from anlan.core.sqlite_backend.wal import FRAME_HEADER, WAL_HEADER


class NothingToRestore(Exception):
    """The folder holds no backup of that moment, or it is damaged; the message says which."""


def points(folder: Path) -> list[Point]:
    """Every moment the store can be brought back to, oldest first; a line torn by a cut or changed is left out."""
    index = folder / INDEX
    lines = index.read_text(encoding="utf-8", errors="replace").splitlines() if index.exists() else []
    return [point for point in map(point_read, lines) if point is not None]


def restore(folder: Path, into: Path, *, at: datetime | None = None) -> Point:
    """Make ``into`` (a file that isn't there yet) the store as it was at ``at``, or at the end; returns the point.

    Raises ``NothingToRestore`` where there is no copy so old, or a part of it is missing or unsound.
    """
    if into.exists():
        raise NothingToRestore(f"{into} is there already; it is not overwritten")
    known = points(folder)
    wanted = [point for point in known if at is None or point.at <= at]
    if not wanted:
        first = f"; the oldest is of {known[0].at.isoformat()}" if known else ""
        raise NothingToRestore(f"{folder} holds no backup of that moment{first}")
    goal = wanted[-1]
    line: list[str] = []
    for generation in dict.fromkeys(point.generation for point in wanted):
        # Whatever lies before a whole copy is not needed.
        line = [generation] if (folder / f"{generation}.sqlite3").exists() else [*line, generation]
    if not line or not (folder / f"{line[0]}.sqlite3").exists():
        raise NothingToRestore(f"{folder} lacks the whole copy that generation {goal.generation} stands on")
    if not digest_holds(folder, line[0]):
        raise NothingToRestore(f"{line[0]}.sqlite3 is damaged: it is not what was written (its digest differs)")
    shutil.copyfile(folder / f"{line[0]}.sqlite3", into)
    for generation in line:
        _play(folder / f"{generation}.wal", into, goal.bytes if generation == goal.generation else None)
    _must_be_sound(into)
    return goal


def _play(log: Path, into: Path, length: int | None) -> None:
    """Let SQLite read the first ``length`` bytes of a log (all of them without) into the file."""
    if length == 0 or not log.exists():
        if length:
            raise NothingToRestore(f"{log} is missing")
        return
    content = log.read_bytes()
    if length is not None and len(content) < length:
        raise NothingToRestore(f"{log} is shorter than its index says: {len(content)} of {length} bytes")
    beside = Path(f"{into}-wal")
    beside.write_bytes(content[:length])
    line = sqlite3.connect(into, isolation_level=None)
    try:
        frames = (len(content[:length]) - WAL_HEADER) // (
            FRAME_HEADER + line.execute("PRAGMA page_size").fetchone()[0]
        )
        _, taken, _ = line.execute("PRAGMA wal_checkpoint").fetchone()
        # A log whose checksum fails somewhere is read up to there only: that must not pass unseen.
        if taken != frames:
            raise NothingToRestore(f"{log} is damaged: {taken} of {frames} pages could be read")
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        line.close()


def _must_be_sound(store: Path) -> None:
    line = sqlite3.connect(store, isolation_level=None)
    try:
        told = [row[0] for row in line.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as problem:
        told = [str(problem)]
    finally:
        line.close()
    if told != ["ok"]:
        raise NothingToRestore(f"what was restored is not sound: {told[0]}")
