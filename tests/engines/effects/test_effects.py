"""Trials of extra visits: worked on paper, by a second slow way, and by trials in which the truth is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.effects import (
    Block,
    EffectsRefused,
    Tally,
    arms_of,
    blocks_apart,
    chance_of,
    coins_draw,
    coverage_runs,
    design_make,
    effect_of,
    flips_draw,
    harm_looks,
    least_fall,
    placebo_runs,
    rings_of,
    scatter_of,
    tally,
)
from anlan.engines.intervals import wilson_interval


def every(days):
    return np.ones(days, dtype=bool)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(2, 7),
    days=st.integers(12, 30),
    kind=st.sampled_from(["switchback", "crossover"]),
    seed=st.integers(0, 10**6),
)
def test_every_day_half_the_blocks_and_every_block_on_half_its_days(n, days, kind, seed):
    if kind == "crossover":
        n += 12  # two periods only: coins come from pairs of blocks
    design = design_make(kind, expected=[1.0 + k for k in range(n)], days=days)
    arms = arms_of(design, coins_draw(design, seed=seed), n_blocks=n)
    took = arms[(arms >= 0).any(axis=1)]
    assert len(took) == n // 2 * 2
    assert (took.sum(axis=0) == len(took) // 2).all()
    assert (took.sum(axis=1) == design.days // 2).all()
    assert (arms == arms_of(design, coins_draw(design, seed=seed), n_blocks=n)).all()


def test_blocks_of_like_calls_stand_beside_each_other_and_the_odd_one_stays_out():
    design = design_make("switchback", expected=[1.0, 9.0, 5.0, 8.0, 4.0], days=8)
    assert design.pairs == ((1, 3), (2, 4))


@pytest.mark.parametrize(
    ("expected", "more", "code"),
    [
        ([], {}, "no_blocks"),
        ([3.0], {}, "one_block"),
        ([3.0, 2.0], {"days": 10}, "too_few_coins"),
        ([3.0, 2.0], {"days": 0}, "too_few_coins"),
        ([3.0, 2.0], {"washout_days": 1}, "no_counted_days"),
    ],
)
def test_what_cannot_be_told_from_chance_is_not_begun(expected, more, code):
    with pytest.raises(EffectsRefused) as refused:
        design_make("switchback", expected=expected, **{"days": 28, **more})
    assert refused.value.code == code


def test_three_coins_on_paper():
    # Differences 1, 2, 3: of the eight signs two make 6 or -6, four make 4 or more away from zero.
    assert chance_of(np.array([1, 2, 3])) == pytest.approx(2 / 8)
    assert chance_of(np.array([-1, 2, 3])) == pytest.approx(4 / 8)
    assert chance_of(np.array([0, 0])) == 1.0


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9))
def test_the_exact_chance_is_that_of_throwing_all_coins(differences):
    sums = [sum(s * d for s, d in zip(signs, differences, strict=True)) for signs in _signs(len(differences))]
    far = sum(abs(one) >= abs(sum(differences)) for one in sums) / len(sums)
    assert chance_of(np.array(differences)) == pytest.approx(far)


def _signs(n):
    return list(itertools.product((1, -1), repeat=n))


def test_a_tally_on_paper():
    # Two blocks, two days, the coin says: block 0 first. Extra visits: 5 on day 0, 2 on day 1; usual: 3 and 4.
    design = design_make("switchback", expected=[2.0, 2.0], days=12)
    counts = np.zeros((2, 12), dtype=np.int64)
    counts[:, :2] = [[5, 4], [3, 2]]
    coins = np.ones((1, 6), dtype=np.int8)
    told = tally(design, coins, counts, known=every(12))
    assert (told.extra[0], told.usual[0], told.days) == (7, 7, 12)
    turned = tally(design, -coins, counts, known=every(12))
    assert (turned.extra[0], turned.usual[0]) == (7, 7)
    counts[0, 0] = 6
    assert tally(design, -coins, counts, known=every(12)).usual[0] == 8


def test_a_day_off_the_record_takes_its_partner_with_it():
    design = design_make("switchback", expected=[2.0, 2.0], days=12)
    known = every(12)
    known[4] = False
    told = tally(design, coins_draw(design, seed=1), np.ones((2, 12), dtype=np.int64), known=known)
    assert (told.days, told.extra.tolist(), told.usual.sum()) == (10, [2, 2, 0, 2, 2, 2], 10)
    with pytest.raises(EffectsRefused, match="no_counted_days"):
        tally(design, coins_draw(design, seed=1), np.ones((2, 12), dtype=np.int64), known=~every(12))


def test_washout_days_count_in_neither_arm():
    design = design_make("switchback", expected=[2.0] * 4, days=24, period_days=3, washout_days=1)
    told = tally(design, coins_draw(design, seed=1), np.ones((4, 24), dtype=np.int64), known=every(24))
    assert (told.days, told.extra.sum(), told.usual.sum()) == (16, 32, 32)


def test_the_interval_is_where_the_test_itself_begins_to_reject():
    extra, usual = np.array([4, 7, 5, 3, 6, 4, 5, 2]), np.array([6, 9, 8, 7, 6, 9, 4, 8])
    flips = np.array(_signs(8), dtype=float)
    found = effect_of(Tally(extra, usual, 16), blocks=2, flips=flips)
    assert found.ratio == pytest.approx(36 / 57)
    for edge in (found.low, found.high):
        inside, outside = (edge * step if edge > found.ratio else edge / step for step in (0.999, 1.001))
        assert [_share(extra, usual, ratio) > 0.05 for ratio in (inside, outside)] == [True, False]
    assert (found.p <= 0.05) == (not found.low <= 1 <= found.high)


def _share(extra, usual, ratio):
    """The slow way: every throw of the coins, one by one."""
    parts = extra / ratio**0.5 - usual * ratio**0.5
    sums = [abs(np.dot(signs, parts)) for signs in _signs(len(parts))]
    return (1 + sum(one >= abs(parts.sum()) * (1 - 1e-12) for one in sums)) / (len(sums) + 1)


def test_calls_left_out_by_lot_bring_the_sides_together_at_the_ratio_seen():
    extra, usual = np.array([4, 7, 5, 3, 6, 4, 5, 2]), np.array([6, 9, 8, 7, 6, 9, 4, 8])
    flips = np.array(_signs(8), dtype=float)
    found = effect_of(Tally(extra, usual, 16), blocks=2, flips=flips, seed=3)
    turned = effect_of(Tally(usual, extra, 16), blocks=2, flips=flips, seed=3)
    assert found.low < 36 / 57 < found.high
    assert turned.low < 57 / 36 < turned.high
    # At a ratio of one nothing is left out: the interval says there what the test says.
    assert (found.p <= 0.05) == (not found.low <= 1 <= found.high)
    again = effect_of(Tally(extra, usual, 16), blocks=2, flips=flips, seed=3)
    assert (again.low, again.high) == (found.low, found.high)


def test_without_calls_nothing_is_told_and_nothing_is_excluded():
    none = np.zeros(8, dtype=np.int64)
    found = effect_of(Tally(none, none, 16), blocks=2, flips=flips_draw(8, seed=1, draws=99))
    assert (found.ratio, found.low, found.high, found.p) == (None, 0.0, float("inf"), 1.0)
    with pytest.raises(EffectsRefused, match="no_calls"):
        least_fall(0.0, coins=84)


def test_power_on_paper():
    # 400 calls, a fall of f, coins without number: 200 f = (1.96 + 0.8416) sqrt(v), v = 200 (2 - f).
    # f = 0.2613: 200 f = 52.26, and 2.8016 sqrt(200 * 1.7387) = 52.24.
    assert least_fall(400, coins=10**9) == pytest.approx(0.2613, abs=5e-4)
    assert least_fall(400, coins=84) > 0.2613
    assert least_fall(400, coins=84, scatter=2.0) > least_fall(400, coins=84)
    assert least_fall(3, coins=84) == 1.0


def test_the_promised_power_is_met_by_trials_laid_on_a_past():
    design, past = _past(blocks=6, days=84, rate=1.2)
    found = placebo_runs(design, past, every(84), effect=_least(design, past), runs=250, seed=3)
    assert 0.72 < found.share < 0.88


def _least(design, past):
    return least_fall(float(past.sum()) / past.shape[1] * design.days, coins=design.coins)


def test_a_trial_longer_than_its_past_is_refused():
    design, past = _past(blocks=4, days=30, rate=1.0)
    with pytest.raises(EffectsRefused, match="history_too_short"):
        placebo_runs(design, past[:, :20], every(20), seed=1)


def _past(*, blocks, days, rate, seed=7):
    dice = np.random.default_rng(seed)
    level = rate * np.linspace(2.0, 0.5, blocks)
    design = design_make("switchback", expected=level.tolist(), days=28)
    return design, dice.poisson(np.repeat(level[:, None], days, axis=1))


def test_at_no_effect_one_in_twenty_is_a_false_alarm():
    design, past = _past(blocks=6, days=200, rate=1.0)
    found = placebo_runs(design, past, every(200), runs=400, seed=11)
    assert found.low <= 0.05, found
    assert found.found / found.runs < 0.085, found


def test_nineteen_in_twenty_intervals_hold_the_truth():
    design, _ = _past(blocks=6, days=28, rate=1.0)
    rates = np.repeat(np.linspace(2.4, 0.6, 6)[:, None], 28, axis=1)
    held = coverage_runs(design, rates, ratio=0.5, runs=250, seed=5, draws=499)
    assert 0.91 < held.held / held.runs < 0.985, held


def test_a_trial_that_harms_is_stopped_early_and_says_by_what():
    design, _ = _past(blocks=6, days=28, rate=1.0)
    coins = coins_draw(design, seed=4)
    lift = np.where(arms_of(design, coins, n_blocks=6) == 1, 2.2, 1.0)
    counts = np.random.default_rng(2).poisson(1.5 * lift)
    looks = harm_looks(design, coins, counts, known=every(28), seed=9, draws=1999)
    assert looks[-1].is_harm
    assert looks[-1].day < 20
    assert looks[-1].bound is not None
    assert looks[-1].excess >= looks[-1].bound
    assert not any(look.is_harm for look in looks[:-1])
    assert all(look.spent <= 0.05 * look.day / 28 + 1e-9 for look in looks)


def test_looking_daily_stops_few_trials_that_change_nothing():
    assert _false_stops(runs=120, draws=399) <= wilson_interval(6, 120)[1] * 120


def _false_stops(*, runs, draws, seed=31):
    design, _ = _past(blocks=6, days=28, rate=1.0)
    dice = np.random.default_rng(seed)
    stops = 0
    for run in range(runs):
        coins, counts = coins_draw(design, seed=run), dice.poisson(1.0, (6, 28))
        stops += harm_looks(design, coins, counts, known=every(28), seed=run, draws=draws)[-1].is_harm
    return stops


def test_the_looks_so_far_are_those_of_the_whole_trial():
    design, past = _past(blocks=4, days=28, rate=1.0)
    coins = coins_draw(design, seed=1)
    whole = harm_looks(design, coins, past, known=every(28), seed=1, draws=299)
    early = harm_looks(design, coins, past[:, :15], known=every(15), seed=1, draws=299)
    assert early == whole[: len(early)]


def test_scatter_is_one_for_chance_alone_and_more_for_calls_in_bursts():
    design, past = _past(blocks=6, days=28, rate=3.0)
    assert scatter_of(design, past, every(28)) < 1.6
    assert scatter_of(design, past * 4, every(28)) > 2.5


def test_blocks_stand_apart_and_share_out_the_ring_between_them():
    # A row of five cells, one above: 0 and 2 would share cell 1; 1 touches both.
    blocks = [Block((0,), 5.0), Block((1,), 9.0), Block((2,), 5.0), Block((4,), 1.0), Block((3,), 0.0)]
    assert blocks_apart(blocks, nx=5, ny=1, most=9) == [1, 3]
    chosen = [blocks[0], blocks[3]]
    assert rings_of(chosen, nx=5, ny=1) == [(1,), (3,)]
    near = [Block((0,), 1.0), Block((2,), 1.0)]
    assert rings_of(near, nx=5, ny=1) == [(1,), (3,)]


def test_a_block_below_the_smallest_area_a_forecast_shows_is_known():
    limits = {"least_residents": 500, "least_addresses": 8}
    assert Block((0,), 1.0).is_large_enough(**limits)
    assert Block((0,), 1.0, residents=500, addresses=8).is_large_enough(**limits)
    assert not Block((0,), 1.0, residents=499, addresses=8).is_large_enough(**limits)
    assert not Block((0,), 1.0, addresses=7).is_large_enough(**limits)


@pytest.mark.release
@pytest.mark.parametrize("kind", ["switchback", "crossover"])
def test_false_alarms_over_many_trials_are_one_in_twenty(kind):
    level = np.linspace(2.0, 0.5, 14)
    design = design_make(kind, expected=level.tolist(), days=28)
    past = np.random.default_rng(1).negative_binomial(2, 2 / (2 + level[:, None]), (14, 730))
    found = placebo_runs(design, past, every(730), runs=10_000, seed=12)
    assert found.high < 0.06, found
    assert found.low <= 0.05, found


@pytest.mark.release
@pytest.mark.parametrize("ratio", [0.5, 0.75, 1.0, 1.5])
@pytest.mark.parametrize("kind", ["switchback", "crossover"])
def test_intervals_over_many_trials_hold_the_truth_in_nineteen_of_twenty(kind, ratio):
    level = np.linspace(2.0, 0.5, 14)
    design = design_make(kind, expected=level.tolist(), days=28)
    held = coverage_runs(design, np.repeat(level[:, None], 28, axis=1), ratio=ratio, runs=4_000, seed=6)
    assert held.low <= 0.95 + 0.015, held
    assert held.high >= 0.95, held


@pytest.mark.release
def test_false_stops_over_many_trials_are_one_in_twenty_at_most():
    stops = _false_stops(runs=3_000, draws=999)
    low, _high = wilson_interval(stops, 3_000)
    assert low <= 0.05, stops
    assert stops / 3_000 > 0.02, stops  # a bound that never stops anything would pass the rule and be worth nothing
