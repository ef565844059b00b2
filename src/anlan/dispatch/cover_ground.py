"""What cover is reckoned on: where calls are expected, and how long it takes there from any road."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.core.snapshot import Snapshot
from anlan.dispatch.cover_store import table_kept
from anlan.dispatch.rules import ARRIVE_ALLOWS
from anlan.engines.geo import cell_centre, cell_neighbours, cells_of
from anlan.engines.roads import DriveMode, RoadGraph, Snaps, Vehicle, search_to
from anlan.intake.selectors import YEAR, calls_of_year
from anlan.places.selectors import Roads, locate_many, road_graph_usual

Floats = NDArray[np.float64]

SLOT_HOURS = 8
"""Demand is told for a third of a day, as forecasts are; the ground is that of the slot."""
SLOT = timedelta(hours=SLOT_HOURS)
KEPT_SLOTS = 3
MOST_CELLS = 400
KEPT_SHARE = 0.98
"""Cells with the least demand are left out once this share of it is held, or the number is reached."""
DEMAND_RESOLUTION = 8
"""Hexagons of about 0.7 square kilometres: a few minutes' walk across."""
FARTHEST_S = 3600.0
NOWHERE = np.iinfo(np.uint16).max
OFF_ROAD_RINGS = 3
"""A unit up to this many small cells from the nearest road stands at that road."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Expected calls by cell: where, how many a day, from what (``forecast`` or ``year``), and of how many calls.

    A forecast's are those of its shift, told as if the whole day were like it.
    """

    lon: Floats
    lat: Floats
    a_day: Floats
    source: str
    calls: int


DemandSource = Callable[[datetime], Demand | None]
_sources: list[DemandSource] = []


def demand_source_add(source: DemandSource) -> None:
    """Let a room above tell where calls are expected in the third of the day that begins when it is asked for.

    Asked before the mean of the year; None when it can't say.
    """
    _sources.append(source)


def demand_of(at: datetime) -> Demand:
    """Where calls are expected at ``at``: by a forecast where there is one, else by the year before.

    Citizens' calls alone, without the kinds no map may show by place.
    """
    return _forecast(slot_of(at)) or _of_year(at)


def _forecast(slot: datetime) -> Demand | None:
    for source in _sources:
        told = source(slot)
        if told is not None and len(told.a_day):
            return _thinned(told)
    return None


def _of_year(until: datetime) -> Demand:
    found = calls_of_year(until)
    places = np.array([cell_centre(cell) for cell, _count in found], dtype=np.float64).reshape(-1, 2)
    counts = np.array([count for _cell, count in found], dtype=np.float64)
    total = int(counts.sum())
    return _thinned(_gathered(places, counts / YEAR.days, total))


def _gathered(places: Floats, a_day: Floats, calls: int) -> Demand:
    """Small cells put together to larger ones, each standing where its own demand lies."""
    cells, group = np.unique(cells_of(places[:, 0], places[:, 1], resolution=DEMAND_RESOLUTION), return_inverse=True)
    weight = np.bincount(group, weights=a_day, minlength=len(cells))
    lon, lat = (
        np.bincount(group, weights=a_day * places[:, axis], minlength=len(cells)) / np.where(weight > 0, weight, 1.0)
        for axis in (0, 1)
    )
    return Demand(lon, lat, np.asarray(weight, dtype=np.float64), "year", calls)


def _thinned(demand: Demand) -> Demand:
    order = np.argsort(-demand.a_day, kind="stable")
    held = np.cumsum(demand.a_day[order])
    whole = float(held[-1]) if len(held) else 0.0
    enough = int(np.searchsorted(held, KEPT_SHARE * whole)) + 1
    keep = np.sort(order[: min(enough, MOST_CELLS, len(order))])
    return Demand(demand.lon[keep], demand.lat[keep], demand.a_day[keep], demand.source, demand.calls)


@dataclass(frozen=True, eq=False)
class CoverGround:
    """Seconds under blue light from each place on a road (row) to each demand cell (column), and the targets.

    ``travel_s`` is uint16, its greatest number where no road leads within an hour; ``row_of`` finds the row
    of a small cell (about 200 m); ``target_s`` is a P1's arrival target at each demand cell.
    """

    demand: Demand
    target_s: Floats
    row_of: dict[int, int]
    travel_s: NDArray[np.uint16]

    @property
    def is_empty(self) -> bool:
        return not len(self.demand.a_day) or not self.row_of

    def reach(self, lons: Floats, lats: Floats, *, turnout_s: float) -> NDArray[np.bool_]:
        """Which demand cells somebody at each place gets to within the target, shape (n_places, n_cells)."""
        rows = np.array([self._row(cell) for cell in cells_of(lons, lats).tolist()], dtype=np.int64)
        table = np.vstack([self.travel_s, np.full((1, len(self.target_s)), NOWHERE, dtype=np.uint16)])[rows]
        return np.asarray((table != NOWHERE) & (table + np.float64(turnout_s) <= self.target_s[None, :]))

    def _row(self, cell: int) -> int:
        """The row of a cell, of the nearest with a road, or -1 (the row from which nothing is reached)."""
        if not cell:
            return -1
        if (row := self.row_of.get(cell)) is not None:
            return row
        for rings in range(1, OFF_ROAD_RINGS + 1):
            for near in cell_neighbours(cell, rings=rings).tolist():
                if (row := self.row_of.get(near)) is not None:
                    return row
        return -1


def cover_ground(at: datetime) -> CoverGround:
    """The ground of the third of the day ``at`` lies in; without a forecast, by the year up to the third before.

    Travel is that of the network without closures. It is worked out by the worker for the next third (seconds in a
    large town) and read by every process; whoever asks first where it isn't there yet works it out.
    """
    return _ground_of(slot_of(at)).get()


def cover_is_ready(at: datetime) -> bool:
    """Whether this process holds the ground of ``at`` already, so that asking for cover costs nobody a wait."""
    return _ground_of(slot_of(at)).is_held


def slot_of(at: datetime) -> datetime:
    """When the third of the local day that ``at`` lies in began."""
    local = timezone.localtime(at)
    return local.replace(hour=local.hour // SLOT_HOURS * SLOT_HOURS, minute=0, second=0, microsecond=0).astimezone(
        UTC
    )


@lru_cache(maxsize=KEPT_SLOTS)
def _ground_of(slot: datetime) -> Snapshot[CoverGround]:
    return Snapshot(lambda: _load(slot), lambda: _version(slot))


def _told(slot: datetime) -> Demand:
    """Where calls are expected, the same in every process from one third of the day before on."""
    told = _forecast(slot) or _of_year(slot - SLOT)
    # A centre of its first day: better the calls of an hour ago than none.
    return told if len(told.a_day) else _of_year(slot + SLOT)


def _load(slot: datetime) -> CoverGround:
    demand, roads = _told(slot), _roads_usual(slot)
    located = locate_many(demand.lon.tolist(), demand.lat.tolist())
    settings = [row.setting if row is not None else "town" for row in located]
    target_s = np.array([ARRIVE_ALLOWS["P1"][setting].total_seconds() for setting in settings], dtype=np.float64)
    if roads is None or not len(demand.a_day):
        return CoverGround(demand, target_s, {}, np.zeros((0, len(demand.a_day)), dtype=np.uint16))
    row_of, sites = road_sites(roads.graph)
    parts = (roads.sha256.encode(), demand.lon.tobytes(), demand.lat.tobytes())
    shape = (len(sites), len(demand.a_day))
    return CoverGround(demand, target_s, row_of, table_kept(parts, shape, lambda: _travel(roads, sites, demand)))


def _roads_usual(slot: datetime) -> Roads | None:
    """The network as it usually is in the middle of the third, without what is closed or slowed for the moment."""
    return road_graph_usual(at=slot + SLOT / 2)


def _version(slot: datetime) -> Hashable:
    roads = _roads_usual(slot)
    return (roads.sha256 if roads is not None else "", len(_sources))


def road_sites(graph: RoadGraph) -> tuple[dict[int, int], Snaps]:
    """One place on a road in every small cell that has one, the middle of its first link: row by cell, and places."""
    middle = (graph.link_point_indptr[:-1] + graph.link_point_indptr[1:] - 1) // 2
    lon, lat = graph.point_lon[middle], graph.point_lat[middle]
    cells, first = np.unique(cells_of(lon, lat), return_index=True)
    link = first.astype(np.int64)
    offset_m = graph.point_at_m[middle[first]]
    sites = Snaps(link, offset_m, np.zeros(len(link)), lon[first], lat[first])
    return {int(cell): row for row, cell in enumerate(cells.tolist())}, sites


def _travel(roads: Roads, sites: Snaps, demand: Demand) -> NDArray[np.uint16]:
    """One search back from each demand cell."""
    weights = roads.weights(Vehicle.CAR, DriveMode.EMERGENCY)
    table = np.full((len(sites), len(demand.a_day)), NOWHERE, dtype=np.uint16)
    targets = roads.snapper.snap_many(demand.lon, demand.lat, usable=weights.usable)
    for column in range(len(demand.a_day)):
        seconds = search_to(roads.graph, weights, targets[column], cutoff_s=FARTHEST_S).travel_s(sites)
        reached = np.isfinite(seconds)
        table[reached, column] = np.minimum(np.ceil(seconds[reached]), NOWHERE - 1)
    return table
