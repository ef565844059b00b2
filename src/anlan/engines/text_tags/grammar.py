"""Training texts from patterns: ``[this|that]`` alternatives and ``{slot}`` places, by seed.

A pattern is one way to tell one kind of incident; its variants differ in alternatives, names,
opening and closing phrases, clause order, punctuation and now and then a homophone slip, which
is how narratives differ that tell the same thing.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anlan.engines.text_tags.sounds import sound

_PART = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]+)\}")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
OPENINGS, TIP_OPENINGS, CLOSINGS, PLACES = "头", "举", "尾", "地"
TELLINGS = 2
TIPS = ("0205", "0206", "0109", "10", "0299", "0305")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to tell an incident of ``code``, with the danger flags true in every variant."""

    pattern_id: str
    code: str
    pattern: str
    also: tuple[str, ...] = ()
    danger: tuple[str, ...] = ()
    may_add_place: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """One training text."""

    text: str
    pattern: Pattern


def examples(
    patterns: Sequence[Pattern], slots: Mapping[str, Sequence[str]], *, per_pattern: int, seed: int
) -> list[Example]:
    """About ``per_pattern`` distinct variants of every pattern, the same for the same seed.

    A pattern with many alternatives gets more, so that each alternative is told about twice.
    """
    slips = _slips(patterns)
    found: list[Example] = []
    for pattern in patterns:
        seen: set[str] = set()
        widest = max((part.count("|") + 1 for part in _PART.findall(pattern.pattern)), default=1)
        wanted = max(per_pattern, TELLINGS * widest)
        for turn in range(wanted * 2):
            if len(seen) == wanted:
                break
            chance = random.Random(f"{seed}:{pattern.pattern_id}:{turn}")
            seen.add(_variant(pattern, slots, slips, chance, turn))
        found.extend(Example(text, pattern) for text in sorted(seen))
    return found


def expand(pattern: str, slots: Mapping[str, Sequence[str]], chance: random.Random, turn: int | None = None) -> str:
    """One filling of a pattern; raises ``KeyError`` naming a slot that does not exist.

    Given a ``turn``, alternatives take turns, so that a run of turns tells each as often.
    """
    chosen = _PART.sub(lambda part: _pick(part[1].split("|"), chance, turn), pattern)
    return _SLOT.sub(lambda slot: chance.choice(slots[slot[1]]), chosen)


def _pick(choices: Sequence[str], chance: random.Random, turn: int | None) -> str:
    if turn is None:
        return chance.choice(choices)
    # A new order for every round, the same for all turns of that round.
    order = random.Random(f"{'|'.join(choices)}:{turn // len(choices)}").sample(choices, len(choices))
    return order[turn % len(choices)]


def _variant(
    pattern: Pattern, slots: Mapping[str, Sequence[str]], slips: Mapping[str, str], chance: random.Random, turn: int
) -> str:
    clauses = [part for part in expand(pattern.pattern, slots, chance, turn).split("，") if part]
    if len(clauses) > 1 and chance.random() < 0.25:
        at = chance.randrange(len(clauses) - 1)
        clauses[at], clauses[at + 1] = clauses[at + 1], clauses[at]
    if pattern.may_add_place and "{" not in pattern.pattern and chance.random() < 0.6:
        clauses.insert(chance.choice((0, len(clauses))), chance.choice(slots[PLACES]))
    if chance.random() < 0.3 and pattern.may_add_place:
        clauses.append(chance.choice(slots[CLOSINGS]))
    comma = chance.choices(("，", " ", ",", "。"), (70, 14, 10, 6))[0]
    text = comma.join(clauses)
    if pattern.may_add_place and chance.random() < 0.55:
        tips = pattern.code.startswith(TIPS) and chance.random() < 0.5
        text = chance.choice(slots[TIP_OPENINGS if tips else OPENINGS]) + text
    if chance.random() < 0.08:
        text = text.translate(_FULL_WIDTH)
    return _slip(text, slips, chance) if chance.random() < 0.08 else text


def _slips(patterns: Sequence[Pattern]) -> dict[str, str]:
    """Characters of the patterns grouped by sound: what one may be mistyped for."""
    groups: dict[str, set[str]] = defaultdict(set)
    for pattern in patterns:
        for letter in pattern.pattern:
            if spoken := sound(letter):
                groups[spoken].add(letter)
    return {letter: "".join(sorted(group - {letter})) for group in groups.values() for letter in sorted(group)}


def _slip(text: str, slips: Mapping[str, str], chance: random.Random) -> str:
    places = [at for at, letter in enumerate(text) if slips.get(letter)]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + chance.choice(slips[text[at]]) + text[at + 1 :]
