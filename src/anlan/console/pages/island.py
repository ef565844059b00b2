"""The live console: one page with queue, map and incident, and the values it draws."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from time import monotonic
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from anlan.console import island_words
from anlan.console.asked import MOST_SHOWN, whole
from anlan.console.basemap import basemap
from anlan.console.built import built
from anlan.console.pages.calls import sheet_save
from anlan.console.screen import screen
from anlan.console.selectors import island as read
from anlan.console.selectors import surroundings
from anlan.console.selectors.closures import closures
from anlan.console.selectors.reach import LONGEST_MINUTES, reach_out, reach_to
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.context import navigation_for
from anlan.core.errors import BadInput
from anlan.core.pages import page_actor
from anlan.core.selectors import cursor_latest

ENTRY = "src/main.ts"
SHARED_S = 1.0
"""Desks of one reach that ask within this time, with nothing written since, are told the same picture."""
FIGURES_SHARED_S = 20.0
ROADS_SHARED_S = 5.0


@screen("console.queue")
def island(request: HttpRequest) -> HttpResponse:
    """The frame; the browser's own program fills it."""
    actor = page_actor(request)
    program = built(ENTRY)
    context = {
        "default_theme": "dark",
        "find_url": "",  # the console has a command bar of its own
        "built": program,
        "facts": _facts(request, actor) if program else None,
    }
    return render(request, "console/island.html", context)


def island_built() -> bool:
    """Whether the browser's program is here to be loaded."""
    return built(ENTRY) is not None


def _facts(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What the program must know before it asks for anything."""
    return {
        "urls": {
            "data": reverse("console:island_data"),
            "areas": reverse("console:island_areas"),
            "figures": reverse("console:island_figures"),
            "weather": reverse("console:island_weather"),
            "forecast": reverse("console:forecast_layer"),
            "taken": reverse("console:island_taken", args=[0]).removesuffix("0"),
            "reach": reverse("console:island_reach"),
            "roads": reverse("console:island_roads"),
            "call_save": reverse("console:island_call_save"),
            "call_new": reverse("console:call_new"),
            "queue": reverse("console:queue"),
            "units": reverse("console:units"),
            "basemap": basemap(),
        },
        "may": island_words.allowed(actor),
        "words": island_words.words(),
        "commands": island_words.commands(actor),
        "partners": read.partners(),
        "pages": [{"label": str(page["label"]), "url": page["url"]} for page in navigation_for(actor)],
        "ages": read.ages(),
        "name": actor.name,
        "first": _first(actor),
    }


def _first(actor: Actor) -> dict[str, Any]:
    """The picture to begin with, so that the queue stands before anything else is asked."""
    return read.snapshot(actor, at=now())


class _Shared:
    """The last few answers as bytes, by who may see the same and by what was last written."""

    def __init__(self, keep: int = 32) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, tuple[float, bytes]] = OrderedDict()

    def get(self, key: Hashable, max_age_s: float, make: Callable[[], Any]) -> bytes:
        """The held answer if it is young enough, else a fresh one."""
        with self._lock:
            held = self._held.get(key)
        if held is not None and monotonic() - held[0] < max_age_s:
            return held[1]
        body = json.dumps(make(), ensure_ascii=False, separators=(",", ":")).encode()
        with self._lock:
            self._held[key] = (monotonic(), body)
            self._held.move_to_end(key)
            while len(self._held) > self._keep:
                self._held.popitem(last=False)
        return body


_shared = _Shared()


def _json(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type="application/json")


@screen("console.queue")
def data(request: HttpRequest) -> HttpResponse:
    """Queue, calls, units and strip as they stand."""
    actor = page_actor(request)
    # Noted before anything is read: what was written since is never taken for what is held.
    cursor, at = cursor_latest(), now()

    def make() -> dict[str, Any]:
        return {"now_ms": int(at.timestamp() * 1000), **read.snapshot(actor, at=at)}

    return _json(_shared.get(("data", cursor, read.reach_key(actor)), SHARED_S, make))


@screen("console.queue")
def areas(request: HttpRequest) -> HttpResponse:
    """Beats, station areas, zones, booths and must-cover points."""
    found = read.areas(page_actor(request))
    found["features"] += surroundings.points(at=now())
    return JsonResponse(found)


@screen("console.queue")
def weather(request: HttpRequest) -> HttpResponse:
    """The weather as it is known now; the same for every desk."""
    page_actor(request)
    return JsonResponse(surroundings.weather(at=now()))


@screen("console.queue")
def roads(request: HttpRequest) -> HttpResponse:
    """Closed and slow roads as they hold now; the same for every desk."""
    page_actor(request)
    at = now()
    return _json(_shared.get(("roads", cursor_latest(), get_language()), ROADS_SHARED_S, lambda: closures(at=at)))


@screen("units.view")
def taken(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Who has taken a unit meanwhile."""
    return JsonResponse(surroundings.unit_taken(page_actor(request), unit_id))


@screen("reports.view")
def figures(request: HttpRequest) -> HttpResponse:
    """Today's figures for the strip."""
    actor, at = page_actor(request), now()
    key = ("figures", f"{at:%Y-%m-%d}", read.reach_key(actor))
    return _json(_shared.get(key, FIGURES_SHARED_S, lambda: read.day_figures(actor, at=at)))


@screen("units.view")
def reach(request: HttpRequest) -> HttpResponse:
    """Who can be at a point in how many minutes."""
    lon, lat = _number(request, "lon", 180.0), _number(request, "lat", 90.0)
    minutes = _minutes(request.GET.get("minutes", "1,3,5"))
    urgent = request.GET.get("urgent") == "1"
    at: datetime = now()
    return JsonResponse(reach_out(reach_to(page_actor(request), lon, lat, minutes, is_urgent=urgent, at=at)))


def _number(request: HttpRequest, name: str, most: float) -> float:
    text = request.GET.get(name, "")
    try:
        value = float(text)
    except ValueError:
        raise BadInput(field=name, problem=text[:MOST_SHOWN]) from None
    if not -most <= value <= most:
        raise BadInput(field=name, problem=text[:MOST_SHOWN])
    return value


def _minutes(text: str) -> list[int]:
    """``1,3,5`` as ascending whole minutes."""
    parts = text.split(",")
    found = {whole(part) or 0 for part in parts}
    if not all(1 <= part <= LONGEST_MINUTES for part in found) or len(parts) > 5:
        raise BadInput(field="minutes", problem=text[:MOST_SHOWN])
    return sorted(found)


@require_POST
def call_save(request: HttpRequest) -> JsonResponse:
    """Save the call sheet from the console's panel; tells the numbers instead of leading to another page."""
    return JsonResponse(sheet_save(request))
