"""The figures of the card obey what their definitions promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import poisson

from anlan.engines.forecast.card import day_weights
from anlan.engines.forecast.day_scores import (
    COLUMN,
    Budgets,
    Happened,
    flag_budget,
    poisson_deviance,
    poisson_log_loss,
    ranked_probability,
    ranking,
    score_day,
)
from anlan.engines.forecast.volume import (
    Spread,
    chance_of_so_few,
    chance_within,
    dispersion_before,
    interval_held,
    poisson_ceiling,
    volume_line,
)
from anlan.engines.forecast.weather_table import in_celsius, weather_by_day

SHAPE = (2, 40)
MEANS = arrays(np.float64, SHAPE, elements=st.floats(1e-6, 5.0))
COUNTS = arrays(np.int64, SHAPE, elements=st.integers(0, 6))
BUDGETS = Budgets(cells=40, cell_km2=0.25, rectangle=200)


def scored(means, counts, *, outside=0.0, seed=0):
    noise = np.random.default_rng(seed).random(SHAPE)
    happened = Happened(counts.astype(float), np.array([outside, 0.0]))
    return score_day(means, happened, np.full(2, 0.1), noise, BUDGETS)[0]


@given(MEANS, COUNTS)
@settings(max_examples=40, deadline=None)
def test_more_area_never_catches_less_and_no_map_beats_hindsight(means, counts):
    sums = scored(means, counts)
    hits = [sums[COLUMN[f"hits_{share}"]] for share in (1, 2, 5, 20)]
    assert hits == sorted(hits)
    assert all(sums[COLUMN[f"hits_{share}"]] <= sums[COLUMN[f"best_{share}"]] for share in (1, 2, 5, 20))
    assert sums[COLUMN["hits_20"]] <= sums[COLUMN["events"]]


@given(MEANS, COUNTS, st.floats(0.1, 10.0))
@settings(max_examples=25, deadline=None)
def test_the_map_doesnt_depend_on_the_level(means, counts, factor):
    one, other = scored(means, counts), scored(means * factor, counts)
    assert one[COLUMN["hits_5"]] == other[COLUMN["hits_5"]]


@given(MEANS, COUNTS)
@settings(max_examples=40, deadline=None)
def test_the_true_counts_are_the_only_forecast_without_deviance(means, counts):
    assert poisson_deviance(np.maximum(counts, 1e-12), counts.astype(float)) == pytest.approx(0.0, abs=1e-6)
    assert poisson_deviance(means, counts.astype(float)) >= -1e-9


@given(
    arrays(np.float64, (1, 3), elements=st.floats(1e-4, 8.0)), arrays(np.int64, (1, 3), elements=st.integers(0, 9))
)
@settings(max_examples=30, deadline=None)
def test_scores_agree_with_their_definitions(means, counts):
    log_loss = -poisson.logpmf(counts, means).sum()
    assert poisson_log_loss(means, counts.astype(float)) == pytest.approx(log_loss, rel=1e-9)
    numbers = np.arange(60)
    slow = sum(
        ((poisson.cdf(numbers, mean) - (count <= numbers)) ** 2).sum()
        for mean, count in zip(means.ravel(), counts.ravel(), strict=True)
    )
    assert ranked_probability(means, counts.astype(float)) == pytest.approx(slow, rel=1e-9, abs=1e-12)


def test_equal_cells_are_drawn_by_lot_and_the_lot_is_the_same_for_all():
    flat = np.ones((1, 1000))
    noise = np.random.default_rng(1).random((1, 1000))
    first = ranking(flat, noise)[0, :50]
    assert not np.array_equal(np.sort(first), np.arange(50))
    assert np.array_equal(first, ranking(flat * 7, noise)[0, :50])


def test_five_percent_of_the_cells_is_rounded_and_never_none():
    assert [flag_budget(cells, 5) for cells in (1, 9, 30, 210, 4517)] == [1, 1, 2, 10, 226]


def test_events_outside_the_active_cells_count_and_nobody_catches_them():
    sums = scored(np.ones(SHAPE), np.ones(SHAPE), outside=5.0)
    assert sums[COLUMN["events"]] == 85
    assert sums[COLUMN["best_20"]] <= 80


def test_the_whole_rectangle_as_denominator_catches_more_for_nothing():
    """Forty active cells in a rectangle of two hundred: "20 %" of that flags every active cell."""
    sums = scored(np.ones(SHAPE), np.ones(SHAPE))
    assert sums[COLUMN["hits_area_20"]] == 80
    assert sums[COLUMN["hits_20"]] == 16


def test_redrawn_days_keep_their_number_and_the_first_row_is_what_was():
    weights = day_weights(7, seed=3, draws=50)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 7).all()


@given(st.floats(0.05, 60.0), st.floats(1.0, 3.0))
@settings(max_examples=8, deadline=None)
def test_an_honest_interval_holds_eighty_percent_whatever_the_mean(mean, dispersion):
    spread = Spread(mean, dispersion)
    numbers = np.arange(0, 300)
    mass = np.diff([0.0, *(spread.below(float(n)) for n in numbers)])
    held = sum(m * interval_held(spread, float(n))[0] for n, m in zip(numbers, mass, strict=True) if m > 1e-12)
    assert held == pytest.approx(0.8, abs=2e-3)


def test_the_ceiling_of_small_counts_is_what_poisson_allows():
    """For a mean of one event the best 1-WAPE is 26 %, for 20 it is 82 %, for half an event nothing."""
    for mean, ceiling in ((0.5, 0.0), (1.0, 0.26), (20.0, 0.82), (100.0, 0.92)):
        assert poisson_ceiling(np.array([mean])) == pytest.approx(ceiling, abs=0.006)


def test_the_width_of_an_interval_is_learnt_from_earlier_days_only():
    predicted = np.full(30, 10.0)
    actual = np.full(30, 10.0)
    wild = actual.copy()
    wild[20:] = 40.0
    calm, later = dispersion_before(predicted, actual), dispersion_before(predicted, wild)
    assert np.array_equal(calm[:21], later[:21])
    assert later[29] > 5 * calm[29]


@pytest.mark.parametrize("scatter", [1.0, 2.5, 6.0])
def test_intervals_hold_eighty_percent_of_days_whatever_their_scatter(scatter):
    """Days of a mean of 60 calls, negative binomial; the first 40 only teach."""
    rng = np.random.default_rng(7)
    mean = np.full(240, 60.0)
    shape = 60.0 / max(1e-6, scatter - 1.0)
    counts = rng.poisson(mean if scatter == 1.0 else rng.gamma(shape, 60.0 / shape, 240)).astype(float)
    assert 0.75 <= volume_line(mean, counts, 200)["coverage_80"] <= 0.85


def test_a_level_that_broke_once_does_not_widen_intervals_for_months():
    """Ten days at two thirds before the level was followed, then calm ones: forty days later the width is back."""
    rng = np.random.default_rng(1)
    mean = np.full(160, 100.0)
    counts = rng.poisson(100.0, 160).astype(float)
    counts[50:60] = rng.poisson(66.0, 10)
    told = dispersion_before(mean, counts)
    assert told[60] > 3.0
    assert told[100:].max() < 2.5
    assert 0.72 <= volume_line(mean, counts, 60)["coverage_80"] <= 0.88


def test_months_of_few_calls_miss_the_limits_by_chance():
    """30 calls: 28 (1.071) is out and 29 to 32 (0.9375) are in; of 3,000 nearly every month is."""
    mass = sum(math.exp(-30.0 + k * math.log(30.0) - math.lgamma(k + 1)) for k in range(29, 33))
    assert chance_within(30.0) == pytest.approx(mass)
    assert chance_within(3000.0) > 0.999
    assert chance_within(0.0) == 0.0


def test_a_miss_is_told_from_chance_by_how_seldom_exact_means_miss_as_often():
    assert chance_of_so_few(1, [0.5, 0.5]) == pytest.approx(0.75)
    assert chance_of_so_few(0, [0.9, 0.5, 0.2]) == pytest.approx(0.1 * 0.5 * 0.8)
    assert chance_of_so_few(7, [chance_within(5000.0)] * 8) < 0.001  # one of eight large months out is no chance
    assert chance_of_so_few(8, [0.63] * 13) > 0.4  # five of thirteen small ones are
    assert chance_of_so_few(0, []) == 1.0


def test_fahrenheit_is_put_right_and_gaps_stay_gaps():
    celsius, name, was_f = in_celsius("tmax", np.array([50.0, 104.0, math.nan]))
    assert (name, was_f) == ("tmax_c", True)
    assert celsius[:2] == pytest.approx([10.0, 40.0])
    assert math.isnan(celsius[2])
    assert in_celsius("tmin_f", np.array([32.0]))[0] == pytest.approx([0.0])
    assert in_celsius("tmax_c", np.array([31.0]))[1:] == ("tmax_c", False)
    weather, notes = weather_by_day(np.array([1, 2, 2]), {"prcp_mm": np.array([0.0, math.nan, 3.0])})
    assert weather.observed["prcp_mm"].tolist() == [0.0, 3.0]
    assert notes == [
        {"note": "weather_gaps", "column": "prcp_mm", "days": 1},
        {"note": "weather_without_forecasts", "days": 3},
    ]


def test_a_forecast_of_the_weather_is_known_from_the_day_it_was_issued():
    day, issued = np.array([10, 11, 11]), np.array([9, 9, 10])
    weather, _ = weather_by_day(day, {"prcp_mm": np.array([1.0, 2.0, 3.0])}, issued=issued)
    assert weather.until(9).expected_for(11) == {"prcp_mm": 2.0}
    assert weather.until(11).expected_for(11) == {"prcp_mm": 3.0}
    assert weather.until(8).expected_for(10) == {}
