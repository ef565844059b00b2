"""What the words of a call and of a file share: rare pairs of characters, amounts, scenes, details."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from anlan.engines.addresses.numerals import parse_numeral
from anlan.engines.duplicates.details import compare_details
from anlan.engines.duplicates.narrative import Narrative, read_narrative
from anlan.engines.recurrence.common_pairs import RARE, WEIGHT_OF

_LONG_NUMBERS = re.compile(r"[0-9０-９][0-9０-９Xx\- ]{5,}[0-9０-９Xx]")
_AMOUNT = re.compile(
    r"(?<![\d零〇一二三四五六七八九十百千])(\d+(?:\.\d+)?万?|[一二三四五六七八九十两][零〇一二三四五六七八九十百千万两]+)"
    r"(?!个|天|月|年|点|号|幢|栋|楼|室|组|队|岁|周|家|人|户|米|次|分|下|声|起|直|边|样|定|些|会|共|切|半|礼拜)"
)
_AGAIN = re.compile(
    r"又|还是|再次|上次|上回|前[天几两次阵]|说好|答应|反悔|到现在|照样|照旧|老问题|老毛病|来过|调解?过|走后|走了就|"
    r"没弄好|没退|没还|没给|没修|没拿到|没结果|变卦|不算数|不作数|不讲信用|第[二三四五]次|那个事|那件事|老地方|那家"
)
_QUARREL = re.compile(r"吵|骂|闹|争|打|推|堵|不肯|不认|不让|不退|不还|不给|不赔|理论|扰民|相骂|评理")
_ONLOOKER = re.compile(
    r"^(?:这边|那边|现场)?(?:有[人个一两几家]|有.{0,3}(?:户|顾客|客人|客户|家长|家属|租客|工人|业主|住户)|[两二]户|[两二]家|[两二]个|"
    r"这[家户栋]|那[家户]|一[对家户]|邻居[两夫]|隔壁[两夫].{0,3}(?:吵|闹|打)|隔壁夫妻|.{0,6}(?:有人|有一[群家帮个]|有个|有.{0,2}吵))"
)
_FOR_ANOTHER = re.compile(
    r"我是他[家们女儿]|我[爸妈爷奶]|我(?:父|母)亲|(?:过世|去世|走了以后|不在了)|大人(?:出去|不在)|替.{1,4}打"
)
_QUANTITY = re.compile(r"([0-9]+|[零一二三四五六七八九十百两半几]+)(个?月|年|天|个?礼拜|周|个人|人|户|家)")
_STOP = frozenset("的了着吧吗呢啊在是我他她你们有不也就都还又个这那一来去说到上下")
FEW_WORDS = 4
"""Below so many pairs of characters a narrative says nothing of what it is about."""


@dataclass(frozen=True, slots=True)
class CallWords:
    """What is kept of one narrative."""

    narrative: Narrative
    pairs: frozenset[str]
    amounts: frozenset[int]
    quantities: frozenset[tuple[str, int]]
    says_again: bool
    quarrels: bool
    teller: str


@lru_cache(maxsize=4096)
def read_words(text: str) -> CallWords:
    """Read a narrative; identity and telephone numbers in it are taken out first and play no part."""
    plain = _LONG_NUMBERS.sub("，", text[:2000])
    narrative = read_narrative(plain)
    pairs = frozenset(pair for pair in narrative.grams if not set(pair) <= _STOP)
    return CallWords(
        narrative,
        pairs,
        amounts_in(plain),
        _quantities(plain),
        bool(_AGAIN.search(plain)),
        bool(_QUARREL.search(plain)),
        "for_another" if _FOR_ANOTHER.search(plain) else "onlooker" if _ONLOOKER.search(plain) else "party",
    )


def amounts_in(text: str) -> frozenset[int]:
    """Sums of a hundred and more that are named, in whole yuan: 三千五 is 3500, 2.6万 is 26000."""
    found = set()
    for match in _AMOUNT.finditer(text):
        value = _amount(match[1])
        if value is not None and value >= 100:
            found.add(value)
    return frozenset(found)


def _amount(written: str) -> int | None:
    head, wan, tail = written.partition("万")
    if head and head[0].isdigit():
        return round(float(head) * (10_000 if wan else 1))
    if not wan:
        return parse_numeral(written)
    whole = parse_numeral(head)
    if whole is None:
        return None
    if not tail:
        return whole * 10_000
    rest = parse_numeral(tail)
    # 两万六 is 26000, as it is spoken.
    return None if rest is None else whole * 10_000 + (rest * 1000 if rest < 10 else rest)


def _quantities(text: str) -> frozenset[tuple[str, int]]:
    """Spans and head counts that are named, by unit: 三个月 is ("月", 3); half a unit counts as 0."""
    found = set()
    for match in _QUANTITY.finditer(text):
        value = 0 if match[1] == "半" else parse_numeral(match[1])
        if value is not None:
            found.add((match[2][-1], value))
    return frozenset(found)


def weight_of(pairs: Iterable[str]) -> float:
    """How much pairs of characters tell together: rare ones much, those of every quarrel little."""
    return sum(WEIGHT_OF.get(pair, RARE) for pair in pairs)


def shared_share(call: CallWords, told: Collection[CallWords]) -> float | None:
    """The share of what the call says that the file has told already, rare pairs counting more.

    None where the call, or the file, says too little to compare.
    """
    known = pairs_of(told)
    if min(len(call.pairs), len(known)) < FEW_WORDS:
        return None
    return weight_of(call.pairs & known) / weight_of(call.pairs)


def pairs_of(told: Iterable[CallWords]) -> frozenset[str]:
    """The pairs of all tellings of a file."""
    return frozenset().union(*(words.pairs for words in told))


def compare_details_told(call: CallWords, file: Iterable[CallWords]) -> tuple[int, int, tuple[str, ...]]:
    """(details that agree, details that clash, their names) between a call and a file's tellings.

    Sums of money, spans and head counts are details too. One agrees if any telling has it so.
    """
    agreeing: set[str] = set()
    clashing: set[str] = set()
    for told in file:
        scenes = call.narrative.scenes | told.narrative.scenes
        alike, unlike = compare_details(call.narrative.details, told.narrative.details, scenes)
        agreeing.update(name for name in alike if name not in _NOT_HERE)
        clashing.update(name for name in unlike if name not in _NOT_HERE)
        if call.amounts and told.amounts:
            (agreeing if call.amounts & told.amounts else clashing).add("amount")
        for unit in {unit for unit, _ in call.quantities} & {unit for unit, _ in told.quantities}:
            mine = {value for its, value in call.quantities if its == unit}
            its = {value for other, value in told.quantities if other == unit}
            (agreeing if mine & its else clashing).add("quantity")
    clashing -= agreeing
    return len(agreeing), len(clashing), (*sorted(agreeing), *(f"-{name}" for name in sorted(clashing)))


# Doors are compared with the address; who quarrels is told from the other side the second time.
_NOT_HERE = frozenset({"building", "room", "house_number", "village_group", "parties"})
