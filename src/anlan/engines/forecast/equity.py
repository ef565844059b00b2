"""Is a forecast as right for one area as for another, and does it point where citizens call from?

Areas only: their calls, their forecasts, their flags. What is compared are shares, so that a large area is not
unfair for being large.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from anlan.engines.forecast.parity import BROKEN, LEAST_CALLS, TOO_FEW, error_parity, relative_error

ALLOCATION_LOW, ALLOCATION_HIGH = 0.67, 1.5
BIAS_LIMIT = 0.10
TAU_LIMIT = 0.8
TOLD_APART = 1.96
"""A bias of nothing strays so many roots of the calls by chance in 95 of 100 spans."""
_SHRINK = 5.0


@dataclass(frozen=True, slots=True)
class GroupError:
    """How right the forecast was for one group of areas.

    `relative_error` is the mean absolute error by the mean count, over what chance alone makes of such counts;
    `bias` is forecast by calls less 1, with its 95 % interval; None where nobody called.
    """

    group: Hashable
    calls: int
    expected: float
    relative_error: float | None
    bias: float | None
    bias_low: float | None
    bias_high: float | None
    within: bool

    @property
    def is_told(self) -> bool:
        """Whether there are calls enough to tell a bias of 10 % from none (422)."""
        return self.calls == 0 or TOLD_APART / np.sqrt(self.calls) <= np.log1p(BIAS_LIMIT)


@dataclass(frozen=True, slots=True)
class Equity:
    """The audit of a span: flags against calls by area, errors and bias by group, and how steady the order is.

    `allocation` is each area's share of flags by its share of calls (both shrunk); None where there were no flags.
    `error_ratio` is the worst group's error by the best one's, `error_reach` how far chance alone takes it (see
    `parity`); `tau` the 5th percentile of Kendall's tau
    between the order of areas as forecast and with reporting varied; a limit only where `areas_ranked`. `passes`
    holds all limits together. `unjudged` names the
    measures for which calls don't suffice ("allocation", "bias", "error"): these neither pass nor fail.
    """

    areas: tuple[Hashable, ...]
    allocation: tuple[float | None, ...]
    outside: tuple[Hashable, ...]
    gini: float | None
    groups: tuple[GroupError, ...]
    error_ratio: float | None
    tau: float
    passes: bool
    areas_ranked: bool = True
    error_reach: float | None = None
    error_verdict: str = "kept"
    unjudged: tuple[str, ...] = ()


def equity_audit(
    areas: Sequence[Hashable],
    groups: Sequence[Hashable],
    calls: ArrayLike,
    expected: ArrayLike,
    flags: ArrayLike,
    *,
    seed: int,
    areas_ranked: bool = True,
) -> Equity:
    """Audit a span: `calls` and `expected` have shape (areas, periods), `flags` (areas,) how often each was flagged.

    Limits: flags by calls within 0.67 and 1.5, the worst group's error at most 1.25 times the best one's, bias
    within 10 %, and an order that keeps (tau 0.8) when reporting is varied by 30 %. A limit that chance alone would
    break is none: where calls don't suffice to tell, the measure is unjudged, and broken only where it lies beyond
    what chance makes of so few. An area with fewer than 30 calls is not judged by itself. `seed` draws the
    variations. Where the order doesn't keep, areas must not be shown in it: whoever never does says so by
    `areas_ranked`, and tau is told without being a limit.

    Raises ValueError for shapes that don't fit.
    """
    seen, told, flagged = _checked(areas, groups, calls, expected, flags)
    need = seen.sum(axis=1)
    allocation = allocation_ratios(need, flagged)
    outside = tuple(
        area
        for area, ratio, n in zip(areas, allocation, need, strict=True)
        if ratio is not None and n >= LEAST_CALLS and not ALLOCATION_LOW <= ratio <= ALLOCATION_HIGH
    )
    by_group = tuple(
        _group_error(group, seen[rows], told[rows])
        for group in dict.fromkeys(groups)
        if (rows := np.array([each == group for each in groups])).any()
    )
    parity = error_parity(groups, seen, told, seed=seed)
    too_few = {
        "allocation": bool(((need > 0) & (need < LEAST_CALLS)).any()) and not outside,
        "bias": all(row.within for row in by_group) and any(not row.is_told for row in by_group),
        "error": parity.verdict == TOO_FEW,
    }
    tau = order_keeps(told.sum(axis=1), seed=seed)
    passes = (
        not outside
        and all(row.within for row in by_group)
        and parity.verdict != BROKEN
        and (tau >= TAU_LIMIT or not areas_ranked)
    )
    gini = gini_weighted(flagged / np.maximum(need, 1.0), need) if flagged.sum() and need.sum() else None
    return Equity(
        tuple(areas), allocation, outside, gini, by_group, parity.ratio, tau, passes, areas_ranked,
        parity.reach, parity.verdict, tuple(name for name, is_few in too_few.items() if is_few),
    )  # fmt: skip


def allocation_ratios(need: ArrayLike, given: ArrayLike) -> tuple[float | None, ...]:
    """Each area's share of what is given by its share of need, each with five counts more, so that few say little.

    None everywhere where nothing is needed or given. A ratio of 1 is fair by need.
    """
    needed, gave = np.asarray(need, dtype=np.float64), np.asarray(given, dtype=np.float64)
    if needed.sum() <= 0 or gave.sum() <= 0:
        return (None,) * len(needed)
    scaled = gave * needed.sum() / gave.sum()
    return tuple(float(value) for value in (scaled + _SHRINK) / (needed + _SHRINK))


def gini_weighted(values: ArrayLike, weights: ArrayLike) -> float:
    """Gini's measure of inequality of `values`, each standing for `weights` (calls, residents): 0 is equal.

    By the area under the Lorenz curve (trapezes). Raises ValueError for values or weights below 0 or no weight.
    """
    value, weight = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if (value < 0).any() or (weight < 0).any() or weight.sum() <= 0:
        raise ValueError("values and weights are 0 or more, and some weight is needed")
    order = np.argsort(value, kind="stable")
    held = np.concatenate([[0.0], np.cumsum((value * weight)[order])])
    if held[-1] <= 0:
        return 0.0
    people = np.concatenate([[0.0], np.cumsum(weight[order])]) / weight.sum()
    return float(1.0 - np.sum((held[1:] + held[:-1]) / held[-1] * np.diff(people)))


def order_keeps(expected: ArrayLike, *, vary: float = 0.30, draws: int = 200, seed: int) -> float:
    """The 5th percentile of Kendall's tau when every area reports up to `vary` more or less than now.

    Low values mean that the order of areas says more about who reports than about where help is needed. With
    fewer than two areas the order keeps by itself: 1.
    """
    told = np.asarray(expected, dtype=np.float64)
    if told.size < 2 or np.ptp(told) == 0:
        return 1.0
    rng = np.random.default_rng(seed)
    varied = told * rng.uniform(1.0 - vary, 1.0 + vary, size=(draws, told.size))
    return float(np.percentile([scipy.stats.kendalltau(told, row).statistic for row in varied], 5))


def _group_error(group: Hashable, seen: NDArray[np.float64], told: NDArray[np.float64]) -> GroupError:
    calls, expected = int(seen.sum()), float(told.sum())
    relative = relative_error(seen, told)
    if relative is None:
        return GroupError(group, calls, expected, None, None, None, None, True)
    spread = TOLD_APART / np.sqrt(calls)
    ratio = expected / calls
    low, high = ratio * float(np.exp(-spread)) - 1.0, ratio * float(np.exp(spread)) - 1.0
    within = low <= BIAS_LIMIT and high >= -BIAS_LIMIT
    return GroupError(group, calls, expected, relative, ratio - 1.0, low, high, within)


def _checked(
    areas: Sequence[Hashable], groups: Sequence[Hashable], calls: ArrayLike, expected: ArrayLike, flags: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    seen, told = np.asarray(calls, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    flagged = np.asarray(flags, dtype=np.float64)
    if seen.ndim != 2 or seen.shape != told.shape or seen.shape[0] != len(areas):
        raise ValueError(f"{len(areas)} areas need as many rows, got {seen.shape} and {told.shape}")
    if flagged.shape != (len(areas),) or len(groups) != len(areas):
        raise ValueError("every area needs its group and its flags")
    if (seen < 0).any() or (told < 0).any() or (flagged < 0).any():
        raise ValueError("counts are 0 or more")
    return seen, told, flagged
