"""Roads beyond the ring: the national road, valley roads, links over the ridges, market towns,
villages and their lanes."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Floats
from anlan.engines.county.names import Name, NameBook
from anlan.engines.county.plan import MasterPlan, TownSpec, smooth_line
from anlan.engines.county.streets import DraftRoad

VILLAGE_COUNT = 176
SUBURB_VILLAGES = 30
"""Of these, villages the town is growing towards, just outside the ring."""
_RADIALS = (
    ((3600.0, 3300.0), "northeast", (8600.0, 7000.0)),
    ((-3700.0, -3300.0), "southwest", (-9800.0, -6800.0)),
    ((3700.0, -2900.0), "southeast", (10900.0, -5600.0)),
    ((-4400.0, 2300.0), "northwest", (-11500.0, 4600.0)),
)
_LINKS = (
    ("T10", "T12"),
    ("T10", "T08"),
    ("T11", "T13"),
    ("T11", "T14"),
    ("T07", "T12"),
    ("T07", "T14"),
    ("T09", "T13"),
)


@dataclass(frozen=True, slots=True)
class Village:
    """A village: name, middle and number of groups 组."""

    name: Name
    x: float
    y: float
    groups: int


@dataclass(slots=True)
class Countryside:
    """Roads, villages and market-town streets outside the county town."""

    roads: list[DraftRoad] = field(default_factory=list)
    villages: list[Village] = field(default_factory=list)


def countryside(seed: int, plan: MasterPlan, book: NameBook) -> Countryside:
    """Lay out everything beyond the ring."""
    rng = generator_for(seed, "country")
    land = Countryside()
    land.roads += _river_roads(rng, plan)
    land.roads += _valley_roads(rng, plan, land.roads)
    land.roads += _radial_roads(rng, plan, land.roads)
    land.roads += _link_roads(rng, plan, land.roads)
    for town in plan.towns:
        if town.along:
            land.roads += _market_town(rng, plan, town, book, land.roads)
    main = [*land.roads, _ring(plan)]
    for village in _villages(rng, plan, book):
        land.villages.append(village)
        roads = _village_roads(rng, plan, village, main)
        land.roads += roads
        main += [road for road in roads if road.road_class == "unclassified"]
    return land


def _beside(rng: np.random.Generator, line: LineString, off: float, wobble: float) -> LineString:
    """A road beside a river or stream: the smoothed line moved sideways by about `off` metres."""
    count = max(3, int(line.length / 1300))
    at = np.linspace(0, line.length, count)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    way = np.gradient(points, axis=0)
    normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None]
    return smooth_line(points + normal * (off + rng.normal(0, wobble, count))[:, None], 180)


def _ring(plan: MasterPlan) -> DraftRoad:
    """The ring as something to join on to; the road itself belongs to the town."""
    return DraftRoad(Name("", ""), "primary", LineString(plan.ring.exterior.coords))


def _outside(plan: MasterPlan, line: LineString) -> list[LineString]:
    """The parts inside the county and outside the ring, ends put exactly on the ring."""
    geom = line.intersection(plan.outline.buffer(-60)).difference(plan.ring)
    return [part for part in shapely.get_parts(geom) if part.geom_type == "LineString" and part.length > 500]


def _river_roads(rng: np.random.Generator, plan: MasterPlan) -> list[DraftRoad]:
    roads: list[DraftRoad] = []
    for off, road_class, zh, en in (
        (640, "trunk", "G390国道", "National Road G390"),
        (-560, "tertiary", "江南县道", "South Bank County Road"),
    ):
        parts = _outside(plan, _beside(rng, plan.river, off, 70))
        roads += [DraftRoad(Name(zh, en), road_class, part) for part in parts]
    banks = [[road for road in roads if road.road_class == kind] for kind in ("trunk", "tertiary")]
    for code in ("T06", "T07", "T08", "T09"):
        town = plan.town(code)
        north = nearest_on(Point(town.x, town.y), banks[0])
        south = nearest_on(north, banks[1])
        name = Name(f"{town.name_zh[:2]}大桥", f"{town.name_en.split()[0]} Bridge")
        roads.append(DraftRoad(name, "secondary", LineString([north, south]), bridge=True))
    return roads


def nearest_on(point: Point, roads: list[DraftRoad]) -> Point:
    """The nearest point of any of the roads."""
    lines = np.array([road.line for road in roads])
    best = lines[int(np.argmin(shapely.distance(lines, point)))]
    found: Point = best.interpolate(best.project(point))
    return found


_VALLEY_ROADS = {
    "north": ("secondary", "樵坞线", "Qiaowu Line", 240.0),
    "northeast": ("secondary", "柘霁线", "Zheji Line", -240.0),
    "south": ("secondary", "蘅塘线", "Hengtang Line", -240.0),
    "southwest": ("tertiary", "岚源线", "Lanyuan Line", 220.0),
    "southeast": ("tertiary", "汀埠线", "Tingbu Line", 220.0),
    "northwest": ("tertiary", "霁坑线", "Jikeng Line", -220.0),
}


def _valley_roads(rng: np.random.Generator, plan: MasterPlan, river_roads: list[DraftRoad]) -> list[DraftRoad]:
    """One road up each side valley, from the ring or the river road to near the valley's head."""
    ring = _ring(plan)
    roads: list[DraftRoad] = []
    for valley, (road_class, zh, en, off) in _VALLEY_ROADS.items():
        line = _beside(rng, plan.streams[valley], off, 50)
        coords = shapely.get_coordinates(line)
        away = shapely.distance(shapely.points(coords), plan.ring)
        near_river = shapely.distance(shapely.points(coords), plan.river)
        floor = (
            coords[(away > 1500) & (near_river > 1100)] if valley in ("north", "south") else coords[near_river > 950]
        )
        foot = Point(floor[-1])
        targets = [ring] if valley in ("north", "south") else _same_bank(plan, foot, river_roads)
        start = nearest_on(foot, targets)
        bend = np.vstack([[start.x, start.y], floor[::-7][: len(floor)]])
        parts = _outside(plan, smooth_line(bend, 170).intersection(plan.outline.buffer(-900)))
        roads += [DraftRoad(Name(zh, en), road_class, part) for part in parts]
    return roads


def _same_bank(plan: MasterPlan, point: Point, roads: list[DraftRoad]) -> list[DraftRoad]:
    dry = [road for road in roads if not road.bridge]
    return [road for road in dry if not LineString([point, nearest_on(point, [road])]).intersects(plan.river)] or dry


def winding(rng: np.random.Generator, start: Point, stop: Point, sway: float, bend_m: float = 700.0) -> LineString:
    """A winding way between two points; `sway` is the usual distance from the straight line."""
    a, b = np.array([start.x, start.y]), np.array([stop.x, stop.y])
    length = float(np.hypot(*(b - a)))
    count = max(2, int(length / bend_m)) + 1
    share = np.linspace(0, 1, count)
    normal = np.array([-(b - a)[1], (b - a)[0]]) / max(length, 1.0)
    swing = rng.normal(0, sway, count) * np.sin(np.pi * share) ** 0.5
    points: Floats = a + np.outer(share, b - a) + np.outer(swing, normal)
    return smooth_line(points, 130) if count > 2 else LineString(points)


def _radial_roads(rng: np.random.Generator, plan: MasterPlan, roads: list[DraftRoad]) -> list[DraftRoad]:
    """Roads from the corners of the ring straight to the side valleys."""
    ring = _ring(plan)
    radials: list[DraftRoad] = []
    for near, valley, far in _RADIALS:
        start = nearest_on(Point(near), [ring])
        _, zh, en, _ = _VALLEY_ROADS[valley]
        stop = nearest_on(Point(far), [road for road in roads if road.name.zh == zh])
        name = Name(f"望{zh[0]}线", f"Wanglan-{en}")
        parts = _outside(plan, winding(rng, start, stop, 190, 1400))
        radials += [DraftRoad(name, "secondary", part) for part in parts]
    return radials


def _link_roads(rng: np.random.Generator, plan: MasterPlan, roads: list[DraftRoad]) -> list[DraftRoad]:
    """County roads over the ridges between market towns of neighbouring valleys."""
    links: list[DraftRoad] = []
    for a, b in _LINKS:
        one, two = plan.town(a), plan.town(b)
        start = nearest_on(Point(one.x, one.y), roads)
        stop = nearest_on(Point(two.x, two.y), roads)
        name = Name(f"{one.name_zh[0]}{two.name_zh[0]}线", f"{one.name_en.split()[0]}-{two.name_en.split()[0]} Line")
        line = winding(rng, start, stop, 520, 1500)
        keep = line.intersection(plan.outline.buffer(-300)).difference(plan.river.buffer(420))
        parts = [part for part in shapely.get_parts(keep) if part.geom_type == "LineString"]
        links += [DraftRoad(name, "tertiary", part) for part in parts if part.length > 1200]
    return links


def _market_town(
    rng: np.random.Generator, plan: MasterPlan, town: TownSpec, book: NameBook, roads: list[DraftRoad]
) -> list[DraftRoad]:
    """A small grid along the valley road, with a named main street."""
    at = Point(town.x, town.y)
    through = min(roads, key=lambda road: road.line.distance(at)).line
    where = through.project(at)
    base, ahead = through.interpolate(where), through.interpolate(min(where + 80, through.length - 1))
    along = np.arctan2(ahead.y - base.y, ahead.x - base.x)
    turn = np.array([[np.cos(along), np.sin(along)], [-np.sin(along), np.cos(along)]])
    size = 1.35 if town.setting == "suburb" else 1.0
    origin = np.array([base.x, base.y])
    streets: list[DraftRoad] = []
    across = np.linspace(-440, 440, 8) * size + rng.normal(0, 18, 8)
    lengthwise = np.array([-330, -190, 130, 260, 390.0]) * size + rng.normal(0, 15, 5)
    for k, x in enumerate(across):
        line = LineString(origin + np.array([[x, lengthwise[0]], [x + rng.normal(0, 8), lengthwise[-1]]]) @ turn)
        streets.append(DraftRoad(book.road("巷", "Alley") if k % 3 else book.road("路", "Road"), "residential", line))
    for k, y in enumerate(lengthwise):
        line = LineString(origin + np.array([[across[0], y], [across[-1], y + rng.normal(0, 10)]]) @ turn)
        name, road_class = (book.road("街", "Street"), "tertiary" if k == 2 else "residential")
        streets.append(DraftRoad(name, road_class, line))
    return [road for road in streets if not road.line.intersects(plan.river_land)]


def _villages(rng: np.random.Generator, plan: MasterPlan, book: NameBook) -> list[Village]:
    """Villages along all valleys, none closer than 620 m to another."""
    valleys = {"river": plan.river, **plan.streams}
    lengths = np.array([line.length for line in valleys.values()])
    inner, town = plan.outline.buffer(-1000), plan.ring.buffer(260)
    placed = [np.array([spec.x, spec.y]) for spec in plan.towns if spec.along]
    villages: list[Village] = []
    for _ in range(9000):
        if len(villages) == VILLAGE_COUNT:
            break
        if len(villages) < SUBURB_VILLAGES:
            spot = rng.uniform(-7500, 7500, 2)
            fits = 350 < plan.ring.distance(Point(spot)) < 2300
        else:
            line = list(valleys.values())[int(rng.choice(len(lengths), p=lengths / lengths.sum()))]
            at = line.interpolate(rng.uniform(0, line.length))
            spot = np.array([at.x, at.y]) + rng.normal(0, 1500 if line is plan.river else 1100, 2)
            fits = not town.contains(Point(spot)) and inner.contains(Point(spot))
        if fits and _room_for(plan, spot, placed):
            placed.append(spot)
            villages.append(Village(book.village(), float(spot[0]), float(spot[1]), int(rng.integers(2, 10))))
    return villages


def _room_for(plan: MasterPlan, spot: Floats, placed: list[Floats]) -> bool:
    """Dry ground with no other village within 620 m."""
    point = Point(spot)
    if point.distance(plan.river) < 240 or min(point.distance(s) for s in plan.streams.values()) < 70:
        return False
    return min(float(np.hypot(*(spot - other))) for other in placed) >= 620


def _dry_target(plan: MasterPlan, at: Point, main: list[DraftRoad]) -> Point:
    """The nearest point of a main road that can be reached without crossing the river."""
    lines = np.array([road.line for road in main if not road.bridge])
    order = np.argsort(shapely.distance(lines, at), kind="stable")
    nearest: Point | None = None
    for line in lines[order].tolist():
        point: Point = line.interpolate(line.project(at))
        if not LineString([at, point]).intersects(plan.river):
            return point
        nearest = nearest or point
    return nearest or at


def _village_roads(
    rng: np.random.Generator, plan: MasterPlan, village: Village, main: list[DraftRoad]
) -> list[DraftRoad]:
    """The way from the main road into the village, its main lane and two to four cross lanes."""
    at = Point(village.x, village.y)
    target = _dry_target(plan, at, main)
    way = winding(rng, target, at, 45, 420)
    stem = village.name.zh.removesuffix("村")
    name = Name(f"{stem}路", f"{village.name.en.removesuffix(' Village')} Road")
    roads = [DraftRoad(name, "unclassified", way)]
    heading = np.arctan2(at.y - target.y, at.x - target.x)
    ahead = np.array([np.cos(heading), np.sin(heading)])
    side = np.array([-ahead[1], ahead[0]])
    origin = np.array([village.x, village.y])
    reach = 70.0 + 22.0 * village.groups
    tip = origin + ahead * reach + side * rng.normal(0, 15)
    bend = (origin + tip) / 2 + side * rng.normal(0, 30)
    lane = smooth_line(np.array([origin, bend, tip]), 40)
    roads.append(DraftRoad(Name("", ""), "residential", lane))
    for share in np.sort(rng.uniform(0.15, 0.97, 1 + village.groups // 3)):
        base = shapely.get_coordinates(lane.interpolate(share, normalized=True))[0]
        tilt = side + ahead * rng.normal(0, 0.3)
        left, right = rng.choice([0.0, 1.0], 2, p=[0.3, 0.7]) * rng.uniform(60, 170, 2)
        if left + right:
            roads.append(
                DraftRoad(Name("", ""), "residential", LineString([base - tilt * right, base + tilt * left]))
            )
    return [road for road in roads if not road.line.intersects(plan.river_land)]
