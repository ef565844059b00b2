"""The engine's suggestion as this room uses it: the first code, the dangers, the tags with their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anlan.engines.text_tags import Suggestion
from anlan.tagging.selectors import incident_type

SHOWN_WORDS = 4


@dataclass(frozen=True, slots=True)
class TagProposed:
    """One proposed tag with the words that led to it; ``source`` is rule or model."""

    value: str
    confidence: float
    evidence: tuple[dict[str, Any], ...]
    source: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """``code`` is empty where the engine abstained or would call the report invalid."""

    code: str = ""
    danger: tuple[str, ...] = ()
    tags: Mapping[str, tuple[TagProposed, ...]] = field(default_factory=dict)
    model_version: str = ""

    @property
    def tag_values(self) -> dict[str, set[str]]:
        return {dimension: {tag.value for tag in tags} for dimension, tags in self.tags.items()}


def suggested_from(suggestion: Suggestion | None) -> Suggested:
    """Read a suggestion; nothing from nothing."""
    if suggestion is None:
        return Suggested()
    tags: dict[str, tuple[TagProposed, ...]] = {}
    for tag in suggestion.tags:
        words = tuple(
            {"words": each.words, "start": each.start, "end": each.end} for each in tag.evidence[:SHOWN_WORDS]
        )
        by_model = any(each.source == "model" for each in tag.evidence)
        proposed = TagProposed(tag.value, tag.confidence, words, "model" if by_model else "rule")
        tags[tag.dimension] = (*tags.get(tag.dimension, ()), proposed)
    return Suggested(
        code=_code_taken(suggestion),
        danger=tuple(flag.flag for flag in suggestion.flags),
        tags=tags,
        model_version=suggestion.model_version,
    )


def _code_taken(suggestion: Suggestion) -> str:
    """The suggested code, but never one that says nothing has happened: only a person says that."""
    code = suggestion.code or ""
    return code if code and incident_type(code).is_valid_incident else ""
