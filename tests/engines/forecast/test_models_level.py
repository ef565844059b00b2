"""The city's level: calendar, what came lately against what was expected, and nothing from tomorrow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anlan.engines.forecast import Grid, History, series_of
from anlan.engines.forecast.history import Weather
from anlan.engines.forecast.models.level import Ratio, Ratios, Terms, fit_level, fit_levels, poisson_ridge

GRID = Grid(cell_m=500, lon0=115.8, lat0=28.6, nx=2, ny=1, lat_mid=28.6)


def calls(by_day_and_shift: np.ndarray, *, watched: np.ndarray | None = None) -> History:
    days, shifts = by_day_and_shift.shape
    day, shift = (np.repeat(index.reshape(-1), by_day_and_shift.reshape(-1)) for index in np.indices((days, shifts)))
    held = series_of(day, shift, np.zeros(len(day), dtype=np.int32))
    known = np.arange(days, dtype=np.int32) if watched is None else watched.astype(np.int32)
    return History(GRID, np.arange(2, dtype=np.int32), shifts, {"theft": held}, held, known, days)


def test_a_ratio_forgets_half_in_a_half_life_and_stays_near_one_on_little() -> None:
    ratio = Ratio(10.0)
    ratio.add(200.0, 100.0)
    assert ratio.value() == pytest.approx((200 + 10) / (100 + 10))
    ratio.pass_days(10)
    assert ratio.value() == pytest.approx((100 + 10) / (50 + 10))
    assert Ratio(10.0, 2.0, 0.1).value() < 1.2


def followed(counts: list[float]) -> Ratios:
    """The ratios after days on which 100 calls were to be expected and so many came."""
    ratios = Ratios()
    for came in counts:
        ratios.pass_days(1)
        ratios.add(came, 100.0)
    return ratios


def test_a_level_that_breaks_is_followed_two_thirds_of_the_way_in_a_week_and_wholly_in_three() -> None:
    calm = [95.0, 105.0] * 60
    assert followed([*calm, *[60.0] * 7]).value() < 0.735
    assert followed([*calm, *[60.0] * 21]).value() == pytest.approx(0.6, abs=0.03)
    slow = Ratio(30.0)
    for came in [*calm, *[60.0] * 7]:
        slow.pass_days(1)
        slow.add(came, 100.0)
    assert slow.value() > 0.9  # one slow ratio alone would still say nine tenths


def test_one_busy_day_shakes_a_calm_level_little() -> None:
    assert followed([*[95.0, 105.0] * 60, 200.0]).value() < 1.1


def test_the_regression_finds_rates_it_was_fed() -> None:
    design = np.tile(np.eye(2), (100, 1))
    counts = np.tile([3.0, 12.0], 100)
    start, beta = poisson_ridge(design, counts, np.ones(200), np.full(2, 1e-6))
    assert np.exp(start + beta) == pytest.approx([3.0, 12.0], rel=1e-4)


def test_a_steady_city_is_forecast_at_its_mean_by_shift() -> None:
    level = fit_level(calls(np.tile([2, 5, 8], (60, 1))), "theft")
    history = calls(np.tile([2, 5, 8], (60, 1)))
    assert level.base(history, 60) * level.ratio.value() == pytest.approx([2.0, 5.0, 8.0], rel=0.03)


def test_a_city_that_doubles_is_followed_within_weeks() -> None:
    counts = np.concatenate([np.full((200, 1), 20), np.full((40, 1), 40)])
    levels = fit_levels(calls(counts).until(200))
    (told,) = levels.expected(calls(counts))
    assert 33.0 < told[0] < 41.0


def test_unwatched_days_are_unknown_and_not_zero() -> None:
    counts = np.full((100, 1), 10)
    counts[50:80] = 0
    watched = np.r_[0:50, 80:100]
    (told,) = fit_levels(calls(counts, watched=watched)).expected(calls(counts, watched=watched))
    assert told[0] == pytest.approx(10.0, rel=0.05)


def test_the_year_is_told_from_the_weekday_only_after_most_of_a_year() -> None:
    for days, waves in ((60, 0), (400, 1), (700, 2)):
        assert fit_level(calls(np.full((days, 1), 4)), "theft").terms.waves == waves


def test_a_holiday_has_a_term_of_its_own_and_a_make_up_day_another() -> None:
    terms = Terms(shifts=1, waves=0)
    monday, saturday = 4, 9
    assert terms.design(monday, 2)[0, -2:].tolist() == [1.0, 0.0]
    assert terms.design(saturday, 3)[0, -2:].tolist() == [0.0, 1.0]
    assert terms.design(saturday, 1)[0, -2:].tolist() == [0.0, 0.0]


def test_the_level_is_the_same_whether_days_were_asked_for_one_by_one_or_at_once() -> None:
    random = np.random.default_rng(5)
    counts = random.poisson(6.0, (120, 2))
    history = calls(counts)
    one, jump = fit_levels(history.until(80)), fit_levels(history.until(80))
    for day in range(80, 120):
        one.expected(history.until(day))
    assert (one.expected(history)[0] == jump.expected(history)[0]).all()


def test_no_call_at_all_is_a_level_near_nothing() -> None:
    (told,) = fit_levels(calls(np.zeros((30, 3), dtype=np.int64))).expected(calls(np.zeros((30, 3), dtype=np.int64)))
    assert (told >= 0).all()
    assert told.sum() < 0.01


def rainy(days: int, *, forecast: dict[int, float]) -> History:
    """Every fifth day it rains 20 mm, and half as many people call."""
    rain = np.where(np.arange(days) % 5 == 0, 20.0, 0.0)
    counts = np.where(rain > 0, 10, 20)[:, None]
    told = np.array(list(forecast), dtype=np.int32)
    weather = Weather(
        np.arange(days, dtype=np.int32), {"prcp_mm": rain}, told, told, {"prcp_mm": np.array(list(forecast.values()))}
    )
    return replace(calls(counts), weather=weather)


def test_a_wet_day_foretold_halves_the_calls_and_a_dry_one_does_not() -> None:
    told = {}
    for rain in (0.0, 20.0):
        history = rainy(301, forecast={301: rain})
        told[rain] = float(fit_levels(history).expected(history)[0][0])
    assert told[20.0] / told[0.0] == pytest.approx(0.55, abs=0.1)


def test_without_a_weather_forecast_the_calendar_speaks_alone() -> None:
    blind = rainy(301, forecast={})
    gap = rainy(301, forecast={301: float("nan")})
    none = replace(blind, weather=None)
    told = [float(fit_levels(each).expected(each)[0][0]) for each in (blind, gap, none)]
    assert told[0] == told[1] == told[2]
