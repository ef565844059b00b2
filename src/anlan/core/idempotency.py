"""A command takes effect once, however often it is sent.

The key, the answer and the effect are one transaction: there is no moment in which one exists without
the others. A second sender of the same key waits for the first one's commit and gets its answer; what it
may have begun itself is undone as a whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection

from anlan.core.asking import ask
from anlan.core.errors import IdempotencyKeyMissing, IdempotencyKeyReused
from anlan.core.models import IdempotencyKey
from anlan.core.rows import row_insert, row_new
from anlan.core.sqlite_backend.stream import kept_twice
from anlan.core.together import commit_together

MAX_KEY_LENGTH = 128


def run_once(
    *,
    scope: str,
    key: str,
    body: bytes,
    at: datetime,
    act: Callable[[], tuple[int, Any]],
    before: Callable[[], None] | None = None,
) -> tuple[int, Any, bool]:
    """Run ``act`` under ``key``, or give the answer it gave before.

    ``act`` returns ``(status, JSON-able response)``. Returns ``(status, response, replayed)``. A refusal
    (exception) leaves nothing behind, so the same key may be tried again. ``before`` is what ``act`` needs
    and no transaction: it runs first, while others write, and only where the key is not known yet.

    Raises ``IdempotencyKeyMissing`` for an empty or overlong key and ``IdempotencyKeyReused`` when the
    key was used for a different body.
    """
    if not key or len(key) > MAX_KEY_LENGTH:
        raise IdempotencyKeyMissing
    body_hash = hashlib.sha256(body).hexdigest()
    if (known := _known(scope, key)) is not None:
        return _replay(known, body_hash)
    if before is not None:
        before()
    row = row_new(IdempotencyKey, scope=scope, key=key, body_hash=body_hash, status=0, created_at=at)
    try:
        row.status, row.response = commit_together(lambda: _acted(row, act))
        return row.status, row.response, False
    except Exception:
        # Whoever asked the same a moment earlier may have made this one clash, or be refused: that answer holds.
        winner = _known(scope, key)
        if winner is None:
            raise
        return _replay(winner, body_hash)


def _acted(row: IdempotencyKey, act: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
    """Act, and put the answer to its key, in the caller's transaction.

    Where many write at a time the key is taken first, so that a second sender waits there. SQLite has one
    writer, and a second sender has waited before its transaction began: key and answer are one statement.
    """
    if connection.vendor == "sqlite":
        status, response = act()
        # As it is spoken, not escaped: half as long, and what fits a page is written once.
        told = json.dumps(response, ensure_ascii=False)
        ask(_KEEP, [row.scope, row.key, row.body_hash, status, told, _stored(row.created_at)])
        return status, response
    row_insert(row)
    status, response = act()
    value = IdempotencyKey._meta.get_field("response").get_db_prep_save(response, connection)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWER, [status, value, row.pk])
    return status, response


_TABLE = IdempotencyKey._meta.db_table
_ANSWER = f"UPDATE {_TABLE} SET status = %s, response = %s WHERE id = %s"
_KEEP = (
    f'INSERT INTO {_TABLE} (scope, "key", body_hash, status, response, created_at) VALUES (%s, %s, %s, %s, %s, %s)'
)
_IS_KNOWN = f'SELECT id FROM {_TABLE} WHERE scope = %s AND "key" = %s'


def _stored(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _known(scope: str, key: str) -> IdempotencyKey | None:
    """The row of a key that was used; written out, because every command asks and nearly all hear no."""
    found = ask(_IS_KNOWN, [scope, key])
    return IdempotencyKey.objects.filter(pk=found[0][0]).first() if found else None


def _replay(row: IdempotencyKey, body_hash: str) -> tuple[int, Any, bool]:
    if row.body_hash != body_hash:
        raise IdempotencyKeyReused(used_at=row.created_at)
    if connection.vendor == "sqlite":
        kept_twice(str(connection.settings_dict["NAME"]))
    return row.status, row.response, True
