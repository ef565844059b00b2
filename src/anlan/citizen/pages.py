"""Pages for citizens, without sign-in and without a script, and the desk at which their requests are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from anlan.citizen import selectors, services
from anlan.citizen.errors import CodeUnknown, LinkOver, LinkUnknown, LinkUsed, TooManyTries
from anlan.citizen.rules import RATING_REASONS, RATINGS, WORDS_MAX
from anlan.core.clock import now
from anlan.core.errors import BadInput, DomainError, NotFound
from anlan.core.pages import command_post, page_actor

app_name = "citizen"


@never_cache
def track(request: HttpRequest, code: str = "") -> HttpResponse:
    """Enter code and digits; on POST the page of the report. The address alone opens nothing."""
    if request.method != "POST":
        return render(request, "citizen/track.html", {"code": code[:20]})
    return _report(request)


@never_cache
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Take the report back, or say it is not settled; then the page of the report as it stands."""

    def act(shown: selectors.Followed, at: datetime) -> None:
        kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
        services.request_make(call=shown.call, kind=kind, text=text, by=selectors.CITIZEN, at=at)

    return _report(request, act)


def _report(request: HttpRequest, act: Any = None) -> HttpResponse:
    at = now()
    code, digits = request.POST.get("code", "")[:64], request.POST.get("digits", "")[:16]
    address = str(request.META.get("REMOTE_ADDR", ""))
    entered = {"code": code, "digits": digits}
    if (locked := selectors.guess_locked(code=code, address=address, at=at)) is not None:
        refusal = TooManyTries(failures=locked.failures, until=locked.locked_until)
        response = render(request, "citizen/track.html", {**entered, "refusal": refusal}, status=refusal.status)
        left_s = (locked.locked_until - at).total_seconds() if locked.locked_until else 0
        response.headers["Retry-After"] = str(max(1, round(left_s)))
        return response
    try:
        shown = selectors.followed(code, digits, at=at)
    except NotFound:
        services.guess_failed(code=code, address=address, by=selectors.CITIZEN, at=at)
        return render(request, "citizen/track.html", {**entered, "refusal": CodeUnknown()}, status=CodeUnknown.status)
    refusal_made: DomainError | None = None
    if act is not None:
        try:
            act(shown, at)
        except DomainError as refused:
            refusal_made = refused
        shown = selectors.followed(code, digits, at=at)
    context = {"shown": shown, "refusal": refusal_made, "most": WORDS_MAX, "made": act is not None, **entered}
    return render(request, "citizen/report.html", context, status=refusal_made.status if refusal_made else 200)


@never_cache
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """How did it go? Opening the page uses nothing up: programs that preview links open them too."""
    at = now()
    context: dict[str, Any] = {"ratings": sorted(RATINGS.items(), reverse=True), "reasons": RATING_REASONS.items()}
    try:
        if request.method == "POST":
            row = services.rating_give(
                token=token,
                rating=_rating(request.POST.get("rating", "")),
                reason=request.POST.get("reason", ""),
                note=request.POST.get("note", ""),
                by=selectors.CITIZEN,
                at=at,
            )
            return render(request, "citizen/rated.html", {"invite": row})
        context["invite"] = _open_invite(token, at)
    except BadInput:
        context |= {"invite": _open_invite(token, at), "missing": True}
        return render(request, "citizen/rate.html", context, status=BadInput.status)
    return render(request, "citizen/rate.html", context)


def _rating(text: str) -> int:
    return int(text) if text in {"1", "2", "3", "4", "5"} else 0


def _open_invite(token: str, at: datetime) -> Any:
    row = selectors.invite_by_token(token)
    if row is None:
        raise LinkUnknown
    if row.rated_at is not None:
        raise LinkUsed(since=row.rated_at)
    if row.expires_at <= at:
        raise LinkOver(until=row.expires_at)
    return row


def requests(request: HttpRequest) -> HttpResponse:
    """What citizens asked of the actor's organisations."""
    actor = page_actor(request, "citizen.requests")
    context = {
        "waiting": selectors.requests_waiting(actor),
        "answered": selectors.requests_answered(actor),
        "most": WORDS_MAX,
    }
    return render(request, "citizen/requests.html", context)


@require_POST
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Grant or refuse one of them, with words."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        row = services.request_answer(
            request=selectors.request_for(actor, request_id),
            grant=request.POST.get("grant") == "yes",
            answer=request.POST.get("answer", ""),
            by=actor,
            at=at,
        )
        return {"request": row.pk}

    command_post(request, "citizen.answer", act)
    return HttpResponseRedirect(reverse("citizen:requests"))


urlpatterns = [
    path("track", track, name="track"),
    path("track/ask", ask, name="ask"),
    path("track/<str:code>", track, name="track_code"),
    path("r/<str:token>", rate, name="rate"),
    path("citizens", requests, name="requests"),
    path("citizens/<int:request_id>", answer, name="answer"),
]
