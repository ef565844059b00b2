"""Curves that can be added up on paper, curves of another program on the same data, and laws."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.survival import (
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    median_days,
    restricted_mean,
    window_rates,
)

# 120 files, 48 came back, 10 ended otherwise, many on the same day.
N = 120
LASTED = [(i * 37) % 90 + i % 3 + 1 for i in range(N)]
OUTCOME = [(0, 1, 0, 2, 1, 0, 1)[(i * i + i // 5) % 7] for i in range(N)]
APART = [days + i / 1000 for i, days in enumerate(LASTED)]
GROUP = ["abc"[(i * 5 + i // 7) % 3] for i in range(N)]

# What lifelines 0.30.3 gives for these data: share, low, high at 95 % (KaplanMeierFitter).
LIFELINES_KM = {
    10: (0.9647263524201204, 0.9087107210330205, 0.986619053736115),
    30: (0.8476423665592311, 0.7629638841237015, 0.9039399824463075),
    60: (0.6597181482694454, 0.5459159911292744, 0.7513926489982029),
    85: (0.2707539604690427, 0.14132281150198758, 0.41794157358694833),
}
# AalenJohansenFitter on APART (it draws lots where days are tied): share, low, high, variance.
LIFELINES_AJ = {
    10: (0.017316999395039324, 0.0033752037494453394, 0.05553891504855237, 0.000147351165456604),
    30: (0.14039202395570158, 0.08248251566980387, 0.21334811739433687, 0.0011365340254307582),
    60: (0.3110964097894957, 0.2181154736228005, 0.40845515113467856, 0.00242148963623759),
    85: (0.6044299599014709, 0.45878631835175177, 0.7222946054619185, 0.004597508424647392),
}
LIFELINES_RESTRICTED = {30: 28.240193112346432, 60: 51.633559796036025, 80: 63.22359101064307}


@pytest.mark.parametrize("day", LIFELINES_KM)
def test_kaplan_meier_is_that_of_lifelines(day: int) -> None:
    read = kaplan_meier(LASTED, OUTCOME).at(day)
    assert (read.share, read.low, read.high) == pytest.approx(LIFELINES_KM[day], abs=1e-12)


@pytest.mark.parametrize("day", LIFELINES_AJ)
def test_cumulative_incidence_is_that_of_lifelines_with_its_variance(day: int) -> None:
    curve = cumulative_incidence(APART, OUTCOME)
    read = curve.at(day)
    found = (read.share, read.low, read.high, curve.std_error_at(day) ** 2)
    assert found == pytest.approx(LIFELINES_AJ[day], abs=1e-12)


@pytest.mark.parametrize("day", LIFELINES_RESTRICTED)
def test_the_restricted_mean_is_that_of_lifelines(day: int) -> None:
    mean = restricted_mean(kaplan_meier(LASTED, OUTCOME), day)
    assert mean is not None
    assert mean.days == pytest.approx(LIFELINES_RESTRICTED[day], abs=1e-10)
    assert mean.low < mean.days < mean.high


def test_the_log_rank_test_and_the_median_are_those_of_lifelines() -> None:
    test = log_rank(LASTED, OUTCOME, GROUP)
    assert test is not None
    assert (test.chi_square, test.p_value) == pytest.approx((2.3338770650444127, 0.3113185755177361), abs=1e-12)
    assert test.degrees == 2
    assert median_days(kaplan_meier(LASTED, OUTCOME)) == 78.0


def test_five_files_on_paper() -> None:
    """Days 10+, 20, 30, 30+, 40: at 20 one of 4 comes back, at 30 one of 3, at 40 the last one."""
    curve = kaplan_meier([10, 20, 30, 30, 40], [0, 1, 1, 0, 1])
    assert [curve.at(day).share for day in (0, 19.9, 20, 30, 40)] == pytest.approx([1, 1, 3 / 4, 1 / 2, 0])
    assert curve.at(20).at_risk == 4
    # Greenwood: S^2 (1/(4*3) + 1/(3*2)) = 1/4 * 1/4
    assert curve.std_error_at(30) == pytest.approx(0.25)
    mean = restricted_mean(curve, 40)
    assert mean is not None
    assert mean.days == pytest.approx(20 + 10 * 3 / 4 + 10 / 2)


def test_past_the_last_day_watched_the_curve_says_nothing() -> None:
    read = kaplan_meier([10, 20], [1, 0]).at(30)
    assert not read.known
    assert math.isnan(read.share)
    assert restricted_mean(kaplan_meier([10, 20], [1, 0]), 30) is None


def test_thirty_files_without_a_return_are_no_proof_that_none_ever_returns() -> None:
    read = kaplan_meier([200] * 30, [0] * 30).at(180)
    assert read.share == 1.0
    assert 0.85 < read.low < 0.95


def test_a_competing_end_is_not_merely_unseen() -> None:
    """Of four files one goes to court on day 10, one comes back on day 20, two stay."""
    lasted, outcome = [10, 20, 50, 50], [2, 1, 0, 0]
    incidence = cumulative_incidence(lasted, outcome).at(30).share
    assert incidence == pytest.approx(1 / 4)
    assert 1 - kaplan_meier(lasted, outcome).at(30).share == pytest.approx(1 / 3)
    both = incidence + cumulative_incidence(lasted, outcome, cause=2).at(30).share
    assert both == pytest.approx(1 / 2)


def test_rates_by_window_count_events_over_days_watched() -> None:
    first, second, third = window_rates([5, 10, 40], [1, 0, 1], [0, 7, 30, 60])
    assert (first.events, first.days_watched) == (1, 5 + 7 + 7)
    assert (second.events, second.days_watched) == (0, 3 + 23)
    assert (third.events, third.rate) == (1, pytest.approx(0.1))
    assert second.low == 0.0 < (second.high or 0.0)
    assert window_rates([5], [0], [10, 20])[0].rate is None


@pytest.mark.parametrize(
    ("lasted", "outcome"), [([], []), ([1], []), ([-1], [0]), ([math.nan], [1]), ([1], [0.5]), ([1], [-1])]
)
def test_it_refuses_data_that_cannot_be(lasted: list[float], outcome: list[float]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        kaplan_meier(lasted, outcome)


FILES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2)), min_size=1, max_size=25)


@given(FILES)
@settings(max_examples=60)
def test_survival_falls_and_its_interval_holds_it(files: list[tuple[int, int]]) -> None:
    curve = kaplan_meier(*zip(*files, strict=True))
    shares = curve.share.tolist()
    assert shares == sorted(shares, reverse=True)
    for read in curve.readouts(range(61)):
        if read.known:
            assert 0.0 <= read.low <= read.share + 1e-12
            assert read.share <= read.high + 1e-12 <= 1.0 + 2e-12


@given(FILES)
@settings(max_examples=60)
def test_all_causes_and_survival_add_up_to_one(files: list[tuple[int, int]]) -> None:
    lasted, outcome = (list(column) for column in zip(*files, strict=True))
    free = kaplan_meier(lasted, [min(o, 1) for o in outcome])
    causes = [cumulative_incidence(lasted, outcome, cause=cause) for cause in (1, 2)]
    for day in set(lasted):
        assert free.at(day).share + sum(c.at(day).share for c in causes) == pytest.approx(1.0)


@given(FILES)
@settings(max_examples=60)
def test_without_competing_ends_incidence_is_one_minus_survival_with_greenwoods_error(
    files: list[tuple[int, int]],
) -> None:
    lasted, outcome = [f[0] for f in files], [min(f[1], 1) for f in files]
    survival, incidence = kaplan_meier(lasted, outcome), cumulative_incidence(lasted, outcome)
    assert incidence.share == pytest.approx(1 - survival.share)
    alive = survival.share > 1e-9
    assert incidence.std_error[alive] == pytest.approx(survival.std_error[alive], abs=1e-6)


@given(FILES)
@settings(max_examples=30)
def test_one_group_split_at_random_labels_swaps_without_moving_the_test(files: list[tuple[int, int]]) -> None:
    lasted, outcome = [f[0] for f in files], [f[1] for f in files]
    groups = ["x" if i % 2 else "y" for i in range(len(files))]
    swapped = ["y" if g == "x" else "x" for g in groups]
    first, second = log_rank(lasted, outcome, groups), log_rank(lasted, outcome, swapped)
    assert (first is None) == (second is None)
    if first and second:
        assert first.chi_square == pytest.approx(second.chi_square, abs=1e-9)
        assert 0.0 <= first.p_value <= 1.0


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2), st.integers(1, 5)), min_size=1, max_size=25),
)
@settings(max_examples=60, deadline=None)
def test_entries_that_stand_for_several_give_what_the_several_give(entries: list[tuple[int, int, int]]) -> None:
    days, ended, counts = (list(column) for column in zip(*entries, strict=True))
    each_days = [d for d, _o, n in entries for _ in range(n)]
    each_ended = [o for _d, o, n in entries for _ in range(n)]
    for curve in (kaplan_meier, cumulative_incidence):
        together, each = curve(days, ended, counts=counts), curve(each_days, each_ended)
        assert together.n == each.n
        assert together.share.tolist() == each.share.tolist()
        assert together.low.tolist() == each.low.tolist()
    edges = (0.0, 7.0, 30.0)
    assert window_rates(days, ended, edges, counts=counts) == window_rates(each_days, each_ended, edges)


def test_an_entry_cannot_stand_for_nobody_or_for_half_a_file() -> None:
    for counts in ([0, 1], [1.5, 1], [1]):
        with pytest.raises(ValueError, match="count"):
            kaplan_meier([3, 4], [1, 0], counts=counts)
