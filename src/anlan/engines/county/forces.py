"""Police units and street teams, where they wait, and who is on duty when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shapely.geometry import shape

from anlan.engines.county.organisations import GROUP_LETTERS, PATROL, TRAFFIC
from anlan.engines.county.plan import STATION_NAMES
from anlan.engines.county.records import (
    AreaRecord,
    County,
    GazetteerRecord,
    Organisation,
    ShiftSlot,
    Unit,
)

_BASE = ("patrol", "dispute", "first_response")
_SKILLS: dict[str, tuple[str, ...]] = {
    "car": (*_BASE, "first_aid", "evidence"),
    "motorcycle": (*_BASE, "narrow_lanes"),
    "foot": (*_BASE, "crowd"),
    "van": (*_BASE, "armed", "crowd", "search"),
    "boat": ("patrol", "water_rescue", "search"),
}
_TOWN = ("car", "car", "motorcycle", "foot")
_RURAL = ("car", "car", "motorcycle")
_SUBURB = ("car", "car", "car", "motorcycle")
_STATION_FLEETS = {
    "S01": _TOWN,
    "S02": _TOWN,
    "S03": _TOWN,
    "S04": _TOWN,
    "S05": (*_TOWN, "foot"),
    "S06": _SUBURB,
    "S07": _RURAL,
    "S08": _SUBURB,
    "S09": _RURAL,
    "S10": _RURAL,
    "S11": _RURAL,
    "S12": _RURAL,
}
_BRIGADE_FLEETS = {TRAFFIC: ("car",) * 6 + ("motorcycle",) * 3, PATROL: ("car",) * 5 + ("van", "boat")}
_TEAMS_PER_SETTING = {"town": 4, "suburb": 3, "rural": 2}
_OPEN_PLACES = ("hub", "square", "market", "hospital", "road")
_KIND_EN = {"car": "car", "motorcycle": "motorcycle", "foot": "foot patrol", "van": "van", "boat": "boat"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where a unit waits: the beat and a point in it that people know."""

    beat: str
    name: str
    lon: float
    lat: float


def county_units(
    organisations: Sequence[Organisation], areas: Sequence[AreaRecord], gazetteer: Sequence[GazetteerRecord]
) -> tuple[Unit, ...]:
    """60 police units and about 40 street teams, in code order."""
    waiting = _waiting_points(areas, gazetteer)
    by_code = {org.code: org for org in organisations}
    police = list(_police(by_code, areas, waiting))
    teams = list(_teams(organisations, areas, waiting))
    return (*police, *teams)


def _waiting_points(areas: Sequence[AreaRecord], gazetteer: Sequence[GazetteerRecord]) -> dict[str, Waiting]:
    """The busiest junction, square or the like of each beat (any named place if there is none)."""

    def level(record: GazetteerRecord) -> tuple[bool, float]:
        open_place = record.kind == "junction" or (record.kind == "landmark" and record.place_type in _OPEN_PLACES)
        return open_place, record.weight

    best: dict[str, GazetteerRecord] = {}
    for record in gazetteer:
        if record.beat not in best or level(record) > level(best[record.beat]):
            best[record.beat] = record
    waiting = {beat: Waiting(beat, r.name_zh, r.lon, r.lat) for beat, r in best.items()}
    for area in areas:
        if area.kind == "beat" and area.code not in waiting:  # mountain without a village
            middle = shape(dict(area.geometry)).representative_point()
            waiting[area.code] = Waiting(area.code, area.name_zh, round(middle.x, 6), round(middle.y, 6))
    return waiting


def _police(
    orgs: dict[str, Organisation], areas: Sequence[AreaRecord], waiting: dict[str, Waiting]
) -> Iterator[Unit]:
    number = 0
    beats = [area for area in areas if area.kind == "beat"]
    for station, fleet in _STATION_FLEETS.items():
        own = [beat.code for beat in beats if beat.parents["station"] == station]
        for k, vehicle in enumerate(fleet):
            number += 1
            stem = STATION_NAMES[station]
            yield _unit(
                number,
                f"{stem[0]}{k + 1:02d}",
                f"{stem[1]} {k + 1:02d}",
                vehicle,
                orgs[f"PS-{station}"],
                waiting[own[k % len(own)]],
                (),
            )
    town_beats = [beat.code for beat in beats if beat.parents["zone"] == "Z1"]
    main = [beat.code for beat in beats if beat.setting != "rural"]
    for brigade, fleet in _BRIGADE_FLEETS.items():
        zh, en, more = (
            ("交巡", "Traffic", ("traffic", "accident_survey"))
            if brigade == TRAFFIC
            else ("巡特", "Patrol", ("armed", "drone"))
        )
        pool = main if brigade == TRAFFIC else town_beats
        for k, vehicle in enumerate(fleet):
            number += 1
            boat = vehicle == "boat"
            yield _unit(
                number,
                "水巡01" if boat else f"{zh}{k + 1:02d}",
                "River 01" if boat else f"{en} {k + 1:02d}",
                vehicle,
                orgs[brigade],
                waiting[pool[(k * 5) % len(pool)]],
                () if boat else more,
            )


def _unit(
    number: int, sign: str, name_en: str, vehicle: str, home: Organisation, at: Waiting, more: tuple[str, ...]
) -> Unit:
    day_only = vehicle in ("foot", "boat") or (vehicle == "motorcycle" and home.kind == "brigade")
    letters = ("D1", "D2") if day_only else tuple(GROUP_LETTERS)
    crew = {"van": 4, "boat": 3, "motorcycle": 1}.get(vehicle, 2)
    return Unit(
        f"P-{number:02d}",
        sign,
        f"{name_en} ({_KIND_EN[vehicle]})",
        "police",
        vehicle,
        (*_SKILLS[vehicle], *more),
        home.code,
        tuple(f"{home.code}/{letter}" for letter in letters),
        crew,
        at.beat,
        at.name,
        at.lon,
        at.lat,
    )


def _teams(
    organisations: Sequence[Organisation], areas: Sequence[AreaRecord], waiting: dict[str, Waiting]
) -> Iterator[Unit]:
    """Street teams: the first of each town works round the clock, the others by day."""
    number = 0
    beats = [area for area in areas if area.kind == "beat"]
    towns = {area.code: area for area in areas if area.kind == "town"}
    for org in organisations:
        if org.kind != "town_room":
            continue
        own = [beat.code for beat in beats if beat.parents["town"] == org.area]
        town = towns[org.area]
        for k in range(_TEAMS_PER_SETTING[town.setting]):
            number += 1
            at = waiting[own[k % len(own)]]
            vehicle = "car" if town.setting == "rural" or k == 0 else "e_bike"
            skills = (
                "community",
                "mediation",
                "daily_help",
                ("city_management", "night_market", "water_power", "search")[k],
            )
            letters = tuple(GROUP_LETTERS) if k == 0 else ("D1", "D2")
            yield Unit(
                f"C-{number:02d}",
                f"{town.name_zh[:2]}平安{k + 1:02d}",
                f"{town.name_en.split()[0]} street team {k + 1}",
                "community",
                vehicle,
                skills,
                org.code,
                tuple(f"{org.code}/{letter}" for letter in letters),
                2,
                at.beat,
                at.name,
                at.lon,
                at.lat,
            )


def shift_roster(county: County, *, first_day: date, days: int) -> tuple[ShiftSlot, ...]:
    """Who is on duty on each local day: day slot 08:00-20:00, night slot 20:00-08:00 (UTC+8).

    Four-group units rotate day, night, rest, off; two-group units work every other day.
    """
    crews: dict[tuple[str, str], list[str]] = {}
    for person in county.people:
        crews.setdefault((person.username.partition(".")[0], person.duty_group), []).append(person.code)
    groups = {group.code: group for group in county.duty_groups}
    slots: list[ShiftSlot] = []
    for day in (first_day + timedelta(days=k) for k in range(days)):
        start = datetime.combine(day, time(0), UTC)  # 08:00 in Asia/Shanghai
        for unit in county.units:
            for code in unit.groups:
                group = groups[code]
                turn = (day.toordinal() - group.offset) % (4 if group.pattern == "four_group" else 2)
                if turn > (1 if group.pattern == "four_group" else 0):
                    continue
                begin = start + timedelta(hours=12 * turn)
                stem = f"{unit.code.lower().replace('-', '')}{code[-1].lower()}"
                crew = tuple(p for seat in range(unit.crew_size) for p in crews[(f"{stem}{seat + 1}", code)])
                slots.append(ShiftSlot(unit.code, code, begin, begin + timedelta(hours=12), crew))
    return tuple(slots)
