"""A place of the gazetteer: who answers for it, and what is or was the matter there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.accounts.models import Organisation
from anlan.console.screen import screen
from anlan.console.selectors.near import incidents_near
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import page_actor
from anlan.places.models import Place
from anlan.places.selectors import locate


@screen("places.search")
def place(request: HttpRequest, place_id: int) -> HttpResponse:
    """The place, who answers for it, and the incidents close by that the reader may see."""
    row = Place.objects.filter(pk=place_id).first()
    if row is None:
        raise NotFound
    lon, lat = _number(request, "lon", row.lon), _number(request, "lat", row.lat)
    where = locate(lon, lat)
    answering = Organisation.objects.in_bulk([pk for pk in (where.station_id, where.town_room_id) if pk])
    context = {
        "place": row,
        "lon": lon,
        "lat": lat,
        "station": answering.get(where.station_id),
        "town_room": answering.get(where.town_room_id),
        "beat": where.beat_code,
        "near": incidents_near(page_actor(request), lon, lat, at=now()),
        "default_theme": "light",
    }
    return render(request, "console/place.html", context)


def _number(request: HttpRequest, name: str, usual: float) -> float:
    """The point meant, which may differ from the gazetteer's (between two house numbers); near it only."""
    try:
        value = float(request.GET.get(name, usual))
    except ValueError:
        return usual
    return value if abs(value - usual) < 0.05 else usual
