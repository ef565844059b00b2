"""Areas that tile the county: beats, and from them towns, stations, zones and the county.

Beats are Voronoi cells around points on valley floors and in quarters of the town, so borders run
along ridges and, in town, along the river. Every larger area is a union of beats: nothing
overlaps and nothing is left out.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Floats, Frame, as_geojson
from anlan.engines.county.names import COUNTY_EN, COUNTY_ZH
from anlan.engines.county.plan import STATION_NAMES, ZONES, MasterPlan, TownSpec
from anlan.engines.county.records import AreaRecord

COUNTY_CODE = "AL"


def _seed_points(rng: np.random.Generator, plan: MasterPlan, town: TownSpec) -> Floats:
    """The middles of the town's beats: the town itself, then around it or along its valley."""
    middle = np.array([town.x, town.y])
    count = town.beats - 1
    if not town.along:
        turn = rng.uniform(0, 2 * np.pi) if town.code != "T03" else 0.35
        angle = turn + np.arange(count) * 2 * np.pi / count
        reach = 1000 + rng.normal(0, 70, count)
        return np.vstack([middle, middle + np.column_stack([np.cos(angle), 0.8 * np.sin(angle)]) * reach[:, None]])
    line = plan.valley(town.along)
    at = line.project(shapely.Point(middle))
    points = [middle]
    for k in range(count):
        along = (2900.0, -2700.0, 700.0, -600.0)[k] + rng.normal(0, 300)
        aside = (0.0, 0.0, 2700.0, -2700.0)[k] + rng.normal(0, 300)
        base = line.interpolate(float(np.clip(at + along, 300, line.length - 300)))
        ahead = line.interpolate(float(np.clip(at + along + 90, 390, line.length - 210)))
        way = np.array([ahead.x - base.x, ahead.y - base.y])
        normal = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1.0)
        points.append(np.array([base.x, base.y]) + normal * aside)
    return np.array(points)


def county_areas(seed: int, plan: MasterPlan, frame: Frame) -> tuple[AreaRecord, ...]:
    """All areas, from the county down to the beats, in code order within each kind."""
    rng = generator_for(seed, "areas")
    owner: list[TownSpec] = []
    middles: list[Floats] = []
    for town in sorted(plan.towns, key=lambda spec: (spec.station, spec.code)):
        middles.append(_seed_points(rng, plan, town))
        owner += [town] * len(middles[-1])
    points = np.vstack(middles)
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=plan.outline, ordered=True))
    cells = shapely.intersection(cells, plan.outline)
    owner, order = _contiguous(owner, cells)
    cells, points = cells[order], points[order]
    ground = [frame.geometry(cell, step_m=260.0) for cell in cells]
    settings = [_beat_setting(plan, town, point) for town, point in zip(owner, points, strict=True)]
    beats = _beat_records(owner, ground, settings)
    return (*_upper_areas(plan, beats, ground), *beats)


def _contiguous(owner: list[TownSpec], cells: NDArray[np.object_]) -> tuple[list[TownSpec], list[int]]:
    """Hand cells cut off from the rest of their town to the neighbour with the longest border.

    Returns each cell's town and the order that brings cells of one station and town together.
    """
    now = list(owner)
    for _ in range(len(cells)):
        stray = _stray(now, cells)
        if stray is None:
            break
        borders: dict[str, float] = {}
        for other, town in enumerate(now):
            if town.code != now[stray].code:
                shared = cells[stray].intersection(cells[other]).length
                borders[town.code] = borders.get(town.code, 0.0) + shared
        best = max(sorted(borders), key=lambda code: borders[code])
        now[stray] = next(town for town in owner if town.code == best)
    order = sorted(range(len(now)), key=lambda k: (now[k].station, now[k].code, k))
    return [now[k] for k in order], order


def _stray(owner: list[TownSpec], cells: NDArray[np.object_]) -> int | None:
    """The first cell that does not hang together with the largest part of its town."""
    for town in dict.fromkeys(owner):
        own = [k for k, spec in enumerate(owner) if spec == town]
        parts = shapely.get_parts(shapely.union_all(cells[own]))
        if len(parts) > 1:
            largest = max(parts, key=lambda part: part.area)
            return next(k for k in own if not largest.contains(cells[k].representative_point()))
    return None


def _beat_setting(plan: MasterPlan, town: TownSpec, point: Floats) -> str:
    if not town.along and plan.ring.distance(shapely.Point(point)) > 150:
        return "suburb"
    if town.setting == "suburb" and np.hypot(point[0] - town.x, point[1] - town.y) > 2000:
        return "rural"
    return town.setting


def _beat_records(owner: list[TownSpec], ground: list[BaseGeometry], settings: list[str]) -> list[AreaRecord]:
    zone_of = {station: zone[0] for zone in ZONES for station in zone[3]}
    counts: dict[str, int] = {}
    records: list[AreaRecord] = []
    for town, geom, setting in zip(owner, ground, settings, strict=True):
        nth = counts[town.station] = counts.get(town.station, 0) + 1
        zh, en = STATION_NAMES[town.station]
        share = 2.0 if geom is ground[owner.index(town)] else 1.0  # twice for the middle of the town
        parents = {"county": COUNTY_CODE, "zone": zone_of[town.station], "station": town.station, "town": town.code}
        records.append(
            AreaRecord(f"B{town.station[1:]}{nth:02d}", "beat", f"{zh}第{nth}警务区", f"{en} Beat {nth}", setting,
                       parents, round(town.population * share / (owner.count(town) + 1)), as_geojson(geom))
        )  # fmt: skip
    return records


def _upper_areas(plan: MasterPlan, beats: list[AreaRecord], ground: list[BaseGeometry]) -> list[AreaRecord]:
    settings = {town.code: town.setting for town in plan.towns}

    def joined(kind: str, code: str, zh: str, en: str, setting: str) -> AreaRecord:
        own = [k for k, beat in enumerate(beats) if beat.parents[kind] == code]
        above = {"county": (), "zone": ("county",), "station": ("county", "zone"), "town": ("county",)}[kind]
        parents = {upper: beats[own[0]].parents[upper] for upper in above}
        shape = shapely.union_all([ground[k] for k in own])
        return AreaRecord(
            code, kind, zh, en, setting, parents, sum(beats[k].population for k in own), as_geojson(shape)
        )

    records = [joined("county", COUNTY_CODE, COUNTY_ZH, COUNTY_EN, "rural")]
    for code, zh, en, _ in ZONES:
        records.append(joined("zone", code, zh, en, "town" if code == "Z1" else "rural"))
    for code, (zh, en) in STATION_NAMES.items():
        setting = next(town.setting for town in plan.towns if town.station == code)
        records.append(joined("station", code, f"{zh}派出所辖区", f"{en} Station Area", setting))
    towns = (joined("town", t.code, t.name_zh, t.name_en, settings[t.code]) for t in plan.towns)
    return [*records, *towns]


class AreaIndex:
    """Finds the beat, station or town of many points at once."""

    def __init__(self, areas: tuple[AreaRecord, ...]) -> None:
        """Only the beats are indexed; larger areas follow from a beat's parents."""
        self._beats = [area for area in areas if area.kind == "beat"]
        self._tree = shapely.STRtree([shapely.geometry.shape(dict(beat.geometry)) for beat in self._beats])

    def beat_numbers(self, lon: Floats, lat: Floats) -> NDArray[np.int64]:
        """The row of each point's beat in `county.areas_of("beat")`, -1 outside the county.

        A point exactly on a border belongs to the beat with the lower code.
        """
        found = np.full(len(lon), len(self._beats), dtype=np.int64)
        point, beat = self._tree.query(shapely.points(lon, lat), predicate="intersects")
        np.minimum.at(found, point, beat)
        return np.where(found == len(self._beats), -1, found)

    def codes(self, lon: Floats, lat: Floats, kind: str = "beat") -> list[str]:
        """The code of each point's area of a kind; empty outside the county."""
        names = [beat.code if kind == "beat" else beat.parents[kind] for beat in self._beats]
        return [names[k] if k >= 0 else "" for k in self.beat_numbers(lon, lat).tolist()]
