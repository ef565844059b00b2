"""Before a store is opened after a crash: does its log end where it was cut, or where it was damaged?"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path

from django.db import connections

from anlan.core.sqlite_backend.base import WriterLock
from anlan.core.sqlite_backend.wal import Hole, hole


def log_look(alias: str, *, at: datetime) -> Hole | None:
    """The hole in the log of a SQLite store, told and the log kept aside; None where there is none.

    The centre starts all the same: calls must be taken. What stands behind a hole SQLite passes over, so this is the
    last moment at which it is there to be kept.
    """
    connection = connections[alias]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or "memory" in name:
        return None
    log = Path(f"{name}-wal")
    lock = WriterLock.of(name)
    lock.acquire()
    try:
        found = hole(log)
        if found is not None:
            aside = log.with_name(f"{log.name}.{at:%Y%m%dT%H%M%S}")
            shutil.copyfile(log, aside)
            sys.stderr.write(_told(alias, found, aside) + "\n")
    finally:
        lock.release()
    return found


def _told(alias: str, found: Hole, aside: Path) -> str:
    if not found.after:
        return (
            f"数据库 {alias} 的日志在最后一次提交写到一半时中断；"
            "该次提交从未应答“受理”，已忽略。"
            f"原日志存于 {aside}。/ The log of store '{alias}' ends in the middle of a commit, which was "
            f"acknowledged to nobody and is passed over. The log is kept as {aside}."
        )
    return (
        f"注意：数据库 {alias} 的日志第 {found.frame} 帧已损坏，"
        f"其后 {found.after} 帧无法读取，"
        f"其中可能有已应答“受理”的内容。原日志存于 {aside}。请运行 anlan verify，与备份核对，并告知管理员。/ "
        f"ATTENTION: frame {found.frame} of the log of store '{alias}' is damaged and the {found.after} after it "
        f"can't be read; acknowledged changes may be among them. The log is kept as {aside}. Run anlan verify, "
        "compare with the backup (docs/drills.md), and tell the administrator."
    )
