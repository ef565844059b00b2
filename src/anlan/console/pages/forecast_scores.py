"""What forecasts were worth: a day's hits and misses, the card over four weeks, and the card of the models."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.console.asked import day_asked
from anlan.console.screen import screen
from anlan.core.pages import page_actor
from anlan.forecasting.models import ForecastScore
from anlan.forecasting.selectors import (
    ALARMS,
    BAR,
    CALLS,
    CARD_VERSION,
    FAMILY_NAMES,
    LEVEL_LIMITS,
    MODELS,
    PERMITTED_USE,
    UNSIGNED,
    FamilyCard,
    alarms_open,
    cards,
    days_scored,
    held_back,
    run_latest,
    scores_of,
    shown_by,
    sizes_measured,
)
from anlan.forecasting.selectors.model_card import facts_of, text_of

FIGURES = {
    "capture_5": _("Reports caught in the 5 % of places with most expected"),
    "capture_5_capped": _("Reports caught in the 5 % of places flagged, each area by its share of reports"),
    "capture_20": _("Reports caught in the 20 % of places with most expected"),
    "precision_5": _("Flagged places in which somebody reported"),
    "level": _("Expected by reports that came"),
    "cover_80": _("Area totals inside their 80 % intervals"),
    "skill": _("Explained beyond the yearly mean"),
}
SIZES_OF = {
    "San Antonio 2025 theft": _("San Antonio, thefts, 2025"),
    "Chicago 2017 Q4 theft": _("Chicago, thefts, end of 2017"),
    "Portland 2016-17 burglary and vehicle theft": _("Portland, burglaries and stolen vehicles, 2016-17"),
}
HEAT_KEY = "volume:origin-citizen"


@screen("forecasting.view")
def scores(request: HttpRequest) -> HttpResponse:
    """One day beside what was said of it, and the card over the last scored days."""
    page_actor(request)
    days = days_scored()
    day = _day(request, days)
    rows = [_row(score) for score in scores_of(day)] if day else []
    told = cards()
    context = {
        "days": days,
        "day": day,
        "rows": rows,
        "records": _records(day),
        "run": day and (rows[0]["score"].sheet.run if rows else None),
        "cards": told,
        "names": FAMILY_NAMES,
        "figures": FIGURES,
        "limits": LEVEL_LIMITS,
        "alarms": alarms_open(),
        "kinds": ALARMS,
        "bar": BAR,
        "models": MODELS,
        "calls": CALLS,
        "unshown": _unshown(told),
        "version": CARD_VERSION,
        "permitted_use": PERMITTED_USE,
        "default_theme": "light",
    }
    return render(request, "console/forecast_scores.html", context)


@screen("forecasting.view")
def card(request: HttpRequest) -> HttpResponse:
    """The card of the models in use, written from the newest forecast's own numbers."""
    page_actor(request)
    run = run_latest()
    context = {
        "run": run,
        "sections": text_of(facts_of(run)) if run else [],
        "sizes": sizes_measured(),
        "sizes_of": SIZES_OF,
        "permitted_use": PERMITTED_USE,
        "default_theme": "light",
    }
    return render(request, "console/forecast_card.html", context)


def _day(request: HttpRequest, days: list[Any]) -> Any:
    asked = day_asked(request, "day")
    return asked if asked in days else (days[0] if days else None)


def _unshown(held: list[FamilyCard]) -> dict[str, str]:
    """Families scored by a model nobody sees at present: its name, by family. The yearly mean is shown."""
    run = run_latest()
    if run is None or run.release is None:
        return {}
    shown = shown_by(run.release)
    found = {
        card.family: [model for model in card.models if model not in (BAR, shown.get(card.family))] for card in held
    }
    return {
        family: ", ".join(str(MODELS.get(each, each)) for each in models)
        for family, models in found.items()
        if models
    }


def _records(day: Any) -> str:
    """The records of the day, as the page of figures lists them."""
    if day is None:
        return ""
    return f"{reverse('console:kpi_records', args=[HEAT_KEY])}?{urlencode({'from': day, 'to': day})}"


def _row(score: ForecastScore) -> dict[str, Any]:
    """A family's day: expected, came, and for places flagged, hit, caught and missed by shift."""
    shifts = score.hits.get("shifts", [])
    told = dict(zip(score.columns, score.sums, strict=True))
    bar = dict(zip(score.columns, score.bar_sums, strict=True))
    sheet = score.sheet
    return {
        "score": score,
        "waits": sheet.model != BAR and UNSIGNED in held_back(sheet.run.release, score.family),
        "expected": told["predicted"],
        "came": round(told["events"]),
        "shifts": shifts,
        "flagged": sum(each["flagged"] for each in shifts),
        "hit": sum(each["hit"] for each in shifts),
        "caught": round(told["hits_5_capped" if "hits_5_capped" in told else "hits_5"]) if shifts else None,
        "bar_caught": round(bar["hits_5_capped" if "hits_5_capped" in bar else "hits_5"]) if shifts else None,
        "inside": score.inside,
        "intervals": score.intervals,
    }
