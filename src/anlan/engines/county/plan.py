"""The master plan: outline, river and valleys, towns, where people live. All in plan metres.

The plan is one idea (a river valley west to east, six side valleys, the county town at the middle
on the north bank, market towns up the valleys) shaken a little by the seed.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Floats

URBAN_TILT = np.deg2rad(9.0)
RING_A, RING_B = 4700.0, 3900.0
RIVER_HALF_WIDTH = 75.0
BANK = 130.0
"""Distance of the riverside roads from the middle of the river, metres."""

_RIVER = [(-19500, -4200), (-15000, -3000), (-10500, -4300), (-7200, -2700), (-4200, -2100), (-1500, -1500),
          (1500, -1150), (4300, -1500), (7200, -600), (10500, 400), (14500, 1900), (19500, 2600)]  # fmt: skip
_STREAMS = {
    "north": [(-2300, 19000), (-3600, 14500), (-2600, 10500), (-3300, 7000), (-5200, 4200), (-5700, 600),
              (-5400, -2300)],
    "northeast": [(11500, 17500), (9500, 13000), (9800, 9000), (8200, 5200), (8400, 2200), (7900, -200)],
    "south": [(-1800, -19000), (-200, -14500), (-1600, -11000), (200, -7800), (900, -5400), (5300, -3400),
              (5600, -1300)],
    "southwest": [(-13500, -15500), (-11400, -12000), (-11800, -8800), (-9600, -6600), (-9300, -4200)],
    "southeast": [(13800, -13500), (11200, -10500), (11600, -6800), (9000, -4200), (9200, 0)],
    "northwest": [(-14500, 13000), (-12300, 9500), (-12500, 5600), (-10300, 2200), (-9800, -4000)],
}  # fmt: skip
STREAM_NAMES = {
    "north": ("樵溪", "Qiao Stream"),
    "northeast": ("柘溪", "Zhe Stream"),
    "south": ("蘅塘溪", "Hengtang Stream"),
    "southwest": ("岚源溪", "Lanyuan Stream"),
    "southeast": ("汀埠溪", "Tingbu Stream"),
    "northwest": ("霁坑溪", "Jikeng Stream"),
}


@dataclass(frozen=True, slots=True)
class TownSpec:
    """One street, town or township of the plan; `along` names its valley (or the river)."""

    code: str
    name_zh: str
    name_en: str
    x: float
    y: float
    along: str
    setting: str
    station: str
    beats: int
    population: int


TOWNS = (
    TownSpec("T01", "望澜街道", "Wanglan Subdistrict", 200, 300, "", "town", "S01", 6, 92_000),
    TownSpec("T02", "澄屏街道", "Chengping Subdistrict", 2900, 900, "", "town", "S02", 5, 74_000),
    TownSpec("T03", "霁川街道", "Jichuan Subdistrict", 700, -2700, "", "town", "S03", 5, 66_000),
    TownSpec("T04", "栖岭街道", "Qiling Subdistrict", -2900, 200, "", "town", "S04", 5, 61_000),
    TownSpec("T05", "枢亭街道", "Shuting Subdistrict", 600, 3100, "", "town", "S05", 5, 58_000),
    TownSpec("T06", "澜埠镇", "Lanbu Town", 8700, -300, "river", "suburb", "S06", 5, 46_000),
    TownSpec("T07", "鹭汀镇", "Luting Town", 14200, 1700, "river", "rural", "S07", 4, 29_000),
    TownSpec("T08", "岩蘅镇", "Yanheng Town", -8600, -3200, "river", "suburb", "S08", 5, 41_000),
    TownSpec("T09", "榧岭镇", "Feiling Town", -14200, -3100, "river", "rural", "S09", 4, 24_000),
    TownSpec("T10", "樵坞镇", "Qiaowu Town", -2900, 9800, "north", "rural", "S10", 5, 33_000),
    TownSpec("T11", "蘅塘镇", "Hengtang Town", -900, -9800, "south", "rural", "S11", 5, 31_000),
    TownSpec("T12", "柘霁镇", "Zheji Town", 9300, 9300, "northeast", "rural", "S12", 4, 22_000),
    TownSpec("T13", "岚源乡", "Lanyuan Township", -11500, -9300, "southwest", "rural", "S09", 4, 11_000),
    TownSpec("T14", "汀埠乡", "Tingbu Township", 10900, -7700, "southeast", "rural", "S06", 4, 12_000),
)
STATION_NAMES = {
    "S01": ("望澜", "Wanglan"), "S02": ("澄屏", "Chengping"), "S03": ("霁川", "Jichuan"), "S04": ("栖岭", "Qiling"),
    "S05": ("枢亭", "Shuting"), "S06": ("澜埠", "Lanbu"), "S07": ("鹭汀", "Luting"), "S08": ("岩蘅", "Yanheng"),
    "S09": ("榧岭", "Feiling"), "S10": ("樵坞", "Qiaowu"), "S11": ("蘅塘", "Hengtang"), "S12": ("柘霁", "Zheji"),
}  # fmt: skip
ZONES = (
    ("Z1", "中部战区", "Central Zone", ("S01", "S02", "S03", "S04", "S05")),
    ("Z2", "东部战区", "Eastern Zone", ("S06", "S07", "S12")),
    ("Z3", "西部战区", "Western Zone", ("S08", "S09", "S10", "S11")),
)
HUB = (900.0, 3150.0)


@dataclass(frozen=True, slots=True)
class MasterPlan:
    """Outline, waters, ring and towns of one seed, in plan metres."""

    outline: Polygon
    river: LineString
    river_land: BaseGeometry
    streams: dict[str, LineString]
    ring: Polygon
    towns: tuple[TownSpec, ...]

    def town(self, code: str) -> TownSpec:
        """The town with the code."""
        return next(town for town in self.towns if town.code == code)

    def valley(self, name: str) -> LineString:
        """The middle line of a valley; `river` is the main one."""
        return self.river if name == "river" else self.streams[name]


def smooth_line(points: Floats, step_m: float = 150.0) -> LineString:
    """A smooth curve through the points, a vertex about every `step_m`.

    Cubic Hermite pieces with central-difference slopes over chord length (Catmull and Rom, 1974);
    plain arithmetic, so that every machine draws the same road.
    """
    gaps = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(gaps)])
    slope = np.gradient(points, at, axis=0)
    where = np.linspace(0, at[-1], max(2, int(at[-1] / step_m)))
    piece = np.clip(np.searchsorted(at, where, side="right") - 1, 0, len(gaps) - 1)
    width = gaps[piece][:, None]
    t = (where[:, None] - at[piece][:, None]) / width
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * points[piece]
        + (t**3 - 2 * t**2 + t) * width * slope[piece]
        + (3 * t**2 - 2 * t**3) * points[piece + 1]
        + (t**3 - t**2) * width * slope[piece + 1]
    )
    return LineString(curve)


def urban_xy(uv: Floats) -> Floats:
    """The tilted street grid (u along the river, v across) on the board."""
    c, s = np.cos(URBAN_TILT), np.sin(URBAN_TILT)
    xy: Floats = np.asarray(uv, dtype=np.float64) @ np.array([[c, s], [-s, c]])
    return xy


def _outline(rng: np.random.Generator) -> Polygon:
    angle = np.linspace(0, 2 * np.pi, 361)[:-1]
    radius = np.full_like(angle, 16_400.0)
    for waves, share in ((2, 0.035), (3, 0.05), (5, 0.035), (8, 0.018), (13, 0.012), (23, 0.006)):
        radius *= 1 + share * np.sin(waves * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 13_800, 18_700)
    return Polygon(np.column_stack([radius * np.cos(angle) * 1.02, radius * np.sin(angle) * 0.99]))


def _ring() -> Polygon:
    angle = np.linspace(0, 2 * np.pi, 181)[:-1]
    c, s = np.cos(angle), np.sin(angle)
    scale = (np.abs(c) ** 2.8 + np.abs(s) ** 2.8) ** (-1 / 2.8)
    return Polygon(urban_xy(np.column_stack([RING_A * scale * c, RING_B * scale * s + 150])))


def master_plan(seed: int) -> MasterPlan:
    """The plan that belongs to a seed."""
    rng = generator_for(seed, "plan")
    outline, ring = _outline(rng), _ring()
    bends = np.array(_RIVER, dtype=np.float64)
    outer = np.abs(bends[:, 0]) > 6500
    bends[outer] += rng.normal(0, 260, (int(outer.sum()), 2))
    river = smooth_line(bends)
    streams: dict[str, LineString] = {}
    for name, points in _STREAMS.items():
        bend = np.array(points, dtype=np.float64)
        bend[1:-1] += rng.normal(0, 220, (len(bend) - 2, 2))
        line = smooth_line(bend).intersection(outline)
        last = river.interpolate(river.project(shapely.Point(bend[-1])))
        streams[name] = LineString([*_longest(line).coords[:-3], (last.x, last.y)])
    river = _longest(river.intersection(outline))
    return MasterPlan(outline, river, river.buffer(RIVER_HALF_WIDTH), streams, ring, _placed(river, streams, rng))


def _longest(geom: BaseGeometry) -> LineString:
    parts: list[LineString] = [part for part in shapely.get_parts(geom) if part.geom_type == "LineString"]
    return max(parts, key=lambda part: part.length)


def _placed(river: LineString, streams: dict[str, LineString], rng: np.random.Generator) -> tuple[TownSpec, ...]:
    """Market towns moved onto their valley floor, a stone's throw from the water."""
    placed: list[TownSpec] = []
    for town in TOWNS:
        if not town.along:
            placed.append(town)
            continue
        line = river if town.along == "river" else streams[town.along]
        at = line.project(shapely.Point(town.x, town.y)) + rng.normal(0, 250)
        base, ahead = line.interpolate(at), line.interpolate(at + 60)
        off = 520.0 if town.along == "river" else 330.0
        length = np.hypot(ahead.x - base.x, ahead.y - base.y)
        normal = np.array([-(ahead.y - base.y), ahead.x - base.x]) / length
        if normal[1] < 0 and town.along == "river":
            normal = -normal
        x, y = np.array([base.x, base.y]) + normal * off
        placed.append(
            TownSpec(town.code, town.name_zh, town.name_en, float(x), float(y), town.along, town.setting,
                     town.station, town.beats, town.population)
        )  # fmt: skip
    return tuple(placed)
