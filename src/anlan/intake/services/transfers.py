"""Handing a matter to a partner desk (12345, 119, 120): offered, accepted with receipt, sometimes returned.

Whoever got it first keeps it until another has accepted. Where there is danger police go beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.errors import BounceSpent, PartnerUnknown, TransferAnswered, TransferOpen
from anlan.intake.models import Call, Incident, Transfer
from anlan.intake.parts import bounce_use, orgs_of, reason_keep, reasoned, taker_id
from anlan.intake.rules import INCIDENT, MAX_BOUNCES, RECEIPT_NUMBER
from anlan.intake.services.holders import incident_holder_set
from anlan.tagging.selectors import transfer_items


@transaction.atomic
def transfer_offer(
    *,
    incident: Incident,
    partner: str,
    by: Actor,
    at: datetime,
    is_three_way: bool = True,
    reason: str = "",
) -> Transfer:
    """Offer the matter to the partner desk with this code, by a three-way call unless said otherwise.

    ``keeps_police`` is set where there is danger, the matter is P1, or the agreed list says that police
    go too. Raises ``PartnerUnknown``, ``TransferOpen``, or ``BounceSpent`` for a matter that has been
    sent back before (then the duty leader decides, with a reason).
    """
    desk = _partner(partner)
    row_reread(incident)
    if incident.bounces >= MAX_BOUNCES and not (by.has_role("duty_leader") and reason.strip()):
        raise BounceSpent(incident=incident.number)
    standing = Transfer.objects.filter(incident=incident, partner=desk, state__in=("offered", "accepted")).first()
    if standing is not None:
        raise TransferOpen(incident=incident.number, partner=desk.code, since=standing.offered_at)
    agreed = next((item for item in transfer_items(incident.code) if item.partner_code == partner), None)
    transfer = Transfer.objects.create(
        incident=incident,
        partner=desk,
        offered_from_id=incident.holder_id or by.org_id,
        is_three_way=is_three_way,
        keeps_police=bool(incident.danger) or incident.priority == "P1" or bool(agreed and agreed.police_also),
        state_since=at,
        offered_at=at,
        offered_by=taker_id(by),
        reason=reason.strip()[:200],
    )
    event = _told(events.TRANSFER_OFFERED, transfer, by=by, at=at, agreed=agreed is not None)
    reason_keep(event, incident, transfer.reason)
    return transfer


def _partner(code: str) -> Organisation:
    desks = {
        row.code: row
        for row in Organisation.objects.filter(kind=Organisation.Kind.PARTNER, is_active=True).order_by("code")
    }
    if code not in desks:
        raise PartnerUnknown(partner=code, choices=", ".join(desks) or "–")
    return desks[code]


@transaction.atomic
def transfer_accept(*, transfer: Transfer, by: Actor, at: datetime, receipt: str = "") -> Transfer:
    """The partner desk takes the matter, with its ``receipt`` number; from now on it is theirs.

    Without police beside it the incident is transferred and leaves the queue; with police it stays
    where it is and only its receipt is noted. An event tells a receipt that is a number; other words stay with
    the transfer alone, for events are never erased.
    """
    _step(transfer, "accepted", only_from=("offered",), at=at, answered_at=at, receipt=receipt.strip()[:40])
    incident = transfer.incident
    row_reread(incident)
    if not transfer.keeps_police:
        if incident.state == "open":
            INCIDENT.move(incident, "transferred", at=at, subject=incident.number)
        Call.objects.filter(filed_under=incident, is_opening=True, state="incident_open").update(
            state="transferred", state_since=at
        )
    row_reread(incident)
    told = transfer.receipt if RECEIPT_NUMBER.fullmatch(transfer.receipt) else "–"
    _told(events.TRANSFER_ACCEPTED, transfer, by=by, at=at, receipt=told, state=incident.state)
    if not transfer.keeps_police:
        incident_holder_set(incident=incident, holder=transfer.partner, held_by=incident.holder_id, by=by, at=at)
    return transfer


@transaction.atomic
def transfer_return(*, transfer: Transfer, reason: str, by: Actor, at: datetime) -> Transfer:
    """The partner desk sends the matter back, with a reason. That may happen once to a matter.

    The first receiver has it again, and it is waiting in the queue as before. Raises ``BounceSpent``
    when it has been sent back before.
    """
    said = reasoned(reason, step=_("Sending a matter back"))
    _step(transfer, "returned", only_from=("offered", "accepted"), at=at, answered_at=at)
    incident = transfer.incident
    bounce_use(incident)
    _waiting_again(incident, at=at)
    event = _told(events.TRANSFER_RETURNED, transfer, by=by, at=at, bounces=incident.bounces)
    reason_keep(event, incident, said)
    desk, first = transfer.partner_id, transfer.offered_from
    if incident.holder_id == desk and first is not None:
        incident_holder_set(incident=incident, holder=first, held_by=desk, by=by, at=at)
    return transfer


def _waiting_again(incident: Incident, *, at: datetime) -> None:
    if incident.state == "transferred":
        INCIDENT.move(incident, "open", at=at, subject=incident.number)
    Call.objects.filter(filed_under=incident, is_opening=True, state="transferred").update(
        state="incident_open", state_since=at
    )
    row_reread(incident)


@transaction.atomic
def transfer_withdraw(*, transfer: Transfer, by: Actor, at: datetime) -> Transfer:
    """Take an offer back before it is answered."""
    _step(transfer, "withdrawn", only_from=("offered",), at=at, answered_at=at)
    _told(events.TRANSFER_WITHDRAWN, transfer, by=by, at=at)
    return transfer


def _step(transfer: Transfer, to: str, *, only_from: tuple[str, ...], at: datetime, **changes: Any) -> None:
    """One conditional change of state: of two answers at the same instant one counts."""
    won = Transfer.objects.filter(pk=transfer.pk, state__in=only_from).update(state=to, state_since=at, **changes)
    row_reread(transfer)
    if not won:
        labels = dict(Transfer.State.choices)
        raise TransferAnswered(state=labels[transfer.state], since=transfer.state_since, wanted=labels[to])


def _told(kind: str, transfer: Transfer, *, by: Actor, at: datetime, **facts: Any) -> Any:
    incident = transfer.incident
    return event_record(
        kind,
        subject=transfer,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=(*orgs_of(incident), transfer.partner_id, transfer.offered_from_id),
        number=incident.number,
        partner=transfer.partner.code,
        keeps_police=transfer.keeps_police,
        three_way=transfer.is_three_way,
        **facts,
    )
