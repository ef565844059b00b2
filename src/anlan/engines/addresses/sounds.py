"""Names by their sound: initials for quick typing, syllables for homophones."""

from functools import lru_cache
from itertools import islice, product

# pypinyin reads its dictionary of phrases when it is imported (a third of a second): it is loaded by the first
# name that has to be sounded, for every process would wait for it at its start.

# Sounds that many speakers of southern dialects, and many typists, do not keep apart.
_FOLD_START = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FOLD_END = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_MOST_SPELLINGS = 16


@lru_cache(maxsize=16384)
def syllable(char: str) -> str:
    """The usual reading of one character without tone; other characters stand for themselves."""
    if len(char) != 1 or char.isascii():
        return char
    from pypinyin import lazy_pinyin

    return lazy_pinyin(char)[0]


def folded(reading: str) -> str:
    """A syllable with sounds folded that are often confused (zh/z, ang/an, n-/l- kept apart)."""
    for long, short in _FOLD_START:
        if reading.startswith(long):
            reading = short + reading[len(long) :]
    for long, short in _FOLD_END:
        if reading.endswith(long):
            reading = reading[: -len(long)] + short
    return reading


def syllables(text: str) -> list[str]:
    """One reading a character, each character read by itself, so that two texts compare evenly."""
    return [syllable(char) for char in text]


def initials(name: str) -> set[str]:
    """The initials a typist may use for a name, characters with several readings each way (长: c, z)."""
    choices = [sorted({reading[:1] for reading in _readings(char)}) for char in name]
    return {"".join(letters) for letters in islice(product(*choices), _MOST_SPELLINGS)}


def spelled(name: str) -> set[str]:
    """The whole name in pinyin without blanks, characters with several readings each way."""
    return {"".join(readings) for readings in islice(product(*map(_readings, name)), _MOST_SPELLINGS)}


@lru_cache(maxsize=16384)
def _readings(char: str) -> tuple[str, ...]:
    """The readings of one character without tone, the usual one first."""
    if char.isascii():
        return (char,)
    from pypinyin import Style, pinyin

    every = pinyin(char, style=Style.NORMAL, heteronym=True)[0]
    return tuple(dict.fromkeys([syllable(char), *every]))
