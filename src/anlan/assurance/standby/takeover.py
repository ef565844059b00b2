"""Taking over: a person says so, and from that moment on nothing of the other machine is taken any more."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anlan.assurance.standby.copy import (
    PRIMARY,
    SEEN,
    STANDBY,
    NotSound,
    Role,
    home_locked,
    log_apply,
    log_held,
    role_of,
    role_put,
)
from anlan.assurance.standby.files import aside_put_back
from anlan.core.sqlite_backend.notes import STORE, SYNC


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
    size = sum(path.stat().st_size for path in (store, Path(f"{store}-wal")) if path.exists())
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
        _salt, frames = log_held(home / STORE)
        log_apply(home / STORE, frames)
        _must_be_sound(home / STORE)
        with closing(sqlite3.connect(home / STORE, isolation_level=None)) as line:
            line.execute(f"PRAGMA user_version={epoch}")
        aside_put_back(home)
        return held


def _must_be_sound(store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as line:
        told = [row[0] for row in line.execute("PRAGMA quick_check")]
    if told != ["ok"]:
        raise NotSound(f"the copy is not sound: {told[0]}")
