"""Tag values from word lists: place, cause, means, scam type, object and conditions.

Every row of the word file says: which dimension and value, which words speak for it, for which
codes it may be used (prefixes; empty means all), and its rank. Within a dimension the highest
rank wins, then the earlier word; ``conditions`` keeps all. A row without words is what holds for
its codes when nothing else speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anlan.engines.text_tags.reading import Reading
from anlan.engines.text_tags.results import Evidence, TagSuggestion

BY_WORD, BY_WORD_CONTESTED, BY_CODE = 0.9, 0.6, 0.5
"""Ordinal confidences: one value named, several named, none named (the type alone speaks)."""
SEVERAL = "conditions"


@dataclass(frozen=True, slots=True)
class TagRow:
    """One row of the word file; see the module's words."""

    dimension: str
    value: str
    words: tuple[str, ...]
    codes: tuple[str, ...]
    rank: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> TagRow:
        return cls(
            str(row["dimension"]),
            str(row["value"]),
            tuple(str(word).lower() for word in row.get("words", ())),
            tuple(row.get("codes", ())),
            int(row.get("rank", 0)),
        )


class TagWords:
    """The rows of the word file, and their words by first character so that a text is gone through once."""

    def __init__(self, rows: Sequence[TagRow]) -> None:
        self.rows = tuple(rows)
        by_first: dict[str, set[str]] = {}
        for word in {word for row in rows for word in row.words}:
            by_first.setdefault(word[0], set()).add(word)
        self._by_first = {first: tuple(sorted(words)) for first, words in by_first.items()}

    def places(self, text: str) -> dict[str, int]:
        """Where each word stands for the first time, of those that stand in the text."""
        found: dict[str, int] = {}
        for start, words in enumerate(map(self._by_first.get, text)):
            for word in words or ():
                if word not in found and text.startswith(word, start):
                    found[word] = start
        return found


def suggest_tags(reading: Reading, code: str | None, words: TagWords, given: str) -> tuple[TagSuggestion, ...]:
    """The values the words and the code speak for; ``given`` is the narrative as typed."""
    found: dict[str, list[tuple[TagRow, int]]] = {}
    places = words.places(reading.text)
    for row in words.rows:
        if row.codes and not (code or "").startswith(row.codes):
            continue
        at = _first(reading, row, places)
        if at is not None:
            found.setdefault(row.dimension, []).append((row, at))
    tags: list[TagSuggestion] = []
    for dimension, candidates in found.items():
        ranked = sorted(candidates, key=lambda pair: (-pair[0].rank, pair[1]))
        kept = ranked if dimension == SEVERAL else ranked[:1]
        contested = len({row.value for row, _ in candidates if row.words}) > 1 and dimension != SEVERAL
        tags.extend(_tag(reading, row, given, places, contested=contested) for row, _ in kept)
    return tuple(tags)


def _first(reading: Reading, row: TagRow, places: Mapping[str, int]) -> int | None:
    if not row.words:
        return len(reading.text)
    if places.keys().isdisjoint(row.words):
        return None
    return min(places[word] for word in row.words if word in places)


def _tag(reading: Reading, row: TagRow, given: str, places: Mapping[str, int], *, contested: bool) -> TagSuggestion:
    evidence = []
    for word in row.words:
        at = places.get(word)
        if at is not None:
            start, end = reading.plain.span(at, at + len(word))
            evidence.append(Evidence(given[start:end], start, end, "rule"))
    sure = BY_CODE if not row.words else BY_WORD_CONTESTED if contested else BY_WORD
    return TagSuggestion(row.dimension, row.value, sure, tuple(evidence[:3]))
