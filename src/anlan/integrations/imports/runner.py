"""A whole file taken in: every row accepted, known already, or parked with its reason - and counted."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.core.actor import Actor
from anlan.core.models import ImportBatch
from anlan.core.services import row_quarantine
from anlan.intake.services.history import HistoryIncident, history_import
from anlan.integrations.imports.convert import RowRefused, history_incident
from anlan.integrations.imports.mapping import Mapping
from anlan.integrations.imports.reading import BrokenRow, SourceRow, rows_of

CHUNK = 5_000
Progress = Callable[[int], None]


@dataclass
class Tally:
    """What became of the rows of one file."""

    received: int = 0
    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0

    def as_dict(self) -> dict[str, int]:
        return dict(vars(self))


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def batch_start(path: Path, *, kind: str, mapping: str, at: datetime) -> ImportBatch:
    """A new batch for a file about to be read."""
    return ImportBatch.objects.create(
        kind=kind, source=path.name[:200], sha256=file_sha256(path), mapping=mapping, started_at=at
    )


def batch_finish(batch: ImportBatch, tally: Tally, *, at: datetime) -> None:
    """Write down what became of the rows; the database refuses sums that don't add up."""
    ImportBatch.objects.filter(pk=batch.pk).update(finished_at=at, **tally.as_dict())


def calls_import(
    path: Path,
    mapping: Mapping,
    *,
    by: Actor,
    clock: Callable[[], datetime],
    progress: Progress = lambda n: None,
    limit: int | None = None,
) -> tuple[ImportBatch, Tally]:
    """Past calls from a file. Raises ``FileRefused`` when the file as a whole can't be read."""
    batch = batch_start(path, kind="calls", mapping=mapping.name, at=clock())
    tally, seen, chunk = Tally(), Counter[str](), []
    for row in _limited(rows_of(path), limit):
        tally.received += 1
        taken = row if isinstance(row, BrokenRow) else _converted(row, mapping)
        if isinstance(taken, BrokenRow):
            park(taken, batch=batch, at=clock())
            tally.quarantined += 1
            continue
        chunk.append(_told_apart(taken, seen))
        if len(chunk) >= CHUNK:
            _flush(chunk, tally, batch, by, clock())
            progress(tally.received)
    _flush(chunk, tally, batch, by, clock())
    progress(tally.received)
    batch_finish(batch, tally, at=clock())
    return batch, tally


def _limited(rows: Iterator[Any], limit: int | None) -> Iterator[Any]:
    for k, row in enumerate(rows):
        if limit is not None and k >= limit:
            return
        yield row


def _converted(row: SourceRow, mapping: Mapping) -> HistoryIncident | BrokenRow:
    try:
        return history_incident(row.fields, mapping)
    except RowRefused as refusal:
        raw = json.dumps(row.fields, ensure_ascii=False, default=str)
        return BrokenRow(row.line, raw, refusal.code, refusal.reason_zh, refusal.reason_en)


def _told_apart(row: HistoryIncident, seen: Counter[str]) -> HistoryIncident:
    """Rows without numbers that say the very same are different reports: the second one gets a mark."""
    if not row.external_id.startswith("h:"):
        return row
    seen[row.external_id] += 1
    again = seen[row.external_id]
    return row if again == 1 else replace(row, external_id=f"{row.external_id}#{again}")


def park(row: BrokenRow, *, batch: ImportBatch, at: datetime) -> None:
    """Keep a row that can't be taken, with its line and reason."""
    row_quarantine(
        source=batch.source,
        line=row.line,
        raw=row.raw,
        code=row.code,
        reason_zh=row.reason_zh,
        reason_en=row.reason_en,
        batch=batch,
        at=at,
    )


def _flush(chunk: list[HistoryIncident], tally: Tally, batch: ImportBatch, by: Actor, at: datetime) -> None:
    taken = history_import(rows=chunk, batch=batch, by=by, at=at)
    tally.accepted += taken.accepted
    tally.repeated += taken.repeated
    chunk.clear()
