"""Rows as they are sealed: new ones in the order in which they were committed, old ones by their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from anlan.core.models import Event, ViewLog
from anlan.core.selectors import Cursor, events_after, looks_after
from anlan.engines.ledger import leaf_bytes
from anlan.ledger.models import Entry, Head
from anlan.ledger.rules import EVENT, LOOK, event_leaf, look_leaf

MODELS: Mapping[int, type[Model]] = {EVENT: Event, LOOK: ViewLog}
_LEAF_OF = {EVENT: event_leaf, LOOK: look_leaf}


def rows_new(head: Head, *, limit: int) -> list[tuple[int, Mapping[str, Any]]]:
    """Up to ``limit`` settled rows that the ledger has not, as ``(source, columns)`` in the order they will have.

    PostgreSQL: by transaction, below the oldest one that still runs, so that nothing is stepped over. SQLite: one
    writer makes the order of ids the order of commits within each table; the two tables follow each other.
    """
    events = events_after(Cursor(head.event_txid, head.event_id), limit=limit).values()
    looks = looks_after(Cursor(head.look_txid, head.look_id), limit=limit).values()
    found: list[tuple[int, Mapping[str, Any]]] = [(EVENT, row) for row in events]
    found += [(LOOK, row) for row in looks]
    found.sort(key=lambda entry: (entry[1]["txid"], entry[0], entry[1]["id"]))
    return found[:limit]


def row_bytes(source: int, row: Mapping[str, Any]) -> bytes:
    """The bytes of a row that are hashed, and that an export shows."""
    return leaf_bytes(_LEAF_OF[source](row))


def rows_of(entries: Iterable[Entry]) -> dict[tuple[int, int], Mapping[str, Any]]:
    """The rows these entries seal, as far as they are still there, by ``(source, id)``."""
    wanted: dict[int, list[int]] = {EVENT: [], LOOK: []}
    for entry in entries:
        wanted.setdefault(entry.source, []).append(entry.row_id)
    return {
        (source, row["id"]): row
        for source, ids in wanted.items()
        if ids and source in MODELS
        for row in MODELS[source]._default_manager.filter(pk__in=ids).values()
    }
