"""Streets of the county town: ring, arterials, collectors, lanes in the blocks, bridges."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Floats
from anlan.engines.county.names import Name, NameBook
from anlan.engines.county.plan import BANK, HUB, MasterPlan, urban_xy

SPEED_KMH = {
    "trunk": 70.0,
    "primary": 55.0,
    "secondary": 50.0,
    "tertiary": 40.0,
    "unclassified": 35.0,
    "residential": 25.0,
    "living_street": 15.0,
}


@dataclass(frozen=True, slots=True)
class DraftRoad:
    """A road on the drawing board, before junctions are cut."""

    name: Name
    road_class: str
    line: LineString
    oneway: bool = False
    bridge: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the town between four streets. `use`: homes, shops, works, park, school, hub."""

    polygon: Polygon
    centre: tuple[float, float]
    use: str
    from_core_m: float


@dataclass(slots=True)
class TownFabric:
    """Streets and blocks of the county town."""

    roads: list[DraftRoad] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def town_fabric(seed: int, plan: MasterPlan, book: NameBook) -> TownFabric:
    """Lay out the county town inside the ring road."""
    rng = generator_for(seed, "streets")
    fabric = TownFabric()
    us, vs = _positions(rng, -4750, 430, 23), _positions(rng, -4000, 415, 21)
    banks = plan.river.buffer(BANK)
    fabric.roads += _ring_roads(plan) + _riverside(plan, banks, book)
    fabric.roads += _grid_lines(rng, plan, banks, book, us, vs)
    for block in _blocks(rng, plan, banks, us, vs):
        fabric.blocks.append(block)
        for lane in _lanes(rng, block, book):
            fabric.roads += [replace(lane, line=part) for part in _lines_of(lane.line.difference(banks))]
    return fabric


def _positions(rng: np.random.Generator, start: float, gap: float, count: int) -> Floats:
    at: Floats = start + np.cumsum(np.clip(rng.normal(gap, 40, count), 330, 540))
    return at


def _lines_of(geom: BaseGeometry) -> Iterator[LineString]:
    for part in shapely.get_parts(geom):
        if part.geom_type == "LineString" and part.length > 90:
            yield part


def _ring_roads(plan: MasterPlan) -> list[DraftRoad]:
    """The ring in four named quarters, turning at its corners."""
    ring = LineString(plan.ring.exterior.coords)
    quarters = (("东", "East", 0.875), ("北", "North", 0.125), ("西", "West", 0.375), ("南", "South", 0.625))
    roads: list[DraftRoad] = []
    for zh, en, start in quarters:
        name = Name(f"澜环{zh}路", f"Lanhuan {en} Road")
        stop = start + 0.25
        cuts = [(start, min(stop, 1.0))] + ([(0.0, stop - 1.0)] if stop > 1 else [])
        for a, b in cuts:
            part = shapely.ops.substring(ring, a, b, normalized=True)
            roads.append(DraftRoad(name, "primary", part))
    return roads


def _riverside(plan: MasterPlan, banks: BaseGeometry, book: NameBook) -> list[DraftRoad]:
    """One road along each bank, inside the ring."""
    inside = plan.ring.buffer(5)
    parts = _lines_of(shapely.line_merge(banks.boundary.intersection(inside)))
    return [DraftRoad(book.road("江路", "Riverside Road"), "secondary", part) for part in parts]


def _grid_lines(
    rng: np.random.Generator, plan: MasterPlan, banks: BaseGeometry, book: NameBook, us: Floats, vs: Floats
) -> list[DraftRoad]:
    roads: list[DraftRoad] = []
    for axis, positions in (("u", us), ("v", vs)):
        for index, at in enumerate(positions):
            main, arterial = index % 6 == 4, index % 2 == 0
            road_class = "primary" if main else "secondary" if arterial else "tertiary"
            suffix = ("大道", "Avenue") if main else ("路", "Road") if axis == "u" else ("街", "Street")
            ends = np.array([[at, -9000], [at, 9000]] if axis == "u" else [[-9000, at], [9000, at]])
            inside = LineString(urban_xy(ends)).intersection(plan.ring.buffer(1))
            if inside.is_empty:
                continue
            name = book.road(*suffix)
            over_river = axis == "u" and arterial
            for line in _lines_of(inside):
                roads += _cut_at_river(name, road_class, line, banks, over_river)
    return _thinned(rng, roads)


def _cut_at_river(
    name: Name, road_class: str, line: LineString, banks: BaseGeometry, over_river: bool
) -> list[DraftRoad]:
    roads = [DraftRoad(name, road_class, part) for part in _lines_of(line.difference(banks)) if part.length > 240]
    if over_river:
        wet = [part for part in _lines_of(line.intersection(banks)) if part.length < 4 * BANK]
        roads += [DraftRoad(name, road_class, part, bridge=True) for part in wet]
    return roads


def _thinned(rng: np.random.Generator, roads: list[DraftRoad]) -> list[DraftRoad]:
    """Drop some stretches of collectors, more towards the edge, so that the grid is not a grid."""
    kept: list[DraftRoad] = []
    for road in roads:
        if road.road_class != "tertiary":
            kept.append(road)
            continue
        count = max(1, round(road.line.length / 840))
        run: list[float] = []
        for k in range(count):
            middle = road.line.interpolate((k + 0.5) / count, normalized=True)
            share = 0.08 + 0.40 * min(1.0, float(np.hypot(middle.x, middle.y)) / 4200)
            if rng.random() >= share:
                run.append(k / count)
        stretches = [shapely.ops.substring(road.line, a, a + 1 / count, normalized=True) for a in run]
        kept += [DraftRoad(road.name, road.road_class, stretch) for stretch in stretches]
    return kept


def _blocks(
    rng: np.random.Generator, plan: MasterPlan, banks: BaseGeometry, us: Floats, vs: Floats
) -> Iterator[Block]:
    inner = plan.ring.buffer(-120)
    hub = shapely.Point(HUB)
    for u0, u1 in itertools.pairwise(us):
        for v0, v1 in itertools.pairwise(vs):
            polygon = Polygon(urban_xy(np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])))
            middle = polygon.centroid
            if not inner.contains(middle) or polygon.intersection(banks).area > 0.25 * polygon.area:
                continue
            away = float(np.hypot(middle.x - 200, middle.y - 300))
            use = "hub" if polygon.contains(hub) else _block_use(rng, away)
            yield Block(polygon, (middle.x, middle.y), use, away)


def _block_use(rng: np.random.Generator, from_core_m: float) -> str:
    edge = min(1.0, from_core_m / 4200)
    shares = {
        "homes": 0.62,
        "shops": 0.20 - 0.14 * edge,
        "works": 0.30 * max(0.0, edge - 0.45),
        "park": 0.05,
        "school": 0.06,
        "fields": 0.45 * max(0.0, edge - 0.55),
    }
    weights = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def _lanes(rng: np.random.Generator, block: Block, book: NameBook) -> list[DraftRoad]:
    """Lanes inside one block: many and narrow in the old core, few or none at the edge."""
    if block.use in ("park", "hub", "fields", "school"):
        return []
    core = block.from_core_m < 1050
    density = max(0.3, 1.15 - block.from_core_m / 4600) * (0.6 if block.use == "works" else 1.0)
    corner = np.array(block.polygon.exterior.coords[:4])
    roads: list[DraftRoad] = []
    for across in (True, False):
        cuts = (0.34, 0.67) if core and across else (0.5,)
        for cut in cuts:
            if rng.random() > density * (0.92 if across else 0.7):
                continue
            at, to = np.clip(cut + rng.normal(0, 0.05, 2), 0.2, 0.8)
            a, b, c, d = corner if across else (corner[0], corner[3], corner[2], corner[1])
            start, stop = a + (d - a) * at, b + (c - b) * (to if core else at)
            line = LineString([start, (start + stop) / 2 + rng.normal(0, 9 if core else 2, 2), stop])
            kind = ("弄", "Lane") if core else ("巷", "Alley") if rng.random() < 0.35 else ("路", "Road")
            road_class = "living_street" if core else "residential"
            roads.append(DraftRoad(book.road(*kind), road_class, line, oneway=core and rng.random() < 0.25))
    return roads
