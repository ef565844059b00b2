"""Changes every room needs: put an event on the record, draw a number, park a row, log a look."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from anlan.core.actor import Actor
from anlan.core.asking import ask
from anlan.core.event_schemas import schema_known
from anlan.core.models import Counter, Event, ImportBatch, QuarantinedRow, ViewLog
from anlan.core.rows import row_insert, row_new


def event_record(
    kind: str,
    *,
    subject: models.Model,
    by: Actor,
    at: datetime,
    incident_id: int | None = None,
    org_ids: Iterable[int | None] = (),
    schema: int = 1,
    **data: Any,
) -> Event:
    """Write the one row that says what happened, inside the caller's transaction.

    ``kind`` is ``room.noun_past``. ``org_ids`` are the owning organisations, by which the live stream is
    filtered. Raises ``RuntimeError`` outside a transaction: an event without its change would be a lie; and
    for a ``schema`` the room has not registered, because readers would refuse it.
    """
    if schema > schema_known(kind):
        raise RuntimeError(f"{kind} is written in edition {schema}, which nobody has registered")
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind} must be recorded in the transaction of the change it tells")
    event = row_new(
        Event,
        txid=_transaction_id(),
        kind=kind,
        schema=schema,
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        incident_id=incident_id,
        org_ids=sorted({org for org in org_ids if org is not None}),
        data=data,
    )
    row_insert(event)
    return event


def _transaction_id() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def keyed_hash(value: str) -> str:
    """A short keyed hash of a value that must not stand in an event itself (hex, 32 digits)."""
    return hmac.new(settings.EVENT_HASH_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()[:32]


_NEXT = (
    f"INSERT INTO {Counter._meta.db_table} (name, value) VALUES (%s, %s) "
    f"ON CONFLICT (name) DO UPDATE SET value = {Counter._meta.db_table}.value + excluded.value RETURNING value"
)


def number_next(name: str, count: int = 1) -> int:
    """The next number of the run called ``name``: 1, 2, 3 … without gaps among committed changes.

    With ``count`` it draws that many in one step and returns the last of them.
    """
    # One statement, alike on both stores: every call taken draws two numbers.
    with transaction.atomic(savepoint=False):
        ((last,),) = ask(_NEXT, [name, count])
    return int(last)


def numbers_next(*names: str) -> list[int]:
    """The next number of several runs, drawn in one step, in the order of ``names``."""
    sql = _NEXT.replace("(%s, %s)", ", ".join(["(%s, 1)"] * len(names))).replace("RETURNING", "RETURNING name,")
    with transaction.atomic(savepoint=False):
        drawn: dict[str, int] = dict(ask(sql, names))
    return [int(drawn[name]) for name in names]


@transaction.atomic
def import_start(
    *, kind: str, source: str, by: Actor, at: datetime, sha256: str = "", mapping: str = ""
) -> ImportBatch:
    """A file (or a generator) is about to be taken in; who brought it is on the record."""
    batch = ImportBatch.objects.create(
        kind=kind[:32], source=source[:200], sha256=sha256, mapping=mapping[:64], started_at=at
    )
    event_record("core.import_started", subject=batch, by=by, at=at, import_kind=batch.kind, sha256=sha256)
    return batch


@transaction.atomic
def import_finish(
    *, batch: ImportBatch, accepted: int, repeated: int, quarantined: int, by: Actor, at: datetime
) -> None:
    """Write down what became of the rows: every one accepted, known already, or parked."""
    counts: dict[str, Any] = {"accepted": accepted, "repeated": repeated, "quarantined": quarantined}
    received = sum(counts.values())
    ImportBatch.objects.filter(pk=batch.pk).update(finished_at=at, received=received, **counts)
    event_record("core.import_finished", subject=batch, by=by, at=at, received=received, **counts)


def row_quarantine(
    *,
    source: str,
    raw: str,
    code: str,
    reason_zh: str,
    reason_en: str,
    at: datetime,
    line: int | None = None,
    batch: ImportBatch | None = None,
) -> QuarantinedRow:
    """Park a row with its reason; nothing is dropped."""
    return QuarantinedRow.objects.create(
        batch=batch,
        source=source[:200],
        line=line,
        raw=raw,
        code=code,
        reason_zh=reason_zh,
        reason_en=reason_en,
        at=at,
    )


@transaction.atomic
def quarantine_close(*, rows: Iterable[int], batch: ImportBatch, by: Actor, at: datetime) -> int:
    """Rows parked by earlier imports came again, put right, and were taken by ``batch``; returns how many closed."""
    waiting = QuarantinedRow.objects.filter(pk__in=list(rows), status=QuarantinedRow.Status.OPEN)
    closed = waiting.update(status=QuarantinedRow.Status.TAKEN)
    if closed:
        event_record("core.quarantine_closed", subject=batch, by=by, at=at, rows=closed, source=batch.source)
    return closed


def view_log(
    *, by: Actor, at: datetime, purpose: str, target: models.Model, incident_id: int | None = None, note: str = ""
) -> ViewLog:
    """Note that protected data was shown, before it is shown; ``note`` is the purpose in their own words."""
    return ViewLog.objects.create(
        txid=_transaction_id(),
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        purpose=purpose,
        note=note[:200],
        note_hash=keyed_hash(note[:200]) if note else "",
        object_type=target._meta.label_lower,
        object_id=target.pk,
        incident_id=incident_id,
    )
