"""In by the bureau's own sign-in service: there, back, and out again. Where none is set up there is no such page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.accounts.errors import SignInStale
from anlan.accounts.pages.entering import come_in, next_of
from anlan.accounts.rules import SERVICE_WITHIN
from anlan.accounts.selectors import ANONYMOUS
from anlan.accounts.services import identity_take, sessions_end_by_service
from anlan.accounts.sign_in_service import provider
from anlan.core.clock import now
from anlan.core.errors import PageUnknown

if TYPE_CHECKING:
    from anlan.accounts.provider import Provider

CLOCKS_APART = timedelta(seconds=60)
"""So far the two clocks may be apart: what was begun just before the service spoke ends in any case."""
BEGUN = "sign_in_service"
"""In the session: what was begun at the service, until it is answered once."""


def _service() -> Provider:
    service = provider()
    if service is None:
        raise PageUnknown
    return service


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("accounts:service_back"))


def service_begin(request: HttpRequest) -> HttpResponse:
    """To the service, with what shows on the way back that it was this browser that went."""
    service, at = _service(), now()
    begun = service.begin(_back(request), at=at)
    request.session[BEGUN] = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "next": next_of(request),
        "at": at.isoformat(),
    }
    return HttpResponseRedirect(begun.url)


def service_back(request: HttpRequest) -> HttpResponse:
    """Back from the service: in, or to the second proof where one is due and the service asked for none."""
    service, at = _service(), now()
    held = request.session.pop(BEGUN, None)
    told = request.GET.dict()
    if held is None or told.get("state") != held["state"] or not _is_fresh(held["at"], at):
        raise SignInStale(minutes=SERVICE_WITHIN.seconds // 60, at=at)
    # Forgotten before the service is asked: whatever comes of it, and be it a fault, it is answered once.
    request.session.save()
    proof = service.proof(told, back=_back(request), nonce=held["nonce"], verifier=held["verifier"], at=at)
    person = identity_take(proof=proof, service=service.title, admit=service.admit, by=ANONYMOUS, at=at)
    return come_in(
        request,
        person,
        target=held["next"],
        by_service=True,
        is_twofold=proof.is_twofold,
        service_names=(proof.subject, proof.session),
    )


@csrf_exempt
@require_POST
def service_gone(request: HttpRequest) -> HttpResponse:
    """The service itself, no browser, says that somebody has left or was shut out there: so they are here.

    What it signed is looked at like any proof; whoever else comes is refused and nothing ends.
    """
    service, at = _service(), now()
    leaving = service.leaving(request.POST.get("logout_token", ""), at=at)
    sessions_end_by_service(
        subject=leaving.subject,
        session=leaving.session,
        before=leaving.told_at + CLOCKS_APART,
        by=ANONYMOUS,
        at=at,
    )
    response = HttpResponse(status=200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_fresh(begun: str, at: datetime) -> bool:
    return timedelta() <= at - datetime.fromisoformat(begun) < SERVICE_WITHIN


def service_leave(request: HttpRequest) -> HttpResponse:
    """Out at the service as well, for who has signed out here; back to our door where it has no such place."""
    door = request.build_absolute_uri(reverse("accounts:sign_in"))
    return HttpResponseRedirect(_service().leave(door, at=now()) or door)
