"""What a forecast is made from: citizens' reports only, whole days only, and never what may not be forecast."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.forecasting.rules import days_complete, forecast_place, holes_in
from anlan.forecasting.selectors.record import day_kinds, day_number, record_kept
from anlan.places.services import Reading, weather_take
from anlan.reports.rules import heat_place
from anlan.tagging.selectors import incident_types
from forecasting.conftest import EAST, MORNING, WEST, local

pytestmark = pytest.mark.django_db

TODAY = MORNING.date()


def kept(at):
    return record_kept(end=TODAY, heard_at=at)


def test_a_flood_of_what_officers_entered_changes_no_bit(past, report, at):
    past(20)
    before = kept(at).sha256
    report("0107", local(3, 9), 500, origin="patrol")
    report("0107", local(3, 9), 300, origin="device")
    assert kept(at).sha256 == before
    report("0107", local(3, 9))
    assert kept(at).sha256 != before


@pytest.mark.parametrize("code", ["0109", "0801", "1001", "1202", ""])
def test_what_may_not_be_forecast_never_leaves_the_store(past, report, at, code):
    past(20)
    before = kept(at).sha256
    report(code, local(3, 9), 40)
    assert kept(at).sha256 == before


def test_violence_at_home_counts_in_the_stations_total_only(past, report, at):
    past(20)
    before = kept(at)
    report("0204", local(3, 9), 7)
    after = kept(at)
    assert len(after.calls.series["calls"]) == len(before.calls.series["calls"]) + 7
    assert len(after.record.history.all_events) == len(before.record.history.all_events)


def test_the_wall_board_and_the_forecast_leave_out_the_same_types(county):
    assert [forecast_place(row.code) for row in incident_types()] == [
        heat_place(row.code) for row in incident_types()
    ]


def test_merged_and_invalid_reports_are_none(past, report, at):
    past(20)
    before = kept(at).sha256
    report("0107", local(3, 9), is_valid=False)
    assert kept(at).sha256 == before


def test_the_day_of_the_first_report_is_not_whole_and_today_is_not_over(past, report, at):
    past(20)
    report("0107", local(0, 0.5), 5)
    days = kept(at).record.history.days
    assert len(days) == 19
    assert days[-1] == day_number(TODAY) - 1


def test_days_in_a_hole_are_unknown_and_not_empty(past, at):
    past(70, until=30)
    past(23)
    found = kept(at)
    assert found.days == 69 - 8  # the six silent days, and the evening and the morning around them
    assert len(found.holes) == 1
    assert found.holes[0][0] == local(30, 22)


def test_a_quiet_night_is_no_hole():
    hours = np.sort(np.concatenate([24.0 * day + np.array([9.0, 12.0, 15.0, 18.0]) for day in range(60)]))
    assert holes_in(hours, 60) == []
    assert days_complete([], first=0, days=3).tolist() == [False, True, True]


def test_reports_without_a_place_are_told_and_left_out_of_the_map(past, report, at):
    past(20)
    before = kept(at)
    report("0107", local(3, 9), 4, place=None)
    after = kept(at)
    assert after.unplaced - before.unplaced == 4
    assert len(after.calls.series["calls"]) == len(before.calls.series["calls"]) + 4


def test_cells_belong_to_the_station_that_answers_for_them(past, county, at):
    past(20)
    found = kept(at)
    stations = dict(zip(found.record.history.active.tolist(), found.station_of.tolist(), strict=True))
    cell_of = found.record.history.grid.to_cell
    west, east = (int(cell_of(np.array([lon]), np.array([lat]))[0]) for lon, lat in (WEST, EAST))
    assert stations == {west: county.orgs["west"].pk, east: county.orgs["east"].pk}


def test_a_make_up_saturday_is_a_working_day():
    kinds = day_kinds(TODAY.replace(month=2, day=1), TODAY.replace(month=2, day=28))
    assert 3 in kinds.values()  # before or after Spring Festival 2026 a weekend is worked
    assert 2 in kinds.values()


def test_weather_heard_later_plays_no_part(past, at):
    past(20)
    tomorrow = [at + timedelta(hours=hour) for hour in range(1, 30)]
    readings = [Reading(valid_at=hour, issued_at=at, temperature_c=20.0, rain_mm_h=2.0) for hour in tomorrow]
    assert kept(at).record.history.weather is None
    weather_take(source="test", readings=readings, warnings=[], is_synthetic=True, by=SYSTEM, at=at)
    heard = kept(at).record.history.weather
    assert heard is not None
    assert heard.expected_for(day_number(TODAY))["prcp_mm"] > 20
    assert record_kept(end=TODAY, heard_at=at - timedelta(hours=1)).record.history.weather is None


def test_days_are_those_of_the_clock_on_the_wall(past, report, at):
    past(20)
    report("0107", timezone.make_aware(MORNING.replace(hour=0, minute=5)) - timedelta(days=3), place=EAST)
    series = kept(at).record.history.series["theft"]
    assert (series.shift == 0).sum() == 1
    assert series.day[series.shift == 0].tolist() == [day_number(TODAY) - 3]
