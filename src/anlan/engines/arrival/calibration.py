"""How often what was promised was kept, with the interval that so few trips allow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from anlan.engines.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of `n` trips `inside` arrived within the promised 90th percentile; `low`, `high` is the 95 % interval."""

    inside: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The share kept; None without any trip."""
        return self.inside / self.n if self.n else None


def calibration(actual_s: ArrayLike, p90_s: ArrayLike) -> Calibration:
    """Count the trips that ended within their 90th percentile. Raises ValueError for shapes that disagree."""
    actual, promised = np.asarray(actual_s, dtype=np.float64), np.asarray(p90_s, dtype=np.float64)
    if actual.shape != promised.shape or actual.ndim != 1:
        raise ValueError(f"one promise per trip is needed: got {actual.shape} and {promised.shape}")
    inside, n = int((actual <= promised).sum()), len(actual)
    return Calibration(inside, n, *wilson_interval(inside, n))
