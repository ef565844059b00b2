"""A share and a count never claim more than their n allows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from anlan.engines.intervals import poisson_interval, wilson_interval

TRIALS = st.integers(0, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_nothing_tried_means_nothing_known() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_wilson_agrees_with_a_published_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@pytest.mark.parametrize(("successes", "n"), [(5, 4), (1, 0), (-1, 4), (0, -1)])
def test_it_refuses_impossible_counts(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=r"successes"):
        wilson_interval(successes, n)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 95.0, math.nan])
def test_it_refuses_a_confidence_outside_zero_and_one(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        wilson_interval(1, 2, confidence=confidence)
    with pytest.raises(ValueError, match="confidence"):
        poisson_interval(1, confidence=confidence)


@given(TRIALS)
def test_the_observed_share_lies_inside_its_own_interval(pair: tuple[int, int]) -> None:
    successes, n = pair
    low, high = wilson_interval(successes, n)
    assert 0.0 <= low <= high <= 1.0
    if n:
        assert low <= successes / n <= high


@given(TRIALS)
def test_failures_mirror_successes(pair: tuple[int, int]) -> None:
    successes, n = pair
    low, high = wilson_interval(successes, n)
    mirrored_low, mirrored_high = wilson_interval(n - successes, n)
    assert mirrored_low == pytest.approx(1.0 - high, abs=1e-12)
    assert mirrored_high == pytest.approx(1.0 - low, abs=1e-12)


@given(TRIALS, st.floats(0.5, 0.9), st.floats(0.901, 0.999))
def test_more_confidence_never_gives_a_narrower_interval(pair: tuple[int, int], less: float, more: float) -> None:
    low, high = wilson_interval(*pair, confidence=less)
    wide_low, wide_high = wilson_interval(*pair, confidence=more)
    assert wide_low <= low
    assert high <= wide_high


@pytest.mark.parametrize("n", [10, 30, 100])
def test_wilson_covers_the_true_share_about_as_often_as_it_says(n: int) -> None:
    # Exact coverage by summing the binomial; the score interval holds its level on average.
    intervals = [wilson_interval(k, n) for k in range(n + 1)]
    coverage = []
    for share in np.linspace(0.02, 0.98, 97):
        inside = [low <= share <= high for low, high in intervals]
        coverage.append(float(binom.pmf(np.arange(n + 1), n, share)[inside].sum()))
    assert np.mean(coverage) == pytest.approx(0.95, abs=0.01)
    assert min(coverage) > 0.83


def test_garwood_agrees_with_the_printed_tables() -> None:
    # Pearson & Hartley, Biometrika Tables, table 40: 95 % limits for small counts.
    assert poisson_interval(0) == pytest.approx((0.0, 3.69), abs=5e-3)
    assert poisson_interval(1) == pytest.approx((0.0253, 5.57), abs=5e-3)
    assert poisson_interval(10) == pytest.approx((4.80, 18.39), abs=5e-3)


def test_a_rate_is_the_count_interval_over_its_exposure() -> None:
    low, high = poisson_interval(7)
    assert poisson_interval(7, exposure=28.0) == (low / 28.0, high / 28.0)


@pytest.mark.parametrize("exposure", [0.0, -1.0, math.inf, math.nan])
def test_it_refuses_an_exposure_that_cannot_be(exposure: float) -> None:
    with pytest.raises(ValueError, match="exposure"):
        poisson_interval(3, exposure=exposure)


def test_it_refuses_a_negative_count() -> None:
    with pytest.raises(ValueError, match="negative"):
        poisson_interval(-1)


@given(st.floats(0.05, 60.0), st.sampled_from([0.8, 0.9, 0.95]))
def test_garwood_never_covers_less_than_it_promises(rate: float, confidence: float) -> None:
    counts = np.arange(0, 200)
    inside = [low <= rate <= high for low, high in (poisson_interval(int(c), confidence=confidence) for c in counts)]
    assert float(poisson.pmf(counts, rate)[inside].sum()) >= confidence - 1e-9
