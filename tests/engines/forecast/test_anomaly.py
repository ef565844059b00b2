"""The strip of areas above their own normal: a real rise is seen, a hundred quiet areas raise no alarm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.forecast.anomaly import levels, scatter


def test_a_week_like_the_others_is_usual():
    (found,) = levels([5], [[5] * 15])
    assert found.verdict == "usual"
    assert found.low <= 5 <= found.high
    assert found.expected == pytest.approx(75.5 / 15)


def test_three_times_the_normal_is_above():
    (found,) = levels([30], [[10] * 15])
    assert found.verdict == "above"
    assert found.p < 0.001


def test_fewer_than_five_are_never_judged():
    (found,) = levels([4], [[0] * 15])
    assert found.verdict == "too_few"


def test_a_short_past_judges_nothing():
    (found,) = levels([40], [[10] * 4])
    assert found.verdict == "too_few"


def test_days_without_record_are_no_quiet_days():
    # Half of every week was lost: 5 reports in 3.5 days are ten a week.
    (found,) = levels([10], [[5] * 15], days_past=[3.5] * 15)
    assert found.expected == pytest.approx(10.07, abs=0.05)
    assert found.verdict == "usual"


def test_with_nothing_on_record_there_is_no_level():
    assert [row.verdict for row in levels([9, 0], [[0] * 15] * 2, days_past=[0.0] * 15)] == ["too_few"] * 2


def test_what_is_seldom_by_itself_is_usual_among_many():
    quiet = np.random.default_rng(3).poisson(8, (200, 15))
    alone = levels([16], [[8] * 15])[0]
    among = levels([16, *[8] * 200], np.vstack([[8] * 15, quiet]))[0]
    assert alone.verdict == "above"
    assert among.verdict == "edge"


def test_chance_alone_raises_few_alarms_whatever_the_scatter():
    rng = np.random.default_rng(5)
    weeks_with_alarm = 0
    for _week in range(60):
        rate = rng.gamma(2, 4, size=(80, 1)) * np.ones(16)
        counts = rng.poisson(rate * rng.gamma(8, 1 / 8, size=rate.shape))
        weeks_with_alarm += any(row.verdict == "above" for row in levels(counts[:, 15], counts[:, :15]))
    assert weeks_with_alarm <= 9  # a tenth of sixty is six; nine lies within what chance makes of six


def test_scatter_beyond_chance_is_measured_and_pure_chance_has_none():
    rng = np.random.default_rng(7)
    assert scatter(rng.poisson(9, (300, 15)), [7] * 15) == pytest.approx(0.0, abs=0.01)
    swinging = rng.poisson(9 * rng.gamma(4, 1 / 4, (300, 15)))
    assert scatter(swinging, [7] * 15) == pytest.approx(0.25, rel=0.15)


def test_it_refuses_counts_that_cannot_be():
    with pytest.raises(ValueError, match="0 or more"):
        levels([-1], [[1] * 15])
    with pytest.raises(ValueError, match="rows"):
        levels([1, 2], [[1] * 15])


@given(st.integers(0, 60), st.lists(st.integers(0, 40), min_size=15, max_size=15))
def test_one_more_report_is_never_less_unusual(count, weeks):
    (less,), (more,) = levels([count], [weeks]), levels([count + 1], [weeks])
    assert more.p <= less.p
    assert less.low <= less.high
