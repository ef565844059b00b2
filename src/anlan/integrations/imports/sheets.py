"""The three sheets of another 110 system: call (接警单), dispatch (处警单), feedback (反馈单).

A bureau can run beside what it has: the same files, or longer ones, may be taken in again and again.
A row is known by its number in the other system; what is here already is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.models import ImportBatch
from anlan.dispatch.models import Assignment
from anlan.dispatch.rules import PRIORITIES, RESULT_CODES
from anlan.dispatch.services.history import (
    HistoryAssignment,
    HistoryFeedback,
    assignments_import,
    feedback_import,
)
from anlan.intake.models import Incident
from anlan.integrations.imports.convert import (
    NARRATIVE_MAX_CHARS,
    RowRefused,
    code_of,
    code_text,
    count_of,
    is_empty,
    moment,
    text,
)
from anlan.integrations.imports.mapping import HELP, Mapping, MappingRefused, mapping_of, mapping_table
from anlan.integrations.imports.numbers import TWICE, Numbers, Parked
from anlan.integrations.imports.reading import BrokenRow, SourceRow
from anlan.integrations.imports.runner import (
    Tally,
    batch_finish,
    batch_start,
    calls_import,
    park,
    refused,
    rows_checked,
)
from anlan.integrations.models import ExternalRecord
from anlan.units.models import Unit
from anlan.units.services import unit_add

CHUNK = 2_000
STEPS = ("sent_at", "signed_at", "departed_at", "arrived_at", "finished_at")
SHEETS = ("calls", "dispatches", "feedback")
SHARED = ("name", "timezone", "datum", "bounds", "time_formats")
"""Said once for all three sheets: they are of one system, and refer to each other by its name."""
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
    parked: Parked
    numbers: Numbers = field(default_factory=Numbers)

    def theirs(self, row: SourceRow, field: str) -> str:
        """A number of the other system in a row."""
        return code_text(self.mapping.value(row.fields, field), 64)

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
    for name, path in (("calls", calls), ("dispatches", dispatches), ("feedback", feedback)):
        rows_checked(path, maps[name])
    _, tally = calls_import(calls, maps["calls"], by=by, clock=clock)
    result: dict[str, Any] = {"calls": tally.as_dict()}
    for name, path, take in (
        ("dispatches", dispatches, _take_dispatches),
        ("feedback", feedback, _take_feedback),
    ):
        rows = rows_checked(path, maps[name])
        batch = batch_start(path, kind=f"sheet-{name}"[:32], mapping=maps[name].name, by=by, at=clock())
        sheet = Sheet(name, maps[name], batch, Tally(), by, clock, Parked(batch, maps[name]))
        for chunk in _chunks(rows):
            take(sheet, chunk)
        sheet.tally.unparked = sheet.parked.close(by=by, at=clock())
        batch_finish(batch, sheet.tally, by=by, at=clock())
        result[name] = sheet.tally.as_dict()
    return result


def _mappings(path: Path) -> dict[str, Mapping]:
    data = mapping_table(path)
    absent = [name for name in SHEETS if not isinstance(data.get(name), dict)]
    if absent:
        raise MappingRefused(f"{path.name}: no [{'], ['.join(absent)}]; {HELP}")
    shared = {key: data[key] for key in SHARED if key in data}
    return {name: mapping_of({**data[name], **shared}) for name in SHEETS}


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
    numbers = [sheet.theirs(row, "external_id") for row in rows]
    known, incidents = sheet.known(numbers), _incidents(sheet, rows)
    taken: dict[str, Any] = {}
    bad = [row for row in chunk if isinstance(row, BrokenRow)]
    for row, theirs in zip(rows, numbers, strict=True):
        try:
            if not theirs:
                raise RowRefused("number", "缺少单号", "the sheet has no number")
            sheet.numbers.once(theirs, row.line, repr(row.fields))
            if theirs in known or theirs in taken:
                sheet.tally.repeated += 1
            else:
                taken[theirs] = convert(row, _incident(sheet, row, incidents))
        except RowRefused as refusal:
            bad.append(refused(row, refusal))
            if refusal.code != TWICE:
                sheet.numbers.forget(theirs)
    for broken in bad:
        park(broken, batch=sheet.batch, at=sheet.clock())
    sheet.tally.received += len(chunk)
    sheet.tally.quarantined += len(bad)
    sheet.tally.accepted += len(taken)
    sheet.parked.came(taken)
    return list(taken), list(taken.values())


def _incidents(sheet: Sheet, rows: Sequence[SourceRow]) -> dict[str, Incident]:
    theirs = {sheet.theirs(row, "incident_external_id") for row in rows}
    found = Incident.objects.filter(source=sheet.mapping.name, external_id__in=theirs)
    return {str(row.external_id): row for row in found}


def _incident(sheet: Sheet, row: SourceRow, incidents: dict[str, Incident]) -> Incident:
    theirs = sheet.theirs(row, "incident_external_id")
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
    moments = {step: moment(row.fields, step, sheet.mapping) for step in STEPS}
    sent = moments.pop("sent_at")
    if sent is None:
        raise RowRefused("no_time", "缺少派警时间", "there is no time of dispatch")
    if sent < incident.received_at:
        raise RowRefused("times", "派警时间早于报警时间", "the dispatch bears a time before its call")
    order = [sent, *(told for told in moments.values() if told is not None)]
    if order != sorted(order):
        raise RowRefused("times", "各步骤时间先后颠倒", "the steps' times run backwards")
    unit = _unit(sheet, code_text(sheet.mapping.value(row.fields, "unit"), 24), units)
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
    theirs = {sheet.theirs(row, "dispatch_external_id") for row in chunk if isinstance(row, SourceRow)}
    records = ExternalRecord.objects.filter(system=sheet.mapping.name, sheet="dispatches", external_id__in=theirs)
    ids = dict(records.values_list("external_id", "object_id"))
    sent = {row.pk: row for row in Assignment.objects.filter(pk__in=ids.values())}

    def convert(row: SourceRow, incident: Incident) -> HistoryFeedback:
        return _feedback(sheet, row, incident, _sent(sheet.theirs(row, "dispatch_external_id"), incident, ids, sent))

    with transaction.atomic():
        numbers, fresh = _sorted_out(sheet, chunk, convert)
        made = feedback_import(rows=fresh, batch=sheet.batch, by=sheet.by, at=sheet.clock()) if fresh else []
        sheet.remember(numbers, made, "dispatch.feedback")


def _sent(theirs: str, incident: Incident, ids: dict[str, int], sent: dict[int, Assignment]) -> Assignment | None:
    """The dispatch a feedback speaks of: none where it names none, never another incident's."""
    if not theirs:
        return None
    found = sent.get(ids.get(theirs, 0))
    if found is None:
        raise RowRefused("dispatch", f"没有派警“{theirs}”，先导入其处警单", f"there is no dispatch “{theirs}” yet")
    if found.incident_id != incident.pk:
        raise RowRefused(
            "dispatch", f"派警“{theirs}”属于另一警情", f"the dispatch “{theirs}” belongs to another incident"
        )
    return found


def _feedback(sheet: Sheet, row: SourceRow, incident: Incident, assignment: Assignment | None) -> HistoryFeedback:
    get, mapping = sheet.mapping.value, sheet.mapping
    filed = moment(row.fields, "feedback_at", mapping)
    if filed is None:
        raise RowRefused("no_time", "缺少反馈时间", "there is no time of feedback")
    if filed < (assignment.sent_at if assignment else incident.received_at):
        raise RowRefused("times", "反馈时间早于派警或报警", "the feedback bears a time before its dispatch or call")
    theirs = text(get(row.fields, "result"), 40)
    result = mapping.results.get(theirs, theirs)
    if result not in RESULT_CODES:
        raise RowRefused("result", f"未知的处理结果“{theirs}”", f"unknown result “{theirs}”")
    priority = code_text(get(row.fields, "priority"), 8).upper() or incident.priority
    if priority not in PRIORITIES:
        raise RowRefused("priority", f"未知的警情级别“{priority}”", f"unknown priority “{priority}”")
    code = get(row.fields, "code")
    return HistoryFeedback(
        incident_id=incident.pk,
        assignment_id=assignment.pk if assignment else None,
        code=incident.code if is_empty(code) else code_of(code, mapping),
        priority=priority,
        result=result,
        filed_at=filed,
        narrative=text(get(row.fields, "narrative"), NARRATIVE_MAX_CHARS),
        injuries=count_of(get(row.fields, "injuries")),
        people_helped=count_of(get(row.fields, "people_helped")),
        case_number=text(get(row.fields, "case_number"), 32),
        occurred_from=moment(row.fields, "occurred_from", mapping),
        occurred_to=moment(row.fields, "occurred_to", mapping),
    )
