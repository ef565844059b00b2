"""An invented county of estates, villages, streets and busy places, and how its addresses are written."""

from dataclasses import dataclass, replace
from math import cos, radians

from anlan.engines.county.chance import WordPicker

_LON, _LAT = 120.0, 29.0
_M_PER_DEGREE = 111_195.0
_TOWNS = 5
_FIRST = "丽锦云溪桂兰松枫石金青白东南上下新清和泰安荷梅竹杨柳双龙凤银"
_SECOND = "景绣岭口山泉塘坑墩畈岩湖湾田庄堰坞屏源河潭浦阳林城丰华"
_KINDS = {  # setting: (places in a town, endings)
    "estate": (5, ("花园", "小区", "苑", "公寓")),
    "rental": (2, ("新村",)),
    "village": (7, ("村",)),
    "street": (4, ("路", "街", "巷")),
    "market": (1, ("菜场", "农贸市场")),
    "mall": (1, ("商场",)),
    "hospital": (1, ("医院",)),
    "school": (2, ("小学", "中学")),
    "work_site": (2, ("工地",)),
    "factory": (2, ("五金厂", "服装厂", "食品厂")),
}
_CHINESE = "零一二三四五六七八九"
BUSY = ("market", "mall", "hospital", "school")
"""Settings where many people meet at one address who have nothing to do with each other."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One door. `block` is a building or a villagers' group, `number` a house, shop or stall; 0 is none."""

    setting: str
    name: str
    town: int
    block: int = 0
    unit: int = 0
    floor: int = 0
    door: int = 0
    number: int = 0
    lon: float = _LON
    lat: float = _LAT


@dataclass(frozen=True, slots=True)
class Place:
    """An estate, village, street … with its middle; `blocks` and `numbers` say how large it is."""

    setting: str
    name: str
    town: int
    blocks: int
    numbers: int
    lon: float
    lat: float


def places_of_county(words: WordPicker) -> tuple[Place, ...]:
    """Places of five towns some kilometres apart; no name is used twice."""
    taken: set[str] = set()
    found = []
    for town in range(_TOWNS):
        town_lon, town_lat = _LON + 0.06 * town, _LAT + 0.05 * (town % 3)
        for setting, (count, endings) in _KINDS.items():
            spread_m = 4000 if setting == "village" else 1400
            for _ in range(count):
                name = _new_name(words, endings, taken)
                lon, lat = _moved(town_lon, town_lat, *_within(words, spread_m))
                blocks = {"estate": 6 + words.below(14), "rental": 8, "village": 3 + words.below(6)}.get(setting, 0)
                found.append(Place(setting, name, town, blocks, 30 + words.below(200), lon, lat))
    return tuple(found)


def spot_in(words: WordPicker, place: Place) -> Spot:
    """A door of the place. Buildings stand 50 m apart, houses 15 m, shops 8 m."""
    spot = Spot(place.setting, place.name, place.town, lon=place.lon, lat=place.lat)
    if place.setting in ("estate", "rental"):
        floors = 18 if place.setting == "estate" else 6
        spot = replace(spot, unit=1 + words.below(3), floor=1 + words.below(floors), door=1 + words.below(4))
        return placed(replace(spot, block=1 + words.below(place.blocks)))
    if place.setting == "village":
        return placed(replace(spot, block=1 + words.below(place.blocks), number=1 + words.below(40)))
    if place.setting == "street":
        return placed(replace(spot, number=1 + words.below(place.numbers)))
    return placed(replace(spot, number=1 + words.below(60)))


def placed(spot: Spot) -> Spot:
    """The spot with the position that its numbers give it, seen from the middle of its place."""
    if spot.setting in ("estate", "rental"):
        row, column = divmod(spot.block - 1, 5)
        east, north = 50.0 * column, 50.0 * row
    elif spot.setting == "village":
        east, north = 120.0 * spot.block, 15.0 * spot.number
    elif spot.setting == "street":
        east, north = 8.0 * spot.number, 0.0
    else:
        east, north = 2.0 * (spot.number % 8), 2.0 * (spot.number // 8)
    lon, lat = _moved(spot.lon, spot.lat, east, north)
    return replace(spot, lon=lon, lat=lat)


def next_door(words: WordPicker, place: Place, spot: Spot) -> Spot:
    """The next building, house, shop or stall."""
    home = replace(spot, lon=place.lon, lat=place.lat)
    step = 1 if words.chance(0.5) or (spot.block or spot.number) <= 1 else -1
    if spot.setting in ("estate", "rental"):
        moved = replace(home, block=spot.block + step, floor=1 + words.below(6), door=1 + words.below(4))
    else:
        moved = replace(home, number=max(1, spot.number + step * (1 + words.below(2))))
        moved = replace(moved, number=moved.number + (1 if moved.number == spot.number else 0))
    return placed(moved)


def other_floor(words: WordPicker, spot: Spot) -> Spot:
    """Another floor of the same building, at least two away."""
    away = 2 + words.below(4)
    floor = spot.floor + away if spot.floor <= away or words.chance(0.5) else spot.floor - away
    return replace(spot, floor=floor, door=1 + words.below(4))


def address_of(spot: Spot, *, fully: bool = True) -> str:
    """The address as a register writes it; without `fully` only the place's name."""
    if not fully:
        return spot.name
    if spot.setting in ("estate", "rental"):
        return f"{spot.name}{building_of(spot)}{spot.unit}单元{room_of(spot)}室"
    return spot.name + detail_of(spot)


def building_of(spot: Spot) -> str:
    """The building of a spot that has one, e.g. 5幢."""
    return f"{spot.block}幢"


def room_of(spot: Spot) -> str:
    """Floor and door as a room number, e.g. 1203."""
    return f"{spot.floor}{spot.door:02d}"


def detail_of(spot: Spot) -> str:
    """What stands behind the name: building and room, group and number, number, stall."""
    if spot.setting in ("estate", "rental"):
        return f"{building_of(spot)}{room_of(spot)}"
    if spot.setting == "village":
        return f"{spot.block}组{spot.number}号"
    if spot.setting == "street":
        return f"{spot.number}号"
    if spot.setting in ("market", "mall"):
        return f"{spot.number}号摊位"
    return ""


def written_otherwise(words: WordPicker, spot: Spot) -> str:
    """The same address in another hand: 栋 for 幢, 3-1-502, Chinese or full-width numerals, 自然村, 队."""
    way = words.below(4)
    if spot.setting in ("estate", "rental"):
        room = room_of(spot)
        return (
            f"{spot.name}{chinese_number(spot.block)}栋{room}",
            f"{spot.name}{spot.block}-{spot.unit}-{room}",
            f"{spot.name}{full_width(str(spot.block))}号楼{full_width(room)}室",
            f"{spot.name} {spot.block} 幢{spot.unit}单元{by_digit(room)}",
        )[way]
    if spot.setting == "village":
        stem = spot.name.removesuffix("村")
        return (
            f"{stem}自然村{chinese_number(spot.block)}组{chinese_number(spot.number)}号",
            f"{spot.name}第{spot.block}小组{full_width(str(spot.number))}号",
            f"{spot.name}{spot.block}队{spot.number}号",
            f"{stem}{chinese_number(spot.block)}组{spot.number}",
        )[way]
    number = spot.number
    detail = detail_of(spot)
    if not detail:
        return spot.name
    ways = (chinese_number(number), full_width(str(number)), by_digit(str(number)), f" {number} ")
    return spot.name + detail.replace(str(number), ways[way])


def chinese_number(number: int) -> str:
    """1 to 999 as it is read: 二十三, 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_CHINESE[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_CHINESE[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_CHINESE[ones] if ones else "")


def by_digit(digits: str) -> str:
    """Digits one by one, zero as 〇: 三〇二."""
    return "".join("〇" if d == "0" else _CHINESE[int(d)] for d in digits)


def full_width(digits: str) -> str:
    """Digits in full width, as some input methods leave them."""
    return "".join(chr(ord(d) - ord("0") + ord("０")) for d in digits)


def shifted(words: WordPicker, spot: Spot, reach_m: float) -> tuple[float, float]:
    """A position up to `reach_m` from the spot: an address point or a telephone's rough place."""
    return _moved(spot.lon, spot.lat, *_within(words, reach_m))


def _within(words: WordPicker, reach_m: float) -> tuple[float, float]:
    return (words.below(2001) / 1000 - 1) * reach_m * 0.7, (words.below(2001) / 1000 - 1) * reach_m * 0.7


def _moved(lon: float, lat: float, east_m: float, north_m: float) -> tuple[float, float]:
    metres = _M_PER_DEGREE * cos(radians(lat))
    return round(lon + east_m / metres, 6), round(lat + north_m / _M_PER_DEGREE, 6)


def _new_name(words: WordPicker, endings: tuple[str, ...], taken: set[str]) -> str:
    while True:
        name = words.pick(_FIRST) + words.pick(_SECOND) + words.pick(endings)
        if name[:2] not in taken:
            taken.add(name[:2])
            return name
