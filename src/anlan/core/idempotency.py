"""A command takes effect once, however often it is sent.

The key, the answer and the effect are one transaction: there is no moment in which one exists without
the others. A second sender of the same key waits for the first one's commit and gets its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from anlan.core.errors import IdempotencyKeyMissing, IdempotencyKeyReused
from anlan.core.models import IdempotencyKey
from anlan.core.rows import row_insert

MAX_KEY_LENGTH = 128


def run_once(
    *, scope: str, key: str, body: bytes, at: datetime, act: Callable[[], tuple[int, Any]]
) -> tuple[int, Any, bool]:
    """Run ``act`` under ``key``, or give the answer it gave before.

    ``act`` returns ``(status, JSON-able response)``. Returns ``(status, response, replayed)``. A refusal
    (exception) leaves nothing behind, so the same key may be tried again.

    Raises ``IdempotencyKeyMissing`` for an empty or overlong key and ``IdempotencyKeyReused`` when the
    key was used for a different body.
    """
    if not key or len(key) > MAX_KEY_LENGTH:
        raise IdempotencyKeyMissing
    body_hash = hashlib.sha256(body).hexdigest()
    # The insert itself is the question whether the key is new: one statement less in every command.
    try:
        with transaction.atomic():
            row = IdempotencyKey(scope=scope, key=key, body_hash=body_hash, status=0, response=None, created_at=at)
            row_insert(row)
            status, response = act()
            _answer_keep(row, status, response)
            return status, response, False
    except IntegrityError:
        winner = IdempotencyKey.objects.filter(scope=scope, key=key).first()
        if winner is None:
            raise
        return _replay(winner, body_hash)


def _answer_keep(row: IdempotencyKey, status: int, response: Any) -> None:
    """Put the answer to its key; written out, because every command does it."""
    value = IdempotencyKey._meta.get_field("response").get_db_prep_save(response, connection)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWER, [status, value, row.pk])


_ANSWER = f"UPDATE {IdempotencyKey._meta.db_table} SET status = %s, response = %s WHERE id = %s"


def _replay(row: IdempotencyKey, body_hash: str) -> tuple[int, Any, bool]:
    if row.body_hash != body_hash:
        raise IdempotencyKeyReused(used_at=row.created_at)
    return row.status, row.response, True
