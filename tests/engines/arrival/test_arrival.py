"""Arrival times: shrinkage by hand, truth found again, promises kept on days not seen, and no cliff of age."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.arrival import LogRate, Trips, arrival_fit, calibration, fit_from, hour_band, rates_shrunk

FLAT = LogRate(0.0, 1.0, 0)


def trips(n, *, seed, turn_s=50.0, turn_spread=0.5, factor=1.3, spread=0.25, drift=0.0, hidden=None):
    """Trips of one true agency: lognormal turn-out and driving; a position ``a`` old is ``drift * a`` off."""
    rng = np.random.default_rng(seed)
    travel = rng.uniform(60, 900, n)
    turnout = turn_s * np.exp(rng.normal(0, turn_spread, n))
    age = rng.exponential(60, n)
    drive = np.array(["slow" if hidden and x else "usual" for x in rng.random(n) < 0.3])
    scale = np.where(drive == "slow", hidden or 1.0, 1.0)
    actual = turnout + travel * factor * scale * np.exp(rng.normal(0, spread, n)) + rng.normal(0, 1, n) * drift * age
    groups = [("car", str(name)) for name in drive]
    known = np.where(rng.random(n) < 0.8, turnout, np.nan)
    return Trips(travel, np.zeros(n), np.maximum(actual, 20.0), known, age, [("free",)] * n, groups)


def test_a_group_of_two_is_drawn_to_its_parent_by_hand():
    # logs 1 and 1 in "a", 0 twice in "b"; strength 2: all = (2 + 2*0)/(4+2) = 1/3, "a" = (2 + 2/3)/(2+2) = 2/3
    values = [np.e, np.e, 1.0, 1.0]
    rates = rates_shrunk(values, [("a",), ("a",), ("b",), ("b",)], prior=FLAT, strength=2.0)
    assert rates[()].mu == pytest.approx(1 / 3)
    assert rates[("a",)].mu == pytest.approx(2 / 3)
    assert rates[("b",)].mu == pytest.approx((2 / 3) / 4)
    assert (rates[()].n, rates[("a",)].n) == (4, 2)


def test_nothing_seen_gives_the_stated_priors():
    none = trips(0, seed=1)
    p50, p90 = arrival_fit(none).quantiles([300], [0], [0], turn=("free",), drive=("car",))
    assert 330 < p50[0] < 360
    assert p90[0] > p50[0]


def test_the_truth_is_found_again():
    fit = arrival_fit(trips(4000, seed=2))
    assert np.exp(fit.turnout[()].mu) == pytest.approx(50, rel=0.05)
    assert np.exp(fit.drive[()].mu) == pytest.approx(1.3, rel=0.03)


@pytest.mark.parametrize("world", [{}, {"hidden": 1.8}, {"drift": 0.5}, {"turn_spread": 1.2}, {"spread": 0.6}])
def test_nine_in_ten_arrive_within_what_is_promised_on_days_not_seen(world):
    fit = arrival_fit(trips(3000, seed=3, **world))
    later = trips(3000, seed=4, **world)
    kept = calibration(later.actual_s, fit.quantiles_of(later)[1])
    assert 0.88 <= kept.share <= 0.92


def test_a_promise_made_too_short_is_seen():
    # the planted fault: everybody takes half as long again as what was learned
    fit, later = arrival_fit(trips(2000, seed=3)), trips(2000, seed=4, factor=1.95)
    assert calibration(later.actual_s, fit.quantiles_of(later)[1]).share < 0.75


def test_an_older_position_spreads_the_time_without_a_cliff():
    fit = arrival_fit(trips(3000, seed=5, drift=0.5))
    ages = np.arange(0, 1801, 30.0)
    p50, p90 = fit.quantiles(np.full(len(ages), 300.0), np.zeros(len(ages)), ages, turn=("free",), drive=("car",))
    assert np.ptp(p50) == pytest.approx(0.0)
    steps = np.diff(p90)
    assert (steps >= 0).all()
    assert steps.max() < 60


def test_buttons_pressed_late_or_never_teach_nothing():
    good = trips(500, seed=6)
    junk = trips(50, seed=7)
    late = np.full(len(junk), 90_000.0)
    good_columns = (good.travel_s, good.walk_s, good.actual_s, good.turnout_s, good.fix_age_s)
    junk_columns = (junk.travel_s, junk.walk_s, late, junk.turnout_s, junk.fix_age_s)
    columns = [np.concatenate(pair) for pair in zip(good_columns, junk_columns, strict=True)]
    both = Trips(*columns, [*good.turn, *junk.turn], [*good.drive, *junk.drive])
    assert arrival_fit(both).content() == arrival_fit(good).content()


def test_what_is_kept_gives_the_same_times():
    fit = arrival_fit(trips(300, seed=8))
    ask = {"turn": ("free",), "drive": ("car", "never seen")}
    for one, other in zip(
        fit.quantiles([100, np.inf], [0, 0], [9, 9], **ask),
        fit_from(fit.content()).quantiles([100, np.inf], [0, 0], [9, 9], **ask),
        strict=True,
    ):
        assert one[0] == pytest.approx(other[0], rel=1e-3)
        assert np.isinf(one[1])


def test_hours_fall_into_four_bands():
    assert [hour_band(hour) for hour in (0, 6, 7, 9, 10, 16, 17, 23)] == [
        "night", "night", "morning", "morning", "day", "day", "evening", "evening",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: rates_shrunk([1.0], [], prior=FLAT),
        lambda: rates_shrunk([0.0], [()], prior=FLAT),
        lambda: calibration([1.0], []),
        lambda: Trips(*[np.zeros(2)] * 5, [()], [(), ()]),
    ],
)
def test_it_refuses_what_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=r"needed|above 0|needs"):
        wrong()


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 3600), st.floats(0, 3600), st.floats(0, 600))
def test_farther_is_never_sooner_and_the_worst_never_before_the_median(near, more, age):
    fit = arrival_fit(trips(0, seed=1))
    p50, p90 = fit.quantiles([near, near + more], [0, 0], [age, age], turn=(), drive=())
    assert p50[1] >= p50[0] - 1e-6
    assert (p90 >= p50).all()


def test_a_bad_day_widens_the_interval_and_even_days_do_not():
    # five days of twenty trips, nine in ten inside: on paper half of it is 2.776 * the spread of the days' shares
    even, day = ([1.0] * 18 + [3.0] * 2) * 5, [k // 20 for k in range(100)]
    plain, by_day = calibration(even, [2.0] * 100), calibration(even, [2.0] * 100, days=day)
    assert (plain.low, plain.high) == (by_day.low, by_day.high)
    bad_day = [1.0] * 80 + [1.0] * 10 + [3.0] * 10
    told = calibration(bad_day, [2.0] * 100, days=day)
    assert (told.inside, told.n) == (90, 100)
    # off by 2 trips on four days and by -8 on one: sqrt(5/4 * (4*4 + 64)) / 100 = 0.1
    assert told.low == pytest.approx(0.9 - 2.776 * 0.1, abs=1e-3)
    assert told.high == 1.0


def test_one_day_alone_says_nothing_of_others():
    assert calibration([1.0, 3.0], [2.0, 2.0], days=["a", "a"]) == calibration([1.0, 3.0], [2.0, 2.0])
