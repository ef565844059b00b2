"""One figure: its value with everything needed to judge it, and the words to show it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from anlan.engines.intervals import cohen_kappa, percentile, percentile_interval, poisson_interval, wilson_interval
from anlan.reports.definitions import Kind, Kpi, Split

METHODS: dict[Kind, str | Promise] = {
    Kind.SHARE: _("Wilson score interval, 95 %"),
    Kind.PERCENTILE: _("linear interpolation (type 7); order-statistic interval, at least 95 %"),
    Kind.COUNT: _("exact Poisson interval (Garwood), 95 %"),
    Kind.TOTAL: _("full sum, no interval"),
    Kind.RATIO: _("ratio of two Poisson counts; Wilson interval of the one among both, 95 %"),
    Kind.KAPPA: _("Cohen's kappa, no interval"),
    Kind.MISSING: _("can't be computed from the data here"),
}
UNITS = {
    Kind.SHARE: "share",
    Kind.PERCENTILE: "s",
    Kind.TOTAL: "s",
    Kind.COUNT: "records",
    Kind.RATIO: "ratio",
    Kind.KAPPA: "kappa",
    Kind.MISSING: "",
}
PERCENT = (Kind.SHARE, Kind.RATIO)
HOUR_S = 3600
Seconds = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one period. ``value, low, high`` are shares of 1, seconds or records, see ``measure``.

    ``numerator`` of ``denominator`` records count; for percentiles and totals that many have both moments
    of those that should. ``n`` is what the value stands on. ``low`` and ``high`` are None where the sample
    is too small for an interval, or none belongs to it. ``records`` are the parameters with which
    ``kpi_records`` lists exactly the records counted. ``text, unit, fraction, spread`` are for pages.
    """

    key: str
    version: int
    group: str
    kind: str
    name: str | Promise
    formula: str | Promise
    value: float | None
    numerator: int
    denominator: int
    n: int
    low: float | None
    high: float | None
    measure: str
    method: str | Promise
    of: str = ""
    counter: tuple[str, ...] = ()
    lacking: str | Promise = ""
    records: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value alone: 63.1, 3:20, 1,234."""
        return "–" if self.value is None else _shown(self.kind, self.value)

    @property
    def unit(self) -> str:
        """The unit behind the value, where the text doesn't carry it."""
        if self.value is None:
            return ""
        if self.kind in PERCENT:
            return "%"
        if self.measure == "s" and self.value < HOUR_S:
            return gettext("min:s")
        return ""

    @property
    def fraction(self) -> str:
        """612/970; empty where there is nothing to divide."""
        if self.kind == Kind.MISSING or (self.kind == Kind.COUNT and not self.of):
            return ""
        return f"{self.numerator}/{self.denominator}"

    @property
    def spread(self) -> str:
        """60.1–66.0, the interval in the unit of the value."""
        if self.low is None or self.high is None:
            return ""
        return f"{_shown(self.kind, self.low)}–{_shown(self.kind, self.high)}"


def _shown(kind: str, value: float) -> str:
    if kind == Kind.KAPPA:
        return f"{value:.2f}"
    if kind in PERCENT:
        return f"{100 * value:.1f}"
    if kind == Kind.COUNT:
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return duration_text(value)


def duration_text(seconds: float) -> str:
    """3:20 below an hour, then 2 h 10 min."""
    whole = round(seconds)
    if whole < HOUR_S:
        return f"{whole // 60}:{whole % 60:02d}"
    return gettext("%(hours)s h %(minutes)s min") % {"hours": whole // HOUR_S, "minutes": whole % HOUR_S // 60}


def figure_of(
    kpi: Kpi,
    *,
    numerator: int,
    denominator: int,
    seconds: Seconds = (),
    pairs: Sequence[tuple[str, str]] = (),
    split: Split | None = None,
    records: Mapping[str, str],
) -> Figure:
    """The figure from its counts; percentiles and totals from the ``seconds`` of its records, a kappa from
    the ``pairs`` of values two people gave to each."""
    value, low, high, n = _valued(kpi, numerator, denominator, seconds)
    if kpi.kind == Kind.KAPPA:
        value, n = cohen_kappa([a for a, _b in pairs], [b for _a, b in pairs]), len(pairs)
    return Figure(
        key=kpi.key if split is None else f"{kpi.key}:{split.key}",
        version=kpi.version,
        group=kpi.group,
        kind=kpi.kind.value,
        name=kpi.name if split is None else split.name,
        formula=kpi.formula,
        value=value,
        numerator=numerator,
        denominator=denominator,
        n=n,
        low=low,
        high=high,
        measure=UNITS[kpi.kind],
        method=METHODS[kpi.kind],
        of="" if split is None else kpi.key,
        counter=kpi.counter,
        lacking=kpi.lacking,
        records=records,
    )


Valued = tuple[float | None, float | None, float | None, int]


def _valued(kpi: Kpi, numerator: int, denominator: int, seconds: Seconds) -> Valued:
    """Value, both ends of the interval, and n."""
    if kpi.kind == Kind.SHARE:
        if not denominator:
            return None, None, None, 0
        return numerator / denominator, *wilson_interval(numerator, denominator), denominator
    if kpi.kind == Kind.COUNT:
        return float(numerator), *poisson_interval(numerator), denominator
    if kpi.kind == Kind.RATIO:
        return _ratio(numerator, denominator)
    if kpi.kind == Kind.TOTAL:
        return float(sum(seconds)), None, None, len(seconds)
    if kpi.kind == Kind.MISSING or not len(seconds):
        return None, None, None, 0
    low, high = percentile_interval(seconds, kpi.q) or (None, None)
    return percentile(seconds, kpi.q), low, high, len(seconds)


def _ratio(now: int, before: int) -> Valued:
    """Two Poisson counts over equal spans: given their sum the one is binomial, its share p, the ratio p/(1-p).

    Source: J. Przyborowski, H. Wilenski (1940), "Homogeneity of results in testing samples from Poisson
    series", Biometrika 31:313-323; here with Wilson limits for p. None without records of a year ago.
    """
    if not before:
        return None, None, None, 0
    low, high = wilson_interval(now, now + before)
    return now / before, low / (1 - low), high / (1 - high), now + before
