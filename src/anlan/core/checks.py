"""The start-up check: a store that could lose an accepted call is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.db import OperationalError, connections

NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "ceph", "glusterfs"}
FULL = 2
SQLITE_HINT = "Restore the settings in anlan.config.settings, or move the file to a local disk, and start again."
POSTGRES_HINT = "ALTER SYSTEM RESET the setting, ask pg_db_role_setting for others of the role, and start again."


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


@register(Tags.database)
def durable_postgres(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Each PostgreSQL writes its log to disk before it answers, with whole pages; only a scratch server need not.

    A server for one run of tests says so itself, by ``anlan.scratch=on`` among its own settings.
    """
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor == "postgresql":
            found += _unsafe(alias, connection)
    return found


def _unsafe(alias: str, connection: Any) -> list[CheckMessage]:
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('anlan.scratch', true)")
            if cursor.fetchone()[0] == "on":
                return []
            cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
            said = dict(zip(names, cursor.fetchone(), strict=True))
    except OperationalError:
        return []  # whoever asks the store next is told that it isn't there
    wrong: list[CheckMessage] = [
        _refuse(alias, name, "off", "on", code, hint=POSTGRES_HINT)
        for name, code in (
            ("fsync", "anlan.E006"),
            ("full_page_writes", "anlan.E007"),
            ("synchronous_commit", "anlan.E008"),
        )
        if said[name] == "off"
    ]
    if said["data_checksums"] == "off":
        wrong.append(Info("PostgreSQL keeps no sums of its pages: pg_checksums --enable.", id="anlan.I002"))
    return wrong


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


def _refuse(alias: str, what: str, found: object, wanted: str, code: str, *, hint: str = SQLITE_HINT) -> Error:
    return Error(
        f"Database '{alias}' has {what} = {found}; it must be {wanted}, or an accepted call could be lost. / "
        f"数据库“{alias}”的 {what} 为 {found}，必须为 {wanted}，否则已受理的警情可能丢失。",
        hint=hint,
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
