"""How urgent, and whose track: the rules in their order, each decision with the rule that made it.

Danger overrides everything. Then the taxonomy's own row and its exceptions, what brings a dispute to
the joint track, the list agreed with the partner desks; and whoever got it first keeps the unclear.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

# The ids the text engine uses; what fired within a rule follows after a colon.
DANGER_RULE, TYPE_RULE, EXCEPTION_RULE, INVALID_RULE = "danger", "taxonomy", "taxonomy.exception", "invalid"
JOINT_RULE, TRANSFER_RULE, FIRST_RECEIVER_RULE = "dispute.escalated", "transfer.list", "unknown.first_receiver"
PERSON_RULE = "person"
DEFAULT_TRACK = "P"
REPEATS_FOR_JOINT = 3


class TypeFacts(Protocol):
    """What triage needs to know of an incident type."""

    @property
    def code(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def track(self) -> str: ...
    @property
    def exceptions(self) -> Sequence[Mapping[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """Priority and track, each with the id of the rule that fired: ``danger:weapon``, ``taxonomy``."""

    priority: str
    priority_rule: str
    track: str
    track_rule: str


def decide(
    kind: TypeFacts,
    *,
    danger: Sequence[str],
    conditions: Collection[str],
    nth_report: int,
    on_transfer_list: bool,
    escalations: Sequence[Mapping[str, str]],
    is_type_sure: bool = True,
) -> Decision:
    """The decision for one incident, from its type and what is known of the spot.

    ``conditions`` are words of the vocabulary (alcohol, escalating, injury …); ``nth_report`` is 1 for
    a matter reported the first time, 3 for the third. Of what nobody could name (not ``is_type_sure``)
    the first receiver, the police, takes care.
    """
    if danger:
        rule = f"{DANGER_RULE}:{danger[0]}"
        return Decision("P1", rule, "P", rule)
    if not is_type_sure:
        return Decision(kind.priority, FIRST_RECEIVER_RULE, DEFAULT_TRACK, FIRST_RECEIVER_RULE)
    priority, priority_rule = _priority(kind, conditions)
    track, track_rule = _track(kind, conditions, nth_report, on_transfer_list, escalations)
    return Decision(priority, priority_rule, track, track_rule)


def _priority(kind: TypeFacts, conditions: Collection[str]) -> tuple[str, str]:
    for exception in kind.exceptions:
        if exception["when"] in conditions and "priority" in exception:
            return exception["priority"], f"{EXCEPTION_RULE}:{exception['when']}"
    return (kind.priority, TYPE_RULE) if kind.priority else ("P4", INVALID_RULE)


def _track(
    kind: TypeFacts,
    conditions: Collection[str],
    nth_report: int,
    on_transfer_list: bool,
    escalations: Sequence[Mapping[str, str]],
) -> tuple[str, str]:
    if kind.track == "C":
        for rule in escalations:
            if kind.code.startswith(rule["scope"]) and _holds(rule["when"], conditions, nth_report):
                return rule["track"], f"{JOINT_RULE}:{rule['when']}"
    if kind.track == "T":
        return ("T", TRANSFER_RULE) if on_transfer_list else (DEFAULT_TRACK, FIRST_RECEIVER_RULE)
    return (kind.track, TYPE_RULE) if kind.track else (DEFAULT_TRACK, INVALID_RULE)


def _holds(when: str, conditions: Collection[str], nth_report: int) -> bool:
    if when == f"repeat_{REPEATS_FOR_JOINT}":
        return nth_report >= REPEATS_FOR_JOINT
    return when in conditions


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
