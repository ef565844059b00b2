"""Codes as the screens say them: danger flags, rules that decided, reasons for a likeness."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.intake.selectors import DANGER_LABELS
from anlan.tagging.selectors import tag_values, vocabulary

DANGER = {
    "weapon": _("weapon"),
    "injury": _("somebody hurt"),
    "fire": _("fire"),
    "self_harm": _("self-harm"),
    "fight_ongoing": _("fight going on"),
    "child_or_elder_at_risk": _("child or elder at risk"),
    "crowd": _("crowd"),
    "drowning": _("drowning"),
    "gas": _("gas"),
    "medical": _("medical emergency"),
}

RULES = {
    "danger": _("Danger overrides everything: P1 for the police, whatever else is known. Danger: {what}."),
    "taxonomy": _("The list of types says so for {type}."),
    "taxonomy.exception": _("An exception in the list of types for {type}: {what}."),
    "taxonomy.unsure": _("{type} is only guessed, and nothing was told that is urgent."),
    "dispute.escalated": _("A dispute goes to police and community together when this holds: {what}."),
    "transfer.list": _("The matter is on the list agreed with the partner desk."),
    "unknown.first_receiver": _("Nothing says whose it is, so whoever got it first keeps it: the police."),
    "invalid": _("It tells of nothing that needs anybody."),
    "person": _("Set by a person, with a reason; see the timeline."),
    "history": _("Taken over from another system."),
    "danger:covert": _("A covert call, by somebody who can't speak freely, is P1 for the police."),
}
RULES_BARE = {
    "taxonomy.exception": _("The words told of an exception in the list of types for {type}."),
    "dispute.escalated": _("The words told that the dispute escalates: it goes to police and community together."),
}
"""Where a rule was fired by the text itself, and no condition stands behind it."""

LIKENESS = {
    "minutes_apart": _("{0} min apart"),
    "metres_apart": _("{0} m apart"),
    "same_code": _("same type"),
    "same_scene": _("same kind of scene"),
    "same_place_named": _("same place named: {0}"),
    "shared_words": _("many words shared"),
    "detail_agrees": _("a detail agrees"),
    "goes_on_with_earlier_call": _("goes on with an earlier call"),
    "other_kind": _("another kind"),
    "other_scene": _("another kind of scene"),
    "other_place_named": _("another place named"),
    "own_matter": _("a matter of its own"),
    "detail_differs": _("a detail differs"),
    "comes_back_after_earlier_visit": _("comes back after an earlier visit"),
}

FIGURE_GROUPS = {
    "answer": _("Answering and sending"),
    "arrive": _("Getting there"),
    "report": _("Reporting back"),
    "track": _("Police and community"),
    "safety": _("Is it safe: the price of diverting and of speed"),
    "dispute": _("Disputes: settled means it did not come back"),
    "citizen": _("What citizens say"),
    "volume": _("How much there was (context, never scored)"),
    "beyond": _("What the trade counts and the data here don't tell"),
}

PURPOSES = {
    "call_back": _("call back after a cut or silent call"),
    "dispatch_contact": _("contact while help is on the way"),
    "order_contact": _("first contact by the town room"),
    "on_scene_contact": _("find the caller on scene"),
    "revisit": _("revisit after closing"),
    "complaint": _("answer a complaint"),
    "audit": _("check of views"),
}


def danger_words(flags: Iterable[str]) -> list[str]:
    """Danger flags in words, also those no form offers."""
    return [str(DANGER.get(flag) or DANGER_LABELS.get(flag) or flag) for flag in flags]


def rule_words(rule: str, kind: Any) -> str:
    """Which rule decided priority or track, as a sentence."""
    name, _sep, what = rule.partition(":")
    bare = RULES_BARE.get(name) if not what else None
    sentence: str | Promise = bare or RULES.get(rule) or RULES.get(name) or rule
    said = danger_words([what])[0] if name == "danger" else _condition(what, kind)
    zh = (get_language() or "").startswith("zh")
    return str(sentence).format(what=said, type=kind.name_zh if zh else kind.name_en)


def _condition(what: str, kind: Any) -> str:
    """The taxonomy's own words for a condition."""
    if not what:
        return ""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    for row in (*getattr(kind, "exceptions", ()), *vocabulary().escalations):
        if row.get("when") == what:
            return str(row.get(language, what))
    for tag in tag_values("conditions"):
        if tag.value == what:
            return tag.name(language)
    return what


def likeness_words(reasons: Iterable[Any]) -> str:
    """Why two reports may be one, weightiest first, only what speaks for it."""
    said = [
        str(LIKENESS[reason.kind]).format(*map(_rounded, reason.detail), "")
        for reason in reasons
        if reason.weight > 0 and reason.kind in LIKENESS
    ]
    return gettext(", ").join(dict.fromkeys(said[:4]))


def _rounded(fact: str) -> str:
    """2.58058 → 3: a person compares whole minutes and metres."""
    try:
        return f"{float(fact):.0f}"
    except ValueError:
        return fact
