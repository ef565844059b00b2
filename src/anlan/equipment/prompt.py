"""What a door says when somebody has gone through: what was taken and brought back, and what has to be said to it.

Pure: facts in, words out, in the language that is active. Short, because whoever hears it walks on: things of a kind
are counted together with their measure word, after six names only the whole number is told, and what is written in
Latin letters and figures is spoken one by one (``PD780`` isn't "seven hundred and eighty").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language, gettext, pgettext
from pypinyin import Style, lazy_pinyin

NAMES_TOLD = 6
DOUBLE_SURNAMES = "欧阳 上官 司马 诸葛 司徒 夏侯 皇甫 尉迟 公孙 慕容 令狐 东方 端木"
POLICE = ("bureau", "zone", "station", "brigade")
"""Kinds of organisations whose people are addressed as officers."""
CALLS = ("controlled", "elsewhere", "no_badge", "two_badges", "unknown_tag")
"""What nobody should walk on with."""
_FIGURES = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
_COUNTS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing as it is spoken of."""

    name: str
    name_en: str = ""
    measure_word: str = "件"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: why (``rules.REASONS``), ``loan`` or ``return``, and the kind of thing where the tag is known."""

    reason: str
    claim: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one passage: who took what (name and kind of organisation, kinds), what came back, what is asked."""

    taken: Sequence[tuple[tuple[str, str], Kind]] = ()
    back: Sequence[Kind] = ()
    asked: Sequence[Asked] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """``done`` and ``asks`` as lines to read, ``spoken`` a text to say; ``tone``: ``done``, ``ask`` or ``call``."""

    done: tuple[str, ...]
    asks: tuple[str, ...]
    spoken: str
    tone: str


@dataclass(slots=True)
class _Said:
    """The same sentence to read and to say."""

    shown: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)

    def add(self, sentence: str, things: Iterable[Kind], who: tuple[str, str] = ("", "")) -> None:
        kinds = list(things)
        self.shown.append(sentence.format(things=things_told(kinds), who=address(*who), n=len(kinds)))
        spoken = sentence.format(things=things_told(kinds, is_spoken=True), who=address(*who), n=_count(len(kinds)))
        self.spoken.append(spoken)


def prompt_of(facts: Facts) -> Prompt:
    """The words for one passage; nothing to say gives no lines and an empty text."""
    done, asks = _Said(), _Said()
    for who in dict.fromkeys(who for who, _ in facts.taken):
        done.add(gettext("{who}, taken: {things}"), [kind for own, kind in facts.taken if own == who], who)
    if facts.back:
        done.add(gettext("Brought back: {things}. If anything is damaged, tell the keeper"), facts.back)
    sentences = _sentences()
    for reason, claim in dict.fromkeys((asked.reason, asked.claim) for asked in facts.asked):
        of_it = [asked.kind for asked in facts.asked if (asked.reason, asked.claim) == (reason, claim)]
        sentence = sentences.get((reason, claim)) or sentences[reason, ""]
        asks.add(sentence, [kind or Kind("") for kind in of_it])
    tone = "done" if not facts.asked else "call" if any(a.reason in CALLS for a in facts.asked) else "ask"
    stop, between = ("。", "；") if _is_chinese() else (".", "; ")
    whole = between.join([*done.spoken, *asks.spoken])
    return Prompt(tuple(done.shown), tuple(asks.shown), whole + stop if whole else "", tone)


def _sentences() -> dict[tuple[str, str], str]:
    """What is said of a question, by reason and claim; the empty claim stands for both."""
    return {
        ("booked_not_seen", ""): gettext("{things} booked but not heard: say whether you have it"),
        ("controlled", "loan"): gettext("{things} controlled: to the counter, two people sign for it"),
        ("controlled", "return"): gettext("{things} controlled: to the counter, two people take it back"),
        ("no_badge", ""): gettext("No badge was shown for {things}: show it or sign at the counter"),
        ("two_badges", ""): gettext("Several badges were shown: say who takes {things}"),
        ("unknown_tag", ""): gettext("{n} tags are in no register: stop and see the keeper"),
        ("doubled_tag", ""): gettext("The tag of {things} is told by two chips: see the keeper"),
        ("elsewhere", "loan"): gettext("{things} should be elsewhere by the books: stop and see the keeper"),
        ("elsewhere", "return"): gettext("{things} should be elsewhere by the books: hand it to the keeper"),
        ("unsure", "loan"): gettext("{things} not heard clearly: say whether you take it"),
        ("weak", "loan"): gettext("{things} not heard clearly: say whether you take it"),
        ("unsure", "return"): gettext("{things} not heard clearly: say whether you bring it back"),
        ("weak", "return"): gettext("{things} not heard clearly: say whether you bring it back"),
        ("two_ways", "loan"): gettext("People went both ways at once: say whether you take {things}"),
        ("two_ways", "return"): gettext("People went both ways at once: say whether you bring back {things}"),
        ("lent_not_seen", ""): gettext(
            "{things} taken out together with it and not heard: say whether you bring it back"
        ),
        ("not_ready", ""): gettext("{things} may not be taken now: put it back or see the keeper"),
    }


def things_told(kinds: Sequence[Kind], *, is_spoken: bool = False) -> str:
    """``对讲机2台、警棍1根``; of more than six kinds the first six and how many things there are in all."""
    counted = Counter(kinds)
    named = [_counted(kind, count, is_spoken) for kind, count in list(counted.items())[:NAMES_TOLD]]
    told = ("、" if _is_chinese() else ", ").join(named)
    if len(counted) > NAMES_TOLD:
        whole = _count(len(kinds)) if is_spoken else str(len(kinds))
        return gettext("{things} and more, {n} in all").format(things=told, n=whole)
    return told


def address(name: str, organisation_kind: str = "") -> str:
    """How a person is spoken to: by surname and title."""
    if not name:
        return ""
    is_double = len(name) > 2 and name[:2] in DOUBLE_SURNAMES.split()
    surname = name[:2] if is_double else name[:1] if _is_han(name) else name.split()[-1]
    if not _is_chinese() and _is_han(surname):
        surname = "".join(lazy_pinyin(surname, style=Style.NORMAL)).replace("v", "yu").capitalize()
    if organisation_kind in POLICE:
        return gettext("Officer {surname}").format(surname=surname)
    return pgettext("equipment", "Colleague {surname}").format(surname=surname)


def _counted(kind: Kind, count: int, is_spoken: bool) -> str:
    if _is_chinese():
        name = spelled(kind.name) if is_spoken else kind.name
        return f"{name}{_count(count) if is_spoken else count}{kind.measure_word}"
    name = kind.name_en or kind.name
    return f"{count} {spelled(_plural(name, count)) if is_spoken else _plural(name, count)}"


def _plural(name: str, count: int) -> str:
    """Of regular English words; whatever isn't one stays as it is."""
    if count == 1 or not name.isascii() or not name[-1:].islower() or name.endswith("s"):
        return name
    if name.endswith(("x", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"


def spelled(text: str) -> str:
    """A model's number letter by letter and figure by figure; words stay words.

    A run of Latin letters and figures counts as a number where it has a figure in it or is in capitals.
    """

    def one_by_one(run: re.Match[str]) -> str:
        mark = run.group()
        if not (re.search(r"\d", mark) or mark.isupper()):
            return mark
        figures = _FIGURES if _is_chinese() else {}
        return " ".join(figures.get(sign, sign) for sign in mark if sign.isalnum())

    return re.sub(r"[A-Za-z0-9][A-Za-z0-9.\-]*", one_by_one, text)


def _count(count: int) -> str:
    """How many, before a measure word: 两 and not 二; from a hundred on figures are left to the voice."""
    if not _is_chinese() or count > 99:
        return str(count)
    if count == 2:
        return "两"
    tens, ones = divmod(count, 10)
    if not tens:
        return _COUNTS[ones]
    return ("" if tens == 1 else _COUNTS[tens]) + "十" + (_COUNTS[ones] if ones else "")


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def _is_han(text: str) -> bool:
    return bool(re.match("[㐀-鿿]", text))
