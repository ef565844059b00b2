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
from anlan.intake.drafts import OpeningDraft, Prepared, call_draft, opening_draft
from anlan.intake.errors import NothingOnSheet
from anlan.intake.models import Call, CallBack, Incident, IncidentLink
from anlan.intake.opening import opening_facts
from anlan.intake.parts import (
    call_number,
    incident_number,
    opening_numbers,
    orgs_of,
    reason_keep,
    reporter_keep,
    taker_id,
)
from anlan.intake.reporting import NO_MATTER_TYPES, SPEECHLESS_TYPES, Report, aside_keep, report_read
from anlan.intake.rules import CALL_BACK_WITHIN
from anlan.intake.selectors.duplicates import DuplicateSuggestion, duplicates_since
from anlan.intake.selectors.links import incident_root
from anlan.intake.services.links import call_filed
from anlan.intake.sheet import CallSheet, Unreadable, sheet_clean
from anlan.intake.triage import Decision
from anlan.tagging.selectors import transfer_items


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
    prepared: Prepared | None = None,
) -> CallReceived:
    """Take a report: one call and, unless it is silent, invalid or told of before, one incident.

    Nothing mandatory stands in the way: what can't be read (``unreadable`` from the edge, and what is
    found here) is quarantined beside the report, which is taken all the same. Danger in the flags or
    the text makes it P1 for the police whatever else the sheet says. A report whose source and external
    number are known changes nothing and is answered with what it became. ``suggestion`` is what the
    text was found to suggest, where the edge has asked already; ``prepared`` is the sheet with all that
    could be worked out before its turn. Raises ``NothingOnSheet`` only where there is nothing at all to keep.
    """
    sheet, aside = (prepared.report.sheet, []) if prepared else sheet_clean(line)
    if (known := _known(sheet)) is not None:
        return known
    if prepared is None:
        report = report_read(sheet, [*(unreadable or ()), *aside], by=by, at=at, suggestion=suggestion)
        prepared = Prepared(report, None)
    if not prepared.report.is_worth_keeping:
        raise NothingOnSheet
    try:
        # Only a report that may already be known needs a way back; the others fail as a whole.
        with transaction.atomic(savepoint=sheet.external_id is not None):
            return _taken(prepared.report, prepared.draft)
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


def _taken(report: Report, draft: OpeningDraft | None) -> CallReceived:
    if report.target is not None:
        return _told_of(report, report.target)
    return _opened(report, draft or opening_draft(report)) if report.needs_incident else _without_incident(report)


def _opened(report: Report, draft: OpeningDraft) -> CallReceived:
    """An incident of its own, with its call, reporter, labels and link to an earlier matter."""
    sheet = report.sheet
    incident = _incident_saved(report, draft)
    call = _call_saved(report, draft.call, incident)
    for tag in draft.tags:
        tag.incident_id = incident.pk
    rows_insert(draft.tags)
    if report.earlier is not None:
        IncidentLink.objects.create(
            kind=IncidentLink.Kind.REPEAT,
            incident=incident,
            earlier=report.earlier,
            made_at=report.at,
            made_by=taker_id(report.by),
        )
    call_back = _call_back(report, call) if sheet.call_type in SPEECHLESS_TYPES else None
    quarantined = aside_keep(report.aside, call.number, at=report.at)
    event = event_record(
        events.INCIDENT_OPENED,
        subject=incident,
        by=report.by,
        at=report.at,
        incident_id=incident.pk,
        org_ids=orgs_of(incident),
        **opening_facts(incident, call, suggestion=report.suggestion),
        nth=draft.nth,
        due_at=call_back.due_at.isoformat() if call_back else None,
        quarantined=[row.pk for row in quarantined],
        reporter=report.reporter_hash,
    )
    reason_keep(event, incident, sheet.reason.strip())
    return CallReceived(
        call=call,
        incident=incident,
        suggestion=report.suggestion,
        decision=draft.decision,
        duplicates=tuple(duplicates_since(draft.look, own_id=incident.pk)),
        candidates=report.where.candidates,
        quarantined=quarantined,
        call_back=call_back,
        transfer_to=tuple(item.partner_code for item in transfer_items(incident.code)),
    )


def _incident_saved(report: Report, draft: OpeningDraft) -> Incident:
    """Number and store the incident; a call entered by hand gets its number in the same step."""
    if report.call is None:
        draft.incident.number, draft.call.number = opening_numbers(report.at)
    else:
        draft.incident.number = incident_number(report.at)
    row_insert(draft.incident)
    return draft.incident


def _call_saved(report: Report, call: Call, incident: Incident | None) -> Call:
    """Store the call as drafted, under ``incident``; apart from it, who made it."""
    call.incident = call.filed_under = incident
    if report.call is None:
        call.number = call.number or call_number(report.at)
        row_insert(call)
    else:
        call.save()
    sheet = report.sheet
    if sheet.reporter_name or sheet.reporter_phone:
        report.reporter_hash = reporter_keep(
            call=call,
            name=sheet.reporter_name,
            phone=sheet.reporter_phone,
            is_confidential=sheet.is_confidential,
            at=report.at,
        )
    return call


def _told_of(report: Report, named: Incident) -> CallReceived:
    """The caller speaks of an incident that is known: the call goes to it, no second incident."""
    target = incident_root(Incident.objects.select_for_update().get(pk=named.pk))
    drafted = call_draft(report, state="linked_duplicate", station_id=target.station_id)
    call = _call_saved(report, drafted, target)
    quarantined = aside_keep(report.aside, call.number, at=report.at)
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
    drafted = call_draft(report, state="invalid" if invalid else "recorded", invalid_reason=invalid)
    call = _call_saved(report, drafted, None)
    call_back = None if invalid else _call_back(report, call)
    quarantined = aside_keep(report.aside, call.number, at=report.at)
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
