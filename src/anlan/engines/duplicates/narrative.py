"""What the comparison keeps of one narrative: scenes, details, places, words and cues."""

import re
from dataclasses import dataclass
from functools import lru_cache

from anlan.engines.duplicates.details import details_of, normalise
from anlan.engines.duplicates.scenes import scenes_of

# Phrases of the call sheet that say nothing about the event.
_BOILERPLATE = re.compile(
    r"报警人?称?|来电称?|来电人|报称|反映|群众|市民|路人|过路的|路过|住户|业主|店员|保安|司机|女子称|男子称|"
    r"请民警|希望|要求|处理|麻烦|快点?来?|快来看看|看看|情况|目前|现场|有人|一个|一下|这边|那边|这里|那里|"
    r"刚才|好像|什么|怎么|没有|已经|还在|可能|附近|旁边|门口|对面|上面|下面|里面|外面|在|了|的|报"
)
_PUNCTUATION = re.compile(r"[^0-9A-Za-z一-鿿]+")
_PLACE = re.compile(
    r"([一-鿿A-Za-z]{2})(大道|路|街|巷|弄|大?桥|新村|小区|花园|雅苑|苑|公寓|名府|府|村|广场|菜场|市场|"
    r"工业园|公园|园|小学|中学|学校|医院|[东西南北]站|车站|地铁站|站|水库|商场|山|厂|埠|码头)"
)
_ROADS = {"大道": "道", "大桥": "桥"}
_NOT_NAMES = re.compile(r"[的在了这那个往从到有人]|门口|十字|人行|马路|过|红绿|一条|整条|两条|半条")
# The caller goes on with a matter told minutes ago, or comes back after it was dealt with.
_CONTINUES = re.compile(r"刚才报|刚刚报|刚报|前面报|刚才打过|刚打过|上一个电话|同一件|补充")
_RETURNS = re.compile(
    r"又[动打来吵闹开放响]|再次|昨[天晚夜].{0,6}(?:来过|民警|警察|报)|(?:民警|警察|你们).{0,4}(?:走后|走了|来过)|"
    r"上次|前[天几]|上周|第[二三四五]次|多次报|老是|又来"
)
# What happened days ago is not what another caller sees now.
_PAST = re.compile(
    r"上个?(?:礼拜|星期|周|月|回)|前[天晚几]天?|昨[天日]|去年|以前的事|好几天前|[半一两三几]个?(?:月|星期|礼拜|周|天)前"
)


@dataclass(frozen=True, slots=True)
class Narrative:
    """The comparable content of one text; compute once, compare often."""

    scenes: frozenset[str]
    details: dict[str, frozenset[str]]
    places: frozenset[str]
    grams: frozenset[str]
    continues: bool
    returns: bool
    is_past: bool


@lru_cache(maxsize=4096)
def read_narrative(text: str) -> Narrative:
    """Read a narrative of any length; only the first 2,000 characters count."""
    plain = normalise(text)
    return Narrative(
        scenes=scenes_of(plain),
        details=details_of(plain),
        places=places_of(plain),
        grams=grams_of(_PLACE.sub(_cut_named_place, plain)),
        continues=bool(_CONTINUES.search(plain)),
        returns=bool(_RETURNS.search(plain)),
        is_past=bool(_PAST.search(plain)),
    )


def places_of(plain: str) -> frozenset[str]:
    """Keys of the named places: the two characters before a place word, and the word."""
    found = set()
    for position in range(len(plain)):
        match = _PLACE.match(plain, position)
        if match and not _NOT_NAMES.search(match[1]):
            found.add(match[1] + _ROADS.get(match[2], match[2]))
    return frozenset(found)


def _cut_named_place(match: re.Match[str]) -> str:
    """Take a named place out of the words: it is compared on its own."""
    return match[0] if _NOT_NAMES.search(match[1]) else "，"


def grams_of(plain: str) -> frozenset[str]:
    """Pairs of neighbouring characters, call-sheet phrases and punctuation taken out first."""
    grams: set[str] = set()
    for run in _PUNCTUATION.split(_BOILERPLATE.sub("，", plain)):
        grams.update(run[i : i + 2] for i in range(len(run) - 1))
    return frozenset(grams)
