"""The level of a dispute file: blue, yellow or red by rules that anybody can read back.

A level is of the quarrel and what was told of it, never of a person. It says how soon somebody
looks, and decides nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

VERSION = "dispute-level-1"
Colour = Literal["blue", "yellow", "red"]
COLOURS: tuple[Colour, ...] = ("blue", "yellow", "red")
"""From the calmest to the most urgent."""
RED_DANGERS = frozenset({"injury", "weapon", "self_harm", "crowd", "fight_ongoing", "fire", "gas", "drowning"})
"""Danger flags that make a file red and go back to the police at once."""
YELLOW_DANGERS = frozenset({"child_or_elder_at_risk", "medical"})
"""Dangers to somebody weak or ill that are not the quarrel's own violence."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers in the rules; a room may hold others, with a version of their own."""

    version: str = VERSION
    reports_red: int = 3
    reports_yellow: int = 2
    crowd_above: int = 20
    much_yuan_from: int = 10_000


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """What is known of the quarrel at one event.

    `dangers` are danger flags of its tellings, `words` by flag or condition the words that raised
    it. `reports_30d` counts reports of the last 30 days, this one included. `amount_yuan` is what is
    claimed, `people` how many stood there; both None where nobody said. An unknown flag counts as
    a danger that makes it yellow: something new is looked at, not passed over.
    """

    dangers: frozenset[str] = frozenset()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reports_30d: int = 1
    alcohol: bool = False
    property_damage: bool = False
    agreement_broken: bool = False
    amount_yuan: int | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True)
class LevelReason:
    """One rule that spoke: its id, the colour it asks for, the words it goes by, or the number it saw."""

    rule: str
    colour: Colour
    words: tuple[str, ...] = ()
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """The colour, every rule that spoke (strongest colour first), and the version of the rules.

    `to_police` is true where a danger was told: it goes back to the police at once, whatever track
    the file is on.
    """

    colour: Colour
    reasons: tuple[LevelReason, ...]
    version: str
    to_police: bool

    @property
    def words(self) -> tuple[str, ...]:
        """All words that spoke, each once."""
        return tuple(dict.fromkeys(word for reason in self.reasons for word in reason.words))


def level(facts: LevelFacts, thresholds: Thresholds | None = None) -> Level:
    """The level of a file on these facts. More danger, more reports or more money never lower it.

    Red: an injury, a weapon or the threat of one, words of self-harm, a crowd, violence or fire
    going on, a third report within 30 days. Yellow: a second report, alcohol, damage to property,
    much money, an agreement broken, somebody weak or ill in danger. Blue: everything else.

    Raises ValueError for a count or an amount below 0.
    """
    rules = thresholds or Thresholds()
    if facts.reports_30d < 0 or (facts.amount_yuan or 0) < 0 or (facts.people or 0) < 0:
        raise ValueError("reports, amounts and people are not negative")
    reasons = [*_dangers(facts), *_counts(facts, rules), *_circumstances(facts, rules)]
    reasons.sort(key=lambda reason: -COLOURS.index(reason.colour))
    colour = reasons[0].colour if reasons else "blue"
    to_police = any(reason.rule.startswith("danger.") and reason.colour == "red" for reason in reasons)
    return Level(colour, tuple(reasons), rules.version, to_police)


def _dangers(facts: LevelFacts) -> list[LevelReason]:
    return [
        LevelReason(f"danger.{flag}", "red" if flag in RED_DANGERS else "yellow", tuple(facts.words.get(flag, ())))
        for flag in sorted(facts.dangers)
    ]


def _counts(facts: LevelFacts, rules: Thresholds) -> list[LevelReason]:
    found = []
    if facts.reports_30d >= rules.reports_red:
        found.append(LevelReason("reports.third", "red", value=facts.reports_30d))
    elif facts.reports_30d >= rules.reports_yellow:
        found.append(LevelReason("reports.second", "yellow", value=facts.reports_30d))
    if facts.people is not None and facts.people > rules.crowd_above:
        found.append(LevelReason("people.crowd", "red", value=facts.people))
    return found


def _circumstances(facts: LevelFacts, rules: Thresholds) -> list[LevelReason]:
    told: list[tuple[str, bool, int | None]] = [
        ("alcohol", facts.alcohol, None),
        ("property_damage", facts.property_damage, None),
        ("agreement_broken", facts.agreement_broken, None),
        ("much_money", (facts.amount_yuan or 0) >= rules.much_yuan_from, facts.amount_yuan),
    ]
    return [
        LevelReason(rule, "yellow", tuple(facts.words.get(rule, ())), value) for rule, is_so, value in told if is_so
    ]


RULE_IDS: tuple[str, ...] = (
    *(f"danger.{flag}" for flag in sorted(RED_DANGERS | YELLOW_DANGERS)),
    "reports.third",
    "reports.second",
    "people.crowd",
    "alcohol",
    "property_damage",
    "agreement_broken",
    "much_money",
)
"""Every rule id a room has to put into words; a danger flag of a later tagger adds its own."""
