"""I4, I8-I10, I15: messages, the record of changes, the store's own soundness, what was parked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Count, Exists, F, OuterRef, Q

from anlan.assurance.findings import Group, Look, Verdict, judged, many, not_applicable
from anlan.assurance.history import CALL
from anlan.core.models import Event, HandlerCursor, ImportBatch, QuarantinedRow
from anlan.core.selectors import cursor_latest
from anlan.core.sqlite_backend.notes import stream_state
from anlan.core.sqlite_backend.stream import Stream
from anlan.dispatch.models import Assignment
from anlan.drills import invariants as drilled
from anlan.notices.models import OutboundMessage
from anlan.units.models import StatusLog

GROUP = Group()


@GROUP.invariant(
    "I4",
    "每条外发消息要么在等，要么送出过，同一键只有一条；没有人读到了尚未发生的变更",
    "each message waits or went out, once per key; nobody has read beyond the last change",
)
def messages_once(look: Look) -> Verdict:
    end = cursor_latest()
    ahead = HandlerCursor.objects.filter(Q(txid__gt=end.txid) | Q(txid=end.txid, event_id__gt=end.id))
    broken = [f"reaction {row.handler} has read up to {row.event_id}, the last event is {end.id}" for row in ahead]
    keys = OutboundMessage.objects.exclude(key="").values("key").annotate(n=Count("id")).filter(n__gt=1)
    broken += [f"message {row['key']} is there {row['n']} times" for row in keys]
    gone = OutboundMessage.objects.filter(sent_at__isnull=False, attempts=0).count()
    broken += many("messages that went out without an attempt", gone)
    return judged(OutboundMessage.objects.count() + HandlerCursor.objects.count(), broken)


@GROUP.invariant("I8", "每一次变更都有记录", "every change is on the record")
def changes_on_record(look: Look) -> Verdict:
    named = Event.objects.filter(subject_type="dispatch.assignment", subject_id=OuterRef("pk"))
    live = Assignment.objects.exclude(incident__rules_version="history").exclude(incident__source="bench")
    unnamed = live.exclude(Exists(named))
    broken = [f"assignment {pk} is told by no event" for pk in unnamed.values_list("pk", flat=True)]
    broken += many("incidents without an opening event", drilled.incidents_without_opening_event())
    logged, told = (
        StatusLog.objects.count(),
        Event.objects.filter(kind__in=("units.status_changed", "units.unit_claimed")).count(),
    )
    if logged != told:
        broken.append(f"units changed status {logged} times and {told} events tell of it")
    return judged(Event.objects.count(), broken, _chain_note())


def _chain_note() -> tuple[str, str] | None:
    return (
        "这里核对的是有无记录；记录本身是否被改动，由审计账的校验说明",
        "this is whether records are there; whether they were altered is for the audit chain's own verifier",
    )


@GROUP.invariant("I9", "数据库自检完好，外键都指得到", "the store is whole, and every reference leads somewhere")
def store_is_whole(look: Look) -> Verdict:
    broken, seen = [], 0
    for alias in settings.DATABASES:
        connection = connections[alias]
        found, looked = _sqlite(connection) if connection.vendor == "sqlite" else _postgres(connection)
        broken += [f"{alias}: {line}" for line in found]
        seen += looked
    return judged(seen, broken)


def _sqlite(connection: Any) -> tuple[list[str], int]:
    with connection.cursor() as cursor:
        told = [row[0] for row in cursor.execute("PRAGMA integrity_check").fetchall()]
        loose = cursor.execute("PRAGMA foreign_key_check").fetchall()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
    lines = [line for line in told if line != "ok"]
    return [*lines, *(f"{table} row {row} refers to nothing in {parent}" for table, row, parent, _ in loose)], pages


def _postgres(connection: Any) -> tuple[list[str], int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE NOT convalidated")
        open_ones = cursor.fetchall()
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        indexes = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM pg_constraint")
        (seen,) = cursor.fetchone()
    lines = [f"{table}: constraint {name} has never been checked" for table, name in open_ones]
    return [*lines, *(f"index {name} is not valid" for (name,) in indexes)], int(seen)


@GROUP.invariant("I10", "备机与主机一致", "the standby holds all that was acknowledged")
def standby_agrees(look: Look) -> Verdict:
    stores = [str(connection.settings_dict["NAME"]) for connection in connections.all()]
    if Stream.of(stores[0]) is None:
        return not_applicable("此处没有备机", "no standby is connected here")
    states = {store: stream_state(store) for store in stores}
    # That it holds the same to the byte is looked at where it takes over; here, whether it has answered to the last.
    behind = [Path(store).name for store, state in states.items() if state is None or not state.is_up]
    return judged(len(stores), [f"the standby is not in step with {name}" for name in behind])


@GROUP.invariant(
    "I15",
    "收到的 = 受理的 + 已有的 + 搁置的，一条不少",
    "received = accepted + known already + put aside, none missing",
)
def nothing_dropped(look: Look) -> Verdict:
    done = ImportBatch.objects.filter(finished_at__isnull=False)
    wrong = done.exclude(received=F("accepted") + F("repeated") + F("quarantined"))
    broken = [f"import {batch.pk}: {batch.received} rows came and not all are counted" for batch in wrong]
    parked = done.annotate(rows=Count("quarantine")).filter(rows__lt=F("quarantined"))
    broken += [f"import {batch.pk}: {batch.quarantined} rows put aside, {batch.rows} kept" for batch in parked]
    seen = done.count()
    for entry in look.history.of(CALL) if look.history else ():
        aside = len((entry.answer or {}).get("quarantined", ()))
        if entry.outcome != "acknowledged" or not aside:
            continue
        seen += 1
        number = (entry.answer or {})["call"]["number"]
        kept = QuarantinedRow.objects.filter(source__startswith=f"call {number} ").count()
        if kept != aside:
            broken.append(f"call {number}: {aside} parts put aside, {kept} kept")
    return judged(seen, broken)
