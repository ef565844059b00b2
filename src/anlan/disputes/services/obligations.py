"""What was promised is done, waived, late or not done; the agreement and the file follow."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.disputes import events
from anlan.disputes.due import Due, due_after, due_on
from anlan.disputes.mediation_errors import ObligationOver
from anlan.disputes.mediation_models import Agreement, JudicialConfirmation, Obligation
from anlan.disputes.mediation_rules import (
    AGREEMENT,
    CONFIRMATION,
    CONFIRMATION_REMINDER,
    EVIDENCE,
    GRACE_DAYS,
    OBLIGATION,
    OBLIGATION_DUE,
    agreement_state,
    legal_path,
    obligation_due,
    obligation_wanted,
)
from anlan.disputes.mediation_terms import penalty_by
from anlan.disputes.services.mediation_base import day_end, day_of, due_of, tell
from anlan.disputes.services.mediation_notices import confirmation_remind, obligation_remind, reminders_withdraw
from anlan.disputes.services.parts import due_set, file_hold, said
from anlan.disputes.services.steps import state_move

AT_ONCE = 200


@transaction.atomic
def obligation_perform(
    *, obligation: Obligation, performed_on: date, evidence: str, note: str = "", by: Actor, at: datetime
) -> Obligation:
    """It was done, on that day, and how one knows. Late or after a default it counts too; all done, the file is.

    Raises ``ObligationOver``, ``WrongState`` while the agreement is a draft, ``BadInput`` for a day that can't be.
    """
    require(by, "disputes.mediate")
    agreement = _hold(obligation, at)
    if evidence not in EVIDENCE:
        raise BadInput(field="evidence", problem=evidence or "–")
    agreed_on = day_of(agreement.agreed_at) if agreement.agreed_at else performed_on
    if not agreed_on <= performed_on <= day_of(at):
        raise BadInput(field="performed_on", problem=performed_on.isoformat())
    obligation_done(obligation, performed_on, evidence, note, by=by, at=at)
    agreement_settle(agreement, by=by, at=at)
    return obligation


def obligation_done(
    row: Obligation, performed_on: date, evidence: str, note: str, *, by: Actor, at: datetime
) -> None:
    """Write down that it was done; inside the step's transaction."""
    agreement = row.agreement
    changes: dict[str, Any] = {"performed_on": performed_on, "evidence": evidence, "note": note.strip()[:200]}
    is_late = performed_on > obligation_due(row.due_on, row.check_by)
    _move(row, "performed", at, **changes)
    reminders_withdraw(row, by=by, at=at)
    _tell(events.OBLIGATION_PERFORMED, row, agreement, by=by, at=at, on=performed_on.isoformat(), is_late=is_late)


@transaction.atomic
def obligation_waive(*, obligation: Obligation, reason: str, by: Actor, at: datetime) -> Obligation:
    """Whoever was to get it lets it go, with the reason."""
    require(by, "disputes.mediate")
    agreement = _hold(obligation, at)
    _move(obligation, "waived", at, note=said(reason))
    reminders_withdraw(obligation, by=by, at=at)
    _tell(events.OBLIGATION_WAIVED, obligation, agreement, by=by, at=at)
    agreement_settle(agreement, by=by, at=at)
    return obligation


@transaction.atomic
def obligation_default(*, obligation: Obligation, reason: str, by: Actor, at: datetime) -> Obligation:
    """A mediator says it will not be done: the legal path opens now and not after the days of grace."""
    require(by, "disputes.mediate")
    agreement = _hold(obligation, at)
    _move(obligation, "defaulted", at, note=said(reason))
    _tell(events.OBLIGATION_DEFAULTED, obligation, agreement, by=by, at=at)
    agreement_settle(agreement, by=by, at=at)
    return obligation


def agreement_settle(agreement: Agreement, *, by: Actor, at: datetime) -> str:
    """Let agreement and file follow what became of the promises; inside the step's transaction.

    The file is moved only while it waits for this agreement: danger or a merge may have taken it elsewhere.
    """
    states = list(Obligation.objects.filter(agreement=agreement).values_list("state", flat=True))
    wanted = agreement_state(states)
    file = agreement.file
    if wanted == agreement.state:
        if wanted == "in_force" and file.state == "agreement":
            due_set(file, performance_due(agreement, at), by=by, at=at)
        return wanted
    if not AGREEMENT.can(agreement.state, wanted):
        return str(agreement.state)
    if wanted == "performed":
        _agreement_move(agreement, "performed", at, ended_at=at)
        _agreement_tell(events.AGREEMENT_PERFORMED, agreement, by=by, at=at)
        if file.state in ("agreement", "defaulted"):
            state_move(file, "performed", by=by, at=at, result="agreement_performed")
        return wanted
    _break(agreement, by=by, at=at)
    return wanted


def _break(agreement: Agreement, *, by: Actor, at: datetime) -> None:
    """Not performed: which way is open, and for police the clock of the case."""
    method = agreement.mediation.method
    confirmation = JudicialConfirmation.objects.filter(agreement=agreement).values_list("state", flat=True).first()
    path = legal_path(method, confirmation or "")
    changes: dict[str, Any] = {"ended_at": at, "legal_path": path}
    due: Due | None = None
    if path == "penalty":
        term = penalty_by(at)
        changes |= {"penalty_due_at": term.due_at, "penalty_sum": term.total}
        due = due_of(term, at)
    _agreement_move(agreement, "defaulted", at, **changes)
    _agreement_tell(events.AGREEMENT_DEFAULTED, agreement, by=by, at=at, legal_path=path)
    if agreement.file.state == "agreement":
        state_move(agreement.file, "defaulted", by=by, at=at, due=due)


def performance_due(agreement: Agreement, at: datetime) -> Due:
    """What the file waits for: the end of the first day on which something is due or looked at."""
    rows = Obligation.objects.filter(agreement=agreement, state__in=OBLIGATION_DUE).values_list("due_on", "check_by")
    days = [obligation_due(due, check) for due, check in rows]
    if not days:
        return due_after("performance", at)
    first = min(days)
    return due_on(
        "performance", day_end(first), zh=f"约定履行日 {first}，至当日24:00", en=f"agreed for {first}, until 24:00"
    )


@transaction.atomic
def obligation_wake(*, obligation: Obligation, by: Actor, at: datetime) -> bool:
    """What time alone makes of a promise: late the day after, not performed after the days of grace."""
    agreement = obligation.agreement
    agreement.mediation.file = agreement.file
    file_hold(agreement.file)
    obligation.refresh_from_db(fields=["state", "state_since"])
    agreement.refresh_from_db(fields=["state", "state_since"])
    due = obligation_due(obligation.due_on, obligation.check_by)
    to = obligation_wanted(obligation.state, due, day_of(at))
    if to == obligation.state or agreement.state not in ("in_force", "defaulted"):
        return False
    _move(obligation, to, at)
    kind = events.OBLIGATION_LATE if to == "late" else events.OBLIGATION_DEFAULTED
    _tell(kind, obligation, agreement, by=by, at=at, due_on=due.isoformat())
    if to == "late":
        obligation_remind(obligation, agreement, by=by, at=at)
    else:
        agreement_settle(agreement, by=by, at=at)
    return True


@transaction.atomic
def confirmation_wake(*, confirmation: JudicialConfirmation, by: Actor, at: datetime) -> bool:
    """Remind ten days before the window closes, and say when it has."""
    agreement = confirmation.agreement
    file_hold(agreement.file)
    confirmation.refresh_from_db(fields=["state", "state_since", "reminded_at"])
    if confirmation.state != "open":
        return False
    if at > confirmation.due_at:
        CONFIRMATION.move(confirmation, "lapsed", at=at, subject=agreement.number)
        _agreement_tell(events.CONFIRMATION_LAPSED, agreement, by=by, at=at)
        return True
    if confirmation.reminded_at is None and at >= confirmation.due_at - CONFIRMATION_REMINDER:
        JudicialConfirmation.objects.filter(pk=confirmation.pk).update(reminded_at=at)
        confirmation_remind(confirmation, agreement, by=by, at=at)
        return True
    return False


def obligations_tick(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Everything time alone changes at agreements; returns how many rows it touched. Twice changes nothing more.

    Two questions where nothing is due.
    """
    today = day_of(at)
    over = today - timedelta(days=GRACE_DAYS)
    due = Obligation.objects.filter(
        Q(state="open") & (Q(due_on__lt=today) | Q(due_on=None, check_by__lt=today))
        | Q(state="late") & (Q(due_on__lt=over) | Q(due_on=None, check_by__lt=over)),
        agreement__state__in=("in_force", "defaulted"),
    ).select_related("agreement__file", "agreement__mediation__body__organisation", "debtor")
    rows = list(due.order_by("id")[:AT_ONCE])
    changed = sum(obligation_wake(obligation=row, by=by, at=at) for row in rows)
    closing = JudicialConfirmation.objects.filter(
        Q(due_at__lt=at) | Q(reminded_at=None), state="open", due_at__lte=at + CONFIRMATION_REMINDER
    ).select_related("agreement__file", "agreement__mediation__body__organisation")
    return changed + sum(
        confirmation_wake(confirmation=row, by=by, at=at) for row in list(closing.order_by("due_at", "id")[:AT_ONCE])
    )


def _hold(obligation: Obligation, at: datetime) -> Agreement:
    agreement: Agreement = obligation.agreement
    agreement.mediation.file = agreement.file
    file_hold(agreement.file)
    agreement.refresh_from_db(fields=["state", "state_since", "agreed_at"])
    obligation.refresh_from_db(fields=["state", "state_since"])
    if agreement.state not in ("in_force", "defaulted") or obligation.state in ("performed", "waived"):
        machine, row = (OBLIGATION, obligation) if agreement.state != "draft" else (AGREEMENT, agreement)
        raise ObligationOver(agreement=agreement.number, state=machine.labels[str(row.state)], since=row.state_since)
    return agreement


def _move(row: Obligation, to: str, at: datetime, **changes: Any) -> None:
    agreement = row.agreement
    OBLIGATION.move(row, to, at=at, subject=f"{agreement.number}/{row.seq}", **changes)
    row.agreement = agreement


def _agreement_move(agreement: Agreement, to: str, at: datetime, **changes: Any) -> None:
    file, mediation = agreement.file, agreement.mediation
    AGREEMENT.move(agreement, to, at=at, subject=agreement.number, **changes)
    agreement.file, agreement.mediation = file, mediation


def _tell(kind: str, row: Obligation, agreement: Agreement, *, by: Actor, at: datetime, **data: Any) -> None:
    tell(kind, row, agreement.mediation, by=by, at=at, agreement=agreement.number, seq=row.seq, **data)


def _agreement_tell(kind: str, agreement: Agreement, *, by: Actor, at: datetime, **data: Any) -> None:
    tell(kind, agreement, agreement.mediation, by=by, at=at, agreement=agreement.number, **data)
