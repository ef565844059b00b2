"""Danger flags by rule: which meant words, alone or near one another, make a flag.

A rule names a flag and word families. ``any`` families raise it alone; ``near`` asks for one word
of each group within ``within`` characters; ``unless`` families, meant anywhere, keep it down;
``also_unmeant`` lets denied words count (a fear that is itself an alarm).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anlan.engines.text_tags.lexicon import Hit
from anlan.engines.text_tags.numbers import CROWD_FROM
from anlan.engines.text_tags.reading import Reading


@dataclass(frozen=True, slots=True)
class DangerRule:
    """One rule; see the module's words for what its parts mean."""

    rule_id: str
    flag: str
    groups: tuple[frozenset[str], ...]
    within: int
    unless: frozenset[str]
    needs: frozenset[str]
    facts: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> DangerRule:
        """Read a rule from a row of the rules file."""
        return cls(
            rule_id=str(row["id"]),
            flag=str(row["flag"]),
            groups=tuple(frozenset(group) for group in row["near"]),
            within=int(row.get("within", 12)),
            unless=frozenset(row.get("unless", ())),
            needs=frozenset(row.get("needs", ())),
            facts=frozenset(row.get("facts", ())),
        )


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired and the words it fired on."""

    rule_id: str
    flag: str
    hits: tuple[Hit, ...]


def fired_rules(reading: Reading, rules: Sequence[DangerRule]) -> list[Fired]:
    """All rules that fire on a reading, in the order of the rules."""
    facts = told_facts(reading)
    fired: list[Fired] = []
    for rule in rules:
        if rule.unless & reading.families or not rule.facts <= facts or not rule.needs <= reading.families:
            continue
        hits = None if any(group.isdisjoint(reading.families) for group in rule.groups) else _chain(reading, rule)
        if hits is not None:
            fired.append(Fired(rule.rule_id, rule.flag, hits))
    return fired


def told_facts(reading: Reading) -> frozenset[str]:
    """Which of child, elder, frail (either) and crowd are spoken of."""
    told = {
        "child": reading.is_child_said or "child_strict" in reading.families,
        "elder": reading.is_elder_said or "elder_strict" in reading.families,
        "crowd": reading.heads > CROWD_FROM or "crowd_num" in reading.families,
    }
    told["frail"] = told["child"] or told["elder"]
    return frozenset(name for name, is_so in told.items() if is_so)


def _chain(reading: Reading, rule: DangerRule) -> tuple[Hit, ...] | None:
    """One word of each group, each within reach of the first; None where a group has none."""
    if not rule.groups:
        return ()
    choices = [[hit for hit in reading.meant if hit.family in group] for group in rule.groups]
    for anchor in choices[0]:
        picked = [anchor]
        for others in choices[1:]:
            near = [hit for hit in others if _gap(anchor, hit) <= rule.within and hit != anchor]
            if not near:
                break
            picked.append(min(near, key=lambda hit: _gap(anchor, hit)))
        if len(picked) == len(choices):
            return tuple(picked)
    return None


def _gap(left: Hit, right: Hit) -> int:
    return max(right.start - left.end, left.start - right.end, 0)
