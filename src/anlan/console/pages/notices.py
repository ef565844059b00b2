"""Notices: what waits for me, who has not answered, and the crew's own on the phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation, Role
from anlan.accounts.selectors import organisations
from anlan.console.screen import screen, wants_part
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted
from anlan.dispatch.models import CheckIn
from anlan.notices import services
from anlan.notices.selectors import (
    OPEN,
    TEXT_CHARS,
    FollowedNotice,
    WaitingNotice,
    notice_for,
    notices_followed,
    notices_shut,
    notices_told,
    notices_waiting,
)
from anlan.units.selectors import units_crewed_by

WRITTEN = "notices.written"
PAGE_KEYS = [("a", _("Acknowledge the row")), ("p", _("Read the row aloud"))]
ROLES_TO = ("dispatcher", "duty_leader", "call_taker", "station_room", "town_operator", "chief")
MOST_NUMBERS = 200


@screen("notices.view")
def notices(request: HttpRequest) -> HttpResponse:
    """What waits for me on top; beneath it what was sent from here, and who has not answered."""
    actor, at = page_actor(request), now()
    context: dict[str, Any] = {
        "waiting": notices_waiting(actor, at=at),
        "followed": _followed(actor),
        "may_send": permitted(actor, "notices.send"),
        "organisations": _reached(actor),
        "roles": [(role, Role(role).label) for role in ROLES_TO],
        "most_chars": TEXT_CHARS,
        "page_keys": PAGE_KEYS,
        "open_states": OPEN,
        "refresh_url": request.get_full_path(),
        "default_theme": "light",
    }
    part = "console/parts/notices.html" if wants_part(request) else "console/notices.html"
    return render(request, part, context)


def _followed(actor: Actor) -> list[FollowedNotice]:
    """What was sent from here, but for matters whose parties the actor asks: their notices name the file."""
    rows = notices_followed(actor)
    silent = notices_shut(actor, [row.notice.pk for row in rows])
    return [row for row in rows if row.notice.pk not in silent]


def _reached(actor: Actor) -> list[Organisation]:
    """Desks a message may go to: every one, as over the telephone."""
    return organisations() if permitted(actor, "notices.send") else []


@screen("notices.view")
def mine(request: HttpRequest) -> HttpResponse:
    """What waits for me, for the badge every page carries."""
    rows = notices_waiting(page_actor(request), at=now(), limit=50)
    return JsonResponse({"waiting": [_row(row) for row in rows]})


def _row(row: WaitingNotice) -> dict[str, Any]:
    number = row.notice.incident_number
    return {
        "id": row.notice.pk,
        "text": row.text,
        "urgent": row.is_urgent,
        "loud": row.is_loud,
        "seen": row.is_seen,
        "sent_ms": round(row.notice.sent_at.timestamp() * 1000),
        "url": reverse("console:incident", args=[number]) if number else reverse("console:notices"),
        "acknowledge": reverse("console:notice_do", args=[row.notice.pk, "acknowledge"]),
    }


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """These stand on my screen now: the proof of delivery."""
    wanted = [int(part) for part in request.POST.get("ids", "").split(",") if part.isdecimal() and len(part) < 18]

    def act(by: Actor, at: datetime) -> int:
        rows = notices_told(by, wanted[:MOST_NUMBERS])
        return sum(services.notice_delivered(notice=row, by=by, at=at) for row in rows)

    return JsonResponse({"seen": command_post(request, "notices.view", act)})


@require_POST
def notice_do(request: HttpRequest, notice_id: int, deed: str) -> HttpResponse:
    """Acknowledge a notice, or withdraw it."""
    if deed not in ("acknowledge", "withdraw"):
        raise NotFound

    def act(by: Actor, at: datetime) -> int:
        notice = notice_for(by, notice_id)
        if deed == "acknowledge":
            services.notice_acknowledge(notice=notice, by=by, at=at)
        else:
            services.notice_withdraw(notice=notice, by=by, at=at)
        return notice.pk

    done = command_post(request, "notices.view" if deed == "acknowledge" else "notices.withdraw", act)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"id": done})
    return HttpResponseRedirect(back_to(request, reverse("console:notices")))


@require_POST
def notice_send(request: HttpRequest) -> HttpResponse:
    """Send a message to a role at a desk."""

    def act(by: Actor, at: datetime) -> int:
        text = request.POST.get("text", "").strip()
        if not text:
            raise BadInput(field="text", problem="–")
        desk = next((row for row in _reached(by) if row.code == request.POST.get("organisation")), None)
        if desk is None:
            raise NotFound
        row = services.notice_send(
            message=WRITTEN,
            chain=[services.Rung((services.to_role(request.POST.get("role", ""), desk),))],
            organisation=by.org_id or desk.pk,
            text=text,
            urgency="urgent" if request.POST.get("urgent") else "routine",
            by=by,
            at=at,
        )
        return row.pk

    command_post(request, "notices.send", act)
    return HttpResponseRedirect(reverse("console:notices"))


def back_to(request: HttpRequest, fallback: str) -> str:
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else fallback


@screen("notices.view")
def notices_phone(request: HttpRequest) -> HttpResponse:
    """The strip of the unit's phone: what the desk tells the crew, and whether all is well."""
    actor, at = page_actor(request), now()
    crews = units_crewed_by(actor)
    timers = CheckIn.objects.filter(unit_id__in=crews).exclude(state="ended").select_related("incident")
    context = {"waiting": notices_waiting(actor, at=at, limit=10), "timers": list(timers) if crews else []}
    return render(request, "console/parts/notices_phone_rows.html", context)
