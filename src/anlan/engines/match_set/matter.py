"""What quarrels are about, and how the two sides and an onlooker put them.

Every wording belongs to one of two books: those at even places to book 0, at odd places to book
1. What is fitted on one book can be measured on words it has never seen. `{blank}`s are filled
from `details`, once for a quarrel, so that all its tellings agree.
"""

from dataclasses import dataclass, field

LIVING = ("estate", "rental")
"""Settings with buildings, floors and rooms."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of quarrel: codes (the right one first), settings, and wordings by who tells it."""

    key: str
    codes: tuple[str, ...]
    settings: tuple[str, ...]
    first: tuple[str, ...]
    again: tuple[str, ...]
    other_side: tuple[str, ...]
    onlooker: tuple[str, ...]
    worse: tuple[str, ...]
    details: dict[str, tuple[str, ...]] = field(default_factory=dict)
