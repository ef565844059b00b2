"""The forecast as a layer of the live console's map, and the same in a list beside it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from anlan.console.pages.forecast import beat_name, station_names
from anlan.console.screen import screen
from anlan.console.selectors.forecast_map import bands_of
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.forecasting.selectors import (
    BAR,
    FAMILIES,
    PERMITTED_USE,
    REASONS,
    PlaceTold,
    ShiftTold,
    Span,
    run_for,
    shift_told,
    spans_ahead,
)


@screen("forecasting.view")
def layer(request: HttpRequest) -> JsonResponse:
    """One shift of one family: squares with their shade, the rest of each area, and what it may be used for.

    Without ``shift`` the one after the running shift is told: that is what is being staffed now.
    """
    actor, at = page_actor(request), now()
    run = run_for(timezone.localtime(at).date())
    spans = spans_ahead(run, at=at) if run else []
    family = request.GET.get("family", "")
    family = family if family in FAMILIES else next(iter(FAMILIES))
    span = _span(request.GET.get("shift", ""), spans)
    told = shift_told(actor, run, family, span) if run and span else None
    names = station_names(actor)
    return JsonResponse(
        {
            "permitted_use": str(PERMITTED_USE),
            "page": f"{reverse('console:forecast')}?family={family}" + (f"&shift={span.key}" if span else ""),
            "families": [{"key": key, "label": str(word)} for key, word in FAMILIES.items()],
            "shifts": [{"key": each.key, "label": _label(each)} for each in spans],
            "family": family,
            "shift": span.key if span else "",
            "is_bar": told is None or told.model == BAR,
            "expected": told.expected if told else None,
            "low": told.low if told else None,
            "high": told.high if told else None,
            "places": _places(told, names) if told else [],
            "rest": [_rest(place, names) for place in told.rest] if told else [],
        }
    )


def _span(wanted: str, spans: list[Span]) -> Span | None:
    found = next((each for each in spans if each.key == wanted), None)
    return found or (spans[min(1, len(spans) - 1)] if spans else None)


def _label(span: Span) -> str:
    return f"{date_format(span.day, 'm-d l')} {span.label}"


def _places(told: ShiftTold, names: dict[int, Any]) -> list[dict[str, Any]]:
    bands = bands_of([place.expected for place in told.places])
    return [
        {
            "rank": k + 1,
            "band": band,
            "name": beat_name(place) or str(names.get(place.station_id, "")),
            "station": str(names.get(place.station_id, "")),
            "expected": round(place.expected, 3),
            "low": place.low,
            "high": place.high,
            "why": [_why(place, key) for key in place.reasons],
            "at": [round(place.lon, 5), round(place.lat, 5)],
            "rings": [[*ring, ring[0]] for ring in place.rings],
        }
        for k, (place, band) in enumerate(zip(told.places, bands, strict=True))
    ]


def _why(place: PlaceTold, key: str) -> str:
    if key == "history":
        return _("{n} reports here in a year").format(n=place.year)
    return str(REASONS[key])


def _rest(place: PlaceTold, names: dict[int, Any]) -> dict[str, Any]:
    return {
        "station": str(names.get(place.station_id, "")),
        "cells": place.cells,
        "expected": round(place.expected, 3),
        "low": place.low,
        "high": place.high,
    }
