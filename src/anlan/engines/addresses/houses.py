"""House numbers along a road: the known ones, and where an unknown one should stand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from anlan.engines.addresses.records import GazetteerRecord

_METRES_PER_DEGREE = 111_195.0
# Two stretches of one name farther apart than this are two roads.
_SAME_ROAD_M = 800.0
_BEYOND_THE_END = 20


def metres_between(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Metres between two near points on a local plane."""
    shrink = math.cos(math.radians((lat_a + lat_b) / 2.0))
    return math.hypot((lon_a - lon_b) * shrink, lat_a - lat_b) * _METRES_PER_DEGREE


def clusters(records: Sequence[GazetteerRecord], reach_m: float = _SAME_ROAD_M) -> list[list[GazetteerRecord]]:
    """Records split into groups that hang together by steps of at most `reach_m`."""
    if len(records) < 2:
        return [list(records)] if records else []
    lat = np.array([r.lat for r in records])
    lon = np.array([r.lon for r in records]) * math.cos(math.radians(float(lat.mean())))
    points = np.column_stack([lon, lat]) * _METRES_PER_DEGREE
    pairs = cKDTree(points).query_pairs(reach_m, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(records),) * 2)
    count, labels = connected_components(links, directed=False)
    groups: list[list[GazetteerRecord]] = [[] for _ in range(count)]
    for record, label in zip(records, labels.tolist(), strict=True):
        groups[label].append(record)
    return groups


def leading_number(number: str) -> int | None:
    """The whole number a written house number begins with; None if it begins otherwise."""
    digits = ""
    for char in number:
        if not char.isdigit():
            break
        digits += char
    return int(digits) if digits else None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a house number is or should be. `exact` when the gazetteer has it."""

    anchor: GazetteerRecord
    lon: float
    lat: float
    radius_m: float
    exact: bool
    trust: float


class HouseRow:
    """The known house numbers of one stretch of road."""

    def __init__(self, records: Sequence[GazetteerRecord]) -> None:
        numbered = [(n, r) for r in records if (n := leading_number(r.number)) is not None]
        self._rows = sorted(numbered, key=lambda pair: (pair[0], len(pair[1].number), pair[1].id))
        self.length_m = self._extent()
        self.middle = self._rows[len(self._rows) // 2][1] if self._rows else None

    def place(self, number: int, suffix: str = "") -> Placed | None:
        """The number's place; between two known ones by interpolation; None beyond the row's ends."""
        same = [record for known, record in self._rows if known == number]
        if same:
            wanted = (
                {f"{number}-{suffix}", f"{number}之{suffix}", f"{number}号之{suffix}"} if suffix else {str(number)}
            )
            exact = next((record for record in same if record.number in wanted), None)
            record = exact or same[0]
            return Placed(record, record.lon, record.lat, 15.0 if exact else 30.0, True, 1.0 if exact else 0.94)
        return self._between(number)

    def _between(self, number: int) -> Placed | None:
        # Odd and even numbers usually face each other: the same side is the better ruler.
        side = [row for row in self._rows if row[0] % 2 == number % 2]
        for rows, trust in ((side, 0.8), (self._rows, 0.74)):
            below = [row for row in rows if row[0] < number]
            above = [row for row in rows if row[0] > number]
            if below and above:
                return self._interpolated(number, below[-1], above[0], trust)
        return self._beyond(number)

    def _interpolated(
        self, number: int, low: tuple[int, GazetteerRecord], high: tuple[int, GazetteerRecord], trust: float
    ) -> Placed:
        part = (number - low[0]) / (high[0] - low[0])
        (_, a), (_, b) = low, high
        gap_m = metres_between(a.lon, a.lat, b.lon, b.lat)
        anchor = a if part <= 0.5 else b
        trust -= min(0.2, (high[0] - low[0]) / 500.0)
        lon, lat = a.lon + part * (b.lon - a.lon), a.lat + part * (b.lat - a.lat)
        return Placed(anchor, lon, lat, max(25.0, gap_m / 2.0), False, trust)

    def _beyond(self, number: int) -> Placed | None:
        if not self._rows:
            return None
        edge = self._rows[0] if number < self._rows[0][0] else self._rows[-1]
        if abs(edge[0] - number) > _BEYOND_THE_END:
            return None
        return Placed(edge[1], edge[1].lon, edge[1].lat, 120.0, False, 0.55)

    def _extent(self) -> float:
        if not self._rows:
            return 0.0
        lons = [r.lon for _, r in self._rows]
        lats = [r.lat for _, r in self._rows]
        return metres_between(min(lons), min(lats), max(lons), max(lats))
