"""What a person's word and the tags of an incident mean to the rules of urgency and track.

The rules themselves are the engine's (``engines.text_tags.triage``), so that a suggestion and a decision
cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from anlan.engines.text_tags.triage import EXCEPTION_RULE, JOINT_RULE, TYPE_RULE, UNSURE_RULE, Decision, decide

__all__ = [
    "EXCEPTION_RULE",
    "JOINT_RULE",
    "PERSON_RULE",
    "TYPE_RULE",
    "UNSURE_RULE",
    "Decision",
    "conditions_of",
    "decide",
    "overridden",
]

PERSON_RULE = "person"


def overridden(
    decision: Decision, *, priority: str | None, track: str | None, danger: Sequence[str], has_reason: bool
) -> Decision:
    """The decision with what a person set by hand.

    Where danger stands, a person's word counts only if it comes with a reason: a form left at its old
    value must not send a knife to the community team.
    """
    if danger and not has_reason:
        return decision
    if priority and priority != decision.priority:
        decision = replace(decision, priority=priority, priority_rule=PERSON_RULE)
    if track and track != decision.track:
        decision = replace(decision, track=track, track_rule=PERSON_RULE)
    return decision


def conditions_of(tags: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The words by which exceptions and escalations are named, from the tags of an incident."""
    found = set(tags.get("conditions", ()))
    return frozenset(found | {name for tag, name in _CONDITION_NAMES.items() if tag in found})


_CONDITION_NAMES = {"offender_present": "in_progress", "group": "people_over_5"}
"""Where the taxonomy's exceptions use another word than the tag on the spot."""
