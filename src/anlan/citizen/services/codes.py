"""Who reported something is told where to follow it, unless a message could do harm."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.citizen import events
from anlan.citizen.rules import CODE_SENT_FOR
from anlan.citizen.selectors import site_address, tracking_link
from anlan.citizen.writing import CHANNEL, FOLLOW, not_writable, reporter_write
from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.dispatch.services.following import owners
from anlan.intake.models import Call, Incident
from anlan.notices.models import OutboundMessage
from anlan.notices.selectors import channel_is_on


def codes_go_out() -> bool:
    """Whether anybody is sent a code at all: messages are on, and it is known how citizens reach this site."""
    return channel_is_on(CHANNEL) and bool(site_address("/"))


@transaction.atomic
def code_send(*, incident: Incident, by: Actor, at: datetime) -> OutboundMessage | None:
    """Send the link of the page of their report to who made the call that opened it, once.

    Never where there is danger or it is urgent: a telephone that sounds could give away somebody who hides.
    None where nobody is written to.
    """
    # What costs nothing to know comes first: every call taken comes by here.
    if not codes_go_out() or incident.danger or incident.priority not in CODE_SENT_FOR:
        return None
    call = Call.objects.filter(filed_under=incident, is_opening=True).first()
    link = tracking_link(call) if call is not None else ""
    if call is None or not link or not_writable(call):
        return None
    sent = reporter_write(
        call=call, message=FOLLOW, incident=incident, link=link, subject=call, key=f"code-{call.pk}", by=by, at=at
    )
    if sent is not None:
        event_record(
            events.CODE_SENT,
            subject=call,
            by=by,
            at=at,
            incident_id=incident.pk,
            org_ids=owners(incident),
            incident=incident.number,
            outbound=sent.pk,
        )
    return sent
