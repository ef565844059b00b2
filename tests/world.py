"""The cast and a small county one can check on paper.

Two stations side by side, west and east of the line lon 120.10; one town room over each. A road runs
along lat 28.90 from 120.05 to 120.15 with a junction every 0.01 degrees (about 975 m).

Ada dispatches at the bureau, Ben takes calls there, Cleo works in the *east* station's command room and
must see nothing of the west. Dan runs the west town room, Eve patrols on P-01, Finn is in street team
C-01, Gus is the chief, Hua looks after privacy, Ida sits at the west station's command room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from anlan.accounts.models import Organisation, Person
from anlan.accounts.selectors import actor_for
from anlan.accounts.services import organisation_add, person_add, role_grant
from anlan.core.actor import SYSTEM, Actor
from anlan.engines.roads import RoadLine, graph_from_lines
from anlan.places.services import area_put, network_activate
from anlan.units.models import Unit

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 2 March 2026, 09:00 in Shanghai
PASSWORD = "a-long-enough-password"

WEST = (120.00, 28.80, 120.10, 29.00)
EAST = (120.10, 28.80, 120.20, 29.00)
BEATS = {"west": "城西派出所一责任区", "east": "城东派出所一责任区"}


def box(lon0: float, lat0: float, lon1: float, lat1: float) -> dict[str, Any]:
    """A rectangle as a GeoJSON polygon."""
    ring = [[lon0, lat0], [lon1, lat0], [lon1, lat1], [lon0, lat1], [lon0, lat0]]
    return {"type": "Polygon", "coordinates": [ring]}


@dataclass
class World:
    """What stands, by name."""

    orgs: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def actor(self, name: str, at: datetime = T0) -> Actor:
        """``world.actor("ada")`` as services take it."""
        return actor_for(self.people[name], at=at)


ORGS = [
    ("bureau", "bureau", "安澜县公安局", "Anlan County Bureau", None),
    ("zone", "zone", "城区战区", "Town zone", "bureau"),
    ("west", "station", "城西派出所", "West station", "zone"),
    ("east", "station", "城东派出所", "East station", "zone"),
    ("town-west", "town_room", "城西街道综合信息指挥室", "West town room", "bureau"),
    ("town-east", "town_room", "城东街道综合信息指挥室", "East town room", "bureau"),
    ("mediation", "mediation_centre", "县社会治理中心", "Mediation centre", "bureau"),
    ("12345", "partner", "12345热线", "12345 line", "bureau"),
    ("119", "partner", "119消防", "119 fire desk", "bureau"),
    ("120", "partner", "120急救", "120 ambulance desk", "bureau"),
]
CAST = [
    ("ada", "艾达", "bureau", "dispatcher"),
    ("ben", "本", "bureau", "call_taker"),
    ("cleo", "克莱奥", "east", "station_room"),
    ("dan", "丹", "town-west", "town_operator"),
    ("eve", "伊芙", "west", "patrol"),
    ("finn", "芬恩", "town-west", "street_team"),
    ("gus", "古斯", "bureau", "chief"),
    ("hua", "华", "bureau", "auditor"),
    ("ida", "伊达", "west", "station_room"),
    ("jia", "嘉", "bureau", "duty_leader"),
    ("kai", "凯", "12345", "partner_desk"),
]
UNITS = [
    ("P-01", "P", "west", 120.06, 28.90),
    ("P-02", "P", "west", 120.08, 28.90),
    ("P-03", "P", "east", 120.14, 28.90),
    ("C-01", "C", "town-west", 120.07, 28.90),
    ("C-02", "C", "town-east", 120.12, 28.90),
]


def build_world(*, at: datetime = T0, units: bool = True, roads: bool = True) -> World:
    """The whole small county."""
    world = World()
    for code, kind, name_zh, name_en, parent in ORGS:
        world.orgs[code] = organisation_add(
            code=code,
            kind=kind,
            name_zh=name_zh,
            name_en=name_en,
            parent=world.orgs[parent] if parent else None,
            by=SYSTEM,
            at=at,
        )
    for name, shown, org, role in CAST:
        person = person_add(
            username=name, name=shown, organisation=world.orgs[org], password=PASSWORD, by=SYSTEM, at=at
        )
        role_grant(person=person, role=role, by=SYSTEM, at=at)
        world.people[name] = person
    # Their passwords are due for renewal in no test that is not about it, whatever clock it signs in by.
    Person.objects.update(password_set_at=None)
    for side, corners in (("west", WEST), ("east", EAST)):
        for kind, code, org in (("station", side, side), ("town", f"town-{side}", f"town-{side}")):
            area_put(
                kind=kind,
                code=code,
                name_zh=world.orgs[org].name_zh,
                polygon=box(*corners),
                organisation=world.orgs[org],
                by=SYSTEM,
                at=at,
            )
        area_put(
            kind="beat",
            code=f"beat-{side}",
            name_zh=BEATS[side],
            polygon=box(*corners),
            organisation=world.orgs[side],
            by=SYSTEM,
            at=at,
        )
    if roads:
        build_roads(at=at)
    if units:
        build_units(world, at=at)
    return world


def build_roads(*, at: datetime = T0) -> None:
    """One road along lat 28.90, with a short side street at every hundredth of a degree."""
    points = [(round(120.05 + 0.01 * k, 2), 28.90) for k in range(11)]
    lines = [RoadLine(name="安澜大道", road_class="primary", points=points, oneway=False, speed_kmh=36.0)]
    for lon, lat in points:
        side = [(lon, lat), (lon, lat + 0.004)]
        lines.append(RoadLine(name="支路", road_class="residential", points=side, oneway=False, speed_kmh=36.0))
    network_activate(
        name="tiny",
        source="tests",
        graph=graph_from_lines(lines),
        attribution="synthetic",
        by=SYSTEM,
        at=at,
    )


def build_units(world: World, *, at: datetime = T0) -> None:
    """Five units on duty at known places, with a fix of this very second."""
    from anlan.units.services import PositionReport, crew_join, positions_take, unit_add, unit_state_set

    for call_sign, track, org, lon, lat in UNITS:
        unit = unit_add(
            call_sign=call_sign,
            track=track,
            vehicle="car" if track == "P" else "foot",
            organisation=world.orgs[org],
            base_lon=lon,
            base_lat=lat,
            by=SYSTEM,
            at=at,
        )
        unit_state_set(unit=unit, to="available", by=SYSTEM, at=at)
        world.units[call_sign] = unit
    crew_join(unit=world.units["P-01"], person=world.people["eve"], by=SYSTEM, at=at)
    crew_join(unit=world.units["C-01"], person=world.people["finn"], by=SYSTEM, at=at)
    fixes = [
        PositionReport(unit_id=world.units[sign].pk, boot="t", seq=1, lon=lon, lat=lat, fixed_at=at)
        for sign, _, _, lon, lat in UNITS
    ]
    positions_take(fixes=fixes, by=SYSTEM, at=at)
