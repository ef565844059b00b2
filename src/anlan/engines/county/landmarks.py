"""Schools, hospitals, markets, the hub, parks, bridges, works, reservoirs: what people steer by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from anlan.engines.county.chance import generator_for
from anlan.engines.county.country import Village
from anlan.engines.county.names import Name, NameBook
from anlan.engines.county.plan import HUB, STREAM_NAMES, MasterPlan
from anlan.engines.county.streets import Block, DraftRoad


@dataclass(frozen=True, slots=True)
class Landmark:
    """A landmark in plan metres; `what` is its kind, `pull` how many calls it draws."""

    name: Name
    aliases: tuple[str, ...]
    what: str
    place_type: str
    x: float
    y: float
    pull: float = 1.0


def county_landmarks(
    seed: int,
    plan: MasterPlan,
    book: NameBook,
    blocks: Sequence[Block],
    villages: Sequence[Village],
    roads: Sequence[DraftRoad],
) -> tuple[Landmark, ...]:
    """All landmarks of the county."""
    rng = generator_for(seed, "landmarks")
    return (
        *_hub(),
        *_of_county(rng, plan, blocks),
        *_of_blocks(rng, book, blocks),
        *_of_market_towns(rng, plan),
        *_of_villages(rng, villages),
        *_bridges(roads),
        *_waters(plan),
    )


def _hub() -> Iterator[Landmark]:
    x, y = HUB
    yield Landmark(Name("安澜站", "Anlan Railway Station"), ("安澜火车站", "高铁站"), "hub", "hub", x, y + 120, 4.0)
    yield Landmark(
        Name("安澜客运中心", "Anlan Coach Terminal"), ("客运中心", "汽车站"), "hub", "hub", x - 140, y - 40, 3.0
    )
    yield Landmark(Name("安澜站站前广场", "Anlan Station Square"), ("站前广场",), "square", "square", x, y - 20, 2.0)
    yield Landmark(Name("枢亭公交枢纽", "Shuting Bus Interchange"), ("公交总站",), "hub", "hub", x + 150, y - 50, 1.5)


_COUNTY_WIDE = (
    ("安澜县人民医院", "Anlan People's Hospital", ("县人民医院", "县医院"), "hospital", "hospital", 4.0),
    ("安澜县中医院", "Anlan Hospital of Chinese Medicine", ("县中医院",), "hospital", "hospital", 2.5),
    ("安澜县妇幼保健院", "Anlan Maternity Hospital", ("妇保院",), "hospital", "hospital", 1.5),
    ("安澜中学", "Anlan High School", ("安中",), "school", "school", 1.6),
    ("安澜县职业技术学校", "Anlan Vocational School", ("职校",), "school", "school", 1.6),
    ("澄澜广场", "Chenglan Square", ("市民广场",), "square", "square", 4.0),
    ("望澜公园", "Wanglan Park", (), "park", "square", 1.8),
    ("安澜体育中心", "Anlan Sports Centre", ("体育馆",), "square", "square", 1.5),
    ("安澜国贸大厦", "Anlan Trade Tower", ("国贸",), "office", "office", 1.5),
    ("安澜县行政服务中心", "Anlan Service Centre", ("行政中心", "办事大厅"), "office", "office", 1.5),
    ("澄澜夜市", "Chenglan Night Market", ("夜市",), "market", "market", 3.5),
    ("望澜农贸市场", "Wanglan Market", ("望澜菜场",), "market", "market", 3.0),
    ("霁川农贸市场", "Jichuan Market", ("霁川菜场",), "market", "market", 2.5),
    ("栖岭五金市场", "Qiling Hardware Market", ("五金城",), "market", "market", 2.0),
)


def _of_county(rng: np.random.Generator, plan: MasterPlan, blocks: Sequence[Block]) -> Iterator[Landmark]:
    """The few that a whole county knows, near the core."""
    near = sorted((b for b in blocks if b.use in ("shops", "homes", "school")), key=lambda b: b.from_core_m)
    picks = rng.permutation(min(70, len(near)))[: len(_COUNTY_WIDE)]
    for (zh, en, aliases, what, place_type, pull), pick in zip(_COUNTY_WIDE, picks.tolist(), strict=True):
        x, y = near[pick].centre
        yield Landmark(Name(zh, en), aliases, what, place_type, x + 25, y + 25, pull)


_BLOCK_KINDS: dict[str, tuple[tuple[str, str, str, str, float], ...]] = {
    "shops": (
        ("购物中心", "Mall", "mall", "shop", 3.0),
        ("大酒店", "Hotel", "hotel", "hotel", 1.6),
        ("KTV", "KTV", "bar", "bar_ktv", 2.6),
        ("美食城", "Food Court", "food", "shop", 2.4),
        ("写字楼", "Office Building", "office", "office", 1.2),
        ("超市", "Supermarket", "shop", "shop", 2.0),
        ("酒吧街", "Bar Street", "bar", "bar_ktv", 3.0),
        ("网吧", "Internet Cafe", "bar", "bar_ktv", 1.0),
    ),
    "works": (
        ("五金厂", "Hardware Works", "works", "work_site", 0.8),
        ("工业园", "Industrial Park", "works", "work_site", 1.6),
        ("电动工具厂", "Power Tool Works", "works", "work_site", 0.8),
        ("物流园", "Logistics Park", "works", "work_site", 1.2),
        ("服装厂", "Garment Works", "works", "work_site", 0.7),
        ("安置房工地", "Resettlement Building Site", "site", "work_site", 1.2),
    ),
    "park": (("公园", "Park", "park", "square", 1.0), ("湿地公园", "Wetland Park", "park", "water", 0.8)),
    "school": (
        ("小学", "Primary School", "school", "school", 1.0),
        ("中学", "Middle School", "school", "school", 1.1),
        ("幼儿园", "Kindergarten", "school", "school", 0.6),
    ),
    "homes": (
        ("加油站", "Filling Station", "fuel", "road", 0.7),
        ("菜场", "Food Market", "market", "market", 1.4),
        ("社区卫生站", "Community Clinic", "hospital", "hospital", 0.5),
        ("停车场", "Car Park", "parking", "road", 0.8),
        ("快捷宾馆", "Budget Hotel", "hotel", "hotel", 1.1),
        ("足浴店", "Foot Spa", "bar", "bar_ktv", 0.6),
    ),
}
_PER_BLOCK = {"shops": 3, "works": 2, "park": 1, "school": 1, "homes": 1}


def _of_blocks(rng: np.random.Generator, book: NameBook, blocks: Sequence[Block]) -> Iterator[Landmark]:
    for block in blocks:
        kinds = _BLOCK_KINDS.get(block.use)
        if kinds is None or (block.use == "homes" and rng.random() < 0.65):
            continue
        picks = rng.permutation(len(kinds))[: _PER_BLOCK[block.use]]
        for nth, pick in enumerate(picks.tolist()):
            zh, en, what, place_type, pull = kinds[pick]
            name = book.road(zh, en)
            off = (nth - 1) * 90.0
            x, y = block.centre[0] + off + rng.normal(0, 12), block.centre[1] + rng.normal(0, 40)
            yield Landmark(name, (), what, place_type, float(x), float(y), pull)


_TOWN_KINDS = (
    ("卫生院", "Health Centre", "hospital", "hospital", 0.9),
    ("中心小学", "Central Primary School", "school", "school", 0.7),
    ("中学", "Middle School", "school", "school", 0.7),
    ("菜场", "Market", "market", "market", 1.4),
    ("汽车站", "Bus Station", "hub", "hub", 0.9),
    ("文化广场", "Culture Square", "square", "square", 0.9),
    ("敬老院", "Care Home", "care", "other", 0.4),
    ("工业功能区", "Industrial Zone", "works", "work_site", 1.2),
    ("加油站", "Filling Station", "fuel", "road", 0.5),
    ("商贸城", "Trade Hall", "shop", "shop", 0.9),
    ("宾馆", "Guest House", "hotel", "hotel", 0.5),
    ("KTV", "KTV", "bar", "bar_ktv", 0.6),
)


def _of_market_towns(rng: np.random.Generator, plan: MasterPlan) -> Iterator[Landmark]:
    for town in plan.towns:
        if not town.along:
            continue
        zh, en = town.name_zh[:2], town.name_en.split()[0]
        for tail_zh, tail_en, what, place_type, pull in _TOWN_KINDS:
            x, y = np.array([town.x, town.y]) + rng.normal(0, 210, 2)
            short = (f"{zh}镇{tail_zh}",) if town.name_zh.endswith("镇") else (f"{zh}乡{tail_zh}",)
            yield Landmark(Name(zh + tail_zh, f"{en} {tail_en}"), short, what, place_type, float(x), float(y), pull)


def _of_villages(rng: np.random.Generator, villages: Sequence[Village]) -> Iterator[Landmark]:
    for village in villages:
        stem, en = village.name.zh.removesuffix("村"), village.name.en.removesuffix(" Village")
        if village.groups >= 6:
            yield Landmark(
                Name(f"{stem}文化礼堂", f"{en} Village Hall"),
                (),
                "hall",
                "square",
                village.x + 30,
                village.y - 25,
                0.3,
            )
        if rng.random() < 0.12:
            x, y = np.array([village.x, village.y]) + rng.normal(0, 200, 2)
            yield Landmark(Name(f"{stem}石料场", f"{en} Quarry"), (), "works", "work_site", float(x), float(y), 0.3)


def _bridges(roads: Sequence[DraftRoad]) -> Iterator[Landmark]:
    seen: set[str] = set()
    for road in roads:
        stem = road.name.zh.removesuffix("大道").removesuffix("路")
        if not road.bridge or stem in seen:
            continue
        seen.add(stem)
        middle = road.line.interpolate(0.5, normalized=True)
        zh = road.name.zh if road.name.zh.endswith("桥") else f"{stem}大桥"
        en = road.name.en if road.name.zh.endswith("桥") else f"{road.name.en.split()[0]} Bridge"
        yield Landmark(Name(zh, en), (zh.replace("大桥", "桥"),), "bridge", "water", middle.x, middle.y, 0.8)


def _waters(plan: MasterPlan) -> Iterator[Landmark]:
    """A reservoir near the head of every side valley, two bathing places on the river."""
    for valley, (zh, en) in STREAM_NAMES.items():
        at = reservoir_point(plan, valley)
        stem, stem_en = zh.removesuffix("溪"), en.removesuffix(" Stream")
        yield Landmark(Name(f"{stem}水库", f"{stem_en} Reservoir"), (), "reservoir", "water", at.x, at.y, 0.5)
    for share, zh, en in ((0.3, "岩蘅江滩", "Yanheng River Beach"), (0.68, "澜埠江滩", "Lanbu River Beach")):
        at = plan.river.interpolate(share, normalized=True)
        yield Landmark(Name(zh, en), (), "beach", "water", at.x, at.y + 90, 0.5)


def reservoir_point(plan: MasterPlan, valley: str) -> shapely.Point:
    """Where the valley's reservoir lies: a sixth of the way down its stream."""
    point: shapely.Point = plan.streams[valley].interpolate(0.16, normalized=True)
    return point
