"""Each request has an actor, from the session or from a bearer token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from anlan.accounts.selectors import ANONYMOUS, actor_by_person, actor_by_token
from anlan.core.clock import now
from anlan.core.reach import reaching_as


class ActorMiddleware:
    """Sets ``request.actor`` (lazily) and marks token requests as free of CSRF, having no cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))
        is_page = "Authorization" not in request.headers and not request.COOKIES.get("anlan_language")
        if is_page and getattr(request.user, "is_authenticated", False):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        with reaching_as(request.actor):
            return self.get_response(request)


def _actor(request: Any) -> Any:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret:
        return actor_by_token(secret.strip(), at=now())
    if request.user.is_authenticated:
        return actor_by_person(request.user, at=now())
    return ANONYMOUS
