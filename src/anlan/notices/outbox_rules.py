"""Messages that leave the house: their states, channels, when they may go, and how often they are tried."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from anlan.core.state_machine import StateMachine
from anlan.notices.rules import awake_calendar, is_quiet

MESSAGE = StateMachine(
    "notices.message",
    labels={
        "queued": _("waiting to go out"),
        "sending": _("going out"),
        "sent": _("handed to the channel"),
        "delivered": _("reached its receiver"),
        "failed": _("could not be delivered"),
        "expired": _("out of time before it went out"),
        "recalled": _("recalled before it went out"),
    },
    moves={
        "queued": ("sending", "expired", "recalled"),
        "sending": ("sent", "queued", "failed", "expired"),
        "sent": ("delivered", "failed"),
    },
)
WAITING = ("queued", "sending")

CHANNELS = {
    "sms": _("text message"),
    "wecom": _("WeCom"),
    "dingtalk": _("DingTalk"),
    "feishu": _("Feishu"),
    "email": _("e-mail"),
}
LANGUAGES = ("zh-hans", "en")
LINK = "link"
"""The blank that is filled from what only the receiver may see."""

_ROBOT = r"[A-Za-z0-9_-]{6,128}"
_SHAPES = {
    "sms": r"\+?[0-9]{5,15}",
    "email": r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,120}\.[A-Za-z]{2,24}",
    "wecom": _ROBOT,
    "dingtalk": _ROBOT,
    "feishu": _ROBOT,
}
"""One receiver each: nothing with which a second one, or an option of the channel, could be slipped in."""

BACK_OFF = {
    "routine": tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180)),
    "urgent": tuple(timedelta(seconds=s) for s in (10, 30, 60, 120, 300)),
}
TRIES = 6
GOES_UNTIL = {"routine": timedelta(hours=24), "urgent": timedelta(hours=2)}
LEASE = timedelta(minutes=2)
"""How long one attempt may take; after that its worker counts as gone and another may try."""
ADDRESS_KEPT_FOR = timedelta(days=30)
"""After a message ended: so long somebody can still ask why it did not come."""
PROBLEM = re.compile(r"[a-z0-9_]{1,24}")


def address_read(channel: str, address: str) -> str:
    """The address as the channel takes it; empty when it is none. Blanks and hyphens of a number are left out."""
    text = address.strip()
    if channel == "sms":
        text = re.sub(r"[\s()\-]", "", text)
    return text if re.fullmatch(_SHAPES.get(channel, r"(?!)"), text) else ""


def goes_at(at: datetime, urgency: str) -> datetime:
    """The first moment from ``at`` on at which a message may arrive: not between ten in the evening and seven.

    An urgent one may at any hour.
    """
    if not is_quiet(at, urgency):
        return at
    calendar = awake_calendar()
    day = calendar.local_date(at)
    for later in (day, day + timedelta(days=1)):
        opens = calendar.instant(later, calendar.hours_on(later)[0].start_minute)
        if opens > at:
            return opens
    raise AssertionError("the house wakes every day")


def next_try(at: datetime, urgency: str, attempts: int) -> datetime | None:
    """When to try again after the n-th attempt failed at ``at``; None when it was the last."""
    waits = BACK_OFF[urgency]
    return goes_at(at + waits[attempts - 1], urgency) if attempts < TRIES else None
