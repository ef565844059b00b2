"""The names of a gazetteer, and where they occur in a text: exactly, by sound, nearly."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from anlan.engines.addresses.parts import latin_words, normalise
from anlan.engines.addresses.records import GazetteerRecord
from anlan.engines.addresses.sounds import folded, initials, spelled, syllables

_LONGEST_NAME = 40
_CJK = re.compile(r"[㐀-鿿]")


@dataclass(slots=True)
class Thing:
    """All records of one kind and one name: one place, or several that share the name."""

    kind: str
    name: str
    records: list[GazetteerRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing met at [start, end) of the text; `trust` below 1 where the writing differs."""

    thing: Thing
    start: int
    end: int
    trust: float
    how: str


class Names:
    """Look-up of things by name, alias, sound, initials and beginning."""

    def __init__(self) -> None:
        self._things: dict[tuple[str, str], Thing] = {}
        self._exact: dict[str, list[tuple[Thing, bool]]] = defaultdict(list)
        self._latin: dict[str, list[tuple[Thing, bool]]] = defaultdict(list)
        self._sound: dict[str, list[str]] = defaultdict(list)
        self._nearly: dict[str, list[str]] = defaultdict(list)
        self._initials: dict[str, set[str]] = defaultdict(set)
        self._spelled: dict[str, set[str]] = defaultdict(set)
        self._ordered: dict[str, list[str]] = {}
        self._bigrams: dict[str, set[str]] = defaultdict(set)
        self._longest = 0

    def thing(self, kind: str, written: str) -> Thing:
        """The thing of this kind and name, made where it is new."""
        name = normalise(written)
        found = self._things.get((kind, name))
        if found is None:
            found = self._things[(kind, name)] = Thing(kind, name)
            self._enter(name, found, is_alias=False)
        return found

    def knows(self, kind: str, written: str) -> bool:
        """Whether there is a thing of this kind and name."""
        return (kind, normalise(written)) in self._things

    def also_called(self, thing: Thing, others: Iterable[str], english: str = "") -> None:
        """Enter further names of a thing."""
        for other in others:
            name = normalise(other)
            if len(name) >= 2 and not any(known is thing for known, _ in self._exact.get(name, ())):
                self._enter(name, thing, is_alias=True)
        words = " ".join(latin_words(english))
        if words and not any(known is thing for known, _ in self._latin.get(words, ())):
            self._latin[words].append((thing, False))

    def _enter(self, name: str, thing: Thing, *, is_alias: bool) -> None:
        fresh = name not in self._exact
        self._exact[name].append((thing, is_alias))
        self._longest = max(self._longest, min(len(name), _LONGEST_NAME))
        if not _CJK.search(name):
            words = " ".join(latin_words(name))
            if words:
                self._latin[words].append((thing, is_alias))
        elif fresh:
            self._enter_sounds(name)

    def _enter_sounds(self, name: str) -> None:
        self._sound["-".join(map(folded, syllables(name)))].append(name)
        for letters in initials(name):
            self._initials[letters].add(name)
        for letters in spelled(name):
            self._spelled[letters].add(name)
        for left, right in pairwise(name):
            self._bigrams[left + right].add(name)
        if 3 <= len(name) <= 8:
            for position in range(len(name)):
                self._nearly[name[:position] + "?" + name[position + 1 :]].append(name)

    def finish(self) -> None:
        """Sort what is searched by beginnings; call once, after the last name."""
        for key, table in (("name", self._exact), ("initials", self._initials), ("spelled", self._spelled)):
            self._ordered[key] = sorted(table)

    def hits(self, text: str) -> list[Hit]:
        """Names standing in a normalised text, exactly or by sound; longer ones hide those inside."""
        found = [*self._exact_hits(text), *self._sound_hits(text)]
        if not found:
            found = list(self._near_hits(text))
        found.sort(key=lambda hit: (hit.start - hit.end, -hit.trust, hit.start))
        kept: list[Hit] = []
        for hit in found:
            hidden = any(
                other.start <= hit.start
                and hit.end <= other.end
                and (other.end - other.start > hit.end - hit.start or other.trust > hit.trust)
                for other in kept
            )
            if not hidden:
                kept.append(hit)
        return sorted(kept, key=lambda hit: (hit.start, hit.end))

    def _exact_hits(self, text: str) -> Iterator[Hit]:
        for start in range(len(text)):
            for end in range(start + 2, min(len(text), start + self._longest) + 1):
                rows = self._exact.get(text[start:end])
                if rows and not _cuts_a_word(text, start, end):
                    for thing, is_alias in rows:
                        yield Hit(thing, start, end, 0.98 if is_alias else 1.0, "alias" if is_alias else "exact")

    def _sound_hits(self, text: str) -> Iterator[Hit]:
        sounds = [folded(reading) for reading in syllables(text)]
        for start in range(len(text)):
            for end in range(start + 3, min(len(text), start + 8) + 1):
                for name in self._sound.get("-".join(sounds[start:end]), ()):
                    if name == text[start:end]:
                        continue
                    trust = 0.86 if syllables(name) == syllables(text[start:end]) else 0.8
                    for thing, _ in self._exact[name]:
                        yield Hit(thing, start, end, trust, "same_sound")

    def _near_hits(self, text: str) -> Iterator[Hit]:
        for start in range(len(text)):
            for end in range(start + 3, min(len(text), start + 8) + 1):
                piece = text[start:end]
                for position in range(len(piece)):
                    for name in self._nearly.get(piece[:position] + "?" + piece[position + 1 :], ()):
                        trust = 0.45 + 0.03 * min(len(piece), 6)
                        for thing, _ in self._exact[name]:
                            yield Hit(thing, start, end, trust, "one_character")

    def latin_hits(self, words: list[str]) -> list[Hit]:
        """Names standing in a list of Latin words; start and end count words."""
        found: list[Hit] = []
        for start in range(len(words)):
            for end in range(min(len(words), start + 7), start, -1):
                rows = self._latin.get(" ".join(words[start:end]))
                if rows:
                    found += [Hit(thing, start, end, 0.98 if alias else 1.0, "exact") for thing, alias in rows]
        return [
            hit
            for hit in found
            if not any(
                o.start <= hit.start and hit.end <= o.end and o.end - o.start > hit.end - hit.start for o in found
            )
        ]

    def typed(self, letters: str, limit: int) -> list[Hit]:
        """Things whose initials or pinyin are, or begin with, these letters."""
        exact = sorted(self._initials.get(letters, set()) | self._spelled.get(letters, set()))
        rows = [(name, 0.8, "initials") for name in exact]
        if len(letters) >= 2 and not rows:
            for key, table in (("initials", self._initials), ("spelled", self._spelled)):
                for entry in self._beginning(key, letters, limit):
                    rows += [(name, 0.5, "initials_begun") for name in sorted(table[entry])]
        return self._whole(rows[: 4 * limit], len(letters))

    def begun(self, text: str, limit: int) -> list[Hit]:
        """Things whose name begins with the text, or shares most pairs of characters with it."""
        rows = [
            (name, 0.35 + 0.4 * len(text) / len(name), "begun") for name in self._beginning("name", text, 4 * limit)
        ]
        if not rows and len(text) >= 2:
            rows = self._alike(text, limit)
        return self._whole(rows, len(text))

    def _alike(self, text: str, limit: int) -> list[tuple[str, float, str]]:
        shared: dict[str, int] = defaultdict(int)
        grams = {text[i : i + 2] for i in range(len(text) - 1)}
        for gram in grams:
            for name in self._bigrams.get(gram, ()):
                shared[name] += 1
        likeness = [(2.0 * n / (len(grams) + len(name) - 1), name) for name, n in shared.items()]
        best = sorted(likeness, key=lambda pair: (-pair[0], pair[1]))[: 2 * limit]
        return [(name, 0.55 * value, "alike") for value, name in best if value >= 0.3]

    def _beginning(self, key: str, text: str, limit: int) -> list[str]:
        ordered = self._ordered[key]
        at = bisect_left(ordered, text)
        found: list[str] = []
        while at < len(ordered) and len(found) < limit and ordered[at].startswith(text):
            found.append(ordered[at])
            at += 1
        return found

    def _whole(self, rows: list[tuple[str, float, str]], length: int) -> list[Hit]:
        hits, seen = [], set()
        for name, trust, how in rows:
            for thing, _ in self._exact[name]:
                if id(thing) not in seen:
                    seen.add(id(thing))
                    hits.append(Hit(thing, 0, length, trust, how))
        return hits


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether a piece begins or ends inside a Latin word or a number."""
    before = start > 0 and _same_run(text[start - 1], text[start])
    after = end < len(text) and _same_run(text[end - 1], text[end])
    return before or after


def _same_run(left: str, right: str) -> bool:
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()
