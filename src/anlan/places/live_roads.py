"""The road network as it is at a moment: what desks have closed or slowed, and which signs with hours bind."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from django.db.models import DateTimeField
from django.db.models.functions import Now
from django.utils import timezone
from numpy.typing import NDArray
from opening_hours import OpeningHours

from anlan.engines.geo import bearing_deg
from anlan.engines.roads import (
    Conditions,
    DriveMode,
    Paces,
    RoadGraph,
    Snapper,
    TravelWeights,
    Vehicle,
    hours_running,
    links_within,
    metres_like,
    slowed,
    travel_matrix,
    travel_weights,
    with_cells,
)
from anlan.engines.roads.cells import WORTH_STATES
from anlan.engines.roads.ways import WHEELS
from anlan.engines.roads.weights import usable_links
from anlan.places.memory import memory_return
from anlan.places.models import RoadCondition, RoadNetwork
from anlan.places.road_paces import PacesInUse, band_of, paces_in_use

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pace:
    """What was learned of the time of the week, and which part of it is meant."""

    paces: Paces
    band: str


@dataclass(frozen=True)
class Roads:
    """The road network in use, ready to be asked. ``sha256`` is another whenever its travel times are.

    ``free`` is the same network without closures and slow-downs, None where this is it, and again without what was
    learned of the time of the week (``pace``). What is priced once is kept here for everybody in the process
    (`weights`).
    """

    graph: RoadGraph
    snapper: Snapper
    attribution: str
    sha256: str
    free: Roads | None = None
    pace: Pace | None = None
    _priced: dict[tuple[Vehicle, DriveMode], TravelWeights] = field(default_factory=dict, repr=False, compare=False)
    _metres: dict[Vehicle, TravelWeights] = field(default_factory=dict, repr=False, compare=False)

    def weights(self, vehicle: Vehicle, mode: DriveMode) -> TravelWeights:
        """Seconds over every road for one vehicle and mode under what holds now; made once, then kept."""
        key = (vehicle, mode)
        kept = self._priced.get(key)
        if kept is None:
            kept = self._priced[key] = self._price(vehicle, mode)
        return kept

    def metres(self, vehicle: Vehicle) -> TravelWeights:
        """Metres over every road as tracks are judged by, whatever is closed; made once, then kept."""
        if self.free is not None:
            return self.free.metres(vehicle)
        kept = self._metres.get(vehicle)
        if kept is None:
            kept = self._metres[vehicle] = metres_like(self.graph, self.weights(vehicle, DriveMode.EMERGENCY))
        return kept

    def _price(self, vehicle: Vehicle, mode: DriveMode) -> TravelWeights:
        holds = self.graph.conditions
        slowdown = self._slowdown(vehicle, mode)
        if self.free is None or (holds is not None and self.graph.turns.hours):
            weights = travel_weights(self.graph, vehicle, mode, slowdown=slowdown)
        elif slowdown is None:
            return self.free.weights(vehicle, mode)
        else:
            # States and turns stay as they are: only the seconds are added up again.
            weights = slowed(self.graph, self.free.weights(vehicle, mode), slowdown)
        if holds is None and weights.cells is None and weights.moves.n_states >= WORTH_STATES:
            # Seconds of work on a large network: whoever asks meanwhile is answered by the plain search.
            threading.Thread(target=self._cut, args=(weights,), daemon=True).start()
        return weights

    def _slowdown(self, vehicle: Vehicle, mode: DriveMode) -> Floats | None:
        """Closures and the time of the week together; None where neither says anything."""
        closed = self.graph.conditions.slowdown if self.graph.conditions is not None else None
        usual = self.pace.paces.of_links(self.graph, vehicle, mode, self.pace.band) if self.pace is not None else None
        if closed is None or usual is None:
            return closed if usual is None else usual
        return closed * (usual[:, None] if closed.ndim == 2 else usual)

    def _cut(self, weights: TravelWeights) -> None:
        like = self.free.weights(Vehicle(weights.vehicle), weights.mode).cells if self.free is not None else None
        # The same map is cut the same way: only what crossing takes is worked out again.
        cells = (
            like.priced(weights.moves, most_share=1.0)
            if like is not None
            else with_cells(self.graph, weights, worth_states=WORTH_STATES).cells
        )
        memory_return()
        # The same answers, only sooner: whoever holds these weights already gains too.
        object.__setattr__(weights, "cells", cells)

    def matrix_s(
        self,
        sources: Sequence[tuple[float, float]],
        targets: Sequence[tuple[float, float]],
        *,
        vehicle: Vehicle = Vehicle.CAR,
        mode: DriveMode = DriveMode.NORMAL,
        cutoff_s: float | None = None,
    ) -> Floats:
        """Driving seconds from each of n places to each of m, (lon, lat) each, shape (n, m); infinite without a way.

        One search for each target. The way from a place to its road and from the road to the door is not in it.
        """
        weights = self.weights(vehicle, mode)
        snapped = [
            self.snapper.snap_many([lon for lon, _ in places], [lat for _, lat in places], usable=weights.usable)
            for places in (sources, targets)
        ]
        return travel_matrix(self.graph, weights, *snapped, cutoff_s=cutoff_s)


def conditions_in_force(*, at: datetime | None = None) -> list[RoadCondition]:
    """Closures and slow-downs that hold at ``at``, without one at the store's own present; oldest first.

    Of those with hours only what runs at that moment.
    """
    rows = (
        RoadCondition.objects.filter(lifted_at=None)
        if at is None
        else RoadCondition.objects.exclude(lifted_at__lte=at)
    )
    moment = Now() if at is None else at
    rows = rows.filter(starts_at__lte=moment, ends_at__gt=moment).order_by("pk")
    return [row for row in rows if not row.hours or _runs(row.hours, at)]


def _runs(hours: str, at: datetime | None) -> bool:
    return bool(OpeningHours(hours).is_open(_local(at)))


def _local(at: datetime | None) -> datetime:
    """Naive local time of the jurisdiction, as signs and hours are written in it."""
    if at is None:
        at = RoadNetwork.objects.values_list(Now(output_field=DateTimeField()), flat=True).first()
        assert at is not None
    return timezone.localtime(at, timezone.get_default_timezone()).replace(tzinfo=None)


def links_meant(graph: RoadGraph, snapper: Snapper, lon: float, lat: float, radius_m: float) -> NDArray[np.int64]:
    """The links a condition speaks of: all in its circle, or the one nearest its point."""
    if radius_m > 0.0:
        return links_within(graph, lon, lat, radius_m)
    snap = snapper.snap(lon, lat, usable=usable_links(graph, WHEELS))
    return np.array([snap.link], dtype=np.int64)


def slowdown_of(graph: RoadGraph, snapper: Snapper, rows: Sequence[RoadCondition]) -> Floats:
    """How many times as long each link takes under these conditions; infinite where closed, the worst one counts.

    One number per link, or two (along it, against it) where a condition means one direction only.
    """
    factor = np.ones((graph.n_links, 2))
    for row in rows:
        links = links_meant(graph, snapper, row.lon, row.lat, row.radius_m)
        told = np.inf if row.factor is None else row.factor
        ways = slice(None) if row.heading_deg is None else way_meant(graph, snapper, row)
        factor[links, ways] = np.maximum(factor[links, ways], told)
    return factor if (factor[:, 0] != factor[:, 1]).any() else factor[:, 0].copy()


def way_meant(graph: RoadGraph, snapper: Snapper, row: RoadCondition) -> slice:
    """Which of the two directions of the road nearest the point leads the way of the heading."""
    snap = snapper.snap(row.lon, row.lat, usable=usable_links(graph, WHEELS))
    lon, lat, at_m = graph.link_points(snap.link)
    leg = int(np.clip(np.searchsorted(at_m, snap.offset_m, side="right") - 1, 0, len(at_m) - 2))
    along_deg = float(bearing_deg(lon[leg], lat[leg], lon[leg + 1], lat[leg + 1]))
    assert row.heading_deg is not None
    off_deg = abs((row.heading_deg - along_deg + 180.0) % 360.0 - 180.0)
    return slice(0, 1) if off_deg <= 90.0 else slice(1, 2)


_held: tuple[str, Roads] | None = None
_paced: dict[str, Roads] = {}
KEPT_PACED = 3
"""The part of the week that runs, the next, and one that is looked at."""


def roads_usual(base: Roads, *, at: datetime | None = None) -> Roads:
    """The network as it usually is at that time of the week, nothing closed: the map's until enough is learned."""
    learned = paces_in_use()
    return base if learned is None else _paced_for(base, learned, band_of(_local(at)))


def _paced_for(base: Roads, learned: PacesInUse, band: str) -> Roads:
    key = f"{base.sha256}~{learned.id}{band}"
    found = _paced.get(key)
    if found is None:
        found = _paced[key] = Roads(
            base.graph, base.snapper, base.attribution, key, free=base, pace=Pace(learned.paces, band)
        )
        for old in list(_paced)[:-KEPT_PACED]:
            _paced.pop(old, None)
    return found


def roads_now(base: Roads, *, at: datetime | None = None) -> Roads:
    """The network with what holds at the moment: asked at every use, so that a closure counts at once everywhere.

    Costs one small query; the slow-downs are worked out again only when what holds has changed.
    """
    global _held
    rows = conditions_in_force(at=at)
    learned = paces_in_use()
    local = _local(at) if learned is not None or base.graph.turns.hours else None
    signs = hours_running(base.graph, local) if local is not None and base.graph.turns.hours else ()
    usual = base if learned is None or local is None else _paced_for(base, learned, band_of(local))
    if not rows and not signs:
        return usual
    told = (f"{row.pk}:{row.lon},{row.lat},{row.radius_m},{row.factor},{row.heading_deg}" for row in rows)
    key = "|".join([usual.sha256, *told, *signs])
    held = _held
    if held is None or held[0] != key:
        slowdown = slowdown_of(base.graph, base.snapper, rows) if rows else None
        graph = replace(base.graph, conditions=Conditions(slowdown, local))
        now = Roads(graph, base.snapper, base.attribution, key, free=usual, pace=usual.pace)
        held = _held = (key, now)
    return held[1]
