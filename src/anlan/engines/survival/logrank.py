"""Do groups come back at different speeds at all? The log-rank test, within strata where asked."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc

from anlan.engines.survival.table import EVENT, Floats, Ints, entry_counts, life_table


@dataclass(frozen=True, slots=True)
class LogRank:
    """Chi-square over `degrees` of freedom and its p-value; observed and expected events by group."""

    chi_square: float
    degrees: int
    p_value: float
    observed: dict[Hashable, int]
    expected: dict[Hashable, float]


def log_rank(
    durations: ArrayLike,
    outcomes: ArrayLike,
    groups: Sequence[Hashable],
    *,
    strata: Sequence[Hashable] | None = None,
    cause: int = EVENT,
    counts: ArrayLike | None = None,
) -> LogRank | None:
    """Test that all groups have one curve; with `strata` only like is compared with like.

    Other causes count as no longer watched: this is the test of the cause-specific rates.
    None where there is nothing to test: fewer than two groups, or no event. With `counts` each entry
    stands for so many alike.
    Source: N. Mantel (1966), "Evaluation of survival data and two new rank order statistics arising
    in its consideration", Cancer Chemother. Rep. 50:163-170. Raises ValueError as `life_table` does
    and for lists of unequal length.
    """
    lasted = np.asarray(durations, dtype=np.float64).ravel()
    life_table(lasted, outcomes, cause=cause, counts=counts)
    alike = entry_counts(counts, lasted.size)
    hit = np.asarray(outcomes).ravel() == cause
    layers = ["all"] * lasted.size if strata is None else list(strata)
    if len(groups) != lasted.size or len(layers) != lasted.size:
        raise ValueError("durations, groups and strata differ in length")
    names = list(dict.fromkeys(groups))
    number, layer = _numbers(groups), _numbers(layers)
    expected, spread = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for one in range(int(layer.max()) + 1):
        chosen = layer == one
        more_expected, more_spread = _within(lasted[chosen], hit[chosen], number[chosen], alike[chosen], len(names))
        expected, spread = expected + more_expected, spread + more_spread
    observed = np.bincount(number, weights=hit * alike, minlength=len(names))
    # A group nobody of which was ever at risk with an event tells nothing and takes no degree.
    told = np.flatnonzero(np.diag(spread) > 1e-12)
    if told.size < 2:
        return None
    kept = told[:-1]
    gap = (observed - expected)[kept]
    chi_square = float(gap @ np.linalg.pinv(spread[np.ix_(kept, kept)]) @ gap)
    return LogRank(
        chi_square,
        int(kept.size),
        float(gammaincc(kept.size / 2.0, chi_square / 2.0)),
        {name: int(observed[k]) for k, name in enumerate(names)},
        {name: float(expected[k]) for k, name in enumerate(names)},
    )


def _numbers(labels: Sequence[Hashable]) -> Ints:
    """Each label as the number of its first appearance."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(label, len(known)) for label in labels], dtype=np.int64)


def _within(lasted: Floats, hit: NDArray[np.bool_], number: Ints, alike: Ints, count: int) -> tuple[Floats, Floats]:
    """Expected events and their covariance in one stratum, summed over the days with an event."""
    days, row = np.unique(lasted, return_inverse=True)
    events = np.bincount(row, weights=hit * alike, minlength=days.size)
    left = np.bincount(row * count + number, weights=alike, minlength=days.size * count).reshape(days.size, count)
    # Who is last seen on a day is still watched on it.
    watched = np.cumsum(left[::-1], axis=0)[::-1].T[:, events > 0]
    events = events[events > 0]
    total = watched.sum(axis=0)
    share = watched / total
    scale = np.where(total > 1, events * (total - events) / np.maximum(total - 1, 1), 0.0)
    spread = np.diag((share * scale).sum(axis=1)) - (share * scale) @ share.T
    return share @ events, spread
