"""What every page of the console does first: who looks, may they, and where the live stream stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from anlan.console.asked import NOTHING, cleaned
from anlan.console.live_places import place_told
from anlan.core.errors import NotFound
from anlan.core.pages import page_actor
from anlan.core.selectors import cursor_latest

View = Callable[..., HttpResponse]


def screen(action: str) -> Callable[[View], View]:
    """A page that needs permission for ``action``; refused before anything is read.

    The place in the event stream is noted before the page's data is read: what happens in between
    comes by the stream, and nothing falls into the gap.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            page_actor(request, action)
            if any(NOTHING in str(part) for part in kwargs.values()):
                raise NotFound
            request.GET = cleaned(request.GET)  # type: ignore[assignment]
            if not request.headers.get("HX-Request"):
                request.live_cursor = place_told(cursor_latest())  # type: ignore[attr-defined]
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return run

    return wrap


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page and not the whole of it."""
    return bool(request.headers.get("HX-Request"))
