"""What every room's end of keeping shares: parked rows lose their content with the matter they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from anlan.core.actor import SYSTEM, Actor
from anlan.core.models import DeletionCertificate, QuarantinedRow, ViewLog
from anlan.core.scope_guard.inventory import RETENTIONS
from anlan.core.services import event_record

AT_ONCE = 100
LOOK_WORDS_KEPT_FOR = timedelta(days=3 * 366)
LOOKS_AT_ONCE = 2000


def rows_blank(*, prefixes: Sequence[str]) -> int:
    """Empty the parked rows whose source begins with one of ``prefixes``; code and reason stay.

    Whoever erases the matter records it; returns how many rows were emptied.
    """
    emptied = 0
    for start in range(0, len(prefixes), AT_ONCE):
        named = reduce(or_, (Q(source__startswith=prefix) for prefix in prefixes[start : start + AT_ONCE]))
        emptied += QuarantinedRow.objects.filter(named).exclude(raw="").update(raw="")
    return emptied


CERTIFIED = "core.deletion_certified"


def rows_digest(table: str, ids: Iterable[int]) -> str:
    """The hash by which rows are known again once they are gone: table and sorted ids, one a line."""
    return hashlib.sha256("\n".join([table, *map(str, sorted(ids))]).encode()).hexdigest()


def deletion_certify(
    *, rule: str, model: type[Model], columns: Sequence[str], ids: Sequence[int], by: Actor, at: datetime
) -> DeletionCertificate | None:
    """Certify what was just taken away, in the transaction that took it; None where nothing was.

    ``rule`` is a term of the field inventory. Raises ``ValueError`` for one it does not know.
    """
    if rule not in RETENTIONS:
        raise ValueError(f"{rule} is no term of the field inventory")
    if not ids:
        return None
    table = model._meta.label_lower
    row = DeletionCertificate.objects.create(
        at=at,
        rule=rule,
        table=table,
        columns=" ".join(columns),
        rows=len(ids),
        rows_sha256=rows_digest(table, ids),
    )
    told: dict[str, Any] = {"rule": rule, "table": table, "rows": row.rows, "sha256": row.rows_sha256}
    event_record(CERTIFIED, subject=row, by=by, at=at, **told)
    return row


@transaction.atomic
def look_words_erase(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Empty the words of looks older than three years; that the look happened, and its seal, stay.

    Returns how many. Told again it goes on where it stopped.
    """
    due = ViewLog.objects.filter(at__lte=at - LOOK_WORDS_KEPT_FOR).exclude(note="").order_by("at")
    ids = list(due.values_list("id", flat=True)[:LOOKS_AT_ONCE])
    ViewLog.objects.filter(pk__in=ids).update(note="")
    deletion_certify(rule="look_words_3y", model=ViewLog, columns=("note",), ids=ids, by=by, at=at)
    return len(ids)
