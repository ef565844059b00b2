"""Roads as they come from a map: plain arrays, before any graph is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

from anlan.engines.roads.vehicles import VEHICLES, Vehicles


class RoadClass(IntEnum):
    """Road classes in falling order of importance; the words are those of OpenStreetMap."""

    MOTORWAY = 0
    MOTORWAY_LINK = 1
    TRUNK = 2
    TRUNK_LINK = 3
    PRIMARY = 4
    PRIMARY_LINK = 5
    SECONDARY = 6
    SECONDARY_LINK = 7
    TERTIARY = 8
    TERTIARY_LINK = 9
    UNCLASSIFIED = 10
    RESIDENTIAL = 11
    LIVING_STREET = 12
    SERVICE = 13
    TRACK = 14
    PEDESTRIAN = 15
    WATERWAY = 16

    @property
    def tag(self) -> str:
        """The class as written on the map, `living_street` for instance."""
        return self.name.lower()


class Access(IntFlag):
    """Who may travel a road in one direction, a bit for each vehicle and mode; `vehicle_rows` may add some."""

    NONE = 0
    CAR = 1
    MOTORCYCLE = 2
    FOOT = 4
    CAR_EMERGENCY = 8
    MOTORCYCLE_EMERGENCY = 16


EMERGENCY_ACCESS = Access.CAR_EMERGENCY | Access.MOTORCYCLE_EMERGENCY
WHEELS = Access.CAR | Access.MOTORCYCLE | EMERGENCY_ACCESS
"""Whom signs at junctions speak to unless they say otherwise."""
ALL_ACCESS = Access.CAR | Access.MOTORCYCLE | Access.FOOT | EMERGENCY_ACCESS


NO_NODE = -(2**62)
"""Stands where a restriction has no via node."""


def access_by_default(road_class: RoadClass, vehicles: Vehicles = VEHICLES) -> Access:
    """Who may use a road of this class when nothing else is written on it, by the rows of `vehicle_rows`."""
    bits = 0
    for vehicle in vehicles.values():
        bits |= vehicle.may_use(road_class.tag)
    return Access(bits)


def both_ways_access(vehicles: Vehicles = VEHICLES) -> Access:
    """Whom one-ways do not bind: walkers, and what else says so."""
    bits = 0
    for vehicle in vehicles.values():
        bits |= (vehicle.access | vehicle.emergency_access) * vehicle.both_ways
    return Access(bits)


def emergency_access(vehicles: Vehicles = VEHICLES) -> Access:
    """What only blue light opens."""
    bits = 0
    for vehicle in vehicles.values():
        bits |= vehicle.emergency_access * (vehicle.emergency_access != vehicle.access)
    return Access(bits)


@dataclass(frozen=True, slots=True)
class RoadLine:
    """One road drawn as a polyline, for maps made by hand or by a generator.

    `points` are (lon, lat); two lines meet where they hold the very same point.
    `road_class` is a `RoadClass` tag such as "primary". A `oneway` line runs in the
    order of its points. `speed_kmh` overrides the class's speed when given. `is_round` where it is (part of) a
    roundabout.
    """

    name: str
    road_class: str
    points: Sequence[tuple[float, float]]
    oneway: bool = False
    speed_kmh: float | None = None
    name_en: str = ""
    is_round: bool = False


@dataclass(frozen=True, eq=False)
class RoadWays:
    """Drivable ways of a map, W ways over P way points over N distinct map nodes.

    Way w has the points `way_indptr[w]:way_indptr[w + 1]`. Two ways meet where they
    share a `point_node`. `way_name` points into `names`/`names_en`, where entry 0 is
    always "" (a road without a name). `way_speed_kmh` is a real driving speed, NaN for
    "as its class".

    A turn restriction is: from way, via node, to way (map ids) and the tag's value, e.g. "no_left_turn".
    Where it leads over ways instead of a node, `restriction_via` is `NO_NODE` and `restriction_via_ways` names
    them in order. `restriction_for` are the access bits it binds, `restriction_hours` when ("" always). These
    three may be left empty: then every sign stands at a node and binds all that drives at all hours.

    `way_is_round` tells the ways of roundabouts; left empty there are none.
    """

    way_indptr: NDArray[np.int64]
    point_node: NDArray[np.int64]
    point_lon: NDArray[np.float64]
    point_lat: NDArray[np.float64]
    way_id: NDArray[np.int64]
    way_class: NDArray[np.int8]
    way_access_forward: NDArray[np.uint8]
    way_access_backward: NDArray[np.uint8]
    way_speed_kmh: NDArray[np.float64]
    way_name: NDArray[np.int32]
    names: tuple[str, ...]
    names_en: tuple[str, ...]
    restriction_from: NDArray[np.int64]
    restriction_via: NDArray[np.int64]
    restriction_to: NDArray[np.int64]
    restriction_kind: tuple[str, ...]
    restriction_for: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))
    restriction_hours: tuple[str, ...] = ()
    restriction_via_ways: tuple[tuple[int, ...], ...] = ()
    way_is_round: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    @property
    def n_ways(self) -> int:
        return len(self.way_id)


def ways_from_lines(lines: Sequence[RoadLine], *, vehicles: Vehicles = VEHICLES) -> RoadWays:
    """Turn hand-made road lines into ways; points closer than 1e-7 degrees (1 cm) are one.

    Raises ValueError naming the line with fewer than two points, an unknown class, or a speed that is none.
    """
    counts = []
    classes = []
    for number, line in enumerate(lines):
        if len(line.points) < 2:
            raise ValueError(f"road line {number} ({line.name!r}) has fewer than two points")
        if line.speed_kmh is not None and not 0.0 < line.speed_kmh < np.inf:
            raise ValueError(f"road line {number} ({line.name!r}) is driven at {line.speed_kmh} km/h")
        try:
            classes.append(RoadClass[line.road_class.upper()])
        except KeyError:
            known = ", ".join(road_class.tag for road_class in RoadClass)
            raise ValueError(
                f"road line {number} ({line.name!r}) has class {line.road_class!r}; known: {known}"
            ) from None
        counts.append(len(line.points))
    points = np.array([point for line in lines for point in line.points], dtype=np.float64).reshape(-1, 2)
    _, node = np.unique(np.round(points * 1e7).astype(np.int64), axis=0, return_inverse=True)
    names, names_en, way_name = name_table([(line.name, line.name_en) for line in lines])
    forward = np.array([int(access_by_default(road_class, vehicles)) for road_class in classes], dtype=np.uint8)
    oneway = np.array([line.oneway for line in lines], dtype=bool)
    # A one-way binds wheels, not walkers.
    backward = np.where(oneway, forward & int(both_ways_access(vehicles)), forward).astype(np.uint8)
    nothing = np.zeros(0, dtype=np.int64)
    return RoadWays(
        way_indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        point_node=node.reshape(-1).astype(np.int64),
        point_lon=points[:, 0].copy(),
        point_lat=points[:, 1].copy(),
        way_id=np.arange(len(lines), dtype=np.int64),
        way_class=np.array(classes, dtype=np.int8),
        way_access_forward=forward,
        way_access_backward=backward,
        way_speed_kmh=np.array(
            [np.nan if line.speed_kmh is None else line.speed_kmh for line in lines], dtype=np.float64
        ),
        way_name=way_name,
        names=names,
        names_en=names_en,
        restriction_from=nothing,
        restriction_via=nothing,
        restriction_to=nothing,
        restriction_kind=(),
        way_is_round=np.array([line.is_round for line in lines], dtype=np.bool_),
    )


def name_table(
    pairs: Sequence[tuple[str, str]],
) -> tuple[tuple[str, ...], tuple[str, ...], NDArray[np.int32]]:
    """Distinct names in order of first use, their English names, and each row's place in them.

    A road is one road even where only some of its pieces carry the English name; the
    first one given counts. A row with an English name only goes by that.
    """
    place: dict[str, int] = {"": 0}
    english = [""]
    rows = []
    for name, name_en in pairs:
        known_as = name or name_en
        at = place.setdefault(known_as, len(place))
        if at == len(english):
            english.append("")
        if at and not english[at]:
            english[at] = name_en
        rows.append(at)
    return tuple(place), tuple(english), np.array(rows, dtype=np.int32)
