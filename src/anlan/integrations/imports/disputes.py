"""Old dispute files of another system: each becomes a file here, by the same steps as any other.

A row names when the quarrel was first reported, its type and place, what came of it and when, and perhaps who
was in it. What is over is closed with its result and time; what still goes on is given to the officer of the beat
on the day of the import, with a term of its own. Nothing is put into a file but through its services.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.errors import DomainError
from anlan.core.models import ImportBatch
from anlan.disputes.models import DisputeFile
from anlan.disputes.rules import IDENTITY_KEPT_FOR, RESULTS
from anlan.disputes.services import file_close, file_follow_up, file_open, party_add
from anlan.intake.models import Incident
from anlan.intake.services.history import HistoryIncident, history_import
from anlan.integrations.imports.convert import RowRefused, code_text, history_incident, is_empty, moment, text
from anlan.integrations.imports.mapping import Mapping
from anlan.integrations.imports.numbers import Numbers, Parked
from anlan.integrations.imports.reading import BrokenRow, SourceRow
from anlan.integrations.imports.runner import (
    Progress,
    Tally,
    batch_finish,
    batch_start,
    park,
    refused,
    rows_checked,
)
from anlan.integrations.models import ExternalRecord

SHEET = "disputes"
A_STEP = 200
ROLES = ("a", "b")
_DIGITS = re.compile(r"[0-9０-９]{6,}")


@dataclass(frozen=True, slots=True)
class OldDispute:
    """A dispute as another system tells it; ``closed_at`` is empty for one that still goes on."""

    number: str
    incident: HistoryIncident
    incident_number: str
    closed_at: datetime | None
    result: str
    parties: tuple[tuple[str, str, str], ...]


@dataclass
class _Import:
    mapping: Mapping
    batch: ImportBatch
    by: Actor
    clock: Callable[[], datetime]
    numbers: Numbers
    parked: Parked
    tally: Tally


def disputes_import(
    path: Path,
    mapping: Mapping,
    *,
    by: Actor,
    clock: Callable[[], datetime],
    progress: Progress = lambda n: None,
    limit: int | None = None,
) -> tuple[ImportBatch, Tally]:
    """Take in a sheet of old disputes. Raises ``FileRefused`` when the file as a whole can't be read.

    Every row is taken, known already (by its number there), or parked with its reason.
    """
    rows = rows_checked(path, mapping)
    batch = batch_start(path, kind=SHEET, mapping=mapping.name, by=by, at=clock())
    run = _Import(mapping, batch, by, clock, Numbers(), Parked(batch, mapping), Tally())
    for row in islice(rows, limit):
        run.tally.received += 1
        _take(run, row)
        if run.tally.received % A_STEP == 0:
            progress(run.tally.received)
    run.tally.unparked = run.parked.close(by=by, at=clock())
    progress(run.tally.received)
    batch_finish(batch, run.tally, by=by, at=clock())
    return batch, run.tally


def _take(run: _Import, row: SourceRow | BrokenRow) -> None:
    try:
        if isinstance(row, BrokenRow):
            park(row, batch=run.batch, at=run.clock())
            run.tally.quarantined += 1
            return
        old = old_dispute(row, run.mapping, at=run.clock())
        run.numbers.once(old.number, row.line, repr(row.fields))
        records = ExternalRecord.objects.filter(system=run.mapping.name, sheet=SHEET, external_id=old.number)
        if records.exists():
            run.tally.repeated += 1
            return
        _put(run, old)
        run.tally.accepted += 1
        run.parked.came([old.number])
    except RowRefused as refusal:
        assert isinstance(row, SourceRow)
        park(refused(row, refusal), batch=run.batch, at=run.clock())
        run.tally.quarantined += 1


def old_dispute(row: SourceRow, mapping: Mapping, *, at: datetime) -> OldDispute:
    """A dispute from one row. Raises ``RowRefused`` naming the first thing that can't be so."""
    number = code_text(mapping.value(row.fields, "external_id"), 48)
    if not number:
        raise RowRefused("number", "缺少纠纷编号", "the row has no number")
    incident = history_incident(row.fields, mapping)
    closed_at = moment(row.fields, "closed_at", mapping)
    if max(incident.received_at, closed_at or incident.received_at) > at:
        raise RowRefused("future", "登记或办结时间在今后", "it was reported or closed in the future")
    result = text(mapping.value(row.fields, "result"), 40)
    result = mapping.results.get(result, result)
    if closed_at is not None and (not result or result not in RESULTS):
        raise RowRefused("result", f"已办结而结果“{result}”未知", f"it is closed with the unknown result “{result}”")
    if closed_at is None and result:
        raise RowRefused("result", "有结果而缺少办结时间", "it has a result and no time of closing")
    return OldDispute(
        number=number,
        incident=incident,
        incident_number=code_text(mapping.value(row.fields, "incident_external_id"), 64),
        closed_at=closed_at,
        result=result,
        parties=tuple(_party(row, mapping, role) for role in ROLES),
    )


def _party(row: SourceRow, mapping: Mapping, role: str) -> tuple[str, str, str]:
    name = mapping.value(row.fields, f"party_{role}_name")
    told = "" if is_empty(name) else text(name, 60)
    if _DIGITS.search(told):
        # A number of an identity card beside the name: nobody asked for it, and it is not kept by accident.
        raise RowRefused("party", "当事人姓名中有号码，请删去后再导入", "a name holds a number; take it out first")
    return role, told, code_text(mapping.value(row.fields, f"party_{role}_phone"), 24)


def _put(run: _Import, old: OldDispute) -> None:
    """The file by its services, whole or not at all."""
    at = run.clock()
    try:
        with transaction.atomic():
            incident = _incident(run, old)
            file = file_open(incident=incident, by=run.by, at=old.incident.received_at)
            _parties_put(run, old, file, at)
            if old.closed_at is not None:
                file_close(file=file, result=old.result, by=run.by, at=old.closed_at)
            elif file.state == "open":
                file_follow_up(file=file, by=run.by, at=at, incident=incident)
            ExternalRecord.objects.create(
                system=run.mapping.name,
                sheet=SHEET,
                external_id=old.number,
                object_type="disputes.disputefile",
                object_id=file.pk,
                taken_at=at,
            )
    except DomainError as refusal:
        raise RowRefused(refusal.code, refusal.detail("zh-hans"), refusal.detail("en")) from refusal


def _incident(run: _Import, old: OldDispute) -> Incident:
    """The report the quarrel began with: one taken in before, or a past one made of what the row tells."""
    rows = Incident.objects.filter(source=run.mapping.name)
    if old.incident_number:
        known: Incident | None = rows.filter(external_id=old.incident_number).first()
        if known is None:
            raise RowRefused(
                "incident",
                f"没有警情“{old.incident_number}”，先导入其接警单",
                f"there is no incident “{old.incident_number}” yet",
            )
        return known
    told = old.incident
    number = f"dispute:{old.number}"
    past = HistoryIncident(
        source=told.source,
        external_id=number,
        code=told.code,
        received_at=told.received_at,
        closed_at=told.closed_at,
        narrative=told.narrative,
        address_text=told.address_text,
        lon=told.lon,
        lat=told.lat,
        origin=told.origin,
        channel=told.channel,
    )
    history_import(rows=[past], batch=run.batch, by=run.by, at=run.clock())
    incident: Incident = rows.get(external_id=number)
    if incident.station_id is None and incident.town_room_id is None:
        raise RowRefused(
            "nobody",
            "地点不在任何派出所辖区内，档案无人负责",
            "the place lies in nobody's area; nobody would have it",
        )
    return incident


def _parties_put(run: _Import, old: OldDispute, file: DisputeFile, at: datetime) -> None:
    """Who was in it, by role; names of what ended longer ago than names are kept stay where they are."""
    is_kept = old.closed_at is None or at - old.closed_at < IDENTITY_KEPT_FOR
    for role, name, phone in old.parties:
        if not name and not phone:
            continue
        party_add(
            file=file,
            role=role,
            name=name if is_kept else "",
            phone=phone if is_kept else "",
            by=run.by,
            at=old.incident.received_at,
        )
