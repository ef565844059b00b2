"""Ages, head counts and minutes as they are said in a narrative, in digits or in Chinese."""

from __future__ import annotations

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = r"(\d{1,4}|[一二两三四五六七八九十百]{1,5})"
_AGE = re.compile(_NUMBER + r"(?:多|来|几)?(?:周?岁|虚岁)")
_AGE_GROUP = re.compile(r"([六七八九])十(?:多|几|来)?岁?|([六七八九])旬")
_HEADS = re.compile(
    _NUMBER + r"(几|多|来|余)?(?:个|名|位|号|口)?(?:多|来)?"
    r"(?:人|工人|业主|村民|乘客|员工|家长|老乡|群众|农民工|民工|工友|旅客|司机)"
)
_MANY = re.compile(r"上百|上千|数百|数十|几十|几百|好几十|百来|千把|成群结队|人山人海|近百|百余|百号")
_MINUTES = re.compile(_NUMBER + r"(?:多|来|几)?(?:分钟|分)(?:前|不到|以前|之前|左右)?")
CHILD_BELOW, ELDER_FROM, CROWD_FROM, GROUP_FROM = 18, 60, 20, 6


def number(said: str) -> int | None:
    """The value of a run of digits or a Chinese numeral below ten thousand; None if it is neither."""
    if said.isdigit():
        return int(said)
    total = pending = 0
    for sign in said:
        if sign == "十":
            total, pending = total + (pending or 1) * 10, 0
        elif sign == "百":
            total, pending = total + (pending or 1) * 100, 0
        elif sign in _DIGITS:
            pending = _DIGITS[sign]
        else:
            return None
    return total + pending


def ages(text: str) -> list[tuple[int, int, int]]:
    """Ages in years with their spans, in the order they are said."""
    if "岁" not in text:
        return []
    found = [(number(m[1]), m.start(), m.end()) for m in _AGE.finditer(text)]
    return [(age, start, end) for age, start, end in found if age is not None and 0 < age < 120]


def is_elder_said(text: str) -> bool:
    """An age of sixty or more is named as a number or a decade."""
    return any(age >= ELDER_FROM for age, _, _ in ages(text)) or bool(_AGE_GROUP.search(text))


def is_child_said(text: str) -> bool:
    """An age below eighteen is named."""
    return any(age < CHILD_BELOW for age, _, _ in ages(text))


def heads(text: str) -> int:
    """The largest number of people named; 50 where only "dozens" or "hundreds" is said; 0 if none."""
    counts = [number(m[1]) or 0 for m in _HEADS.finditer(text)]
    return max([*counts, 50 if _MANY.search(text) else 0], default=0)


def minutes_ago(text: str) -> int | None:
    """The smallest number of minutes named, None where there is none."""
    found = [number(m[1]) for m in _MINUTES.finditer(text)]
    return min((value for value in found if value is not None), default=None)
