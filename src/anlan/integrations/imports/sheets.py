"""The three sheets of another 110 system: call (接警单), dispatch (处警单), feedback (反馈单).

A bureau can run beside what it has: the same files, or longer ones, may be taken in again and again.
A row is known by its number in the other system; what is here already is left as it is.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.models import ImportBatch
from anlan.dispatch.rules import RESULT_CODES
from anlan.dispatch.services.history import (
    HistoryAssignment,
    HistoryFeedback,
    assignments_import,
    feedback_import,
)
from anlan.intake.models import Incident
from anlan.integrations.imports.convert import RowRefused, code_of, instant, number, text
from anlan.integrations.imports.mapping import Mapping, MappingRefused, mapping_of
from anlan.integrations.imports.reading import BrokenRow, SourceRow, rows_of
from anlan.integrations.imports.runner import Tally, batch_finish, batch_start, calls_import, park
from anlan.integrations.models import ExternalRecord
from anlan.units.models import Unit
from anlan.units.services import unit_add

CHUNK = 2_000
Clock = Callable[[], datetime]


@dataclass
class Sheet:
    """One sheet being taken in."""

    name: str
    mapping: Mapping
    batch: ImportBatch
    tally: Tally
    by: Actor
    clock: Clock

    def known(self, external_ids: Sequence[str]) -> set[str]:
        return set(
            ExternalRecord.objects.filter(
                system=self.mapping.name, sheet=self.name, external_id__in=external_ids
            ).values_list("external_id", flat=True)
        )

    def remember(self, external_ids: Sequence[str], object_ids: Sequence[int], object_type: str) -> None:
        ExternalRecord.objects.bulk_create(
            ExternalRecord(
                system=self.mapping.name,
                sheet=self.name,
                external_id=theirs,
                object_type=object_type,
                object_id=ours,
                taken_at=self.clock(),
            )
            for theirs, ours in zip(external_ids, object_ids, strict=True)
        )


def sheets_import(
    calls: Path, dispatches: Path, feedback: Path, *, mapping: Path, by: Actor, clock: Clock
) -> dict[str, Any]:
    """Take in all three, calls first. Raises ``MappingRefused`` or ``FileRefused`` before anything is written."""
    maps = _mappings(mapping)
    for path in (calls, dispatches, feedback):
        next(iter(rows_of(path)), None)
    _, tally = calls_import(calls, maps["calls"], by=by, clock=clock)
    result: dict[str, Any] = {"calls": tally.as_dict()}
    for name, path, take in (
        ("dispatches", dispatches, _take_dispatches),
        ("feedback", feedback, _take_feedback),
    ):
        batch = batch_start(path, kind=f"sheet-{name}"[:32], mapping=maps[name].name, at=clock())
        sheet = Sheet(name, maps[name], batch, Tally(), by, clock)
        for chunk in _chunks(rows_of(path)):
            take(sheet, chunk)
        batch_finish(batch, sheet.tally, at=clock())
        result[name] = sheet.tally.as_dict()
    return result


def _mappings(path: Path) -> dict[str, Mapping]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        shared = {key: data[key] for key in ("name", "timezone", "datum", "bounds", "time_formats") if key in data}
        return {name: mapping_of({**shared, **data[name]}) for name in ("calls", "dispatches", "feedback")}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as problem:
        raise MappingRefused(f"{path.name}: {problem!r}; see docs/imports.md") from problem


def _chunks(rows: Iterator[SourceRow | BrokenRow]) -> Iterator[list[SourceRow | BrokenRow]]:
    chunk: list[SourceRow | BrokenRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _sorted_out(
    sheet: Sheet, chunk: Sequence[SourceRow | BrokenRow], convert: Callable[[SourceRow, Incident], Any]
) -> tuple[list[str], list[Any]]:
    """Fresh rows of a chunk with their numbers; known ones are counted, bad ones parked."""
    rows = [row for row in chunk if isinstance(row, SourceRow)]
    numbers = [text(sheet.mapping.value(row.fields, "external_id"), 64) for row in rows]
    known, incidents = sheet.known(numbers), _incidents(sheet, rows)
    ids: list[str] = []
    fresh: list[Any] = []
    bad = [row for row in chunk if isinstance(row, BrokenRow)]
    for row, theirs in zip(rows, numbers, strict=True):
        if theirs and (theirs in known or theirs in ids):
            sheet.tally.repeated += 1
            continue
        try:
            if not theirs:
                raise RowRefused("number", "缺少单号", "the sheet has no number")
            fresh.append(convert(row, _incident(sheet, row, incidents)))
            ids.append(theirs)
        except RowRefused as refusal:
            raw = json.dumps(row.fields, ensure_ascii=False, default=str)
            bad.append(BrokenRow(row.line, raw, refusal.code, refusal.reason_zh, refusal.reason_en))
    for broken in bad:
        park(broken, batch=sheet.batch, at=sheet.clock())
    sheet.tally.received += len(chunk)
    sheet.tally.quarantined += len(bad)
    sheet.tally.accepted += len(fresh)
    return ids, fresh


def _incidents(sheet: Sheet, rows: Sequence[SourceRow]) -> dict[str, Incident]:
    theirs = {text(sheet.mapping.value(row.fields, "incident_external_id"), 64) for row in rows}
    found = Incident.objects.filter(source=sheet.mapping.name, external_id__in=theirs)
    return {str(row.external_id): row for row in found}


def _incident(sheet: Sheet, row: SourceRow, incidents: dict[str, Incident]) -> Incident:
    theirs = text(sheet.mapping.value(row.fields, "incident_external_id"), 64)
    if theirs not in incidents:
        raise RowRefused("incident", f"没有警情“{theirs}”，先导入其接警单", f"there is no incident “{theirs}” yet")
    return incidents[theirs]


def _take_dispatches(sheet: Sheet, chunk: Sequence[SourceRow | BrokenRow]) -> None:
    units = {unit.call_sign: unit for unit in Unit.objects.all()}

    def convert(row: SourceRow, incident: Incident) -> HistoryAssignment:
        return _assignment(sheet, row, incident, units)

    with transaction.atomic():
        ids, fresh = _sorted_out(sheet, chunk, convert)
        made = assignments_import(rows=fresh, batch=sheet.batch, by=sheet.by, at=sheet.clock()) if fresh else []
        sheet.remember(ids, made, "dispatch.assignment")


def _assignment(sheet: Sheet, row: SourceRow, incident: Incident, units: dict[str, Unit]) -> HistoryAssignment:
    get, zone = sheet.mapping.value, sheet.mapping.timezone
    moments = {
        step: instant(get(row.fields, step), zone, formats=sheet.mapping.time_formats)
        for step in ("sent_at", "signed_at", "departed_at", "arrived_at", "finished_at")
    }
    sent = moments.pop("sent_at")
    if sent is None:
        raise RowRefused("no_time", "缺少派警时间", "there is no time of dispatch")
    order = [sent, *(moment for moment in moments.values() if moment is not None)]
    if order != sorted(order):
        raise RowRefused("times", "各步骤时间先后颠倒", "the steps' times run backwards")
    unit = _unit(sheet, text(get(row.fields, "unit"), 24), units)
    return HistoryAssignment(incident_id=incident.pk, unit_id=unit.pk, sent_at=sent, **moments)


def _unit(sheet: Sheet, call_sign: str, units: dict[str, Unit]) -> Unit:
    """The unit by its call sign; one that is new here is added, off duty and out of use."""
    if not call_sign:
        raise RowRefused("unit", "缺少处警单位", "there is no unit")
    if call_sign not in units:
        bureau = Organisation.objects.filter(parent=None).order_by("pk").first()
        if bureau is None:
            raise RowRefused("organisation", "尚未建立机构", "there is no organisation yet")
        unit = unit_add(
            call_sign=call_sign, track="P", vehicle="car", organisation=bureau, by=sheet.by, at=sheet.clock()
        )
        units[call_sign] = unit
    return units[call_sign]


def _take_feedback(sheet: Sheet, chunk: Sequence[SourceRow | BrokenRow]) -> None:
    theirs = {
        text(sheet.mapping.value(r.fields, "dispatch_external_id"), 64) for r in chunk if isinstance(r, SourceRow)
    }
    sent = dict(
        ExternalRecord.objects.filter(
            system=sheet.mapping.name, sheet="dispatches", external_id__in=theirs
        ).values_list("external_id", "object_id")
    )

    def convert(row: SourceRow, incident: Incident) -> HistoryFeedback:
        dispatch = text(sheet.mapping.value(row.fields, "dispatch_external_id"), 64)
        return _feedback(sheet, row, incident, sent.get(dispatch))

    with transaction.atomic():
        ids, fresh = _sorted_out(sheet, chunk, convert)
        made = feedback_import(rows=fresh, batch=sheet.batch, by=sheet.by, at=sheet.clock()) if fresh else []
        sheet.remember(ids, made, "dispatch.feedback")


def _feedback(sheet: Sheet, row: SourceRow, incident: Incident, assignment_id: int | None) -> HistoryFeedback:
    get, zone = sheet.mapping.value, sheet.mapping.timezone
    filed = instant(get(row.fields, "feedback_at"), zone, formats=sheet.mapping.time_formats)
    if filed is None:
        raise RowRefused("no_time", "缺少反馈时间", "there is no time of feedback")
    theirs = text(get(row.fields, "result"), 40)
    result = sheet.mapping.results.get(theirs, theirs)
    if result not in RESULT_CODES:
        raise RowRefused("result", f"未知的处理结果“{theirs}”", f"unknown result “{theirs}”")
    return HistoryFeedback(
        incident_id=incident.pk,
        assignment_id=assignment_id,
        code=code_of(get(row.fields, "code"), sheet.mapping) if get(row.fields, "code") else incident.code,
        priority=text(get(row.fields, "priority"), 2) or incident.priority,
        result=result,
        filed_at=filed,
        narrative=text(get(row.fields, "narrative"), 100_000),
        injuries=int(number(get(row.fields, "injuries")) or 0),
        people_helped=int(number(get(row.fields, "people_helped")) or 0),
        case_number=text(get(row.fields, "case_number"), 32),
        occurred_from=instant(get(row.fields, "occurred_from"), zone),
        occurred_to=instant(get(row.fields, "occurred_to"), zone),
    )
