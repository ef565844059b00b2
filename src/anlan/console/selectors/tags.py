"""Labels of an incident as a form offers them: each dimension with its values and what stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from anlan.intake.selectors import TAG_DIMENSIONS, TAGS_BY_HAND
from anlan.tagging.selectors import tag_values, takes_many


@dataclass(frozen=True, slots=True)
class TagChoice:
    """One dimension: its word, its values, those that stand, and whether somebody has confirmed them."""

    key: str
    label: str | Promise
    values: list[Any]
    standing: frozenset[str]
    is_suggested: bool
    takes_many: bool


def tag_choices(shown: Iterable[Any]) -> list[TagChoice]:
    """What a person may say of an incident, from the labels ``shown`` on its page."""
    rows = [tag.row for tag in shown]
    found = []
    for key in TAGS_BY_HAND:
        own = [row for row in rows if row.dimension == key and row.value]
        is_suggested = any(row.state == "suggested" for row in own)
        standing = frozenset(row.value for row in own)
        found.append(TagChoice(key, TAG_DIMENSIONS[key], tag_values(key), standing, is_suggested, takes_many(key)))
    return found
