"""A whole file taken in: every row accepted, known already, or parked with its reason - and counted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from anlan.core.actor import Actor
from anlan.core.models import ImportBatch
from anlan.core.services import import_finish, import_start, row_quarantine
from anlan.intake.services.history import HistoryIncident, history_import
from anlan.integrations.imports.convert import RowRefused, history_incident
from anlan.integrations.imports.mapping import Mapping
from anlan.integrations.imports.numbers import Numbers, Parked
from anlan.integrations.imports.reading import BrokenRow, FileRefused, SourceRow, rows_of

CHUNK = 5_000
Progress = Callable[[int], None]


@dataclass
class Tally:
    """What became of the rows of one file."""

    received: int = 0
    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0
    unparked: int = 0
    """Rows an earlier import had parked that came again, put right. They are among the accepted."""

    def as_dict(self) -> dict[str, int]:
        """The counts, as they are printed; ``unparked`` only where there are any."""
        return {name: count for name, count in vars(self).items() if count or name != "unparked"}


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def batch_start(path: Path, *, kind: str, mapping: str, by: Actor, at: datetime) -> ImportBatch:
    """A new batch for a file about to be read."""
    return import_start(kind=kind, source=path.name, sha256=file_sha256(path), mapping=mapping, by=by, at=at)


def batch_finish(batch: ImportBatch, tally: Tally, *, by: Actor, at: datetime) -> None:
    """Write down what became of the rows; raises ``RuntimeError`` if one was lost or counted twice."""
    if tally.received != tally.accepted + tally.repeated + tally.quarantined:
        raise RuntimeError(f"{batch.source}: the rows don't add up: {tally}")
    import_finish(
        batch=batch,
        accepted=tally.accepted,
        repeated=tally.repeated,
        quarantined=tally.quarantined,
        by=by,
        at=at,
    )


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
    rows = rows_checked(path, mapping)
    batch = batch_start(path, kind="calls", mapping=mapping.name, by=by, at=clock())
    tally, numbers, parked = Tally(), Numbers(), Parked(batch, mapping)
    chunk: list[HistoryIncident] = []
    for row in islice(rows, limit):
        tally.received += 1
        taken = row if isinstance(row, BrokenRow) else _converted(row, mapping, numbers)
        if isinstance(taken, BrokenRow):
            park(taken, batch=batch, at=clock())
            tally.quarantined += 1
            continue
        chunk.append(taken)
        if len(chunk) >= CHUNK:
            parked.came(_flush(chunk, tally, batch, by, clock()))
            progress(tally.received)
    parked.came(_flush(chunk, tally, batch, by, clock()))
    tally.unparked = parked.close(by=by, at=clock())
    progress(tally.received)
    batch_finish(batch, tally, by=by, at=clock())
    return batch, tally


def rows_checked(path: Path, mapping: Mapping) -> Iterator[SourceRow | BrokenRow]:
    """The rows of a file that has the columns the mapping names. Raises ``FileRefused`` before the first row."""
    rows = rows_of(path)
    ahead: list[SourceRow | BrokenRow] = []
    for row in rows:
        ahead.append(row)
        if isinstance(row, SourceRow):
            _columns_check(path, mapping, row)
            break
    return chain(ahead, rows)


def _columns_check(path: Path, mapping: Mapping, row: SourceRow) -> None:
    missing = mapping.missing(row.fields)
    if missing:
        theirs, there = "、".join(missing), "、".join(list(row.fields)[:40])
        raise FileRefused(
            f"{path.name} 缺少映射文件所指的列：{theirs}；文件中的列：{there}。请修改映射文件",
            f"{path.name} lacks columns the mapping names: {theirs}; it has: {there}. Correct the mapping",
        )


def _converted(row: SourceRow, mapping: Mapping, numbers: Numbers) -> HistoryIncident | BrokenRow:
    try:
        return numbers.told_apart(history_incident(row.fields, mapping), row.line)
    except RowRefused as refusal:
        return refused(row, refusal)


def refused(row: SourceRow, why: RowRefused) -> BrokenRow:
    """The row as it is parked."""
    raw = json.dumps(row.fields, ensure_ascii=False, default=str)
    return BrokenRow(row.line, raw, why.code, why.reason_zh, why.reason_en)


def park(row: BrokenRow, *, batch: ImportBatch, at: datetime) -> None:
    """Keep a row that can't be taken, with its line and reason."""
    row_quarantine(
        source=batch.source,
        line=row.line,
        raw=_kept(row.raw),
        code=row.code,
        reason_zh=_kept(row.reason_zh),
        reason_en=_kept(row.reason_en),
        batch=batch,
        at=at,
    )


def _kept(told: str) -> str:
    """A text with its zero bytes and lone surrogates made visible: no database takes them as they are."""
    return told.replace("\x00", "␀").encode("utf-8", "backslashreplace").decode()


def _flush(chunk: list[HistoryIncident], tally: Tally, batch: ImportBatch, by: Actor, at: datetime) -> frozenset[str]:
    """Take what has gathered; returns the numbers of what is new. The very same row again is known already."""
    first: dict[str, HistoryIncident] = {}
    for row in chunk:
        first.setdefault(row.external_id, row)
    taken = history_import(rows=list(first.values()), batch=batch, by=by, at=at)
    tally.accepted += taken.accepted
    tally.repeated += taken.repeated + len(chunk) - len(first)
    chunk.clear()
    return taken.fresh
