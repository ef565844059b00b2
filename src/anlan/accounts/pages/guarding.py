"""Looks beyond one's own organisation, and the accounts themselves for those who guard the doors."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.accounts.models import GlassBroken, Organisation, Person
from anlan.accounts.profiles import STALE_AFTER, profile
from anlan.accounts.selectors import (
    glass_for,
    glasses_for,
    organisations_beyond,
    people_told,
    person_known,
    tokens_told,
)
from anlan.accounts.services import glass_break, glass_give_back, glass_review, sessions_end
from anlan.accounts.services.glass import GLASS_LASTS, REASON_LEAST, REASON_MOST
from anlan.core.clock import now
from anlan.core.errors import BadInput, DomainError
from anlan.core.pages import command_post, page_actor


def beyond(request: HttpRequest) -> HttpResponse:
    """Who looks, or looked, beyond their organisation: oneself, into one's own, or all for a privacy officer."""
    return _beyond(request)


def _beyond(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    actor, at = page_actor(request, "accounts.glass_view"), now()
    context = {
        "rows": glasses_for(actor, at=at),
        "choices": organisations_beyond(actor),
        "minutes": round(GLASS_LASTS.total_seconds() / 60),
        "least": REASON_LEAST,
        "most": REASON_MOST,
        "refusal": refusal,
        "typed": request.POST if refusal else {},
        "at": at,
    }
    return render(request, "accounts/beyond.html", context, status=refusal.status if refusal else 200)


@require_POST
def beyond_break(request: HttpRequest) -> HttpResponse:
    """Reach another organisation for half an hour."""

    def act(actor: Any, at: Any) -> int:
        code = request.POST.get("organisation", "")
        organisation = Organisation.objects.filter(code=code, is_active=True).first()
        if organisation is None:
            raise BadInput(field="organisation", problem=code or "–")
        return int(glass_break(organisation=organisation, reason=request.POST.get("reason", ""), by=actor, at=at).pk)

    try:
        command_post(request, "accounts.break_glass", act)
    except DomainError as refusal:
        if request.headers.get("Accept", "").startswith("application/json") or refusal.status in (401, 403):
            raise
        return _beyond(request, refusal)
    return HttpResponseRedirect(reverse("accounts:beyond"))


@require_POST
def beyond_back(request: HttpRequest, glass: int) -> HttpResponse:
    """Give it back before its time."""

    def act(actor: Any, at: Any) -> bool:
        return glass_give_back(glass=glass_for(actor, glass), by=actor, at=at)

    command_post(request, "accounts.break_glass", act)
    return HttpResponseRedirect(reverse("accounts:beyond"))


@require_POST
def beyond_review(request: HttpRequest, glass: int) -> HttpResponse:
    """Say what was found."""

    def act(actor: Any, at: Any) -> None:
        row: GlassBroken = glass_for(actor, glass)
        glass_review(glass=row, finding=request.POST.get("finding", ""), by=actor, at=at)

    command_post(request, "accounts.glass_review", act)
    return HttpResponseRedirect(reverse("accounts:beyond"))


def people(request: HttpRequest) -> HttpResponse:
    """Who has an account in one's reach: roles, since when nobody came in, and where they are signed in now."""
    actor, at = page_actor(request, "accounts.people"), now()
    context = {
        "rows": people_told(actor, at=at),
        "tokens": tokens_told(actor, at=at),
        "stale_after": STALE_AFTER,
        "rule": profile(),
    }
    return render(request, "accounts/people.html", context)


@require_POST
def people_out(request: HttpRequest, person: int) -> HttpResponse:
    """End all sessions of somebody, at once; they may sign in again unless the account is closed."""

    def act(actor: Any, at: Any) -> int:
        row: Person = person_known(actor, person)
        return sessions_end(person=row, by=actor, at=at, why="administrator")

    command_post(request, "accounts.guard", act)
    return HttpResponseRedirect(reverse("accounts:people"))
