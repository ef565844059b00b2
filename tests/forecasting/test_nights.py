"""A night: issued once, never over; scored when its day is whole; an alarm when four weeks are off."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np
import pytest
from django.utils import translation

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.engines.forecast.volume import chance_within
from anlan.forecasting import events
from anlan.forecasting.errors import DayAhead, RecordTooShort
from anlan.forecasting.jobs import forecasts_tick
from anlan.forecasting.models import ForecastAlarm, ForecastRelease, ForecastRun, ForecastScore, ForecastSheet
from anlan.forecasting.packing import unpacked
from anlan.forecasting.rules import MODELS
from anlan.forecasting.selectors import cards, shift_told, spans_ahead
from anlan.forecasting.selectors.audit import flag_prices
from anlan.forecasting.selectors.model_card import facts_of, text_of
from anlan.forecasting.selectors.scores import _level
from anlan.forecasting.selectors.shown import Span
from anlan.forecasting.services import alarms_look, forecast_issue, run_score, runs_thin
from anlan.notices.models import Notice
from forecasting.conftest import EAST, MORNING, local

pytestmark = pytest.mark.django_db

TODAY = MORNING.date()
DAY = timedelta(days=1)


def issue(at, day=TODAY):
    return forecast_issue(day=day, by=SYSTEM, at=at)


def test_a_forecast_tells_what_came_every_day(past, at):
    past(70)
    run = issue(at)
    theft = run.sheets.get(family="theft", places="cell", lead_days=0)
    assert unpacked(theft.means, 3).sum() == pytest.approx(3.0, rel=0.02)
    calls = run.sheets.get(family="calls", lead_days=0)
    assert unpacked(calls.means, 3).sum() == pytest.approx(8.0, rel=0.05)
    assert run.chosen["theft"] == "yearly_mean"


def test_it_is_issued_once_and_stands(past, report, at):
    past(70)
    first = issue(at)
    report("0107", local(2, 9), 50)
    again = issue(at + DAY / 4)
    assert again.pk == first.pk
    assert again.record_sha256 == first.record_sha256
    assert Event.objects.filter(kind=events.RUN_ISSUED).count() == 1


def test_it_is_refused_where_the_record_is_short(past, at):
    past(40)
    with pytest.raises(RecordTooShort, match="56"):
        issue(at)
    assert not ForecastRun.objects.exists()


def test_it_is_refused_for_a_day_whose_eve_is_not_over(past, at):
    past(70)
    with pytest.raises(DayAhead):
        issue(at, TODAY + DAY)


def test_what_comes_later_changes_nothing_of_an_earlier_morning(past, report, at):
    past(70)
    found = issue(at, TODAY - 5 * DAY)
    ForecastRun.objects.all().delete()
    report("0107", local(4, 9), 60, place=EAST)
    again = issue(at, TODAY - 5 * DAY)
    assert again.record_sha256 == found.record_sha256
    assert again.is_replayed


def test_a_day_is_scored_on_what_came_beside_the_bar(past, report, at):
    past(70)
    run = issue(at)
    for hour in (2, 10, 12, 18, 22):
        report("0410", local(0, hour))
    report("0107", local(0, 9), 2)
    report("0107", local(0, 10), place=(120.19, 28.81))  # where nobody ever called from
    later = at + DAY
    assert run_score(run=run, by=SYSTEM, at=later) == 6
    theft = ForecastScore.objects.get(family="theft")
    told = dict(zip(theft.columns, theft.sums, strict=True))
    assert (told["events"], told["outside"], told["hits_5"]) == (3.0, 1.0, 2.0)
    assert told["predicted"] == pytest.approx(3.0, rel=0.02)
    # The one flag of a shift goes to the east by turns, which reports a third: without bounds it would stay west.
    assert theft.hits["shifts"][1] == {"flagged": 1, "hit": 0, "caught": 0, "missed": 3, "plain": 2}
    assert run_score(run=run, by=SYSTEM, at=later) == 0
    (card,) = [card for card in cards() if card.family == "theft"]
    by_need = next(figure for figure in card.figures if figure.key == "capture_5_capped")
    assert (by_need.numerator, by_need.denominator) == (told["hits_5_capped"], 3.0)
    (price,) = [price for price in flag_prices() if price.family == "theft"]
    assert (price.reports, price.caught, price.caught_unbounded) == (3, told["hits_5_capped"], 2)


@pytest.mark.parametrize(
    ("told", "came", "verdict"), [(30, 30, "within"), (36, 30, "chance"), (30, 33, "chance"), (3600, 3000, "beyond")]
)
def test_a_level_outside_its_limits_is_beyond_chance_only_with_reports_enough_to_tell(told, came, verdict):
    sums = {"predicted": np.array([float(told)]), "events": np.array([float(came)])}
    assert _level(sums, sums).verdict == verdict


def test_a_day_that_is_not_wholly_on_record_is_not_scored(past, at):
    past(70)
    run = issue(at)
    assert run_score(run=run, by=SYSTEM, at=at + 4 * DAY) == 0  # silence since: a hole
    assert run.scored_at is None
    run_score(run=run, by=SYSTEM, at=at + 9 * DAY)
    assert run.scored_at is not None
    assert not ForecastScore.objects.exists()


def test_the_worker_issues_scores_and_fills_the_last_fortnight_once(past, at):
    past(80)
    assert forecasts_tick(at=at) > 14
    assert ForecastRun.objects.filter(is_replayed=True).count() == 14
    assert ForecastScore.objects.filter(family="theft").count() == 14
    assert forecasts_tick(at=at) == 0
    (theft,) = [card for card in cards() if card.family == "theft"]
    level = next(figure for figure in theft.figures if figure.key == "level")
    assert level.value == pytest.approx(1.0, abs=0.03)
    assert level.bar == pytest.approx(level.value)  # the bar is what is shown: its own level stands beside
    assert level.verdict == "within"
    assert level.chance == pytest.approx(chance_within(level.denominator))
    assert theft.replayed == 14


def test_before_ten_past_midnight_yesterday_is_still_today(past, at):
    past(70)
    forecasts_tick(at=local(0, 0.1))
    assert not ForecastRun.objects.filter(day=TODAY).exists()


def test_a_level_that_is_off_raises_one_alarm_and_ends_it(past, report, at):
    past(80)
    for day in range(14, 0, -1):
        report("0107", local(day, 9), 6)
    forecasts_tick(at=at)
    alarm = ForecastAlarm.objects.get(family="theft", kind="level")
    assert alarm.value < 0.93
    assert Notice.objects.filter(message="forecasting.drift").exclude(state="withdrawn").count() >= 1
    alarms_look(by=SYSTEM, at=at)
    assert ForecastAlarm.objects.filter(family="theft", kind="level").count() == 1
    came_of_told("theft", 1.0)
    alarms_look(by=SYSTEM, at=at)
    alarm.refresh_from_db()
    assert alarm.ended_at is not None
    # The same of a model that waits for its signature: the alarm is about what is computed, and says so.
    ForecastSheet.objects.filter(family="theft").update(model="stack")
    for release in ForecastRelease.objects.all():
        ForecastRelease.objects.filter(pk=release.pk).update(chosen={**release.chosen, "theft": "stack"})
    came_of_told("theft", 1.5)
    alarms_look(by=SYSTEM, at=at + DAY)
    assert Notice.objects.filter(message="forecasting.drift_unshown").exists()


def came_of_told(family, times):
    """As if so many times what was told had come, on every day scored."""
    for score in ForecastScore.objects.filter(family=family):
        column = score.columns.index("events"), score.columns.index("predicted")
        score.sums[column[0]] = times * score.sums[column[1]]
        score.save()


def test_a_place_with_fewer_than_five_reports_is_told_with_its_station_only(past, report, county, at):
    past(70)
    report("0107", local(8, 9), 4, place=(120.03, 28.85))
    run = issue(at)
    told = shift_told(county.actor("gus", at), run, "theft", Span(TODAY, 1))
    assert told is not None
    assert [place.year for place in told.places] == [140, 70]
    assert {(place.cells, place.year) for place in told.rest} == {(1, 4)}
    assert told.expected == pytest.approx(sum(p.expected for p in (*told.places, *told.rest)))


def test_a_station_sees_its_own_area_only(past, county, at):
    past(70)
    run = issue(at)
    told = shift_told(county.actor("cleo", at), run, "theft", Span(TODAY, 2))
    assert told is not None
    assert {place.station_id for place in (*told.places, *told.rest)} == {county.orgs["east"].pk}
    assert told.expected == pytest.approx(1 / 3, rel=0.05)


def test_only_shifts_that_are_not_over_are_offered(past, at):
    past(70)
    assert [span.label for span in spans_ahead(issue(at), at=local(0, 9))] == [
        "08–16",
        "16–24",
        "00–08",
        "08–16",
        "16–24",
    ]


def test_the_model_card_says_the_runs_own_numbers(past, at):
    past(80)
    run = issue(at)
    with translation.override("en"):
        text = "\n".join(str(line) for section in text_of(facts_of(run)) for line in section.lines)
        names = {model: str(name) for model, name in MODELS.items()}
    for family in ("theft", "dispute", "calls"):
        found = run.card[family]
        shown, name = found["models"][found["shown"]], names[found["shown"]]
        line = next(line for line in text.splitlines() if f"n = {shown['n']}," in line and name in line)
        assert re.search(rf"\b{shown['pred_over_actual']:.2f}\b", line), family
        if family != "calls":
            assert f"{100 * shown['capture_5']:.1f} %" in line
            assert f"{100 * found['models']['yearly_mean']['capture_20']:.1f} %" in line
    assert run.record_sha256[:16] in text
    assert str(run.facts["reports"]) in text


def test_after_400_days_the_cells_go_and_the_scores_stay(past, at):
    past(80)
    forecasts_tick(at=at)
    assert runs_thin(by=SYSTEM, at=at + 450 * DAY) == 15
    assert runs_thin(by=SYSTEM, at=at + 450 * DAY) == 0
    assert ForecastScore.objects.filter(family="theft").count() == 14
    assert np.all([not sheet.means for sheet in ForecastRun.objects.first().sheets.all()])
