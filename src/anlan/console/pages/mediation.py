"""The guide desk: numbers of today, the calendars of rooms and mediators, what is due, and booking in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.console.asked import whole
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.disputes import file_for
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.disputes.models import DisputeFile, MediationBody
from anlan.disputes.selectors import mediation as read
from anlan.disputes.services import mediation_desk

SLOTS_OFFERED = (2, 3, 4, 6, 8)


@screen("disputes.mediation_view")
def desk(request: HttpRequest) -> HttpResponse:
    """A day of one body; with ``for`` (a file's number) its free half hours can be booked."""
    actor, at = page_actor(request), now()
    context = {
        **desk_context(actor, request.GET, at),
        "refresh_url": request.get_full_path(),
        "default_theme": "light",
    }
    template = "console/parts/mediation.html" if wants_part(request) else "console/mediation.html"
    return render(request, template, context)


def desk_context(actor: Actor, asked: QueryDict, at: datetime) -> dict[str, Any]:
    """What the desk shows, or that there is no body in the actor's reach."""
    bodies = read.bodies_of(actor)
    booking = _booking(actor, asked.get("for", ""))
    wanted = asked.get("body", "")
    body = next((row for row in bodies if str(row.pk) == wanted), None)
    if body is None and booking is not None:
        body = next((row for row in bodies if row.pk == booking.body_id), None)
    body = body or (bodies[0] if bodies else None)
    today = timezone.localdate(at)
    if body is None:
        return {"bodies": [], "body": None, "today": today, "mine": read.mine(actor)}
    # Whoever books wants a day on which something is free; the desk wants today, or the next day it is open.
    begins = read.day_open(body, today, at) if booking else read.day_open(body, today, _midnight(today))
    day = _day(asked.get("day", ""), begins)
    calendar = read.day_calendar(body, day)
    return {
        "bodies": bodies,
        "body": body,
        "today": today,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "calendar": calendar,
        "past": {start for start in calendar.starts if start <= at - timedelta(minutes=30)},
        "tickets": read.tickets_of(body, today),
        "appointed": [row for row in read.tickets_of(body, day) if row.state == "appointed"],
        "desk_starts": read.desk_starts(body, at)[:40],
        "running": read.running_at(body),
        "mine": read.mine(actor),
        "promises": [(row, read.amount_shown(row)) for row in _promises(actor, today)],
        "booking": booking,
        "parties": read.parties_of(booking.file) if booking else [],
        "mediators": read.mediators_of(body),
        "slots_offered": [(count, f"{count * 30 // 60}:{count * 30 % 60:02d}") for count in SLOTS_OFFERED],
        "words": read.WORDS,
        "at": at,
    }


def _promises(actor: Actor, today: date) -> list[Any]:
    return read.performance_calendar(actor, until=today + timedelta(days=30), limit=20)


def _booking(actor: Actor, number: str) -> Any:
    return read.mediation_open_of(file_for(actor, number)) if number else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _day(text: str, usual: date) -> date:
    if not text:
        return usual
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(field="day", problem=text[:20]) from None


def _file(by: Actor, post: QueryDict) -> DisputeFile | None:
    number = post.get("file", "").strip()
    return file_for(by, number) if number else None


def _ticket(body: MediationBody, by: Actor, post: QueryDict) -> Any:
    row = read.ticket_for(by, whole(post.get("ticket", "")) or 0)
    if row.body_id != body.pk:
        raise NotFound
    return row


def instant_read(text: str, field: str) -> datetime:
    """An instant from a form: with its zone, or local time as the office reads it."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(field=field, problem=text[:30] or "–") from None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _draw(body: MediationBody, post: QueryDict, by: Actor, at: datetime) -> Any:
    return mediation_desk.ticket_draw(body=body, file=_file(by, post), by=by, at=at)


def _appoint(body: MediationBody, post: QueryDict, by: Actor, at: datetime) -> Any:
    starts_at = instant_read(post.get("starts_at", ""), "starts_at")
    return mediation_desk.ticket_appoint(body=body, starts_at=starts_at, file=_file(by, post), by=by, at=at)


def _next(body: MediationBody, post: QueryDict, by: Actor, at: datetime) -> Any:
    return mediation_desk.ticket_call_next(body=body, by=by, at=at)


def _move(body: MediationBody, post: QueryDict, by: Actor, at: datetime) -> Any:
    return mediation_desk.ticket_move(ticket=_ticket(body, by, post), to=post.get("to", ""), by=by, at=at)


DEEDS: dict[str, Callable[[MediationBody, QueryDict, Actor, datetime], Any]] = {
    "draw": _draw,
    "appoint": _appoint,
    "next": _next,
    "move": _move,
}


@require_POST
def desk_do(request: HttpRequest, body_id: int, deed: str) -> HttpResponse:
    """Draw a number, make an appointment, call the next, move one."""
    if deed not in DEEDS:
        raise NotFound

    def act(by: Actor, at: datetime) -> int:
        row = DEEDS[deed](read.body_for(by, body_id), request.POST, by, at)
        return row.pk if row is not None else 0

    command_post(request, "disputes.desk", act)
    return HttpResponseRedirect(f"{reverse('console:mediation')}?body={body_id}")
