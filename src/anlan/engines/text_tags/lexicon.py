"""Finding the words of lexicon families in a plain text, in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from anlan.engines.text_tags.sounds import sounds

SHORTEST_BY_SOUND = 4
"""Shorter words sound like too many others; the model sees their sounds instead."""
SAFE_BY_SOUND = frozenset(
    {"起火", "失火", "跳楼", "跳河", "跳江", "自杀", "割腕", "砍人", "捅人", "燃气", "昏迷", "抽搐"}
)
"""Short words of danger that hardly anything else sounds like."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a family found at ``[start, end)`` of the plain text."""

    family: str
    word: str
    start: int
    end: int
    by_sound: bool = False


class Lexicon:
    """Word families, with figures of speech and harmless compounds that hide what is inside them.

    ``families`` maps a family to its words; ``harmless`` lists longer expressions (a "jump-off-the-
    building price", a steam train) inside which no shorter word may be found.
    """

    def __init__(self, families: Mapping[str, Sequence[str]], harmless: Sequence[str] = ()) -> None:
        self._families: dict[str, tuple[str, ...]] = {}
        owners: dict[str, list[str]] = defaultdict(list)
        for family, words in families.items():
            for word in words:
                owners[word.lower()].append(family)
        self._harmless = frozenset(word.lower() for word in harmless)
        self._families = {word: tuple(names) for word, names in owners.items()}
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in [*self._families, *self._harmless]:
            lengths[word[0]].add(len(word))
        self._lengths = {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()}
        self._sounds, self._sound_lengths = self._by_sound()

    def _by_sound(self) -> tuple[dict[tuple[str, ...], str], dict[tuple[str, str], tuple[int, ...]]]:
        """Words by their syllables, and how long the words are that begin with two given syllables."""
        words: dict[tuple[str, ...], str] = {}
        lengths: dict[tuple[str, str], set[int]] = defaultdict(set)
        for word in self._families:
            syllables = tuple(sounds(word))
            if (len(word) >= SHORTEST_BY_SOUND or word in SAFE_BY_SOUND) and all(syllables):
                words.setdefault(syllables, word)
                lengths[syllables[0], syllables[1]].add(len(word))
        return words, {first: tuple(sizes) for first, sizes in lengths.items()}

    def find(self, text: str) -> list[Hit]:
        """All hits, left to right, longer first; a word inside a harmless expression is not a hit."""
        found: list[tuple[int, int, str]] = []
        hidden: list[tuple[int, int]] = []
        size = len(text)
        for start, lengths in enumerate(map(self._lengths.get, text)):
            for length in lengths or ():
                end = start + length
                if end > size:
                    continue
                word = text[start:end]
                if word in self._families:
                    found.append((start, end, word))
                if word in self._harmless:
                    hidden.append((start, end))
        hits: list[Hit] = []
        for start, end, word in found:
            if hidden and any(
                left <= start and end <= right and end - start < right - left for left, right in hidden
            ):
                continue
            hits.extend(Hit(family, word, start, end) for family in self._families[word])
        return _outermost(hits) + self._heard(text, hits)

    def _heard(self, text: str, seen: list[Hit]) -> list[Hit]:
        syllables = sounds(text)
        hits: list[Hit] = []
        for start, lengths in enumerate(map(self._sound_lengths.get, pairwise(syllables))):
            for length in lengths or ():
                spoken = tuple(syllables[start : start + length])
                word = self._sounds.get(spoken) if len(spoken) == length else None
                if word is None or text[start : start + length] in self._families:
                    continue
                families = self._families[word]
                hits.extend(Hit(family, word, start, start + length, True) for family in families)
        if not hits:
            return hits
        taken = {(hit.family, position) for hit in seen for position in range(hit.start, hit.end)}
        return [hit for hit in hits if (hit.family, hit.start) not in taken]


def _outermost(hits: list[Hit]) -> list[Hit]:
    """Within one family a longer word swallows the shorter ones inside it."""
    kept: list[Hit] = []
    ends: dict[str, int] = {}
    for hit in sorted(hits, key=lambda each: (each.start, -each.end)):
        if hit.end > ends.get(hit.family, 0):
            ends[hit.family] = hit.end
            kept.append(hit)
    return kept
