"""What every room's HTML pages share: who acts, and one command once per form."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from anlan.core.actor import Actor
from anlan.core.api import actor_of
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.idempotency import run_once

KEY_FIELD = "idempotency_key"
Told = TypeVar("Told", date, datetime)


def page_actor(request: HttpRequest, action: str | None = None) -> Actor:
    """The actor of a page; refusals become a page (or a redirect to sign-in) in the middleware."""
    return actor_of(request, action)


def command_post(request: HttpRequest, action: str, act: Callable[[Actor, Any], Any]) -> Any:
    """Run ``act(actor, at)`` once for this form's hidden key; a second click gets the first answer.

    ``act`` returns something JSON-able (an id, a small dict) that is kept with the key.
    """
    actor, at = page_actor(request, action), now()
    fields = {key: request.POST.getlist(key) for key in sorted(request.POST) if key != "csrfmiddlewaretoken"}
    body = f"{request.path}\n{json.dumps(fields, ensure_ascii=False, sort_keys=True)}".encode()
    key = request.POST.get(KEY_FIELD) or request.headers.get("Idempotency-Key", "")
    _, response, _ = run_once(
        scope=f"{actor.kind}:{actor.id}", key=key, body=body, at=at, act=lambda: (200, act(actor, at))
    )
    return response


def day_posted(request: HttpRequest, field: str) -> date:
    """The day a form names; ``BadInput`` where it is none, or of a year no clock here reaches."""
    return _posted(request, field, parse_date)


def moment_posted(request: HttpRequest, field: str) -> datetime:
    """The moment a form names, local time unless it says otherwise; ``BadInput`` like :func:`day_posted`."""
    found = _posted(request, field, parse_datetime)
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _posted(request: HttpRequest, field: str, read: Callable[[str], Told | None]) -> Told:
    text = request.POST.get(field, "")
    try:
        found = read(text)
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 9000:
        raise BadInput(field=field, problem=text[:40] or "–")
    return found
