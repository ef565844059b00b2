"""A new call against its candidate files: a score each, the evidence for it, and nothing decided."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from anlan.engines.recurrence.facts import CallFacts, Evidence, FileFacts, Match
from anlan.engines.recurrence.features import (
    FINDINGS,
    Finding,
    cheap_findings,
    closeness,
    crowd_finding,
    only_here,
    read_call,
    read_file,
    standing_of,
    word_findings,
)
from anlan.engines.recurrence.weights import BY_STANDING, CONSTANT, VERSION, WEIGHTS
from anlan.engines.recurrence.words import CallWords, pairs_of

THRESHOLD = 0.56
READ_AT_MOST = 120
"""The narratives of so many candidates are read: those that place, cause, days and parties favour."""
_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds by feature and finding, a constant, and the version that evidence is stored with.

    `by_standing` is what is added to them by how exactly the place agrees: standing, feature, finding.
    """

    version: str
    constant: float
    by_finding: Mapping[str, Mapping[str, float]]
    by_standing: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)

    def of(self, finding: Finding) -> float:
        """The weight of one finding where the place stands as it does; one without a weight says nothing."""
        weight = self.by_finding.get(finding.feature, {}).get(finding.finding, 0.0)
        if finding.standing:
            there = self.by_standing.get(finding.standing, {})
            weight += there.get(finding.feature, {}).get(finding.finding, 0.0)
        return weight


CURRENT = Weights(VERSION, CONSTANT, WEIGHTS, BY_STANDING)


def match_call(
    call: CallFacts,
    files: Iterable[FileFacts],
    *,
    tokens: Mapping[str, Collection[str]] | None = None,
    threshold: float = THRESHOLD,
    limit: int = 5,
    weights: Weights = CURRENT,
) -> list[Match]:
    """Dispute files this call may bring back, likeliest first; empty when none reaches `threshold`.

    `files` are the candidates that `call_keys` finds. `tokens` holds, by the id of an open file,
    the hashes of the people of this call under that file's own key; files without an entry are
    judged by place, cause, words and links alone. The score is a probability that takes the
    rivals in: a call belongs to one file at most, so that two equal candidates get less than a
    half each. The weights were fitted on made quarrels: a score orders suggestions, a person
    decides.

    Raises ValueError for tokens given for a file that is closed.
    """
    known = tokens or {}
    found = compare_all(call, files, known, weights=weights)
    sums = {file_id: weights.constant + sum(map(weights.of, findings)) for file_id, findings in found.items()}
    scores = with_rivals(sums)
    likely = sorted((i for i in scores if scores[i] >= threshold), key=lambda i: (-scores[i], i))
    return [Match(call.id, i, scores[i], _evidence(found[i], weights), weights.version) for i in likely[:limit]]


def compare_all(
    call: CallFacts,
    files: Iterable[FileFacts],
    tokens: Mapping[str, Collection[str]],
    *,
    weights: Weights = CURRENT,
    read_at_most: int = READ_AT_MOST,
) -> dict[str, list[Finding]]:
    """All findings by file, for the candidates worth reading. What is fitted and what is used meet here."""
    mine, rough = read_call(call), []
    for file in files:
        if not file.is_open and tokens.get(file.id):
            raise ValueError(f"file {file.id} is closed; its parties may no longer be asked")
        findings = cheap_findings(mine, file, tokens.get(file.id, _NOBODY))
        rough.append((sum(map(weights.of, findings)), file, findings))
    rough.sort(key=lambda row: (-row[0], row[1].id))
    there = [closeness(findings) for _, _, findings in rough]
    kept = [(file, findings, close) for (_, file, findings), close in zip(rough, there, strict=True)][:read_at_most]
    told = {file.id: read_file(file) for file, _, _ in kept}
    rivals = _rivals(told[file.id] for file, _, close in kept if close)
    found = {}
    for file, findings, close in kept:
        as_close = sum(other >= max(close, 1) for other in there) - (close > 0)
        found[file.id] = [
            *findings,
            *word_findings(mine, told[file.id], standing_of(findings[0].finding)),
            only_here(mine, told[file.id], rivals),
            crowd_finding(as_close),
        ]
    return found


def _rivals(told: Iterable[Collection[CallWords]]) -> Counter[str]:
    """In how many of several files each pair of characters stands; empty where there is one file only."""
    files = list(told)
    return Counter(pair for words in files for pair in pairs_of(words)) if len(files) > 1 else Counter()


def with_rivals(sums: Mapping[str, float]) -> dict[str, float]:
    """Probabilities from log-odds of candidates of which at most one is right.

    With odds o_i against "no file at all", the probability of file i is o_i / (1 + sum of all o).
    """
    top = max(0.0, *sums.values()) if sums else 0.0
    odds = {name: math.exp(value - top) for name, value in sums.items()}
    whole = math.exp(-top) + sum(odds.values())
    return {name: value / whole for name, value in odds.items()}


def _evidence(findings: Iterable[Finding], weights: Weights) -> tuple[Evidence, ...]:
    told = [Evidence(f.feature, f.finding, round(weights.of(f), 2), f.detail) for f in findings]
    return tuple(sorted(told, key=lambda e: (-abs(e.weight), list(FINDINGS).index(e.feature))))
