"""Timed work of this room: the ledger follows what was committed, and is sealed and witnessed now and then."""

from __future__ import annotations

from datetime import datetime

from anlan.ledger.models import Head, SignedCheckpoint
from anlan.ledger.rules import AT_ONCE, checkpoint_due
from anlan.ledger.services import checkpoint_hand_over, checkpoint_sign, rows_append

BATCHES_AT_MOST = 240
"""So many rows in one go that a minute of the busiest hour is written down within the next."""


def ledger_follow(*, at: datetime) -> int:
    """Write down what was committed since, seal it when it is time, hand it to the witness; returns rows written."""
    written = 0
    for _ in range(BATCHES_AT_MOST):
        batch = rows_append(at=at)
        written += batch
        if batch < AT_ONCE:
            break
    head, last = Head.objects.first(), SignedCheckpoint.objects.last()
    if head is not None and checkpoint_due(
        head.size - (last.size if last else 0), last=last.at if last else None, at=at
    ):
        checkpoint_sign(at=at)
    checkpoint_hand_over(at=at)
    return written
