"""The start-up check: a store that could lose an accepted call is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.db import connections

NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "ceph", "glusterfs"}
FULL = 2


@register(Tags.database)
def durable_sqlite(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Each SQLite store is WAL; the main one syncs every commit; none lies on a network drive."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor == "sqlite":
            found += _problems(alias, connection)
    return found


def _problems(alias: str, connection: Any) -> list[CheckMessage]:
    name = str(connection.settings_dict["NAME"])
    if "memory" in name:
        return []
    with connection.cursor() as cursor:
        pragmas = {
            pragma: cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        }
    wrong: list[CheckMessage] = []
    if pragmas["journal_mode"] != "wal":
        wrong.append(_refuse(alias, "journal_mode", pragmas["journal_mode"], "wal", "anlan.E001"))
    if alias == "default" and pragmas["synchronous"] != FULL:
        wrong.append(_refuse(alias, "synchronous", pragmas["synchronous"], "FULL (2)", "anlan.E002"))
    if pragmas["foreign_keys"] != 1:
        wrong.append(_refuse(alias, "foreign_keys", pragmas["foreign_keys"], "on (1)", "anlan.E003"))
    if connection.transaction_mode != "IMMEDIATE":
        wrong.append(_refuse(alias, "transaction_mode", connection.transaction_mode, "IMMEDIATE", "anlan.E004"))
    kind = file_system_of(Path(name))
    if kind in NETWORK_FILE_SYSTEMS:
        wrong.append(_refuse(alias, "file system", kind, "a local disk", "anlan.E005"))
    if sqlite3.sqlite_version_info < (3, 51, 3):
        wrong.append(
            Info(
                f"SQLite {sqlite3.sqlite_version}: commits and checkpoints are kept apart by the writer lock.",
                id="anlan.I001",
            )
        )
    return wrong


def _refuse(alias: str, what: str, found: object, wanted: str, code: str) -> Error:
    return Error(
        f"Database '{alias}' has {what} = {found}; it must be {wanted}, or an accepted call could be lost. / "
        f"数据库“{alias}”的 {what} 为 {found}，必须为 {wanted}，否则已受理的警情可能丢失。",
        hint="Restore the settings in anlan.config.settings, or move the file to a local disk, and start again.",
        id=code,
    )


def file_system_of(path: Path) -> str:
    """The type of the file system that holds ``path``, from the mount table; '' where there is none."""
    table = Path("/proc/mounts")
    if not table.exists():
        return ""
    best, kind = "", ""
    target = str(path.resolve())
    for line in table.read_text(encoding="utf-8", errors="replace").splitlines():
        _, mount, fs_type, *_ = line.split()
        if len(mount) > len(best) and (target + "/").startswith(mount.rstrip("/") + "/"):
            best, kind = mount, fs_type
    return kind
