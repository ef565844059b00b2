"""Rows on their way to candidates: who shares confidence with whom, and where a point moves."""

import math
from collections.abc import Sequence

from anlan.engines.addresses.houses import metres_between
from anlan.engines.addresses.parts import AddressParts
from anlan.engines.addresses.records import Candidate, GazetteerRecord

_NEAR_SCALE_M = 2000.0
_SHIFT = {
    "东": (1, 0),
    "西": (-1, 0),
    "北": (0, 1),
    "南": (0, -1),
    "东北": (0.71, 0.71),
    "西北": (-0.71, 0.71),
    "东南": (0.71, -0.71),
    "西南": (-0.71, -0.71),
}
_METRES_PER_DEGREE = 111_195.0

# record, lon, lat, radius_m, confidence by itself, weight among places of one name, what was done
Row = tuple[GazetteerRecord, float, float, float, float, float, tuple[str, ...]]


def exactness(exact: bool) -> tuple[str, ...]:
    """What was done to place a house number."""
    return () if exact else ("interpolated",)


def close(a: GazetteerRecord, b: GazetteerRecord, metres: float) -> bool:
    """Whether two records lie within so many metres of each other."""
    return metres_between(a.lon, a.lat, b.lon, b.lat) <= metres


def apart(records: Sequence[GazetteerRecord], metres: float) -> list[GazetteerRecord]:
    """One record of each heap: doubles of one place entered twice are no ambiguity."""
    kept: list[GazetteerRecord] = []
    for record in records:
        if not any(close(record, other, metres) for other in kept):
            kept.append(record)
    return kept


def shared(
    rows: Sequence[Row],
    trust: float,
    matched: tuple[str, ...],
    how: tuple[str, ...],
    near: tuple[float, float] | None,
    parts: AddressParts,
) -> list[Candidate]:
    """Candidates from rows; places of one name share the confidence, nearer ones take more."""
    weights = []
    for row in rows:
        metres = metres_between(row[1], row[2], *near) if near else 0.0
        weights.append(row[5] * max(math.exp(-metres / _NEAR_SCALE_M), 1e-6))
    total = sum(weights)
    found = []
    for row, weight in zip(rows, weights, strict=True):
        record, lon, lat, radius, confidence, _, done = row
        tags = [*how, *done]
        if len(rows) > 1:
            tags += ["one_of_several", *(["near_caller"] if near else [])]
        lon, lat, radius = _moved(lon, lat, radius, parts)
        sure = confidence * trust * weight / total
        tags += ["moved"] if parts.offset_m else []
        how_all = tuple(dict.fromkeys(tags))
        found.append(
            Candidate(record, float(lon), float(lat), float(radius), round(float(sure), 4), matched, how_all)
        )
    return found


def _moved(lon: float, lat: float, radius: float, parts: AddressParts) -> tuple[float, float, float]:
    """The point moved by "50 m to the east", or left with a wider radius for "near", "opposite"."""
    if parts.offset_m and parts.direction:
        east, north = _SHIFT[parts.direction]
        lon += east * parts.offset_m / (_METRES_PER_DEGREE * math.cos(math.radians(lat)))
        lat += north * parts.offset_m / _METRES_PER_DEGREE
        return lon, lat, radius + 0.3 * parts.offset_m
    wider = {"near": 100.0, "opposite": 40.0, "beside": 40.0, "part_of": 100.0}.get(parts.relation, 0.0)
    return lon, lat, radius + wider
