"""Limits that chance keeps to, and an order that is refused where it would rank noise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from anlan.engines.funnel import (
    Unit,
    funnel,
    funnel_limits,
    over_dispersion,
    rank_or_refuse,
    rank_range,
    two_sided_p,
)


def shares(*pairs: tuple[int, int]) -> list[Unit]:
    return [Unit(f"u{k}", events, n, n) for k, (events, n) in enumerate(pairs)]


def test_limits_lie_between_the_exact_quantiles_of_the_binomial_and_the_poisson() -> None:
    """scipy.stats gives whole counts; the interpolated limit lies at most one count below them."""
    share = funnel_limits("share", 0.3, 50)
    for low_or_high, level in (("low_95", 0.025), ("high_95", 0.975), ("low_998", 0.001), ("high_998", 0.999)):
        whole = float(binom.ppf(level, 50, 0.3))
        assert whole - 1 <= getattr(share, low_or_high) * 50 <= whole
    rate = funnel_limits("rate", 2.0, 10)
    for low_or_high, level in (("low_95", 0.025), ("high_95", 0.975), ("low_998", 0.001), ("high_998", 0.999)):
        whole = float(poisson.ppf(level, 20))
        assert whole - 1 <= getattr(rate, low_or_high) * 10 <= whole


@given(st.sampled_from(["share", "rate"]), st.floats(0.02, 0.98), st.integers(5, 3000), st.floats(1, 4))
@settings(max_examples=60)
def test_limits_hold_the_target_and_the_outer_hold_the_inner(
    kind: str, target: float, size: int, spread: float
) -> None:
    found = funnel_limits(kind, target, size, dispersion=spread)  # type: ignore[arg-type]
    assert found.low_998 <= found.low_95 <= target + 1e-9
    assert target - 1e-9 <= found.high_95 <= found.high_998
    wider = funnel_limits(kind, target, size, dispersion=spread + 1)  # type: ignore[arg-type]
    assert wider.low_998 <= found.low_998
    assert wider.high_998 >= found.high_998


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_a_larger_unit_has_a_narrower_funnel(kind: str) -> None:
    widths = [funnel_limits(kind, 0.2, n) for n in (30, 100, 300, 1000)]  # type: ignore[arg-type]
    spans = [limits.high_95 - limits.low_95 for limits in widths]
    assert spans == sorted(spans, reverse=True)


def test_units_below_thirty_are_left_out_and_named() -> None:
    found = funnel(shares((10, 100), (20, 100), (29, 29)), kind="share")
    assert found is not None
    assert [(left.name, left.n, left.reason) for left in found.left_out] == [("u2", 29, "too_few")]
    assert found.target == pytest.approx(0.15)
    assert funnel(shares((10, 100), (1, 20)), kind="share") is None


def test_units_stand_in_the_order_they_came_in() -> None:
    found = funnel(shares((90, 100), (10, 100), (50, 100)), kind="share")
    assert found is not None
    assert [placed.unit.name for placed in found.placed] == ["u0", "u1", "u2"]


def test_chance_alone_crosses_the_limits_about_as_often_as_they_say() -> None:
    """60 equal units, 120 worlds: within a fifth of nominal 5 %, and about 0.2 %."""
    rng = np.random.default_rng(3)
    watch = outside = 0
    for _ in range(120):
        found = funnel(shares(*((int(e), 80) for e in rng.binomial(80, 0.3, 60))), kind="share")
        assert found is not None
        watch += sum(placed.verdict != "within" for placed in found.placed)
        outside += sum(placed.verdict == "outside" for placed in found.placed)
    assert 0.04 <= watch / 7_200 <= 0.06
    assert 0.0005 <= outside / 7_200 <= 0.004


def test_units_that_vary_more_than_chance_widen_the_funnel_and_lone_outliers_do_not() -> None:
    rng = np.random.default_rng(4)
    levels = rng.beta(12, 28, 60)
    wide = funnel(shares(*((int(e), 300) for e in rng.binomial(300, levels))), kind="share")
    assert wide is not None
    assert wide.dispersion > 3
    lone = funnel(shares(*((int(e), 300) for e in rng.binomial(300, 0.3, 59)), (180, 300)), kind="share")
    assert lone is not None
    assert lone.dispersion == 1.0
    assert lone.placed[-1].verdict == "outside"


def test_equal_units_are_not_said_to_vary() -> None:
    rng = np.random.default_rng(6)
    more = sum(over_dispersion(rng.normal(size=40).tolist()) > 1.0 for _ in range(400))
    assert more <= 12


def test_differences_within_noise_are_not_ranked() -> None:
    found = rank_or_refuse(shares((28, 100), (31, 100), (35, 100), (26, 100)), kind="share")
    assert (found.refused, found.tiers) == ("within_noise", ())
    assert found.detectable is not None
    assert found.detectable > 0.1


def test_equal_units_are_ranked_at_most_once_in_twenty() -> None:
    rng = np.random.default_rng(8)
    ranked = sum(
        not rank_or_refuse(shares(*((int(e), 60) for e in rng.binomial(60, 0.4, 12))), kind="share").refused
        for _ in range(400)
    )
    assert ranked <= 20


def test_a_real_gap_gives_tiers_and_no_finer_order() -> None:
    found = rank_or_refuse(shares((60, 400), (160, 400), (98, 400), (102, 400), (100, 400)), kind="share")
    assert found.refused == ""
    assert found.tiers == (("u1",), ("u2", "u3", "u4"), ("u0",))


def test_no_events_at_all_is_no_funnel() -> None:
    assert funnel(shares((0, 100), (0, 100)), kind="share") is None
    assert rank_or_refuse(shares((0, 100), (0, 100)), kind="share").refused == "no_variation"
    assert rank_or_refuse(shares((5, 100), (5, 20)), kind="share").refused == "too_few_units"


def test_a_place_is_given_as_a_range() -> None:
    found = rank_range(shares((60, 400), (160, 400), (100, 400), (101, 400)), kind="share")
    assert found == {"u0": (4, 4), "u1": (1, 1), "u2": (2, 3), "u3": (2, 3)}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(40, 200)), min_size=2, max_size=8))
@settings(max_examples=25)
def test_verdicts_do_not_depend_on_the_order_of_units(pairs: list[tuple[int, int]]) -> None:
    units = shares(*pairs)
    first, second = funnel(units, kind="share"), funnel(units[::-1], kind="share")
    assert (first is None) == (second is None)
    if first and second:
        assert {p.unit.name: p.verdict for p in first.placed} == {p.unit.name: p.verdict for p in second.placed}


def test_the_exact_probability_is_small_far_out_and_one_at_the_middle() -> None:
    assert two_sided_p("share", 0.3, 60, 100) < 1e-6
    assert two_sided_p("rate", 1.0, 20, 20) > 0.9


@pytest.mark.parametrize(
    ("kind", "target", "size"),
    [("share", 0.0, 10), ("share", 1.0, 10), ("rate", 0.0, 10), ("share", 0.5, 0), ("x", 1, 1)],
)
def test_it_refuses_a_funnel_that_cannot_be(kind: str, target: float, size: float) -> None:
    with pytest.raises(ValueError, match=r"funnel|size"):
        funnel_limits(kind, target, size)  # type: ignore[arg-type]


def test_it_refuses_more_events_than_cases() -> None:
    with pytest.raises(ValueError, match="no share"):
        funnel(shares((101, 100), (1, 100)), kind="share")
    with pytest.raises(ValueError, match="not negative"):
        funnel([Unit("a", 1, math.inf, 50), Unit("b", 1, 5, 50)], kind="rate")
