"""Curves and funnels of dispute files as drawings: points in a box, with the axis said beside them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anlan.disputes.selectors.survival import Bodies, Quiet
from anlan.engines.funnel import Placed, funnel_limits
from anlan.engines.survival import Curve

WIDTH, HEIGHT = 640.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 12.0, 12.0, 30.0
LAST_DAY = 180.0
DAY_TICKS = (0, 30, 60, 90, 120, 150, 180)
LEAST_SPAN = 0.10
NICE = tuple(lead * 10**power for power in range(7) for lead in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where it lies, and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its path, what it is called, and where its end lies."""

    name: Any
    path: str
    style: int
    end: tuple[float, float]
    n: int


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its axes; ``floor`` is where the upright axis begins, said wherever it is not zero."""

    lines: tuple[Line, ...]
    band: str
    across: tuple[Tick, ...]
    upright: tuple[Tick, ...]
    floor: float
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def plot_of(quiet: Quiet) -> Plot | None:
    """The curve of all closings with its interval."""
    if quiet.curve is None:
        return None
    return _plot({"": quiet}, band=quiet.curve)


def plot_by(groups: Mapping[Hashable, Quiet], names: Mapping[Hashable, Any]) -> Plot | None:
    """One curve for each group, without intervals: those stand in the table."""
    drawn = {names.get(key, key): quiet for key, quiet in groups.items() if quiet.curve is not None}
    return _plot(drawn) if drawn else None


def _plot(groups: Mapping[Any, Quiet], band: Curve | None = None) -> Plot:
    lows = [_lowest(quiet.curve, band is not None) for quiet in groups.values() if quiet.curve is not None]
    floor = max(0.0, min(1.0 - LEAST_SPAN, math.floor(min(lows) * 10.0) / 10.0))
    lines = tuple(
        _line(name, quiet, floor, style) for style, (name, quiet) in enumerate(groups.items()) if quiet.curve
    )
    step = 0.02 if floor >= 0.9 - 1e-9 else 0.1
    marks = round((1.0 - floor) / step)
    upright = tuple(Tick(_y(floor + k * step, floor), f"{100 * (floor + k * step):.0f}") for k in range(marks + 1))
    across = tuple(Tick(_x(day), str(day)) for day in DAY_TICKS)
    return Plot(lines, _band(band, floor) if band is not None else "", across, upright, floor)


def _lowest(curve: Curve | None, with_band: bool) -> float:
    assert curve is not None
    values = (curve.low if with_band else curve.share)[curve.days <= LAST_DAY]
    return float(values.min()) if values.size else 1.0


def _x(day: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * day / LAST_DAY, 1)


def _y(share: float, floor: float) -> float:
    room = HEIGHT - TOP - BOTTOM
    return round(HEIGHT - BOTTOM - room * (max(share, floor) - floor) / (1.0 - floor), 1)


def _steps(curve: Curve, values: Sequence[float]) -> list[tuple[float, float]]:
    """Corners of the step function up to the last day drawn, or the last anybody was watched."""
    corners = [(0.0, 1.0)]
    for day, value in zip(curve.days.tolist(), values, strict=True):
        if day > LAST_DAY:
            break
        corners += [(day, corners[-1][1]), (day, float(value))]
    return [*corners, (min(LAST_DAY, curve.last_day), corners[-1][1])]


def _line(name: Any, quiet: Quiet, floor: float, style: int) -> Line:
    assert quiet.curve is not None
    points = [(_x(day), _y(share, floor)) for day, share in _steps(quiet.curve, quiet.curve.share.tolist())]
    return Line(name, _path(points), style, points[-1], quiet.n)


def _band(curve: Curve, floor: float) -> str:
    above = [(_x(day), _y(share, floor)) for day, share in _steps(curve, curve.high.tolist())]
    below = [(_x(day), _y(share, floor)) for day, share in _steps(curve, curve.low.tolist())]
    return _path([*above, *reversed(below)]) + "Z"


def _path(points: Iterable[tuple[float, float]]) -> str:
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or point != kept[-1]:
            kept.append(point)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept)


@dataclass(frozen=True, slots=True)
class Dot:
    """An organisation in the funnel."""

    name: Any
    x: float
    y: float
    placed: Placed


@dataclass(frozen=True, slots=True)
class FunnelPlot:
    """Organisations by size and share, between the limits chance allows."""

    dots: tuple[Dot, ...]
    outer: str
    inner: str
    level: float
    across: tuple[Tick, ...]
    upright: tuple[Tick, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bottom: float = HEIGHT - BOTTOM


def funnel_plot(bodies: Bodies, names: Mapping[Hashable, Any]) -> FunnelPlot | None:
    """The funnel; None where fewer than two organisations are large enough, or nothing ever came back."""
    found = bodies.funnel
    if found is None:
        return None
    largest = max(placed.unit.size for placed in found.placed) * 1.08
    sizes = [max(30.0, largest * k / 40) for k in range(1, 41)]
    limits = [(size, funnel_limits("share", found.target, size, dispersion=found.dispersion)) for size in sizes]
    top = min(1.0, max([placed.value for placed in found.placed] + [limits[0][1].high_95, 0.05]) * 1.1)

    def at(size: float, share: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * size / largest
        return round(x, 1), round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(share, top) / top, 1)

    outer = [at(s, held.high_998) for s, held in limits] + [at(s, held.low_998) for s, held in reversed(limits)]
    inner = [at(s, held.high_95) for s, held in limits] + [at(s, held.low_95) for s, held in reversed(limits)]
    step = next(size for size in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if top / size <= 6)
    wide = next(size for size in NICE if largest / size <= 6)
    dots = tuple(Dot(names.get(p.unit.name, p.unit.name), *at(p.unit.size, p.value), p) for p in found.placed)
    return FunnelPlot(
        dots,
        _path(outer) + "Z",
        _path(inner) + "Z",
        at(0, found.target)[1],
        tuple(Tick(at(wide * k, 0)[0], f"{wide * k}") for k in range(int(largest / wide) + 1)),
        tuple(Tick(at(0, step * k)[1], f"{100 * step * k:.0f}") for k in range(int(top / step) + 1)),
    )
