"""The ledger as files for those who check it elsewhere: all of it, or the proof of one matter's history."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from anlan.core.models import Event, ViewLog
from anlan.engines.ledger import TreeHash, inclusion_ranges
from anlan.ledger.errors import LedgerEmpty, NotSealedYet
from anlan.ledger.models import Entry, Head, SignedCheckpoint, SigningKey
from anlan.ledger.rules import EVENT, LOOK
from anlan.ledger.selectors.rows import row_bytes, rows_of
from anlan.ledger.selectors.tiles import Tiles

READ_AT_ONCE = 2000
GONE = b'{"type":"gone"}'
"""Stands where a row was: its leaf shows that there was one."""


def export_lines() -> Iterator[bytes]:
    """The ledger up to its last checkpoint, line by line, as ``anlan_verify.py`` reads it.

    Raises ``LedgerEmpty`` before the first checkpoint.
    """
    head, last, first_key = Head.objects.first(), SignedCheckpoint.objects.last(), SigningKey.objects.first()
    if head is None or last is None or first_key is None:
        raise LedgerEmpty
    yield f"anlan-ledger 1 {head.hash} {head.origin} {first_key.text}\n".encode()
    written = checkpoints = 0
    for checkpoint in SignedCheckpoint.objects.filter(pk__lte=last.pk).order_by("id").iterator():
        for start in range(written, checkpoint.size, READ_AT_ONCE):
            yield from _rows(start, min(start + READ_AT_ONCE, checkpoint.size))
        written = max(written, checkpoint.size)
        checkpoints += 1
        yield b"C " + base64.b64encode(checkpoint.note.encode()) + b"\n"
    yield b"E %d %d\n" % (written, checkpoints)


def _rows(start: int, end: int) -> Iterator[bytes]:
    entries = list(Entry.objects.filter(seq__gte=start, seq__lt=end).order_by("seq"))
    rows = rows_of(entries)
    for entry in entries:
        row = rows.get((entry.source, entry.row_id))
        content = GONE if row is None else row_bytes(entry.source, row)
        yield f"R {entry.seq} {entry.leaf} ".encode() + content + b"\n"


def proof_of_incident(incident_id: int, *, subject: str = "") -> dict[str, Any]:
    """Everything on record about one incident, each row with the path that leads from it to the last checkpoint.

    It proves of each row that it is in the ledger as it stands here; that no row was left out is shown by the
    whole export only. ``waiting`` counts rows that no checkpoint covers yet. Raises ``LedgerEmpty``, and
    ``NotSealedYet`` where all of them wait.
    """
    head, last, first_key = Head.objects.first(), SignedCheckpoint.objects.last(), SigningKey.objects.first()
    if head is None or last is None or first_key is None:
        raise LedgerEmpty
    events = list(Event.objects.filter(incident_id=incident_id).values_list("id", flat=True))
    looks = list(ViewLog.objects.filter(incident_id=incident_id).values_list("id", flat=True))
    asked = Q(source=EVENT, row_id__in=events) | Q(source=LOOK, row_id__in=looks)
    entries = list(Entry.objects.filter(asked, seq__lt=last.size).order_by("seq"))
    waiting = len(events) + len(looks) - len(entries)
    if waiting and not entries:
        raise NotSealedYet(subject=subject or incident_id, waiting=waiting)
    rows, tiles = rows_of(entries), Tiles(TreeHash(head.hash))
    passings = SignedCheckpoint.objects.filter(pk__lt=last.pk, note__contains="\nnext ").order_by("id")
    return {
        "form": "anlan-ledger-proof 1",
        "subject": subject or str(incident_id),
        "checkpoint": last.note,
        "keys": list(passings.values_list("note", flat=True)),
        "waiting": waiting,
        "rows": [
            {
                "seq": entry.seq,
                "row": row_bytes(entry.source, rows[entry.source, entry.row_id]).decode(),
                "path": [step.hex() for step in tiles.over(inclusion_ranges(entry.seq, last.size))],
            }
            for entry in entries
        ],
    }
