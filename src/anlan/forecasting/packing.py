"""Arrays of a forecast as they stand in the store: 32-bit numbers, deflated."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray


def packed(values: ArrayLike) -> bytes:
    """Means as bytes; read them back with the shape they had."""
    return zlib.compress(np.asarray(values, dtype="<f4").tobytes(), 6)


def unpacked(data: bytes | memoryview, shifts: int) -> NDArray[np.float64]:
    """Means by (shift, place)."""
    flat = np.frombuffer(zlib.decompress(bytes(data)), dtype="<f4")
    return flat.reshape(shifts, -1).astype(np.float64)


def cells_packed(cells: ArrayLike) -> bytes:
    """Grid cell numbers as bytes."""
    return zlib.compress(np.asarray(cells, dtype="<i4").tobytes(), 6)


def cells_unpacked(data: bytes | memoryview) -> NDArray[np.int32]:
    """Grid cell numbers."""
    return np.frombuffer(zlib.decompress(bytes(data)), dtype="<i4").astype(np.int32)
