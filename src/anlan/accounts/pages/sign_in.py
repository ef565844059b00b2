"""Coming in, going out, and how the screens look: language and theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from anlan.accounts.errors import FirstPasswordOver
from anlan.accounts.forms import SignInForm
from anlan.accounts.models import Person, RoleGrant
from anlan.accounts.pages.entering import BY_SERVICE, address_of, come_in, enter, locked, next_of, wait_told
from anlan.accounts.profiles import idle_minutes
from anlan.accounts.selectors import ANONYMOUS, first_password_over
from anlan.accounts.services import sign_in_fail
from anlan.accounts.sign_in_service import provider
from anlan.core.clock import now
from anlan.core.errors import DomainError, NotFound

YEAR_S = 365 * 24 * 3600


def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; in a demo it also lists who one can be. Who tries too often waits, and is told how long."""
    at = now()
    refusal: DomainError | None = None
    if request.method == "POST":
        refusal = locked(request, request.POST.get("username", ""), at)
    # Whoever has to wait is not even asked whether the password was right.
    form = SignInForm(request, request.POST if request.method == "POST" and refusal is None else None)
    if form.is_bound and form.is_valid() and form.person is not None:
        over = first_password_over(form.person, at=at)
        if over is None:
            return come_in(request, form.person)
        refusal = FirstPasswordOver(since=form.person.password_set_at, until=over)
    if form.has_error(NON_FIELD_ERRORS):
        sign_in_fail(username=request.POST.get("username", ""), address=address_of(request), by=ANONYMOUS, at=at)
        refusal = locked(request, request.POST.get("username", ""), at)
    context = {
        "form": form,
        "refusal": refusal,
        "next": next_of(request),
        "demo_people": _demo_people(),
        "service": provider(),
        "left": request.GET.get("left", ""),
        "idle": idle_minutes(),
        "default_theme": "light",
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return wait_told(render(request, "accounts/sign_in.html", context, status=status), refusal, at)


@require_POST
def sign_in_demo(request: HttpRequest) -> HttpResponse:
    """Be one of the demo's people. Outside a demo this address does not exist."""
    person = Person.objects.filter(username=request.POST.get("username", ""), is_active=True).first()
    if not settings.DEMO or person is None:
        raise NotFound
    return enter(request, person)


def _demo_people() -> list[dict[str, object]]:
    """One person for each role of the demo, in the order of the roles."""
    if not settings.DEMO:
        return []
    grants = (
        RoleGrant.objects.filter(valid_to=None, person__is_active=True)
        .select_related("person", "organisation")
        .order_by("person__username")
    )
    first: dict[str, RoleGrant] = {}
    for grant in grants:
        first.setdefault(grant.role, grant)
    order = [role for role in RoleGrant._meta.get_field("role").flatchoices if role[0] in first]
    return [
        {"person": first[key].person, "role": label, "organisation": first[key].organisation} for key, label in order
    ]


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave. What the browser kept of half-filled forms stays on the machine until it is closed.

    Whoever came by the bureau's sign-in service is told that it still knows them, with the way out there as well.
    """
    is_known_there = bool(request.session.get(BY_SERVICE))
    logout(request)
    return HttpResponseRedirect(reverse("accounts:sign_in") + ("?left=service" if is_known_there else ""))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show the screens in another language, on this browser."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(next_of(request))
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=YEAR_S,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Dark or light, on this browser."""
    wanted = request.POST.get("theme", "")
    response = HttpResponseRedirect(next_of(request))
    if wanted in ("dark", "light"):
        response.set_cookie(
            "anlan_theme",
            wanted,
            max_age=YEAR_S,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
