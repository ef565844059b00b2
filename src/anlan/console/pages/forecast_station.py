"""A station's coming shifts: calls expected against the units that would have to answer them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from anlan.accounts.selectors import organisations
from anlan.console.screen import screen
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import page_actor
from anlan.forecasting.selectors import (
    PERMITTED_USE,
    alarms_open,
    practice_of,
    run_for,
    spans_ahead,
    station_staffing,
)
from anlan.forecasting.selectors.staffing import LEAST_WAYS, SHARE

SETTINGS = {"town": _("town"), "suburb": _("suburb"), "rural": _("countryside")}


@screen("forecasting.view")
def staffing(request: HttpRequest) -> HttpResponse:
    """Expected calls, and how many units reach 95 of 100 of them in time. One station at a time."""
    actor, at = page_actor(request), now()
    stations = [row for row in organisations("station") if actor.sees_all or row.pk in actor.org_ids]
    code = request.GET.get("station", "")
    if code and code not in {row.code for row in stations}:
        raise NotFound
    station = next((row for row in stations if row.code == code), stations[0] if stations else None)
    run = run_for(timezone.localtime(at).date())
    practice = practice_of(station.pk, at=at) if station else None
    shifts = (
        station_staffing(run, station.pk, spans_ahead(run, at=at), practice) if run and station and practice else []
    )
    context = {
        "run": run,
        "stations": stations,
        "station": station,
        "practice": practice,
        "shifts": shifts,
        "limit_min": round(practice.limit_s / 60) if practice else None,
        "setting": SETTINGS.get(practice.setting) if practice else "",
        "share": SHARE,
        "least_ways": LEAST_WAYS,
        "busy_min": round(practice.busy_s / 60) if practice else None,
        "alarms": [alarm for alarm in alarms_open() if alarm.family == "calls"],
        "permitted_use": PERMITTED_USE,
        "default_theme": "light",
    }
    return render(request, "console/forecast_station.html", context)
