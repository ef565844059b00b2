"""Tables for a new store: made by the migrations one after another, or copied from an empty store kept ready.

The migrations of a whole centre take some ten seconds of a processor, however empty the store. Who makes many
stores - replays, drills, tests - names a folder in ``ANLAN_READY_STORES``: the first new SQLite store leaves its
empty tables there, the next ones begin as a copy of them. The file is named by what the migrations say, so one of
another version is never used.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader


def tables_make(alias: str, **options: Any) -> None:
    """Bring the tables of a store up to date; ``options`` go to the ``migrate`` command."""
    ready = _ready_for(alias)
    if ready is not None and ready.exists():
        _copy_from(ready, alias)
        if not is_behind(alias):
            return
    call_command("migrate", **{"verbosity": 0, "interactive": False, **options, "database": alias})
    if ready is not None:
        _keep(ready, alias)


def is_behind(alias: str) -> bool:
    """Whether a migration has not been carried out on this store."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _ready_for(alias: str) -> Path | None:
    """Where the empty tables for this store lie or belong; None for one that has tables already."""
    folder, connection = os.environ.get("ANLAN_READY_STORES"), connections[alias]
    if not folder or connection.vendor != "sqlite" or connection.introspection.table_names():
        return None
    return Path(folder) / f"{alias}-{_told()}.sqlite3"


def _told() -> str:
    """A short name for everything the migrations say."""
    found = hashlib.sha256(django.__version__.encode())
    loader = MigrationLoader(None)
    for key in sorted(loader.disk_migrations):
        written = sys.modules[loader.disk_migrations[key].__module__].__file__
        found.update(repr(key).encode() + Path(str(written)).read_bytes())
    return found.hexdigest()[:16]


def _copy_from(ready: Path, alias: str) -> None:
    connection = connections[alias]
    connection.ensure_connection()
    with closing(sqlite3.connect(ready)) as source:
        source.backup(connection.connection)
    # The next connection sets again what the settings ask of it.
    connection.close()


def _keep(ready: Path, alias: str) -> None:
    """Put the empty tables into the folder, whole or not at all."""
    connection = connections[alias]
    connection.ensure_connection()
    ready.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=ready.parent, prefix=".", suffix=".part")
    os.close(handle)
    with closing(sqlite3.connect(name)) as target:
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    Path(name).replace(ready)
