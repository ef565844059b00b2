"""What every page's frame needs, and the pages its header leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.functional import Promise

from anlan.core.clock import now
from anlan.core.permissions import permitted
from anlan.core.standing import standing_told

THEMES = ("dark", "light")
PAGES_IN_SIGHT = 5
"""So many pages stand side by side in the header of an office screen, in either language; others behind one word."""


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A page in the header: its word, its address' name, and the action one must be permitted to see it."""

    label: str | Promise
    url_name: str
    action: str
    order: int = 100


_entries: dict[str, NavigationEntry] = {}


def navigation_add(label: str | Promise, url_name: str, action: str, *, order: int = 100) -> None:
    """Put a page into the header; rooms do this when they are made ready."""
    _entries[url_name] = NavigationEntry(label, url_name, action, order)


_shell_parts: list[str] = []


def shell_part_add(template: str) -> None:
    """Put a part of a higher room (a badge) into the head of every page of a signed-in person."""
    if template not in _shell_parts:
        _shell_parts.append(template)


_dark: set[str] = set()


def dark_add(*url_names: str) -> None:
    """Say which pages are drawn dark where nobody has chosen: what is refused from them is told dark as well."""
    _dark.update(url_names)


def look_of(request: HttpRequest) -> str:
    """How a page that stands in for the one asked for is drawn: as that one, else as the one it was asked from."""
    match = getattr(request, "resolver_match", None)
    if match is not None and match.view_name in _dark:
        return "dark"
    try:
        came_from = urlsplit(request.headers.get("Referer", "")).path
        return "dark" if came_from and resolve(came_from).view_name in _dark else "light"
    except (Resolver404, ValueError):
        return "light"


def navigation_for(actor: Any) -> list[dict[str, Any]]:
    """The header's pages for ``actor``, in order; none for somebody not signed in."""
    if actor is None or actor.kind == "anonymous":
        return []
    return [
        {"label": entry.label, "url": reverse(entry.url_name), "url_name": entry.url_name}
        for entry in sorted(_entries.values(), key=lambda e: (e.order, e.url_name))
        if permitted(actor, entry.action)
    ]


def page_shell(request: HttpRequest) -> dict[str, Any]:
    """Actor, server time (the one clock of all ages), theme, pages, and the address of the live stream."""
    actor = getattr(request, "actor", None)
    theme = request.COOKIES.get("anlan_theme", "")
    match = getattr(request, "resolver_match", None)
    pages = navigation_for(actor)
    in_sight = PAGES_IN_SIGHT if len(pages) > PAGES_IN_SIGHT + 1 else len(pages)
    return {
        "actor": actor,
        "server_now": now(),
        "live_url": settings.LIVE_URL,
        "live_port_offset": settings.LIVE_PORT_OFFSET,
        "live_cursor": getattr(request, "live_cursor", ""),
        "pulse_url": _address("console:pulse"),
        "find_url": _address("console:find"),
        "theme": theme if theme in THEMES else "",
        "default_theme": "light",
        "navigation": pages[:in_sight],
        "navigation_more": pages[in_sight:],
        "shell_parts": _shell_parts if getattr(actor, "kind", "") == "person" else (),
        "here": match.view_name if match else "",
        "is_demo": settings.DEMO,
        "standing_notes": standing_told(now()) if getattr(actor, "kind", "anonymous") != "anonymous" else (),
    }


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
