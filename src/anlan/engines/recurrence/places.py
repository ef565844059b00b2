"""Where a quarrel stands, read from an address and from the words: name, building, room, group, number."""

import re
from dataclasses import dataclass
from functools import lru_cache

from anlan.engines.addresses.numerals import digits_before, fold_width

_COUNTERS = r"号|弄|幢|栋|座|单元|室|组|队|小组"
_LONGEST = 400
_ADMINISTRATIVE = re.compile(r"^.*(?:省|自治[区州]|市(?!场)|县|(?<![小社新园厂])区|镇|乡|街道)(?=[一-鿿]{2})")
_ENDING = re.compile(
    r"(自然村|新村|村|小区|社区|花园|家园|嘉园|公寓|名府|苑|府|大道|路|街|巷|弄|农贸市场|市场|菜场|商场|广场|医院|"
    r"卫生院|小学|中学|学校|幼儿园|工地|项目部|工业园|厂|公司|大厦|大楼)$"
)
_NAMED = re.compile(
    r"([一-鿿]{2,6}?)(自然村|新村|小区|花园|家园|嘉园|公寓|名府|苑|大道|路|街|巷|菜场|农贸市场|市场|商场|广场|"
    r"医院|小学|中学|工地|厂|村)"
)
_SORTS = {
    "village": "自然村 村",
    "homes": "新村 小区 社区 花园 家园 嘉园 公寓 名府 苑 府",
    "road": "大道 路 街 巷 弄",
    "market": "农贸市场 市场 菜场 商场 广场",
    "hospital": "医院 卫生院",
    "school": "小学 中学 学校 幼儿园",
    "works": "工地 项目部 工业园 厂 公司 大厦 大楼",
}
_SORT_OF = {ending: sort for sort, endings in _SORTS.items() for ending in endings.split()}
_LEAD_IN = re.compile(r"^.*(?:以前住|原来住|原来在?|住在?|就在|在|到|是|去|从|来|我家|这里)")
_BY_DIGIT = re.compile(r"[零〇一二三四五六七八九]{3,4}(?=室|$|[^零〇一二三四五六七八九十百])")
_VALUE = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_SHORT = re.compile(r"(?<!\d)(\d{1,3})-(?:\d{1,2}-)?(\d{3,4})(?!\d)")
_BUILDING = re.compile(r"(\d{1,3})(?:幢|栋|号楼|座)")
_ROOM = re.compile(
    r"(?:幢|栋|号楼|座|单元|楼|层|^)(?:\d{1,2}单元)?(\d{3,4})(?:室|房|户)?(?!\d|号|元|块|年|多|人|路|组)"
)
_GROUP = re.compile(r"第?(\d{1,2})(?:小组|组|队)")
_NUMBER = re.compile(r"(\d{1,4})号(?!楼)")
_BARE_AFTER_GROUP = re.compile(r"(?:小组|组|队)(\d{1,4})(?!\d|号|人|个|元)")


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """The parts of a place; empty where nothing was said.

    `names` come without their endings, each with the sort of place the ending tells: "丽景/homes";
    the sort is empty where no ending was said.
    """

    names: frozenset[str] = frozenset()
    building: str = ""
    room: str = ""
    group: str = ""
    number: str = ""

    @property
    def has_detail(self) -> bool:
        """Whether anything finer than a name is known."""
        return bool(self.building or self.room or self.group or self.number)


@lru_cache(maxsize=8192)
def place_of_address(address: str) -> PlaceWords:
    """Read an address field: the run of characters before the first number is its name."""
    plain = _plain(address)
    lead = re.split(r"[\d,，。;；(（]", plain, maxsplit=1)[0]
    lead = re.sub(r"第$", "", _ADMINISTRATIVE.sub("", lead))
    ending = _ENDING.search(lead)
    name = lead[: ending.start()] if ending else lead
    sort = _SORT_OF.get(ending[1], "") if ending else ""
    return _with_numbers(frozenset({f"{name}/{sort}"}) if len(name) >= 2 else frozenset(), plain)


@lru_cache(maxsize=4096)
def place_in_words(text: str) -> PlaceWords:
    """The named places of a narrative and the numbers in it that can only be a door's."""
    plain = _plain(text)
    names = set()
    for match in _NAMED.finditer(plain):
        name = _LEAD_IN.sub("", match[1])
        if 2 <= len(name) <= 4:
            names.add(f"{name}/{_SORT_OF.get(match[2], '')}")
    return _with_numbers(frozenset(names), plain)


def cores(names: frozenset[str]) -> frozenset[str]:
    """The names without the sort of place."""
    return frozenset(name.partition("/")[0] for name in names)


def shared_names(first: frozenset[str], second: frozenset[str]) -> frozenset[str]:
    """Cores that both name; 人民路 and 人民医院 share none, 人民路 and 人民 do."""
    both = set()
    for name in first:
        core, _, sort = name.partition("/")
        for other in second:
            its_core, _, its_sort = other.partition("/")
            if core == its_core and (sort == its_sort or not sort or not its_sort):
                both.add(core)
    return frozenset(both)


def _plain(text: str) -> str:
    plain = digits_before(re.sub(r"\s+", "", fold_width(text[:_LONGEST])), _COUNTERS)
    return _BY_DIGIT.sub(lambda run: "".join(_VALUE[c] for c in run[0]), plain)


def _with_numbers(names: frozenset[str], plain: str) -> PlaceWords:
    short, building = _SHORT.search(plain), _BUILDING.search(plain)
    room, group = _ROOM.search(plain), _GROUP.search(plain)
    number = _NUMBER.search(plain) or _BARE_AFTER_GROUP.search(plain)
    return PlaceWords(
        names,
        building=building[1] if building else short[1] if short else "",
        room=room[1] if room else short[2] if short else "",
        group=group[1] if group else "",
        number=number[1].lstrip("0") if number else "",
    )


def doors(place: PlaceWords) -> frozenset[str]:
    """Keys of the exact door, where building and room or (group and) number are known; else none."""
    if place.building and place.room:
        door = f"{place.building}-{place.room}"
    elif place.number:
        door = f"{place.group}.{place.number}"
    else:
        return frozenset()
    return frozenset(f"{core}/{door}" for core in cores(place.names))


def compare_places(call: PlaceWords, words: PlaceWords, file: PlaceWords) -> tuple[str, tuple[str, ...]]:
    """(finding, detail): how a call's address, helped by its words, agrees with a file's address.

    A number told only in the words counts where the address field leaves it out.
    """
    if not file.names or not (call.names or words.names):
        return "unknown", ()
    shared = shared_names(call.names, file.names)
    if not shared:
        # The caller stands elsewhere, or has moved, and names the old place.
        told = shared_names(words.names, file.names)
        if not told:
            return "other_name", ()
        return _finer(words, file, "told_"), tuple(sorted(told))
    seen = PlaceWords(
        call.names,
        call.building or words.building,
        call.room or words.room,
        call.group or words.group,
        call.number or words.number,
    )
    return _finer(seen, file, ""), tuple(sorted(shared))


def _finer(seen: PlaceWords, file: PlaceWords, prefix: str) -> str:
    """The finest level at which both say something."""
    if seen.building and file.building and seen.building != file.building:
        return prefix + "other_building"
    if seen.group and file.group and seen.group != file.group:
        return prefix + "other_group"
    for mine, its, name in ((seen.room, file.room, "room"), (seen.number, file.number, "number")):
        if mine and its:
            return f"{prefix}same_{name}" if mine == its else f"{prefix}other_{name}"
    if (seen.building and file.building) or (seen.group and file.group):
        return prefix + "same_building"
    if not seen.has_detail and not file.has_detail:
        return prefix + "same_whole_place"
    return prefix + "same_name"
