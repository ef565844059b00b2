"""Who is reminded of a promise that is late and of a window that closes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from anlan.core.actor import Actor
from anlan.disputes import mediation_messages as messages
from anlan.disputes.mediation_models import Agreement, JudicialConfirmation, Obligation
from anlan.disputes.mediation_rules import obligation_due
from anlan.disputes.services.telling import desk_of
from anlan.notices.services import Rung, notice_send, notices_withdraw_for, to_person


def obligation_remind(row: Obligation, agreement: Agreement, *, by: Actor, at: datetime) -> None:
    """The mediator first, then the desk of the body: somebody calls whoever promised."""
    _send(
        messages.OBLIGATION_LATE,
        agreement,
        key=_key(row),
        blanks={
            "file": agreement.file.number,
            "agreement": agreement.number,
            "seq": row.seq,
            "due_on": obligation_due(row.due_on, row.check_by).isoformat(),
        },
        by=by,
        at=at,
    )


def reminders_withdraw(row: Obligation, *, by: Actor, at: datetime) -> None:
    """It was done or let go: nobody need be told any more."""
    notices_withdraw_for(key=_key(row), by=by, at=at)


def confirmation_remind(row: JudicialConfirmation, agreement: Agreement, *, by: Actor, at: datetime) -> None:
    """The window for judicial confirmation closes in ten days."""
    _send(
        messages.CONFIRMATION_CLOSING,
        agreement,
        key=f"dispute-confirm:{row.pk}",
        blanks={
            "file": agreement.file.number,
            "agreement": agreement.number,
            "due": f"{timezone.localtime(row.due_at):%Y-%m-%d %H:%M}",
        },
        by=by,
        at=at,
    )


def _send(
    message: str, agreement: Agreement, *, key: str, blanks: dict[str, object], by: Actor, at: datetime
) -> None:
    home = agreement.mediation.body.organisation
    notice_send(
        message=message,
        chain=[
            Rung((to_person(agreement.mediation.mediator),), within=timedelta(hours=4), counts="awake"),
            Rung((desk_of(home),), within=timedelta(hours=8), counts="awake"),
        ],
        organisation=home,
        key=key,
        blanks=blanks,
        subject=agreement,
        by=by,
        at=at,
    )


def _key(row: Obligation) -> str:
    return f"dispute-promise:{row.pk}"
