"""Funnel limits: how far a unit of a given size strays from the common level by chance alone.

Source: D. J. Spiegelhalter (2005), "Funnel plots for comparing institutional performance",
Statistics in Medicine 24:1185-1202; over-dispersion after his appendix A.3 and D. J. Spiegelhalter et
al. (2012), "Statistical methods for healthcare regulation", J. R. Statist. Soc. A 175:1-47.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

from scipy.special import bdtr, gammaincc

WARNING, ALARM = 0.95, 0.998
"""The two limits drawn: one unit in twenty, and one in five hundred, lies outside by chance."""
Kind = Literal["share", "rate"]
_STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Limits:
    """Low and high of both limits at one size, in the unit of the target."""

    size: float
    low_95: float
    high_95: float
    low_998: float
    high_998: float


def funnel_limits(kind: Kind, target: float, size: float, *, dispersion: float = 1.0) -> Limits:
    """Limits around `target` for a unit of `size`.

    A "share" has `size` cases and the exact binomial; a "rate" is events per unit of exposure
    (days, 10,000 residents, expected events), with `size` units of it, and the exact Poisson. Both
    are interpolated between whole counts so that limits fall smoothly with size. With `dispersion`
    above 1 the limits lie that factor's root farther out.

    Raises ValueError for a target outside 0..1 (share) or not above 0 (rate), a size not above 0,
    or a dispersion below 1.
    """
    _check(kind, target, size, dispersion)
    ends = []
    for confidence in (WARNING, ALARM):
        for tail in ((1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0):
            bare = _quantile(kind, target, size, tail) / size
            ends.append(target + (bare - target) * math.sqrt(dispersion))
    top = 1.0 if kind == "share" else math.inf
    low_95, high_95, low_998, high_998 = (min(max(end, 0.0), top) for end in ends)
    return Limits(size, low_95, high_95, low_998, high_998)


def z_score(kind: Kind, target: float, events: int, size: float) -> float:
    """How many standard errors a unit lies from the target, on a scale that evens the spread out.

    Shares on the arcsine of the root, rates on the root: on both scales the standard error depends
    on the size alone.
    """
    _check(kind, target, size, 1.0)
    if kind == "share":
        return 2.0 * math.sqrt(size) * (math.asin(math.sqrt(events / size)) - math.asin(math.sqrt(target)))
    return 2.0 * (math.sqrt(events) - math.sqrt(target * size))


def two_sided_p(kind: Kind, target: float, events: int, size: float) -> float:
    """Mid-p of a unit at least as far out as seen, both sides, exact, without over-dispersion."""
    _check(kind, target, size, 1.0)
    below = _cdf(kind, target, size, events - 1)
    upto = _cdf(kind, target, size, events)
    middle = (below + upto) / 2.0
    return min(1.0, 2.0 * min(middle, 1.0 - middle))


def _check(kind: str, target: float, size: float, dispersion: float) -> None:
    if kind not in ("share", "rate"):
        raise ValueError(f"a funnel is of a share or of a rate, not of {kind!r}")
    if not (0.0 < target < 1.0 if kind == "share" else 0.0 < target < math.inf):
        raise ValueError(f"no funnel around {target!r}: there is no chance variation to draw")
    if not 0.0 < size < math.inf:
        raise ValueError(f"a size is above 0, got {size!r}")
    if not 1.0 <= dispersion < math.inf:
        raise ValueError(f"dispersion is 1 or more, got {dispersion!r}")


def _cdf(kind: Kind, target: float, size: float, count: float) -> float:
    """P(events <= count)."""
    if count < 0:
        return 0.0
    if kind == "share":
        return 1.0 if count >= size else float(bdtr(math.floor(count), round(size), target))
    return float(gammaincc(math.floor(count) + 1, target * size))


@lru_cache(maxsize=4096)
def _quantile(kind: Kind, target: float, size: float, level: float) -> float:
    """The count below which a share `level` of units lies, interpolated between whole counts."""
    mean = target * size
    spread = math.sqrt(mean * (1.0 - target) if kind == "share" else mean)
    count = max(0, math.floor(mean + _STANDARD_NORMAL.inv_cdf(level) * spread) - 3)
    while count > 0 and _cdf(kind, target, size, count) > level:
        count -= 1
    while _cdf(kind, target, size, count) < level:
        count += 1
    here, before = _cdf(kind, target, size, count), _cdf(kind, target, size, count - 1)
    # Spiegelhalter's interpolation: as far below the whole count as the level lies below its share.
    return max(0.0, count - (here - level) / (here - before)) if here > before else float(count)
