"""The gazetteer: everything a caller may name, with its point, its aliases and its scene."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from anlan.engines.county.areas import AreaIndex
from anlan.engines.county.chance import generator_for
from anlan.engines.county.country import Village
from anlan.engines.county.frame import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON, Floats, Frame
from anlan.engines.county.landmarks import Landmark
from anlan.engines.county.names import Name, NameBook
from anlan.engines.county.records import AreaRecord, CountyRoad, GazetteerRecord
from anlan.engines.county.streets import Block

_SHOP_KINDS = ("shop", "rental", "office", "hotel", "bar_ktv", "estate")
_SHOP_SHARES = (0.57, 0.16, 0.05, 0.03, 0.03, 0.16)
_NUMBERED = {"primary": 120.0, "secondary": 110.0, "tertiary": 100.0, "residential": 80.0, "living_street": 55.0}
_BASE_WEIGHT = {
    "road": 1.0,
    "house_number": 1.0,
    "estate": 0.7,
    "building": 1.0,
    "village": 1.5,
    "junction": 2.6,
    "landmark": 6.0,
}


@dataclass(frozen=True, slots=True)
class _Spot:
    """A gazetteer entry before it has a code, a beat and a weight."""

    kind: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    lon: float
    lat: float
    road: str = ""
    number: str = ""
    place_type: str = "road"
    pull: float = 1.0


def county_gazetteer(
    seed: int,
    frame: Frame,
    book: NameBook,
    roads: Sequence[CountyRoad],
    blocks: Sequence[Block],
    villages: Sequence[Village],
    landmarks: Sequence[Landmark],
    areas: tuple[AreaRecord, ...],
) -> tuple[GazetteerRecord, ...]:
    """All places, sorted by kind and code; each lies in exactly one beat."""
    rng = generator_for(seed, "gazetteer")
    named = _by_name(roads)
    spots = [
        *_road_spots(named),
        *_number_spots(rng, named),
        *_junction_spots(roads),
        *_estate_spots(rng, frame, book, blocks),
        *_village_spots(rng, frame, villages),
        *_landmark_spots(frame, landmarks),
        *_milestone_spots(named),
    ]
    return _records(rng, spots, areas)


def _records(
    rng: np.random.Generator, spots: list[_Spot], areas: tuple[AreaRecord, ...]
) -> tuple[GazetteerRecord, ...]:
    beats = [area for area in areas if area.kind == "beat"]
    lon, lat = np.array([s.lon for s in spots]), np.array([s.lat for s in spots])
    inside = AreaIndex(areas).beat_numbers(lon, lat).tolist()
    chance = rng.lognormal(0.0, 0.85, len(spots))
    busy = {"town": 1.0, "suburb": 1.15, "rural": 0.9}
    counts: dict[str, int] = defaultdict(int)
    records: list[GazetteerRecord] = []
    names: set[str] = set()
    for spot, beat, luck in zip(spots, inside, chance.tolist(), strict=True):
        if beat < 0 or spot.zh in names:
            continue
        names.add(spot.zh)
        counts[spot.kind] += 1
        setting = beats[beat].setting
        weight = _BASE_WEIGHT[spot.kind] * spot.pull * busy[setting] * luck
        records.append(
            GazetteerRecord(
                f"{spot.kind[:2].upper()}{counts[spot.kind]:05d}",
                spot.kind,
                spot.zh,
                spot.en,
                spot.aliases,
                round(spot.lon, 6),
                round(spot.lat, 6),
                spot.road,
                spot.number,
                spot.place_type,
                beats[beat].code,
                setting,
                round(weight, 4),
            )
        )
    return tuple(records)


@dataclass(frozen=True, slots=True)
class _NamedRoad:
    name: Name
    road_class: str
    parts: tuple[CountyRoad, ...]
    along: Floats
    """Ground metres (n, 2) of the whole road, stretches ordered end to end."""


def _ground_xy(points: Iterable[tuple[float, float]]) -> Floats:
    xy: Floats = np.array(list(points)) * (METRES_PER_DEGREE_LON, METRES_PER_DEGREE_LAT)
    return xy


def _by_name(roads: Sequence[CountyRoad]) -> list[_NamedRoad]:
    groups: dict[str, list[CountyRoad]] = defaultdict(list)
    for road in roads:
        if road.name and not road.bridge:
            groups[road.name].append(road)
    named: list[_NamedRoad] = []
    for zh, parts in groups.items():
        lines = [_ground_xy(part.points) for part in parts]
        everything = np.vstack(lines)
        spread = everything.max(axis=0) - everything.min(axis=0)
        axis = 0 if spread[0] >= spread[1] else 1
        lines = [line if line[0, axis] <= line[-1, axis] else line[::-1] for line in lines]
        lines.sort(key=lambda line: float(line[0, axis]))
        named.append(_NamedRoad(Name(zh, parts[0].name_en), parts[0].road_class, tuple(parts), np.vstack(lines)))
    return named


def _degrees(x: float, y: float) -> tuple[float, float]:
    return x / METRES_PER_DEGREE_LON, y / METRES_PER_DEGREE_LAT


def _road_spots(named: list[_NamedRoad]) -> Iterator[_Spot]:
    for road in named:
        middle = shapely.LineString(road.along).interpolate(0.5, normalized=True)
        pull = {"trunk": 6.0, "primary": 5.0, "secondary": 3.0, "tertiary": 2.0}.get(road.road_class, 0.6)
        yield _Spot(
            "road", road.name.zh, road.name.en, (), *_degrees(middle.x, middle.y), road.name.zh, "", "road", pull
        )


def _number_spots(rng: np.random.Generator, named: list[_NamedRoad]) -> Iterator[_Spot]:
    """House numbers: odd on the left, even on the right, growing along the road."""
    for road in named:
        gap = _NUMBERED.get(road.road_class)
        if gap is None or road.name.zh.endswith(("线", "县道")):
            continue
        line = shapely.LineString(road.along)
        for at in np.arange(gap / 2, line.length, gap) + rng.uniform(-gap / 4, gap / 4):
            here, ahead = line.interpolate(at), line.interpolate(at + 5)
            way = np.array([ahead.x - here.x, ahead.y - here.y])
            left = bool(rng.random() < 0.5)
            normal = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 0.1) * (14 if left else -14)
            number = 2 * int(at / 9) + (1 if left else 2)
            place_type = str(rng.choice(_SHOP_KINDS, p=_SHOP_SHARES))
            pull = 2.0 if place_type in ("bar_ktv", "hotel") else 1.0
            yield _Spot(
                "house_number",
                f"{road.name.zh}{number}号",
                f"No. {number}, {road.name.en}",
                (),
                *_degrees(here.x + normal[0], here.y + normal[1]),
                road.name.zh,
                str(number),
                place_type,
                pull,
            )


def _junction_spots(roads: Sequence[CountyRoad]) -> Iterator[_Spot]:
    """Crossings of two named roads, one of them at least a collector."""
    meeting: dict[tuple[float, float], dict[str, CountyRoad]] = defaultdict(dict)
    for road in roads:
        if road.name:
            for end in (road.points[0], road.points[-1]):
                meeting[end][road.name] = road
    big = ("trunk", "primary", "secondary", "tertiary")
    seen: set[tuple[str, str]] = set()
    for (lon, lat), names in meeting.items():
        found = sorted(names.values(), key=lambda road: (*big, road.road_class).index(road.road_class))[:2]
        if len(found) < 2 or found[0].road_class not in big:
            continue
        a, b = found
        if (a.name, b.name) in seen:
            continue
        seen.add((a.name, b.name))
        pull = 2.0 if b.road_class in ("primary", "secondary") else 1.0 if b.road_class in big else 0.4
        yield _Spot(
            "junction",
            f"{a.name}与{b.name}路口",
            f"{a.name_en} and {b.name_en}",
            (f"{a.name}{b.name}口", f"{b.name}与{a.name}路口"),
            lon,
            lat,
            a.name,
            "",
            "road",
            pull,
        )


def _estate_spots(rng: np.random.Generator, frame: Frame, book: NameBook, blocks: Sequence[Block]) -> Iterator[_Spot]:
    """Estates in the blocks of homes, their buildings in rows."""
    for block in blocks:
        if block.use != "homes" or rng.random() > 0.85:
            continue
        name = book.estate()
        rows, columns = int(rng.integers(2, 5)), int(rng.integers(2, 5))
        corner = np.array(block.polygon.exterior.coords[:4])
        share = np.array(
            [((c + 0.7) / (columns + 0.4), (r + 0.7) / (rows + 0.4)) for r in range(rows) for c in range(columns)]
        )
        plan_xy = (
            corner[0] + np.outer(share[:, 0], corner[1] - corner[0]) + np.outer(share[:, 1], corner[3] - corner[0])
        )
        points = frame.to_lonlat(np.vstack([plan_xy.mean(axis=0), plan_xy]))
        rented = "公寓" in name.zh or (block.from_core_m < 1200 and rng.random() < 0.35)
        place_type = "rental" if rented else "estate"
        short = name.zh[:2]
        alias = () if name.zh.endswith("小区") else (f"{short}小区",)
        yield _Spot("estate", name.zh, name.en, alias, float(points[0, 0]), float(points[0, 1]), "", "", place_type)
        for k, (lon, lat) in enumerate(points[1:].tolist(), start=1):
            yield _Spot(
                "building",
                f"{name.zh}{k}幢",
                f"Building {k}, {name.en}",
                (f"{name.zh}{k}栋", f"{name.zh}{k}号楼"),
                lon,
                lat,
                "",
                str(k),
                place_type,
            )


def _village_spots(rng: np.random.Generator, frame: Frame, villages: Sequence[Village]) -> Iterator[_Spot]:
    for village in villages:
        middle = np.array([village.x, village.y])
        groups = middle + rng.normal(0, 110, (village.groups, 2))
        points = frame.to_lonlat(np.vstack([middle, groups])).tolist()
        stem = village.name.zh.removesuffix("村")
        yield _Spot(
            "village", village.name.zh, village.name.en, (stem,), points[0][0], points[0][1], "", "", "village", 1.4
        )
        for k, (lon, lat) in enumerate(points[1:], start=1):
            yield _Spot(
                "village",
                f"{village.name.zh}{k}组",
                f"Group {k}, {village.name.en}",
                (f"{stem}{k}组",),
                lon,
                lat,
                "",
                str(k),
                "village",
                0.9,
            )


def _landmark_spots(frame: Frame, landmarks: Sequence[Landmark]) -> Iterator[_Spot]:
    points = frame.to_lonlat(np.array([[mark.x, mark.y] for mark in landmarks])).tolist()
    for mark, (lon, lat) in zip(landmarks, points, strict=True):
        yield _Spot(
            "landmark", mark.name.zh, mark.name.en, mark.aliases, lon, lat, "", "", mark.place_type, mark.pull
        )


def _milestone_spots(named: list[_NamedRoad]) -> Iterator[_Spot]:
    """Kilometre posts of the national road and the county lines."""
    for road in named:
        if road.road_class != "trunk" and not road.name.zh.endswith(("线", "县道")):
            continue
        line = shapely.LineString(road.along)
        for km in range(1, int(line.length / 1000) + 1):
            here = line.interpolate(km * 1000.0)
            yield _Spot(
                "landmark",
                f"{road.name.zh}{km}公里处",
                f"{road.name.en}, km {km}",
                (f"{road.name.zh}K{km}",),
                *_degrees(here.x, here.y),
                road.name.zh,
                str(km),
                "road",
                0.22,
            )
