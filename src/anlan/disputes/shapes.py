"""JSON shapes of files, pushes and parties."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema

from anlan.core.sentences import sentence_for
from anlan.disputes.models import DisputeFile, FileIncident, LevelChange, MatchSuggestion, Party, Push
from anlan.disputes.rules import FILE, PUSH
from anlan.disputes.selectors.lists import Earlier, FilePage, TownBoard, due_colour
from anlan.disputes.selectors.push_sums import PushSums


class PushIn(Schema):
    """Which step, why (a key of the reasons), and to whom where not the usual receiver."""

    seq: int
    reason: str = "by_hand"
    to_person_id: int | None = None
    to_organisation_id: int | None = None


class WordsIn(Schema):
    """What was done, in words."""

    action: str


class OutcomeIn(Schema):
    outcome: str
    action: str = ""


class ReasonIn(Schema):
    reason: str


class ResultIn(Schema):
    result: str


class TriageIn(Schema):
    """What it is and which way it goes; empty values stay as they are."""

    method: str = ""
    exclusion: str = ""
    relation: str = ""
    amount_band: str = ""
    people_count: int | None = None
    claim: str = ""
    cause: str = ""


class AssignIn(Schema):
    organisation_id: int


class PoliceIn(Schema):
    reason: str = "danger"
    exclusion: str = ""


class CaseIn(Schema):
    case_number: str


class IncidentIn(Schema):
    incident_id: int
    kind: str = ""


class MergeIn(Schema):
    into_id: int


class PartyIn(Schema):
    """Who takes part; without name and phone they stay anonymous."""

    role: str
    name: str = ""
    phone: str = ""
    address: str = ""
    is_organisation: bool = False
    is_minor: bool = False
    represents_id: int | None = None


class PartyChangeIn(Schema):
    """What was entered wrongly; what is not given stays."""

    role: str | None = None
    name: str | None = None
    phone: str | None = None
    address: str | None = None
    is_organisation: bool | None = None
    is_minor: bool | None = None


class SwapIn(Schema):
    with_party_id: int


class RevealIn(Schema):
    purpose: str
    note: str = ""


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Instants and days as text, as JSON has them."""
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in row.items()}


WRITTEN = frozenset({"facts", "terms", "what", "condition", "note", "claim", "action"})
"""What people wrote in their own words."""


def without_words(answer: dict[str, Any], *also: str) -> dict[str, Any]:
    """The answer of a command: it is kept under its key for a month, so what people wrote is read elsewhere."""
    return {
        name: [without_words(one) for one in value] if name == "obligations" else value
        for name, value in answer.items()
        if name not in WRITTEN and name not in also
    }


def file_out(file: DisputeFile, *, at: datetime) -> dict[str, Any]:
    """A file without anybody's name."""
    return _told(
        {
            "id": file.pk,
            "number": file.number,
            "code": file.code,
            "state": file.state,
            "state_label": str(FILE.labels[file.state]),
            "state_since": file.state_since,
            "level": file.level,
            "level_since": file.level_since,
            "track": file.track,
            "cause": file.cause,
            "relation": file.relation,
            "claim": file.claim,
            "amount_band": file.amount_band,
            "people_count": file.people_count,
            "method": file.method,
            "result": file.result,
            "exclusion": file.exclusion,
            "address_text": file.address_text,
            "lon": file.lon,
            "lat": file.lat,
            "beat_code": file.beat_code,
            "station_id": file.station_id,
            "town_room_id": file.town_room_id,
            "holder_id": file.holder_id,
            "held_since": file.held_since,
            "mediating_id": file.mediating_id,
            "responsible_id": file.responsible_id,
            "opened_at": file.opened_at,
            "last_report_at": file.last_report_at,
            "due_at": file.due_at,
            "due_kind": file.due_kind,
            "due_sum": file.due_sum,
            "due_colour": due_colour(file.due_at, file.state_since, at=at),
            "closed_at": file.closed_at,
            "archived_at": file.archived_at,
            "reports": file.reports,
            "returns": file.returns,
            "push_level": file.push_level,
            "case_number": file.case_number,
            "merged_into_id": file.merged_into_id,
        }
    )


def push_out(push: Push, *, at: datetime) -> dict[str, Any]:
    """A push with its receiver and its sum."""
    return _told(
        {
            "id": push.pk,
            "file_id": push.file_id,
            "file": push.file.number,
            "seq": push.seq,
            "reason": push.reason,
            "incident_id": push.incident_id,
            "to_role": push.to_role,
            "to_organisation_id": push.to_organisation_id,
            "to_organisation": str(push.to_organisation.name_shown),
            "to_person_id": push.to_person_id,
            "state": push.state,
            "state_label": str(PUSH.labels[push.state]),
            "pushed_at": push.pushed_at,
            "due_at": push.due_at,
            "due_sum": push.due_sum,
            "due_colour": "" if push.closed_at else due_colour(push.due_at, push.pushed_at, at=at),
            "received_at": push.received_at,
            "acted_at": push.acted_at,
            "action": push.action,
            "outcome": push.outcome,
            "closed_at": push.closed_at,
            "snapshot": push.snapshot,
            "is_overdue_told": push.ladder > 0,
        }
    )


def link_out(link: FileIncident) -> dict[str, Any]:
    """A report of the file."""
    return _told(
        {
            "incident_id": link.incident_id,
            "incident": link.incident.number,
            "received_at": link.incident.received_at,
            "code": link.incident.code,
            "kind": link.kind,
            "score": link.score,
            "evidence": link.evidence,
            "made_at": link.made_at,
            "undone_at": link.undone_at,
        }
    )


def party_out(party: Party) -> dict[str, Any]:
    """A party by role alone."""
    return _told(
        {
            "id": party.pk,
            "role": party.role,
            "ordinal": party.ordinal,
            "is_organisation": party.is_organisation,
            "is_minor": party.is_minor,
            "represents_id": party.represents_id,
            "joined_at": party.joined_at,
            "left_at": party.left_at,
            "left_reason": party.left_reason,
        }
    )


def level_out(row: LevelChange) -> dict[str, Any]:
    """One weighing with its rules and words."""
    return _told(
        {"at": row.at, "level": row.level, "before": row.before, "reasons": row.reasons, "version": row.version}
    )


def suggestion_out(row: MatchSuggestion) -> dict[str, Any]:
    """A suggested match with its evidence."""
    return _told(
        {
            "id": row.pk,
            "file_id": row.file_id,
            "file": row.file.number,
            "incident_id": row.incident_id,
            "score": row.score,
            "evidence": row.evidence,
            "version": row.version,
            "state": row.state,
            "made_at": row.made_at,
            "decided_at": row.decided_at,
        }
    )


def page_out(page: FilePage, *, at: datetime) -> dict[str, Any]:
    """The whole file page."""
    return {
        **file_out(page.file, at=at),
        "incidents": [link_out(row) for row in page.links],
        "pushes": [push_out(row, at=at) for row in page.pushes],
        "levels": [level_out(row) for row in page.levels],
        "parties": [party_out(row) for row in page.parties],
        "merged": [{"id": row.pk, "number": row.number} for row in page.merged],
        "suggestions": [suggestion_out(row) for row in page.suggestions],
        "timeline": [_told({"at": row.at, "kind": row.kind, "sentence": sentence_for(row)}) for row in page.events],
    }


def earlier_out(found: Earlier | None, *, at: datetime) -> dict[str, Any]:
    """The officer's card; ``file`` is null where nothing is known."""
    if found is None:
        return {"file": None, "reports": [], "pushes": [], "promises": [], "suggestions": []}
    return {
        "file": {
            "id": found.file.pk,
            "number": found.file.number,
            "level": found.file.level,
            "state": found.file.state,
        },
        "reports": [link_out(row) for row in found.reports],
        "pushes": [
            _told({"seq": row.seq, "outcome": row.outcome, "action": row.action, "closed_at": row.closed_at})
            for row in found.pushes
        ],
        "promises": [_told(row) for row in found.promises],
        "suggestions": [suggestion_out(row) for row in found.suggestions],
    }


def board_out(board: TownBoard, *, at: datetime) -> dict[str, Any]:
    """The board of a town room."""
    return {"counts": board.counts, "late": board.late, "files": [file_out(row, at=at) for row in board.files]}


def funnel_out(step: PushSums, as_of: datetime | None) -> dict[str, Any]:
    """One step of the funnel; ``as_of`` where changes since then may not be in it."""
    counts = {name: getattr(step, name) for name in ("seq", "files", "settled", "went_on", "open", "late")}
    return {**counts, "as_of": as_of}
