"""The page of the next shifts says why this is shown, what rain would change, and what is odd in the record."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from anlan.core.actor import SYSTEM
from anlan.forecasting.models import ForecastRelease, ForecastRun
from anlan.forecasting.rules import BAR, PERMITTED_USE
from anlan.forecasting.services import forecast_issue, release_approve
from anlan.places.services import Reading, weather_take
from forecasting.conftest import MORNING, local

pytestmark = pytest.mark.django_db

TODAY = MORNING.date()
DAY = timedelta(days=1)


@pytest.fixture
def page(past, county, monkeypatch, at):
    """``page(query)``: the text of the page, in English, with today's forecast issued if there is none."""
    past(70)
    monkeypatch.setattr("anlan.console.pages.forecast.now", lambda: at)
    client = Client()
    client.force_login(county.people["gus"])
    client.cookies["anlan_language"] = "en"

    def look(query: str = "") -> str:
        forecast_issue(day=TODAY, by=SYSTEM, at=at)
        return re.sub(r"\s+", " ", client.get(f"/console/forecast{query}").content.decode())

    return look


@pytest.fixture
def rain(report, at):
    """Every third day it rained, and more people called."""
    wet = range(69, 6, -3)
    for day in wet:
        report("0107", local(day, 15), 2)
    for shift in ((0, 1, 2, 3, 4, 5), (6, 7, 8, 9, 10, 11)):
        hours = [
            Reading(valid_at=local(day, 7 + hour), temperature_c=20.0, rain_mm_h=1.0 if day in wet else 0.0)
            for day in range(69, 0, -1)
            for hour in shift
        ]
        weather_take(source="test", readings=hours, warnings=[], is_synthetic=True, by=SYSTEM, at=at - DAY / 12)


def told(reason: str, page) -> str:
    page()
    run = ForecastRun.objects.get()
    ForecastRun.objects.update(card={**run.card, "theft": {**run.card["theft"], "reason": reason}})
    return page()


def test_it_says_what_rain_did_and_what_this_shift_would_be_with_it(rain, page):
    plain, rainy = page(), page("?family=theft&rain=1")
    assert str(PERMITTED_USE) in plain
    assert "What if it rains?" in plain
    wet = ForecastRun.objects.get().facts["wet"]
    ratio = wet["families"]["theft"][0]
    assert ratio > 1.2
    assert f"On {wet['days']} wet days" in rainy
    assert f"reports changed by {round(100 * (ratio - 1))} %" in rainy
    assert "if it rains" in rainy


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("not_better", "no model did better on the days tested"),
        ("too_little_history", "too few reports came on the days tested to tell"),
        ("no_candidate", "no other model was tried"),
    ],
)
def test_where_the_yearly_mean_is_the_product_the_page_says_why(page, reason, words):
    assert words in told(reason, page)


def test_what_could_not_be_judged_stands_beside_the_model_that_is_shown(page, county, at):
    page()
    release = ForecastRelease.objects.get()
    audit = {**release.audit, "tested": {"theft": {"unjudged": ["error"]}, "together": {"unjudged": ["error"]}}}
    ForecastRelease.objects.update(chosen={**release.chosen, "theft": "stack"}, audit=audit, blocked={})
    ForecastRun.objects.get().sheets.filter(family="theft").update(model="stack")
    assert "Not enough calls" not in page()
    release.refresh_from_db()
    release_approve(release=release, by=county.actor("gus", at), at=at)
    shown = page()
    assert (
        "Not enough calls to judge by this family alone:</b> errors by group (nor with all families together)"
        in shown
    )
    assert BAR not in shown.split("f-sum")[1][:2000]


def test_what_is_odd_in_the_record_stands_on_the_page(page):
    page()
    facts = ForecastRun.objects.get().facts
    lump = {"note": "geocoding_lump", "lon": 120.1, "lat": 28.87, "events": 400, "share": 0.2}
    jump = {"note": "level_shift", "category": "theft", "day": 20_500, "from_per_day": 3.0, "to_per_day": 6.0}
    ForecastRun.objects.update(facts={**facts, "signs": [lump, jump]})
    shown = page()
    assert "400 reports (20.0 %) of all kinds at one coordinate" in shown
    assert "from 3.0 to 6.0 reports a day about 2026-02-16" in shown
