"""How a character sounds, without tone and with the mergers usual in the south-east.

Most slips in typed narratives are homophones (the right sound, the wrong character), so the
model also looks at sounds. zh/ch/sh are read as z/c/s and final -ng after e and i as -n, which
is how the input methods are mistyped there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pypinyin.constants import PINYIN_DICT

_RETROFLEX = re.compile(r"^([zcs])h")
_NASAL = re.compile(r"(?<=[ei])ng$")


def sounds(text: str) -> list[str]:
    """The sound of every character, in order."""
    return [sound(letter) for letter in text]


@lru_cache(maxsize=20_000)
def sound(letter: str) -> str:
    """The merged, toneless first reading of a Han character; the empty string for anything else."""
    readings = PINYIN_DICT.get(ord(letter))
    if not readings:
        return ""
    spelled = unicodedata.normalize("NFD", readings.split(",")[0])
    bare = "".join(part for part in spelled if "a" <= part <= "z")
    return _NASAL.sub("n", _RETROFLEX.sub(r"\1", bare))
