"""What became of each closing, made from the events of the files; and the draw of who is asked afterwards.

May run twice without harm, and from the beginning: the table of closings is then made anew. Only closings of late
are drawn for a revisit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import Event, HandlerCursor
from anlan.core.selectors import Cursor, events_after, events_wait
from anlan.disputes import events
from anlan.disputes.closing_rules import END_OF_REOPENING
from anlan.disputes.models import DisputeFile, FileClosing, FileRevisit
from anlan.disputes.revisit_rules import REVISIT_OPEN
from anlan.disputes.rules import SETTLED
from anlan.disputes.services.revisits import revisit_draw, revisit_drop

NAME = "disputes.closings"
DRAWN_WITHIN = timedelta(days=14)
"""A closing told later than this is not drawn any more: nobody could keep the three working days."""


def file_closings_follow(*, at: datetime, limit: int = 500) -> int:
    """Note what was closed and what came of earlier closings; returns events read."""
    if not events_wait(NAME, _REACTIONS):
        return 0
    with transaction.atomic():
        place, _ = HandlerCursor.objects.get_or_create(handler=NAME)
        read = list(events_after(Cursor(place.txid, place.event_id), limit=limit))
        for event in read:
            if (react := _REACTIONS.get(event.kind)) is not None:
                react(event_must_be_known(event), at)
        if read:
            HandlerCursor.objects.filter(pk=place.pk).update(txid=read[-1].txid, event_id=read[-1].pk)
    return len(read)


def _file(event: Event) -> DisputeFile | None:
    found: DisputeFile | None = DisputeFile.objects.filter(pk=event.subject_id).first()
    return found


def _closed(event: Event, at: datetime) -> None:
    file = _file(event)
    if file is None:
        return
    before = FileClosing.objects.filter(file=file, closed_at__lt=event.at).order_by("-closed_at").first()
    FileClosing.objects.get_or_create(
        event_id=event.pk,
        defaults={
            "file": file,
            "opened_at": before.ended_at if before is not None and before.ended_at else file.opened_at,
            "closed_at": event.at,
            "closed_day": timezone.localtime(event.at).date(),
            "result": str(event.data.get("result") or ""),
            "code": file.code,
            "level": file.level,
            "track": file.track,
            "push_level": file.push_level,
            "station_id": file.station_id,
            "town_room_id": file.town_room_id,
            "holder_id": file.holder_id,
            "mediating_id": file.mediating_id,
        },
    )
    if file.closed_at == event.at and event.at > at - DRAWN_WITHIN:
        revisit_draw(file=file, by=SYSTEM, at=max(at, event.at))


def _reopened(event: Event, at: datetime) -> None:
    _end(event, END_OF_REOPENING.get(str(event.data.get("why")), "reopened"))
    _not_asked(event, "reopened", at)


def _to_police(event: Event, at: datetime) -> None:
    _end(event, "case" if event.data.get("why") == "crime" else "reopened")
    _not_asked(event, "reopened", at)


def _linked(event: Event, at: datetime) -> None:
    link = event.data.get("link")
    if link in ("return", "criminal"):
        _end(event, "came_back" if link == "return" else "case", event.incident_id)


def _unlinked(event: Event, at: datetime) -> None:
    """A return that was none: the closing stands again, unless the file was opened meanwhile."""
    row = FileClosing.objects.filter(file_id=event.subject_id, end_incident_id=event.incident_id).last()
    file = _file(event)
    if row is None or file is None or event.incident_id is None:
        return
    if file.state in SETTLED and file.closed_at == row.closed_at:
        _quiet_again(row)
    else:
        FileClosing.objects.filter(pk=row.pk).update(end_kind="reopened", end_incident_id=None)


def _case(event: Event, at: datetime) -> None:
    _end(event, "case")


def _merged(event: Event, at: datetime) -> None:
    _end(event, "merged")
    _not_asked(event, "merged", at)


def _unmerged(event: Event, at: datetime) -> None:
    row = FileClosing.objects.filter(file_id=event.subject_id, end_kind="merged").order_by("-closed_at").first()
    file = _file(event)
    if row is not None and file is not None and file.closed_at == row.closed_at:
        _quiet_again(row)


def _quiet_again(row: FileClosing) -> None:
    FileClosing.objects.filter(pk=row.pk).update(end_kind="", ended_at=None, ended_day=None, end_incident_id=None)


def _end(event: Event, kind: str, incident_id: int | None = None) -> None:
    """End the quiet of the file's closing that still stands, if one does."""
    row = FileClosing.objects.filter(file_id=event.subject_id, end_kind="", closed_at__lte=event.at).last()
    if row is not None:
        FileClosing.objects.filter(pk=row.pk).update(
            end_kind=kind,
            ended_at=event.at,
            ended_day=timezone.localtime(event.at).date(),
            end_incident_id=incident_id,
        )


def _not_asked(event: Event, why: str, at: datetime) -> None:
    row = FileRevisit.objects.filter(file_id=event.subject_id, state__in=REVISIT_OPEN, closing__lte=event.at).first()
    if row is not None:
        revisit_drop(revisit=row, why=why, by=SYSTEM, at=max(at, event.at))


_REACTIONS: dict[str, Callable[[Event, datetime], None]] = {
    events.FILE_CLOSED: _closed,
    events.FILE_REOPENED: _reopened,
    events.FILE_TO_POLICE: _to_police,
    events.INCIDENT_LINKED: _linked,
    events.INCIDENT_UNLINKED: _unlinked,
    events.CASE_LINKED: _case,
    events.FILES_MERGED: _merged,
    events.FILES_UNMERGED: _unmerged,
}
