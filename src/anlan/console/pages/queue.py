"""The queue, the way in, the command box, and the beat for pages without a live stream."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.console.pages.incident_view import incident_context
from anlan.console.pages.island import island_built
from anlan.console.screen import screen
from anlan.console.selectors.calls import call_backs_due, calls_waiting
from anlan.console.selectors.find import find
from anlan.console.selectors.pulse import change_mark
from anlan.console.selectors.queue import queue_for, strip_of
from anlan.console.selectors.units import free_units
from anlan.core.clock import now
from anlan.core.errors import DomainError
from anlan.core.pages import page_actor
from anlan.core.permissions import permitted
from anlan.intake.selectors import CALL_BACK_REASONS

FIRST_COOKIE = "anlan_first"
YEAR_S = 365 * 24 * 3600
# Where each role begins. The first that fits; whoever has several roles starts with the busiest desk.
FIRST_PAGES = (
    ("dispatcher", "console:island"),
    ("duty_leader", "console:island"),
    ("call_taker", "console:queue"),
    ("station_room", "console:station"),
    ("town_operator", "console:town"),
    ("mediation_desk", "console:mediation"),
    ("mediator", "console:mediation"),
    ("partner_desk", "console:partner"),
    ("patrol", "console:phone"),
    ("street_team", "console:phone"),
    ("beat_officer", "console:phone"),
    ("chief", "console:kpi"),
    ("analyst", "console:kpi"),
    ("auditor", "console:queue"),
)


def home(request: HttpRequest) -> HttpResponse:
    """To the first page of the actor's role."""
    actor = page_actor(request)
    for role, url_name in FIRST_PAGES:
        if actor.has_role(role):
            return HttpResponseRedirect(_begin_at(url_name, request.COOKIES.get(FIRST_COOKIE, "")))
    return render(request, "console/no_page.html")


def _begin_at(url_name: str, wish: str) -> str:
    """The map console where it was built and nobody wished for the list; else the list, which does the whole job."""
    if url_name != "console:island":
        return reverse(url_name)
    if wish == "list" or not island_built():
        return reverse("console:queue")
    return f"{reverse('console:island')}?begin=1"


@require_POST
def begin(request: HttpRequest, where: str) -> HttpResponse:
    """Begin with the list or with the map from now on, on this computer: whether a map is drawn is a matter of it."""
    page_actor(request, "console.queue")
    wish = "list" if where == "list" else "map"
    response = HttpResponseRedirect(reverse("console:queue" if wish == "list" else "console:island"))
    response.set_cookie(
        FIRST_COOKIE, wish, max_age=YEAR_S, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@screen("console.queue")
def queue(request: HttpRequest) -> HttpResponse:
    """The whole console: queue left, the chosen incident right."""
    context = _queue_context(request)
    context["incident_html"] = _chosen(request)
    if island_built():
        context["begin_at"] = "map" if request.COOKIES.get(FIRST_COOKIE) == "list" else "list"
    return render(request, "console/queue.html", {**context, "default_theme": "dark"})


def _chosen(request: HttpRequest) -> SafeString | None:
    """The incident named in the address, or the refusal in its place: the queue must come either way."""
    number = request.GET.get("incident")
    if not number or not permitted(request.actor, "console.incident"):  # type: ignore[attr-defined]
        return None
    try:
        context = incident_context(request, number)
    except DomainError as refusal:
        return mark_safe(render_to_string("core/refusal_fragment.html", {"refusal": refusal}, request))
    return mark_safe(render_to_string("console/parts/incident.html", context, request))


@screen("console.queue")
def queue_part(request: HttpRequest) -> HttpResponse:
    """The rows and the strip anew, for the page that stays open."""
    return render(request, "console/parts/queue_refresh.html", _queue_context(request))


def _queue_context(request: HttpRequest) -> dict[str, Any]:
    actor = page_actor(request)
    groups = queue_for(actor, at=now())
    takes_calls = permitted(actor, "console.call")
    calls = calls_waiting(actor) if takes_calls else []
    return {
        "groups": groups,
        "calls": calls,
        "call_backs": call_backs_due(actor) if takes_calls else [],
        "call_back_reasons": CALL_BACK_REASONS,
        "strip": strip_of(groups, len(calls)),
        "free_units": free_units(actor),
        "page_keys": [("y", _("why the row stands there"))],
        # A queue has a hundred rows: their addresses are one address and the number.
        "incident_base": reverse("console:incident", args=["-"]).removesuffix("-"),
    }


@screen("console.incident")
def find_part(request: HttpRequest) -> HttpResponse:
    """What the command box offers for what was typed so far."""
    text = request.GET.get("q", "").strip()
    found = find(page_actor(request), text, at=now())
    return render(request, "console/parts/found.html", {"found": found, "text": text})


def pulse(request: HttpRequest) -> JsonResponse:
    """Server time, and a mark that changes with what the reader may see; for pages without the live stream."""
    actor = page_actor(request)
    return JsonResponse(
        {"now_ms": int(now().timestamp() * 1000), "mark": change_mark(actor)},
        headers={"Cache-Control": "no-store"},
    )
