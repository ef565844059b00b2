"""A narrative as a bag of named features for the linear model.

Four kinds: character n-grams (1 to 3, digits folded to 0), n-grams of sounds (2 and 3), the
lexicon families present (meant, or unmeant) and pairs of them, and facts (ages, head counts,
minutes, danger rules that fired). Families carry over to words the training texts never used;
sounds carry over to homophone slips.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from anlan.engines.text_tags.numbers import CROWD_FROM, GROUP_FROM
from anlan.engines.text_tags.reading import Reading
from anlan.engines.text_tags.sounds import sound

WEIGHTS = {"g": 1.0, "p": 0.6, "c": 2.0, "n": 1.5, "x": 1.0, "k": 2.0, "r": 2.0}
"""How much a feature of each kind counts before the vector is scaled to length one."""

_DIGIT = re.compile(r"\d")
_BREAK = re.compile(r"[^\w*]+|_")


def features(reading: Reading, fired: Iterable[str] = ()) -> list[str]:
    """The distinct features of a reading; ``fired`` are ids of danger rules that fired."""
    view = _BREAK.sub("|", _DIGIT.sub("0", f"|{reading.text}|"))
    names = {f"g{view[at : at + size]}" for size in (1, 2, 3) for at in range(len(view) - size + 1)}
    names |= _sounds(view)
    families = sorted(reading.families)
    names.update(f"c{family}" for family in families)
    names.update(f"n{family}" for family in reading.unmeant_families)
    names.update(f"x{left}+{right}" for at, left in enumerate(families) for right in families[at + 1 :])
    names.update(_facts(reading))
    names.update(f"r{rule}" for rule in fired)
    return sorted(names)


def _sounds(view: str) -> set[str]:
    syllables = [sound(letter) or letter for letter in view]
    return {
        "p" + "'".join(syllables[at : at + size])
        for size in (2, 3)
        for at in range(len(syllables) - size + 1)
        if "|" not in syllables[at : at + size]
    }


def _facts(reading: Reading) -> Iterable[str]:
    if reading.is_child_said:
        yield "kchild_age"
    if reading.is_elder_said:
        yield "kelder_age"
    if reading.heads >= CROWD_FROM:
        yield "kcrowd"
    elif reading.heads >= GROUP_FROM:
        yield "kgroup"
    if reading.minutes_ago is not None:
        yield "kminutes"
        if reading.minutes_ago <= 30:
            yield "kjust_now"
    if reading.is_unreal:
        yield "kunreal"
    if len(reading.text) <= 12:
        yield "kshort"
