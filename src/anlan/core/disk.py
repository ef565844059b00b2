"""When the disk is full or the store fails: a reserve kept for that hour, and an answer that says so.

A file of nothing lies beside the store. The first change that finds no room is refused with 507 and the reserve is
given free, so that the same change sent again is taken; from then on calls go in until that too is used up.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from anlan.core.errors import StoreFailing, StoreFull, StoreFullForGood

log = logging.getLogger("anlan.store")

RESERVE_BYTES = 256 * 1024**2
SHARE_OF_DISK = 0.05
NAME = "reserve"
_SQLITE_FAILS = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
}


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


def store_refusal(problem: BaseException, *, at: datetime) -> StoreFull | StoreFailing | None:
    """The refusal for a database error that is the disk's or the database server's fault; None for any other.

    Where there was no room the reserve is given free.
    """
    if not isinstance(problem, DatabaseError | InterfaceError):
        return None
    if _means_no_room(problem.__cause__):
        return StoreFull() if reserve_release() else StoreFullForGood()
    if _means_failing(problem.__cause__):
        log.error("the store failed", exc_info=problem)
        return StoreFailing(at=at)
    return None


def _means_no_room(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", "") == "53100"


def _means_failing(cause: BaseException | None) -> bool:
    """A disk that can't be read or written, a file that is damaged, a server that went away or is not there yet."""
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_FAILS
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # A line that broke bears no state: the server had no time to say one.
        return type(cause).__name__ in ("OperationalError", "InterfaceError")
    return str(state).startswith(("08", "57P", "58"))
