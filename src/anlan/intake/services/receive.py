"""Taking a report: from the call sheet to an incident that somebody answers for, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.core.actor import Actor
from anlan.core.models import QuarantinedRow
from anlan.core.rows import row_insert, rows_insert
from anlan.core.services import event_record
from anlan.engines.addresses import Candidate
from anlan.engines.text_tags import Suggestion
from anlan.intake import events
from anlan.intake.deciding import decision_for
from anlan.intake.errors import NothingOnSheet
from anlan.intake.models import Call, CallBack, Incident, IncidentLink, IncidentTag
from anlan.intake.opening import incident_row, opening_facts, tag_rows_suggested
from anlan.intake.parts import call_number, orgs_of, reason_keep, reporter_keep, taker_id
from anlan.intake.reporting import NO_MATTER_TYPES, SPEECHLESS_TYPES, Report, aside_keep, report_read
from anlan.intake.rules import CALL_BACK_WITHIN, ORIGIN_OF_CHANNEL
from anlan.intake.selectors.duplicates import DuplicateSuggestion, duplicates_suggest
from anlan.intake.selectors.links import incident_root, nth_report
from anlan.intake.services.links import call_filed
from anlan.intake.sheet import CallSheet, Unreadable, sheet_clean
from anlan.intake.triage import Decision
from anlan.tagging.selectors import OTHER, transfer_items, vocabulary


@dataclass(frozen=True)
class CallReceived:
    """What came of a report.

    ``incident`` is None for a silent call (``call_back`` says when it is due) and for a prank, wrong
    number or test. ``candidates`` are what the address may mean where it was not clear; ``quarantined``
    the parts that were put aside; ``transfer_to`` the partner desks agreed for such a matter.
    ``is_repeated`` marks a report that was known already by its source and external number.
    """

    call: Call
    incident: Incident | None
    suggestion: Suggestion | None = None
    decision: Decision | None = None
    duplicates: tuple[DuplicateSuggestion, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    quarantined: tuple[QuarantinedRow, ...] = ()
    call_back: CallBack | None = None
    transfer_to: tuple[str, ...] = ()
    is_repeated: bool = False


def call_receive(
    *,
    line: CallSheet,
    at: datetime,
    by: Actor,
    unreadable: list[Unreadable] | None = None,
    suggestion: Suggestion | None = None,
) -> CallReceived:
    """Take a report: one call and, unless it is silent, invalid or told of before, one incident.

    Nothing mandatory stands in the way: what can't be read (``unreadable`` from the edge, and what is
    found here) is quarantined beside the report, which is taken all the same. Danger in the flags or
    the text makes it P1 for the police whatever else the sheet says. A report whose source and external
    number are known changes nothing and is answered with what it became. ``suggestion`` is what the
    text was found to suggest, where the edge has asked already. Raises ``NothingOnSheet`` only
    where there is nothing at all to keep.
    """
    sheet, aside = sheet_clean(line)
    if (known := _known(sheet)) is not None:
        return known
    report = report_read(sheet, [*(unreadable or ()), *aside], by=by, at=at, suggestion=suggestion)
    if not report.is_worth_keeping:
        raise NothingOnSheet
    try:
        # Only a report that may already be known needs a way back; the others fail as a whole.
        with transaction.atomic(savepoint=sheet.external_id is not None):
            return _taken(report)
    except IntegrityError:
        # On PostgreSQL two importers can meet here; the row that won is the answer for both.
        if (known := _known(sheet)) is None:
            raise
        return known


def _known(sheet: CallSheet) -> CallReceived | None:
    """The report of this source and external number, if it was taken before."""
    if sheet.external_id is None:
        return None
    incident = Incident.objects.filter(source=sheet.source, external_id=sheet.external_id).first()
    if incident is None:
        return None
    call = Call.objects.filter(filed_under=incident).order_by("-is_opening", "id").first()
    assert call is not None, "an incident with an external number was opened by a call"
    return CallReceived(call=call, incident=incident, is_repeated=True)


def _taken(report: Report) -> CallReceived:
    if report.target is not None:
        return _told_of(report, report.target)
    return _opened(report) if report.needs_incident else _without_incident(report)


def _opened(report: Report) -> CallReceived:
    """An incident of its own, with its call, reporter, labels and link to an earlier matter."""
    sheet = report.sheet
    nth = nth_report(report.earlier, at=report.at) if report.earlier else 1
    incident, decision = _incident_saved(report, nth)
    call = _call_saved(report, state="incident_open", incident=incident, is_opening=True)
    rows_insert(_tag_rows(report, incident, nth))
    if report.earlier is not None:
        IncidentLink.objects.create(
            kind=IncidentLink.Kind.REPEAT,
            incident=incident,
            earlier=report.earlier,
            made_at=report.at,
            made_by=taker_id(report.by),
        )
    call_back = _call_back(report, call) if sheet.call_type in SPEECHLESS_TYPES else None
    quarantined = aside_keep(report, call.number)
    event = event_record(
        events.INCIDENT_OPENED,
        subject=incident,
        by=report.by,
        at=report.at,
        incident_id=incident.pk,
        org_ids=orgs_of(incident),
        **opening_facts(incident, call, suggestion=report.suggestion),
        nth=nth,
        due_at=call_back.due_at.isoformat() if call_back else None,
        quarantined=[row.pk for row in quarantined],
        reporter=report.reporter_hash,
    )
    reason_keep(event, incident, sheet.reason.strip())
    return CallReceived(
        call=call,
        incident=incident,
        suggestion=report.suggestion,
        decision=decision,
        duplicates=_duplicates(report, incident),
        candidates=report.where.candidates,
        quarantined=quarantined,
        call_back=call_back,
        transfer_to=tuple(item.partner_code for item in transfer_items(incident.code)),
    )


def _incident_saved(report: Report, nth: int) -> tuple[Incident, Decision]:
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
    row_insert(incident)
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
        IncidentTag(
            incident=incident,
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


def _call_saved(
    report: Report, *, state: str, incident: Incident | None, is_opening: bool = False, invalid_reason: str = ""
) -> Call:
    """The call of this sheet: the waiting one brought up to date, or a new one entered by hand."""
    sheet, where, at, known = report.sheet, report.where, report.at, report.call
    call = known or Call(number=call_number(at), line=sheet.line)
    call.channel, call.call_type = sheet.channel, sheet.call_type
    call.state, call.state_since, call.recorded_at = state, at, at
    call.answered_at = call.answered_at or (at if sheet.channel == "phone" else None)
    call.narrative, call.address_text = sheet.narrative, sheet.address_text
    if where.located is not None:
        call.lon, call.lat, call.location_radius_m = where.lon, where.lat, where.radius_m
        call.cell = where.located.cell
    call.incident = call.filed_under = incident
    call.is_opening, call.invalid_reason = is_opening, invalid_reason
    call.taker_id = taker_id(report.by) or call.taker_id
    call.seat, call.recording_ref = sheet.seat or call.seat, sheet.recording_ref or call.recording_ref
    located_station = where.located.station_id if where.located else None
    call.station_id = located_station or (incident.station_id if incident else None) or call.station_id
    if known is None:
        row_insert(call)
    else:
        call.save()
    if sheet.reporter_name or sheet.reporter_phone:
        report.reporter_hash = reporter_keep(
            call=call,
            name=sheet.reporter_name,
            phone=sheet.reporter_phone,
            is_confidential=sheet.is_confidential,
            at=at,
        )
    return call


def _duplicates(report: Report, incident: Incident) -> tuple[DuplicateSuggestion, ...]:
    return tuple(
        duplicates_suggest(
            text=report.sheet.narrative or report.sheet.address_text,
            lon=report.where.lon,
            lat=report.where.lat,
            radius_m=report.where.radius_m,
            code=incident.code,
            at=report.at,
            actor=report.by,
            not_incident_id=incident.pk,
        )
    )


def _told_of(report: Report, named: Incident) -> CallReceived:
    """The caller speaks of an incident that is known: the call goes to it, no second incident."""
    target = incident_root(Incident.objects.select_for_update().get(pk=named.pk))
    call = _call_saved(report, state="linked_duplicate", incident=target)
    quarantined = aside_keep(report, call.number)
    call_filed(
        call,
        target,
        danger=report.danger,
        by=report.by,
        at=report.at,
        quarantined=[row.pk for row in quarantined],
        reporter=report.reporter_hash,
    )
    target.refresh_from_db()
    return CallReceived(
        call=call,
        incident=target,
        suggestion=report.suggestion,
        candidates=report.where.candidates,
        quarantined=quarantined,
    )


def _without_incident(report: Report) -> CallReceived:
    """A silent or empty call to be called back, or one that tells of nothing."""
    call_type = report.sheet.call_type
    invalid = call_type if call_type in NO_MATTER_TYPES else ""
    call = _call_saved(report, state="invalid" if invalid else "recorded", incident=None, invalid_reason=invalid)
    call_back = None if invalid else _call_back(report, call)
    quarantined = aside_keep(report, call.number)
    event_record(
        events.CALL_INVALID if invalid else events.CALL_RECORDED,
        subject=call,
        by=report.by,
        at=report.at,
        org_ids=(call.station_id, report.by.org_id),
        call=call.number,
        call_type=call.call_type,
        channel=call.channel,
        invalid_reason=invalid,
        due_at=call_back.due_at.isoformat() if call_back else None,
        quarantined=[row.pk for row in quarantined],
        reporter=report.reporter_hash,
    )
    return CallReceived(
        call=call, incident=None, suggestion=report.suggestion, quarantined=quarantined, call_back=call_back
    )


def _call_back(report: Report, call: Call) -> CallBack:
    reason = report.sheet.call_type if report.sheet.call_type in SPEECHLESS_TYPES else "cut_off"
    standing = CallBack.objects.filter(call=call, done_at=None).first() if report.call is not None else None
    return standing or CallBack.objects.create(call=call, reason=reason, due_at=report.at + CALL_BACK_WITHIN)
