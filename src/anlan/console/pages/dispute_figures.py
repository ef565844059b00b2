"""Disputes in figures: the three pushes, what was settled, whether it came back, and who can't be told apart."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_ids_beneath
from anlan.console.asked import day_asked
from anlan.console.screen import screen
from anlan.console.selectors.dispute_curves import funnel_plot, plot_by, plot_of
from anlan.console.words import FIGURE_GROUPS
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.disputes.rules import TRACK_NAMES
from anlan.disputes.selectors.survival import (
    COMPARE_DAY,
    Asked,
    Bodies,
    Compared,
    Quiet,
    bodies_of,
    compared,
    quiet_by,
    quiet_of,
)
from anlan.engines.survival import GroupFigure
from anlan.reports.selectors import Sums, kpi_some, organisation_asked

SPANS = ((28, _("28 days")), (91, _("91 days")), (365, _("365 days")))
USUAL_DAYS, LONGEST_DAYS = 365, 1830
KEYS = (
    "divert_rate", "joint_rate", "onsite_rate", "repeat_rate",
    "push_1", "push_1_settled", "push_2", "push_2_settled", "push_3", "push_3_settled",
    "file_settled", "file_settled:push-1", "file_settled:push-2", "file_settled:push-3", "loop_close",
    "settle_time_p50", "settle_time_p90", "promise_on_time", "back_30", "back_90", "back_180",
    "revisit_file_cov", "revisit_on_time", "revisit_disagree", "revisit_disagree:sample",
    "party_a_satisfied", "party_b_satisfied", "civ_to_crim", "file_red", "back_hurt",
    "diverted_escalated", "diverted_injured", "bounced",
)  # fmt: skip
VERDICTS = {
    "higher": _("holds longer than the others, more than chance explains"),
    "lower": _("comes back more often than with the others, more than chance explains"),
    "cannot_tell": _("cannot be told apart from chance"),
    "not_comparable": _("not comparable: the others have other kinds of cases"),
}
PLACED = {
    "within": _("cannot be told apart from chance"),
    "watch": _("at the edge of chance: keep an eye on it"),
    "outside": _("more than chance explains"),
}
REFUSED = {
    "within_noise": _("No order is given: the differences are within what chance alone makes."),
    "too_few_units": _(
        "No order is given: fewer than two organisations have thirty closings watched for ninety days."
    ),
    "no_variation": _("No order is given: nothing came back anywhere, or everything did."),
}
MIXES = {
    "level_type": _("Held equal: colour of the file and type of quarrel."),
    "level": _("Held equal: colour of the file. Types of quarrel are too unlike to be held equal as well."),
}
GROUPINGS = {
    "track": _("By who came first"),
    "push": _("By the push it got as far as"),
    "organisation": _("By mediating organisation"),
}


GROUPS: dict[str, dict[Hashable, Any]] = {
    "track": dict(TRACK_NAMES.items()),
    "push": {0: _("no push"), **{seq: format_lazy(_("push {seq}"), seq=seq) for seq in (1, 2, 3)}},
}


@screen("reports.view")
def dispute_figures(request: HttpRequest) -> HttpResponse:
    """All of it for one period. Every figure opens to its files; no figure is about a person."""
    actor = page_actor(request)
    first, last, today = period_of(request)
    code = request.GET.get("organisation", "")
    organisation = organisation_asked(actor, code)
    span: dict[str, Any] = {
        "start": day_begins(first),
        "end": day_begins(last + timedelta(days=1)),
        "organisation": organisation,
    }
    org_ids = organisation_ids_beneath(organisation) if organisation is not None else None
    asked = Asked(actor, first, last + timedelta(days=1), today, org_ids)
    sums = Sums()
    figures = kpi_some(actor, KEYS, sums=sums, at=now(), **span)
    tables = [compared(asked, grouping) for grouping in GROUPINGS]
    bodies, quiet = bodies_of(asked), quiet_of(asked)
    names = organisation_names(tables, bodies)
    period = {"from": first, "to": last, **({"organisation": code} if code else {})}
    context = {
        "first": first,
        "last": last,
        "today": today,
        "spans": [{"label": word, "from": today - timedelta(days=n - 1), "to": today} for n, word in SPANS],
        "period_query": urlencode(period),
        "figures": list(figures.values()),
        "groups": FIGURE_GROUPS,
        "steps": [(seq, figures[f"push_{seq}"], figures[f"push_{seq}_settled"]) for seq in (1, 2, 3)],
        "quiet": quiet,
        "readouts": [(read, f"back_{read.day:.0f}") for read in quiet.readouts],
        "rates": rates_shown(quiet),
        "plot": plot_of(quiet),
        "by_track": plot_by(quiet_by(asked, "track"), GROUPS["track"]),
        "tables": [table_of(table, names) for table in tables],
        "left_out": [(names.get(unit.name, unit.name), unit.n) for unit in bodies.ranking.left_out],
        "tiers": [", ".join(str(names.get(name, name)) for name in tier) for tier in bodies.ranking.tiers],
        "compare_day": COMPARE_DAY,
        "verdicts": VERDICTS,
        "bodies": bodies,
        "bodies_p": p_text(bodies.ranking.p_value),
        "funnel": funnel_plot(bodies, names),
        "codes": {row.pk: row.code for row in Organisation.objects.filter(pk__in=bodies_ids(bodies))},
        "placed": PLACED,
        "as_of": min([found for found in (sums.as_of, asked.as_of) if found is not None], default=None),
        "refused": REFUSED,
        "default_theme": "light",
    }
    return render(request, "console/dispute_figures.html", context)


@dataclass(frozen=True, slots=True)
class Table:
    """A comparison as it is shown: each group with what it is called."""

    title: Any
    mix: Any
    of: Compared
    rows: list[tuple[Any, GroupFigure, str]]
    refused: list[tuple[Any, int]]
    p: str


def table_of(found: Compared, organisations: Mapping[Hashable, Any]) -> Table:
    """The groups with their names, in the order of their names and never by value."""
    names = organisations if found.grouping == "organisation" else GROUPS[found.grouping]
    return Table(
        GROUPINGS[found.grouping],
        MIXES[found.mix],
        found,
        [(names.get(row.group, row.group), row, gap_text(row)) for row in found.comparison.groups],
        [(names.get(row.group, row.group), row.n) for row in found.comparison.refused],
        p_text(found.comparison.test.p_value if found.comparison.test else None),
    )


def p_text(value: float | None) -> str:
    """A chance as one writes it behind "p": "= 0.140", "< 0.001"; empty where there is none."""
    return "" if value is None else "< 0.001" if value < 0.001 else f"= {value:.3f}"


def gap_text(row: GroupFigure) -> str:
    """The difference to all others in percentage points, with its interval; empty where there is none."""
    if row.difference is None:
        return ""
    gap, low, high = (points_text(value) for value in row.difference)
    return f"{gap} ({low} … {high})"


def points_text(share: float) -> str:
    """A difference of shares in percentage points with its sign: "+2.5"."""
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")


def rates_shown(quiet: Quiet) -> list[dict[str, Any]]:
    """How many of a thousand files come back on a day, window by window."""
    found = []
    for window in quiet.rates:
        row: dict[str, Any] = {"start": window.start, "end": window.end, "events": window.events}
        # Of so few that all of them might come back in a day nothing can be told.
        known = window.rate is not None and window.high is not None and window.high <= 1
        for name in ("rate", "low", "high"):
            row[name] = 1000 * getattr(window, name) if known else None
        found.append(row)
    return found


def organisation_names(tables: list[Compared], bodies: Bodies) -> dict[Hashable, Any]:
    """What the organisations are called. One query."""
    ids = {unit.name for unit in bodies.units}
    for table in tables:
        if table.grouping == "organisation":
            ids |= {row.group for row in table.comparison.groups} | {row.group for row in table.comparison.refused}
    rows = Organisation.objects.filter(pk__in=[key for key in ids if isinstance(key, int)])
    return {row.pk: row.name_shown for row in rows}


def bodies_ids(bodies: Bodies) -> list[int]:
    """Keys of the organisations in the funnel."""
    return [unit.name for unit in bodies.units if isinstance(unit.name, int)]


def period_of(request: HttpRequest) -> tuple[date, date, date]:
    """First and last day asked for, and today."""
    today = timezone.localtime(now()).date()
    last = min(day_asked(request, "to") or today, today)
    first = day_asked(request, "from") or last - timedelta(days=USUAL_DAYS - 1)
    return max(min(first, last), last - timedelta(days=LONGEST_DAYS)), last, today


def day_begins(day: date) -> datetime:
    """Midnight where we are."""
    return timezone.make_aware(datetime.combine(day, time()))
