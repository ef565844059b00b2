"""Page-wide guards: where scripts may come from, and how a refusal looks on a page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from anlan.core.clock import now
from anlan.core.context import look_of
from anlan.core.disk import store_refusal
from anlan.core.errors import DomainError, FormStale, NotSignedIn, PageFailed, PageUnknown
from anlan.core.standing import change_refusal


class ContentSecurityPolicy:
    """Everything comes from this host; nothing inline runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        live = settings.LIVE_URL or f"{request.scheme}://{request.get_host().rsplit(':', 1)[0]}:*"
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action 'self'; connect-src 'self' {live}",
        )
        return response


class RefusalPages:
    """A ``DomainError`` from a page becomes the same words in HTML (or JSON for the API)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            full = store_refusal(exception, at=now())
            if full is None:
                return None
            exception = full
        if isinstance(exception, NotSignedIn) and not _wants_json(request):
            return HttpResponse(
                status=302, headers={"Location": f"{settings.LOGIN_URL}?next={request.get_full_path()}"}
            )
        return refused(request, exception)


class SecondMachine:
    """Refuses changes where another machine took over; if it may have, all but new calls, where so agreed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            refusal = change_refusal(request.path, at=now())
            if refusal is not None:
                return refused(request, refusal)
        return self.get_response(request)


def refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """The refusal as JSON to a program, as a fragment to a part of a page, else as a page of its own."""
    if _wants_json(request):
        return JsonResponse(refusal.as_json(), status=refusal.status)
    template = "core/refusal_fragment.html" if request.headers.get("HX-Request") else "core/refusal.html"
    return render(request, template, {"refusal": refusal, "default_theme": look_of(request)}, status=refusal.status)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")


def form_stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, told as every refusal is."""
    return refused(request, FormStale())


def page_unknown(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that leads nowhere."""
    return refused(request, PageUnknown())


def page_failed(request: HttpRequest) -> HttpResponse:
    """A fault of the program's own. Whatever failed may fail again, so this page asks neither store nor session."""
    fault = PageFailed(at=now())
    if _wants_json(request):
        return JsonResponse(fault.as_json(), status=fault.status)
    template = "core/refusal_fragment.html" if request.headers.get("HX-Request") else "core/fault.html"
    return HttpResponse(render_to_string(template, {"refusal": fault}), status=fault.status)
