"""The parts of a typed address around a name: numbers, buildings, rooms, groups, directions."""

import re
from dataclasses import dataclass

from anlan.engines.addresses.numerals import digits_before, fold_width

_COUNTERS = r"号|弄|幢|栋|座|单元|楼|层|室|组|队|公里|千米|米|里处|-"
_LONGEST = 400
_ABBREVIATIONS = {
    "st": "street",
    "ave": "avenue",
    "av": "avenue",
    "rd": "road",
    "blvd": "boulevard",
    "ln": "lane",
    "dr": "drive",
    "sq": "square",
    "e": "east",
    "w": "west",
    "n": "north",
    "s": "south",
}


def normalise(text: str) -> str:
    """One way of writing: usual width, small letters, numerals before counters as digits.

    White space between Chinese characters goes; between Latin words one blank stays. Only the
    first 400 characters count.
    """
    text = digits_before(text[:_LONGEST], _COUNTERS).casefold()
    text = re.sub(r"(?<![a-z0-9])\s+|\s+(?![a-z0-9])", "", text)
    return re.sub(r"\s+", " ", text)


def latin_words(text: str) -> list[str]:
    """Words of a Latin text, street abbreviations written out."""
    words = re.findall(r"[a-z0-9']+", fold_width(text[:_LONGEST]).casefold())
    return [_ABBREVIATIONS.get(word, word) for word in words]


@dataclass(frozen=True, slots=True)
class AddressParts:
    """What stands behind a name. Numbers are None, words empty where nothing was said."""

    number: int | None = None
    number_suffix: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    group: int | None = None
    km: float | None = None
    junction: bool = False
    relation: str = ""
    direction: str = ""
    offset_m: float | None = None
    used: int = 0


_NUMBER = re.compile(r"(\d{1,5})(?:(?:-|之)(\d{1,3}))?(?:号(?!楼(?![下上内里])|厂房|线)|弄)(?:之(\d{1,3}))?")
_BUILDING = re.compile(r"([a-z]|\d{1,3})(?:幢|栋|号楼(?![下上内里])|座)")
_TRIPLE = re.compile(r"(\d{1,3})-(\d{1,2})-(\d{2,4})(?!\d)")
_DOUBLE = re.compile(r"(\d{1,3})-(\d{3,4})(?!\d)")
_UNIT = re.compile(r"(\d{1,2})单元")
_FLOOR = re.compile(r"(?<!\d)(\d{1,2})(?:楼|层)")
_ROOM = re.compile(r"(?<![\d-])(\d{3,4})(?:室|房|户|(?![\d.米号公幢栋弄组路元块万多余来个名人年路线]))")
_GROUP = re.compile(r"(\d{1,2})(?:组|队|小组)")
_KM = re.compile(r"(?:k(\d{1,4})(?:\+(\d{1,3}))?)|(?:(\d{1,4}(?:\.\d)?)(?:公里|千米)(?:(?:又|加|\+)?(\d{1,3})米)?)")
_JUNCTION = re.compile(r"路口|交叉|交界|交汇|十字|岔口|口$|口(?=[,，。；;\s])")
_RELATION = re.compile(
    r"附近|旁边?|边上|对面|门口|门前|后面|后山|里面|中段|(?:东|西|南|北)(?:头|段|侧|面|边)|往|以|向"
)
_OFFSET = re.compile(
    r"(?:往|向|以|朝)?(东北|东南|西北|西南|东|西|南|北)(?:方向|面|侧|边)?(?:走|约|大约|大概)*(\d{1,4})(?:多|来)?(?:米|m)"
)
_NEAR_BY = {
    "附近": "near",
    "旁": "beside",
    "边上": "beside",
    "对面": "opposite",
    "门口": "at_door",
    "门前": "at_door",
}


def read_parts(tail: str) -> AddressParts:
    """Read the parts from a normalised text that follows a name; `used` counts its characters."""
    number = _NUMBER.match(tail) or _NUMBER.search(tail)
    building, unit, room, used_building = _building(tail)
    group, km = _GROUP.search(tail), _KM.search(tail)
    relation, offset = _RELATION.search(tail), _OFFSET.search(tail)
    floor = _FLOOR.search(tail)
    parts = [m for m in (number, group, km, offset) if m]
    return AddressParts(
        number=int(number[1]) if number else None,
        number_suffix=(number[2] or number[3] or "") if number else "",
        building=building,
        unit=unit,
        floor=floor[1] if floor else "",
        room=room,
        group=int(group[1]) if group else None,
        km=_km_value(km) if km else None,
        junction=bool(_JUNCTION.search(tail)),
        relation=_NEAR_BY.get(relation[0], _NEAR_BY.get(relation[0][0], "part_of")) if relation else "",
        direction=offset[1] if offset else "",
        offset_m=float(offset[2]) if offset else None,
        used=sum(m.end() - m.start() for m in parts) + used_building,
    )


def _building(tail: str) -> tuple[str, str, str, int]:
    """(building, unit, room, characters used), also from the short forms 3-1-901 and 3-901."""
    for pattern in (_TRIPLE, _DOUBLE):
        short = pattern.match(tail)
        if short:
            groups = short.groups()
            unit = groups[1] if len(groups) == 3 else ""
            return groups[0], unit, groups[-1], short.end()
    building, unit, room = _BUILDING.search(tail), _UNIT.search(tail), _ROOM.search(tail)
    used = sum(m.end() - m.start() for m in (building, unit, room) if m)
    return (building[1] if building else "", unit[1] if unit else "", room[1] if room else "", used)


def _km_value(match: re.Match[str]) -> float:
    if match[1]:
        return int(match[1]) + (int(match[2]) / 1000.0 if match[2] else 0.0)
    return float(match[3]) + (int(match[4]) / 1000.0 if match[4] else 0.0)
