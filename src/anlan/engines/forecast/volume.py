"""The day's volume in the whole city: how close, how close it could have been, and how honest the interval was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEMORY_DAYS = 92
PRIOR_DISPERSION = 1.3
PRIOR_DAYS = 14.0
"""Before a category has a record of its own, its days scatter 1.3 times as much as Poisson; worth fourteen days."""
SCATTER_HALF_LIFE_DAYS = 45.0
MOST_SQUARE = 8.0
"""One day counts as eight times the usual scatter at most: a day on which the level broke isn't how days scatter."""
COVERED = 0.8
WIDTH_STEP = 0.1
WIDEST, NARROWEST = 1.5, -1.2
PIT_BINS = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """A count around ``mean`` whose variance is ``dispersion`` times its mean (negative binomial; Poisson at 1)."""

    mean: float
    dispersion: float

    def below(self, count: float) -> float:
        """P(N <= count)."""
        if self.dispersion <= 1.0 + 1e-9:
            return float(scipy.stats.poisson.cdf(count, self.mean))
        return float(scipy.stats.nbinom.cdf(count, *self._shape()))

    def quantile(self, share: float) -> float:
        """The smallest count reached with probability ``share``."""
        if self.dispersion <= 1.0 + 1e-9:
            return float(scipy.stats.poisson.ppf(share, self.mean))
        return float(scipy.stats.nbinom.ppf(share, *self._shape()))

    def _shape(self) -> tuple[float, float]:
        return self.mean / (self.dispersion - 1.0), 1.0 / self.dispersion


def dispersion_before(predicted: Floats, actual: Floats) -> Floats:
    """For each day, the variance-to-mean ratio learnt from the days before it; never under 1. Shape (days,).

    The fading mean of ``(actual - predicted)^2 / predicted`` (half-life 45 days, single days cut at eight times it,
    pulled to 1.3 by fourteen days), times a factor learnt from how much the intervals given so far really held: after
    a day of which they held ``h`` its logarithm moves by 0.1 (0.8 - h). (Gibbs & Candès 2021, on the log dispersion.)
    """
    square = (actual - predicted) ** 2 / np.maximum(predicted, 1e-9)
    keep = 2.0 ** (-1.0 / SCATTER_HALF_LIFE_DAYS)
    summed, weight, width = PRIOR_DISPERSION * PRIOR_DAYS, PRIOR_DAYS, 0.0
    told = np.empty(len(predicted))
    for day, (mean, count) in enumerate(zip(predicted.tolist(), actual.tolist(), strict=True)):
        usual = max(1.0, summed / weight)
        told[day] = max(1.0, usual * float(np.exp(width)))
        held, _ = interval_held(Spread(mean, float(told[day])), count)
        width = float(np.clip(width + WIDTH_STEP * (COVERED - held), NARROWEST, WIDEST))
        summed, weight = summed * keep + min(float(square[day]), MOST_SQUARE * usual), weight * keep + 1.0
        if weight < PRIOR_DAYS:
            summed, weight = summed + PRIOR_DISPERSION * (PRIOR_DAYS - weight), PRIOR_DAYS
    return told


def interval_held(spread: Spread, count: float, *, low: float = 0.1, high: float = 0.9) -> tuple[float, float]:
    """How much of the outcome lies in the central interval, and the outcome's place in the forecast (mid-PIT).

    A count carries the probability from P(N < n) to P(N <= n); the share of it between ``low`` and ``high`` is
    what a coin on the boundary would give on average. Counting whole counts would call rare categories 95 % covered.
    """
    above, under = spread.below(count), spread.below(count - 1) if count > 0 else 0.0
    width = max(above - under, 1e-12)
    return max(0.0, min(above, high) - max(under, low)) / width, (above + under) / 2.0


def pit_histogram(spreads: list[Spread], counts: Floats) -> list[float]:
    """Shares of ten equal bins of the non-randomised PIT (Czado, Gneiting & Held 2009); flat is honest."""
    edges = np.linspace(0.0, 1.0, PIT_BINS + 1)
    held = np.zeros(PIT_BINS)
    for spread, count in zip(spreads, counts, strict=True):
        above, under = spread.below(float(count)), spread.below(float(count) - 1) if count > 0 else 0.0
        width = max(above - under, 1e-12)
        held += np.clip((np.minimum(above, edges[1:]) - np.maximum(under, edges[:-1])) / width, 0.0, 1.0)
    return [round(float(share), 4) for share in held / max(1, len(counts))]


def poisson_ceiling(means: Floats) -> float:
    """The best 1-WAPE anyone can reach when these are the true means: 1 - E|N - median| / E N, pooled."""
    total = float(means.sum())
    if total <= 0:
        return float("nan")
    return 1.0 - sum(_median_error(float(mean)) for mean in means) / total


def _median_error(mean: float) -> float:
    """E|N - median(N)| for Poisson N, exactly: sum of P(N > k) above and P(N <= k) below the median."""
    middle = int(scipy.stats.poisson.ppf(0.5, mean))
    below = float(scipy.stats.poisson.cdf(np.arange(middle), mean).sum()) if middle else 0.0
    # E(N - m)+ = E N - m + E(m - N)+
    return mean - middle + 2.0 * below


def chance_within(mean: float, *, low: float = 0.93, high: float = 1.07) -> float:
    """The chance that ``mean`` over the count lies between ``low`` and ``high`` when the mean is exactly true.

    For a Poisson count, which scatters least of all that calls do: no forecast comes within more often.
    """
    if mean <= 0:
        return 0.0
    most, least = np.floor(mean / low + 1e-9), np.ceil(mean / high - 1e-9)
    return float(scipy.stats.poisson.cdf(most, mean) - scipy.stats.poisson.cdf(least - 1.0, mean))


def chance_of_so_few(inside: int, chances: Sequence[float]) -> float:
    """The chance that at most ``inside`` of independent spans come within, each with its own chance: P(X <= inside).

    Exactly true means would be within with ``chance_within`` of each span, so a small answer says that a miss is no
    chance. Poisson binomial, by convolution; 1 where there is no span.
    """
    held = np.ones(1)
    for chance in chances:
        held = np.convolve(held, [1.0 - chance, chance])
    return min(1.0, float(held[: inside + 1].sum()))


def volume_line(predicted: Floats, actual: Floats, tested: int) -> dict[str, object]:
    """Figures of the last ``tested`` days; the days before them only teach the width of the interval.

    ``predicted`` and ``actual`` are the city's totals by day, in the order of days.
    """
    dispersion = dispersion_before(predicted, actual)[-tested:]
    mean, count = predicted[-tested:], actual[-tested:]
    spreads = [Spread(float(m), float(d)) for m, d in zip(mean, dispersion, strict=True)]
    held = [interval_held(spread, float(n))[0] for spread, n in zip(spreads, count, strict=True)]
    inside = [s.quantile(0.1) <= n <= s.quantile(0.9) for s, n in zip(spreads, count, strict=True)]
    total = float(count.sum())
    return {
        "coverage_80": round(float(np.mean(held)), 4),
        "coverage_80_whole": round(float(np.mean(inside)), 4),
        "wape_skill_day": round(1.0 - float(np.abs(mean - count).sum()) / total, 4) if total else None,
        "wape_ceiling_day": round(poisson_ceiling(mean), 4),
        "dispersion": round(float(np.median(dispersion)), 3),
        "pit": pit_histogram(spreads, count),
    }
