"""How often what was promised was kept, with the interval that so few trips allow."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from anlan.engines.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of `n` trips `inside` arrived within the promised 90th percentile; `low`, `high` is the 95 % interval.

    With days known it is the wider of the interval for trips that have nothing to do with each other and that for
    days: what closes a bridge makes every trip of the day late.
    """

    inside: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The share kept; None without any trip."""
        return self.inside / self.n if self.n else None


def calibration(actual_s: ArrayLike, p90_s: ArrayLike, *, days: Sequence[Hashable] | None = None) -> Calibration:
    """Count the trips that ended within their 90th percentile; `days` says on which day each was.

    Raises ValueError for shapes that disagree.
    """
    actual, promised = np.asarray(actual_s, dtype=np.float64), np.asarray(p90_s, dtype=np.float64)
    if actual.shape != promised.shape or actual.ndim != 1 or (days is not None and len(days) != len(actual)):
        raise ValueError(f"one promise and one day per trip is needed: got {actual.shape} and {promised.shape}")
    kept = actual <= promised
    inside, n = int(kept.sum()), len(actual)
    low, high = wilson_interval(inside, n)
    if days is not None and n:
        half = _half_by_day(kept, days)
        low, high = min(low, max(inside / n - half, 0.0)), max(high, min(inside / n + half, 1.0))
    return Calibration(inside, n, low, high)


def _half_by_day(kept: NDArray[np.bool_], days: Sequence[Hashable]) -> float:
    """Half the 95 % interval of a share whose trips come in days; 0 for a single day, which tells nothing of others.

    Source: the ratio estimator for clusters, W. G. Cochran (1977), Sampling Techniques, 3rd ed., 9A.
    """
    number = {day: k for k, day in enumerate(dict.fromkeys(days))}
    row = np.array([number[day] for day in days])
    clusters = len(number)
    if clusters < 2:
        return 0.0
    size = np.bincount(row, minlength=clusters)
    off = np.bincount(row, weights=kept, minlength=clusters) - kept.mean() * size
    error = float(np.sqrt(clusters / (clusters - 1) * (off**2).sum()) / size.sum())
    return float(stdtrit(clusters - 1, 0.975)) * error
