"""Any past hour on the live screen again: opened for a purpose, on the record, in one's own reach only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from anlan.console import island_words
from anlan.console.asked import moment, whole
from anlan.console.basemap import basemap
from anlan.console.built import built
from anlan.console.errors import ReplayOver
from anlan.console.replay_words import words as replay_words
from anlan.console.rules import REPLAY_HOURS, REPLAY_OPEN_FOR, REPLAY_PURPOSES, REPLAY_WINDOW, REPLAY_WINDOW_MAX
from anlan.console.screen import screen
from anlan.console.selectors import island as read
from anlan.console.selectors.incident import incident_for
from anlan.console.selectors.past import past_window
from anlan.console.selectors.past_looks import looks, stretch_of
from anlan.console.services import replay_open
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted

ENTRY = "src/replay/main.ts"
SALT = "anlan.console.replay"
HOURS_ASKED = 1000
"""More is no length of anything; how much may be opened is a rule of its own."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody may look at: a stretch, opened by them and not too long ago."""

    start: datetime
    end: datetime
    incident: str

    def sealed(self, actor: Actor) -> str:
        """As text that nobody can change or hand on."""
        values = [actor.kind, actor.id, self.start.timestamp(), self.end.timestamp(), self.incident]
        return signing.dumps(values, salt=SALT)

    @classmethod
    def read(cls, text: str, actor: Actor) -> Grant:
        """Raises ``ReplayOver`` for another's, a changed or an old one."""
        try:
            kind, pk, start, end, incident = signing.loads(text, salt=SALT, max_age=REPLAY_OPEN_FOR)
        except (signing.BadSignature, ValueError):
            raise ReplayOver from None
        if (kind, pk) != (actor.kind, actor.id):
            raise ReplayOver
        return cls(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), incident)


@screen("console.replay")
def replay(request: HttpRequest) -> HttpResponse:
    """The question what for; with an answer given, the screen of the past stretch."""
    if request.method == "POST":
        return _open(request)
    actor = page_actor(request)
    if text := request.GET.get("grant"):
        return _screen(request, actor, text)
    return _ask(request, actor)


def _ask(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = now()
    incident, hours = None, REPLAY_HOURS[0]
    start = moment(request.GET.get("at", "")) or (at - timedelta(hours=1)).replace(second=0)
    if number := request.GET.get("incident", ""):
        incident = incident_for(actor, number)
        start, hours = stretch_of(incident, at=at)
    context = {
        "purposes": REPLAY_PURPOSES,
        "hours": REPLAY_HOURS,
        "hours_wanted": hours,
        "start": f"{timezone.localtime(start):%Y-%m-%dT%H:%M:%S}",
        "latest": f"{timezone.localtime(at):%Y-%m-%dT%H:%M}",
        "incident": incident,
        "looks": looks(actor) if permitted(actor, "console.replay_log") else None,
    }
    return render(request, "console/replay.html", context)


def _asked(text: str, field: str) -> datetime:
    found = moment(text)
    if found is None:
        raise BadInput(field=field, problem=text[:40])
    return found


def _open(request: HttpRequest) -> HttpResponse:
    start = _asked(request.POST.get("start", ""), "start")
    number, length = request.POST.get("incident", ""), request.POST.get("hours", "")

    def act(by: Actor, at: datetime) -> str:
        hours = whole(length)
        if hours is None or hours > HOURS_ASKED:
            raise BadInput(field="hours", problem=length[:10])
        incident = incident_for(by, number) if number else None
        purpose, words = request.POST.get("purpose", ""), request.POST.get("words", "")
        replay_open(start=start, hours=hours, purpose=purpose, words=words, by=by, at=at, incident=incident)
        return Grant(start, start + timedelta(hours=hours), number).sealed(by)

    grant = command_post(request, "console.replay", act)
    return HttpResponseRedirect(f"{reverse('console:replay')}?{urlencode({'grant': grant})}")


def _screen(request: HttpRequest, actor: Actor, text: str) -> HttpResponse:
    grant = Grant.read(text, actor)
    files = built(ENTRY)
    context = {
        "default_theme": "dark",
        "find_url": "",
        "built": files,
        "grant": grant,
        "facts": _facts(actor, grant, text) if files else None,
    }
    return render(request, "console/replay_screen.html", context)


def _facts(actor: Actor, grant: Grant, text: str) -> dict[str, Any]:
    """What the program must know; it may do nothing, only look."""
    nothing: dict[str, Any] = {"groups": [], "calls": [], "call_backs": [], "units": [], "strip": []}
    no_urls = dict.fromkeys(("data", "figures", "reach", "call_save", "call_new", "queue", "units"), "")
    return {
        "urls": {**no_urls, "areas": reverse("console:island_areas"), "basemap": basemap()},
        "may": [],
        "words": {**island_words.words(), **replay_words()},
        "commands": [],
        "partners": [],
        "pages": [],
        "ages": read.ages(),
        "name": actor.name,
        "first": nothing,
        "replay": {
            "grant": text,
            "from": _ms(grant.start),
            "until": min(_ms(grant.end), _ms(now())),
            "incident": grant.incident,
            "window": reverse("console:replay_window"),
            "open": reverse("console:replay"),
            "matter": reverse("console:incident", args=["NUMBER"]),
        },
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@screen("console.replay")
def window(request: HttpRequest) -> HttpResponse:
    """The picture at a moment of the stretch, and some minutes of what came after it."""
    actor, today = page_actor(request), now()
    grant = Grant.read(request.GET.get("grant", ""), actor)
    start = _asked(request.GET.get("at", ""), "at")
    minutes = request.GET.get("minutes", "")
    length = timedelta(minutes=int(minutes)) if minutes.isdecimal() and len(minutes) < 4 else REPLAY_WINDOW
    last = min(grant.end, today)
    if not grant.start - timedelta(seconds=1) <= start <= last:
        raise ReplayOver
    end = min(start + min(length, REPLAY_WINDOW_MAX), last)
    body = json.dumps(
        past_window(actor, start=start, end=end, today=today), ensure_ascii=False, separators=(",", ":")
    )
    return HttpResponse(body, content_type="application/json")
