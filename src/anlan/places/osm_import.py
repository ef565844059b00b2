"""Reading an OpenStreetMap extract (.osm.pbf) into plain road arrays.

Reads only; nothing is written anywhere, so a broken file leaves nothing behind.
"""

import hashlib
import re
import struct
import unicodedata
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import osmium
from opening_hours import validate

from anlan.engines.roads.speeds import SHARE_OF_LIMIT
from anlan.engines.roads.vehicles import VEHICLES, Vehicles
from anlan.engines.roads.ways import (
    EMERGENCY_ACCESS,
    NO_NODE,
    WHEELS,
    Access,
    RoadClass,
    RoadWays,
    access_by_default,
    both_ways_access,
    emergency_access,
    name_table,
)

PROGRESS_EVERY = 10_000

_CLASSES = {road_class.tag: road_class for road_class in RoadClass} | {"road": RoadClass.UNCLASSIFIED}
_CLOSED = frozenset({"no", "agricultural", "forestry", "agricultural;forestry", "bus", "psv", "use_sidepath"})
_OPENED = frozenset({"yes", "designated", "permissive", "official"})
_WATERWAYS = frozenset({"river", "canal", "fairway"})
_SIGNED = {row.signs: Access(row.access | row.emergency_access) for row in VEHICLES.values() if row.signs}
_SIGN_KEYS = {"restriction": WHEELS, "restriction:motor_vehicle": WHEELS} | {
    f"restriction:{word}": binds for word, binds in _SIGNED.items()
}
_TIMED_SIGN_KEYS = tuple(f"{key}:conditional" for key in _SIGN_KEYS)
_EXCEPTED = {"emergency": EMERGENCY_ACCESS, "motor_vehicle": WHEELS} | _SIGNED
_CONDITIONED = re.compile(r"((?:no|only)_\w+)\s*@\s*(?:\(([^()]+)\)|([^;()]+))")
_ROUND = frozenset({"roundabout", "circular"})
_NO_THROUGH_SERVICE = frozenset({"parking_aisle", "drive-through"})
_KM_PER_MILE = 1.609344


class RoadFileFault(StrEnum):
    """What is wrong with a road file."""

    NOT_A_ROAD_FILE = "not_a_road_file"
    CUT_OFF = "cut_off"
    DAMAGED = "damaged"
    NO_ROADS = "no_roads"


class RoadFileBroken(Exception):
    """A road file that cannot be imported: which file, what is wrong, and where in it.

    `at_byte` is where the first unreadable block begins, None when the place is unknown;
    `size_bytes` the size of the file as found.
    """

    def __init__(
        self, path: Path, reason: RoadFileFault, *, size_bytes: int, at_byte: int | None = None, detail: str = ""
    ) -> None:
        self.path = path
        self.reason = reason
        self.size_bytes = size_bytes
        self.at_byte = at_byte
        self.detail = detail
        where = "" if at_byte is None else f" at byte {at_byte:,} of {size_bytes:,}"
        super().__init__(f"{path.name}: {reason.value}{where}" + (f" ({detail})" if detail else ""))


@dataclass(frozen=True, slots=True)
class RoadFileFacts:
    """What was read, for the import's record."""

    size_bytes: int
    sha256: str
    n_ways: int
    n_points: int
    n_points_without_location: int
    n_restrictions: int


@dataclass(frozen=True, slots=True)
class RoadFile:
    """The drivable ways of one file and the facts about its reading."""

    ways: RoadWays
    facts: RoadFileFacts


@dataclass(slots=True)
class _Gathered:
    """Growing lists while the file streams by; one row per way piece or restriction."""

    vehicles: Vehicles = field(default_factory=lambda: VEHICLES)
    counts: list[int] = field(default_factory=list)
    # A province has tens of millions of points: compact arrays, eight bytes each.
    nodes: "array[int]" = field(default_factory=lambda: array("q"))
    lons: "array[float]" = field(default_factory=lambda: array("d"))
    lats: "array[float]" = field(default_factory=lambda: array("d"))
    way_ids: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    forward: list[int] = field(default_factory=list)
    backward: list[int] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)
    rounds: list[bool] = field(default_factory=list)
    restrictions: list[tuple[int, int, int, str]] = field(default_factory=list)
    signs: list[tuple[int, str, tuple[int, ...]]] = field(default_factory=list)
    n_ways: int = 0
    n_without_location: int = 0


def road_file_read(
    path: Path, *, progress: Callable[[int], None] | None = None, vehicles: Vehicles = VEHICLES
) -> RoadFile:
    """Read the roads of an .osm.pbf file; `progress` hears the number of ways read so far.

    Ways are kept when a vehicle or a walker on the road network may use them. A way point
    whose position is not in the file (extracts cut ways at their edge) is left out and
    the way goes on as two.

    Raises RoadFileBroken for anything that is no whole .osm.pbf file with roads in it,
    and FileNotFoundError when there is no such file.
    """
    size_bytes = path.stat().st_size
    _frame_check(path, size_bytes)
    gathered = _Gathered(vehicles)
    keys = ["highway", *(["waterway"] if access_by_default(RoadClass.WATERWAY, vehicles) else [])]
    wanted = osmium.osm.WAY | osmium.osm.RELATION
    try:
        stream = (
            osmium.FileProcessor(str(path))
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(wanted))
            .with_filter(osmium.filter.KeyFilter(*keys, *_SIGN_KEYS, *(f"{key}:conditional" for key in _SIGN_KEYS)))
        )
        for thing in stream:
            if isinstance(thing, osmium.osm.Way):
                _way_gather(gathered, thing)
                if progress is not None and gathered.n_ways % PROGRESS_EVERY == 0:
                    progress(gathered.n_ways)
            else:
                _restriction_gather(gathered, thing)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as problem:
        raise RoadFileBroken(path, RoadFileFault.DAMAGED, size_bytes=size_bytes, detail=str(problem)) from problem
    if not gathered.counts:
        raise RoadFileBroken(path, RoadFileFault.NO_ROADS, size_bytes=size_bytes)
    facts = RoadFileFacts(
        size_bytes=size_bytes,
        sha256=_sha256(path),
        n_ways=gathered.n_ways,
        n_points=len(gathered.nodes),
        n_points_without_location=gathered.n_without_location,
        n_restrictions=len(gathered.restrictions),
    )
    return RoadFile(_ways(gathered), facts)


def _way_gather(gathered: _Gathered, way: Any) -> None:
    tags = dict(way.tags)
    road_class = RoadClass.WATERWAY if tags.get("waterway") in _WATERWAYS else None
    road_class = _CLASSES.get(tags.get("highway", ""), road_class)
    if road_class is None or tags.get("area") == "yes" or tags.get("service") in _NO_THROUGH_SERVICE:
        return
    forward, backward = access_of_way(tags, road_class, gathered.vehicles)
    if not forward | backward:
        return
    gathered.n_ways += 1
    run: list[tuple[int, float, float]] = []
    runs = [run]
    for point in way.nodes:
        location = point.location
        if location.valid():
            run.append((point.ref, location.lon_without_check(), location.lat_without_check()))
        else:
            gathered.n_without_location += 1
            run = []
            runs.append(run)
    for run in runs:
        if len(run) < 2:
            continue
        refs, lons, lats = zip(*run, strict=True)
        gathered.counts.append(len(run))
        gathered.nodes.extend(refs)
        gathered.lons.extend(lons)
        gathered.lats.extend(lats)
        gathered.way_ids.append(way.id)
        gathered.classes.append(int(road_class))
        gathered.forward.append(int(forward))
        gathered.backward.append(int(backward))
        gathered.speeds.append(free_speed_kmh(tags))
        gathered.names.append(names_of_way(tags))
        gathered.rounds.append(tags.get("junction") in _ROUND)


def _restriction_gather(gathered: _Gathered, relation: Any) -> None:
    """Keep what a sign says: from one way over a node or ways into another, whom it binds and when."""
    members: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
    for member in relation.members:
        if member.role in members:
            members[member.role].append((member.type, member.ref))
    via = members["via"]
    kinds = {kind for kind, _ in via}
    if not (
        len(members["from"]) == len(members["to"]) == 1 and (kinds == {"w"} or (kinds == {"n"} and len(via) == 1))
    ):
        return
    over = tuple(ref for _, ref in via) if kinds == {"w"} else ()
    for sign in signs_of(dict(relation.tags)):
        node = NO_NODE if over else via[0][1]
        gathered.restrictions.append((members["from"][0][1], node, members["to"][0][1], sign.kind))
        gathered.signs.append((int(sign.binds), sign.hours, over))


@dataclass(frozen=True, slots=True)
class Sign:
    """What one tag of a restriction says: the turn it means, whom it binds, and when ("" always)."""

    kind: str
    binds: Access
    hours: str


def signs_of(tags: dict[str, str]) -> list[Sign]:
    """The signs of a restriction's tags; those that bind nobody who is sent from here are none.

    `restriction:motorcycle` binds motorcycles only; `except=emergency` sets free who drives under blue light.
    `restriction:conditional` may say several things ("no_left_turn @ (Mo-Fr 07:00-19:00)"); a condition that
    is no time (weight, length) binds lorries and not us.
    """
    found = []
    for key, binds in _SIGN_KEYS.items():
        said = _CONDITIONED.findall(tags.get(f"{key}:conditional", ""))
        spoken = ((kind, (inside or bare).strip()) for kind, inside, bare in said)
        found += [Sign(kind, binds, hours) for kind, hours in spoken if validate(hours)]
        kind = tags.get(key, "")
        if kind.startswith(("no_", "only_")):
            found.append(Sign(kind, binds, ""))
    freed = Access.NONE
    for word in tags.get("except", "").split(";"):
        freed |= _EXCEPTED.get(word.strip(), Access.NONE)
    return [Sign(sign.kind, sign.binds & ~freed, sign.hours) for sign in found if sign.binds & ~freed]


def access_of_way(
    tags: dict[str, str], road_class: RoadClass, vehicles: Vehicles = VEHICLES
) -> tuple[Access, Access]:
    """Who may use a way along and against its points, from its tags.

    `private` and `destination` roads stay open: a police car may enter an estate. Roads
    closed to ordinary traffic stay open to emergency vehicles unless `emergency=no`.
    """
    bits, both_ways = int(access_by_default(road_class, vehicles)), int(both_ways_access(vehicles))
    urgent = int(emergency_access(vehicles))
    for vehicle in vehicles.values():
        key = next((key for key in vehicle.tags if key in tags), None)
        if key is not None and tags[key] in _CLOSED:
            bits &= ~vehicle.access
        elif key is not None and key != "access" and tags[key] in _OPENED:
            bits |= vehicle.access
    if tags.get("emergency") == "no":
        bits &= ~urgent
    oneway = tags.get("oneway")
    if oneway is None and (tags.get("junction") in _ROUND or road_class is RoadClass.MOTORWAY):
        oneway = "yes"
    if oneway in ("reversible", "alternating"):
        # Open one way at a time and nobody here knows which: only under blue light.
        bits &= both_ways | urgent
    along = bits & both_ways if oneway in ("-1", "reverse") else bits
    against = bits & both_ways if oneway in ("yes", "true", "1") else bits
    return Access(along), Access(against)


def free_speed_kmh(tags: dict[str, str]) -> float:
    """Free driving speed from the posted limit, NaN when none is posted in numbers."""
    text = tags.get("maxspeed", "").split(";")[0].strip().lower()
    number, _, unit = text.partition(" ")
    if number.endswith("mph"):
        number, unit = number[:-3], "mph"
    try:
        limit = float(number)
    except ValueError:
        return float("nan")
    if not 1.0 <= limit <= 200.0:
        return float("nan")
    return limit * SHARE_OF_LIMIT * (_KM_PER_MILE if unit == "mph" else 1.0)


def names_of_way(tags: dict[str, str]) -> tuple[str, str]:
    """(name, second name): Chinese first, English second, as far as the map has them.

    Where a Chinese name stands beside a local one in other letters and no English is
    given, the local one is the second name, so that it can still be searched for.
    """
    local = _clean(tags.get("name", ""))
    chinese = _clean(tags.get("name:zh-Hans") or tags.get("name:zh") or "")
    english = _clean(tags.get("name:en", ""))
    if chinese and not english and local != chinese:
        english = local
    return chinese or local, english


def _clean(name: str) -> str:
    """Map names are typed by anybody: no control or direction characters, no odd spacing."""
    plain = unicodedata.normalize("NFC", name)
    kept = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in plain)
    return " ".join(kept.split())[:200]


def _ways(gathered: _Gathered) -> RoadWays:
    names, names_en, way_name = name_table(gathered.names)
    rows = gathered.restrictions
    return RoadWays(
        way_indptr=np.concatenate([[0], np.cumsum(gathered.counts)]).astype(np.int64),
        point_node=np.array(gathered.nodes, dtype=np.int64),
        point_lon=np.array(gathered.lons, dtype=np.float64),
        point_lat=np.array(gathered.lats, dtype=np.float64),
        way_id=np.array(gathered.way_ids, dtype=np.int64),
        way_class=np.array(gathered.classes, dtype=np.int8),
        way_access_forward=np.array(gathered.forward, dtype=np.uint8),
        way_access_backward=np.array(gathered.backward, dtype=np.uint8),
        way_speed_kmh=np.array(gathered.speeds, dtype=np.float64),
        way_name=way_name,
        names=names,
        names_en=names_en,
        restriction_from=np.array([row[0] for row in rows], dtype=np.int64),
        restriction_via=np.array([row[1] for row in rows], dtype=np.int64),
        restriction_to=np.array([row[2] for row in rows], dtype=np.int64),
        restriction_kind=tuple(row[3] for row in rows),
        restriction_for=np.array([binds for binds, _, _ in gathered.signs], dtype=np.uint8),
        restriction_hours=tuple(hours for _, hours, _ in gathered.signs),
        restriction_via_ways=tuple(over for _, _, over in gathered.signs),
        way_is_round=np.array(gathered.rounds, dtype=np.bool_),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- The frame of the file -------------------------------------------------------------
# A .osm.pbf file is a row of blocks: four bytes with the length of a header, the header
# (kind and data length, as protocol-buffer fields), the data. Walking the frame costs
# next to nothing and tells where a file was cut, which the reading library does not. A
# file cut exactly between two blocks is a whole, smaller file: nothing in the format says
# how many blocks there should be, so only the size or checksum of the source can tell.
# The two limits below are those of the format.


_LONGEST_HEADER = 64 * 1024
_LARGEST_BLOCK = 32 * 1024 * 1024


def _frame_check(path: Path, size_bytes: int) -> None:
    """Raise RoadFileBroken unless the file is a whole row of blocks starting as it should."""
    at = 0
    with path.open("rb") as file:
        while at < size_bytes or at == 0:
            kind, end = _block(file, at)
            if at == 0 and kind != b"OSMHeader":
                reason = RoadFileFault.NOT_A_ROAD_FILE
            elif kind is None:
                reason = RoadFileFault.DAMAGED
            elif end > size_bytes:
                reason = RoadFileFault.CUT_OFF
            else:
                at = end
                continue
            raise RoadFileBroken(path, reason, size_bytes=size_bytes, at_byte=at)


def _block(file: BinaryIO, at: int) -> tuple[bytes | None, int]:
    """(kind, end) of the block that begins here; kind None when no block can begin like this.

    A header that the end of the file cuts short counts as a block that ends beyond it.
    """
    file.seek(at)
    prefix = file.read(4)
    length = struct.unpack(">I", prefix)[0] if len(prefix) == 4 else 0
    if len(prefix) == 4 and not 0 < length <= _LONGEST_HEADER:
        return None, at
    header = file.read(length)
    if len(prefix) < 4 or len(header) < length:
        return b"", at + 4 + max(length, 1)
    fields = _fields(header)
    kind, data_size = fields.get(1), fields.get(3)
    if not isinstance(kind, bytes) or not isinstance(data_size, int) or data_size > _LARGEST_BLOCK:
        return None, at
    return kind, at + 4 + length + data_size


def _fields(message: bytes) -> dict[int, bytes | int]:
    """The fields of a flat protocol-buffer message; what cannot be read ends it."""
    found: dict[int, bytes | int] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 2:
            found[key >> 3] = message[at : at + value]
            at += value
        elif key & 7 == 0:
            found[key >> 3] = value
        else:
            break
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return value, at
