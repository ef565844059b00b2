"""What is read out of a narrative before any judgement: words, whether they are meant, numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from anlan.engines.text_tags import context, numbers
from anlan.engines.text_tags.lexicon import Hit, Lexicon
from anlan.engines.text_tags.normalise import Plain, plain


@dataclass(frozen=True)
class Reading:
    """A narrative in plain form with its meant and its unmeant words."""

    plain: Plain
    meant: tuple[Hit, ...]
    unmeant: tuple[Hit, ...]
    is_unreal: bool
    is_child_said: bool
    is_elder_said: bool
    heads: int
    minutes_ago: int | None

    @property
    def text(self) -> str:
        return self.plain.text

    @cached_property
    def families(self) -> frozenset[str]:
        """Families with at least one meant word."""
        return frozenset(hit.family for hit in self.meant)

    @cached_property
    def unmeant_families(self) -> frozenset[str]:
        return frozenset(hit.family for hit in self.unmeant)

    def hits(self, *families: str) -> list[Hit]:
        """Meant words of any of the families."""
        return [hit for hit in self.meant if hit.family in families]


def read(text: str, lexicon: Lexicon) -> Reading:
    """Read a narrative; never fails, whatever the text."""
    simple = plain(text)
    judged = context.meant(simple.text, lexicon.find(simple.text))
    return Reading(
        plain=simple,
        meant=tuple(hit for hit, is_meant in judged if is_meant),
        unmeant=tuple(hit for hit, is_meant in judged if not is_meant),
        is_unreal=context.unreal(simple.text),
        is_child_said=numbers.is_child_said(simple.text),
        is_elder_said=numbers.is_elder_said(simple.text),
        heads=numbers.heads(simple.text),
        minutes_ago=numbers.minutes_ago(simple.text),
    )
