"""How people go through, past and up to a door, and where they carry things.

A walk is the axis of a body over time on a fixed grid of steps. Speeds about 1.2 m/s and the sway of half a
hand's breadth at some two steps a second are those of unhurried indoor walking.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from anlan.engines.gate_simulator.layout import Floats

STEP_S = 0.02
FAR_M = 3.2
BODY_M = 0.2
"""Half the width of a body."""
LANE_M = 0.35
"""How far from the middle of the doorway people go."""


@dataclass(frozen=True, slots=True)
class Walk:
    """``xy`` (steps, 2) the axis of the body, ``heading`` (steps,) radians from the x axis, ``movement`` what it was:
    in, out, by, back or static."""

    xy: Floats
    heading: Floats
    movement: str


def _smooth(values: Floats, width_s: float) -> Floats:
    """A moving mean: nobody turns on the spot."""
    width = max(1, int(width_s / STEP_S))
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


def _along(points: list[tuple[float, float]], speed_mps: float, pauses: dict[int, float]) -> Floats:
    """Places on the line through the points at one speed, standing still for ``pauses`` seconds at those points."""
    pieces = []
    for number, (start, end) in enumerate(pairwise(points)):
        if number in pauses:
            pieces.append(np.repeat([start], int(pauses[number] / STEP_S), axis=0))
        steps = max(2, int(np.hypot(end[0] - start[0], end[1] - start[1]) / speed_mps / STEP_S))
        pieces.append(np.linspace(start, end, steps, endpoint=False))
    pieces.append(np.array(points[-1:]))
    return np.concatenate(pieces)


def walk(
    rng: np.random.Generator, points: list[tuple[float, float]], movement: str, pauses: dict[int, float]
) -> Walk:
    """Somebody going through the points (x, y in metres), with sway and uneven speed."""
    xy = _along(points, float(np.clip(rng.normal(1.15, 0.22), 0.5, 1.9)), pauses)
    xy = np.column_stack([_smooth(xy[:, 0], 0.3), _smooth(xy[:, 1], 0.3)])
    moved = np.gradient(xy, axis=0) if len(xy) > 1 else np.zeros_like(xy)
    still = np.hypot(moved[:, 0], moved[:, 1]) < 1e-4
    heading = np.unwrap(np.arctan2(moved[:, 1], moved[:, 0]))
    # Who stands still looks where they were going.
    last = np.maximum.accumulate(np.where(still, 0, np.arange(len(xy))))
    heading = _smooth(heading[last], 0.2)
    sway = 0.04 * np.sin(2 * np.pi * 0.9 * np.arange(len(xy)) * STEP_S + rng.uniform(0, 2 * np.pi)) * ~still
    xy = xy + np.column_stack([-np.sin(heading), np.cos(heading)]) * sway[:, None]
    return Walk(xy, heading, movement)


def through(rng: np.random.Generator, movement: str, *, lane_m: float = 0.0, wait_s: float = 0.0) -> Walk:
    """In or out, coming from and going to anywhere within the reach of the antennas or beyond."""
    side = -1.0 if movement == "in" else 1.0
    lane = float(np.clip(lane_m + rng.normal(0, 0.1), -LANE_M, LANE_M))
    start = (side * rng.uniform(1.2, FAR_M), lane + rng.normal(0, 0.9))
    # Some turn aside right behind the door: a shelf, a desk, another corridor.
    end = (-side * rng.uniform(1.0, FAR_M), lane + rng.normal(0, 1.1))
    points = [start, (side * 0.5, lane), (-side * 0.35, lane), end]
    pauses: dict[int, float] = {}
    if wait_s or rng.random() < 0.15:
        # Opening the door, holding the badge up, letting somebody pass.
        pauses[1] = wait_s or float(rng.exponential(1.2))
    if rng.random() < 0.2:
        end_stay = float(rng.exponential(2.0))
        points.append((end[0] + 0.01, end[1]))
        pauses[3] = min(end_stay, 6.0)
    return walk(rng, points, movement, pauses)


def turning_back(rng: np.random.Generator) -> Walk:
    """Up to the door or into it, and back to where they came from."""
    side = -1.0 if rng.random() < 0.6 else 1.0
    lane = float(rng.uniform(-LANE_M, LANE_M))
    depth = -side * rng.uniform(-0.55, -0.1)
    start = (side * rng.uniform(1.2, FAR_M), lane + rng.normal(0, 0.9))
    end = (side * rng.uniform(1.2, FAR_M), lane + rng.normal(0, 0.9))
    points = [start, (side * 0.7, lane), (depth, lane), (side * 0.7, lane), end]
    return walk(rng, points, "back", {2: float(rng.exponential(0.8))})


def passing_by(rng: np.random.Generator) -> Walk:
    """Along the wall, in the corridor or at the shelves inside."""
    side = -1.0 if rng.random() < 0.7 else 1.0
    near = side * rng.uniform(1.4, 2.4)
    way = 1.0 if rng.random() < 0.5 else -1.0
    bend = side * rng.uniform(0.0, 0.4)
    points = [(near + bend, -way * FAR_M), (near, 0.0), (near + bend, way * FAR_M)]
    pauses = {1: float(rng.exponential(1.5))} if rng.random() < 0.2 else {}
    return walk(rng, points, "by", pauses)


def lingering(rng: np.random.Generator, seconds: float) -> Walk:
    """Somebody in the doorway holding the door, who goes back in the end."""
    side = -1.0 if rng.random() < 0.5 else 1.0
    lane = float(rng.uniform(-LANE_M, LANE_M))
    points = [(side * 2.0, lane), (side * 0.1, lane), (side * 0.15, lane + 0.05), (side * 2.0, lane)]
    return walk(rng, points, "back", {1: 0.2, 2: seconds})
