"""What every change of this room shares: holding a file, telling what happened, who must see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.services import event_record, number_next
from anlan.disputes import events
from anlan.disputes.due import Due
from anlan.disputes.errors import FileAlreadyMerged, FileOver, ReasonMissing
from anlan.disputes.models import DisputeFile
from anlan.disputes.rules import FILE, LIVE
from anlan.disputes.selectors.files import report_last
from anlan.disputes.services.holding import file_change as file_change
from anlan.disputes.services.holding import file_hold as file_hold
from anlan.disputes.services.holding import file_reread as file_reread
from anlan.disputes.services.holding import step as step


def file_number(at: datetime) -> str:
    """``D-260302-00007``: the local day and the running number within it."""
    day = f"{timezone.localtime(at):%y%m%d}"
    return f"D-{day}-{number_next(f'dispute-{day}'):05d}"


def live_hold(file: DisputeFile) -> DisputeFile:
    """``file_hold``, and a refusal where the file is over or merged."""
    file_hold(file)
    if file.state == "merged":
        into = file.merged_into
        raise FileAlreadyMerged(file=file.number, into=into.number if into else "", since=file.state_since)
    if file.state not in LIVE:
        raise FileOver(file=file.number, state=FILE.labels[file.state], since=file.state_since)
    return file


def owners(file: DisputeFile, *others: int | None) -> tuple[int | None, ...]:
    """The organisations whose screens show what happens to this file."""
    return (file.station_id, file.town_room_id, file.holder_id, file.mediating_id, *others)


def tell(
    kind: str,
    file: DisputeFile,
    *,
    by: Actor,
    at: datetime,
    subject: Model | None = None,
    incident_id: int | None = None,
    orgs: tuple[int | None, ...] = (),
    **data: Any,
) -> Event:
    """Put what happened to the file (or to ``subject``, a row of it) on the record: ids, codes and times only."""
    return event_record(
        kind,
        subject=subject if subject is not None else file,
        by=by,
        at=at,
        incident_id=incident_id,
        org_ids=owners(file, *orgs),
        file=file.number,
        file_id=file.pk,
        **data,
    )


def counts_lower(files: Iterable[DisputeFile], *, reports: int, returns: int) -> None:
    """So many reports, and returns among them, are not of these files any more."""
    for file in files:
        file_hold(file)
        counts = {
            "reports": file.reports - reports,
            "returns": file.returns - returns,
            "last_report_at": report_last(file.pk) or file.last_report_at,
        }
        file_change(file, counts)


def person_id(by: Actor) -> int | None:
    """The person who acts, None for the system and machines."""
    return by.id if by.kind == "person" else None


def said(reason: str) -> str:
    """The words of a reason, trimmed; raises ``ReasonMissing`` without any."""
    words = reason.strip()[:200]
    if not words:
        raise ReasonMissing(field="reason", problem="")
    return words


def due_set(file: DisputeFile, due: Due, *, by: Actor, at: datetime) -> None:
    """Give a live file another deadline, with its sum, where its state stays."""
    if file.due_at == due.due_at and file.due_kind == due.kind:
        return
    file_change(file, due.columns(), where={"state": file.state})
    tell(events.DUE_SET, file, by=by, at=at, due_kind=due.kind, due_at=due.due_at.isoformat())
