"""A bureau's own map tiles: a folder z/x/y, an MBTiles file, or a PMTiles file, packed into one archive.

Only tiles of the web Mercator grid fit (WebMercatorQuad; the `_w` services of 天地图). CGCS2000 counts as WGS 84.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from anlan.engines.tiles import bounds_of_tile
from anlan.places.basemap_recut import Images, PillowMissing, recut

DATUMS = ("wgs84", "cgcs2000", "gcj02")
DEEPEST = 22
_open_writer: Any = Writer
_IMAGES = ((b"\x89PNG\r\n\x1a\n", TileType.PNG), (b"\xff\xd8\xff", TileType.JPEG))

RawTile = tuple[int, int, int, bytes]
"""Zoom, column, row (from the north), image."""


class TilesNotUsable(Exception):
    """Tiles that can't be shown; `reason` says why, for a person."""

    def __init__(self, reason: str | Promise) -> None:
        self.reason = reason
        super().__init__(str(reason))


def tiles_pack(path: Path, *, datum: str, tms: bool = False) -> Callable[[BinaryIO], object]:
    """How to write the tiles at ``path`` as one archive. Raises TilesNotUsable, or OSError, now or when writing."""
    if datum not in DATUMS:
        raise TilesNotUsable(_("its datum must be wgs84, cgcs2000 or gcj02"))
    if path.suffix == ".pmtiles":
        if datum == "gcj02":
            raise TilesNotUsable(_("a PMTiles file in GCJ-02 can't be cut anew; give the folder or MBTiles file"))
        return lambda out: _copy(path, out)
    source = _Folder(path, tms=tms) if path.is_dir() else _MBTiles(path)
    return lambda out: _write(source if datum != "gcj02" else _Recut(source), out)


def _copy(path: Path, out: BinaryIO) -> None:
    with path.open("rb") as file:
        shutil.copyfileobj(file, out, 1 << 20)


class _Folder:
    """Tiles as files ``z/x/y.png``; ``tms`` counts rows from the south."""

    def __init__(self, path: Path, *, tms: bool) -> None:
        self.path, self.tms = path, tms

    def places(self) -> Iterator[tuple[int, int, int]]:
        """All tiles there are, zoom by zoom."""
        for zoom, x, y, _path in self._found():
            yield zoom, x, y

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        row = _flipped(zoom, y) if self.tms else y
        column = self.path / str(zoom) / str(x)
        found = next((f for f in column.glob(f"{row}.*") if f.is_file()), None) if column.is_dir() else None
        return found.read_bytes() if found else None

    def _found(self) -> Iterator[tuple[int, int, int, Path]]:
        for zoom, folder in _numbered(self.path):
            for x, column in _numbered(folder):
                for row, file in _numbered(column):
                    yield zoom, x, _flipped(zoom, row) if self.tms else row, file


class _MBTiles:
    """https://github.com/mapbox/mbtiles-spec/blob/master/1.3/spec.md : SQLite, rows counted from the south."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise FileNotFoundError(path)
        self.store = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
        try:
            self.store.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles LIMIT 1").fetchone()
        except sqlite3.DatabaseError as problem:
            raise TilesNotUsable(_("it is no folder of tiles, no MBTiles and no PMTiles file")) from problem

    def places(self) -> Iterator[tuple[int, int, int]]:
        """All tiles there are, zoom by zoom."""
        rows = "SELECT zoom_level, tile_column, tile_row FROM tiles ORDER BY 1, 2, 3 DESC"
        for zoom, x, row in self.store.execute(rows):
            yield int(zoom), int(x), _flipped(int(zoom), int(row))

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        one = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
        row = self.store.execute(one, (zoom, x, _flipped(zoom, y))).fetchone()
        return bytes(row[0]) if row else None


class _Recut:
    """Tiles of a GCJ-02 map, cut anew in WGS 84."""

    def __init__(self, source: Images) -> None:
        self.source = source

    def places(self) -> Iterator[tuple[int, int, int]]:
        """Where the source has tiles; its outermost ones lose a strip of at most the shift's width."""
        return self.source.places()

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        try:
            return recut(self.source, zoom, x, y)
        except PillowMissing as problem:
            raise TilesNotUsable(
                _("cutting GCJ-02 images anew needs Pillow: pip install 'anlan[images]'")
            ) from problem


def _write(source: Images, out: BinaryIO) -> None:
    """Stream the tiles into the archive; a county's images need not fit into memory."""
    writer: Any = _open_writer(out)
    kind: TileType | None = None
    box = [180.0, 90.0, -180.0, -90.0]
    deepest = -1
    for zoom, x, y in source.places():
        if not (0 <= zoom <= DEEPEST and 0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
            raise TilesNotUsable(_("it holds a tile that is not on the web Mercator grid"))
        data = source.tile(zoom, x, y)
        if data is None:
            continue
        found = image_kind(data)
        if found is None or found is not (kind or found):
            raise TilesNotUsable(_("its tiles must all be PNG, all JPEG or all WebP images"))
        kind = found
        writer.write_tile(zxy_to_tileid(zoom, x, y), data)
        if zoom > deepest:
            deepest, box = zoom, [180.0, 90.0, -180.0, -90.0]
        if zoom == deepest:
            west, south, east, north = bounds_of_tile(zoom, x, y)
            box = [min(box[0], west), min(box[1], south), max(box[2], east), max(box[3], north)]
    if kind is None:
        raise TilesNotUsable(_("there is no tile in it"))
    writer.finalize(_header(kind, box), {})


def _header(kind: TileType, box: list[float]) -> dict[str, object]:
    west, south, east, north = (round(edge * 1e7) for edge in box)
    return {
        "tile_type": kind,
        "tile_compression": Compression.NONE,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
    }


def image_kind(data: bytes) -> TileType | None:
    """Which image it is, by its first bytes; None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return TileType.WEBP
    return next((kind for magic, kind in _IMAGES if data.startswith(magic)), None)


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    """The entries whose name is a number, in order."""
    return sorted((int(entry.stem), entry) for entry in folder.iterdir() if entry.stem.isdecimal())


def _flipped(zoom: int, row: int) -> int:
    return (1 << zoom) - 1 - row
