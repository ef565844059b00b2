"""What SQLite's planner knows of how full the tables are, kept up as they fill: else it keeps to plans of small ones.

PostgreSQL does this by itself. SQLite's own ``PRAGMA optimize`` looks at tables that the same connection asked
before and passes over those never counted, so it is decided here which tables are due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connections

ROWS_LOOKED_AT = 2_000
"""Of each index at most: enough to tell a fine one from a coarse one, and a table of a year takes no second."""
SMALLEST = 1_000
GROWN = 4
"""A table is due that has so many rows and was never counted, or so many times as many as when it was."""


def statistics_take(*, at: datetime) -> int:
    """Count anew the tables that are due; returns how many.

    Table by table, each a short write that stands in line with the others: no call waits for more than one.
    """
    return sum(_take(connections[name]) for name in connections if connections[name].vendor == "sqlite")


def _take(connection: Any) -> int:
    with connection.cursor() as cursor:
        due = list(_due(cursor))
        if not due:
            return 0
        cursor.execute(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
        try:
            for table in due:
                with connection.writer_lock_held():
                    cursor.execute(f'ANALYZE "{table}"')
        finally:
            cursor.execute("PRAGMA analysis_limit=0")
    return len(due)


def _due(cursor: Any) -> Iterator[str]:
    """Tables the planner knows too little of."""
    counted = _counted(cursor)
    cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE '%) WHERE %'")
    whole = cursor.fetchall()
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'")
    for (table,) in cursor.fetchall():
        if table.startswith("sqlite_"):
            continue
        known = counted.get(table, {})
        is_new = any(name not in known for name, of in whole if of == table) or not known
        if _holds(cursor, table, SMALLEST if is_new else max(SMALLEST, GROWN * max(known.values()))):
            yield table


def _holds(cursor: Any, table: str, rows: int) -> bool:
    """Whether there are so many rows.

    Their numbers tell it at once of most tables; one whose rows were deleted or have gaps between their numbers is
    counted, no farther than needed.
    """
    cursor.execute(f'SELECT max(rowid) FROM "{table}"')
    if (cursor.fetchone()[0] or 0) < rows:
        return False
    cursor.execute(f'SELECT count(*) FROM (SELECT 1 FROM "{table}" LIMIT {rows})')
    held: int = cursor.fetchone()[0]
    return held >= rows


def _counted(cursor: Any) -> dict[str, dict[str, int]]:
    """For each table that was counted its indexes, each with how many rows there were then."""
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
    if cursor.fetchone() is None:
        return {}
    cursor.execute("SELECT tbl, coalesce(idx, ''), stat FROM sqlite_stat1")
    found: dict[str, dict[str, int]] = {}
    for table, index, stat in cursor.fetchall():
        found.setdefault(table, {})[index] = int(str(stat).split()[0])
    return found
