"""Where the browser programs' built files are, by the builder's manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.templatetags.static import static

FOLDER = "console/island"
MANIFEST = f"{FOLDER}/manifest.json"


def built(entry: str) -> dict[str, Any] | None:
    """``{"js": address, "css": [addresses]}`` of a program by its source's path; None where it was not built.

    Styles of what it shares with other programs are named too.
    """
    found = finders.find(MANIFEST)
    if not isinstance(found, str):
        return None
    manifest = json.loads(Path(found).read_text(encoding="utf-8"))
    if entry not in manifest:
        return None
    css: list[str] = []
    waiting, seen = [entry], set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        css += [name for name in manifest[key].get("css", ()) if name not in css]
        waiting += manifest[key].get("imports", ())
    return {"js": static(f"{FOLDER}/{manifest[entry]['file']}"), "css": [static(f"{FOLDER}/{name}") for name in css]}
