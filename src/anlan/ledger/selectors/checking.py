"""Does the store still hold what was sealed? Every row is hashed anew, by the verifier that others use as well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q

from anlan.core.models import Event, ViewLog
from anlan.core.services import keyed_hash
from anlan.engines.ledger import TreeHash
from anlan.ledger.models import Entry, Head, SignedCheckpoint, SigningKey
from anlan.ledger.offline import anlan_verify
from anlan.ledger.rules import EVENT, LOOK, SOURCES
from anlan.ledger.selectors.export import READ_AT_ONCE, export_lines
from anlan.ledger.selectors.rows import row_bytes, rows_of

SHOWN = 1000
"""So many rows put in from behind are named; a store with more is not one to be listed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed, and where: ``seq`` is its place in the ledger, if it has one."""

    what: str
    zh: str
    en: str
    seq: int | None = None
    source: str = ""
    row_id: int | None = None


def ledger_check(*, witness: Path | None = None) -> list[Finding]:
    """Everything in which the store differs from what was sealed; empty when nothing does.

    ``witness`` is a file of checkpoints that was kept elsewhere. Reads the whole ledger, in steps.
    """
    head, first_key = Head.objects.first(), SigningKey.objects.first()
    if head is None or first_key is None:
        return []
    found: list[Finding] = []
    if SignedCheckpoint.objects.exists():
        notes, faults = anlan_verify.witness_read(str(witness), first_key.text) if witness is not None else ([], [])
        reader = anlan_verify.Ledger(first_key.text, notes)
        found += [_finding(fact) for fact in [*faults, *reader.read(export_lines())]]
    return found + _tail(head) + _behind(head) + _words()


def _finding(fact: dict[str, Any]) -> Finding:
    zh, en = anlan_verify.SAYS[fact["what"]]
    seq = fact.get("seq")
    entry = Entry.objects.filter(pk=seq).first() if seq is not None else None
    name = f" ({SOURCES.get(entry.source, '?')} {entry.row_id})" if entry is not None else ""
    return Finding(
        fact["what"],
        zh.format(**fact) + name,
        en.format(**fact) + name,
        seq,
        SOURCES.get(entry.source, "") if entry else "",
        entry.row_id if entry else None,
    )


def _tail(head: Head) -> list[Finding]:
    """Rows written down and not sealed yet: each against its own leaf."""
    sealed = SignedCheckpoint.objects.aggregate(size=Max("size"))["size"] or 0
    by, found = TreeHash(head.hash), []
    for start in range(sealed, head.size, READ_AT_ONCE):
        entries = list(Entry.objects.filter(seq__gte=start, seq__lt=start + READ_AT_ONCE).order_by("seq"))
        rows = rows_of(entries)
        for entry in entries:
            row = rows.get((entry.source, entry.row_id))
            if row is None or by.leaf(row_bytes(entry.source, row)).hex() != entry.leaf:
                found.append(_finding({"what": "row_changed", "seq": entry.seq}))
    return found


def _behind(head: Head) -> list[Finding]:
    """Rows that lie before the place the ledger has reached, and that it has never seen."""
    found = []
    for source, model, txid, last in (
        (EVENT, Event, head.event_txid, head.event_id),
        (LOOK, ViewLog, head.look_txid, head.look_id),
    ):
        known = Entry.objects.filter(source=source, row_id=OuterRef("pk"))
        before = Q(txid__lt=txid) | Q(txid=txid, pk__lte=last)
        rows: Any = model._default_manager.filter(before).filter(~Exists(known)).order_by("pk")
        for pk in rows.values_list("pk", flat=True)[:SHOWN]:
            zh = f"{SOURCES[source]} {pk} 从后面插入，账本从未见过"
            en = f"{SOURCES[source]} {pk} was put in from behind: the ledger has never seen it"
            found.append(Finding("row_behind", zh, en, None, SOURCES[source], pk))
    return found


def _words() -> list[Finding]:
    """Words of a purpose: either erased, or still those whose hash was sealed."""
    kept = ViewLog.objects.exclude(note="").values_list("id", "note", "note_hash").iterator(READ_AT_ONCE)
    return [
        Finding(
            "words_changed",
            f"look {pk} 的用途说明被改动",
            f"the words of look {pk} were changed",
            None,
            SOURCES[LOOK],
            pk,
        )
        for pk, note, sealed in kept
        if sealed and keyed_hash(note) != sealed
    ]
