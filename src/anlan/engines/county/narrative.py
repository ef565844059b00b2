"""Narratives as a call taker types them or a caller speaks them, put together from a grammar.

A narrative = opening + where + what (a core from the phrase files) + ending. The facts of an event
(colour, age, amount) depend on the event and are the same for each of its callers; the words are
chosen anew for every call. No text is ever copied from a real call; phone numbers are masked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from anlan.engines.county.chance import WordPicker
from anlan.engines.county.lexicon import (
    CLERK_ENDINGS,
    CLERK_OPENINGS,
    NEAR,
    RETURN_ENDINGS,
    SLOTS,
    SPOKEN_ENDINGS,
    SPOKEN_OPENINGS,
    WITNESS,
    WITNESS_OPENINGS,
)
from anlan.engines.county.phrases_disputes import DISPUTES
from anlan.engines.county.phrases_help import HELP
from anlan.engines.county.phrases_offences import OFFENCES
from anlan.engines.county.phrases_other import OTHER
from anlan.engines.county.phrases_traffic import TRAFFIC

_OWN_OPENINGS = (
    "称",
    "报称",
    "自称",
    "反映",
    "举报",
    "问",
    "咨询",
    "来电",
    "接通",
    "打错",
    "口袋",
    "电话一通",
    "值班员",
    "技术员",
    "孩子玩",
    "老人误",
    "小孩误",
    "女子称",
    "家长称",
    "一键",
    "出租车司机称",
    "家长报",
)
"""Cores that already say who speaks or that nobody does: they get no opening."""
_SLOT = re.compile(r"\{(\w+)\}")
_TOKEN = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Core:
    """One way to put a matter: its tokens, the dangers its words tell, the scenes it fits (none:
    all), and whether it names a place (`nowhere`: it must not; `places_itself`: it does so)."""

    tokens: tuple[tuple[str, tuple[str, ...]], ...]
    danger: tuple[str, ...]
    scenes: tuple[str, ...]
    nowhere: bool
    places_itself: bool


def core_of(line: str) -> Core:
    """Read a line of a phrase file."""
    head, _, text = line.partition("#")
    dangers, _, scenes = head.partition("@")
    nowhere = text.startswith("{nowhere}")
    text = text.removeprefix("{nowhere}")
    tokens: list[tuple[str, tuple[str, ...]]] = []
    last = 0
    for match in _TOKEN.finditer(text):
        if match.start() > last:
            tokens.append(("text", (text[last : match.start()],)))
        if match.group(2):
            tokens.append(("slot", (match.group(2),)))
        else:
            tokens.append(("choice", tuple(match.group(1).split("|"))))
        last = match.end()
    if last < len(text):
        tokens.append(("text", (text[last:],)))
    danger = tuple(sorted(dangers.split(","))) if dangers else ()
    fits = tuple(scenes.split(",")) if scenes else ()
    return Core(tuple(tokens), danger, fits, nowhere, "{place}" in text)


def _cores(book: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[Core, ...]]:
    return {code: tuple(core_of(line) for line in lines) for code, lines in book.items()}


CORES: Mapping[str, tuple[Core, ...]] = dict(
    sorted((_cores(OFFENCES) | _cores(TRAFFIC) | _cores(DISPUTES) | _cores(HELP) | _cores(OTHER)).items())
)
"""Every code of the working taxonomy with its cores, in code order."""
WITNESS_CORES: Mapping[str, tuple[Core, ...]] = _cores(WITNESS)
"""What a passer-by says of the same event: shorter, and often less than the first caller knows."""


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """How a place may be called, and its kind of nearness (`门口`, `楼下`): a key of NEAR."""

    names: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Telling:
    """One caller's words: the text, the place phrase as it stands in it (or empty), the dangers."""

    text: str
    place_phrase: str
    danger: tuple[str, ...]


def core_for(code: str, core_index: int, nth_caller: int, call_key: int) -> Core:
    """The core this caller uses: the event's own, or for later callers often a passer-by's."""
    witness = WITNESS_CORES.get(code)
    words = WordPicker(call_key, 0x5EED)
    if nth_caller and witness and words.chance(0.7):
        return words.pick(witness)
    return CORES[code][core_index]


def tell(
    core: Core,
    place: PlaceWords | None,
    *,
    event_key: int,
    call_key: int,
    nth_caller: int = 0,
    returned: bool = False,
) -> Telling:
    """The words of one caller.

    `event_key` fixes the facts, `call_key` the wording. `nth_caller` is 0 for the first caller of
    an event; `returned` says that the matter was reported before.
    """
    words = WordPicker(call_key)
    spoken = words.chance(0.38)
    phrase = ""
    if place is not None and not core.nowhere:
        phrase = place.names[0] if words.chance(0.8) else words.pick(place.names)
    near = words.pick(NEAR[place.kind]) if place is not None and phrase and not core.places_itself else ""
    body = _fill(core, phrase or "附近", event_key, words)
    bare = body.startswith(_OWN_OPENINGS)
    opening = (
        "" if bare else words.pick(SPOKEN_OPENINGS if spoken else WITNESS_OPENINGS if nth_caller else CLERK_OPENINGS)
    )
    where = "" if core.places_itself else phrase + near
    text = _arranged(opening, where, body, spoken, words)
    if returned:
        text += words.pick(RETURN_ENDINGS)
    elif not (bare and core.nowhere) and words.chance(0.3):
        text += words.pick(SPOKEN_ENDINGS if spoken else CLERK_ENDINGS)
    return Telling(text, phrase if phrase in text else "", core.danger)


def _arranged(opening: str, where: str, body: str, spoken: bool, words: WordPicker) -> str:
    if not where:
        return opening + body
    choice = words.below(6)
    if spoken:
        return (f"{opening}{where}，{body}", f"{opening}我在{where}，{body}", f"{opening}{body}，在{where}")[
            choice % 3
        ]
    if choice < 3:
        return f"{opening}{where}{'' if body[0] in '有一两' else '，'}{body}"
    return f"{opening}在{where}，{body}" if choice < 5 else f"{opening}{body}，{where}"


def _fill(core: Core, place: str, event_key: int, words: WordPicker) -> str:
    def slot(name: str) -> str:
        return place if name == "place" else fact(name, event_key)

    parts: list[str] = []
    for kind, payload in core.tokens:
        if kind == "slot":
            parts.append(slot(payload[0]))
            continue
        part = words.pick(payload) if kind == "choice" else payload[0]
        parts.append(_SLOT.sub(lambda match: slot(match.group(1)), part) if "{" in part else part)
    return "".join(parts)


def fact(slot: str, event_key: int) -> str:
    """The event's value of a slot; `man2` draws from the list of `man` but apart from it."""
    return WordPicker(event_key, crc32(slot.encode())).pick(SLOTS[slot.rstrip("0123456789")])
