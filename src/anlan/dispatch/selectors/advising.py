"""Whom to send to a matter, the plan's home station and cover both weighed, and how that is told."""

from __future__ import annotations

from django.utils.translation import gettext as _

from anlan.dispatch.recommending import Recommendation, minutes
from anlan.dispatch.selectors.cover import Advised, advice_for
from anlan.dispatch.selectors.response import Response, response_propose
from anlan.intake.models import Incident


def advised(incident: Incident, found: Recommendation, response: Response | None = None) -> Advised | None:
    """Whom to send to the matter, its plan's home station first where that is within its seconds.

    ``response`` is its plan's answer to ``found`` where that has been worked out already.
    """
    response = response or response_propose(incident, found)
    first = next((place.choice for place in response.places if place.is_home_first), None)
    return advice_for(incident, found, first=first)


def advice_words(advice: Advised) -> str:
    """The advice as one sentence in the active language."""
    sign, quickest = advice.choice.unit.call_sign, advice.quickest.unit.call_sign
    facts = {"unit": sign, "quickest": quickest, "added": minutes(advice.added_s), "cap": minutes(advice.cap_s)}
    if advice.rule == "home":
        return _("{unit} of the home station, {added} later than {quickest}, as the plan allows.").format(**facts)
    if advice.rule == "cover":
        saved = f"{100.0 * advice.saved:.1f}"
        return _("{unit}: {added} later than {quickest} (at most {cap}), keeps {saved} points more cover.").format(
            saved=saved, **facts
        )
    if advice.cap_s == 0.0:
        return _("{unit}: the quickest always goes to a P1, whatever it costs in cover.").format(**facts)
    return _("{unit}: the quickest; nobody within {cap} keeps noticeably more cover.").format(**facts)
