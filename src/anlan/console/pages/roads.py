"""Closed and slow roads: what holds and what is announced, set and ended by a desk, each seen on a small map."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.console.screen import screen
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.places.models import RoadCondition
from anlan.places.selectors import Drawn, condition_drawn, heading_words, place_meant, road_graph
from anlan.places.services import road_condition_lift, road_condition_set

SHOWN = 60
DRAWN = 20
WIDE, HIGH, EDGE = 240.0, 150.0, 6.0
"""The small map, in units of its own."""
ARROW = 7.0
HOURS = (1, 2, 4, 8, 24)
_PLACE = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*[,，\s]\s*(-?\d{1,2}(?:\.\d{1,9})?)\s*")


@screen("places.map_view")
def roads(request: HttpRequest) -> HttpResponse:
    """What holds now and what is announced, the latest first; where one may, a form to set another."""
    actor, at = page_actor(request), now()
    rows = RoadCondition.objects.filter(lifted_at=None, ends_at__gt=at).select_related("organisation", "set_by")
    network = road_graph(at=at)
    found = list(rows.order_by("-set_at", "-id")[:SHOWN])
    context = {
        "rows": [
            {
                "row": row,
                "drawn": _map(condition_drawn(network, row), row) if network and k < DRAWN else None,
                "heading": heading_words(row.heading_deg),
            }
            for k, row in enumerate(found)
        ],
        "at": at,
        "has_roads": network is not None,
        "kinds": RoadCondition.Kind.choices,
        "causes": RoadCondition.Cause.choices,
        "hours": HOURS,
        "headings": [(degrees, heading_words(degrees)) for degrees in range(0, 360, 45)],
        "place": request.GET.get("place", "")[:120],
        "actor": actor,
        "default_theme": "light",
    }
    return render(request, "console/roads.html", context)


def _map(drawn: Drawn, row: RoadCondition) -> dict[str, Any]:
    """Lines as points of a small picture, north up, with metres the same both ways."""
    lines = [*drawn.meant, *drawn.around]
    lons = [lon for line in lines for lon, _lat in line] or [row.lon]
    lats = [lat for line in lines for _lon, lat in line] or [row.lat]
    shrink = math.cos(math.radians(row.lat))
    span = max(
        (max(lons) - min(lons)) * shrink / (WIDE - 2 * EDGE), (max(lats) - min(lats)) / (HIGH - 2 * EDGE), 1e-6
    )
    mid_lon, mid_lat = (max(lons) + min(lons)) / 2, (max(lats) + min(lats)) / 2

    def point(lon: float, lat: float) -> str:
        x = WIDE / 2 + (lon - mid_lon) * shrink / span
        return f"{x:.1f},{HIGH / 2 - (lat - mid_lat) / span:.1f}"

    return {
        "meant": [" ".join(point(*each) for each in line) for line in drawn.meant],
        "around": [" ".join(point(*each) for each in line) for line in drawn.around],
        "arrow": _arrow([point(*each) for each in drawn.meant[0]])
        if row.heading_deg is not None and drawn.meant
        else "",
        "names": drawn.names[:4],
        "links": drawn.links,
        "wide": WIDE,
        "high": HIGH,
    }


def _arrow(line: list[str]) -> str:
    """The head of an arrow in the middle of a line's longest leg, in the line's direction."""
    points = [tuple(map(float, each.split(","))) for each in line]
    (x0, y0), (x1, y1) = max(pairwise(points), key=lambda leg: math.dist(*leg))
    turn = math.atan2(y1 - y0, x1 - x0)
    tip_x, tip_y = (x0 + x1) / 2 + ARROW * math.cos(turn), (y0 + y1) / 2 + ARROW * math.sin(turn)
    sides = [
        f"{tip_x - 2 * ARROW * math.cos(turn + side):.1f},{tip_y - 2 * ARROW * math.sin(turn + side):.1f}"
        for side in (0.5, -0.5)
    ]
    return f"{sides[0]} {tip_x:.1f},{tip_y:.1f} {sides[1]}"


@require_POST
def roads_do(request: HttpRequest, deed: str) -> HttpResponse:
    """Set a closure or a slow-down, or end one before its time."""
    if deed not in ("set", "end"):
        raise NotFound

    def act(by: Actor, at: datetime) -> int:
        return _set(request, by, at) if deed == "set" else _end(request, by, at)

    command_post(request, "places.road_set", act)
    return HttpResponseRedirect(reverse("console:roads"))


def _set(request: HttpRequest, by: Actor, at: datetime) -> int:
    typed = request.POST
    lon, lat = _place(typed.get("place", ""))
    row = road_condition_set(
        kind=typed.get("kind", ""),
        cause=typed.get("cause", ""),
        lon=lon,
        lat=lat,
        radius_m=_number(typed.get("radius_m", ""), "radius_m") or 0.0,
        factor=_number(typed.get("factor", ""), "factor") if typed.get("kind") == "slow" else None,
        heading_deg=_number(typed.get("heading_deg", ""), "heading_deg"),
        hours=typed.get("hours", "").strip(),
        text=typed.get("text", "").strip(),
        starts_at=_moment(typed.get("starts_at", ""), "starts_at"),
        ends_at=_ends(typed.get("ends_at", ""), typed.get("for_h", ""), at),
        by=by,
        at=at,
    )
    return int(row.pk)


def _end(request: HttpRequest, by: Actor, at: datetime) -> int:
    typed = request.POST.get("condition", "")
    row = RoadCondition.objects.filter(pk=int(typed) if typed.isdecimal() and len(typed) < 16 else 0).first()
    if row is None:
        raise NotFound
    return int(road_condition_lift(condition=row, by=by, at=at).pk)


def _place(text: str) -> tuple[float, float]:
    """Coordinates as typed, or the one place the words mean: no road is closed on a guess."""
    told = _PLACE.fullmatch(text)
    if told:
        return float(told[1]), float(told[2])
    return place_meant(text)


def _number(text: str, field: str) -> float | None:
    try:
        value = float(text) if text.strip() else None
    except ValueError:
        raise BadInput(field=field, problem=text[:40]) from None
    if value is not None and not math.isfinite(value):
        raise BadInput(field=field, problem=text[:40])
    return value


def _moment(text: str, field: str) -> datetime | None:
    """Local time as a browser's field gives it; None for nothing."""
    if not text.strip():
        return None
    try:
        told = datetime.fromisoformat(text)
        return timezone.make_aware(told) if timezone.is_naive(told) else told
    except (ValueError, OverflowError):
        raise BadInput(field=field, problem=text[:40]) from None


def _ends(text: str, for_h: str, at: datetime) -> datetime:
    """The moment that was typed, else so many hours from now."""
    told = _moment(text, "ends_at")
    if told is not None:
        return told
    if not for_h.isdecimal() or not 1 <= int(for_h[:4]) <= 1000:
        raise BadInput(field="ends_at", problem=for_h[:40])
    return at + timedelta(hours=int(for_h[:4]))
