"""The cover curve of a shift as a small drawing: planned as a line, done as steps, from none to all of the calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

WIDTH, HEIGHT, LEFT, LOW = 720.0, 180.0, 44.0, 24.0


@dataclass(frozen=True)
class Tick:
    """A mark of an axis: where, and what stands there."""

    at: float
    text: Any


@dataclass(frozen=True)
class Curve:
    """Corners of the two lines as SVG wants them (pieces where nothing is known in between), and the axes' marks."""

    width: float
    height: float
    left: float
    foot: float
    planned: str
    done: tuple[str, ...]
    hours: tuple[Tick, ...]
    shares: tuple[Tick, ...]


def curve_drawing(
    planned: Sequence[float], done: Sequence[float | None], *, starts_at: datetime, step_s: float
) -> Curve | None:
    """Nothing where no plan's cover is kept."""
    if not planned:
        return None
    foot = HEIGHT - LOW
    wide = (WIDTH - LEFT - 24) / len(planned)

    def x(k: float) -> float:
        return round(LEFT + wide * k, 1)

    def y(share: float) -> float:
        return round(8 + (foot - 8) * (1 - share), 1)

    pieces: list[list[str]] = [[]]
    for k, share in enumerate(done):
        if share is None:
            pieces.append([])
        else:
            pieces[-1] += [f"{x(k)},{y(share)}", f"{x(k + 1)},{y(share)}"]
    every = max(len(planned) // 8, 1)
    hours = tuple(Tick(x(k), starts_at + timedelta(seconds=step_s * k)) for k in range(0, len(planned) + 1, every))
    return Curve(
        WIDTH,
        HEIGHT,
        LEFT,
        foot,
        " ".join(f"{x(k + 0.5)},{y(share)}" for k, share in enumerate(planned)),
        tuple(" ".join(piece) for piece in pieces if piece),
        hours,
        tuple(Tick(y(share), f"{share:.0%}") for share in (0.0, 0.5, 1.0)),
    )
