"""Keeping a road graph on disk: one file, written whole or not at all, checked when read."""

import hashlib
import json
import os
import tempfile
import zipfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.graph import RoadGraph, Turns
from anlan.engines.roads.turns import NO_TURNS, turns_of

FORMAT_VERSION = 4
BEFORE_ROUND = 3
"""The format before roundabouts were told from other roads: none are known until the map is imported again."""
BEFORE_SIGNS = (1, 2)
"""Formats before turns, and before hours, exceptions and via ways of signs, were kept: the turns are worked out
anew at each reading, until the map is imported again."""
_TURNS = "turns"
_LIVE = "conditions"
_ROUND = "link_is_round"
_SIGN_FIELDS = ("restriction_for", "restriction_hours", "restriction_via_ways")
_JSON_FIELDS = (
    "names",
    "names_en",
    "restriction_kind",
    "restriction_hours",
    "restriction_via_ways",
    "turns_hours",
)
_MANIFEST = "manifest.json"
_ALIGN = 64
_PADDING_FIELD = 0xD935
"""Zip extra-field number that archive tools use for alignment padding."""


class RoadStoreBroken(Exception):
    """A stored graph that is damaged, cut off or of another version: which file, what is wrong."""

    def __init__(self, path: Path, detail: str) -> None:
        self.path = path
        self.detail = detail
        super().__init__(f"{path.name}: {detail}")


def graph_save(graph: RoadGraph, path: Path) -> str:
    """Write a graph and return its checksum (SHA-256 over all its contents).

    The file appears under its name only when it is complete and on stable storage; a
    graph already there stays whole until that moment. The file is an uncompressed .npz.
    """
    arrays = {name: np.ascontiguousarray(value) for name, value in _arrays(graph).items()}
    digests = {name: _digest(array) for name, array in arrays.items()}
    manifest = {"version": FORMAT_VERSION, "sha256": digests}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                archive.writestr(zipfile.ZipInfo(_MANIFEST), json.dumps(manifest, sort_keys=True))
                for name, array in arrays.items():
                    _member_write(archive, f"{name}.npy", array)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(path)
        _directory_sync(path.parent)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    return _checksum(digests)


def graph_load(path: Path, *, verify: bool = True) -> RoadGraph:
    """Read a graph back. Its arrays are read-only windows on the file, shared by all processes.

    `verify` reads every byte once and compares checksums: do so when the file comes from
    elsewhere or after a crash, skip it for a fast start.

    Raises RoadStoreBroken, or FileNotFoundError when there is no such file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            version = manifest.get("version")
            if version not in (*BEFORE_SIGNS, BEFORE_ROUND, FORMAT_VERSION):
                raise RoadStoreBroken(path, f"format version {version}, not {FORMAT_VERSION}")
            digests: dict[str, str] = manifest["sha256"]
            arrays = {name: _member_map(path, archive, f"{name}.npy") for name in digests}
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as problem:
        raise RoadStoreBroken(path, f"cannot be read: {problem}") from problem
    if set(digests) != _fields_of(version):
        raise RoadStoreBroken(path, f"holds other fields: {sorted(set(digests) ^ _fields_of(version))}")
    if verify:
        for name, array in arrays.items():
            if _digest(array) != digests[name]:
                raise RoadStoreBroken(path, f"checksum of {name} does not match")
    return _graph(arrays, has_signs=version >= BEFORE_ROUND)


def _fields_of(version: int) -> set[str]:
    """The arrays a file of this version holds."""
    graph = {column.name for column in fields(RoadGraph)} - {_TURNS, _LIVE}
    turns = {f"{_TURNS}_{column.name}" for column in fields(Turns)}
    if version == FORMAT_VERSION:
        return graph | turns
    graph -= {_ROUND}
    if version == BEFORE_ROUND:
        return graph | turns
    old = {f"{_TURNS}_{name}" for name in ("indptr", "come_from", "angle_cdeg", "is_plain", "is_barred")}
    return graph - set(_SIGN_FIELDS) | (old if version == 2 else set())


def _graph(arrays: dict[str, NDArray[Any]], *, has_signs: bool) -> RoadGraph:
    told: dict[str, Any] = dict(arrays)
    for name in set(_JSON_FIELDS) & set(arrays):
        told[name] = tuple(json.loads(arrays[name].tobytes().decode()))
    values = {name: value for name, value in told.items() if not name.startswith(f"{_TURNS}_")}
    values.setdefault(_ROUND, np.zeros(len(arrays["link_from"]), dtype=np.bool_))
    if has_signs:
        values["restriction_via_ways"] = tuple(tuple(via) for via in values["restriction_via_ways"])
        turns = Turns(**{column.name: told[f"{_TURNS}_{column.name}"] for column in fields(Turns)})
        return RoadGraph(**values, turns=turns)
    values |= {"restriction_for": np.zeros(0, dtype=np.uint8), "restriction_hours": (), "restriction_via_ways": ()}
    graph = RoadGraph(**values, turns=NO_TURNS)
    return replace(graph, turns=turns_of(graph))


def graph_checksum(graph: RoadGraph) -> str:
    """The checksum `graph_save` would return: equal for equal graphs, on any machine."""
    return _checksum({name: _digest(np.ascontiguousarray(array)) for name, array in _arrays(graph).items()})


def _arrays(graph: RoadGraph) -> dict[str, NDArray[Any]]:
    values = {column.name: getattr(graph, column.name) for column in fields(RoadGraph) if column.name != _LIVE}
    turns = values.pop(_TURNS)
    values |= {f"{_TURNS}_{column.name}": getattr(turns, column.name) for column in fields(Turns)}
    for name in _JSON_FIELDS:
        text = json.dumps(list(values[name]), ensure_ascii=False).encode()
        values[name] = np.frombuffer(text, dtype=np.uint8)
    return values


def _digest(array: NDArray[Any]) -> str:
    shape = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(shape + array.tobytes()).hexdigest()


def _checksum(digests: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def _member_write(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    """Store an array so that its numbers begin on a 64-byte border of the file."""
    info = zipfile.ZipInfo(name)
    stream = archive.fp
    assert stream is not None
    # The local header is 30 bytes, the name and the extra field; large members carry 20
    # bytes more, so that size is always declared for them to keep the sum known.
    large = array.nbytes > 0x7FFF_0000
    fixed = stream.tell() + 30 + len(name.encode()) + (20 if large else 0) + 4
    pad = -fixed % _ALIGN
    info.extra = _PADDING_FIELD.to_bytes(2, "little") + pad.to_bytes(2, "little") + b"\0" * pad
    with archive.open(info, "w", force_zip64=large) as member:
        np.lib.format.write_array(member, array, allow_pickle=False)


def _member_map(path: Path, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    info = archive.getinfo(name)
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = reader(member)
        header_bytes = member.tell()
    if dtype.hasobject or fortran:
        raise ValueError(f"{name} is not a plain array")
    if int(np.prod(shape)) == 0:
        return np.zeros(shape, dtype=dtype)
    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        lengths = file.read(4)
    local = 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    offset = info.header_offset + local + header_bytes
    return np.asarray(np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=shape))


def _directory_sync(folder: Path) -> None:
    """Make the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
