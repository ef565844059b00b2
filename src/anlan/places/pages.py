"""The map over HTTP: one archive read by ranges, and a style for day and for night."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from anlan.core.pages import page_actor
from anlan.core.ranges import file_answer
from anlan.places.basemap_store import basemaps_dir
from anlan.places.basemap_style import Look, empty_style, raster_style, vector_style
from anlan.places.errors import BasemapFileGone, NoBasemap
from anlan.places.models import Basemap
from anlan.places.selectors import basemap_attribution, basemap_in_use

ACTION = "places.map_view"
FOREVER = "private, max-age=31536000, immutable"
EACH_TIME = "private, no-cache"


@require_safe
def tiles(request: HttpRequest) -> HttpResponseBase:
    """The archive of the map in use, whole or a range of it (RFC 9110); ``?v=`` of the style lets it be kept."""
    page_actor(request, ACTION)
    row = basemap_in_use()
    if row is None:
        raise NoBasemap
    file = basemaps_dir() / row.file
    if not file.is_file() or file.stat().st_size != row.size_bytes:
        raise BasemapFileGone(name=row.name)
    etag = f'"{row.sha256[:32]}"'
    headers = {
        "Cache-Control": FOREVER if request.GET.get("v") == row.sha256[:12] else EACH_TIME,
        "Content-Type": "application/vnd.pmtiles",
    }
    return file_answer(request, lambda: file.open("rb"), size=row.size_bytes, etag=etag, headers=headers)


@require_safe
def style(request: HttpRequest, theme: str) -> HttpResponse:
    """The MapLibre style of the map in use; names in the reader's language, or in ``?lang=zh`` or ``en``."""
    page_actor(request, ACTION)
    asked = request.GET.get("lang") or get_language() or "zh"
    look = Look(theme, "en" if asked.startswith("en") else "zh")
    with override("en" if look.language == "en" else "zh-hans"):
        made = _style(look)
    body = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": EACH_TIME, "Vary": "Cookie, Accept-Language"}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)


def _style(look: Look) -> dict[str, Any]:
    row = basemap_in_use()
    if row is None:
        return empty_style(look, metadata={"anlan:basemap": None})
    url = f"pmtiles://{reverse('basemap-tiles')}?v={row.sha256[:12]}"
    metadata = {
        "anlan:basemap": {
            "name": row.name,
            "origin": row.origin,
            "bounds": [row.west, row.south, row.east, row.north],
            "min_zoom": row.min_zoom,
            "max_zoom": row.max_zoom,
            "attribution": basemap_attribution(row),
            "approval_number": row.approval_number,
            "synthetic": row.is_synthetic,
            "made_at": row.made_at.isoformat(),
        }
    }
    told: dict[str, Any] = {"url": url, "attribution": basemap_attribution(row), "metadata": metadata}
    if row.kind == Basemap.Kind.MVT:
        made = vector_style(look, **told)
    else:
        # Drawn maps come as PNG; only photographs bear what JPEG does to thin lines.
        made = raster_style(look, **told, is_photo=row.kind == Basemap.Kind.JPEG)
    made |= {"center": [(row.west + row.east) / 2, (row.south + row.north) / 2], "zoom": max(row.min_zoom, 10)}
    return made


urlpatterns = [
    path("tiles.pmtiles", tiles, name="basemap-tiles"),
    path("style-light.json", style, {"theme": "light"}, name="basemap-style-light"),
    path("style-dark.json", style, {"theme": "dark"}, name="basemap-style-dark"),
]
