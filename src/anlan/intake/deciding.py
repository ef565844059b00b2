"""What a text and a type lead to: the suggestion, and the decision with its rules."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace

from anlan.engines.text_tags import Suggestion
from anlan.intake.rules import NARRATIVE_ANALYSED_CHARS
from anlan.intake.suggested import Suggested
from anlan.intake.triage import (
    EXCEPTION_RULE,
    JOINT_RULE,
    TYPE_RULE,
    UNSURE_RULE,
    Decision,
    conditions_of,
    decide,
    overridden,
)
from anlan.tagging.selectors import OTHER, incident_type, suggest, transfer_items, vocabulary

log = logging.getLogger(__name__)

COVERT_RULE = "danger:covert"
"""Who can't speak freely is taken to be in danger until somebody has found otherwise."""


def suggestion_of(narrative: str) -> Suggestion | None:
    """What the first part of the narrative suggests; None for an empty text or if the engine fails."""
    if not narrative.strip():
        return None
    try:
        return suggest(narrative[:NARRATIVE_ANALYSED_CHARS])
    except Exception:
        # A report must not be lost because a suggestion failed.
        log.exception("the text could not be analysed; the report is taken without a suggestion")
        return None


def rules_version(facts: Suggested) -> str:
    """Editions of the taxonomy, the transfer list and the model a decision rests on: ``t1.l1.m3``."""
    held = vocabulary()
    return f"t{held.version}.l{held.transfer_version}.m{facts.model_version or '-'}"[:32]


def decision_for(
    *,
    code: str,
    danger: tuple[str, ...],
    tags: Mapping[str, Collection[str]],
    suggestion: Suggestion | None = None,
    nth: int = 1,
    call_type: str = "report",
    priority: str = "",
    track: str = "",
    reason: str = "",
    is_named: bool = False,
) -> Decision:
    """Priority and track of a type, from what is known of the spot and what a person set by hand.

    ``nth`` says which report of its matter this is; ``is_named`` that a person named the type, who is then
    believed where the text alone left doubt whether it is urgent. A covert call counts as danger. What a
    person set (``priority``, ``track``) stands against danger only with a ``reason``.
    """
    decision = decide(
        incident_type(code),
        danger=danger,
        conditions=conditions_of(tags),
        nth_report=nth,
        on_transfer_list=bool(transfer_items(code)),
        escalations=vocabulary().escalations,
        is_type_sure=code != OTHER,
    )
    if not danger and suggestion is not None and suggestion.code == code:
        decision = _as_the_text_says(decision, suggestion, is_named=is_named)
    is_covert = call_type == "covert" and not danger
    if is_covert:
        decision = Decision("P1", COVERT_RULE, "P", COVERT_RULE)
    return overridden(
        decision,
        priority=priority or None,
        track=track or None,
        danger=danger or ((COVERT_RULE,) if is_covert else ()),
        has_reason=bool(reason.strip()),
    )


def _as_the_text_says(decision: Decision, suggestion: Suggestion, *, is_named: bool) -> Decision:
    """Exceptions, escalation and doubt read from the text itself, which tags tell only in part.

    An urgent type that is only guessed, with no danger told and little to say it is urgent at all, is P2.
    """
    is_guess = suggestion.priority_rule_id == UNSURE_RULE and not is_named
    if is_guess and (decision.priority, decision.priority_rule) == ("P1", TYPE_RULE):
        decision = replace(decision, priority=suggestion.priority, priority_rule=UNSURE_RULE)
    if suggestion.priority_rule_id == EXCEPTION_RULE and suggestion.priority < decision.priority:
        decision = replace(decision, priority=suggestion.priority, priority_rule=EXCEPTION_RULE)
    if suggestion.track_rule_id == JOINT_RULE and decision.track == "C":
        decision = replace(decision, track=suggestion.track, track_rule=JOINT_RULE)
    return decision
