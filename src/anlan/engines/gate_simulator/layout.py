"""Doors: where antennas and light barriers stand.

Metres; x runs through the doorway, from the corridor (below 0) into the store (above 0), y along the wall, z up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HALF_DOOR_M = 0.6
CEILING_M = 2.8


@dataclass(frozen=True, slots=True)
class Layout:
    """``places`` and ``facings`` (unit vectors) of the antennas, one row each; ``planes`` tells on which side each
    stands (-1 corridor, 1 store); ``beams_x_m`` are light barriers across the doorway."""

    name: str
    places: Floats
    facings: Floats
    planes: tuple[int, ...]
    beams_x_m: tuple[float, ...] = ()

    @property
    def antennas(self) -> int:
        return len(self.places)


def _facing(*rows: tuple[float, float, float]) -> Floats:
    vectors = np.array(rows, dtype=float)
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    return unit


_OVERHEAD = np.array([(-0.25, 0.0, 2.2), (0.25, 0.0, 2.2)])
_APART = _facing((-0.8, 0.0, -1.0), (0.8, 0.0, -1.0))
LAYOUTS = {
    # Two antennas on the lintel, one looking out and one in: the cheapest door, and the hardest to read.
    "pair": Layout("pair", _OVERHEAD, _APART, (-1, 1)),
    # The same with a light barrier on each side of it.
    "barrier": Layout("barrier", _OVERHEAD, _APART, (-1, 1), (-0.35, 0.35)),
    # Two portals one behind the other, antennas left and right of each, each looking a little away from the other.
    "planes": Layout(
        "planes",
        np.array([(-0.7, 0.65, 1.2), (-0.7, -0.65, 1.2), (0.7, 0.65, 1.2), (0.7, -0.65, 1.2)]),
        _facing((-0.5, -1.0, 0.0), (-0.5, 1.0, 0.0), (0.5, -1.0, 0.0), (0.5, 1.0, 0.0)),
        (-1, -1, 1, 1),
    ),
}
