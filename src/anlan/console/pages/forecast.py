"""Where calls are to be expected in the next shifts: a list with reasons, a map beside it, the same as a file."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.accounts.selectors import organisations
from anlan.console.screen import screen
from anlan.console.selectors.forecast_map import map_of
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import page_actor
from anlan.core.templatetags.anlan import named
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.selectors import (
    BAR,
    FAMILIES,
    GATES,
    LEAST_ADDRESSES,
    LEAST_RESIDENTS,
    LEAST_SHOWN,
    MEASURES,
    MODELS,
    PERMITTED_USE,
    REASONS,
    Anomaly,
    PlaceTold,
    ShiftTold,
    Span,
    alarms_open,
    held_back,
    readiness,
    record_kept,
    run_for,
    run_latest,
    shift_told,
    spans_ahead,
    strip_shown,
    unjudged,
)
from anlan.forecasting.selectors.record import number_day
from anlan.places.selectors import areas_in_force
from anlan.reports.selectors import cell_safe

MOST_ON_A_PHONE = 12
"""So many places stand in the list of a telephone before one asks for all of them."""


@screen("forecasting.view")
def forecast(request: HttpRequest) -> HttpResponse:
    """The next shifts of one family. Without a forecast: what is missing, and since when."""
    actor, at = page_actor(request), now()
    run = run_for(timezone.localtime(at).date())
    if run is None:
        return render(request, "console/forecast.html", {**_waiting(at), **_common()})
    spans = spans_ahead(run, at=at)
    family, span = _asked(request, spans)
    told = shift_told(actor, run, family, span) if span else None
    names = station_names(actor)
    context = {
        **_common(),
        "run": run,
        "spans": spans,
        "span": span,
        "family": family,
        "told": told,
        "rows": [(place, names.get(place.station_id, ""), beat_name(place)) for place in told.places] if told else [],
        "rest": [(place, names.get(place.station_id, "")) for place in told.rest] if told else [],
        "map": map_of(told.places, names, [_label(place) for place in told.places]) if told else None,
        "wet": _wet(run, family, told, request.GET.get("rain") == "1"),
        "is_wet": request.GET.get("rain") == "1",
        "strip": strip_rows(run, actor),
        "held": held_back(run.release, family) if told and run.release else [],
        "alarms": [alarm for alarm in alarms_open() if alarm.family == family],
        "is_bar": told.model == BAR if told else False,
        "models": MODELS,
        "choice": run.card.get(family, {}).get("reason", ""),
        "unjudged": unjudged(run.release, family) if told and told.model != BAR else ([], []),
        "signs": [_sign(each) for each in run.facts.get("signs", [])],
        "holes": [
            (datetime.fromisoformat(a), datetime.fromisoformat(b), n) for a, b, n in run.facts.get("holes", [])
        ],
    }
    return render(request, "console/forecast.html", context)


@screen("forecasting.export")
def forecast_file(request: HttpRequest) -> HttpResponse:
    """The shift asked for as CSV; what it may be used for stands in its first line."""
    actor, at = page_actor(request), now()
    run = run_for(timezone.localtime(at).date())
    spans = spans_ahead(run, at=at) if run else []
    family, span = _asked(request, spans)
    told = shift_told(actor, run, family, span) if run and span else None
    if run is None or told is None or span is None:
        raise NotFound
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="forecast-{family}-{span.key}.csv"'
    response.write("\ufeff")
    out = csv.writer(response)

    def row(*cells: Any) -> None:
        out.writerow([cell_safe(cell) for cell in cells])

    row(str(PERMITTED_USE))
    row(_("shift"), span.starts_at.isoformat(), span.ends_at.isoformat(), _("issued"), run.issued_at.isoformat())
    row("family", "model", "record_sha256", "model_version")
    row(family, told.model, run.record_sha256, run.model_version)
    row("station", "beat", "lon", "lat", "cell_m", "expected", "low_80", "high_80", "reports_in_a_year")
    names = station_names(actor)
    for place in (*told.places, *told.rest):
        alone = place.cell >= 0
        row(
            names.get(place.station_id, ""),
            beat_name(place) if alone else _("rest of the area"),
            round(place.lon, 5) if alone else "",
            round(place.lat, 5) if alone else "",
            round(run.cell_m) if alone else "",
            round(place.expected, 4),
            place.low,
            place.high,
            place.year if alone else "",
        )
    return response


def _common() -> dict[str, Any]:
    return {
        "families": FAMILIES,
        "permitted_use": PERMITTED_USE,
        "reasons": REASONS,
        "gates": GATES,
        "measures": MEASURES,
        "least_residents": LEAST_RESIDENTS,
        "least_shown": LEAST_SHOWN,
        "least_addresses": LEAST_ADDRESSES,
        "most_on_a_phone": MOST_ON_A_PHONE,
        "default_theme": "light",
    }


def _waiting(at: datetime) -> dict[str, Any]:
    """What is missing for a first forecast; or the newest one, where it is too old to plan by."""
    latest = run_latest()
    if latest is not None:
        return {"run": None, "latest": latest}
    return {
        "run": None,
        "latest": None,
        "ready": readiness(record_kept(end=timezone.localtime(at).date(), heard_at=at)),
    }


def _asked(request: HttpRequest, spans: list[Span]) -> tuple[str, Span | None]:
    family = request.GET.get("family", "")
    wanted = request.GET.get("shift", "")
    span = next((each for each in spans if each.key == wanted), spans[0] if spans else None)
    return (family if family in FAMILIES else next(iter(FAMILIES))), span


def _wet(run: Any, family: str, told: ShiftTold | None, is_asked: bool) -> dict[str, Any]:
    """What rain did to this family in the past, and what this shift would be with it."""
    facts = run.facts.get("wet", {})
    found: dict[str, Any] = {"days": facts.get("days", 0), "known": facts.get("known", 0), "effect": None}
    effect = facts.get("families", {}).get(family)
    if effect and told:
        ratio, low, high, seen = effect
        found |= {
            "effect": ratio,
            "percent": round(100 * (ratio - 1)),
            "percent_low": round(100 * (low - 1)),
            "percent_high": round(100 * (high - 1)),
            "seen": seen,
            "expected": told.expected * ratio if is_asked else None,
        }
    return found


def _sign(told: dict[str, Any]) -> dict[str, Any]:
    """A sign that the record isn't what it seems, with its day as a date and its family as it is called."""
    if told["note"] != "level_shift":
        return told
    return {**told, "day": number_day(told["day"]), "family": FAMILIES.get(told["category"], told["category"])}


def _label(place: PlaceTold) -> str:
    return f"{beat_name(place)} · {place.expected:.2f}"


def station_names(actor: Actor) -> dict[int, Any]:
    """The stations in reach, by id, as they are called."""
    rows = organisations("station")
    return {row.pk: row.name_shown for row in rows if actor.sees_all or row.pk in actor.org_ids}


def strip_rows(run: ForecastRun, actor: Actor) -> list[tuple[Anomaly, Any, str]]:
    """The strip in reach: each item with its station's name and code, by which its records open."""
    stations = {row.pk: row for row in organisations("station")}
    found = ((each, stations.get(each.station_id)) for each in strip_shown(run, actor))
    return [(each, station.name_shown, station.code) for each, station in found if station is not None]


def beat_name(place: PlaceTold) -> str:
    """What the beat around a place is called."""
    return _beats().get(place.beat, place.beat)


def _beats() -> dict[str, str]:
    return {area.code: named(area) for area in areas_in_force("beat")}
