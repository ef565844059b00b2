"""How long files stay settled: Kaplan-Meier, Aalen-Johansen, and what can be read off them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from anlan.engines.intervals import wilson_interval
from anlan.engines.intervals.counts import check_confidence
from anlan.engines.survival.table import EVENT, Floats, Ints, life_table, step_at

READOUT_DAYS = (30.0, 90.0, 180.0)


@dataclass(frozen=True, slots=True)
class Readout:
    """A share on one day with its interval; `at_risk` were still watched then.

    `known` is False past the last day anybody was watched: there the curve says nothing, and the
    three shares are NaN.
    """

    day: float
    share: float
    low: float
    high: float
    at_risk: int
    known: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A step function over days with standard errors and pointwise intervals.

    For survival `share` starts at 1 and falls, for incidence it starts at 0 and rises.
    """

    days: Floats
    share: Floats
    std_error: Floats
    low: Floats
    high: Floats
    at_risk: Ints
    events: Ints
    n: int
    last_day: float
    confidence: float
    starts_at: float

    def at(self, day: float) -> Readout:
        """The share on a day, with its interval; Wilson's among those still watched before any event."""
        still = int((self.at_risk[np.searchsorted(self.days, day)]) if day <= self.last_day else 0)
        if day > self.last_day:
            return Readout(day, math.nan, math.nan, math.nan, 0, known=False)
        share = step_at(self.days, self.share, day, self.starts_at)
        if share == self.starts_at:
            # No event so far: the curve's formula has no width there, yet a few files prove little.
            low, high = wilson_interval(still if share == 1.0 else 0, still, confidence=self.confidence)
            return Readout(day, share, low, high, still)
        low = step_at(self.days, self.low, day, self.starts_at)
        return Readout(day, share, low, step_at(self.days, self.high, day, self.starts_at), still)

    def readouts(self, days: Iterable[float] = READOUT_DAYS) -> tuple[Readout, ...]:
        """The shares on the days that are reported: 30, 90 and 180 unless told otherwise."""
        return tuple(self.at(day) for day in days)

    def std_error_at(self, day: float) -> float:
        """The standard error of the share on a day."""
        return step_at(self.days, self.std_error, day, 0.0)


def kaplan_meier(
    durations: ArrayLike, outcomes: ArrayLike, *, counts: ArrayLike | None = None, confidence: float = 0.95
) -> Curve:
    """The share still without the event, day by day. Outcomes other than 1 count as no longer watched.

    With `counts` each entry stands for so many alike.

    Source: E. L. Kaplan and P. Meier (1958), "Nonparametric estimation from incomplete
    observations", JASA 53:457-481; standard error of M. Greenwood (1926); intervals on the scale
    log(-log S), which keeps them inside 0 and 1 (J. D. Kalbfleisch and R. L. Prentice, "The
    statistical analysis of failure time data", 1980). Raises ValueError as `life_table` does.
    """
    check_confidence(confidence)
    table = life_table(durations, outcomes, counts=counts)
    survival = np.cumprod(1.0 - table.events / table.at_risk).astype(np.float64)
    room = table.at_risk * (table.at_risk - table.events)
    # When the last ones watched all have the event, S is 0 and no variance is left to estimate.
    steps = np.divide(table.events, room, out=np.zeros_like(survival), where=room > 0)
    greenwood = np.cumsum(steps)
    std_error = survival * np.sqrt(greenwood)
    low, high = _log_log(survival, std_error, confidence)
    return Curve(
        table.days,
        survival,
        std_error,
        low,
        high,
        table.at_risk,
        table.events,
        table.n,
        table.last_day,
        confidence,
        1.0,
    )


def cumulative_incidence(
    durations: ArrayLike,
    outcomes: ArrayLike,
    *,
    cause: int = EVENT,
    counts: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Curve:
    """The share that had `cause` by each day, where other causes can come first and rule it out.

    With `counts` each entry stands for so many alike.

    One minus Kaplan-Meier overstates this share as soon as there are competing events: a file that
    went to court cannot come back as a call any more, and is not merely unseen.
    Source: O. O. Aalen and S. Johansen (1978), "An empirical transition matrix for nonhomogeneous
    Markov chains based on censored observations", Scand. J. Statist. 5:141-150; variance by the
    delta method (E. Marubini and M. G. Valsecchi, "Analysing survival data from clinical trials and
    observational studies", 1995, section 10.2.3). Raises ValueError as `life_table` does.
    """
    check_confidence(confidence)
    table = life_table(durations, outcomes, cause=cause, counts=counts)
    at_risk = table.at_risk.astype(np.float64)
    free = np.cumprod(1.0 - table.any_event / at_risk)
    before = np.concatenate([[1.0], free[:-1]])
    incidence = np.cumsum(before * table.events / at_risk)
    std_error = np.sqrt(_incidence_variance(at_risk, table.events, table.any_event, before, incidence))
    low, high = _log_log(incidence, std_error, confidence)
    return Curve(
        table.days,
        incidence,
        std_error,
        low,
        high,
        table.at_risk,
        table.events,
        table.n,
        table.last_day,
        confidence,
        0.0,
    )


def _incidence_variance(at_risk: Floats, events: Ints, every: Ints, before: Floats, incidence: Floats) -> Floats:
    """The three sums of the delta method, each up to every day, by expanding (F(t) - F(i)) squared."""
    room = at_risk * (at_risk - every)
    a = np.divide(every, room, out=np.zeros_like(before), where=room > 0)
    b = before**2 * (at_risk - events) * events / at_risk**3
    c = before * events / at_risk**2
    f = incidence
    first = f**2 * np.cumsum(a) - 2 * f * np.cumsum(a * f) + np.cumsum(a * f**2)
    third = f * np.cumsum(c) - np.cumsum(c * f)
    variance: Floats = np.maximum(first + np.cumsum(b) - 2 * third, 0.0)
    return variance


def _log_log(share: Floats, std_error: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Interval of a share on the scale log(-log); exact 0 and 1 have none and stand for themselves."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    inside = (share > 0.0) & (share < 1.0)
    safe = np.where(inside, share, 0.5)
    # A share that is 1 but for rounding has a scale without end; beyond 700 the limits are 0 and 1 all the same.
    spread = np.clip(z * std_error / (safe * np.log(safe)), -700.0, 700.0)
    first, second = safe ** np.exp(spread), safe ** np.exp(-spread)
    low = np.where(inside, np.minimum(first, second), share)
    high = np.where(inside, np.maximum(first, second), share)
    return low, high


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Days without the event, on average, of the first `horizon` days."""

    horizon: float
    days: float
    low: float
    high: float
    std_error: float


def restricted_mean(survival: Curve, horizon: float) -> RestrictedMean | None:
    """The area under a survival curve up to a day; None where nobody was watched that long.

    Unlike a median it is known even when few files ever come back.
    Source: J. P. Klein and M. L. Moeschberger, "Survival analysis", 2nd ed. 2003, section 4.5,
    without their n/(n-1). Raises ValueError for a horizon not above 0 or a curve of incidence.
    """
    if not horizon > 0 or survival.starts_at != 1.0:
        raise ValueError("a restricted mean needs a survival curve and a horizon above 0 days")
    if horizon > survival.last_day:
        return None
    inside = survival.days < horizon
    edges = np.concatenate([[0.0], survival.days[inside], [horizon]])
    heights = np.concatenate([[1.0], survival.share[inside]])
    pieces = heights * np.diff(edges)
    area = float(pieces.sum())
    # From each event on: the area that is still to come.
    to_come = np.cumsum(pieces[::-1])[::-1][1:]
    at_risk, events = survival.at_risk[inside].astype(np.float64), survival.events[inside]
    room = at_risk * (at_risk - events)
    steps = np.divide(events, room, out=np.zeros_like(at_risk), where=room > 0)
    std_error = math.sqrt(float((to_come**2 * steps).sum()))
    half = NormalDist().inv_cdf(0.5 + survival.confidence / 2.0) * std_error
    return RestrictedMean(horizon, area, max(0.0, area - half), min(horizon, area + half), std_error)


def median_days(survival: Curve) -> float | None:
    """The first day on which half had the event; None where the curve never falls that far."""
    reached = np.flatnonzero(survival.share <= 0.5)
    return float(survival.days[reached[0]]) if reached.size else None
