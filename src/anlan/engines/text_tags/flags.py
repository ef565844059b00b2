"""Which danger flags to raise, from rules that fired, the model's beliefs and the likely code.

Missing a danger costs more than asking once too often, but a false P1 takes a unit from someone
else. So a flag is easier to raise where the likely code is urgent anyway than where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anlan.engines.text_tags.danger import Fired, told_facts
from anlan.engines.text_tags.model import ANY_DANGER
from anlan.engines.text_tags.reading import Reading

FRAIL = "child_or_elder_at_risk"


@dataclass(frozen=True)
class FlagPolicy:
    """What it takes to raise a flag; beliefs are shares between 0 and 1.

    ``links``: code to the flag it implies. ``frail_codes``: codes in which a child or elder spoken
    of is at risk. ``quiet``: pairs of a rule and a likely code that keeps it down. ``one_of``: code
    to the flags of which at least one holds. ``harmless_codes``: codes (jokes, drills) that raise
    nothing. ``urgent_codes`` are P1 in the taxonomy. Below the ``floor`` of belief in any danger at all
    only ``certain_rules`` raise a flag: dangerous words in a harmless story. A code that lives by danger
    (``links``, ``one_of``) is ``doubted`` where that belief is lower still.
    """

    links: Mapping[str, str]
    frail_codes: frozenset[str]
    one_of: Mapping[str, Sequence[str]]
    harmless_codes: frozenset[str]
    urgent_codes: frozenset[str]
    weak_rules: frozenset[str]
    quiet: frozenset[tuple[str, str]] = frozenset()
    alone_if_urgent: float = 0.3
    alone: float = 0.65
    weak_rule: float = 0.1
    linked: float = 0.4
    linked_if_best: float = 0.25
    sure_code: float = 0.35
    likely_code: float = 0.25
    any_danger: float = 0.2
    floor: float = 0.15
    doubted: float = 0.1
    certain_rules: frozenset[str] = frozenset()

    def doubts(self, code: str, any_danger: float) -> bool:
        """The code stands for danger (a fire, a fall) of which the narrative as a whole says nothing."""
        return (code in self.links or code in self.one_of) and any_danger < self.doubted


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag to raise, how sure, and what raised it: a rule id, ``model`` or ``code:NNNN``."""

    flag: str
    confidence: float
    rule_id: str


def raise_flags(
    reading: Reading,
    fired: Sequence[Fired],
    codes: Mapping[str, float],
    flags: Mapping[str, float],
    policy: FlagPolicy,
) -> list[Raised]:
    """The flags to raise, in the order of ``flags``; ``codes`` and ``flags`` are the beliefs."""
    best = max(codes, key=lambda code: codes[code])
    if best in policy.harmless_codes and codes[best] >= policy.sure_code:
        return []
    is_urgent = best in policy.urgent_codes
    facts = told_facts(reading)
    ruled = {rule.flag: rule.rule_id for rule in reversed(fired) if (rule.rule_id, best) not in policy.quiet}
    if flags.get(ANY_DANGER, 1.0) < policy.floor:
        return [Raised(flag, 0.5, rule) for flag, rule in ruled.items() if rule in policy.certain_rules]
    if reading.is_unreal and (not is_urgent or not ruled):
        return []
    shares: dict[str, float] = {}
    for code, share in codes.items():
        if (of := policy.links.get(code)) is not None:
            shares[of] = shares.get(of, 0.0) + share
    raised: list[Raised] = []
    for flag, belief in flags.items():
        if flag == ANY_DANGER:
            continue
        implied = shares.get(flag, 0.0)
        least = policy.alone_if_urgent if is_urgent else policy.alone
        linked = policy.linked_if_best if policy.links.get(best) == flag else policy.linked
        if flag in ruled and (ruled[flag] not in policy.weak_rules or belief >= policy.weak_rule):
            raised.append(Raised(flag, max(belief, 0.5), ruled[flag]))
        elif flag == FRAIL and "frail" in facts and best in policy.frail_codes and codes[best] >= policy.likely_code:
            raised.append(Raised(flag, max(belief, codes[best]), f"code:{best}"))
        elif implied >= linked:
            raised.append(Raised(flag, max(belief, implied), f"code:{best}"))
        elif belief >= least and (flag != FRAIL or "frail" in facts):
            raised.append(Raised(flag, belief, "model"))
    return raised or _at_least_one(best, codes, flags, policy)


def _at_least_one(
    best: str, codes: Mapping[str, float], flags: Mapping[str, float], policy: FlagPolicy
) -> list[Raised]:
    """The likeliest flag where there is danger but no flag stands out, or the code exists only by danger."""
    if flags.get(ANY_DANGER, 0.0) >= policy.any_danger:
        flag = max((each for each in flags if each != ANY_DANGER), key=lambda each: flags[each])
        return [Raised(flag, flags[ANY_DANGER], "model")]
    if best not in policy.one_of or codes[best] < policy.likely_code:
        return []
    flag = max(policy.one_of[best], key=lambda each: flags.get(each, 0.0))
    return [Raised(flag, codes[best], f"code:{best}")]
