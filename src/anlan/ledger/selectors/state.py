"""How the ledger stands: for the auditor's page, the command line and the worker."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from anlan.core.models import Event, ViewLog
from anlan.engines.ledger import Frontier, TreeHash
from anlan.ledger.models import Head, SignedCheckpoint, SigningKey


@dataclass(frozen=True, slots=True)
class LedgerState:
    """One look at the ledger: ``waiting`` rows are not written down yet, ``unsealed`` ones not signed."""

    hash: str
    origin: str
    size: int
    waiting: int
    unsealed: int
    last: SignedCheckpoint | None
    witnessed: SignedCheckpoint | None
    key: str
    first_key: str

    @property
    def witness_is_behind(self) -> bool:
        """Whether the witness lacks what was signed last."""
        return self.last is not None and (self.witnessed is None or self.witnessed.pk != self.last.pk)


def ledger_state() -> LedgerState | None:
    """The state, or None while nothing was ever written down."""
    head = Head.objects.first()
    if head is None:
        return None
    last = SignedCheckpoint.objects.last()
    known = keys_known()
    return LedgerState(
        hash=head.hash,
        origin=head.origin,
        size=head.size,
        waiting=_after(Event, head.event_txid, head.event_id) + _after(ViewLog, head.look_txid, head.look_id),
        unsealed=head.size - (last.size if last else 0),
        last=last,
        witnessed=SignedCheckpoint.objects.exclude(witnessed_at=None).last(),
        key=known[-1].text if known else "",
        first_key=known[0].text if known else "",
    )


def _after(model: type[Event] | type[ViewLog], txid: int, row_id: int) -> int:
    rows = model._default_manager.filter(Q(txid__gt=txid) | Q(txid=txid, id__gt=row_id))
    return int(rows.count())


def keys_known() -> list[SigningKey]:
    """Every public key there was, the first one first."""
    return list(SigningKey.objects.order_by("id"))


def frontier_of(head: Head) -> Frontier:
    """The right edge of the tree, to go on from."""
    hashes = [bytes.fromhex(text) for text in head.subtrees.split()]
    return Frontier(head.size, hashes, TreeHash(head.hash))


def checkpoints_last(limit: int = 20) -> list[SignedCheckpoint]:
    """What was signed last, newest first."""
    return list(SignedCheckpoint.objects.select_related("key").order_by("-id")[:limit])


def witness_line(row: SignedCheckpoint) -> str:
    """A checkpoint as one line for the witness: when, how many rows, the digits for the book, the note itself."""
    note = base64.b64encode(row.note.encode()).decode()
    return f"{_utc(row.at)} {row.size} {row.digits.replace(' ', '-')} {note}"


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
