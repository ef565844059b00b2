"""JSON doors of this room: what waits for me, seen, acknowledged, sent, withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.notices import selectors, services
from anlan.notices.messages import WRITTEN
from anlan.notices.models import Notice

router = Router(tags=["notices"])


class NoticeIn(Schema):
    """A message a person types, to one person (user name) or to a role at an organisation (code)."""

    text: str
    urgent: bool = False
    person: str = ""
    role: str = ""
    organisation: str = ""


class ReceiptIn(Schema):
    """What the channel says became of a message it took."""

    delivered: bool
    problem: str = ""


class SeenIn(Schema):
    notices: list[int]


@router.get("/notices", response=list[dict])
def waiting(request: HttpRequest) -> Any:
    """What waits for my answer, urgent first. Fetching is no proof of delivery: say ``seen`` when it is shown."""
    actor = actor_of(request, "notices.view")
    return [waiting_out(row) for row in selectors.notices_waiting(actor, at=now())]


@router.get("/notices/{int:notice_id}", response=dict)
def notice(request: HttpRequest, notice_id: int) -> Any:
    """A notice with everybody it is for: told, shown and acknowledged when."""
    row = selectors.notice_for(actor_of(request, "notices.view"), notice_id)
    return followed_out(selectors.followed([row])[0])


@router.post("/notices", response={201: dict})
@command("notices.send", status=201)
def send(request: HttpRequest, actor: Actor, at: datetime, body: NoticeIn) -> Any:
    """Send a message."""
    if not body.text.strip():
        raise BadInput(field="text", problem="–")
    row = services.notice_send(
        message=WRITTEN,
        chain=[services.Rung((receiver_of(body.person, body.role, body.organisation),))],
        organisation=actor.org_id or 0,
        text=body.text,
        urgency="urgent" if body.urgent else "routine",
        by=actor,
        at=at,
    )
    return notice_out(row)


def receiver_of(person: str, role: str, organisation: str) -> services.Receiver:
    """The receiver named on the edge, or ``NotFound``."""
    if person:
        found = Person.objects.filter(username=person, is_active=True).first()
        if found is None:
            raise NotFound
        return services.to_person(found)
    place = Organisation.objects.filter(code=organisation, is_active=True).first()
    if place is None:
        raise NotFound
    return services.to_role(role, place)


@router.post("/notices/seen", response=dict)
@command("notices.view")
def seen(request: HttpRequest, actor: Actor, at: datetime, body: SeenIn) -> Any:
    """These stand on my screen now."""
    rows = selectors.notices_told(actor, body.notices[: selectors.SHOWN])
    return {"seen": sum(services.notice_delivered(notice=row, by=actor, at=at) for row in rows)}


@router.post("/notices/{int:notice_id}/acknowledge", response=dict)
@command("notices.view")
def acknowledge(request: HttpRequest, actor: Actor, at: datetime, notice_id: int) -> Any:
    """I have read it and take it on."""
    row = selectors.notice_for(actor, notice_id)
    return notice_out(services.notice_acknowledge(notice=row, by=actor, at=at))


@router.post("/notices/{int:notice_id}/withdraw", response=dict)
@command("notices.withdraw")
def withdraw(request: HttpRequest, actor: Actor, at: datetime, notice_id: int) -> Any:
    """It is no longer so."""
    row = selectors.notice_for(actor, notice_id)
    services.notice_withdraw(notice=row, by=actor, at=at)
    return notice_out(row)


@router.post("/messages/{reference}/receipt", response=dict)
@command("notices.receipt")
def receipt(request: HttpRequest, actor: Actor, at: datetime, reference: str, body: ReceiptIn) -> Any:
    """The channel's receipt for a message it took: arrived, or not after all."""
    row = selectors.message_by_reference(reference)
    if body.delivered:
        services.message_delivered(message=row, by=actor, at=at)
    else:
        services.message_undelivered(message=row, problem=body.problem or "unknown", by=actor, at=at)
    row.refresh_from_db()
    return {"reference": reference, "state": row.state}


def notice_out(row: Notice) -> dict[str, Any]:
    """A notice without its receivers."""
    return {
        "id": row.pk,
        "message": row.message,
        "text": selectors.message_text(row.message, row.blanks, row.text),
        "urgent": row.urgency == "urgent",
        "state": row.state,
        "state_label": str(selectors.NOTICE.labels[row.state]),
        "incident_id": row.incident_id,
        "incident_number": row.incident_number,
        "sent_at": row.sent_at.isoformat(),
        "acknowledged_at": row.acknowledged_at.isoformat() if row.acknowledged_at else None,
        "expires_at": row.expires_at.isoformat(),
    }


def waiting_out(row: selectors.WaitingNotice) -> dict[str, Any]:
    """A notice that waits for me."""
    return {**notice_out(row.notice), "loud": row.is_loud, "seen": row.is_seen}


def followed_out(row: selectors.FollowedNotice) -> dict[str, Any]:
    """A notice with who was told, who saw it and who answered."""
    return {
        **notice_out(row.notice),
        "answers": [
            {
                "receiver": answer.receiver,
                "step": answer.addressee.step,
                "told_at": answer.addressee.told_at,
                "acknowledged_at": answer.addressee.acknowledged_at,
                "seen": [
                    {"by": name, "at": receipt.delivered_at, "acknowledged_at": receipt.acknowledged_at}
                    for name, receipt in answer.receipts
                ],
            }
            for answer in row.answers
        ],
    }
