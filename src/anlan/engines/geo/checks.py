"""Telling what is wrong with a coordinate pair before it becomes a place on the record."""

import math
from dataclasses import dataclass
from enum import StrEnum

from numpy.typing import ArrayLike

from anlan.engines.geo.datums import bd09_to_wgs84, gcj02_to_wgs84
from anlan.engines.geo.distance import distance_m


class CoordinateFinding(StrEnum):
    """What a coordinate check found; anything but OK belongs in quarantine or before a person."""

    OK = "ok"
    MISSING = "missing"
    ZERO = "zero"
    NOT_ON_EARTH = "not_on_earth"
    SWAPPED = "swapped"
    LOOKS_GCJ02 = "looks_gcj02"
    LOOKS_BD09 = "looks_bd09"
    FAR_FROM_REFERENCE = "far_from_reference"
    OUTSIDE_BOUNDS = "outside_bounds"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle in degrees that every place of a jurisdiction must lie in (edges included)."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (self.west < self.east and self.south < self.north):
            raise ValueError(f"bounds must run west to east and south to north, got {self}")

    def holds(self, lon: float, lat: float) -> bool:
        """True when the point lies inside or on the edge."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def coordinates_check(
    lon: float | None,
    lat: float | None,
    *,
    bounds: Bounds,
    reference: tuple[float, float] | None = None,
    tolerance_m: float = 60.0,
) -> CoordinateFinding:
    """Judge one pair of degrees; the first finding that fits is the answer.

    `reference` is a trusted WGS 84 (lon, lat) of the same place, for instance the
    gazetteer's answer for the address on the same row. With it, a pair that misses the
    reference by more than `tolerance_m` but meets it after conversion is reported as
    GCJ-02 or BD-09, and one that misses either way as FAR_FROM_REFERENCE. Without it no
    datum can be told apart: a shifted point inside the bounds looks like any other.
    """
    if lon is None or lat is None or math.isnan(lon) or math.isnan(lat):
        return CoordinateFinding.MISSING
    # Receivers without a fix, and spreadsheets with empty cells, send a plain zero.
    if abs(lon) < 1e-6 or abs(lat) < 1e-6:
        return CoordinateFinding.ZERO
    if not bounds.holds(lon, lat) and bounds.holds(lat, lon):
        return CoordinateFinding.SWAPPED
    if abs(lon) > 180.0 or abs(lat) > 90.0:
        return CoordinateFinding.NOT_ON_EARTH
    if reference is not None:
        finding = _against_reference(lon, lat, reference, tolerance_m)
        if finding is not CoordinateFinding.OK:
            return finding
    return CoordinateFinding.OK if bounds.holds(lon, lat) else CoordinateFinding.OUTSIDE_BOUNDS


def _against_reference(
    lon: float, lat: float, reference: tuple[float, float], tolerance_m: float
) -> CoordinateFinding:
    def miss_m(at_lon: ArrayLike, at_lat: ArrayLike) -> float:
        return float(distance_m(at_lon, at_lat, *reference))

    misses = {
        CoordinateFinding.OK: miss_m(lon, lat),
        CoordinateFinding.LOOKS_GCJ02: miss_m(*gcj02_to_wgs84(lon, lat)),
        CoordinateFinding.LOOKS_BD09: miss_m(*bd09_to_wgs84(lon, lat)),
    }
    if misses[CoordinateFinding.OK] <= tolerance_m:
        return CoordinateFinding.OK
    best = min(misses, key=lambda finding: misses[finding])
    return best if misses[best] <= tolerance_m else CoordinateFinding.FAR_FROM_REFERENCE
