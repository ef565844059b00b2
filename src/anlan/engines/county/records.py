"""The plain values the county generator hands out. Everything here is synthetic.

Positions are WGS 84 degrees (`lon, lat`) rounded to six decimals; local times are Asia/Shanghai,
instants are aware UTC datetimes. No record describes a real person, place or occupant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.engines.roads.ways import RoadLine

GeoJson = Mapping[str, Any]

SYNTHETIC_LABEL = "synthetic"
"""What every export of this package carries; nothing measured on it is an accuracy."""


@dataclass(frozen=True, slots=True)
class CountyRoad(RoadLine):
    """One stretch of road between two junctions, ready for `engines.roads.graph_from_lines`.

    Stretches that meet share the very same end coordinates. `bridge` marks a river crossing.
    """

    bridge: bool = False


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """A polygon of the county: `kind` is county, zone, station, town or beat.

    `setting` is town, suburb or rural (of the largest part); `parents` maps kind to code, so a
    beat knows its town, station and zone. `geometry` is a GeoJSON Polygon or MultiPolygon.
    """

    code: str
    kind: str
    name_zh: str
    name_en: str
    setting: str
    parents: Mapping[str, str]
    population: int
    geometry: GeoJson


@dataclass(frozen=True, slots=True)
class BaseFeature:
    """Something to draw under the map: river, stream, reservoir, park, built-up land, railway."""

    kind: str
    name_zh: str
    name_en: str
    geometry: GeoJson


@dataclass(frozen=True, slots=True)
class GazetteerRecord:
    """A place a caller may name.

    `kind`: road, house_number, estate, building, village, landmark, junction. `place_type` is
    the scene word of the call sheet (road, estate, rental, village, shop, market, school,
    hospital, hub, work_site, bar_ktv, hotel, square, water, office, other). `beat` is the code of
    the beat the point lies in. `weight` is the relative number of matters the place brings forth.
    """

    code: str
    kind: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]
    lon: float
    lat: float
    road: str
    number: str
    place_type: str
    beat: str
    setting: str
    weight: float


@dataclass(frozen=True, slots=True)
class Organisation:
    """A node of the tree: bureau, command_centre, brigade, zone, station, town_room,
    mediation_centre or partner_desk. `area` is the code of the area it answers for, or empty."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    parent: str
    area: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Person:
    """An invented member of staff with one role in one organisation.

    `featured` marks the few accounts a visitor of the demo signs in with.
    """

    code: str
    username: str
    name_zh: str
    name_en: str
    role: str
    organisation: str
    duty_group: str
    featured: bool = False


@dataclass(frozen=True, slots=True)
class DutyGroup:
    """A group that goes on and off duty together. `offset` places it in its rotation.

    `pattern` is `four_group` (day, night, rest, off) or `day_only`.
    """

    code: str
    organisation: str
    name_zh: str
    name_en: str
    pattern: str
    offset: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A police unit or a community street team.

    `agency` is police or community; `vehicle_class` car, van, motorcycle, e_bike, foot or boat.
    `home` is the organisation code of its station or town room; `groups` the duty groups that
    man it in turn. `standby_*` is the point it waits at when free.
    """

    code: str
    call_sign: str
    name_en: str
    agency: str
    vehicle_class: str
    capabilities: tuple[str, ...]
    home: str
    groups: tuple[str, ...]
    crew_size: int
    beat: str
    standby_name: str
    standby_lon: float
    standby_lat: float


@dataclass(frozen=True, slots=True)
class ShiftSlot:
    """One unit on duty from `starts_at` to `ends_at` (UTC) with its crew (person codes)."""

    unit: str
    duty_group: str
    starts_at: datetime
    ends_at: datetime
    crew: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HiddenTruth:
    """What the drill knows and no screen may show: true code, danger, event and its links.

    `event_id` is equal for every caller of one event; `repeat_of` names the event this matter
    comes back from, `near_repeat_of` the theft nearby that preceded this one. Both may be empty.
    """

    code: str
    danger: tuple[str, ...]
    event_id: str
    repeat_of: str
    near_repeat_of: str
    occurred_at: datetime
    place_code: str


@dataclass(frozen=True, slots=True)
class SyntheticCall:
    """One call as the telephone brings it, with the words the call taker would type.

    `lon, lat` is the rough position the operator sees, `radius_m` its uncertainty; both position
    and `place_phrase` are missing (None, empty) when the caller gives no place. `phone` is
    masked: `138****0042`. `truth` is for drills and scoring only.
    """

    call_id: str
    called_at: datetime
    channel: str
    caller: str
    phone: str
    narrative: str
    place_phrase: str
    lon: float | None
    lat: float | None
    radius_m: float | None
    ring_s: float
    talk_s: float
    truth: HiddenTruth


@dataclass(frozen=True, slots=True)
class County:
    """The whole generated county. Same seed, same values, to the byte."""

    seed: int
    name_zh: str
    name_en: str
    areas: tuple[AreaRecord, ...]
    base_features: tuple[BaseFeature, ...]
    roads: tuple[CountyRoad, ...]
    gazetteer: tuple[GazetteerRecord, ...]
    organisations: tuple[Organisation, ...]
    duty_groups: tuple[DutyGroup, ...]
    people: tuple[Person, ...]
    units: tuple[Unit, ...]
    label: str = SYNTHETIC_LABEL

    def areas_of(self, kind: str) -> tuple[AreaRecord, ...]:
        """The areas of one kind, in code order."""
        return tuple(area for area in self.areas if area.kind == kind)
