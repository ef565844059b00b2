"""What cover is reckoned on: where calls are expected, and how long it takes there from any road."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from anlan.core.snapshot import Snapshot
from anlan.dispatch.rules import ARRIVE_ALLOWS
from anlan.engines.forecast import never_forecast, station_only
from anlan.engines.geo import cell_centre, cell_neighbours, cells_of
from anlan.engines.roads import DriveMode, RoadGraph, Snaps, Vehicle, search_to, travel_weights
from anlan.intake.models import Incident
from anlan.places.selectors import Roads, locate_many, road_graph

Floats = NDArray[np.float64]

CITIZEN = "citizen"
YEAR = timedelta(days=365)
KEPT_DAYS = 2
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
    """Expected calls by cell: where, how many a day, from what (``forecast`` or ``year``), and of how many calls."""

    lon: Floats
    lat: Floats
    a_day: Floats
    source: str
    calls: int


DemandSource = Callable[[datetime], Demand | None]
_sources: list[DemandSource] = []


def demand_source_add(source: DemandSource) -> None:
    """Let a room above tell where calls are expected; asked before the mean of the year, None when it can't say."""
    _sources.append(source)


def demand_of(at: datetime) -> Demand:
    """Where calls are expected at ``at``: by a forecast where there is one, else by the year before.

    Citizens' calls alone, without the kinds no map may show by place.
    """
    for source in _sources:
        told = source(at)
        if told is not None and len(told.a_day):
            return _thinned(told)
    rows = (
        Incident.objects.filter(received_at__gt=at - YEAR, received_at__lte=at, is_valid=True, cell__isnull=False)
        .filter(origin=CITIZEN)
        .exclude(state="merged")
        .values_list("cell", "code")
        .annotate(n=Count("id"))
        .order_by("cell", "code")
    )
    found = [(cell, count) for cell, code, count in rows if cell and not (never_forecast(code) or station_only(code))]
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
    """The ground of the day of ``at`` (UTC), from all calls up to its end.

    Worked out once a day and network in each process: seconds in a large town.
    """
    return _ground_of(at.astimezone(UTC).date()).get()


@lru_cache(maxsize=KEPT_DAYS)
def _ground_of(day: date) -> Snapshot[CoverGround]:
    until = datetime.combine(day + timedelta(days=1), time(), UTC)
    return Snapshot(lambda: _load(until), _version)


def _load(until: datetime) -> CoverGround:
    demand, roads = demand_of(until), road_graph()
    located = locate_many(demand.lon.tolist(), demand.lat.tolist())
    settings = [row.setting if row is not None else "town" for row in located]
    target_s = np.array([ARRIVE_ALLOWS["P1"][setting].total_seconds() for setting in settings], dtype=np.float64)
    if roads is None or not len(demand.a_day):
        return CoverGround(demand, target_s, {}, np.zeros((0, len(demand.a_day)), dtype=np.uint16))
    row_of, sites = road_sites(roads.graph)
    return CoverGround(demand, target_s, row_of, _travel(roads, sites, demand))


def _version() -> Hashable:
    roads = road_graph()
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
    weights = travel_weights(roads.graph, Vehicle.CAR, DriveMode.EMERGENCY)
    table = np.full((len(sites), len(demand.a_day)), NOWHERE, dtype=np.uint16)
    targets = roads.snapper.snap_many(demand.lon, demand.lat, usable=weights.usable)
    for column in range(len(demand.a_day)):
        seconds = search_to(roads.graph, weights, targets[column], cutoff_s=FARTHEST_S).travel_s(sites)
        reached = np.isfinite(seconds)
        table[reached, column] = np.minimum(np.ceil(seconds[reached]), NOWHERE - 1)
    return table
