"""Who is asked how it went: every unit set against the others, so that a rating says what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from anlan.citizen.selectors import ASKING_RULE, AskingCompared, asking_compared
from anlan.console.pages.dispute_figures import day_begins, period_of, points_text
from anlan.console.screen import screen
from anlan.core.pages import page_actor
from anlan.engines.asking import Finding
from anlan.reports.selectors import organisation_asked

LONGEST_DAYS = 91
"""Every closed matter is read: a longer period is cut to its last quarter."""
LEAST = 30
LOOKS = {
    "whom": _("Asked where it went smoothly, and where it did not"),
    "content": _("Content among those asked, and among those a blind call reached"),
    "quick": _("Answered within a minute here, and everywhere else"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one unit: its two shares as counts, and the gap in points with its interval."""

    words: Any
    finding: Finding
    gap: str


@screen("reports.view")
def asking_part(request: HttpRequest) -> HttpResponse:
    """Each unit in reach with the cases it asked of, and three looks at whom it asked."""
    actor = page_actor(request)
    first, last, _today = period_of(request)
    start = max(first, last - timedelta(days=LONGEST_DAYS - 1))
    rows = asking_compared(
        start=day_begins(start),
        end=day_begins(last + timedelta(days=1)),
        actor=actor,
        organisation=organisation_asked(actor, request.GET.get("organisation", "")),
    )
    context = {
        "rows": [(row, _looks(row)) for row in sorted(rows, key=_place)],
        "first": start,
        "last": last,
        "is_cut": start > first,
        "rule": ASKING_RULE,
        "least": LEAST,
    }
    return render(request, "console/parts/dispute_asking.html", context)


def _looks(row: AskingCompared) -> list[Look]:
    found = {finding.look: finding for finding in row.found.findings}
    return [Look(words, found[key], _points(found[key])) for key, words in LOOKS.items() if key in found]


def _points(finding: Finding) -> str:
    gap, low, high = (points_text(value) for value in (finding.gap, finding.low, finding.high))
    return f"{gap} ({low} … {high})"


def _place(row: AskingCompared) -> tuple[str, str]:
    """By the order of organisations, never by what was found."""
    return (row.organisation.path if row.organisation is not None else "", row.found.unit)
