"""Each request has an actor, from the session or from a bearer token; a session that is over is nobody's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import user_logged_in
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from anlan.accounts.errors import TokenOver
from anlan.accounts.selectors import (
    ANONYMOUS,
    MAX_HELD,
    SEEN,
    SINCE,
    actor_by_person,
    actor_by_token,
    session_is_over,
    token_digest,
    token_over,
)
from anlan.accounts.services.tokens import USED_EVERY, token_used
from anlan.core.clock import now
from anlan.core.errors import DomainError
from anlan.core.reach import reaching_as

log = logging.getLogger(__name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Others are nobody's; least of all TRACE, which says back what only the browser should know."""
NEVER = datetime.min.replace(tzinfo=UTC)
SEEN_EVERY_S = 60
"""So far apart it is written down that somebody is there."""


class ActorMiddleware:
    """Sets ``request.actor`` (lazily) and marks token requests as free of CSRF, having no cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        request.actor = SimpleLazyObject(lambda: _actor(request))
        is_over = False
        if "Authorization" not in request.headers and settings.SESSION_COOKIE_NAME in request.COOKIES:
            is_over = _watched(request)
        is_page = "Authorization" not in request.headers and not request.COOKIES.get("anlan_language")
        if is_page and getattr(request.user, "is_authenticated", False):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        with reaching_as(request.actor):
            response = self.get_response(request)
        if secret := _bearer(request):
            _used(secret)
        if is_over and response.headers.get("Location", "").startswith(f"{settings.LOGIN_URL}?"):
            response.headers["Location"] += "&left=over"
        return response


def _watched(request: Any) -> bool:
    """Whether the session was over; else, where somebody did something, it goes on from now."""
    if not request.user.is_authenticated:
        return False
    at = now()
    if session_is_over(request.session, request.user, at=at):
        request.session.flush()
        request.user = AnonymousUser()
        return True
    # What a page asks by itself shows nobody at the screen: a step, a page gone to and a touch (``/here``) do.
    is_by_hand = request.method == "POST" or request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    seen = request.session.get(SEEN)
    if is_by_hand and isinstance(seen, int) and int(at.timestamp()) - seen >= SEEN_EVERY_S:
        _note(request.session, int(at.timestamp()))
    return False


def _note(session: Any, seen: int) -> None:
    """Put it down at once and by itself: a store that takes nothing just now must not spoil the page."""
    was_modified = session.modified
    session[SEEN] = seen
    try:
        session.save()
        session.modified = was_modified
    except (DatabaseError, UpdateError, DomainError) as problem:
        # A machine that was replaced takes nothing and still shows what it has; Django tells a store that took
        # nothing, and a session ended this moment, by its own.
        log.warning("that somebody is there could not be noted: %s", problem)
        session.modified = was_modified


@receiver(user_logged_in, dispatch_uid="anlan.accounts.middleware")
def session_begins(request: Any, **more: Any) -> None:
    """Whoever comes in, by whatever door, has a session that says since when."""
    request.session[SINCE] = request.session[SEEN] = int(now().timestamp())


_noted: dict[str, datetime] = {}
"""When each token was last looked at in this process, so that the store is asked once an hour and not each time."""


def _used(secret: str) -> None:
    """Note that a token is in use. What is nobody's is not noted, and a store that takes nothing spoils no answer."""
    at, digest = now(), token_digest(secret)
    if at - USED_EVERY < _noted.get(digest, NEVER) <= at:
        return
    try:
        if actor_by_token(secret, at=at) is not ANONYMOUS:
            if len(_noted) >= MAX_HELD:
                _noted.clear()
            _noted[digest] = at
            token_used(secret=secret, at=at)
    except (DatabaseError, DomainError) as problem:
        log.warning("that a token is in use could not be noted: %s", problem)


def _bearer(request: Any) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _actor(request: Any) -> Any:
    if secret := _bearer(request):
        at = now()
        actor = actor_by_token(secret, at=at)
        if actor is ANONYMOUS and (over := token_over(secret, at=at)):
            raise TokenOver(number=over.pk, label=over.label, since=over.created_at, until=over.expires_at)
        return actor
    if request.user.is_authenticated:
        return actor_by_person(request.user, at=now())
    return ANONYMOUS
