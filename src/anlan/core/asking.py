"""One statement, all its rows: the short way to the store for what every call asks.

A cursor of the object mapper goes through eight layers for each statement, which takes it several times as long
as a small store takes to answer. A call taken asks a dozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models


def ask(query: str, values: Sequence[Any] = (), *, using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """The rows ``query`` gives, none where it gives no rows; ``%s`` stands for each of ``values``.

    Values must be as the store takes them (``core.rows`` knows how). Raises Django's database errors.
    """
    connection: Any = connections[using]
    if connection.vendor == "sqlite":
        found: list[tuple[Any, ...]] = connection.ask(query, values)
        return found
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall()) if cursor.description else []


def any_due(model: type[models.Model], column: str, *, at: datetime) -> bool:
    """Whether a row's moment (``column``, empty in rows that wait for nothing) has come by ``at``.

    Every few seconds a worker asks it of each kind of row that wakes by itself, and nearly always hears no.
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    return bool(ask(f"SELECT 1 FROM {model._meta.db_table} WHERE {column} <= %s LIMIT 1", [moment]))
