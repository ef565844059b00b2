"""What happens in lower rooms and somebody is told of; running twice does no harm."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.accounts import events as accounts
from anlan.accounts.models import GlassBroken, Organisation
from anlan.core.actor import SYSTEM
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import HandlerCursor
from anlan.core.selectors import Cursor, cursor_latest, events_after, events_wait
from anlan.notices.messages import GLASS_BROKEN, GLASS_TO_JUDGE
from anlan.notices.services import Rung, notice_send, to_role

NAME = "notices.glasses"
FOLLOWED = {accounts.GLASS_BROKEN}
THERE = ("station_room", "duty_leader", "town_operator")
"""Who is told of an organisation into which somebody looks from outside."""


def glasses_follow(*, at: datetime, limit: int = 500) -> int:
    """Tell the organisation into which somebody looks, and the privacy officers over it; returns events read."""
    if not events_wait(NAME, FOLLOWED):
        return 0
    with transaction.atomic():
        place = HandlerCursor.place(NAME, cursor_latest)
        read = list(events_after(Cursor(place.txid, place.event_id), limit=limit))
        for event in read:
            if event.kind in FOLLOWED:
                glass = GlassBroken.objects.filter(pk=event_must_be_known(event).subject_id).first()
                if glass is not None:
                    _tell(glass, at)
        if read:
            HandlerCursor.objects.filter(pk=place.pk).update(txid=read[-1].txid, event_id=read[-1].pk)
    return len(read)


def _tell(glass: GlassBroken, at: datetime) -> None:
    """Two notices, each with an answer of its own: whoever is looked at, and whoever judges it."""
    there = glass.organisation
    root = Organisation.objects.filter(parent=None, kind=Organisation.Kind.BUREAU).first()
    home = Organisation.objects.get(people=glass.person_id)
    blanks = {"home": home.code, "there": there.code, "until": glass.ends_at.isoformat()}
    chains = {
        GLASS_BROKEN: tuple(to_role(role, there) for role in THERE),
        GLASS_TO_JUDGE: (to_role("auditor", root or there),),
    }
    for message, receivers in chains.items():
        notice_send(
            message=message,
            chain=[Rung(receivers)],
            organisation=there,
            blanks=blanks,
            urgency="urgent",
            subject=glass,
            key=f"{message}-{glass.pk}",
            by=SYSTEM,
            at=at,
        )
