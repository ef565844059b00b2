"""One file for a whole map: PMTiles version 3, built and checked.

https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md; header and directories come from the format's
own library. The same tiles give the same bytes.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pmtiles import writer
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_directory,
    deserialize_header,
    zxy_to_tileid,
)

from anlan.engines.tiles.mercator import LonLatBox
from anlan.engines.tiles.pyramid import Tile

HEADER_BYTES = 127
_finalize: Any = writer.finalize_header
_E7 = 1e7


class ArchiveBroken(Exception):
    """A tile archive that is no whole PMTiles file; the message says where it fails."""


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What the file says of itself, after everything it promises was found to lie inside it."""

    kind: str
    """`mvt`, `png`, `jpeg`, `webp` or `avif`."""
    min_zoom: int
    max_zoom: int
    bounds: LonLatBox
    n_tiles: int
    metadata: Mapping[str, Any]


def archive_build(tiles: Iterable[Tile], *, bounds: LonLatBox, metadata: Mapping[str, Any]) -> bytes:
    """Pack vector tiles; equal ones (open water, empty land) are kept once. ValueError without any tile."""
    blobs: dict[bytes, int] = {}
    body: list[bytes] = []
    entries: list[Entry] = []
    offset = 0
    ordered = sorted((zxy_to_tileid(tile.zoom, tile.x, tile.y), tile.data) for tile in tiles)
    if not ordered:
        raise ValueError("an archive needs a tile")
    for number, data in ordered:
        packed = gzip.compress(data, 9, mtime=0)
        digest = hashlib.sha256(packed).digest()
        if digest not in blobs:
            blobs[digest] = offset
            body.append(packed)
            offset += len(packed)
        last = entries[-1] if entries else None
        if last and last.offset == blobs[digest] and last.tile_id + last.run_length == number:
            last.run_length += 1
        else:
            entries.append(Entry(number, blobs[digest], len(packed), 1))
    header = _header(bounds)
    sections = _finalize(header, len(ordered), entries, len(blobs), dict(metadata), True, offset)
    return b"".join([*sections, *body])


def _header(bounds: LonLatBox) -> dict[str, Any]:
    west, south, east, north = (round(value * _E7) for value in bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
    }


def archive_check(read: Callable[[int, int], bytes], size: int) -> ArchiveFacts:
    """Walk an archive of `size` bytes; `read` gives the bytes at an offset, of a length.

    Raises `ArchiveBroken` when it is no PMTiles 3 file, is cut off, or points outside itself.
    """
    try:
        header = deserialize_header(_piece(read, 0, HEADER_BYTES, size, "the header"))
    except ArchiveBroken:
        raise
    except Exception as problem:  # the library knows several ways to say no
        raise ArchiveBroken("it doesn't begin like a PMTiles 3 archive") from problem
    ends = header["tile_data_offset"] + header["tile_data_length"]
    if ends > size:
        raise ArchiveBroken(f"it should have {ends} bytes and has {size}")
    try:
        metadata = _metadata(read, header, size)
        n_tiles = _walk(read, header, size, header["root_offset"], header["root_length"], depth=0)
    except ArchiveBroken:
        raise
    except Exception as problem:
        raise ArchiveBroken(f"its directory can't be read ({problem})") from problem
    if not n_tiles:
        raise ArchiveBroken("there is no tile in it")
    return ArchiveFacts(
        kind=header["tile_type"].name.lower(),
        min_zoom=header["min_zoom"],
        max_zoom=header["max_zoom"],
        bounds=_bounds(header),
        n_tiles=n_tiles,
        metadata=metadata,
    )


def _bounds(header: Mapping[str, Any]) -> LonLatBox:
    west, south, east, north = (header[f"{edge}_e7"] / _E7 for edge in ("min_lon", "min_lat", "max_lon", "max_lat"))
    return west, south, east, north


def _metadata(read: Callable[[int, int], bytes], header: Mapping[str, Any], size: int) -> Mapping[str, Any]:
    packed = _piece(read, header["metadata_offset"], header["metadata_length"], size, "the metadata")
    plain = gzip.decompress(packed) if header["internal_compression"] is Compression.GZIP else packed
    told = json.loads(plain or b"{}")
    return told if isinstance(told, dict) else {}


def _walk(
    read: Callable[[int, int], bytes], header: Mapping[str, Any], size: int, offset: int, length: int, *, depth: int
) -> int:
    """The number of tiles a directory leads to; each must lie inside the file."""
    if depth > 3:
        raise ArchiveBroken("its directories lead in a circle")
    count = 0
    for entry in deserialize_directory(_piece(read, offset, length, size, "a directory")):
        if entry.run_length == 0:
            below = header["leaf_directory_offset"] + entry.offset
            count += _walk(read, header, size, below, entry.length, depth=depth + 1)
        elif entry.offset + entry.length > header["tile_data_length"]:
            raise ArchiveBroken(f"tile {entry.tile_id} lies behind its end")
        else:
            count += entry.run_length
    return count


def _piece(read: Callable[[int, int], bytes], offset: int, length: int, size: int, what: str) -> bytes:
    found = read(offset, length) if offset + length <= size else b""
    if len(found) < length:
        raise ArchiveBroken(f"{what} is cut off at byte {size}")
    return found
