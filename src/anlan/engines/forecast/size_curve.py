"""What the size of a place is worth, as lines to draw: calls caught by ground flagged, one line a size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 320, 240
LEFT, RIGHT, TOP, BOTTOM = 34, 310, 28, 214
SCATTERED_KM2 = 10


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: where, in the drawing's units, and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class SizeLine:
    """One size of cells: paths of what is shown and of the yearly mean, and the point left once calls are moved.

    ``at_10`` is the share caught in percent with 10 km² flagged, ``apart_10`` the same of calls moved within 120 m.
    """

    cell_m: int
    style: int
    shown: str
    bar: str
    apart_x: float
    apart_y: float
    at_10: float
    apart_10: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of rows; ``rows`` names it."""

    rows: str
    upright: tuple[Tick, ...]
    across: tuple[Tick, ...]
    lines: tuple[SizeLine, ...]


def panels(told: Mapping[str, Any]) -> tuple[Panel, ...]:
    """Lines and axes of each set of rows; km² grow by factors, the share caught from nothing to the largest."""
    areas = [float(area) for area in told["areas_km2"]]
    return tuple(_panel(rows, areas) for rows in told["panels"])


def _panel(rows: Mapping[str, Any], areas: list[float]) -> Panel:
    most: float = 10.0 * math.ceil(max(value for size in rows["sizes"] for value in size["shown"]) / 10.0)

    def x(area: float) -> float:
        share: float = math.log(area / areas[0]) / math.log(areas[-1] / areas[0])
        return round(LEFT + (RIGHT - LEFT) * share, 1)

    def y(caught: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * caught / most, 1)

    def path(values: list[float]) -> str:
        return "M" + "L".join(f"{x(area)} {y(value)}" for area, value in zip(areas, values, strict=True))

    lines = tuple(
        SizeLine(
            cell_m=size["cell_m"],
            style=number,
            shown=path(size["shown"]),
            bar=path(size["bar"]),
            apart_x=x(SCATTERED_KM2),
            apart_y=y(size["scattered_10"]),
            at_10=size["shown"][areas.index(SCATTERED_KM2)],
            apart_10=size["scattered_10"],
        )
        for number, size in enumerate(sorted(rows["sizes"], key=lambda size: int(size["cell_m"])))
    )
    upright = tuple(Tick(y(value), f"{value:g}") for value in _steps(most))
    return Panel(rows["rows"], upright, tuple(Tick(x(area), f"{area:g}") for area in areas), lines)


def _steps(most: float) -> list[float]:
    return [10.0 * part for part in range(int(most // 10) + 1)]
