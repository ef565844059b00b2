"""Weather, handling and the two-year history of the fictional county."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.county.handling import (
    FEEDBACK_BUCKETS,
    RESULTS,
    feedback_delay_s,
    handle_call,
    result_rows,
    sign_delay_s,
)
from anlan.engines.county.history import History, history
from anlan.engines.county.mix import MIX
from anlan.engines.county.records import County
from anlan.engines.county.seasons import FESTIVAL, HOLIDAY, WEEKEND, WORKDAY, day_kind, wage_season
from anlan.engines.county.weather import weather_series

UNTIL = datetime(2026, 6, 30, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def past(county: County) -> History:
    return history(county, until=UNTIL, days=120, seed=5)


def test_the_history_is_the_same_from_the_same_seed(county: County, past: History) -> None:
    again = history(county, until=UNTIL, days=120, seed=5)
    for name in ("first_calls", "track", "unit"):
        assert (getattr(again, name) == getattr(past, name)).all()
    assert again.handling.travel_s.tobytes() == past.handling.travel_s.tobytes()
    assert again.calls.called_at_s.tobytes() == past.calls.called_at_s.tobytes()
    other = history(county, until=UNTIL, days=120, seed=6)
    assert other.calls.called_at_s.tobytes() != past.calls.called_at_s.tobytes()


def test_every_valid_first_call_is_handled_and_no_other(past: History) -> None:
    rows = past.first_calls
    assert (past.calls.nth[rows] == 0).all()
    assert not np.char.startswith(past.calls.codes()[rows], "90").any()
    assert len(past.unit) == len(past.track) == len(past.handling.result) == len(rows)


def test_danger_is_never_diverted(past: History) -> None:
    dangerous = [k for k, row in enumerate(past.first_calls.tolist()) if past.calls.row(row).truth.danger]
    assert len(dangerous) > 300
    assert set(past.track[dangerous].tolist()) == {"P"}


def test_police_go_to_police_calls_and_street_teams_to_community_calls(county: County, past: History) -> None:
    agency = np.array([unit.agency for unit in county.units])
    assert (past.unit[past.track == "T"] == -1).all()
    assert set(agency[past.unit[past.track == "C"]].tolist()) == {"community"}
    assert set(agency[past.unit[np.isin(past.track, ["P", "J"])]].tolist()) == {"police"}


def test_the_boat_is_kept_as_data_and_never_sent(county: County, past: History) -> None:
    boat = [k for k, unit in enumerate(county.units) if unit.vehicle_class == "boat"]
    assert len(boat) == 1
    assert boat[0] not in past.unit


def test_signing_and_feedback_follow_the_published_shares() -> None:
    rng = np.random.default_rng(1)
    signed = (sign_delay_s(rng, 40_000) <= 30).mean()
    assert abs(signed - 0.976) < 0.006
    late = feedback_delay_s(rng, 40_000)
    for low, high, share in FEEDBACK_BUCKETS:
        assert abs(((late >= low) & (late < high)).mean() - share) < 0.012


def test_one_call_is_handled_the_same_way_for_the_same_key_and_urgent_ones_leave_sooner() -> None:
    one = handle_call(seed=1, key=42, code="0401", urgent=False, travel_s=300.0)
    assert one == handle_call(seed=1, key=42, code="0401", urgent=False, travel_s=300.0)
    assert one != handle_call(seed=1, key=43, code="0401", urgent=False, travel_s=300.0)
    assert handle_call(seed=1, key=42, code="0401", urgent=True, travel_s=300.0).turnout_s < one.turnout_s
    assert one.result in RESULTS


def test_few_orders_are_refused() -> None:
    many = [handle_call(seed=1, key=k, code="0302", urgent=False, travel_s=60.0).refused for k in range(4000)]
    assert 0.008 < sum(many) / len(many) < 0.024


def test_every_code_has_a_result() -> None:
    rng = np.random.default_rng(2)
    codes = [mix.code for mix in MIX for _ in range(50)]
    rows = result_rows(rng, codes)
    assert rows.min() >= 0
    assert rows.max() < len(RESULTS)
    found = {RESULTS[row] for row, code in zip(rows.tolist(), codes, strict=True) if code == "0601"}
    assert "person_found" in found


@given(offset=st.integers(0, 9000), hours=st.integers(1, 400))
def test_the_weather_of_an_hour_does_not_depend_on_the_span_asked_for(offset: int, hours: int) -> None:
    start = datetime(2024, 12, 1, tzinfo=UTC)
    whole = weather_series(3, start=start, end=start + timedelta(hours=9400))
    part = weather_series(3, start=start + timedelta(hours=offset), end=start + timedelta(hours=offset + hours))
    assert (part.rain_mm == whole.rain_mm[offset : offset + hours]).all()
    assert (part.temperature_c == whole.temperature_c[offset : offset + hours]).all()


def test_the_weather_is_that_of_the_lower_yangtze() -> None:
    start = datetime(2023, 12, 31, 16, tzinfo=UTC)
    series = weather_series(1, start=start, end=start + timedelta(days=731))
    day = np.arange(len(series.rain_mm)) // 24
    month = np.array([(date(2024, 1, 1) + timedelta(days=int(d))).month for d in day])
    assert 3 < series.temperature_c[month == 1].mean() < 9
    assert 27 < series.temperature_c[month == 7].mean() < 33
    assert 1000 < series.rain_mm.sum() / 2 < 2300
    assert (series.rain_mm >= 0).all()
    assert (series.wind_ms > 0).all()
    assert series.hour_index(start + timedelta(hours=5, minutes=59)) == 5
    with pytest.raises(IndexError):
        series.hour_index(start - timedelta(minutes=1))


def test_wages_are_fought_over_most_in_the_weeks_before_spring_festival() -> None:
    assert wage_season(date(2026, 2, 3)) > 2.5
    assert wage_season(date(2026, 3, 3)) == 1.0


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 17), FESTIVAL),
        (date(2026, 10, 3), HOLIDAY),
        (date(2026, 9, 25), HOLIDAY),
        (date(2026, 6, 20), WEEKEND),
        (date(2026, 6, 23), WORKDAY),
    ],
)
def test_days_are_workdays_weekends_holidays_or_the_festival(day: date, kind: int) -> None:
    assert day_kind(day) == kind
