"""Rows are written down in their order, and what was written down is signed."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.services import event_record
from anlan.engines.ledger import Checkpoint, Key, TreeHash, digits, sign
from anlan.ledger import events
from anlan.ledger.errors import LedgerKeyLost
from anlan.ledger.keyfile import key_of, key_put, key_read, key_read_or_make
from anlan.ledger.models import Entry, Head, SignedCheckpoint, SigningKey, Subtree
from anlan.ledger.rules import AT_ONCE, EVENT, LOOK, TILE_LEVEL
from anlan.ledger.selectors.rows import row_bytes, rows_new
from anlan.ledger.selectors.state import frontier_of


@transaction.atomic
def ledger_begin(*, at: datetime) -> Head:
    """The ledger's head; begun with a key of its own and the hash of the settings if there is none yet."""
    head = Head.objects.first()
    if head is not None:
        return head
    key = key_of(key_read_or_make(settings.LEDGER_KEY_FILE))
    head, _ = Head.objects.get_or_create(
        pk=1, defaults={"hash": TreeHash(settings.LEDGER_HASH).name, "origin": key.name}
    )
    SigningKey.objects.get_or_create(text=str(key), defaults={"since": at})
    return head


def rows_append(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Write down up to ``limit`` rows that were committed since the last time; returns how many.

    Reading and hashing hold no writer up; only the result is written in a transaction, and only if nobody else
    has gone on meanwhile.
    """
    head = Head.objects.first() or ledger_begin(at=at)
    rows = rows_new(head, limit=limit)
    if not rows:
        return 0
    tree, by = frontier_of(head), TreeHash(head.hash)
    leaves = [by.leaf(row_bytes(source, row)) for source, row in rows]
    kept = [found for found in tree.extend(leaves) if found[0] % TILE_LEVEL == 0]
    moved = {"size": tree.size, "subtrees": " ".join(found.hex() for found in tree.hashes)}
    for source, name in ((EVENT, "event"), (LOOK, "look")):
        if last := [row for kind, row in rows if kind == source][-1:]:
            moved |= {f"{name}_txid": last[0]["txid"], f"{name}_id": last[0]["id"]}
    with transaction.atomic():
        if not Head.objects.filter(pk=head.pk, size=head.size).update(**moved):
            return 0
        Entry.objects.bulk_create(
            Entry(seq=head.size + place, source=source, row_id=row["id"], leaf=leaf.hex())
            for place, ((source, row), leaf) in enumerate(zip(rows, leaves, strict=True))
        )
        Subtree.objects.bulk_create(
            Subtree(level=level, index=index, hash=found.hex()) for level, index, found in kept
        )
    return len(rows)


@transaction.atomic
def checkpoint_sign(*, at: datetime, next_key: Key | None = None) -> SignedCheckpoint | None:
    """Sign what is written down; None where nothing is. ``next_key`` makes it the last of the present key.

    Raises ``LedgerKeyLost`` where the key file is gone or holds a key this ledger was never told of.
    """
    head = Head.objects.select_for_update().first()
    last = SignedCheckpoint.objects.last()
    if head is None or (last is not None and last.size == head.size and next_key is None):
        return None
    row = SigningKey.objects.filter(until=None).latest("id")
    seed = _seed_of(row)
    body = Checkpoint(
        origin=head.origin,
        size=head.size,
        root=frontier_of(head).root(),
        hash=head.hash,
        time=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        next_key=str(next_key) if next_key is not None else "",
    )
    note = body.signed(key_of(seed), partial(sign, seed))
    return SignedCheckpoint.objects.create(size=head.size, at=at, note=note, digits=digits(body.text()), key=row)


def _seed_of(row: SigningKey) -> bytes:
    """The secret half of ``row``; a change of keys that was cut off by a crash is finished first."""
    path = settings.LEDGER_KEY_FILE
    waiting = path.with_name(f"{path.name}.next")
    for file in (path, waiting):
        try:
            seed = key_read(file)
        except (OSError, ValueError):
            continue
        if str(key_of(seed)) == row.text:
            if file == waiting:
                key_put(path, seed)
                waiting.unlink()
            return seed
    raise LedgerKeyLost(path=str(path), key=row.text.partition("+")[0])


@transaction.atomic
def key_rotate(*, by: Actor = SYSTEM, at: datetime) -> SigningKey:
    """Sign with a new key from now on; the old one names it in its last checkpoint and is then thrown away.

    The new secret lies beside the old one until the change is committed, so that a crash leaves the one that
    the store speaks of. Raises ``LedgerKeyLost``.
    """
    ledger_begin(at=at)
    path = settings.LEDGER_KEY_FILE
    seed = secrets.token_bytes(32)
    key = key_of(seed)
    checkpoint_sign(at=at, next_key=key)
    key_put(path.with_name(f"{path.name}.next"), seed)
    SigningKey.objects.filter(until=None).update(until=at)
    row = SigningKey.objects.create(text=str(key), since=at)
    event_record(events.KEY_ROTATED, subject=row, by=by, at=at, key=key.name)
    transaction.on_commit(partial(_seed_of, row))
    return row
