"""Page-wide guards: where scripts may come from, and how a refusal looks on a page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from anlan.core.disk import store_full
from anlan.core.errors import DomainError, FormStale, NotSignedIn


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
            full = store_full(exception)
            if full is None:
                return None
            exception = full
        wants_json = request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")
        if wants_json:
            return JsonResponse(exception.as_json(), status=exception.status)
        if isinstance(exception, NotSignedIn):
            return HttpResponse(
                status=302, headers={"Location": f"{settings.LOGIN_URL}?next={request.get_full_path()}"}
            )
        fragment = bool(request.headers.get("HX-Request"))
        template = "core/refusal_fragment.html" if fragment else "core/refusal.html"
        return render(request, template, {"refusal": exception}, status=exception.status)


def form_stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, told as every refusal is."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    if wants_json:
        return JsonResponse(FormStale().as_json(), status=FormStale.status)
    fragment = bool(request.headers.get("HX-Request"))
    template = "core/refusal_fragment.html" if fragment else "core/refusal.html"
    return render(request, template, {"refusal": FormStale()}, status=FormStale.status)
