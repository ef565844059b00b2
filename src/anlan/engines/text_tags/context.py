"""Whether a found word is meant: not denied, not only feared, not already over, not a game.

Chinese marks these close to the word: a denial stands before it in the same clause (没有, 未,
不是), a fear or a condition likewise (怕, 万一, 差点), an ending after it (已扑灭, 包扎好了). Games,
films, drills and jokes colour the whole narrative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from anlan.engines.text_tags.lexicon import Hit

CLAUSE_END = frozenset(",。;!?、 :\"'()…\n")
_FILLER = "[有人发生出现被什么再任何员明显大的到见真在受动过看现听说闻着这还把他她它来得去喊叫个开]"
_DENIED = re.compile(
    r"(?:没有?|未见?|无需?|不是|并非|并未|尚未|从未|不用|不需要?|不会|不要|未曾|别|没人|无人|谈不上|不存在|不算|排除)"
    rf"{_FILLER}{{0,3}}$"
)
_FEARED = re.compile(
    r"(?:担心|害怕|恐怕|生怕|怕|万一|防止|避免|以免|免得|以为|要是|如果|小心|差点儿?|险些|差一点|预防|可能会?|容易|随时|容易引发|会不会|"
    r"还以为|说要是|再不|说不定|迟早|不然)[^,。;!? ]{0,8}$"
)
_ENDED_AFTER = re.compile(
    r"^[^。!?]{0,14}?(?:已经?|都|刚|自己|后来|给|被)?[^。!?,]{0,3}"
    r"(?:扑灭|灭掉|灭了|熄灭|救上来了|获救|劝开了?|劝住了|拉开了|散了|打完了|停手|不打了|包扎好?|处理好了|处理过|出院|"
    r"(?<!不)好了|没事了|关掉了|关了|排除了|修好了|控制住|醒过来|醒了|缓过来|痊愈|愈合|制止了|平息|结痂|拆线|消肿|解决了|"
    r"清理了|救出来了|逃出来了|跑出来了)"
)
_STILL = re.compile(r"还在|仍|没灭|未灭|复燃|大半|部分|还没|又")
_UNREAL = re.compile(
    r"游戏里|打游戏|玩游戏|手游|电影|电视剧|拍戏|剧组|剧本杀|小说|做梦|噩梦|梦见|骗你的|骗你|逗你|闹着玩|开玩笑|"
    r"演练|演习|模拟|玩具|道具|广告词|促销|恶作剧|谎报|谎称|虚构|假报|彩排|试鸣|跳楼价"
)

_STAGED = re.compile(r"(?:游戏|手游|电影|电视剧?|小说|剧本|剧本杀|梦|动画片|短剧)(?:里面?|中|情节)[^,。;!? ]{0,8}$")

OPEN_TO_FEAR = frozenset({"suicide", "missing", "contact_lost", "found_person", "height"})
"""Families whose fear is itself the alarm: "afraid she will jump" is a call for help."""


def unreal(text: str) -> bool:
    """The narrative speaks of a game, a film, a drill, a toy, a price or a joke."""
    return bool(_UNREAL.search(text))


def meant(text: str, hits: Iterable[Hit]) -> list[tuple[Hit, bool]]:
    """Each hit with True where it is neither denied, nor merely feared, nor over, nor staged.

    Several families often share a word, so each place of the text is judged once.
    """
    before: dict[int, tuple[bool, bool]] = {}
    after: dict[int, bool] = {}
    judged: list[tuple[Hit, bool]] = []
    for hit in hits:
        if hit.start not in before:
            before[hit.start] = _before_says(_before(text, hit.start))
        if hit.end not in after:
            after[hit.end] = _ended(text, hit.end)
        is_unsaid, is_feared = before[hit.start]
        is_over = is_unsaid or after[hit.end] or (is_feared and hit.family not in OPEN_TO_FEAR)
        judged.append((hit, not is_over))
    return judged


def _before_says(words: str) -> tuple[bool, bool]:
    """(denied in its own clause, or in a game, a film or a dream named just before; feared or conditional)."""
    if not words:
        return False, False
    return bool(_DENIED.search(words) or _STAGED.search(words)), bool(_FEARED.search(words))


def _ended(text: str, end: int) -> bool:
    """What is named before ``end`` is said to be over within the same sentence."""
    return bool(_ENDED_AFTER.match(text[end : end + 24])) and not _STILL.search(text[end : end + 30])


def _before(text: str, start: int) -> str:
    left = start
    while left > 0 and start - left < 12 and text[left - 1] not in CLAUSE_END:
        left -= 1
    return text[left:start]
