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


class RowsTaken:
    """The same hash of rows by the million, added one by one in the order of their ids and never held at once."""

    def __init__(self, model: type[Model]) -> None:
        self.table = model._meta.label_lower
        self.count = 0
        self._hash = hashlib.sha256(self.table.encode())

    def add(self, key: int) -> None:
        """The next one; its id must be greater than that of the one before."""
        self._hash.update(b"\n%d" % key)
        self.count += 1

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def deletion_certify(
    *, rule: str, model: type[Model], columns: Sequence[str], ids: Sequence[int], by: Actor, at: datetime
) -> DeletionCertificate | None:
    """Certify what was just taken away, in the transaction that took it; None where nothing was.

    ``rule`` is a term of the field inventory. Raises ``ValueError`` for one it does not know.
    """
    taken = RowsTaken(model)
    for key in sorted(ids):
        taken.add(key)
    return taken_certify(rule=rule, columns=columns, taken=taken, by=by, at=at)


@transaction.atomic
def taken_certify(
    *, rule: str, columns: Sequence[str], taken: RowsTaken, by: Actor, at: datetime
) -> DeletionCertificate | None:
    """The same for rows that were too many to hold, or lay in a store of their own: certified once they are gone."""
    if rule not in RETENTIONS:
        raise ValueError(f"{rule} is no term of the field inventory")
    if not taken.count:
        return None
    table = taken.table
    row = DeletionCertificate.objects.create(
        at=at, rule=rule, table=table, columns=" ".join(columns), rows=taken.count, rows_sha256=taken.sha256
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
