"""The guide desk: numbers of the day, appointments, and who is called next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.core.services import event_record, number_next
from anlan.disputes import events
from anlan.disputes.mediation_errors import OffTheGrid, OutsideHours, WindowsTaken
from anlan.disputes.mediation_models import DeskTicket, MediationBody
from anlan.disputes.mediation_rules import SLOT, TICKET, is_open, on_the_grid
from anlan.disputes.models import DisputeFile
from anlan.disputes.selectors.mediation import desk_starts
from anlan.disputes.services.mediation_base import day_of
from anlan.disputes.services.parts import person_id


@transaction.atomic
def ticket_draw(*, body: MediationBody, file: DisputeFile | None = None, by: Actor, at: datetime) -> DeskTicket:
    """Somebody came without an appointment: the next number of the day."""
    require(by, "disputes.desk")
    _here(body, by)
    row: DeskTicket = DeskTicket.objects.create(
        body=body,
        day=day_of(at),
        number=_number(body, at),
        state_since=at,
        file=file,
        made_at=at,
        made_by=person_id(by),
    )
    _tell(events.TICKET_DRAWN, row, by=by, at=at)
    return row


@transaction.atomic
def ticket_appoint(
    *, body: MediationBody, starts_at: datetime, file: DisputeFile | None = None, by: Actor, at: datetime
) -> DeskTicket:
    """An appointment at a window of the desk; its number is drawn on arrival.

    Raises ``WindowsTaken`` with the next free times, ``OutsideHours``, ``OffTheGrid``.
    """
    require(by, "disputes.desk")
    _here(body, by)
    if not on_the_grid(starts_at) or starts_at <= at:
        raise OffTheGrid(field="starts_at", problem="", starts_at=starts_at, slots=1, most=1)
    if not is_open(body.hours, starts_at, starts_at + SLOT):
        raise OutsideHours(
            body=body.organisation.name_shown,
            starts_at=starts_at,
            ends_at=starts_at + SLOT,
            hours=body.hours,
            free=_free(body, starts_at),
        )
    for window in range(1, body.windows + 1):
        row = _window_take(body, starts_at, window, file, by=by, at=at)
        if row is not None:
            _tell(events.TICKET_APPOINTED, row, by=by, at=at, starts_at=starts_at.isoformat())
            return row
    raise WindowsTaken(
        windows=body.windows, body=body.organisation.name_shown, starts_at=starts_at, free=_free(body, starts_at)
    )


def _window_take(
    body: MediationBody, starts_at: datetime, window: int, file: DisputeFile | None, *, by: Actor, at: datetime
) -> DeskTicket | None:
    try:
        with transaction.atomic():
            row: DeskTicket = DeskTicket.objects.create(
                body=body,
                day=day_of(starts_at),
                state="appointed",
                state_since=at,
                file=file,
                appointed_for=starts_at,
                window=window,
                made_at=at,
                made_by=person_id(by),
            )
            return row
    except IntegrityError:
        return None


@transaction.atomic
def ticket_move(*, ticket: DeskTicket, to: str, by: Actor, at: datetime) -> DeskTicket:
    """Arrived (``waiting``), called, back to waiting, done, left, or an appointment cancelled.

    On arrival an appointment gets its number of that day.
    """
    require(by, "disputes.desk")
    body, file = ticket.body, ticket.file
    _here(body, by)
    if to not in TICKET.labels:
        raise BadInput(field="to", problem=to)
    changes: dict[str, Any] = {}
    if to == "waiting" and ticket.number is None:
        changes = {"number": _number(body, at), "day": day_of(at)}
    elif to == "called":
        changes = {"called_at": at}
    elif to in TICKET.final:
        changes = {"ended_at": at}
    TICKET.move(ticket, to, at=at, subject=_shown(ticket), **changes)
    ticket.body, ticket.file = body, file
    _tell(events.TICKET_MOVED, ticket, by=by, at=at)
    return ticket


def ticket_call_next(*, body: MediationBody, by: Actor, at: datetime) -> DeskTicket | None:
    """Call whoever has waited longest; two desks pressing at once call two numbers. None when nobody waits."""
    require(by, "disputes.desk")
    _here(body, by)
    waiting = DeskTicket.objects.filter(body=body, day=day_of(at), state="waiting").order_by("number")
    for pk in list(waiting.values_list("pk", flat=True)[:20]):
        called = _call(pk, by=by, at=at)
        if called is not None:
            return called
    return None


@transaction.atomic
def _call(pk: int, *, by: Actor, at: datetime) -> DeskTicket | None:
    won = DeskTicket.objects.filter(pk=pk, state="waiting").update(state="called", state_since=at, called_at=at)
    if not won:
        return None
    row: DeskTicket = DeskTicket.objects.select_related("body__organisation", "file").get(pk=pk)
    _tell(events.TICKET_MOVED, row, by=by, at=at)
    return row


def _number(body: MediationBody, at: datetime) -> int:
    return number_next(f"dispute-desk-{body.pk}-{day_of(at):%y%m%d}")


def _free(body: MediationBody, after: datetime) -> str:
    starts = desk_starts(body, after)[:3]
    return ", ".join(f"{timezone.localtime(start):%m-%d %H:%M}" for start in starts) or "–"


def _here(body: MediationBody, by: Actor) -> None:
    if not (by.sees_all or body.organisation_id in by.org_ids):
        raise NotFound


def _shown(ticket: DeskTicket) -> str:
    return f"{ticket.number:03d}" if ticket.number else "–"


def _tell(kind: str, row: DeskTicket, *, by: Actor, at: datetime, **data: Any) -> None:
    event_record(
        kind,
        subject=row,
        by=by,
        at=at,
        org_ids=[row.body.organisation_id],
        body=row.body.organisation.code,
        number=_shown(row),
        state=row.state,
        file=row.file.number if row.file else None,
        **data,
    )
