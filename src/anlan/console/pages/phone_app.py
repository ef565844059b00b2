"""What makes the unit's page an app of the phone: its card, its service worker, and the page without contact.

None of these says anything about anybody: they are the same for all and may lie on the phone for ever.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.console.pages.phone import BUTTONS, Button

FILES = (
    "core/tokens.css",
    "core/base.css",
    "core/parts.css",
    "core/mark.svg",
    "core/shell.js",
    "core/clock.js",
    "core/line.js",
    "core/live.js",
    "core/live-worker.js",
    "console/console.css",
    "console/phone.css",
    "console/phone.js",
    "console/phone-store.js",
    "console/phone-media.js",
    "console/phone-visits.js",
    "django_htmx/htmx-2.min.js",
)
"""All that the unit's page is drawn with; kept on the phone, under the version of their contents."""
WORKER = "console/phone-worker.js"
ICONS = ((192, "any"), (512, "any"), (512, "maskable"))


def manifest(request: HttpRequest) -> HttpResponse:
    """The card by which a phone puts the page among its apps."""
    icons = [
        {
            "src": static(f"console/phone-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in ICONS
    ]
    card = {
        "name": _("Anlan: my unit"),
        "short_name": _("Anlan"),
        "id": reverse("console:phone"),
        "start_url": reverse("console:phone"),
        "scope": reverse("console:phone"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#ffffff",
        "theme_color": "#143a66",
        "icons": icons,
    }
    return _unkept(JsonResponse(card, content_type="application/manifest+json"))


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, told the version of what it keeps."""
    version, text = _worker()
    told = {"version": version, "files": [static(name) for name in FILES], "shell": reverse("console:phone_offline")}
    response = HttpResponse(
        f"const TOLD = {json.dumps(told)};\n{text}", content_type="text/javascript; charset=utf-8"
    )
    response.headers["Service-Worker-Allowed"] = reverse("console:phone")
    return _unkept(response)


def offline(request: HttpRequest) -> HttpResponse:
    """The page the phone shows without contact: buttons and an empty place for the job it keeps sealed itself."""
    buttons = [Button(deed, word, states, "") for deed, word, states in BUTTONS]
    context = {"buttons": buttons, "default_theme": "light", "is_shell": True}
    return _unkept(render(request, "console/phone_offline.html", context))


@lru_cache(maxsize=1)
def _worker() -> tuple[str, str]:
    """The version of all kept files together, and the worker's own text."""
    together = hashlib.sha256()
    for name in (*FILES, WORKER):
        together.update(_content(name))
    return together.hexdigest()[:16], _content(WORKER).decode()


def _content(name: str) -> bytes:
    found = finders.find(name)
    return Path(found).read_bytes() if isinstance(found, str) else b""


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-cache"
    return response
