"""What a browser with nothing in its cache has to fetch stays small, as it goes over the wire."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from anlan.console.built import FOLDER, MANIFEST

KB = 1000
CONSOLE = "src/main.ts"
SCRIPTS_MAX, CONSOLE_MAX, QUEUE_MAX = 450 * KB, 1_200 * KB, 160 * KB
"""Of the map console the scripts that do not wait, and the whole; of the queue page the whole."""
MAP_DATA = 650 * KB
"""Left of the console's whole for the map's own data, which come with an import: tiles, labels, figures."""


def sent(path: str) -> int:
    """Bytes of a file of ours on the wire."""
    found = finders.find(path)
    assert isinstance(found, str), path
    return packed(Path(found).read_bytes())


def packed(raw: bytes) -> int:
    return len(gzip.compress(raw, 9, mtime=0))


def needed(manifest: dict, entry: str, *, later: bool) -> set[str]:
    """All files a program loads at once, and those it loads ``later``."""
    keys, waiting = set(), [entry]
    while waiting:
        if (key := waiting.pop()) not in keys:
            keys.add(key)
            waiting += [
                *manifest[key].get("imports", ()),
                *(manifest[key].get("dynamicImports", ()) if later else ()),
            ]
    each = [(manifest[key]["file"], *manifest[key].get("css", ()), *manifest[key].get("assets", ())) for key in keys]
    return {name for names in each for name in names}


def test_the_map_console_is_loaded_within_its_weight():
    found = finders.find(MANIFEST)
    if not isinstance(found, str):
        pytest.skip("the browser's programs were not built here")
    manifest = json.loads(Path(found).read_text(encoding="utf-8"))
    at_once = sum(sent(f"{FOLDER}/{name}") for name in needed(manifest, CONSOLE, later=False) if name.endswith(".js"))
    assert 10 * KB < at_once <= SCRIPTS_MAX
    # The map draws in a worker of its own, which no manifest names.
    files = needed(manifest, CONSOLE, later=True)
    files |= {path.name for path in Path(found).parent.glob("maplibre-gl-worker*.js")}
    sizes = {name: sent(f"{FOLDER}/{name}") for name in files}
    assert at_once < sum(sizes.values()) <= CONSOLE_MAX - MAP_DATA, sizes


@pytest.mark.django_db(databases="__all__")
def test_the_queue_page_is_loaded_within_its_weight(client, world):
    client.force_login(world.people["ada"])
    page = client.get(reverse("console:queue")).content
    files, waiting = set(), re.findall(r'(?:src|href)="/static/([^"?]+\.(?:js|css))', page.decode())
    while waiting:
        if (path := waiting.pop()) not in files:
            files.add(path)
            text = Path(str(finders.find(path))).read_text(encoding="utf-8")
            inside = re.findall(r'(?:from|import) "(\.{1,2}/[^"]+)"', text) if path.endswith(".js") else []
            waiting += [str((Path("/") / path).parent.joinpath(name).resolve())[1:] for name in inside]
    sizes = {path: sent(path) for path in files}
    assert len(sizes) >= 8
    assert packed(page) + sum(sizes.values()) <= QUEUE_MAX, sizes


def test_what_is_too_heavy_is_noticed():
    assert packed(random.Random(1).randbytes(KB)) > KB
    heavy = {
        "a": {"file": "a.js", "imports": ["b"], "dynamicImports": ["c"]},
        "b": {"file": "b.js"},
        "c": {"file": "c.js"},
    }
    assert needed(heavy, "a", later=False) == {"a.js", "b.js"}
    assert needed(heavy, "a", later=True) == {"a.js", "b.js", "c.js"}
