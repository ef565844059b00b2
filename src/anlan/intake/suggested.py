"""The engine's suggestion as this room uses it: the first code, the dangers, the tags with their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.engines.text_tags import Suggestion


@dataclass(frozen=True, slots=True)
class TagProposed:
    """One proposed tag with the words that led to it."""

    value: str
    confidence: float | None
    evidence: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """``code`` is empty where the engine abstained."""

    code: str = ""
    danger: tuple[str, ...] = ()
    tags: Mapping[str, tuple[TagProposed, ...]] = field(default_factory=dict)
    model_version: str = ""


def suggested_from(suggestion: Suggestion | None) -> Suggested:
    """Read a suggestion; nothing from nothing."""
    return Suggested()
