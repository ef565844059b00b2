"""When the disk is full: a reserve kept for that hour, and an answer that says so.

A file of nothing lies beside the store. The first change that finds no room is refused with 507 and the reserve is
given free, so that the same change sent again is taken; from then on calls go in until that too is used up.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from anlan.core.errors import StoreFull, StoreFullForGood

RESERVE_BYTES = 256 * 1024**2
SHARE_OF_DISK = 0.05
NAME = "reserve"


def reserve_path() -> Path:
    """Where the reserve lies: on the disk of the store."""
    return Path(settings.HOME) / NAME


def reserve_make() -> bool:
    """Put the reserve there if it isn't and the disk can spare it; returns whether it is there now.

    At most a twentieth of the disk, and only where three times as much is free.
    """
    path = reserve_path()
    if path.exists():
        return True
    disk = shutil.disk_usage(path.parent)
    size = int(min(RESERVE_BYTES, SHARE_OF_DISK * disk.total))
    if disk.free < 3 * size:
        return False
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        with draft.open("wb") as out:
            os.posix_fallocate(out.fileno(), 0, size)
        draft.replace(path)
    except OSError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def reserve_release() -> bool:
    """Give the reserve free; returns whether there was one."""
    try:
        reserve_path().unlink()
    except FileNotFoundError:
        return False
    return True


def store_full(problem: BaseException) -> StoreFull | None:
    """The refusal for a database error that means "no room", the reserve given free; None for any other error."""
    if not (isinstance(problem, DatabaseError) and _means_no_room(problem.__cause__)):
        return None
    return StoreFull() if reserve_release() else StoreFullForGood()


def _means_no_room(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", "") == "53100"
