"""The clocks of town rooms by hour and peak: as a page whose every share opens, and as a file."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from anlan.console.pages.figures import SPANS, period_asked
from anlan.console.pages.town import rooms_of
from anlan.console.screen import screen
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.permissions import permitted
from anlan.reports.selectors import ClockHours, clock_hours, clock_hours_sheet, sheets_csv

DEFAULT_DAYS = 28
"""An hour of a single day holds a handful of orders: by default four weeks are told."""


def _told(request: HttpRequest, action: str) -> tuple[ClockHours, dict[str, Any]]:
    """The clocks of the period asked for, counted up to this moment at most."""
    actor, at = page_actor(request, action), now()
    days = None if "from" in request.GET or "to" in request.GET else DEFAULT_DAYS
    span, shown = period_asked(request, days=days)
    return clock_hours(actor, at=at, **span), shown


def _opens(told: ClockHours, organisation: str) -> str:
    """The period as the pages of records ask for it, up to the very moment that was counted."""
    first, last = timezone.localtime(told.start), timezone.localtime(told.end)
    asked = {"from": first.date(), "to": last.date(), "until": last.time().isoformat()}
    if last.time() == time():
        asked = {"from": first.date(), "to": last.date() - timedelta(days=1)}
    return urlencode(asked | ({"organisation": organisation} if organisation else {}))


@screen("reports.view")
def clocks(request: HttpRequest) -> HttpResponse:
    """Every clock for the whole day, the peak, the other hours and hour by hour; each share opens its orders."""
    actor = page_actor(request)
    told, shown = _told(request, "reports.view")
    organisation, today = request.GET.get("organisation", ""), shown["today"]
    context = {
        **shown,
        "told": told,
        "opens": _opens(told, organisation),
        "spans": [{"label": label, "from": today - timedelta(days=days - 1), "to": today} for days, label in SPANS],
        "rooms": rooms_of(actor),
        "organisation": organisation,
        "may_export": permitted(actor, "reports.export"),
        "default_theme": "light",
    }
    return render(request, "console/clock_hours.html", context)


@screen("reports.view")
def clocks_csv(request: HttpRequest) -> HttpResponse:
    """The same for a spreadsheet."""
    told, _shown = _told(request, "reports.export")
    response = HttpResponse(sheets_csv([clock_hours_sheet(told)]), content_type="text/csv; charset=utf-8")
    name = f"clocks-{timezone.localtime(told.start):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
