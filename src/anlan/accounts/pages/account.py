"""One's own account: password, and where one is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.accounts.errors import PasswordWrong
from anlan.accounts.models import Person
from anlan.accounts.pages.entering import (
    HALF_WAY,
    PASSWORD_BACKEND,
    PROVEN,
    address_of,
    be_in,
    half_way,
    locked,
    note_session,
    wait_told,
)
from anlan.accounts.profiles import idle_minutes, profile
from anlan.accounts.selectors import ANONYMOUS, actor_for, factor_of, password_due, sessions_of
from anlan.accounts.services import password_change, sessions_end, sign_in_fail
from anlan.core.clock import now
from anlan.core.errors import BadInput, DomainError, NotSignedIn


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """Somebody is at the screen: the session goes on (``ActorMiddleware``)."""
    if not request.user.is_authenticated:
        raise NotSignedIn
    return HttpResponse(status=204)


def new_password(request: HttpRequest) -> HttpResponse:
    """At the door, both proofs given: a password of one's own, where the administrator set this one or it is old."""
    person, at = half_way(request), now()
    held = request.session.get(HALF_WAY) or {}
    if person is None or PROVEN not in held:
        return HttpResponseRedirect(reverse("accounts:sign_in"))
    why = password_due(person, at=at)
    if not why:
        return be_in(request, person, factor=held[PROVEN])
    refusal: DomainError | None = None
    if request.method == "POST":
        told = {"new": request.POST.get("new", ""), "again": request.POST.get("again", "")}
        try:
            password_change(person=person, old=None, by=actor_for(person, at=at), at=at, **told)
        except DomainError as refused:
            refusal = refused
        else:
            return be_in(request, person, factor=held[PROVEN])
    context = {"person": person, "why": why, "refusal": refusal, "rule": profile(), "default_theme": "light"}
    response = render(request, "accounts/new_password.html", context, status=refusal.status if refusal else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def account(request: HttpRequest) -> HttpResponse:
    """One's own account, inside: another password, and an end to sessions elsewhere."""
    if not request.user.is_authenticated:
        raise NotSignedIn
    at, person = now(), Person.objects.get(username=request.user.get_username())
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            _done(request, person, at)
        except DomainError as refused:
            refusal = refused
        else:
            return HttpResponseRedirect(f"{reverse('accounts:account')}?done={request.POST['deed']}")
    context = {
        "person": person,
        "refusal": refusal,
        "done": request.GET.get("done", ""),
        "rule": profile(),
        "idle": idle_minutes(),
        "factor": factor_of(person),
        "sessions": sessions_of(person, at=at),
        "here": request.session.session_key,
        "default_theme": "light",
    }
    response = render(request, "accounts/account.html", context, status=refusal.status if refusal else 200)
    response.headers["Cache-Control"] = "no-store"
    return wait_told(response, refusal, at)


def _done(request: HttpRequest, person: Person, at: datetime) -> None:
    deed, by = request.POST.get("deed", ""), actor_for(person, at=at)
    if deed == "password":
        _changed(request, person, by, at)
    elif deed == "end":
        row = request.POST.get("session", "")
        if not row.isdigit():
            raise BadInput(field="session", problem=row or "–")
        sessions_end(person=person, by=by, at=at, why="owner", only=int(row), spared=str(request.session.session_key))
    elif deed == "end_others":
        sessions_end(person=person, by=by, at=at, why="owner", spared=str(request.session.session_key))
    else:
        raise BadInput(field="deed", problem=deed or "–")


def _changed(request: HttpRequest, person: Person, by: Any, at: datetime) -> None:
    refusal = locked(request, person.username, at)
    if refusal is not None:
        raise refusal
    told = {name: request.POST.get(name, "") for name in ("old", "new", "again")}
    try:
        password_change(person=person, by=by, at=at, **told)
    except PasswordWrong as wrong:
        # Whoever finds a screen left open must not try passwords here either.
        sign_in_fail(username=person.username, address=address_of(request), by=ANONYMOUS, at=at)
        raise locked(request, person.username, at) or wrong from wrong
    # All sessions have ended with the old password; this one begins anew.
    request.session.flush()
    login(request, person, backend=PASSWORD_BACKEND)
    note_session(request, person, at)
