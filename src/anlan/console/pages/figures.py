"""The figures, each with its counts, its interval and its records."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext_lazy as _

from anlan.console.asked import day_asked
from anlan.console.screen import screen
from anlan.console.selectors.trend import trends
from anlan.console.words import FIGURE_GROUPS
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.reports.selectors import Figure, kpi_all, kpi_one, kpi_records, organisation_asked
from anlan.tagging.selectors import incident_type

SPANS = ((1, _("Today")), (7, _("7 days")), (28, _("28 days")))
PARTS = (("numerator", _("Counted")), ("missed", _("Looked at, not counted")), ("denominator", _("All looked at")))
LONGEST_DAYS = 366
TREND_KEYS = 100


def period_asked(request: HttpRequest, *, days: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """From the first day's midnight to the last day's, Shanghai time; today, or so many days, by default."""
    today = timezone.localtime(now()).date()
    last = day_asked(request, "to") or today
    first = day_asked(request, "from") or last - timedelta(days=(days or 1) - 1)
    first = max(min(first, last), last - timedelta(days=LONGEST_DAYS))
    span: dict[str, Any] = {
        "start": timezone.make_aware(datetime.combine(first, time())),
        "end": timezone.make_aware(datetime.combine(last + timedelta(days=1), time())),
    }
    asked: dict[str, Any] = {"from": first, "to": last}
    if until := _moment(request, last):
        span["end"], asked["until"] = until, request.GET["until"]
    if code := request.GET.get("organisation", ""):
        span["organisation"], asked["organisation"] = organisation_asked(page_actor(request), code), code
    shown = {"first": first, "last": last, "today": today, "until": until, "period_query": urlencode(asked)}
    return {**span, "organisation": span.get("organisation")}, shown


def _moment(request: HttpRequest, last: date) -> datetime | None:
    """The moment of the last day at which the period ends, where one was asked for; midnight is none."""
    try:
        asked = parse_time(request.GET.get("until", ""))
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(last, asked)) if asked and asked != time() else None


@screen("reports.view")
def kpi(request: HttpRequest) -> HttpResponse:
    """All figures of a period. None stands alone: numerator, denominator, n, interval, version."""
    span, shown = period_asked(request)
    today = shown["today"]
    spans = [{"label": label, "from": today - timedelta(days=days - 1), "to": today} for days, label in SPANS]
    figures = kpi_all(page_actor(request), at=now(), **span)
    sections = [(group, list(rows)) for group, rows in groupby(figures, key=lambda figure: figure.group)]
    drawn = [(group, rows, _keys(rows)) for group, rows in sections]
    context = {**shown, "spans": spans, "sections": drawn, "groups": FIGURE_GROUPS, "default_theme": "light"}
    return render(request, "console/figures.html", context)


def _keys(figures: list[Figure]) -> str:
    return urlencode([("key", figure.key) for figure in figures if figure.kind != "missing"])


@screen("reports.view")
def trends_part(request: HttpRequest) -> HttpResponse:
    """The last eight weeks of the figures named: asked for when their part of the page comes into sight.

    Each counts eight periods more. All at once took a second and more of the processor that answers calls, too.
    """
    keys = request.GET.getlist("key")[:TREND_KEYS]
    return render(request, "console/parts/trends.html", {"trends": trends(page_actor(request), keys, at=now())})


@screen("reports.view")
def records(request: HttpRequest, key: str) -> HttpResponse:
    """The records one figure counts, looks at, or leaves uncounted."""
    actor = page_actor(request)
    span, shown = period_asked(request)
    part = request.GET.get("part", "numerator")
    at = now()
    page = kpi_records(actor, key, part=part, after=request.GET.get("after") or None, at=at, **span)
    context = {
        **shown,
        "f": kpi_one(actor, key, at=at, **span),
        "page": page,
        "rows": [(row, incident_type(row.code) if row.code else None) for row in page.rows],
        "parts": PARTS,
        "part": part,
        "default_theme": "light",
    }
    return render(request, "console/figure_records.html", context)
