"""The visits of an officer of the beat, a street team or a mediator, on their phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from anlan.console.pages.phone import Told, told_by_phone
from anlan.console.pages.press import Press
from anlan.console.screen import screen, wants_part
from anlan.console.selectors.visits import visits_of
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import command_post, page_actor
from anlan.dispatch.selectors import PRESS_LATE_AFTER
from anlan.disputes.models import Push
from anlan.disputes.selectors import push_for
from anlan.disputes.services import push_act, push_close, push_receive
from anlan.units.selectors import units_crewed_by

ACTION_CHARS = 200


@screen("disputes.act")
def visits(request: HttpRequest) -> HttpResponse:
    """My open visits by due colour, each with what was promised and three buttons under the thumb."""
    actor, at = page_actor(request), now()
    context: dict[str, Any] = {
        "visits": visits_of(actor, at=at),
        "has_unit": bool(units_crewed_by(actor)),
        "at": at,
        "default_theme": "light",
    }
    template = "console/parts/visits.html" if wants_part(request) else "console/visits.html"
    return render(request, template, context)


def _push(press: Press) -> Push:
    return push_for(press.by, press.number("push") or 0)


def _receive(press: Press, told: Told | None) -> None:
    push_receive(push=_push(press), by=press.by, at=press.at)


def _record(press: Press, told: Told | None) -> None:
    """What came of the visit; without an outcome only what was done, and the visit stays open."""
    words, outcome = _words(press, told), press.text("outcome")
    if outcome:
        push_close(push=_push(press), outcome=outcome, action=words, by=press.by, at=press.at)
    else:
        push_act(push=_push(press), action=words, by=press.by, at=press.at)


def _words(press: Press, told: Told | None) -> str:
    """What was written at the door; where it waited for contact, with the phone's own time beside it."""
    words = press.text("words")
    if told is None or told.waited <= PRESS_LATE_AFTER:
        return words[:ACTION_CHARS]
    when = timezone.localtime(told.pressed_at).strftime("%m-%d %H:%M")
    note = gettext("(written {time} by the phone's own clock)").format(time=when)
    return f"{words[: ACTION_CHARS - len(note) - 1]} {note}".strip()


DEEDS: dict[str, Callable[[Press, Told | None], None]] = {"receive": _receive, "record": _record}


@require_POST
def visit_do(request: HttpRequest, deed: str) -> HttpResponse:
    """A press on the visits page, maybe made long ago without contact; its key makes it count once."""
    if deed not in DEEDS:
        raise NotFound
    told = told_by_phone(request)

    def act(by: Actor, at: datetime) -> dict[str, Any]:
        press = Press(by, at, None, request.POST)  # type: ignore[arg-type]
        DEEDS[deed](press, told)
        return {"at": at.isoformat(), "is_late": bool(told and told.waited > PRESS_LATE_AFTER)}

    answer = command_post(request, "disputes.act", act)
    if "application/json" not in request.headers.get("Accept", ""):
        return HttpResponseRedirect(reverse("console:visits"))
    return JsonResponse(answer)
