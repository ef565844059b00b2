"""What a report will become, worked out while others write: rows without numbers, and who else told of it.

Only one may write at a time. What is read, judged and put together here is done before a report's turn
comes; in its turn the rows get their numbers and are put in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.core.actor import Actor
from anlan.core.rows import row_new
from anlan.engines.text_tags import Suggestion
from anlan.intake.deciding import decision_for
from anlan.intake.models import Call, Incident, IncidentTag
from anlan.intake.opening import incident_row, tag_rows_suggested
from anlan.intake.parts import taker_id
from anlan.intake.reporting import Report, report_read
from anlan.intake.rules import ORIGIN_OF_CHANNEL
from anlan.intake.selectors.duplicates import DuplicateLook, duplicates_look
from anlan.intake.selectors.links import nth_report
from anlan.intake.sheet import CallSheet, Unreadable
from anlan.intake.triage import Decision
from anlan.tagging.selectors import OTHER, vocabulary


@dataclass(frozen=True)
class OpeningDraft:
    """An incident to be opened with its call and labels, none of them stored; ``nth`` report of its matter."""

    incident: Incident
    decision: Decision
    nth: int
    tags: list[IncidentTag]
    call: Call
    look: DuplicateLook


@dataclass(frozen=True)
class Prepared:
    """A report that waits for its turn; ``draft`` where it will open an incident."""

    report: Report
    draft: OpeningDraft | None


def report_prepare(
    sheet: CallSheet, aside: list[Unreadable], *, by: Actor, at: datetime, suggestion: Suggestion | None
) -> Prepared | None:
    """All that can be worked out before the turn of a clean sheet (as ``sheet_read`` gives it).

    None where it names a call or incident on the record: those must not change between reading and writing.
    """
    if any(pk is not None for pk in (sheet.call_id, sheet.link_to, sheet.repeat_of)):
        return None
    report = report_read(sheet, aside, by=by, at=at, suggestion=suggestion)
    is_opening = report.is_worth_keeping and report.needs_incident
    return Prepared(report, opening_draft(report) if is_opening else None)


def opening_draft(report: Report) -> OpeningDraft:
    """The rows of an incident of its own, and the open incidents that may tell of the same."""
    nth = nth_report(report.earlier, at=report.at) if report.earlier else 1
    incident, decision = _incident_draft(report, nth)
    look = duplicates_look(
        text=report.sheet.narrative or report.sheet.address_text,
        lon=report.where.lon,
        lat=report.where.lat,
        radius_m=report.where.radius_m,
        code=incident.code,
        at=report.at,
        actor=report.by,
    )
    call = call_draft(report, state="incident_open", is_opening=True, station_id=incident.station_id)
    return OpeningDraft(incident, decision, nth, _tag_rows(report, incident, nth), call, look)


def _incident_draft(report: Report, nth: int) -> tuple[Incident, Decision]:
    sheet, where, call = report.sheet, report.where, report.call
    code = sheet.code or report.facts.code or OTHER
    decision = decision_for(
        code=code,
        danger=report.danger,
        tags=_tags_known(report),
        suggestion=report.suggestion,
        nth=nth,
        call_type=sheet.call_type,
        priority=sheet.priority,
        track=sheet.track,
        reason=sheet.reason,
        is_named=bool(sheet.code),
    )
    incident = incident_row(
        code=code,
        decision=decision,
        danger=report.danger,
        facts=report.facts,
        located=where.located,
        by=report.by,
        at=report.at,
        is_major=sheet.is_major,
        narrative=sheet.narrative,
        address_text=sheet.address_text,
        place_id=where.place_id,
        lon=where.lon,
        lat=where.lat,
        location_radius_m=where.radius_m,
        location_source=where.source,
        location_confidence=where.confidence,
        origin=(sheet.origin or ORIGIN_OF_CHANNEL.get(sheet.channel, "citizen"))[:8],
        received_at=(call.answered_at or call.ringing_at or report.at) if call else report.at,
        occurred_from=sheet.occurred_from,
        occurred_to=sheet.occurred_to,
        source=sheet.source or "live",
        external_id=sheet.external_id,
    )
    return incident, decision


def _tags_known(report: Report) -> dict[str, set[str]]:
    known = report.facts.tag_values
    for dimension, values in report.sheet.tags.items():
        known.setdefault(dimension, set()).update(values)
    return known


def _tag_rows(report: Report, incident: Incident, nth: int) -> list[IncidentTag]:
    """What the taker chose, and what the text suggests in the dimensions the taker left open."""
    chosen: list[tuple[str, str]] = []
    known = vocabulary().tags
    for dimension, values in report.sheet.tags.items():
        for value in values:
            if value in known.get(dimension, {}):
                chosen.append((dimension, value))
            else:
                zh, en = "标签不在词表中", "the tag is not in the vocabulary"
                report.put_aside("tags", "not_in_list", zh, en, {dimension: value})
    if nth > 1:
        chosen.append(("repeat", "second" if nth == 2 else "third_plus"))
    rows = [
        row_new(
            IncidentTag,
            incident_id=incident.pk,
            dimension=dimension,
            value=value,
            state=IncidentTag.State.CONFIRMED,
            source=IncidentTag.Source.TAKER,
            set_at=report.at,
            set_by=taker_id(report.by),
        )
        for dimension, value in chosen
    ]
    without = frozenset(dimension for dimension, _ in chosen)
    return [*rows, *tag_rows_suggested(incident, report.facts, at=report.at, without=without)]


def call_draft(
    report: Report, *, state: str, is_opening: bool = False, invalid_reason: str = "", station_id: int | None = None
) -> Call:
    """The call of this sheet: the waiting one brought up to date, or a new one entered by hand; not stored.

    ``station_id`` answers where the place tells of no station.
    """
    sheet, where, at = report.sheet, report.where, report.at
    call = report.call or row_new(Call, line=sheet.line)
    call.channel, call.call_type = sheet.channel, sheet.call_type
    call.state, call.state_since, call.recorded_at = state, at, at
    call.answered_at = call.answered_at or (at if sheet.channel == "phone" else None)
    call.narrative, call.address_text = sheet.narrative, sheet.address_text
    if where.located is not None:
        call.lon, call.lat, call.location_radius_m = where.lon, where.lat, where.radius_m
        call.cell = where.located.cell
    call.is_opening, call.invalid_reason = is_opening, invalid_reason
    call.taker_id = taker_id(report.by) or call.taker_id
    call.seat, call.recording_ref = sheet.seat or call.seat, sheet.recording_ref or call.recording_ref
    located_station = where.located.station_id if where.located else None
    call.station_id = located_station or station_id or call.station_id
    return call
