"""Buttons of the check-in timers: on the incident for the desk, on the phone for the crew."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.console.pages.press import Press
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post
from anlan.dispatch.models import CheckIn
from anlan.dispatch.services.checkins import checkin_confirm, checkin_end, checkin_set
from anlan.units.selectors import units_crewed_by


def _timer(press: Press) -> CheckIn:
    """The timer of the button: one of this incident."""
    rows = CheckIn.objects.select_related("unit", "incident").filter(incident=press.incident)
    row = rows.filter(pk=press.number("checkin") or 0).first()
    if row is None:
        raise NotFound
    return row


def confirm(press: Press) -> None:
    """The desk has spoken with the unit: all is well."""
    checkin_confirm(checkin=_timer(press), by=press.by, at=press.at)


def begin(press: Press) -> None:
    """Set a timer, or another interval."""
    minutes = press.number("minutes")
    if minutes is None or not 0 < minutes < 10_000:
        raise BadInput(field="minutes", problem=press.text("minutes"))
    every = timedelta(minutes=minutes)
    checkin_set(assignment=press.assignment(), every=every, reason=press.text("reason"), by=press.by, at=press.at)


def end(press: Press) -> None:
    """End the timer, with a reason."""
    checkin_end(checkin=_timer(press), reason=press.text("reason"), by=press.by, at=press.at)


@require_POST
def checkin_safe(request: HttpRequest, checkin_id: int) -> HttpResponse:
    """The crew says all is well, on the phone."""

    def act(by: Actor, at: datetime) -> int:
        rows = CheckIn.objects.select_related("unit", "incident").filter(unit_id__in=units_crewed_by(by))
        row = rows.filter(pk=checkin_id).first()
        if row is None:
            raise NotFound
        checkin_confirm(checkin=row, by=by, at=at)
        return int(row.pk)

    command_post(request, "dispatch.checkin_confirm", act)
    return HttpResponseRedirect(reverse("console:phone"))
