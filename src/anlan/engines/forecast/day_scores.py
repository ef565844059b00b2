"""One forecast day against what happened: the sums from which every figure of the card is a ratio.

Figures over many days, their intervals and differences are ratios of sums over days, so that a day is
scored once and drawn as often as the bootstrap likes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]

SHARES = (1, 2, 5, 20)
"""Percent of active cells that may be flagged in a shift."""

KM2 = (1, 2, 5, 10, 20, 40, 80, 160)
"""Flagged areas at which capture is told: percentages of cells can't be compared between cell sizes."""

VISITS = (20, 60, 200)
"""Places a station can go and see in a shift."""
STOP_KM2 = 0.0625
"""Ground seen from one stop, a square of 250 m: a cell of 500 m takes four stops to see."""

SUMS = (
    "events",  # of the category on the day, those outside the active cells too
    "outside",  # of them outside: missed by every map
    *(f"hits_{share}" for share in SHARES),  # events in the flagged cells of their shift
    *(f"best_{share}" for share in SHARES),  # the same for the best map of equal size, drawn with hindsight
    *(f"hits_area_{share}" for share in SHARES),  # hits when the share is taken of the whole rectangle
    *(f"hits_km2_{area}" for area in KM2),
    *(f"hits_visit_{places}" for places in VISITS),
    *(f"met_visit_{places}" for places in VISITS),  # of these places, how many had an event
    *(f"hits_ground_{places}" for places in VISITS),  # so many stops, each for a square of 250 m
    *(f"hits_day_{places}" for places in VISITS),  # so many a shift, but spent where most is expected of the day
    *(f"met_day_{places}" for places in VISITS),
    "hits_5_capped",  # events in the 5 % flagged by need (``flagging``); as ``hits_5`` where no areas are given
    "flagged_with_event",  # cell-shifts among the flagged 5 % with at least one event
    "cell_shifts",
    "log_loss",  # minus the log probability of the counts, Poisson, natural log
    "rps",  # ranked probability score of the counts
    "deviance",  # Poisson deviance of the model
    "deviance_flat",  # the same for the shift's training mean spread evenly: the climatology
    "predicted",
    "shift_error",  # |predicted - actual| of the city's shifts
)
COLUMN = {name: number for number, name in enumerate(SUMS)}


@dataclass(frozen=True, slots=True)
class Happened:
    """What a day brought for one category: ``counts`` (shift, cell), ``outside`` (shift) beyond the active cells."""

    counts: Floats
    outside: Floats


@dataclass(frozen=True, slots=True)
class Budgets:
    """How many cells of a shift are flagged under each way of counting, for ``cells`` active ones."""

    cells: int
    cell_km2: float
    rectangle: int

    def by_sum(self) -> dict[str, int]:
        """Cells flagged, by the name of the sum of hits."""
        share = {f"hits_{each}": flag_budget(self.cells, each) for each in SHARES}
        whole = {f"hits_area_{each}": min(self.cells, flag_budget(self.rectangle, each)) for each in SHARES}
        area = {f"hits_km2_{each}": min(self.cells, max(1, round(each / self.cell_km2))) for each in KM2}
        visit = {f"hits_visit_{each}": min(self.cells, each) for each in VISITS}
        ground = {
            f"hits_ground_{each}": min(self.cells, max(1, round(each * STOP_KM2 / self.cell_km2))) for each in VISITS
        }
        return share | whole | area | visit | ground


def flag_budget(cells: int, share_percent: float) -> int:
    """How many of ``cells`` active cells may be flagged: the share, rounded, at least one.

    Active cells are the only denominator. The whole rectangle, fields and water included, would lift every
    capture rate for nothing; ``card`` prints that figure only beside the honest one.
    """
    return min(cells, max(1, round(cells * share_percent / 100.0)))


def ranking(means: Floats, noise: Floats) -> NDArray[np.int64]:
    """Cells of each shift from most to least expected; equal cells in the order of ``noise`` (same shape)."""
    return np.stack([np.lexsort((tie, -mean)) for mean, tie in zip(means, noise, strict=True)])


def score_day(
    means: Floats,
    happened: Happened,
    flat: Floats,
    noise: Floats,
    budgets: Budgets,
    capped: NDArray[np.bool_] | None = None,
) -> tuple[Floats, NDArray[np.uint8]]:
    """The sums of one day in the order of ``SUMS`` and the packed flags of the 5 % (bits by shift, cell).

    ``means`` (shift, cell) above zero, ``flat`` (shift) climatology per cell, ``noise`` (shift, cell) for ties,
    ``capped`` (shift, cell) the 5 % flagged by need.
    """
    counts = happened.counts
    order = ranking(means, noise)
    sums = np.zeros(len(SUMS))
    _hits(sums, np.take_along_axis(counts, order, axis=1), budgets)
    _day_hits(sums, means, counts, noise, budgets)
    flags = np.zeros(counts.shape, dtype=np.bool_)
    np.put_along_axis(flags, order[:, : flag_budget(budgets.cells, 5)], True, axis=1)
    actual = counts.sum(axis=1) + happened.outside
    for name, value in (
        ("events", actual.sum()),
        ("outside", happened.outside.sum()),
        ("flagged_with_event", (counts[flags] > 0).sum()),
        ("hits_5_capped", counts[flags if capped is None else capped].sum()),
        ("cell_shifts", counts.size),
        ("log_loss", poisson_log_loss(means, counts)),
        ("rps", ranked_probability(means, counts)),
        ("deviance", poisson_deviance(means, counts)),
        ("deviance_flat", poisson_deviance(np.broadcast_to(flat[:, None], counts.shape), counts)),
        ("predicted", means.sum()),
        ("shift_error", np.abs(means.sum(axis=1) - actual).sum()),
    ):
        sums[COLUMN[name]] = value
    return sums, np.packbits(flags)


def _hits(sums: Floats, ranked: Floats, budgets: Budgets) -> None:
    """Hits under every budget, from counts (shift, rank) in the order of the forecast."""
    hit = np.cumsum(ranked, axis=1)
    met = np.cumsum(ranked > 0, axis=1)
    best = np.cumsum(-np.sort(-ranked, axis=1), axis=1)
    for name, budget in budgets.by_sum().items():
        sums[COLUMN[name]] = hit[:, budget - 1].sum()
    for share in SHARES:
        sums[COLUMN[f"best_{share}"]] = best[:, flag_budget(budgets.cells, share) - 1].sum()
    for places in VISITS:
        sums[COLUMN[f"met_visit_{places}"]] = met[:, min(budgets.cells, places) - 1].sum()


def _day_hits(sums: Floats, means: Floats, counts: Floats, noise: Floats, budgets: Budgets) -> None:
    """Hits when the places of all shifts of a day are one budget."""
    shifts = len(means)
    ranked = counts.ravel()[np.lexsort((noise.ravel(), -means.ravel()))]
    for places in VISITS:
        first = ranked[: shifts * min(budgets.cells, places)]
        sums[COLUMN[f"hits_day_{places}"]] = first.sum()
        sums[COLUMN[f"met_day_{places}"]] = (first > 0).sum()


def poisson_log_loss(means: Floats, counts: Floats) -> float:
    """Sum over cells of ``mean - n log mean + log n!``."""
    seen = counts > 0
    return float(means.sum() - (counts[seen] * np.log(means[seen])).sum() + gammaln(counts[seen] + 1.0).sum())


def poisson_deviance(means: Floats, counts: Floats) -> float:
    """Sum over cells of ``2 (n log(n / mean) - n + mean)``, with 0 log 0 = 0."""
    seen = counts > 0
    n = counts[seen]
    return float(2.0 * ((n * np.log(n / means[seen])).sum() - counts.sum() + means.sum()))


def ranked_probability(means: Floats, counts: Floats) -> float:
    """Sum over cells of ``sum_k (F(k) - [n <= k])^2`` for Poisson F (Czado, Gneiting & Held 2009).

    Terms beyond the largest count are summed until the tail is below 1e-12.
    """
    total, largest = 0.0, float(counts.max(initial=0.0))
    mass = np.exp(-means)
    below = mass.copy()
    number = 0
    while True:
        total += float(np.square(below - (counts <= number)).sum())
        number += 1
        if number > largest and float((1.0 - below).max(initial=0.0)) < 1e-12:
            return total
        mass = mass * means / number
        below = below + mass
        if number > 10_000:  # a mean in the thousands per cell and shift: no forecast of places
            return total
