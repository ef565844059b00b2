"""How often a promised arrival time was kept: by zone and hours, each share opening to its trips."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.console.asked import number_asked
from anlan.console.screen import screen
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.dispatch.selectors.arrivals import (
    ARRIVAL_VERSION,
    ROWS_SHOWN,
    arrival_shares,
    arrivals_between,
    fit_row_in_use,
)

DAYS = (7, 28, 90)
BANDS = {
    "night": _("night, 0–7"),
    "morning": _("morning, 7–10"),
    "day": _("day, 10–17"),
    "evening": _("evening, 17–24"),
}


@screen("reports.view")
def arrivals(request: HttpRequest) -> HttpResponse:
    """The shares, and the trips behind the one that was opened."""
    actor, at = page_actor(request), now()
    asked = number_asked(request, "days")
    days = asked if asked in DAYS else 28
    trips = arrivals_between(actor, start=at - timedelta(days=days), end=at)
    zone, band, only_late = request.GET.get("zone", ""), request.GET.get("band", ""), request.GET.get("late") == "1"
    opened = [
        trip
        for trip in trips
        if zone in ("", str(trip.zone)) and band in ("", trip.band) and not (only_late and trip.is_inside)
    ]
    zones = Organisation.objects.filter(pk__in={trip.zone for trip in trips if trip.zone is not None})
    context = {
        "shares": arrival_shares(trips),
        "zones": {str(row.pk): row for row in zones},
        "bands": BANDS,
        "days": days,
        "spans": DAYS,
        "zone": zone,
        "band": band,
        "only_late": only_late,
        "opened": opened[:ROWS_SHOWN],
        "opened_total": len(opened),
        "total": len(trips),
        "fit": fit_row_in_use(),
        "version": ARRIVAL_VERSION,
        "default_theme": "light",
    }
    return render(request, "console/arrivals.html", context)
