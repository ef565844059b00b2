"""Intervals around the mean of a few like days: where the mean lies, and where the next day would."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from anlan.engines.intervals.counts import check_confidence


def mean_interval(values: Sequence[float], *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Student's interval for the mean of `values`, as (low, high); None for fewer than two.

    Source: W. S. Gosset, writing as Student (1908), "The probable error of a mean".

    Raises ValueError for a value that is not finite or a confidence outside (0, 1).
    """
    return _around_mean(values, confidence, one_more=0.0)


def next_interval(values: Sequence[float], *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Where one more value like these would lie, as (low, high); None for fewer than two.

    Wider than the interval of the mean: the new value varies by itself too.
    Source: G. J. Hahn (1970), "Additional factors for calculating prediction intervals for samples from a
    normal distribution", JASA 65:1668-1676.

    Raises ValueError for a value that is not finite or a confidence outside (0, 1).
    """
    return _around_mean(values, confidence, one_more=1.0)


def _around_mean(values: Sequence[float], confidence: float, one_more: float) -> tuple[float, float] | None:
    check_confidence(confidence)
    found = np.asarray(values, dtype=np.float64)
    if not np.isfinite(found).all():
        raise ValueError("values must be finite")
    n = found.size
    if n < 2:
        return None
    spread = float(found.std(ddof=1)) * math.sqrt(1.0 / n + one_more)
    half = float(stdtrit(n - 1, 0.5 + confidence / 2.0)) * spread
    middle = float(found.mean())
    return middle - half, middle + half
