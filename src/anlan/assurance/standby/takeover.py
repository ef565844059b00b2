"""Taking over: a person says so, and from that moment on nothing of the other machine is taken any more."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anlan.assurance.standby.copy import PRIMARY, SEEN, STANDBY, Role, home_locked, role_of, role_put
from anlan.assurance.standby.files import aside_put_back
from anlan.assurance.standby.kept import NotSound, filled_finish, log_apply, log_told
from anlan.core.sqlite_backend.notes import POSITIONS, STORE, SYNC
from anlan.core.sqlite_backend.wal import hole

log = logging.getLogger("anlan.standby")


class NoStandby(Exception):
    """This home is no standby that could take over; the message says what it is."""


@dataclass(frozen=True)
class Standing:
    """What a standby holds. ``heard_at`` is when the other machine was last heard; ``is_sync`` how it sends."""

    role: Role
    heard_at: datetime | None
    is_sync: bool
    bytes: int

    @property
    def may_lack(self) -> bool:
        """Whether calls may have been accepted that are not here."""
        return not self.is_sync


def standing(home: Path) -> Standing:
    """Raises ``NoStandby``."""
    role = role_of(home)
    if role is None:
        raise NoStandby(f"{home} is no standby")
    store, seen = home / STORE, home / SEEN
    told = json.loads(seen.read_text(encoding="utf-8")) if seen.exists() else {}
    heard = datetime.fromtimestamp(seen.stat().st_mtime).astimezone() if seen.exists() else None
    parts = (store, Path(f"{store}-wal"), home / POSITIONS, home / f"{POSITIONS}-wal")
    size = sum(path.stat().st_size for path in parts if path.exists())
    return Standing(role, heard, told.get("mode") == SYNC, size)


def take_over(home: Path, *, by: str, reason: str, at: datetime) -> Standing:
    """Make this home the centre's. Returns what it held. Raises ``NoStandby`` and ``NotSound``.

    First the fence, on disk: what the other machine sends from now on is refused with ``by`` and ``at``. Then the
    store is looked at as a whole; one that is not sound is not opened.
    """
    with home_locked(home):
        held = standing(home)
        if held.role.role != STANDBY:
            told = held.role.taken or {}
            raise NoStandby(f"{home} has taken over already, at {told.get('at')}, by {told.get('by')}")
        if not (home / STORE).exists():
            raise NoStandby(f"{home} holds no copy yet: the other machine never sent one")
        epoch = held.role.epoch + 1
        taken = {"at": at.isoformat(timespec="seconds"), "by": by, "reason": reason}
        role_put(home, Role(PRIMARY, epoch, taken))
        stores_take(home, epoch)
        aside_put_back(home)
        return held


def stores_take(home: Path, epoch: int) -> None:
    """Make the copies the stores of a centre under ``epoch``; nothing is done where they are. Raises ``NotSound``."""
    if epoch_of(home / STORE) >= epoch:
        return
    # The centre's own last: its epoch says that all is done.
    _positions_take(home / POSITIONS, epoch)
    _take(home / STORE, epoch)


def epoch_of(store: Path) -> int:
    """What stands in the file's own first page; a log behind it may say more. Format: fileformat2, header at 60."""
    with store.open("rb") as content:
        head = content.read(64)
    return int.from_bytes(head[60:64], "big")


def _take(store: Path, epoch: int) -> None:
    """Put the log in its place, look at all of it, and write down the epoch. Raises ``NotSound``."""
    filled_finish(store)
    _log_take(store)
    _must_be_sound(store)
    with closing(sqlite3.connect(store, isolation_level=None)) as line:
        line.execute(f"PRAGMA user_version={epoch}")


def _positions_take(store: Path, epoch: int) -> None:
    """The same of where units are. A copy that is not sound is laid aside: calls don't wait for it."""
    if not store.exists():
        return
    try:
        _take(store, epoch)
    except (NotSound, sqlite3.DatabaseError) as problem:
        log.error("positions begin anew, the copy is not sound and kept as %s.not-sound: %s", store.name, problem)
        for beside in ("-wal", "-shm"):
            Path(f"{store}{beside}").unlink(missing_ok=True)
        store.replace(f"{store}.not-sound")


def _log_take(store: Path) -> None:
    """The log goes into the store. Its last commit, acknowledged to nobody, may be torn; nothing else may be."""
    beside = Path(f"{store}-wal")
    if not beside.exists():
        return
    # SQLite removes the log it has read.
    kept = Path(f"{store}-wal.taken-over")
    shutil.copyfile(beside, kept)
    told = log_told(store)
    try:
        log_apply(store, told)
    except NotSound:
        if (found := hole(kept)) is None or found.after:
            raise
    kept.unlink()


def _must_be_sound(store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as line:
        told = [row[0] for row in line.execute("PRAGMA quick_check")]
    if told != ["ok"]:
        raise NotSound(f"the copy is not sound: {told[0]}")
