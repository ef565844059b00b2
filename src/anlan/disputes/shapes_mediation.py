"""JSON shapes of the mediating table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema

from anlan.disputes.mediation_models import (
    Agreement,
    DeskTicket,
    JudicialConfirmation,
    Mediation,
    MediationBody,
    MediationPaper,
    MediationRoom,
    Obligation,
    Session,
)
from anlan.disputes.mediation_rules import yuan
from anlan.disputes.selectors.mediation import Totals


class BodyIn(Schema):
    organisation_id: int
    type: str
    methods: list[str] = []
    hours: str = "08:30-12:00 14:00-17:30"
    windows: int = 1
    is_active: bool = True


class RoomIn(Schema):
    name_zh: str
    name_en: str
    seats: int = 6
    is_active: bool = True


class RoomNames(Schema):
    name_zh: str
    name_en: str


class MediatorIn(Schema):
    person_id: int


class TicketIn(Schema):
    """Without a time, the next number of today; with one, an appointment."""

    file_id: int | None = None
    starts_at: datetime | None = None


class TicketMoveIn(Schema):
    to: str


class StartIn(Schema):
    body_id: int
    method: str
    mediator_id: int


class TableReasonIn(Schema):
    reason: str = ""


class MediationEndIn(Schema):
    reason: str = "no_agreement"
    withdrawn: bool = False


class ExtendIn(Schema):
    days: int
    consents: list[int]


class ExclusionIn(Schema):
    exclusion: str = ""


class BookIn(Schema):
    starts_at: datetime
    slots: int = 2
    mediator_id: int
    room_id: int | None = None
    sitting: str = "joint"
    only_party_id: int | None = None


class AttendanceIn(Schema):
    party_id: int
    how: str


class MissIn(Schema):
    attendance: list[AttendanceIn]

    @property
    def by_party(self) -> dict[int, str]:
        return {row.party_id: row.how for row in self.attendance}


class HoldIn(MissIn):
    outcome: str
    minutes: str = ""


class MinutesPurposeIn(Schema):
    purpose: str


class AgreementIn(Schema):
    form: str = "written"
    facts: str = ""
    terms: str = ""


class ObligationIn(Schema):
    """``amount`` in yuan as it is written, such as "3500.50"."""

    debtor_id: int
    creditor_id: int | None = None
    what: str
    way: str
    amount: str = ""
    due_on: date | None = None
    condition: str = ""
    check_by: date | None = None


class ConcludeIn(Schema):
    agreed_at: datetime
    signed_at: datetime | None = None


class PerformIn(Schema):
    performed_on: date
    evidence: str
    note: str = ""


class ApplyIn(Schema):
    applied_at: datetime
    court_case_number: str = ""


class DecideIn(Schema):
    confirmed: bool


class PaperIn(Schema):
    """``with_names`` asks for a ``purpose`` of the closed list; ``note`` says why minutes are read."""

    kind: str
    format: str = "pdf"
    language: str = "zh-hans"
    agreement_id: int | None = None
    session_id: int | None = None
    with_names: bool = False
    purpose: str = ""
    note: str = ""


def body_out(row: MediationBody) -> dict[str, Any]:
    """A body, by its organisation."""
    names = ("type", "methods", "hours", "windows", "is_active")
    return {"id": row.pk, "organisation_id": row.organisation_id, **_out(row, names)}


def room_out(row: MediationRoom) -> dict[str, Any]:
    """A room."""
    return {"id": row.pk, "body_id": row.body_id, **_out(row, ("name_zh", "name_en", "seats", "is_active"))}


def ticket_out(row: DeskTicket) -> dict[str, Any]:
    """A number or an appointment."""
    names = ("number", "state", "state_since", "appointed_for", "window", "called_at", "ended_at")
    return {
        "id": row.pk,
        "body_id": row.body_id,
        "file_id": row.file_id,
        "day": row.day.isoformat(),
        **_out(row, names),
    }


def mediation_out(row: Mediation) -> dict[str, Any]:
    """A mediation with its limit and the sum behind it."""
    names = (
        "round", "method", "state", "state_since", "started_at", "due_at", "due_sum", "extended_days", "ended_at",
        "end_reason", "penalty_due_at",
    )  # fmt: skip
    ids = {"id": row.pk, "file_id": row.file_id, "body_id": row.body_id, "mediator_id": row.mediator_id}
    return {**ids, **_out(row, names)}


def session_out(row: Session) -> dict[str, Any]:
    """A session: when, where, who came, and what of it; minutes are asked for apart."""
    names = ("ordinal", "state", "sitting", "starts_at", "ends_at", "held_at", "outcome", "reason")
    ids = {"id": row.pk, "mediation_id": row.mediation_id, "room_id": row.room_id, "mediator_id": row.mediator_id}
    came = [{"party_id": one.party_id, "how": one.how} for one in row.attendance.all()]
    return {**ids, "only_party_id": row.only_party_id, "attendance": came, **_out(row, names)}


def obligation_out(row: Obligation) -> dict[str, Any]:
    """A promise; the amount in fen, and in yuan as it is printed."""
    names = ("seq", "what", "way", "amount_fen", "condition", "state", "state_since", "evidence", "note")
    days = {name: _day(getattr(row, name)) for name in ("due_on", "check_by", "performed_on")}
    ids = {"id": row.pk, "agreement_id": row.agreement_id, "debtor_id": row.debtor_id, "creditor_id": row.creditor_id}
    return {**ids, **days, "amount": yuan(row.amount_fen) if row.amount_fen else "", **_out(row, names)}


def agreement_out(row: Agreement, totals: Totals | None = None) -> dict[str, Any]:
    """An agreement with what it promises."""
    names = (
        "number", "form", "state", "state_since", "facts", "terms", "agreed_at", "effective_at", "ended_at",
        "legal_path", "penalty_due_at",
    )  # fmt: skip
    confirmation = JudicialConfirmation.objects.filter(agreement=row).first()
    return {
        "id": row.pk,
        "file_id": row.file_id,
        "mediation_id": row.mediation_id,
        **_out(row, names),
        "obligations": [obligation_out(one) for one in row.obligations.all()],
        "confirmation": confirmation_out(confirmation) if confirmation else None,
        "totals_fen": {name: getattr(totals, name) for name in totals.__slots__} if totals else None,
    }


def confirmation_out(row: JudicialConfirmation) -> dict[str, Any]:
    """The window for judicial confirmation and what came of it."""
    return _out(row, ("state", "due_at", "due_sum", "applied_at", "court_case_number", "decided_at"))


def paper_out(row: MediationPaper) -> dict[str, Any]:
    """A paper that was made, by its digest."""
    return {
        "id": row.pk,
        **_out(row, ("kind", "format", "language", "with_names", "sha256", "size_bytes", "made_at")),
    }


def _out(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    values = ((name, getattr(row, name)) for name in names)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
