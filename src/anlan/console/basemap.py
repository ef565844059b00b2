"""Which base map the browser programs draw under what they show."""

from __future__ import annotations

from django.urls import Resolver404, resolve

STYLES = {"light": "/basemap/style-light.json", "dark": "/basemap/style-dark.json"}


def basemap() -> dict[str, str] | None:
    """The addresses of the base map's two styles, where this server has them."""
    try:
        resolve(STYLES["light"])
    except Resolver404:
        return None
    return STYLES
