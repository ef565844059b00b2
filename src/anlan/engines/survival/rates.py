"""When a settled quarrel is likeliest to come back: events over days watched, window by window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from anlan.engines.intervals import poisson_interval
from anlan.engines.intervals.counts import check_confidence
from anlan.engines.survival.table import EVENT, entry_counts, life_table


@dataclass(frozen=True, slots=True)
class WindowRate:
    """Events per day watched from day `start` up to `end`; low and high by Garwood, None if unwatched."""

    start: float
    end: float
    events: int
    days_watched: float
    rate: float | None
    low: float | None
    high: float | None


def window_rates(
    durations: ArrayLike,
    outcomes: ArrayLike,
    edges: Sequence[float],
    *,
    cause: int = EVENT,
    counts: ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[WindowRate, ...]:
    """The rate of `cause` in each window between two edges (days, rising).

    A revisit belongs where the rate is high, not on a fixed thirtieth day. With `counts` each entry
    stands for so many alike. Raises ValueError as `life_table` does, and for fewer than two edges or
    edges that do not rise.
    """
    check_confidence(confidence)
    life_table(durations, outcomes, cause=cause, counts=counts)
    borders = np.asarray(edges, dtype=np.float64)
    if borders.size < 2 or borders[0] < 0 or not (np.diff(borders) > 0).all():
        raise ValueError("edges are at least two rising days from 0 on")
    lasted = np.asarray(durations, dtype=np.float64).ravel()
    ended = np.asarray(outcomes, dtype=np.int64).ravel()
    alike = entry_counts(counts, lasted.size)
    found = []
    for start, end in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        watched = float((np.clip(np.minimum(lasted, end) - start, 0.0, None) * alike).sum())
        events = int(alike[(ended == cause) & (lasted > start) & (lasted <= end)].sum())
        if watched <= 0:
            found.append(WindowRate(start, end, events, 0.0, None, None, None))
            continue
        low, high = poisson_interval(events, exposure=watched, confidence=confidence)
        found.append(WindowRate(start, end, events, watched, events / watched, low, high))
    return tuple(found)
