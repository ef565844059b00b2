"""Where the browser programs' built files are, and which base map they draw under what they show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import Resolver404, resolve

FOLDER = "console/island"
MANIFEST = f"{FOLDER}/manifest.json"
STYLES = {"light": "/basemap/style-light.json", "dark": "/basemap/style-dark.json"}


def program(entry: str, *, manifest: str = MANIFEST) -> dict[str, Any] | None:
    """``{"js": address, "css": [addresses]}`` of a program by its source's path; None where it was not built.

    Styles of what it shares with other programs are named too.
    """
    found = finders.find(manifest)
    if not isinstance(found, str):
        return None
    known = json.loads(Path(found).read_text(encoding="utf-8"))
    if entry not in known:
        return None
    css: list[str] = []
    waiting, seen = [entry], set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        css += [name for name in known[key].get("css", ()) if name not in css]
        waiting += known[key].get("imports", ())
    return {"js": static(f"{FOLDER}/{known[entry]['file']}"), "css": [static(f"{FOLDER}/{name}") for name in css]}


def basemap() -> dict[str, str] | None:
    """The addresses of the base map's two styles, where this server has them."""
    try:
        resolve(STYLES["light"])
    except Resolver404:
        return None
    return STYLES
