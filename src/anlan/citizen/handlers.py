"""What happens in lower rooms is told to who reported it; running twice does no harm."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.citizen.selectors import file_of
from anlan.citizen.services import code_send, codes_go_out, parties_ask, rating_ask, ratings_carry
from anlan.core.actor import SYSTEM
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import Event, HandlerCursor
from anlan.core.selectors import Cursor, cursor_latest, events_after, events_wait
from anlan.dispatch import events as dispatch
from anlan.disputes import events as disputes
from anlan.disputes.models import DisputeFile
from anlan.intake import events as intake
from anlan.intake.models import Incident

NAME = "citizen.closings"
ASKED_WITHIN = timedelta(days=3)
"""What was closed longer ago came in from another system, or while nothing ran: it is too late to ask."""
FOLLOWED = {intake.INCIDENT_OPENED, dispatch.INCIDENT_CLOSED, disputes.FILE_CLOSED, disputes.FILE_REVISITED}


def closings_follow(*, at: datetime, limit: int = 500) -> int:
    """Tell who reported how to follow it, and ask about what was closed since the last look; returns events read.

    The very first look begins where the record ends: nobody is asked about years gone by.
    """
    if not events_wait(NAME, FOLLOWED):
        return 0
    with transaction.atomic():
        place = HandlerCursor.place(NAME, cursor_latest)
        read = list(events_after(Cursor(place.txid, place.event_id), limit=limit))
        for event in read:
            if event.kind in FOLLOWED and at - event.at < ASKED_WITHIN:
                _follow(event_must_be_known(event), at)
        if read:
            HandlerCursor.objects.filter(pk=place.pk).update(txid=read[-1].txid, event_id=read[-1].pk)
    return len(read)


def _follow(event: Event, at: datetime) -> None:
    if event.kind == intake.INCIDENT_OPENED:
        opened = Incident.objects.filter(pk=event.incident_id or 0).first() if codes_go_out() else None
        if opened is not None:
            code_send(incident=opened, by=SYSTEM, at=at)
        return
    if event.kind == dispatch.INCIDENT_CLOSED:
        incident = Incident.objects.filter(pk=event.incident_id or 0).first()
        # A quarrel that has a file is asked about when the file is closed, each party apart.
        if incident is not None and file_of(incident) is None:
            rating_ask(incident=incident, by=SYSTEM, at=at)
        return
    file = DisputeFile.objects.filter(pk=event.subject_id, closed_at__isnull=False).first()
    if event.kind == disputes.FILE_REVISITED:
        if file is not None:
            ratings_carry(file=file, by=SYSTEM, at=at)
        return
    link = file.links.filter(undone_at=None).select_related("incident").first() if file is not None else None
    if file is None or link is None:
        return
    asked = parties_ask(file=file, incident=link.incident, by=SYSTEM, at=at)
    if not any(not row.not_asked for row in asked):
        # Nobody of the parties could be asked: then at least who reported it.
        rating_ask(incident=link.incident, by=SYSTEM, at=at)
