"""What a row is known by: twice in one file, and parked by an earlier import."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from anlan.core.actor import Actor
from anlan.core.models import ImportBatch, QuarantinedRow
from anlan.core.services import quarantine_close
from anlan.intake.services.history import HistoryIncident
from anlan.integrations.imports.convert import RowRefused, code_text, row_digest
from anlan.integrations.imports.mapping import Mapping

TWICE = "number_twice"


@dataclass
class Numbers:
    """The numbers of one file so far, with the line that bears each and what it says there."""

    _said: dict[str, tuple[int, int]] = field(default_factory=dict)
    _alike: Counter[str] = field(default_factory=Counter)

    def once(self, number: str, line: int, says: Hashable) -> None:
        """Note a number. Raises ``RowRefused`` when an earlier line bears it and says something else."""
        first, said = self._said.setdefault(number, (line, hash(says)))
        if said != hash(says):
            raise RowRefused(
                TWICE,
                f"单号“{number}”与第 {first} 行相同而内容不同，已取第 {first} 行，请核对",
                f"the number “{number}” stands in line {first} too, with other words; line {first} holds",
            )

    def forget(self, number: str) -> None:
        """The row that bears it wasn't taken: another may bear it."""
        self._said.pop(number, None)

    def told_apart(self, row: HistoryIncident, line: int) -> HistoryIncident:
        """The row, if its number is its own. Raises ``RowRefused`` as ``once`` does.

        Rows without numbers that say the very same are different reports: the second one gets a mark.
        """
        if not row.external_id.startswith("h:"):
            self.once(row.external_id, line, row)
            return row
        self._alike[row.external_id] += 1
        again = self._alike[row.external_id]
        return row if again == 1 else replace(row, external_id=f"{row.external_id}#{again}")


class Parked:
    """The rows earlier imports of the same sheet parked and nobody has put right yet, by their numbers."""

    def __init__(self, batch: ImportBatch, mapping: Mapping) -> None:
        self._batch = batch
        self._waiting: dict[str, list[int]] = defaultdict(list)
        self._came: list[int] = []
        rows = QuarantinedRow.objects.filter(
            status=QuarantinedRow.Status.OPEN,
            batch__kind=batch.kind,
            batch__mapping=batch.mapping,
            batch__lt=batch.pk,
        ).exclude(code=TWICE)
        for pk, raw in rows.values_list("pk", "raw").iterator():
            if number := _number(raw, mapping):
                self._waiting[number].append(pk)

    def came(self, numbers: Iterable[str]) -> None:
        """Rows with these numbers were taken now."""
        if self._waiting:
            for number in numbers:
                self._came += self._waiting.pop(number, ())

    def close(self, *, by: Actor, at: datetime) -> int:
        """Close the parked rows that came again and were taken; returns how many."""
        if not self._came:
            return 0
        return quarantine_close(rows=self._came, batch=self._batch, by=by, at=at)


def _number(raw: str, mapping: Mapping) -> str:
    """What a parked row is known by; empty for one whose cells could not be told apart."""
    try:
        fields = json.loads(raw)
    except ValueError:
        return ""
    if not isinstance(fields, dict):
        return ""
    return code_text(mapping.value(fields, "external_id"), 64) or row_digest(fields)
