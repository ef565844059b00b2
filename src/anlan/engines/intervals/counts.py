"""Intervals for a share of n (Wilson) and for a count of rare events (Garwood)."""

import math
from statistics import NormalDist

from scipy.special import gammaincinv

_STANDARD_NORMAL = NormalDist()


def check_confidence(confidence: float) -> None:
    """Refuse a confidence level that is not strictly between 0 and 1."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie strictly between 0 and 1, got {confidence!r}")


def wilson_interval(successes: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval for a share `successes / n`, as (low, high) inside [0, 1].

    With n = 0 nothing is known and the answer is (0.0, 1.0). The interval always holds
    the observed share, and touches 0 or 1 exactly when no or all trials succeeded.

    Source: E. B. Wilson (1927), "Probable inference, the law of succession, and
    statistical inference", JASA 22:209-212; no continuity correction.

    Raises ValueError for negative counts, successes > n, or a confidence outside (0, 1).
    """
    check_confidence(confidence)
    if n < 0 or successes < 0:
        raise ValueError(f"counts cannot be negative: successes={successes}, n={n}")
    if successes > n:
        raise ValueError(f"more successes than trials: successes={successes}, n={n}")
    if n == 0:
        return 0.0, 1.0
    z = _STANDARD_NORMAL.inv_cdf(0.5 + confidence / 2.0)
    share = successes / n
    spread = z * z / n
    centre = (share + spread / 2.0) / (1.0 + spread)
    half = z * math.sqrt(share * (1.0 - share) / n + spread / (4.0 * n)) / (1.0 + spread)
    # At the two ends the formula gives 0 or 1 exactly; floating point does not.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return min(low, share), max(high, share)


def poisson_interval(count: int, *, exposure: float = 1.0, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval for a Poisson rate, `count` events seen over `exposure` units.

    Exposure is whatever the rate is "per" (days, 10,000 residents, shifts); the answer is
    (low, high) in events per one unit of it. Coverage is never below `confidence`. A
    count of zero has a lower limit of 0 and a real upper limit.

    Source: F. Garwood (1936), "Fiducial limits for the Poisson distribution",
    Biometrika 28:437-442, in its gamma-quantile form.

    Raises ValueError for a negative count, an exposure that is not a positive finite
    number, or a confidence outside (0, 1).
    """
    check_confidence(confidence)
    if count < 0:
        raise ValueError(f"a count cannot be negative: {count}")
    if not (math.isfinite(exposure) and exposure > 0.0):
        raise ValueError(f"exposure must be a positive finite number, got {exposure!r}")
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if count == 0 else float(gammaincinv(count, tail))
    high = float(gammaincinv(count + 1, 1.0 - tail))
    return low / exposure, high / exposure
