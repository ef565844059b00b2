"""The tree of organisations and the invented people who work in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Frame
from anlan.engines.county.names import staff_names
from anlan.engines.county.plan import STATION_NAMES, ZONES, MasterPlan
from anlan.engines.county.records import AreaRecord, DutyGroup, Organisation, Person, Unit

BUREAU, COMMAND, TRAFFIC, PATROL, MEDIATION = "PSB", "CC", "TRF", "SWP", "MC"
GROUP_LETTERS = "ABCD"


_COUNTY_OFFICES: tuple[tuple[str, str, str, str, str, str], ...] = (
    (BUREAU, "bureau", "安澜县公安局", "Anlan Public Security Bureau", "", "AL"),
    (COMMAND, "command_centre", "安澜县公安局指挥中心", "Anlan Command Centre", BUREAU, "AL"),
    (TRAFFIC, "brigade", "交通警察大队", "Traffic Police Brigade", BUREAU, "AL"),
    (PATROL, "brigade", "巡特警大队", "Patrol and Special Police Brigade", BUREAU, "AL"),
)
"""Code, kind, names, parent and area of the offices that answer for the whole county."""


def county_organisations(plan: MasterPlan, frame: Frame) -> tuple[Organisation, ...]:
    """Bureau, command centre, brigades, zones, stations, town rooms, mediation centre, desks."""
    spots: dict[str, tuple[float, float]] = {
        BUREAU: (700, 900),
        COMMAND: (700, 900),
        TRAFFIC: (-1500, 1200),
        PATROL: (1600, -300),
        MEDIATION: (-300, 900),
        "D-12345": (-300, 940),
        "D-119": (1300, 1500),
        "D-120": (-900, -300),
    }
    rows = list(_COUNTY_OFFICES)
    rows += [(f"ZC-{code}", "zone", zh, en, BUREAU, code) for code, zh, en, _ in ZONES]
    zone_of = {station: zone[0] for zone in ZONES for station in zone[3]}
    for code, (zh, en) in STATION_NAMES.items():
        rows.append((f"PS-{code}", "station", f"{zh}派出所", f"{en} Police Station", f"ZC-{zone_of[code]}", code))
        town = next(town for town in plan.towns if town.station == code)
        spots[f"PS-{code}"] = (town.x + 60, town.y + 90)
    for town in plan.towns:
        rows.append(
            (
                f"TR-{town.code}",
                "town_room",
                f"{town.name_zh}综合信息指挥室",
                f"{town.name_en} Town Room",
                "",
                town.code,
            )
        )
        spots[f"TR-{town.code}"] = (town.x - 80, town.y - 40)
    rows += [
        (MEDIATION, "mediation_centre", "安澜县社会矛盾纠纷调处化解中心", "Anlan Mediation Centre", "", "AL"),
        ("D-12345", "partner_desk", "12345政务热线", "12345 Government Line", "", "AL"),
        ("D-119", "partner_desk", "119消防救援指挥台", "119 Fire and Rescue Desk", "", "AL"),
        ("D-120", "partner_desk", "120急救调度台", "120 Ambulance Desk", "", "AL"),
    ]
    for code, *_ in ZONES:
        spots[f"ZC-{code}"] = spots[f"PS-{next(z[3][0] for z in ZONES if z[0] == code)}"]
    points = frame.to_lonlat(np.array([spots[row[0]] for row in rows], dtype=np.float64)).tolist()
    return tuple(Organisation(*row, lon, lat) for row, (lon, lat) in zip(rows, points, strict=True))


def county_duty_groups(organisations: Sequence[Organisation]) -> tuple[DutyGroup, ...]:
    """Four rotating groups where work never stops, two day groups beside them.

    `four_group`: day, night, rest, off. `two_group_day`: every other day, days only.
    """
    groups: list[DutyGroup] = []
    for org in organisations:
        shifts: list[tuple[str, str, str, str, int]] = []
        if org.kind in ("command_centre", "station", "brigade", "town_room"):
            shifts += [(x, f"{x}组", f"group {x}", "four_group", k) for k, x in enumerate(GROUP_LETTERS)]
        if org.kind in ("station", "brigade", "town_room"):
            shifts += [(f"D{k}", f"日班{k}组", f"day group {k}", "two_group_day", k - 1) for k in (1, 2)]
        for tail, zh, en, pattern, offset in shifts:
            name_en = f"{org.name_en}, {en}"
            groups.append(DutyGroup(f"{org.code}/{tail}", org.code, org.name_zh + zh, name_en, pattern, offset))
    return tuple(groups)


@dataclass(frozen=True, slots=True)
class _Post:
    """A post to be filled: role, organisation, duty group, and the start of its user name."""

    role: str
    organisation: str
    group: str = ""
    featured: bool = False
    stem: str = ""


def _posts(organisations: Sequence[Organisation], areas: Sequence[AreaRecord]) -> Iterator[_Post]:
    beats = [area.parents["station"] for area in areas if area.kind == "beat"]
    for org in organisations:
        if org.kind == "bureau":
            for role in (
                "bureau_chief",
                "auditor",
                "analyst",
                "equipment_keeper",
                "event_planner",
                "hub_manager",
                "case_reviewer",
                "search_coordinator",
            ):
                yield _Post(role, org.code, featured=role in ("bureau_chief", "auditor"))
        elif org.kind == "command_centre":
            for letter in GROUP_LETTERS:
                for role, count in (("shift_leader", 1), ("call_taker", 4), ("dispatcher", 3)):
                    for k in range(count):
                        yield _Post(role, org.code, f"{org.code}/{letter}", letter == "A" and k == 0)
        elif org.kind == "zone":
            yield _Post("zone_commander", org.code, featured=org.code == "ZC-Z1")
        elif org.kind == "station":
            yield from _station_posts(org.code, beats.count(org.area))
        elif org.kind == "town_room":
            for letter in GROUP_LETTERS:
                yield _Post("town_operator", org.code, f"{org.code}/{letter}", (org.code, letter) == ("TR-T01", "A"))
        elif org.kind == "mediation_centre":
            yield _Post("mediation_desk", org.code, featured=True)
            for k in range(7):
                yield _Post("mediator", org.code, featured=k == 0)
        elif org.kind == "partner_desk":
            yield _Post("partner_operator", org.code, featured=org.code == "D-12345")


def _station_posts(code: str, beats: int) -> Iterator[_Post]:
    first = code == "PS-S01"
    yield _Post("station_chief", code, featured=first)
    for letter in GROUP_LETTERS:
        yield _Post("station_room", code, f"{code}/{letter}", first and letter == "A")
    for k in range(beats):
        yield _Post("community_officer", code, featured=first and k == 0)
    for _ in range(2):
        yield _Post("case_officer", code)
    yield _Post("equipment_keeper", code)


def county_people(
    seed: int, organisations: Sequence[Organisation], areas: Sequence[AreaRecord], units: Sequence[Unit]
) -> tuple[Person, ...]:
    """All staff accounts: office posts first, then the crews of the units, group by group."""
    posts = list(_posts(organisations, areas))
    for unit in units:
        role = "patrol_officer" if unit.agency == "police" else "street_team"
        for group in unit.groups:
            for seat in range(unit.crew_size):
                first = unit.code in ("P-01", "C-01") and group == unit.groups[0] and seat == 0
                posts.append(
                    _Post(
                        role,
                        unit.home,
                        group,
                        first,
                        f"{unit.code.lower().replace('-', '')}{group[-1].lower()}{seat + 1}",
                    )
                )
    names = staff_names(generator_for(seed, "people"), len(posts))
    seen: dict[str, int] = {}
    people: list[Person] = []
    for nth, (post, name) in enumerate(zip(posts, names, strict=True), start=1):
        stem = post.stem
        if not stem:
            place = post.organisation.split("-")[-1].lower()
            seen[post.role + place] = count = seen.get(post.role + place, 0) + 1
            stem = f"{post.role.replace('_', '')}.{place}.{count}"
        people.append(
            Person(f"{nth:06d}", stem, name.zh, name.en, post.role, post.organisation, post.group, post.featured)
        )
    return tuple(people)
