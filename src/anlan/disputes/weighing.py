"""How soon somebody has to look at a quarrel again: rules on facts of the file, each with the words it goes by.

Of the quarrel, never of a person: nothing here knows who takes part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VERSION = "level-1"
LEVEL_ORDER = ("blue", "yellow", "red")
CROWD_FROM = 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at: dangers and conditions told, how often it was reported, how it stands.

    ``words`` are the dictionary words by which a danger or condition was seen.
    """

    dangers: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reports_30d: int = 1
    amount_band: str = ""
    people_count: int = 2
    agreement_broken: bool = False
    property_damage: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that spoke, the colour it asks for, and what it saw."""

    rule: str
    level: str
    words: tuple[str, ...] = ()
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """The colour and everything that spoke for it, the strongest first."""

    level: str
    reasons: tuple[Reason, ...]
    version: str = VERSION

    def reasons_kept(self) -> list[dict[str, Any]]:
        """As they are kept beside the file."""
        return [{"rule": r.rule, "level": r.level, "words": list(r.words), "value": r.value} for r in self.reasons]


_DANGER_RULES = {"injury": "injury", "weapon": "weapon", "self_harm": "self_harm", "crowd": "crowd"}


def level_of(facts: Facts) -> Weighed:
    """Red for injury, threat of a weapon, words of self-harm, a crowd, or a third report within 30 days; yellow for
    the second report, alcohol, damage, much money or a broken agreement; blue for the rest.
    """
    found = [
        Reason(rule, "red", facts.words.get(flag, ()))
        for flag, rule in _DANGER_RULES.items()
        if flag in facts.dangers or flag in facts.conditions
    ]
    if facts.people_count > CROWD_FROM and "crowd" not in facts.dangers:
        found.append(Reason("many_people", "red", value=facts.people_count))
    if facts.reports_30d >= 3:
        found.append(Reason("third_report", "red", value=facts.reports_30d))
    elif facts.reports_30d == 2:
        found.append(Reason("second_report", "yellow", value=2))
    if "alcohol" in facts.conditions:
        found.append(Reason("alcohol", "yellow", facts.words.get("alcohol", ())))
    if facts.property_damage:
        found.append(Reason("damage", "yellow"))
    if facts.amount_band in ("under_100k", "over_100k"):
        found.append(Reason("amount", "yellow", (facts.amount_band,)))
    if facts.agreement_broken:
        found.append(Reason("agreement_broken", "yellow"))
    found.sort(key=lambda reason: -LEVEL_ORDER.index(reason.level))
    return Weighed(found[0].level if found else "blue", tuple(found))
