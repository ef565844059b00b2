"""Why a file has its colour and why a report may belong to it, as the screens say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.disputes.rules import AMOUNT_BANDS

LEVEL_RULES: dict[str, str | Promise] = {
    "injury": _("somebody hurt"),
    "weapon": _("threat of a weapon"),
    "self_harm": _("words of self-harm"),
    "crowd": _("crowd"),
    "many_people": _("{n} people in it"),
    "third_report": _("report number {n} within 30 days"),
    "second_report": _("second report within 30 days"),
    "alcohol": _("alcohol"),
    "damage": _("damage to property"),
    "amount": _("much money"),
    "agreement_broken": _("agreement broken"),
}
"""By the codes under which the reasons of a colour are kept."""

_PLACE: dict[str, str | Promise] = {
    "same_room": _("same flat"),
    "same_number": _("same house number"),
    "same_building": _("same building"),
    "same_whole_place": _("same place"),
    "same_name": _("same estate or village"),
    "other_room": _("another flat"),
    "other_number": _("another house number"),
    "other_building": _("another building"),
    "other_group": _("another group of the village"),
    "other_name": _("another place named"),
}
FINDINGS: dict[str, dict[str, str | Promise]] = {
    "place": {**_PLACE, **{f"told_{key}": word for key, word in _PLACE.items()}},
    "metres": {
        "within_100": _("within 100 m"),
        "within_300": _("within 300 m"),
        "within_1000": _("within 1 km"),
        "farther": _("farther than 1 km"),
        "moved": _("the place on the map was moved"),
    },
    "cause": {
        "same": _("same cause"),
        "related": _("a related cause"),
        "worse": _("the quarrel grew worse"),
        "other": _("another cause"),
        "not_a_quarrel": _("no quarrel"),
    },
    "words": {
        "hardly_any": _("hardly a word shared"),
        "few": _("few words shared"),
        "some": _("some words shared"),
        "many": _("many words shared"),
        "most": _("most words shared"),
    },
    "only_here": {
        "nothing": _("no word of this file alone"),
        "little": _("few words of this file alone"),
        "something": _("words of this file alone"),
        "much": _("many words of this file alone"),
    },
    "details": {
        "clash": _("a detail differs"),
        "more_clash": _("details differ"),
        "one_agrees": _("a detail agrees"),
        "several_agree": _("several details agree"),
    },
    "scene": {"alike": _("same scene"), "partly": _("similar scene"), "unlike": _("another scene")},
    "again": {
        "says_so": _("the caller says: again"),
        "says_little": _("the caller hints at before"),
        "no_quarrel": _("no quarrel is told"),
    },
    "days": {
        "within_3": _("within a week"),
        "within_7": _("within a week"),
        "within_14": _("within a month"),
        "within_30": _("within a month"),
        "within_90": _("within three months"),
        "within_200": _("more than three months apart"),
        "longer": _("long ago"),
    },
    "parties": {
        "phone": _("called from the telephone of a party"),
        "name": _("the caller's name is that of a party"),
        "none_of_two": _("the caller is neither party"),
        "none_of_many": _("the caller is no party"),
        "none_by_other": _("the caller is no party"),
    },
    "teller": {"onlooker": _("told by an onlooker"), "for_another": _("told for another")},
    "link": {"tied_by_hand": _("tied to one of its reports by a person")},
    "others_there": {
        "alone": _("the only file here"),
        "several": _("several files here"),
        "many": _("many files here"),
        "crowd": _("many files here"),
    },
}
"""What was compared and how it came out, by the codes under which evidence is kept."""


def level_reason(kept: Mapping[str, Any]) -> str:
    """One reason of a colour with the words or the number it saw."""
    sentence = str(LEVEL_RULES.get(kept.get("rule", ""), kept.get("rule", "")))
    said = sentence.format(n=kept.get("value") or "")
    words = [str(AMOUNT_BANDS.get(word, word)) for word in kept.get("words") or ()]
    return f"{said}{gettext(': ')}{gettext(', ').join(words)}" if words else said


def match_evidence(kept: Mapping[str, Any]) -> tuple[str, float]:
    """One piece of evidence that a report belongs to a file, in words, and how much it speaks for (or against) it."""
    feature, finding = str(kept.get("feature", "")), str(kept.get("finding", ""))
    words = FINDINGS.get(feature, {}).get(finding, "")
    return str(words), float(kept.get("weight") or 0.0)


def evidence_words(kept: list[Any]) -> list[tuple[str, float]]:
    """All that speaks, the weightiest first; what says nothing is left out."""
    told = [match_evidence(one) for one in kept if isinstance(one, Mapping)]
    return sorted(((word, weight) for word, weight in told if word and weight), key=lambda one: -abs(one[1]))
