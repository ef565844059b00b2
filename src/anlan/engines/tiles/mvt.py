"""Mapbox Vector Tile 2.1 in bytes: https://github.com/mapbox/vector-tile-spec/tree/master/2.1

Written straight as protocol-buffer fields: three messages and one kind of packed list are less than a
protocol-buffer runtime would bring. Coordinates are whole units of the tile, x east, y south.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.engines.tiles.features import Value

EXTENT = 4096
"""Units along the side of a tile."""

POINT, LINE, POLYGON = 1, 2, 3
_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 15  # the last with its count of one
_VARINT, _BYTES = 0, 2

Ring = NDArray[np.int64]
"""Points of one path in tile units, shape (n, 2)."""


@dataclass(slots=True)
class LayerDraft:
    """One layer of one tile as it grows."""

    name: str
    keys: dict[str, int] = field(default_factory=dict)
    values: dict[bytes, int] = field(default_factory=dict)
    features: list[bytes] = field(default_factory=list)

    def add(self, kind: int, paths: Sequence[Ring], properties: Mapping[str, Value]) -> None:
        """Add a feature of one `kind`. A path of a POLYGON is a closed ring, its last point not repeated,
        outer rings (clockwise on the screen) each before their holes."""
        tags: list[int] = []
        for key, value in properties.items():
            tags.append(self.keys.setdefault(key, len(self.keys)))
            tags.append(self.values.setdefault(_value(value), len(self.values)))
        body = _packed(2, tags) + _number(3, kind) + _packed(4, _commands(kind, paths))
        self.features.append(_message(2, body))

    def encoded(self) -> bytes:
        """The layer as a field of its tile."""
        parts = [
            _number(15, 2),
            _message(1, self.name.encode()),
            *self.features,
            *(_message(3, key.encode()) for key in self.keys),
            *(_message(4, value) for value in self.values),
            _number(5, EXTENT),
        ]
        return _message(3, b"".join(parts))


def tile_encoded(layers: Iterable[LayerDraft]) -> bytes:
    """The tile; layers without a feature are left out."""
    return b"".join(layer.encoded() for layer in layers if layer.features)


def _commands(kind: int, paths: Sequence[Ring]) -> list[int]:
    """Pen movements: command words and zigzag differences to the point before."""
    if kind == POINT:
        points = np.concatenate(paths)
        return [_MOVE_TO | len(points) << 3, *_steps(points, np.zeros(2, dtype=np.int64))]
    words: list[int] = []
    pen: Ring = np.zeros(2, dtype=np.int64)
    for path in paths:
        steps = _steps(path, pen)
        words += [_MOVE_TO | 1 << 3, *steps[:2], _LINE_TO | (len(path) - 1) << 3, *steps[2:]]
        if kind == POLYGON:
            words.append(_CLOSE)
        pen = path[-1]
    return words


def _steps(points: Ring, pen: Ring) -> list[int]:
    moved = np.diff(points, axis=0, prepend=pen[None, :])
    zigzag: list[int] = ((moved << 1) ^ (moved >> 63)).ravel().tolist()
    return zigzag


def _value(value: Value) -> bytes:
    """A property's value as its message; a bool before the int it also is."""
    if isinstance(value, bool):
        return _number(7, int(value))
    if isinstance(value, int):
        return _number(6, value << 1 if value >= 0 else (-value << 1) - 1)
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return _message(1, value.encode())


def _number(tag: int, value: int) -> bytes:
    return _varints((tag << 3 | _VARINT, value))


def _packed(tag: int, values: Sequence[int]) -> bytes:
    return _message(tag, _varints(values)) if values else b""


def _message(tag: int, body: bytes) -> bytes:
    return _varints((tag << 3 | _BYTES, len(body))) + body


def _varints(values: Iterable[int]) -> bytes:
    out = bytearray()
    for value in values:
        while value > 127:
            out.append(value & 127 | 128)
            value >>= 7
        out.append(value)
    return bytes(out)
