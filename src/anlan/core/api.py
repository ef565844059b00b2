"""What every room's API endpoints share: one command takes effect once, refusals have one shape."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from copy import copy
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status
from ninja.utils import check_csrf

from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import FormStale, NotSignedIn
from anlan.core.idempotency import run_once
from anlan.core.permissions import require


class RefusalOut(Schema):
    """The one shape of every refusal."""

    code: str
    detail: str
    detail_i18n: dict[str, str]
    facts: dict[str, Any]


REFUSALS = {frozenset({400, 401, 403, 404, 409, 422}): RefusalOut}


def actor_of(request: HttpRequest, action: str | None = None) -> Actor:
    """The signed-in actor, refused here when not signed in or not permitted to do ``action``."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.kind == "anonymous":
        raise NotSignedIn
    if action is not None:
        require(actor, action)
    # Itself, not what stands for it until it is first asked: a call taken asks it over a hundred times.
    return copy(actor)


def signed_in(request: HttpRequest) -> Actor:
    """Whoever asks at the interface, before anything else of the request is looked at.

    A browser brings its cookie along to any address, also from a page of somebody else's; so what comes with a
    session and changes something must carry the token that only our own pages know. Raises ``NotSignedIn`` and
    ``FormStale``.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.kind == "anonymous":
        raise NotSignedIn
    if "Authorization" not in request.headers and check_csrf(request) is not None:
        raise FormStale
    return actor


def command(
    action: str,
    *,
    status: int = 200,
    key_optional: bool = False,
    is_plain: bool = False,
    before: Callable[[HttpRequest, Actor, datetime], Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make an endpoint a command: permission first, then the effect once per ``Idempotency-Key``.

    The endpoint takes ``(request, actor, at, …)`` and returns a JSON-able value, or
    ``(status, value)``. ``key_optional`` is for emergency intake, which is never refused for a missing
    header: the server then makes the key. ``is_plain`` spares the answer the check against a schema it
    does not have, where that counts. ``before`` reads and works out what needs no transaction before
    one opens, so that others can write meanwhile; the endpoint gets it as ``prepared``.
    """

    def wrap(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(endpoint)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            actor, at = actor_of(request, action), now()
            key = request.headers.get("Idempotency-Key", "")
            if not key and key_optional:
                key = f"server-{uuid4()}"

            def prepare() -> None:
                if before is not None:
                    kwargs["prepared"] = before(request, actor, at)

            def act() -> tuple[int, Any]:
                answer = endpoint(request, actor, at, *args, **kwargs)
                return answer if isinstance(answer, tuple) else (status, answer)

            target = f"{request.method} {request.path}\n".encode()
            code, response, _ = run_once(
                scope=f"{actor.kind}:{actor.id}",
                key=key,
                body=target + request.body,
                at=at,
                act=act,
                before=prepare,
            )
            if is_plain:
                text = json.dumps(response, ensure_ascii=False)
                return HttpResponse(text, status=code, content_type="application/json; charset=utf-8")
            return Status(code, response)

        # Ninja reads the signature: it must see the endpoint's own parameters, without actor and time.
        signature = inspect.signature(endpoint, eval_str=True)
        given = ("actor", "at", *(("prepared",) if before is not None else ()))
        parameters = [p for name, p in signature.parameters.items() if name not in given]
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        del run.__wrapped__  # type: ignore[attr-defined]
        return run

    return wrap
