"""Taking a report: from the call sheet to an incident that somebody answers for, in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from anlan.core.actor import Actor
from anlan.core.models import QuarantinedRow
from anlan.core.services import event_record, row_quarantine
from anlan.intake import events
from anlan.intake.errors import NothingOnSheet
from anlan.intake.models import Call, CallBack, Incident, IncidentLink, IncidentTag
from anlan.intake.rules import (
    CALL_BACK_WITHIN,
    CALLS_WAITING,
    ORIGIN_OF_CHANNEL,
)
from anlan.intake.selectors.duplicates import DuplicateSuggestion, duplicates_suggest
from anlan.intake.selectors.links import incident_root, nth_report
from anlan.intake.selectors.location import Where, place_of_sheet
from anlan.intake.services.parts import (
    call_number,
    incident_number,
    orgs_of,
    reporter_note,
    taker_id,
)
from anlan.intake.services.read import decision_for, rules_version, suggestion_of
from anlan.intake.services.tag_rows import tag_chosen, tags_suggested
from anlan.intake.sheet import CallSheet, Unreadable, sheet_clean
from anlan.intake.suggested import Suggested, suggested_from
from anlan.intake.triage import Decision
from anlan.tagging.rules import OTHER
from anlan.tagging.selectors import incident_type, is_type, transfer_items, vocabulary

if TYPE_CHECKING:
    from anlan.engines.addresses import Candidate
    from anlan.engines.text_tags import Suggestion

NO_MATTER_TYPES = ("prank", "wrong_number", "test")


@dataclass(frozen=True)
class CallReceived:
    """What came of a report.

    ``incident`` is None for a silent call (``call_back`` says when it is due) and for a prank, wrong
    number or test. ``candidates`` are what the address may mean where it was not clear; ``quarantined``
    the parts that were put aside; ``transfer_to`` the partner desks agreed for such a matter.
    ``repeated`` marks a report that was known already by its source and external number.
    """

    call: Call
    incident: Incident | None
    suggestion: Suggestion | None
    decision: Decision | None
    duplicates: tuple[DuplicateSuggestion, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    quarantined: tuple[QuarantinedRow, ...] = ()
    call_back: CallBack | None = None
    transfer_to: tuple[str, ...] = ()
    repeated: bool = False


@dataclass
class _Work:
    """One report on its way through the steps below."""

    sheet: CallSheet
    by: Actor
    at: datetime
    aside: list[Unreadable]
    call: Call | None = None
    target: Incident | None = None
    earlier: Incident | None = None
    suggestion: Suggestion | None = None
    facts: Suggested = field(default_factory=Suggested)
    where: Where = field(default_factory=Where)
    reporter_hash: str = ""
    danger: tuple[str, ...] = ()

    def put_aside(self, name: str, code: str, zh: str, en: str, raw: object) -> None:
        self.aside.append(Unreadable(name, code, zh, en, json.dumps(raw, default=str)))


@transaction.atomic
def call_receive(
    *, line: CallSheet, at: datetime, by: Actor, unreadable: list[Unreadable] | None = None
) -> CallReceived:
    """Take a report: one call and, unless it is silent, invalid or told of before, one incident.

    Nothing mandatory stands in the way: what can't be read (``unreadable`` from the edge, and what is
    found here) is quarantined beside the report, which is taken all the same. Danger in the flags or
    the text makes it P1 for the police whatever else the sheet says. Raises ``NothingOnSheet`` only
    where there is nothing at all to keep.
    """
    sheet, aside = sheet_clean(line)
    if sheet.external_id is not None and (known := _known(sheet)) is not None:
        return known
    work = _Work(sheet, by, at, [*(unreadable or ()), *aside])
    _gather(work)
    if not (sheet.says_something or work.call or work.aside or _is_urgent(work) or _can_be_called_back(sheet)):
        raise NothingOnSheet
    if work.target is not None:
        return _told_of(work, work.target)
    if _no_incident(work):
        return _without_incident(work)
    try:
        with transaction.atomic(savepoint=sheet.external_id is not None):
            return _open(work)
    except IntegrityError:
        # On PostgreSQL two importers can meet here; the row that won is the answer for both.
        known = _known(sheet) if sheet.external_id is not None else None
        if known is None:
            raise
        return known


def _known(sheet: CallSheet) -> CallReceived | None:
    """The report of this source and external number, if it was taken before."""
    incident = Incident.objects.filter(source=sheet.source, external_id=sheet.external_id).first()
    if incident is None:
        return None
    call = Call.objects.filter(filed_under=incident).order_by("-is_opening", "id").first()
    assert call is not None  # an incident with an external number was opened by a call
    return CallReceived(call=call, incident=incident, suggestion=None, decision=None, repeated=True)


def _gather(work: _Work) -> None:
    """Everything that is only read: suggestion, dangers, place, the call and incidents spoken of."""
    sheet, by = work.sheet, work.by
    if sheet.call_id is not None:
        work.call = Call.objects.visible_to(by).filter(pk=sheet.call_id, state__in=CALLS_WAITING).first()
        if work.call is None:
            zh, en = "没有这通待登记的来电，另立一条", "no such call is waiting; a call of its own was opened"
            work.put_aside("call_id", "not_waiting", zh, en, sheet.call_id)
    work.target = _incident_named(work, "link_to", sheet.link_to)
    work.earlier = _incident_named(work, "repeat_of", sheet.repeat_of)
    work.suggestion = suggestion_of(sheet.narrative)
    work.facts = suggested_from(work.suggestion)
    work.danger = tuple(dict.fromkeys((*sheet.danger, *work.facts.danger)))
    if sheet.code and not is_type(sheet.code):
        zh, en = "类别代码不在目录中", "the code is not in the list of types"
        work.put_aside("code", "not_in_list", zh, en, sheet.code)
        work.sheet = replace(sheet, code="")
    work.where = place_of_sheet(work.sheet, work.call)
    work.aside += work.where.aside


def _incident_named(work: _Work, field: str, pk: int | None) -> Incident | None:
    if pk is None:
        return None
    found = Incident.objects.visible_to(work.by).filter(pk=pk).first()
    if found is None:
        zh, en = "没有这个警情，未关联", "no such incident in your area; not linked"
        work.put_aside(field, "not_found", zh, en, pk)
        return None
    return incident_root(found) if field == "link_to" else found


def _is_urgent(work: _Work) -> bool:
    sheet = work.sheet
    return bool(work.danger or sheet.priority == "P1" or sheet.is_major or sheet.channel == "device")


def _can_be_called_back(sheet: CallSheet) -> bool:
    return bool(sheet.reporter_phone) or sheet.call_type in ("silent", "covert", *NO_MATTER_TYPES)


def _no_incident(work: _Work) -> bool:
    """Silent, invalid or empty, and no word of danger."""
    if _is_urgent(work) or work.sheet.call_type == "covert":
        return False
    if work.sheet.call_type in NO_MATTER_TYPES:
        return True
    return not work.sheet.says_something


def _open(work: _Work) -> CallReceived:
    """An incident of its own, with its call, reporter, tags and links."""
    sheet, at = work.sheet, work.at
    code = sheet.code or work.facts.code or OTHER
    tags = _tags_known(work)
    nth = nth_report(work.earlier, at=at) if work.earlier else 1
    decision = decision_for(
        code=code,
        danger=work.danger,
        tags=tags,
        nth=nth,
        call_type=sheet.call_type,
        priority=sheet.priority,
        track=sheet.track,
        reason=sheet.reason,
    )
    incident = _incident_row(work, code, decision)
    incident.save(force_insert=True)
    call = _call_saved(work, state="incident_open", incident=incident, is_opening=True)
    rows = _tag_rows(work, incident, nth)
    if rows:
        IncidentTag.objects.bulk_create(rows)
    if work.earlier is not None:
        _repeat_row(work, incident, work.earlier)
    call_back = _call_back(work, call) if sheet.call_type in ("silent", "covert") else None
    duplicates = duplicates_of(work.sheet, work.where, code, incident, by=work.by, at=at)
    quarantined = _quarantine(work, incident.number)
    event_record(
        events.INCIDENT_OPENED,
        subject=incident,
        by=work.by,
        at=at,
        incident_id=incident.pk,
        org_ids=orgs_of(incident),
        number=incident.number,
        call=call.pk,
        call_type=call.call_type,
        channel=call.channel,
        code=incident.code,
        code_by="taker" if sheet.code else ("suggestion" if work.facts.code else "none"),
        suggested=work.facts.code,
        priority=incident.priority,
        priority_rule=incident.priority_rule,
        track=incident.track,
        track_rule=incident.track_rule,
        rules=incident.rules_version,
        danger=list(work.danger),
        reason_given=bool(sheet.reason.strip()),
        location=incident.location_source,
        nth=nth,
        quarantined=[row.pk for row in quarantined],
        reporter=work.reporter_hash,
    )
    return CallReceived(
        call=call,
        incident=incident,
        suggestion=work.suggestion,
        decision=decision,
        duplicates=duplicates,
        candidates=work.where.candidates,
        quarantined=quarantined,
        call_back=call_back,
        transfer_to=tuple(item.partner_code for item in transfer_items(code)),
    )


def _incident_row(work: _Work, code: str, decision: Decision) -> Incident:
    sheet, where, at = work.sheet, work.where, work.at
    located = where.located
    received_at = at
    if work.call is not None:
        received_at = work.call.answered_at or work.call.ringing_at or at
    return Incident(
        number=incident_number(at),
        code=code,
        taxonomy_version=vocabulary().version,
        priority=decision.priority,
        priority_rule=decision.priority_rule,
        track=decision.track,
        track_rule=decision.track_rule,
        rules_version=rules_version(work.facts),
        danger=list(work.danger),
        is_major=sheet.is_major,
        is_valid=incident_type(code).is_valid_incident,
        state="open",
        state_since=at,
        narrative=sheet.narrative,
        address_text=sheet.address_text,
        place_id=where.place_id,
        lon=where.lon,
        lat=where.lat,
        location_radius_m=where.radius_m,
        location_source=where.source,
        location_confidence=where.confidence,
        cell=located.cell if located else None,
        setting=located.setting if located else "town",
        beat_code=located.beat_code if located else "",
        station_id=located.station_id if located else None,
        town_room_id=located.town_room_id if located else None,
        holder_id=work.by.org_id,
        origin=(sheet.origin or ORIGIN_OF_CHANNEL.get(sheet.channel, "citizen"))[:8],
        received_at=received_at,
        occurred_from=sheet.occurred_from,
        occurred_to=sheet.occurred_to,
        source=sheet.source or "live",
        external_id=sheet.external_id,
    )


def _call_saved(
    work: _Work, *, state: str, incident: Incident | None, is_opening: bool = False, invalid_reason: str = ""
) -> Call:
    """The call of this sheet: the waiting one brought up to date, or a new one entered by hand."""
    sheet, where, at, known = work.sheet, work.where, work.at, work.call
    call = known or Call(number=call_number(at), ringing_at=None, line=sheet.line)
    call.channel, call.call_type = sheet.channel, sheet.call_type
    call.state, call.state_since, call.recorded_at = state, at, at
    call.answered_at = call.answered_at or (at if known is not None or sheet.channel == "phone" else None)
    call.narrative, call.address_text = sheet.narrative, sheet.address_text
    if where.lon is not None or known is None:
        call.lon, call.lat, call.location_radius_m = where.lon, where.lat, where.radius_m
        call.cell = where.located.cell if where.located else None
    call.incident = call.filed_under = incident
    call.is_opening, call.invalid_reason = is_opening, invalid_reason
    call.taker_id = taker_id(work.by) or call.taker_id
    call.seat, call.recording_ref = sheet.seat or call.seat, sheet.recording_ref or call.recording_ref
    station = where.located.station_id if where.located else None
    call.station_id = station or (incident.station_id if incident else None) or call.station_id
    call.save(force_insert=known is None)
    if sheet.reporter_name or sheet.reporter_phone:
        work.reporter_hash = reporter_note(
            call=call,
            name=sheet.reporter_name,
            phone=sheet.reporter_phone,
            is_confidential=sheet.is_confidential,
            at=at,
        )
    return call


def _tags_known(work: _Work) -> dict[str, set[str]]:
    known = {name: {tag.value for tag in tags} for name, tags in work.facts.tags.items()}
    for name, values in work.sheet.tags.items():
        known.setdefault(name, set()).update(values)
    return known


def _tag_rows(work: _Work, incident: Incident, nth: int) -> list[IncidentTag]:
    """What the taker chose, and what the text suggests in the dimensions the taker left open."""
    by_hand: list[tuple[str, str]] = []
    known = vocabulary().tags
    for dimension, values in work.sheet.tags.items():
        for value in values:
            if value in known.get(dimension, {}):
                by_hand.append((dimension, value))
            else:
                zh, en = "标签不在词表中", "the tag is not in the vocabulary"
                work.put_aside("tags", "not_in_list", zh, en, {dimension: value})
    if nth > 1:
        by_hand.append(("repeat", "second" if nth == 2 else "third_plus"))
    taker = taker_id(work.by)
    rows = [
        tag_chosen(incident, dimension, value, state="confirmed", source="taker", at=work.at, set_by=taker)
        for dimension, value in by_hand
    ]
    without = frozenset(dimension for dimension, _ in by_hand)
    return [*rows, *tags_suggested(incident, work.facts, at=work.at, without=without)]


def _repeat_row(work: _Work, incident: Incident, earlier: Incident) -> None:
    IncidentLink.objects.create(
        kind=IncidentLink.Kind.REPEAT,
        incident=incident,
        earlier=earlier,
        made_at=work.at,
        made_by=taker_id(work.by),
    )


def duplicates_of(
    sheet: CallSheet, where: Where, code: str, incident: Incident | None, *, by: Actor, at: datetime
) -> tuple[DuplicateSuggestion, ...]:
    """Open incidents this report may be about."""
    return tuple(
        duplicates_suggest(
            text=sheet.narrative or sheet.address_text,
            lon=where.lon,
            lat=where.lat,
            radius_m=where.radius_m,
            code=code,
            at=at,
            actor=by,
            not_incident_id=incident.pk if incident else None,
        )
    )


def _told_of(work: _Work, target: Incident) -> CallReceived:
    """The caller speaks of an incident that is known: the call goes to it, no second incident."""
    from anlan.intake.services.links import call_filed

    call = _call_saved(work, state="linked_duplicate", incident=target)
    quarantined = _quarantine(work, call.number)
    call_filed(
        call, target, danger=work.danger, by=work.by, at=work.at, quarantined=quarantined, reporter=work.reporter_hash
    )
    target.refresh_from_db()
    return CallReceived(
        call=call,
        incident=target,
        suggestion=work.suggestion,
        decision=None,
        candidates=work.where.candidates,
        quarantined=quarantined,
    )


def _without_incident(work: _Work) -> CallReceived:
    """A silent or empty call to be called back, or one that tells of nothing."""
    invalid = work.sheet.call_type if work.sheet.call_type in NO_MATTER_TYPES else ""
    call = _call_saved(work, state="invalid" if invalid else "recorded", incident=None, invalid_reason=invalid)
    call_back = None if invalid else _call_back(work, call)
    quarantined = _quarantine(work, call.number)
    event_record(
        events.CALL_INVALID if invalid else events.CALL_RECORDED,
        subject=call,
        by=work.by,
        at=work.at,
        org_ids=(call.station_id, work.by.org_id),
        number=call.number,
        call_type=call.call_type,
        channel=call.channel,
        invalid_reason=invalid,
        due_at=call_back.due_at.isoformat() if call_back else None,
        quarantined=[row.pk for row in quarantined],
        reporter=work.reporter_hash,
    )
    return CallReceived(
        call=call,
        incident=None,
        suggestion=work.suggestion,
        decision=None,
        quarantined=quarantined,
        call_back=call_back,
    )


def _call_back(work: _Work, call: Call) -> CallBack:
    reason = work.sheet.call_type if work.sheet.call_type in ("silent", "covert") else "cut_off"
    standing = CallBack.objects.filter(call=call, done_at=None).first() if work.call is not None else None
    return standing or CallBack.objects.create(call=call, reason=reason, due_at=work.at + CALL_BACK_WITHIN)


def _quarantine(work: _Work, number: str) -> tuple[QuarantinedRow, ...]:
    return tuple(
        row_quarantine(
            source=f"call {number} {part.field}",
            raw=part.raw,
            code=part.code,
            reason_zh=part.reason_zh,
            reason_en=part.reason_en,
            at=work.at,
        )
        for part in work.aside
    )
