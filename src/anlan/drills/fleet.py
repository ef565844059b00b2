"""Simulated units that drive the real roads and report where they are, as terminals do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from anlan.core.actor import Actor
from anlan.engines.geo import distance_m
from anlan.engines.roads import DriveMode, Route, Vehicle, position_along, route
from anlan.places.selectors import Roads
from anlan.units.services import PositionReport, positions_take

LINE_SPEED_MPS = {"car": 9.0, "motorcycle": 9.0, "foot": 1.4, "boat": 5.0}
DETOUR = 1.35
VEHICLES = {"car": Vehicle.CAR, "motorcycle": Vehicle.MOTORCYCLE, "foot": Vehicle.FOOT, "boat": Vehicle.CAR}


@dataclass
class Rider:
    """One unit: where it stands, or the way it is on and since when."""

    unit_id: int
    vehicle: str
    lon: float
    lat: float
    way: Route | None = None
    set_off_at: datetime | None = None
    seq: int = 0
    last_seen: tuple[float, float] | None = None

    def where(self, at: datetime) -> tuple[float, float, float]:
        """``lon, lat, heading`` at a moment."""
        if self.way is None or self.set_off_at is None:
            return self.lon, self.lat, 0.0
        return position_along(self.way, (at - self.set_off_at).total_seconds())

    def stand(self, at: datetime) -> None:
        """Stop where it is."""
        self.lon, self.lat, _ = self.where(at)
        self.way = self.set_off_at = None


@dataclass
class Fleet:
    """All simulated units over one road network (or straight lines where there is none)."""

    roads: Roads | None
    boot: str
    riders: dict[int, Rider] = field(default_factory=dict)

    def add(self, unit_id: int, *, vehicle: str, lon: float, lat: float) -> None:
        self.riders[unit_id] = Rider(unit_id, vehicle, lon, lat)

    def drive(self, unit_id: int, lon: float, lat: float, *, urgent: bool, at: datetime) -> float:
        """Set off towards a place; returns the seconds the way takes."""
        rider = self.riders[unit_id]
        rider.stand(at)
        rider.way = self._route(rider, lon, lat, urgent=urgent)
        rider.set_off_at = at
        return rider.way.travel_s

    def _route(self, rider: Rider, lon: float, lat: float, *, urgent: bool) -> Route:
        if self.roads is not None:
            mode = DriveMode.EMERGENCY if urgent else DriveMode.NORMAL
            weights = self.roads.weights(VEHICLES[rider.vehicle], mode)
            snap = self.roads.snapper.snap
            source = snap(rider.lon, rider.lat, usable=weights.usable)
            way = route(self.roads.graph, weights, source, snap(lon, lat, usable=weights.usable))
            if way is not None:
                return way
        return _straight(rider, lon, lat)

    def report(self, at: datetime, *, by: Actor, only_moving: bool = False) -> int:
        """Send the positions of the units in one batch, as terminals would; returns how many."""
        fixes = []
        for rider in self.riders.values():
            if only_moving and rider.way is None:
                continue
            lon, lat, heading = rider.where(at)
            rider.seq += 1
            moving = rider.way is not None and rider.last_seen != (lon, lat)
            rider.last_seen = (lon, lat)
            fixes.append(
                PositionReport(
                    unit_id=rider.unit_id,
                    boot=self.boot,
                    seq=rider.seq,
                    lon=lon,
                    lat=lat,
                    fixed_at=at,
                    speed_mps=LINE_SPEED_MPS[rider.vehicle] if moving else 0.0,
                    heading_deg=heading,
                )
            )
        if fixes:
            positions_take(fixes=fixes, by=by, at=at)
        return len(fixes)


def _straight(rider: Rider, lon: float, lat: float) -> Route:
    """A straight line at the vehicle's pace, lengthened as roads are, where no road leads there."""
    metres = float(distance_m(rider.lon, rider.lat, lon, lat)) * DETOUR
    seconds = metres / LINE_SPEED_MPS[rider.vehicle]
    return Route(
        lon=np.array([rider.lon, lon]),
        lat=np.array([rider.lat, lat]),
        at_m=np.array([0.0, metres]),
        at_s=np.array([0.0, seconds]),
        links=np.empty(0, dtype=np.int64),
        link_backward=np.empty(0, dtype=np.bool_),
        link_at_m=np.empty(0),
    )
