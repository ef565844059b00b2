"""A positive quantity by group, each group's figure drawn towards its parent's by how little it has seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogRate:
    """Mean `mu` and standard deviation `sigma` of the logarithm, from `n` values of this group itself.

    The median is `exp(mu)`.
    """

    mu: float
    sigma: float
    n: int

    @property
    def mean(self) -> float:
        """Mean of the lognormal."""
        return float(np.exp(self.mu + self.sigma**2 / 2.0))

    @property
    def variance(self) -> float:
        """Variance of the lognormal."""
        return float(np.expm1(self.sigma**2) * np.exp(2.0 * self.mu + self.sigma**2))


def rates_shrunk(
    values: ArrayLike, groups: Sequence[Group], *, prior: LogRate, strength: float = 20.0
) -> dict[Group, LogRate]:
    """The rate of every group and of all groups above it; `()` is that of everything.

    Parameters
    ----------
    values
        Positive numbers, shape (n,).
    groups
        The group of each, as a tuple from coarse to fine: `("car", "urgent", "night")` lies in
        `("car", "urgent")`, that in `("car",)`.
    prior
        What is taken before anything has been seen.
    strength
        The parent counts as much as this many values of the group's own.

    Raises ValueError for lengths that disagree and for values that are not above 0.

    Source: shrinkage of group means towards a common one, B. Efron and C. Morris (1975), "Data analysis
    using Stein's estimator", JASA 70:311; here with a stated strength in place of an estimated one.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (len(groups),):
        raise ValueError(f"one group per value is needed: got {numbers.shape} and {len(groups)}")
    if not (np.isfinite(numbers).all() and (numbers > 0.0).all()):
        raise ValueError("values must be numbers above 0")
    logs = np.log(numbers)
    rows: dict[Group, list[int]] = {(): list(range(len(groups)))}
    for row, group in enumerate(groups):
        for depth in range(1, len(group) + 1):
            rows.setdefault(group[:depth], []).append(row)
    found: dict[Group, LogRate] = {}
    for group in sorted(rows, key=len):
        parent = found[group[:-1]] if group else prior
        mine = logs[rows[group]]
        n = len(mine)
        weight = n + strength
        mu = (float(mine.sum()) + strength * parent.mu) / weight
        squares = float(((mine - mu) ** 2).sum()) + strength * parent.sigma**2
        found[group] = LogRate(mu, float(np.sqrt(squares / weight)), n)
    return found


def rate_of(rates: dict[Group, LogRate], group: Group) -> LogRate:
    """The finest rate known for the group."""
    while group not in rates:
        group = group[:-1]
    return rates[group]
