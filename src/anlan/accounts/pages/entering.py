"""From the first proof to the second and in: what the ways of signing in share."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from anlan.accounts.errors import SignInLocked
from anlan.accounts.models import Person
from anlan.accounts.rules import HALF_WAY_FOR
from anlan.accounts.selectors import actor_for, factor_demand_on, factor_of, password_due, sign_in_locked
from anlan.accounts.services import session_note, sign_in_record
from anlan.core.clock import now
from anlan.core.errors import DomainError

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"
HALF_WAY = "half_way"
"""In the session: who gave the first proof, when, how, and where they want to go."""
PROVEN = "proven"
"""Half way in: the second proof was given, by this, and only a password of one's own is wanting."""
BY_SERVICE = "by_service"
"""In the session: the bureau's sign-in service let this one in, and holds a session of its own."""


def next_of(request: HttpRequest) -> str:
    """Where to go on: only within this site."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return _safe(request, target)


def _safe(request: HttpRequest, target: str) -> str:
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"


def address_of(request: HttpRequest) -> str:
    """Where the request comes from: what the server sees, or behind proxies of the house what the outermost saw.

    Each proxy adds whom it was asked by at the end; what stands before that anybody may have written.
    """
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if 0 < settings.PROXIES <= len(told):
        return told[-settings.PROXIES][:64]
    return str(request.META.get("REMOTE_ADDR", ""))


def locked(request: HttpRequest, username: str, at: datetime) -> SignInLocked | None:
    """The refusal for who has tried too often, until when; None for everybody else."""
    row = sign_in_locked(username=username, address=address_of(request), at=at)
    return SignInLocked(failures=row.failures, since=row.failed_at, until=row.locked_until) if row else None


def wait_told(response: HttpResponse, refusal: DomainError | None, at: datetime) -> HttpResponse:
    """The answer, with how long to wait where one has to."""
    if isinstance(refusal, SignInLocked):
        response.headers["Retry-After"] = str(max(1, round((refusal.facts["until"] - at).total_seconds())))
    return response


def come_in(
    request: HttpRequest,
    person: Person,
    *,
    target: str = "",
    by_service: bool = False,
    is_twofold: bool = False,
    service_names: tuple[str, str] = ("", ""),
) -> HttpResponse:
    """On from the first proof: in, or to the second where one is set or demanded.

    ``by_service``: the bureau's sign-in service gave the first proof; ``is_twofold``: it asked for two, and the
    operator takes that for the second; ``service_names``: what it calls the person and the session there.
    """
    at = now()
    target = target or next_of(request)
    is_enough = factor_of(person) is None and factor_demand_on(person, at=at) is None
    request.session[HALF_WAY] = {
        "person": person.pk,
        "at": at.isoformat(),
        "next": target,
        "by_service": by_service,
        "service_names": service_names,
    }
    if is_twofold or is_enough:
        return enter(request, person, factor="service" if is_twofold else "")
    request.session.cycle_key()
    return HttpResponseRedirect(reverse("accounts:code"))


def half_way(request: HttpRequest) -> Person | None:
    """Who gave the first proof in this browser, as long as it holds and the account is open."""
    held = request.session.get(HALF_WAY)
    if not held or not timedelta() <= now() - datetime.fromisoformat(held["at"]) < HALF_WAY_FOR:
        return None
    return Person.objects.filter(pk=held["person"], is_active=True).first()


def enter(request: HttpRequest, person: Person, *, factor: str = "") -> HttpResponse:
    """Past the second proof: in, or first to a password of one's own where another one is due.

    On the record stands with which second proof: ``app``, ``recovery``, ``service`` or none.
    """
    held = request.session.get(HALF_WAY)
    if held and not held.get("by_service") and password_due(person, at=now()):
        request.session[HALF_WAY] = {**held, PROVEN: factor}
        request.session.cycle_key()
        return HttpResponseRedirect(reverse("accounts:new_password"))
    return be_in(request, person, factor=factor)


def be_in(request: HttpRequest, person: Person, *, factor: str = "") -> HttpResponse:
    """Signed in, noted and on the record."""
    at = now()
    held = request.session.pop(HALF_WAY, None) or {}
    target = _safe(request, held["next"]) if held else next_of(request)
    login(request, person, backend=PASSWORD_BACKEND)
    by = actor_for(person, at=at)
    by_service = bool(held.get("by_service"))
    if by_service:
        request.session[BY_SERVICE] = True
    note_session(request, person, at, names=tuple(held.get("service_names") or ("", "")))
    sign_in_record(person=person, by=by, at=at, address=address_of(request), factor=factor, by_service=by_service)
    return HttpResponseRedirect(target)


def note_session(request: HttpRequest, person: Person, at: datetime, *, names: tuple[str, ...] = ("", "")) -> None:
    """Have it said of this session whose it is, so that it can be seen and ended."""
    session_note(
        person=person,
        session_key=str(request.session.session_key),
        at=at,
        browser=browser_of(request),
        service_subject=names[0],
        service_session=names[1],
    )


def browser_of(request: HttpRequest) -> str:
    """``Chrome · Linux``: as much as tells one's own machines apart, and no more."""
    told = request.headers.get("User-Agent", "")
    browsers = ("Edg", "Firefox", "Chrome", "Safari")
    systems = ("Android", "iPhone", "Windows", "Mac OS", "Linux")
    found = [next((each for each in known if each in told), "") for known in (browsers, systems)]
    return " · ".join(part for part in found if part)
