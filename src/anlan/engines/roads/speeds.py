"""How fast a road is driven: by class, by posted limit, by vehicle and by urgency."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from anlan.engines.roads.turns import TurnRules
from anlan.engines.roads.vehicles import VEHICLES, Vehicles
from anlan.engines.roads.ways import EMERGENCY_ACCESS, Access, RoadClass

_BY_CLASS: dict[RoadClass, float] = {
    RoadClass.MOTORWAY: 90.0,
    RoadClass.MOTORWAY_LINK: 45.0,
    RoadClass.TRUNK: 60.0,
    RoadClass.TRUNK_LINK: 40.0,
    RoadClass.PRIMARY: 45.0,
    RoadClass.PRIMARY_LINK: 30.0,
    RoadClass.SECONDARY: 40.0,
    RoadClass.SECONDARY_LINK: 30.0,
    RoadClass.TERTIARY: 35.0,
    RoadClass.TERTIARY_LINK: 25.0,
    RoadClass.UNCLASSIFIED: 30.0,
    RoadClass.RESIDENTIAL: 25.0,
    RoadClass.LIVING_STREET: 15.0,
    RoadClass.SERVICE: 15.0,
    RoadClass.TRACK: 15.0,
    RoadClass.PEDESTRIAN: 10.0,
    RoadClass.WATERWAY: 10.0,
}

CLASS_SPEED_KMH = np.array([_BY_CLASS[road_class] for road_class in RoadClass], dtype=np.float64)
"""Free driving speed of a car where no limit is posted, by `RoadClass`.

Judgement, not measurement: to be replaced by a city's own speeds once it has positions.
"""

SHARE_OF_LIMIT = 0.8
"""Free speed as a share of the posted limit; the usual choice of open routing engines."""


class Vehicle(StrEnum):
    """How a unit moves: the rows of `vehicle_rows`, of which code names three."""

    CAR = "car"
    MOTORCYCLE = "motorcycle"
    FOOT = "foot"

    _ignore_ = ["_name"]
    for _name in sorted(set(VEHICLES) - {"car", "motorcycle", "foot"}):
        vars()[_name.upper()] = _name


class DriveMode(StrEnum):
    """Whether a unit drives under the ordinary rules or under blue light."""

    NORMAL = "normal"
    EMERGENCY = "emergency"


EMERGENCY_ACCESS_BITS = int(EMERGENCY_ACCESS)


def access_of(vehicle: str, mode: DriveMode, vehicles: Vehicles = VEHICLES) -> Access:
    """The access bit a vehicle needs in a mode; walkers have the same one in both.

    Raises KeyError for a vehicle that has no row.
    """
    row = vehicles[vehicle]
    return Access(row.emergency_access if mode is DriveMode.EMERGENCY else row.access)


@dataclass(frozen=True, slots=True)
class DriveRules:
    """Speeds relative to a car's free speed, and what blue light changes.

    `emergency_factor` 4/3 is the ratio of siren to normal travel in the public JEMSS
    model of Manhattan. `contraflow_kmh` lets an emergency vehicle drive a one-way
    street the wrong way at that walking-pace speed; None (the default) never does. Turns cost
    the less the faster one may drive; their signs bind under blue light too unless `turns` says otherwise.
    """

    emergency_factor: float = 4.0 / 3.0
    contraflow_kmh: float | None = None
    most_kmh: float = 120.0
    turns: TurnRules = field(default_factory=TurnRules)
    vehicles: Vehicles = field(default_factory=lambda: VEHICLES)

    def __post_init__(self) -> None:
        if min(self.most_kmh, self.emergency_factor) <= 0.0:
            raise ValueError(f"speeds and factors must be above zero: {self}")
        if self.contraflow_kmh is not None and self.contraflow_kmh <= 0.0:
            raise ValueError(f"contraflow speed must be above zero or None, got {self.contraflow_kmh}")
