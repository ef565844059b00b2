"""What the engine says about a narrative: suggestions with their evidence, never a decision."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the narrative as it was given, at ``[start, end)``, and what made them count.

    ``source`` is ``rule`` for a rule or a word list and ``model`` for the statistical model.
    """

    words: str
    start: int
    end: int
    source: str


@dataclass(frozen=True, slots=True)
class CodeSuggestion:
    """A level-2 code with its share of belief (0 to 1, all codes sum to one)."""

    code: str
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class FlagSuggestion:
    """A danger flag, how sure (0 to 1), and what raised it: a rule id, ``model`` or ``code:NNNN``."""

    flag: str
    confidence: float
    rule_id: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TagSuggestion:
    """A value of a tag dimension. ``conditions`` may come several times, others once at most."""

    dimension: str
    value: str
    confidence: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """All that is suggested for one narrative.

    ``codes`` are ranked, best first. ``is_abstained``: the best code is not sure enough to be
    shown as a suggestion; the ranking is still there to choose from, and priority and track fall
    back to what is safe. ``note`` is ``truncated`` where only the beginning was read, else empty.
    """

    codes: tuple[CodeSuggestion, ...]
    flags: tuple[FlagSuggestion, ...]
    priority: str
    priority_rule_id: str
    track: str
    track_rule_id: str
    transfer_to: str | None
    tags: tuple[TagSuggestion, ...]
    is_abstained: bool
    note: str
    model_version: str

    @property
    def code(self) -> str | None:
        """The best code, or None where the engine abstains."""
        return None if self.is_abstained else self.codes[0].code

    @property
    def abstained(self) -> bool:
        """The same as ``is_abstained``."""
        return self.is_abstained
