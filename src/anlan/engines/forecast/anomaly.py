"""Areas above their own normal level: the week's count against the weeks before, with false alarms held down.

Police desks compare a week with the mean of the fifteen before and colour it by per cent; with many small areas
that raises alarms of chance every week. Here each area stands against what its own mean lets one expect, more
widely where counts scatter more than chance, and of all areas together at most a given share of the alarms
may be false.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

WEEKS = 15
LEAST_SHOWN = 5
FALSE_SHARE = 0.10
EDGE = 0.05
_PRIOR = 0.5


@dataclass(frozen=True, slots=True)
class Level:
    """One area's week beside its own normal level.

    `expected` is what the weeks before let one expect for the days on record, `low` and `high` where 95 of 100
    such weeks lie, `p` the chance of `count` or more. `verdict` is "above" (told apart from chance among all
    areas), "edge" (by itself seldom, not among so many), "usual", or "too_few" (below five, or too little past).
    """

    count: int
    expected: float
    low: int
    high: int
    p: float
    verdict: str


def levels(
    now: ArrayLike,
    past: ArrayLike,
    *,
    days_now: float = 7.0,
    days_past: Sequence[float] | None = None,
    least: int = LEAST_SHOWN,
    false_share: float = FALSE_SHARE,
) -> list[Level]:
    """The verdict on each area: `now` is shape (areas,), `past` (areas, weeks), both counts of 0 or more.

    `days_now` and `days_past` (one a week) are the days of complete record; a week of none tells nothing. The mean
    of an area has a gamma posterior after its own weeks (Jeffreys' prior), so the week to come is negative
    binomial: short pasts give wide limits, and wider where the counts of all areas scatter more around their means
    than chance does. Alarms are chosen by Benjamini and
    Hochberg's step-up rule among all areas with something to judge.

    Sources: A. Gelman et al., Bayesian Data Analysis (gamma-Poisson); Y. Benjamini and Y. Hochberg (1995),
    "Controlling the false discovery rate", JRSS B 57:289-300 (at most `false_share` of the alarms are chance,
    also for counts, where the rule errs on the quiet side).

    Raises ValueError for shapes that don't fit or counts below 0.
    """
    counts, weeks, days = _checked(now, past, days_now, days_past)
    known = float(days.sum())
    if known <= 0 or days_now <= 0:
        return [Level(int(count), 0.0, 0, 0, 1.0, "too_few") for count in counts]
    seen = weeks[:, days > 0].sum(axis=1)
    shape = seen + _PRIOR
    mean = shape * days_now / known
    wide = scatter(weeks, days) * (1.0 + 1.0 / max(1, int((days > 0).sum())))
    variance = mean + mean * mean * (1.0 / shape + wide)
    size, chance = mean * mean / (variance - mean), mean / variance
    p = scipy.stats.nbinom.sf(counts - 1, size, chance)
    low, high = scipy.stats.nbinom.ppf(0.025, size, chance), scipy.stats.nbinom.ppf(0.975, size, chance)
    judged = (counts >= least) & (int((days > 0).sum()) >= WEEKS // 2)
    above = _step_up(p, judged, false_share)
    found = []
    for k, count in enumerate(counts.tolist()):
        verdict = "above" if above[k] else "edge" if p[k] < EDGE else "usual"
        verdict = verdict if judged[k] else "too_few"
        found.append(Level(int(count), float(mean[k]), int(low[k]), int(high[k]), float(p[k]), verdict))
    return found


def scatter(past: ArrayLike, days: ArrayLike) -> float:
    """How much more counts scatter than chance: the variance of a mean m is m + a m^2; this is a, 0 to 1.

    By moments over all areas around their own means; areas without a single count tell nothing. What is above 1 is
    a change of level and no scatter.
    """
    weeks, known = np.asarray(past, dtype=np.float64), np.asarray(days, dtype=np.float64)
    weeks, known = weeks[:, known > 0], known[known > 0]
    rows = weeks[weeks.sum(axis=1) > 0]
    if rows.shape[0] == 0 or rows.shape[1] < 2:
        return 0.0
    fitted = rows.sum(axis=1, keepdims=True) * known / known.sum()
    free = (rows.shape[1] - 1) / rows.shape[1]  # each area's mean was taken from its own weeks
    excess = float(((rows - fitted) ** 2 - fitted * free).sum() / (fitted**2 * free).sum())
    return min(1.0, max(0.0, excess))


def _step_up(p: NDArray[np.float64], judged: NDArray[np.bool_], false_share: float) -> NDArray[np.bool_]:
    """Which of the judged ones are told apart, by Benjamini and Hochberg."""
    chosen = np.zeros(len(p), dtype=bool)
    rows = np.flatnonzero(judged)
    if not rows.size:
        return chosen
    # Areas too small to be shown were looked at all the same: they count among the many.
    ranked = rows[np.argsort(p[rows], kind="stable")]
    held = p[ranked] <= false_share * np.arange(1, ranked.size + 1) / len(p)
    if held.any():
        chosen[ranked[: int(np.flatnonzero(held)[-1]) + 1]] = True
    return chosen


def _checked(
    now: ArrayLike, past: ArrayLike, days_now: float, days_past: Sequence[float] | None
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    counts, weeks = np.asarray(now, dtype=np.int64).ravel(), np.asarray(past, dtype=np.float64)
    if weeks.ndim != 2 or weeks.shape[0] != counts.size:
        raise ValueError(f"{counts.size} areas need as many rows of weeks, got shape {weeks.shape}")
    days = np.full(weeks.shape[1], 7.0) if days_past is None else np.asarray(days_past, dtype=np.float64)
    if days.shape != (weeks.shape[1],) or (days < 0).any() or days_now < 0:
        raise ValueError(f"{weeks.shape[1]} weeks need as many numbers of days of 0 or more")
    if (counts < 0).any() or (weeks < 0).any():
        raise ValueError("counts are 0 or more")
    return counts, weeks, days
