"""Cutting the images of a GCJ-02 map anew, so that they lie true in WGS 84.

GCJ-02 moves every point by some hundred metres, and the move itself changes by less than 3 m a kilometre.
Across one tile, whatever its zoom, that is less than 0.8 of its 256 pixels; so a tile is put together from
its (at most four) neighbours, shifted as a whole by the move at its middle, and is true within about a pixel.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from anlan.engines.geo import wgs84_to_gcj02
from anlan.engines.tiles import bounds_of_tile
from anlan.engines.tiles.mercator import world_of


class PillowMissing(Exception):
    """The image library is an extra and is not installed."""


class Images(Protocol):
    """A store of tile images on the web Mercator grid, rows counted from the north."""

    def places(self) -> Iterator[tuple[int, int, int]]: ...

    def tile(self, zoom: int, x: int, y: int) -> bytes | None: ...


def shift_px(zoom: int, x: int, y: int, size: int) -> tuple[int, int]:
    """By how many pixels (east, south) a GCJ-02 map shows the middle of a WGS 84 tile elsewhere."""
    west, south, east, north = bounds_of_tile(zoom, x, y)
    lon, lat = (west + east) / 2, (south + north) / 2
    there = wgs84_to_gcj02(lon, lat)
    moved = world_of(np.array([[float(there[0]), float(there[1])]])) - world_of(np.array([[lon, lat]]))
    east_px, south_px = np.rint(moved[0] * float(size << zoom)).astype(int).tolist()
    return east_px, south_px


def recut(source: Images, zoom: int, x: int, y: int) -> bytes | None:
    """The image of a WGS 84 tile from GCJ-02 images; None where there is none. The file kind stays."""
    try:
        from PIL import Image
    except ImportError as problem:
        raise PillowMissing from problem

    def opened(column: int, row: int) -> Any:
        data = source.tile(zoom, column, row)
        return Image.open(io.BytesIO(data)) if data else None

    here = opened(x, y)
    if here is None:
        return None
    size = here.width
    east, south = shift_px(zoom, x, y, size)
    kind = here.format
    sheet = Image.new("RGB" if kind == "JPEG" else "RGBA", (size, size), "white" if kind == "JPEG" else None)
    for column in {x + east // size, x + (east + size - 1) // size}:
        for row in {y + south // size, y + (south + size - 1) // size}:
            part = opened(column, row)
            if part is not None:
                sheet.paste(part.convert(sheet.mode), ((column - x) * size - east, (row - y) * size - south))
    out = io.BytesIO()
    sheet.save(out, format=kind, **({"quality": 90} if kind == "JPEG" else {}))
    return out.getvalue()
