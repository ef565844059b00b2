"""The second proof: asked for at the door, set up, and taken away again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.accounts.errors import CodeWrong
from anlan.accounts.models import Person
from anlan.accounts.pages.entering import address_of, come_in, enter, half_way, locked, wait_told
from anlan.accounts.rules import app_of
from anlan.accounts.selectors import (
    ANONYMOUS,
    actor_for,
    demand_told,
    factor_begun,
    factor_demand_on,
    factor_of,
    recovery_codes_left,
)
from anlan.accounts.services import (
    factor_begin,
    factor_remove,
    factor_set,
    factor_take,
    recovery_codes_make,
    sessions_end,
    sign_in_fail,
)
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, DomainError, NotSignedIn


def code(request: HttpRequest) -> HttpResponse:
    """Between password and first page: the code of the telephone, or one from paper."""
    person, at = half_way(request), now()
    if person is None:
        return HttpResponseRedirect(reverse("accounts:sign_in"))
    if factor_of(person) is None:
        # Demanded and not set yet; or taken away in the meantime, and then the password was enough.
        is_demanded = factor_demand_on(person, at=at) is not None
        return HttpResponseRedirect(reverse("accounts:second_factor")) if is_demanded else come_in(request, person)
    refusal: DomainError | None = None
    if request.method == "POST":
        used, refusal = _shown(request, person, at)
        if refusal is None:
            return enter(request, person, factor=used)
    context = {"refusal": refusal, "person": person, "default_theme": "light"}
    response = render(request, "accounts/code.html", context, status=refusal.status if refusal else 200)
    return wait_told(response, refusal, at)


def _shown(request: HttpRequest, person: Person, at: datetime) -> tuple[str, DomainError | None]:
    """What the code that was typed is, or why it opens nothing. Wrong ones count as wrong passwords do."""
    refusal: DomainError | None = locked(request, person.username, at)
    if refusal is not None:
        return "", refusal
    used = factor_take(person=person, code=request.POST.get("code", ""), by=actor_for(person, at=at), at=at)
    if used:
        return used, None
    sign_in_fail(username=person.username, address=address_of(request), by=ANONYMOUS, at=at)
    return "", locked(request, person.username, at) or CodeWrong(at=at)


def second_factor(request: HttpRequest) -> HttpResponse:
    """One's own second proof. Whoever must have one and hasn't comes here from the door, and sets it to go in."""
    at = now()
    is_in = request.user.is_authenticated
    person = Person.objects.get(username=request.user.get_username()) if is_in else half_way(request)
    if person is None or (not is_in and factor_of(person) is not None):
        raise NotSignedIn
    codes: list[str] = []
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            codes = _done(request, person, at)
        except DomainError as refused:
            refusal = refused
        if not codes and refusal is None:
            return HttpResponseRedirect(reverse("accounts:second_factor"))
    context = {**_standing(person, at), "codes": codes, "refusal": refusal, "default_theme": "light"}
    if codes and not is_in:
        context["next"] = enter(request, person, factor="app").headers["Location"]
    response = render(request, "accounts/second_factor.html", context, status=refusal.status if refusal else 200)
    response.headers["Cache-Control"] = "no-store"
    return wait_told(response, refusal, at)


def _done(request: HttpRequest, person: Person, at: datetime) -> list[str]:
    """Do what the button says; the new codes for a lost telephone where it makes any."""
    deed, by = request.POST.get("deed", ""), actor_for(person, at=at)
    if deed == "begin":
        factor_begin(person=person, by=by, at=at)
        return []
    if deed == "set":
        codes = factor_set(person=person, code=request.POST.get("code", ""), by=by, at=at)
        _end_elsewhere(request, person, by, at)
        return codes
    if deed not in ("codes", "remove"):
        raise BadInput(field="deed", problem=deed or "–")
    # Whoever finds a screen left open changes nothing here without the telephone.
    _used, refusal = _shown(request, person, at)
    if refusal is not None:
        raise refusal
    if deed == "codes":
        return recovery_codes_make(person=person, by=by, at=at)
    factor_remove(person=person, by=by, at=at)
    _end_elsewhere(request, person, by, at)
    return []


def _end_elsewhere(request: HttpRequest, person: Person, by: Actor, at: datetime) -> None:
    """Whoever came in by the proofs of before comes in anew; the browser that changed them goes on."""
    sessions_end(person=person, by=by, at=at, why="factor", spared=str(request.session.session_key))


def _standing(person: Person, at: datetime) -> dict[str, Any]:
    """What is set, what is demanded, and the picture an app reads where one is to be set."""
    factor, secret, demand = factor_of(person), factor_begun(person), factor_demand_on(person, at=at)
    told: dict[str, Any] = {
        "factor": factor,
        "demand": demand,
        "demand_told": demand_told(demand) if demand else "",
        "left": recovery_codes_left(person) if factor else 0,
    }
    if factor is None and secret:
        address = app_of(secret).get_provisioning_uri(person.username, str(_("Anlan")))
        told |= {
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        }
    return told
