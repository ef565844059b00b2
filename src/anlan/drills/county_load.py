"""The demo county, from the generator's values into the tables, by the services everything else uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anlan.accounts.models import Organisation
from anlan.accounts.services import organisation_add, person_add, role_grant
from anlan.core.actor import SYSTEM
from anlan.drills.quarrels import mediation_centre_open
from anlan.engines.addresses import GazetteerRecord
from anlan.engines.county import county_map_features
from anlan.engines.county.records import County
from anlan.engines.roads import graph_from_lines
from anlan.places.services import area_put, basemap_draw, gazetteer_replace, network_activate, point_put
from anlan.units.models import Unit
from anlan.units.rules import CAPABILITIES
from anlan.units.services import crew_join, unit_add, unit_load_set, unit_state_set

SOURCE = "synthetic"
DEMO_PASSWORD = "anlan-demo"
ORGANISATION_KINDS = {
    "bureau": "bureau",
    "zone": "zone",
    "station": "station",
    "brigade": "brigade",
    "town_room": "town_room",
    "mediation_centre": "mediation_centre",
    "partner_desk": "partner",
}
ROLES = {
    "bureau_chief": "chief",
    "zone_commander": "chief",
    "station_chief": "chief",
    "shift_leader": "duty_leader",
    "call_taker": "call_taker",
    "dispatcher": "dispatcher",
    "station_room": "station_room",
    "community_officer": "beat_officer",
    "patrol_officer": "patrol",
    "town_operator": "town_operator",
    "street_team": "street_team",
    "mediation_desk": "mediation_desk",
    "mediator": "mediator",
    "partner_operator": "partner_desk",
    "analyst": "analyst",
    "auditor": "auditor",
}
VEHICLES = {
    "car": "car",
    "van": "car",
    "motorcycle": "motorcycle",
    "e_bike": "motorcycle",
    "foot": "foot",
    "boat": "boat",
}
LOADS = {
    "car": {"stab_vest": 2, "shield": 1, "long_fork": 1, "first_aid_kit": 1, "extinguisher": 1, "cordon_tape": 1}
    | {"traffic_cone": 4, "throw_line": 1},
    "motorcycle": {"stab_vest": 1, "first_aid_kit": 1},
    "boat": {"throw_line": 2, "ring_buoy": 4, "first_aid_kit": 1},
}
"""What police units of the made-up county carry, by vehicle; those on foot and street teams nothing counted."""

# Which kinds of places bear a booth, and which a patrol must pass in every shift.
POINTS = {
    "booth": ("hub", "square", "market"),
    "must_cover": ("school", "hospital", "bar_ktv"),
}
POINT_NAMES = {"booth": ("{}岗亭", "{} booth"), "must_cover": ("{}", "{}")}
POINTS_A_BEAT = 1


def county_load(county: County, *, at: datetime) -> None:
    """Organisations, areas, roads, gazetteer, people and units of the county, on the record as of ``at``."""
    orgs = _organisations(county, at)
    _areas(county, orgs, at)
    network_activate(
        name=county.name_zh,
        source=SOURCE,
        graph=graph_from_lines(county.roads),
        attribution=county.label,
        by=SYSTEM,
        at=at,
    )
    basemap_draw(
        name=county.name_zh,
        source=SOURCE,
        features=county_map_features(county),
        attribution=county.label,
        is_synthetic=True,
        by=SYSTEM,
        at=at,
    )
    gazetteer_replace(records=_places(county), source=SOURCE, by=SYSTEM, at=at)
    _points(county, orgs, at)
    _units(county, orgs, at)
    _people(county, orgs, at)
    mediation_centre_open(at)


def _organisations(county: County, at: datetime) -> dict[str, Organisation]:
    """By the generator's codes; people of the command centre sit at the bureau itself."""
    orgs: dict[str, Organisation] = {}
    bureau = next(row for row in county.organisations if row.kind == "bureau")
    for row in county.organisations:
        if row.kind == "command_centre":
            orgs[row.code] = orgs[bureau.code]
            continue
        above = None if row.code == bureau.code else orgs[row.parent or bureau.code]
        orgs[row.code] = organisation_add(
            code=row.code.removeprefix("D-"),
            kind=ORGANISATION_KINDS[row.kind],
            name_zh=row.name_zh,
            name_en=row.name_en,
            parent=above,
            by=SYSTEM,
            at=at,
        )
    return orgs


def _areas(county: County, orgs: dict[str, Organisation], at: datetime) -> None:
    owner_kind = {"zone": "zone", "station": "station", "town": "town_room", "county": "bureau"}
    owners = {(row.kind, row.area): orgs[row.code] for row in county.organisations if row.area}
    for area in county.areas:
        if area.kind == "beat":
            owner = owners.get(("station", area.parents.get("station", "")))
        else:
            owner = owners.get((owner_kind[area.kind], area.code))
        area_put(
            kind=area.kind,
            code=area.code,
            name_zh=area.name_zh,
            name_en=area.name_en,
            setting=area.setting,
            polygon=dict(area.geometry),
            organisation=owner,
            by=SYSTEM,
            at=at,
        )


def _places(county: County) -> Iterator[GazetteerRecord]:
    for row in county.gazetteer:
        yield GazetteerRecord(
            id=0,
            kind=row.kind,
            name_zh=row.name_zh,
            name_en=row.name_en,
            aliases=tuple(row.aliases),
            lon=row.lon,
            lat=row.lat,
            road=row.road,
            number=row.number,
            area_code=row.beat,
        )


def _points(county: County, orgs: dict[str, Organisation], at: datetime) -> None:
    """Booths and must-cover points at places people know, at most one of a kind in a beat."""
    station_of = {area.code: area.parents["station"] for area in county.areas if area.kind == "beat"}
    owners = {row.area: orgs[row.code] for row in county.organisations if row.kind == "station"}
    for kind, types in POINTS.items():
        seen: dict[str, int] = {}
        for row in sorted(county.gazetteer, key=lambda place: (-place.weight, place.code)):
            if row.place_type not in types or row.kind != "landmark" or seen.get(row.beat, 0) >= POINTS_A_BEAT:
                continue
            seen[row.beat] = seen.get(row.beat, 0) + 1
            zh, en = POINT_NAMES[kind]
            point_put(
                kind=kind,
                code=row.code,
                name_zh=zh.format(row.name_zh),
                name_en=en.format(row.name_en or row.name_zh),
                lon=row.lon,
                lat=row.lat,
                organisation=owners.get(station_of.get(row.beat, "")),
                source=SOURCE,
                by=SYSTEM,
                at=at,
            )


def _units(county: County, orgs: dict[str, Organisation], at: datetime) -> None:
    for row in county.units:
        unit = unit_add(
            call_sign=row.call_sign,
            track="P" if row.agency == "police" else "C",
            vehicle=VEHICLES[row.vehicle_class],
            organisation=orgs[row.home],
            capabilities=_capabilities(row.capabilities, row.vehicle_class),
            base_lon=row.standby_lon,
            base_lat=row.standby_lat,
            by=SYSTEM,
            at=at,
        )
        unit_load_set(unit=unit, load=LOADS.get(unit.vehicle if unit.track == "P" else "", {}), by=SYSTEM, at=at)
        unit_state_set(unit=unit, to="available", by=SYSTEM, at=at)


def _capabilities(words: tuple[str, ...], vehicle: str) -> list[str]:
    """Those of the generator's words that a dispatcher can ask for."""
    found = {"mediator" if word == "mediation" else word for word in words} | (
        {"boat"} if vehicle == "boat" else set()
    )
    return sorted(found & set(CAPABILITIES))


def _people(county: County, orgs: dict[str, Organisation], at: datetime) -> None:
    """The accounts a visitor signs in with, and at every station an officer of the beat; crews ride along."""
    first_of_home: dict[str, Unit] = {}
    for unit in Unit.objects.select_related("organisation").order_by("pk"):
        first_of_home.setdefault(unit.organisation.code, unit)
    has_beat_officer: set[str] = set()
    for row in county.people:
        is_first = row.role == "community_officer" and row.organisation not in has_beat_officer
        if not (row.featured or is_first) or row.role not in ROLES:
            continue
        if row.role == "community_officer":
            has_beat_officer.add(row.organisation)
        person = person_add(
            username=row.username,
            name=row.name_zh,
            organisation=orgs[row.organisation],
            password=DEMO_PASSWORD,
            by=SYSTEM,
            at=at,
        )
        role_grant(person=person, role=ROLES[row.role], by=SYSTEM, at=at)
        if row.role in ("patrol_officer", "street_team"):
            crew_join(unit=first_of_home[orgs[row.organisation].code], person=person, by=SYSTEM, at=at)
