"""Reading the event table in order, without gap or double, on both databases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.db import connection
from django.db.models import Max, Model, QuerySet

from anlan.core.actor import Actor
from anlan.core.asking import ask
from anlan.core.models import Counter, Event, HandlerCursor, ViewLog

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, order=True, slots=True)
class Cursor:
    """A place in the event stream: transaction id first (0 on SQLite), then event id."""

    txid: int = 0
    id: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``Last-Event-ID``; anything unreadable means from the beginning."""
        head, _, tail = text.strip().partition(".")
        return cls(int(head), int(tail)) if head.isdecimal() and tail.isdecimal() else cls()

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(event.txid, event.pk)

    def __str__(self) -> str:
        return f"{self.txid}.{self.id}"


def events_after(cursor: Cursor, *, limit: int = 500) -> QuerySet[Event]:
    """Settled events after ``cursor`` in stream order.

    PostgreSQL hands out ids before commit, so a tail by id could step over a slower transaction. Rows
    are therefore read only below the oldest running transaction, and ordered by transaction first.
    """
    return _after(_settled(), cursor)[:limit]


def _after(rows: QuerySet[Row], cursor: Cursor) -> QuerySet[Row]:
    """The rows behind a place, in stream order.

    Of the same transaction and of later ones, asked for apart and merged: asked for as one condition, SQLite reads
    through every row there ever was to find the last few.
    """
    same, later = rows.filter(txid=cursor.txid, id__gt=cursor.id), rows.filter(txid__gt=cursor.txid)
    return same.order_by().union(later.order_by(), all=True).order_by("txid", "id")


def events_read(cursor: Cursor, *, limit: int) -> list[Event]:
    """``events_after`` for who asks every second: the statement is not thought out anew each time."""
    settled, table = f"AND {_IS_SETTLED}" if connection.vendor == "postgresql" else "", Event._meta.db_table
    statement = (
        f"SELECT * FROM {table} WHERE txid = %s AND id > %s {settled} UNION ALL "
        f"SELECT * FROM {table} WHERE txid > %s {settled} ORDER BY txid, id LIMIT %s"
    )
    return list(Event.objects.raw(statement, [cursor.txid, cursor.id, cursor.txid, limit]))


def _settled() -> QuerySet[Event]:
    return _below_horizon(Event.objects.all())


def _looks_settled() -> QuerySet[ViewLog]:
    return _below_horizon(ViewLog.objects.all())


def _below_horizon(rows: QuerySet[Row]) -> QuerySet[Row]:
    if connection.vendor == "postgresql":
        rows = rows.extra(where=[_IS_SETTLED])
    return rows


def looks_after(cursor: Cursor, *, limit: int = 500) -> QuerySet[ViewLog]:
    """Settled looks at protected data after ``cursor``, in the same order as ``events_after`` gives events."""
    return _after(_looks_settled(), cursor)[:limit]


def events_wait(handler: str, kinds: Container[str] | None = None) -> bool:
    """Whether there may be events that the reaction ``handler`` has not read, of ``kinds`` if it follows only these.

    In doubt there are. A short question or two without a transaction: a worker asks it of every reaction every few
    seconds, and nearly always hears no. What the reaction does not follow waits unread, and is stepped over when it
    has become much: so a place in the stream is not written down, and forced to the disk, for each call taken.
    """
    while places := ask(f"SELECT txid, event_id FROM {_PLACES} WHERE handler = %s", [handler]):
        txid, event_id = places[0]
        unread = ask(_unread(), [txid, event_id, txid])
        if any(kinds is None or kind in kinds for _txid, _id, kind in unread):
            return True
        if len(unread) < STEPPED_OVER:
            return False
        ask(_STEP, [*unread[-1][:2], handler, *places[0]])
    return True


STEPPED_OVER = 200
"""Fewer than a reaction reads in one go, so that none has to wade through them."""
_PLACES = HandlerCursor._meta.db_table
_IS_SETTLED = "txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# Only from where it was seen: another reader may have gone on meanwhile.
_STEP = f"UPDATE {_PLACES} SET txid = %s, event_id = %s WHERE handler = %s AND txid = %s AND event_id = %s"


def _unread() -> str:
    """The question for what comes after a place.

    SQLite searches a pair by its first half alone, which all events share there: so same and later transactions are
    asked for one by one, each a look into the index, however long the stream.
    """
    settled = f"AND {_IS_SETTLED}" if connection.vendor == "postgresql" else ""
    parts = (
        f"SELECT * FROM (SELECT txid, id, kind FROM {Event._meta.db_table} WHERE {after} {settled} "
        f"ORDER BY txid, id LIMIT {STEPPED_OVER}) part"
        for after in ("txid = %s AND id > %s", "txid > %s")
    )
    return f"{' UNION ALL '.join(parts)} ORDER BY 1, 2 LIMIT {STEPPED_OVER}"


def cursor_latest() -> Cursor:
    """The end of the stream as it is now."""
    last = _settled().order_by("-txid", "-id").only("txid", "id").first()
    return Cursor.of(last) if last else Cursor()


def events_of_incident(incident_id: int) -> QuerySet[Event]:
    """The timeline of one incident, oldest first."""
    return Event.objects.filter(incident_id=incident_id).order_by("txid", "id")


def event_visible(event_orgs: Iterable[int], actor: Actor) -> bool:
    """Whether the live stream may show an event to ``actor``: the same reach as for rows."""
    return actor.sees_all or not actor.org_ids.isdisjoint(event_orgs)


def event_log_hash(*, after_id: int = 0) -> str:
    """SHA-256 over the canonical event rows: equal runs have equal hashes, to the bit."""
    digest = hashlib.sha256()
    fields = (
        "kind",
        "schema",
        "at",
        "actor_kind",
        "actor_id",
        "subject_type",
        "subject_id",
        "incident_id",
        "data",
    )
    for row in Event.objects.filter(id__gt=after_id).order_by("txid", "id").values(*fields).iterator(2000):
        digest.update(_canonical({**row, "at": row["at"].isoformat()}))
    return digest.hexdigest()


def _canonical(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def events_count() -> int:
    """How many events there are (by the highest id: rows are never deleted)."""
    return int(Event.objects.aggregate(last=Max("id"))["last"] or 0)


def number_last(name: str) -> int:
    """The last number drawn of the run called ``name``; 0 where none has been."""
    found = ask(f"SELECT value FROM {Counter._meta.db_table} WHERE name = %s", [name])
    return int(found[0][0]) if found else 0
