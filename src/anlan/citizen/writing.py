"""Words to who reported a matter, and to whoever has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.citizen.rules import ANSWERED_BY_ROLE, NOT_SAFE_CALLS, RATINGS, REQUEST_KINDS
from anlan.core.actor import Actor
from anlan.core.purpose import looking, machine_use
from anlan.intake.models import Call, Incident, Reporter
from anlan.notices.models import OutboundMessage
from anlan.notices.selectors import address_fits, channel_is_on, message_register
from anlan.notices.services import Rung, message_queue, notice_send, to_role

REQUESTED, RATED_POORLY = "citizen.requested", "citizen.rated_poorly"
ASK_RATING, ANSWERED, FOLLOW = "citizen.ask_rating", "citizen.answered", "citizen.follow"
message_register(
    REQUESTED,
    _("The person who reported {incident} {kind}. Read it and answer by {due}."),
    words={"kind": REQUEST_KINDS},
)
message_register(
    RATED_POORLY,
    _("{incident} was rated: {rating}. See what can be mended."),
    words={"rating": {str(key): word for key, word in RATINGS.items()}},
)
message_register(
    ASK_RATING,
    _("Your report {incident} is closed. How did it go? Five taps at most, once, within 7 days: {link}"),
)
message_register(ANSWERED, _("About your report {incident}: your request was answered. Read the answer here: {link}"))
message_register(
    FOLLOW,
    _("Your report {incident} was taken. Follow it here, with the last four digits of this telephone: {link}"),
)
CHANNEL = "sms"


def not_writable(call: Call) -> str:
    """Why who made this call is not written to, as a key of ``NOT_ASKED``; empty when they are."""
    with machine_use("fits"):
        reporter = Reporter.objects.filter(call=call).first()
    if call.call_type in NOT_SAFE_CALLS or (reporter is not None and reporter.is_confidential):
        return "not_safe"
    return "" if reporter is not None and address_fits(CHANNEL, reporter.phone) else "no_number"


def reporter_write(
    *, call: Call, message: str, incident: Incident, link: str, subject: Model, key: str, by: Actor, at: datetime
) -> OutboundMessage | None:
    """Queue a message to who made this call; None while messages are off. The use of their number is logged."""
    if not channel_is_on(CHANNEL):
        return None
    reporter = Reporter.objects.only("id").get(call=call)
    with looking("message", by=by, at=at, target=reporter, incident_id=incident.pk):
        address = reporter.phone
    return message_queue(
        message=message,
        channel=CHANNEL,
        address=address,
        organisation=incident.holder_id or incident.station_id or 0,
        blanks={"incident": incident.number},
        link=link,
        incident_id=incident.pk,
        subject=subject,
        key=key,
        by=by,
        at=at,
    )


def holder_tell(
    *,
    incident: Incident,
    holder: Organisation,
    message: str,
    blanks: dict[str, Any],
    key: str,
    by: Actor,
    at: datetime,
) -> None:
    """Tell whoever has the matter, then the bureau's duty leader while nobody answers."""
    top = Organisation.objects.filter(parent=None, kind=Organisation.Kind.BUREAU).first() or holder
    notice_send(
        message=message,
        chain=[
            Rung((to_role(ANSWERED_BY_ROLE.get(holder.kind, "dispatcher"), holder),), counts="office"),
            Rung((to_role("duty_leader", top),)),
        ],
        organisation=holder,
        blanks={"incident": incident.number, **blanks},
        incident_id=incident.pk,
        incident_number=incident.number,
        key=key,
        by=by,
        at=at,
    )
