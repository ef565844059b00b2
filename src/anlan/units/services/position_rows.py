"""Rows of positions as the store takes them: many at once, a few statements for a batch.

Thousands of fixes a minute come through here. They are read and written without making a model of each; on
SQLite one short statement is kept prepared and run for row after row, elsewhere one statement carries many.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections, models

from anlan.core.asking import ask
from anlan.units.models import PositionFix, PositionStream, Unit, UnitPosition
from anlan.units.rules import Stretches

StreamKey = tuple[int, str]
MOST_IN_A_STATEMENT = 500
_ID_MAX = 2**63 - 1


@dataclass(slots=True)
class StreamHeld:
    """How far a device's numbered fixes are held: all up to ``upto``, and the stretches beyond a gap."""

    upto: int
    beyond: Stretches


def instant_of(alias: str) -> Callable[[datetime], Any]:
    """What turns a time into the form in which this store keeps it."""
    connection = connections[alias]
    if connection.vendor == "sqlite" and connection.timezone is UTC:
        return _written_in_utc
    made: Callable[[datetime], Any] = connection.ops.adapt_datetimefield_value
    return made


def _written_in_utc(at: datetime) -> str:
    # Without the offset, which is always the same six characters.
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(" ")[:-6]


def known_units(wanted: Iterable[int], alias: str) -> frozenset[int]:
    """Which of these are active units."""
    ids = _ids(wanted)
    if not ids:
        return frozenset()
    one_of, values = _one_of(ids, alias)
    found = ask(f"SELECT id FROM {_table(Unit, alias)} WHERE is_active AND id IN {one_of}", values, using=alias)
    return frozenset(pk for (pk,) in found)


def streams_held(wanted: Collection[StreamKey], alias: str, *, lock: bool) -> dict[StreamKey, StreamHeld]:
    """The streams among ``wanted`` there are; with ``lock`` nobody else changes them meanwhile."""
    ids = _ids({unit_id for unit_id, _ in wanted})
    if not ids:
        return {}
    own, held = set(wanted), lock and connections[alias].features.has_select_for_update
    one_of, values = _one_of(ids, alias)
    rows = ask(
        f"SELECT unit_id, boot, upto, beyond FROM {_table(PositionStream, alias)} "
        f"WHERE unit_id IN {one_of} ORDER BY unit_id, boot{' FOR UPDATE' if held else ''}",
        values,
        using=alias,
    )
    return {
        (unit, boot): StreamHeld(upto, _stretches(beyond)) for unit, boot, upto, beyond in rows if (unit, boot) in own
    }


def streams_put(streams: dict[StreamKey, StreamHeld], alias: str, at: datetime) -> None:
    """Write how far each stream reaches now."""
    connection, heard_at = connections[alias], instant_of(alias)(at)
    field = PositionStream._meta.get_field("beyond")
    none = field.get_db_prep_save([], connection)
    names = ("upto", "beyond", "heard_at")
    _put(
        PositionStream,
        ("unit_id", "boot", *names),
        [
            (*key, row.upto, field.get_db_prep_save(row.beyond, connection) if row.beyond else none, heard_at)
            for key, row in streams.items()
        ],
        "(unit_id, boot) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in names),
        alias,
    )


def streams_step(nexts: Sequence[tuple[int, int, str]], alias: str, at: datetime) -> bool:
    """Each of these streams (number, unit, run) goes on by just that number; False where not all of them can.

    Then some have gone on and some have not: the caller leaves the transaction. Nothing is asked first, which saves a
    quarter of a batch. On SQLite alone, where a writer is the only one: elsewhere rows are held in their order first.
    """
    if connections[alias].vendor != "sqlite":
        return False
    heard_at = instant_of(alias)(at)
    with connections[alias].cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_table(PositionStream, alias)} SET upto = upto + 1, heard_at = %s "
            "WHERE unit_id = %s AND boot = %s AND upto = %s - 1 AND beyond = '[]'",
            [(heard_at, unit, boot, seq) for seq, unit, boot in nexts],
        )
        return bool(cursor.rowcount == len(nexts))


FIX_COLUMNS = ("unit_id", "boot", "seq", "lon", "lat", "speed_mps", "heading_deg", "fixed_at", "received_at")
LATEST_COLUMNS = ("unit_id", "lon", "lat", "cell", "speed_mps", "heading_deg", "fixed_at", "received_at")


def fixes_put(rows: Sequence[Sequence[Any]], alias: str) -> None:
    """Keep fixes (values of ``FIX_COLUMNS``) of streams that are held locked, which know that none is there yet."""
    _put(PositionFix, FIX_COLUMNS, rows, "DO NOTHING", alias)


def latest_put(rows: Sequence[Sequence[Any]], alias: str) -> None:
    """Say where units are (values of ``LATEST_COLUMNS``), unless something newer stands already.

    One conditional upsert, so that of two reports at one instant the newer stands.
    """
    table = _table(UnitPosition, alias)
    updates = ", ".join(f"{column} = excluded.{column}" for column in LATEST_COLUMNS[1:])
    conflict = f"(unit_id) DO UPDATE SET {updates} WHERE excluded.fixed_at > {table}.fixed_at"
    _put(UnitPosition, LATEST_COLUMNS, rows, conflict, alias)


def _put(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str, alias: str
) -> None:
    """Insert rows of values; ``conflict`` says what becomes of one that is there.

    Only column and table names of our own are put into the text; every value is a parameter.
    """
    if not rows:
        return
    one = "(" + ", ".join(["%s"] * len(columns)) + ")"
    into = f"INSERT INTO {_table(model, alias)} ({', '.join(columns)}) VALUES "
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            cursor.executemany(f"{into}{one} ON CONFLICT {conflict}", rows)
            return
        for start in range(0, len(rows), MOST_IN_A_STATEMENT):
            part = rows[start : start + MOST_IN_A_STATEMENT]
            cursor.execute(
                f"{into}{', '.join([one] * len(part))} ON CONFLICT {conflict}", [v for row in part for v in row]
            )


def _table(model: type[models.Model], alias: str) -> str:
    return connections[alias].ops.quote_name(model._meta.db_table)


def _ids(wanted: Iterable[int]) -> str:
    """Ids as text: whole numbers a column can hold, so that nothing but digits gets in."""
    return ",".join(str(int(pk)) for pk in sorted(wanted) if 0 < pk <= _ID_MAX)


def _one_of(ids: str, alias: str) -> tuple[str, list[str]]:
    """What a column is looked for in, and its value.

    SQLite plans a statement once and keeps it, as long as its text is the same: there the ids come as one value.
    """
    if connections[alias].vendor == "sqlite":
        return "(SELECT value FROM json_each(%s))", [f"[{ids}]"]
    return f"({ids})", []


def _stretches(kept: Any) -> Stretches:
    """The store keeps them as JSON text; almost always there are none."""
    if kept == "[]":
        return []
    found: Stretches = json.loads(kept) if isinstance(kept, str) else kept
    return found
