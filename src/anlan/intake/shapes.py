"""The shapes of this room on the wire, and how rows become them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from ninja import Schema

from anlan.core.models import QuarantinedRow
from anlan.engines.text_tags import Evidence, Suggestion
from anlan.intake.models import Call, CallBack, Incident, IncidentTag, Transfer
from anlan.intake.rules import INCIDENT
from anlan.intake.selectors import DuplicateSuggestion, IncidentDetail, RepeatSuggestion, TimelineLine, call_clocks
from anlan.intake.selectors.tracking import tracking_code
from anlan.intake.services import CallReceived
from anlan.tagging.selectors import incident_type

_INCIDENT = (
    "id", "number", "code", "priority", "priority_rule", "track", "track_rule", "rules_version", "danger", "is_major",
    "is_valid", "is_code_confirmed", "state", "state_since", "narrative", "address_text", "lon", "lat",
    "location_radius_m", "location_source", "location_confidence", "setting", "beat_code", "station_id",
    "town_room_id", "holder_id", "held_since", "routed_to_id", "origin", "received_at", "occurred_from",
    "occurred_to", "first_sent_at",
    "first_arrived_at", "closed_at", "bounces", "merged_into_id", "source", "external_id",
)  # fmt: skip
_CALL = (
    "id", "number", "channel", "call_type", "state", "state_since", "line", "ringing_at", "answered_at", "ended_at",
    "recorded_at", "narrative", "address_text", "incident_id", "filed_under_id", "is_opening", "seat",
    "recording_ref", "invalid_reason",
)  # fmt: skip
SHEET_SCHEMA: dict[str, Any] = {
    "requestBody": {
        "description": "A call sheet. No field must be filled; what can't be read is put aside and named.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "narrative": {"type": "string"},
                        "address_text": {"type": "string"},
                        "lon": {"type": "number"},
                        "lat": {"type": "number"},
                        "datum": {"enum": ["wgs84", "gcj02", "bd09"]},
                        "radius_m": {"type": "number"},
                        "place_id": {"type": "integer"},
                        "channel": {"type": "string"},
                        "call_type": {"type": "string"},
                        "code": {"type": "string"},
                        "priority": {"enum": ["P1", "P2", "P3", "P4"]},
                        "track": {"enum": ["P", "J", "C", "T"]},
                        "danger": {"type": "array", "items": {"type": "string"}},
                        "reason": {"type": "string"},
                        "tags": {"type": "object"},
                        "is_major": {"type": "boolean"},
                        "reporter_name": {"type": "string"},
                        "reporter_phone": {"type": "string"},
                        "is_confidential": {"type": "boolean"},
                        "call_id": {"type": "integer"},
                        "link_to": {"type": "integer"},
                        "repeat_of": {"type": "integer"},
                        "occurred_from": {"type": "string", "format": "date-time"},
                        "occurred_to": {"type": "string", "format": "date-time"},
                        "seat": {"type": "string"},
                        "line": {"type": "string"},
                        "source": {"type": "string"},
                        "external_id": {"type": "string"},
                    },
                }
            }
        },
    }
}


RING_PARTS = {
    "line": "line",
    "phone": "reporter_phone",
    "lon": "lon",
    "lat": "lat",
    "radius_m": "radius_m",
    "recording_ref": "recording_ref",
}
"""Parts of a ring as parts of a sheet."""
RING_SCHEMA: dict[str, Any] = {
    "requestBody": {
        "description": "A ring: its line, and what is known of it. What can't be read is put aside; it rings.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        name: {"type": "number" if name in ("lon", "lat", "radius_m") else "string"}
                        for name in RING_PARTS
                    },
                }
            }
        },
        "required": True,
    }
}


class SwitchIn(Schema):
    """What a switch says of itself: its name, and whether its lines work."""

    switch: str
    is_up: bool


class HandedInIn(Schema):
    """Calls of another system: its name, and sheets with their numbers there (``external_id``)."""

    source: str
    calls: list[dict[str, Any]]


class OnLineIn(Schema):
    """The call by its id, or by the line it is on."""

    call_id: int | None = None
    line: str = ""
    seat: str = ""
    recording_ref: str = ""


class SuggestIn(Schema):
    text: str


class LinkIn(Schema):
    incident_id: int
    score: float | None = None


class RepeatIn(Schema):
    earlier_id: int


class InvalidIn(Schema):
    kind: str
    reason: str = ""


class CallReasonIn(Schema):
    reason: str


class TransferIn(Schema):
    partner: str
    is_three_way: bool = True
    reason: str = ""


class AnswerIn(Schema):
    receipt: str = ""
    reason: str = ""


class TrackIn(Schema):
    track: str
    reason: str


class PriorityIn(Schema):
    priority: str
    reason: str


class DangerIn(Schema):
    danger: list[str]
    reason: str = ""


class CodeIn(Schema):
    code: str
    reason: str = ""
    is_confirmed: bool = False


class TagsIn(Schema):
    """``values``: dimension to the values that hold."""

    values: dict[str, list[str]]


class TagAuditIn(Schema):
    """``value``: what holds instead; without it the reviewer agrees."""

    value: str | None = None


class CallBackIn(Schema):
    outcome: str
    danger: list[str] = []


class PurposeIn(Schema):
    purpose: str


def _plain(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def incident_out(incident: Incident) -> dict[str, Any]:
    """An incident with the name of its type in the active language."""
    kind = incident_type(incident.code).name(get_language() or "zh-hans")
    return {**_plain(incident, _INCIDENT), "code_name": kind, "state_label": str(INCIDENT.labels[incident.state])}


def call_out(call: Call) -> dict[str, Any]:
    """A call with its clocks in seconds. Who made it is asked for apart, with a purpose."""
    clocks = call_clocks(call)
    return {
        **_plain(call, _CALL),
        "ring_to_answer_s": clocks.ring_to_answer.total_seconds() if clocks.ring_to_answer else None,
        "answer_to_recorded_s": clocks.answer_to_recorded.total_seconds() if clocks.answer_to_recorded else None,
        "answer_to_sent_s": clocks.answer_to_sent.total_seconds() if clocks.answer_to_sent else None,
    }


def on_line_out(call: Call) -> dict[str, Any]:
    """A call as the switch knows it: line and clocks, nothing that was said or written down."""
    names = ("id", "number", "line", "state", "seat", "ringing_at", "answered_at", "ended_at", "recording_ref")
    return _plain(call, names)


def call_back_out(task: CallBack) -> dict[str, Any]:
    return _plain(task, ("id", "call_id", "reason", "due_at", "tries", "done_at", "outcome"))


def transfer_out(transfer: Transfer) -> dict[str, Any]:
    names = ("id", "incident_id", "state", "state_since", "is_three_way", "keeps_police", "offered_at", "answered_at")
    return {**_plain(transfer, (*names, "receipt", "reason")), "partner": transfer.partner.code}


def tag_out(tag: IncidentTag) -> dict[str, Any]:
    names = ("id", "dimension", "value", "state", "source", "confidence", "evidence", "model_version", "set_at")
    return _plain(tag, names)


def tag_review_out(tag: IncidentTag) -> dict[str, Any]:
    return {**tag_out(tag), "incident_id": tag.incident_id, **_plain(tag.incident, ("number", "priority", "code"))}


def aside_out(row: QuarantinedRow) -> dict[str, Any]:
    part = row.source.rsplit(" ", 1)[-1]
    return {"id": row.pk, "field": part, "code": row.code, "reason_zh": row.reason_zh, "reason_en": row.reason_en}


def duplicate_out(found: DuplicateSuggestion) -> dict[str, Any]:
    return {
        "incident_id": found.incident_id,
        "number": found.number,
        "code": found.code,
        "priority": found.priority,
        "state": found.state,
        "received_at": found.received_at.isoformat(),
        "score": found.score,
        "distance_m": found.distance_m,
        "reasons": [
            {"kind": reason.kind, "weight": reason.weight, "detail": list(reason.detail)} for reason in found.reasons
        ],
    }


def repeat_out(found: RepeatSuggestion) -> dict[str, Any]:
    return {
        "incident_id": found.incident_id,
        "number": found.number,
        "code": found.code,
        "received_at": found.received_at.isoformat(),
        "closed_at": found.closed_at.isoformat() if found.closed_at else None,
        "distance_m": found.distance_m,
        "same_address": found.same_address,
    }


def suggestion_out(suggestion: Suggestion) -> dict[str, Any]:
    """What a text suggests, each with its words and where they stand."""
    language = get_language() or "zh-hans"
    return {
        "abstained": suggestion.is_abstained,
        "codes": [
            {
                "code": each.code,
                "name": incident_type(each.code).name(language),
                "score": each.score,
                "evidence": [_words(words) for words in each.evidence],
            }
            for each in suggestion.codes
        ],
        "danger": [
            {
                "flag": flag.flag,
                "confidence": flag.confidence,
                "rule": flag.rule_id,
                "evidence": [_words(words) for words in flag.evidence],
            }
            for flag in suggestion.flags
        ],
        "priority": suggestion.priority,
        "priority_rule": suggestion.priority_rule_id,
        "track": suggestion.track,
        "track_rule": suggestion.track_rule_id,
        "transfer_to": suggestion.transfer_to,
        "tags": [
            {
                "dimension": tag.dimension,
                "value": tag.value,
                "confidence": tag.confidence,
                "evidence": [_words(words) for words in tag.evidence],
            }
            for tag in suggestion.tags
        ],
        "note": suggestion.note,
        "model_version": suggestion.model_version,
    }


def _words(evidence: Evidence) -> dict[str, Any]:
    return {"words": evidence.words, "start": evidence.start, "end": evidence.end, "source": evidence.source}


def received_out(got: CallReceived) -> dict[str, Any]:
    """What came of a report."""
    return {
        "call": call_out(got.call),
        "tracking_code": tracking_code(got.call),
        "incident": incident_out(got.incident) if got.incident else None,
        "is_repeated": got.is_repeated,
        "duplicates": [duplicate_out(found) for found in got.duplicates],
        "candidates": [
            {
                "place_id": found.record.id,
                "name_zh": found.record.name_zh,
                "name_en": found.record.name_en,
                "kind": found.kind,
                "lon": found.lon,
                "lat": found.lat,
                "radius_m": found.radius_m,
                "confidence": found.confidence,
                "how": list(found.how),
            }
            for found in got.candidates
        ],
        "transfer_to": list(got.transfer_to),
        "call_back": call_back_out(got.call_back) if got.call_back else None,
        "suggestion": suggestion_out(got.suggestion) if got.suggestion else None,
        "quarantined": [aside_out(row) for row in got.quarantined],
    }


def detail_out(detail: IncidentDetail) -> dict[str, Any]:
    """An incident with all that belongs to it."""
    return {
        **incident_out(detail.incident),
        "calls": [call_out(call) for call in detail.calls],
        "tags": [tag_out(tag) for tag in detail.tags],
        "links": [
            {"kind": link.kind, "incident_id": link.earlier_id, "number": link.earlier.number, "is_later": False}
            for link in detail.links
        ]
        + [
            {"kind": link.kind, "incident_id": link.incident_id, "number": link.incident.number, "is_later": True}
            for link in detail.linked_here
        ],
        "transfers": [transfer_out(transfer) for transfer in detail.transfers],
        "call_backs": [call_back_out(task) for task in detail.call_backs],
    }


def line_out(line: TimelineLine) -> dict[str, Any]:
    return _plain(line, ("event_id", "at", "kind", "sentence", "actor_kind", "actor_id", "actor_name", "reason"))
