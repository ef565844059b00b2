"""The tagger: built once from data, then asked for every narrative; it holds no state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.text_tags.danger import DangerRule, Fired, fired_rules
from anlan.engines.text_tags.dimensions import BY_WORD, SEVERAL, TagRow, TagWords, suggest_tags
from anlan.engines.text_tags.features import features
from anlan.engines.text_tags.flags import FlagPolicy, raise_flags
from anlan.engines.text_tags.lexicon import Lexicon
from anlan.engines.text_tags.model import Known, LinearModel
from anlan.engines.text_tags.reading import Reading, read
from anlan.engines.text_tags.results import CodeSuggestion, Evidence, FlagSuggestion, Suggestion, TagSuggestion
from anlan.engines.text_tags.triage import TriageTable, conditions

RANKED = 5
SURE_ENOUGH = 0.18
"""Below this belief in the best code the engine abstains."""
SURE_URGENT, SURE_URGENT_SHARE = 0.35, 0.5
"""P1 without a danger flag needs this belief in the best code, or in all urgent codes together."""
EVIDENCE_WORDS, PULLING = 4, 24
"""So many words are told, found among so many features."""


@dataclass(frozen=True)
class TaggerData:
    """Everything the tagger is built from, as plain objects; ``tag_rows`` are rows of the word file."""

    lexicon: Lexicon
    rules: Sequence[DangerRule]
    flag_policy: FlagPolicy
    model: LinearModel
    taxonomy: Mapping[str, Mapping[str, Any]]
    transfers: Mapping[str, Mapping[str, Any]]
    tag_rows: Sequence[TagRow]
    escalations: Sequence[Mapping[str, str]] = ()


class Tagger:
    """Suggests codes, danger flags, priority, track and tags for a narrative.

    Immutable after construction, safe to share between threads.
    """

    def __init__(self, data: TaggerData) -> None:
        self._data = data
        self._triage = TriageTable(data.taxonomy, data.transfers, data.escalations)
        self._tag_words = TagWords(data.tag_rows)
        self._urgent = np.array([code in data.flag_policy.urgent_codes for code in data.model.codes])

    @property
    def model_version(self) -> str:
        return self._data.model.version

    def suggest(self, text: str) -> Suggestion:
        """All suggestions for a narrative of any length and content; never raises on text."""
        reading = read(text, self._data.lexicon)
        fired = fired_rules(reading, self._data.rules)
        known = self._data.model.known(features(reading, [rule.rule_id for rule in fired]))
        beliefs, flag_beliefs = self._data.model.scores(known)
        order = np.argsort(-beliefs, kind="stable")[:RANKED]
        codes = tuple(self._code(int(at), float(beliefs[at]), known, reading, text) for at in order)
        abstained = not any(letter.isalpha() for letter in reading.text) or codes[0].score < SURE_ENOUGH
        flags = self._flags(reading, fired, beliefs, flag_beliefs, known, text)
        code = None if abstained else codes[0].code
        is_sure = self._is_sure_of_urgency(beliefs, codes[0], float(flag_beliefs[-1]))
        told = conditions(reading)
        triage = self._triage.decide(code, [flag.flag for flag in flags], told, is_sure=is_sure)
        return Suggestion(
            codes=codes,
            flags=flags,
            priority=triage.priority,
            priority_rule_id=triage.priority_rule_id,
            track=triage.track,
            track_rule_id=triage.track_rule_id,
            transfer_to=triage.transfer_to,
            tags=self._tags(reading, codes[0].code, told, text),
            is_abstained=abstained,
            note="truncated" if reading.plain.is_truncated else "",
            model_version=self._data.model.version,
        )

    def _is_sure_of_urgency(self, beliefs: NDArray[np.float64], best: CodeSuggestion, any_danger: float) -> bool:
        """Whether the best code may make a matter P1 by itself, without a danger flag."""
        if self._data.flag_policy.doubts(best.code, any_danger):
            return False
        return best.score >= SURE_URGENT or float(beliefs[self._urgent].sum()) >= SURE_URGENT_SHARE

    def _tags(self, reading: Reading, code: str, told: Sequence[str], given: str) -> tuple[TagSuggestion, ...]:
        tags = suggest_tags(reading, code, self._tag_words, given)
        by_word = {tag.value for tag in tags if tag.dimension == SEVERAL}
        more = (value for value in told if value not in by_word)
        return (*tags, *(TagSuggestion(SEVERAL, value, BY_WORD, ()) for value in more))

    def _code(self, at: int, belief: float, known: Known, reading: Reading, given: str) -> CodeSuggestion:
        code = self._data.model.codes[at]
        evidence = self._words(code, known, reading, given) if belief >= 0.05 else ()
        return CodeSuggestion(code, round(belief, 4), evidence)

    def _words(self, label: str, known: Known, reading: Reading, given: str) -> tuple[Evidence, ...]:
        """The words behind the features that pull hardest towards a label."""
        found: list[Evidence] = []
        covered: set[int] = set()
        for name in self._data.model.pull(label, known, PULLING):
            for start, end, source in _places(name, reading):
                if not covered.isdisjoint(range(start, end)):
                    continue
                covered.update(range(start, end))
                left, right = reading.plain.span(start, end)
                found.append(Evidence(given[left:right], left, right, source))
            if len(found) >= EVIDENCE_WORDS:
                break
        return tuple(found[:EVIDENCE_WORDS])

    def _flags(
        self,
        reading: Reading,
        fired: Sequence[Fired],
        beliefs: NDArray[np.float64],
        flag_beliefs: NDArray[np.float64],
        known: Known,
        given: str,
    ) -> tuple[FlagSuggestion, ...]:
        model = self._data.model
        codes = dict(zip(model.codes, beliefs.tolist(), strict=True))
        flags = dict(zip(model.flags, flag_beliefs.tolist(), strict=True))
        by_id = {rule.rule_id: rule for rule in fired}
        told: list[FlagSuggestion] = []
        for raised in raise_flags(reading, fired, codes, flags, self._data.flag_policy):
            if raised.rule_id in by_id:
                hits = by_id[raised.rule_id].hits
                words = tuple(_evidence(hit.start, hit.end, reading, given) for hit in hits)
            else:
                words = self._words(raised.flag, known, reading, given)
            told.append(FlagSuggestion(raised.flag, round(raised.confidence, 4), raised.rule_id, words))
        return tuple(told)


def _evidence(start: int, end: int, reading: Reading, given: str) -> Evidence:
    left, right = reading.plain.span(start, end)
    return Evidence(given[left:right], left, right, "rule")


def _places(name: str, reading: Reading) -> list[tuple[int, int, str]]:
    """Where a feature stands in the plain text; only words of two characters or more are shown."""
    if name[0] == "c":
        return [(hit.start, hit.end, "rule") for hit in reading.hits(name[1:]) if hit.end - hit.start > 1]
    if name[0] == "g" and len(name) > 2 and "|" not in name:
        at = reading.text.find(name[1:])
        return [(at, at + len(name) - 1, "model")] if at >= 0 else []
    return []
