"""Percentiles of durations, with an interval that assumes no distribution."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from anlan.engines.intervals.counts import check_confidence


def percentile(values: Sequence[float] | NDArray[np.float64], q: float) -> float:
    """The q-th percentile (0 <= q <= 100) of `values`, by linear interpolation.

    One definition for the whole platform: with values sorted as x[0] .. x[n-1], the
    position is h = (n - 1) q / 100 and the answer lies linearly between x[floor h] and
    x[ceil h]. This is type 7 of Hyndman & Fan (1996), "Sample quantiles in statistical
    packages", and the default of numpy and of spreadsheets, so a reader can check a
    printed figure without our code.

    Raises ValueError for no values, a value that is not finite, or q outside [0, 100].
    """
    ordered = _sorted_finite(values)
    _check_q(q)
    position = (len(ordered) - 1) * q / 100.0
    below = min(math.floor(position), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    low, high = float(ordered[below]), float(ordered[above])
    answer = low + (high - low) * (position - below)
    return min(max(answer, low), high)


def percentile_interval(
    values: Sequence[float] | NDArray[np.float64], q: float, *, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Order-statistic interval (low, high) for the q-th percentile, or None.

    Takes two of the observed values whose ranks hold the true percentile with at least
    the asked confidence whatever the distribution, each tail separately at most half of
    the rest (W. J. Conover, "Practical Nonparametric Statistics", section 3.2). None
    means the sample is too small to bound this percentile on both sides: for a 90th
    percentile at 95 % that is any n below 36. Saying so beats printing the maximum as
    if it were a limit.

    Raises ValueError as `percentile` does, and for a confidence outside (0, 1).
    """
    check_confidence(confidence)
    ordered = _sorted_finite(values)
    _check_q(q)
    n, share, tail = len(ordered), q / 100.0, (1.0 - confidence) / 2.0
    # B, the number of values at or below the true percentile, is binomial(n, share).
    low_rank = _first_rank_with_cdf(n, share, tail)
    high_rank = _first_rank_with_cdf(n, share, 1.0 - tail) + 1
    if low_rank < 1 or high_rank > n:
        return None
    return float(ordered[low_rank - 1]), float(ordered[high_rank - 1])


def _first_rank_with_cdf(n: int, share: float, level: float) -> int:
    """Smallest k in 0..n with P(B <= k) >= level for B binomial(n, share)."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if float(bdtr(middle, n, share)) >= level:
            high = middle
        else:
            low = middle + 1
    return low


def _sorted_finite(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    # Stable: what comes sorted, or as sorted runs, is not sorted from the beginning.
    ordered = np.sort(np.asarray(values, dtype=np.float64).ravel(), kind="stable")
    if ordered.size == 0:
        raise ValueError("a percentile needs at least one value")
    if not np.isfinite(ordered).all():
        raise ValueError("a percentile needs finite values; leave out the missing ones first")
    return ordered


def _check_q(q: float) -> None:
    if not 0.0 <= q <= 100.0:
        raise ValueError(f"q is a percentage between 0 and 100, got {q!r}")
