"""What every room's HTML pages share: who acts, and one command once per form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from anlan.core.actor import Actor
from anlan.core.api import actor_of
from anlan.core.clock import now
from anlan.core.idempotency import run_once

KEY_FIELD = "idempotency_key"


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
