"""A plan's routes as a small drawing: places to scale, stops numbered in driving order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from anlan.patrol.models import PatrolRoute

WIDTH, MOST_HEIGHT, MARGIN = 880.0, 520.0, 24.0
TINTS = 8


@dataclass(frozen=True)
class Dot:
    """A stop: where on the drawing, its number and kind."""

    x: float
    y: float
    number: int
    kind: str
    state: str


@dataclass(frozen=True)
class Line:
    """A route: the corners of its line as SVG wants them, and its stops."""

    call_sign: str
    tint: int
    points: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Drawing:
    """Lines on a sheet of that width and height, with a bar to scale, ``metres`` long, that ends at ``bar_end``."""

    width: float
    height: float
    lines: tuple[Line, ...]
    metres: int
    bar_end: float


def plan_drawing(routes: Sequence[PatrolRoute]) -> Drawing | None:
    """Nothing where no route has a stop."""
    at = {route.pk: [(stop.lon, stop.lat) for stop in route.stops.all()] for route in routes}
    every = [place for places in at.values() for place in places]
    if not every:
        return None
    west, east = min(lon for lon, _ in every), max(lon for lon, _ in every)
    south, north = min(lat for _, lat in every), max(lat for _, lat in every)
    narrow = cos(radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-4), max(north - south, 1e-4)
    scale = min((WIDTH - 2 * MARGIN) / wide, (MOST_HEIGHT - 2 * MARGIN) / high)

    def spot(lon: float, lat: float) -> tuple[float, float]:
        return round(MARGIN + (lon - west) * narrow * scale, 1), round(MARGIN + (north - lat) * scale, 1)

    lines = []
    for tint, route in enumerate(routes):
        base = [(route.unit.base_lon or west, route.unit.base_lat or south)]
        corners = [spot(*place) for place in (*base, *at[route.pk], *base)]
        dots = tuple(
            Dot(*spot(stop.lon, stop.lat), number, stop.kind, stop.state)
            for number, stop in enumerate(route.stops.all(), start=1)
        )
        lines.append(Line(route.unit.call_sign, tint % TINTS, " ".join(f"{x},{y}" for x, y in corners), dots))
    metres = next(m for m in (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 1) if m / 111_320 * scale <= WIDTH / 4)
    return Drawing(
        WIDTH, round(high * scale + 2 * MARGIN, 1), tuple(lines), metres, round(MARGIN + metres / 111_320 * scale, 1)
    )
