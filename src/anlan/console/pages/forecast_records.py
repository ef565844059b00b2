"""The reports behind an area that stands out of its own normal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.accounts.selectors import organisations
from anlan.console.screen import screen
from anlan.core.errors import NotFound
from anlan.core.pages import page_actor
from anlan.forecasting.selectors import FAMILIES, PERMITTED_USE, run_latest, strip_item, strip_records
from anlan.tagging.selectors import incident_type


@screen("forecasting.view")
def records(request: HttpRequest) -> HttpResponse:
    """What one item of the strip counts: exactly those reports, newest first."""
    actor, run = page_actor(request), run_latest()
    station = next((row for row in organisations("station") if row.code == request.GET.get("area", "")), None)
    if run is None or station is None:
        raise NotFound
    item = strip_item(run, actor, station_id=station.pk, family=request.GET.get("family", ""))
    context = {
        "item": item,
        "station": station,
        "family": FAMILIES[item.family],
        "rows": [(row, incident_type(row.code)) for row in strip_records(run, item)],
        "permitted_use": PERMITTED_USE,
        "default_theme": "light",
    }
    return render(request, "console/forecast_records.html", context)
