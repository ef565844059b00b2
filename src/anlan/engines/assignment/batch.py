"""Many calls at once: who goes where so that all together wait least, beside what one after the other would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

NEVER_S = 16 * 3600.0
"""What an empty place costs, in seconds: as much as a unit that comes after four hours, all of them too late."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Which unit goes to each place, as rows of units, -1 for none; `total` is the weighted lateness of it all.

    `one_by_one` and `one_by_one_total` are the same if the places were served in their order, each taking
    what is best for it alone. `total` is never above `one_by_one_total`.
    """

    rows: Rows
    total: float
    one_by_one: Rows
    one_by_one_total: float


def lateness(
    eta_s: ArrayLike,
    *,
    left_s: ArrayLike,
    weight: ArrayLike,
    extra_s: ArrayLike | None = None,
    late_counts: float = 4.0,
) -> Floats:
    """Weighted seconds of each unit at each place, shape (n_places, n_units); infinite where it can't get there.

    Parameters
    ----------
    eta_s
        When each unit is at each place, shape (n_places, n_units), >= 0.
    left_s
        What is left of the time each place allows, shape (n_places,); negative when it is over.
    weight
        What a second of waiting at each place is worth, shape (n_places,), > 0.
    extra_s
        Seconds a unit counts as later (above 0) or sooner than it is at a place, for reasons other than
        driving, shape (n_places, n_units).
    late_counts
        A second beyond the time allowed counts as much as this many before it; >= 1.

    Raises ValueError for shapes that disagree and for numbers that are none.
    """
    eta = np.asarray(eta_s, dtype=np.float64)
    left, worth = np.asarray(left_s, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    extra = np.zeros_like(eta) if extra_s is None else np.asarray(extra_s, dtype=np.float64)
    if eta.ndim != 2 or left.shape != (len(eta),) or worth.shape != left.shape or extra.shape != eta.shape:
        raise ValueError(f"one row per place is needed: got {eta.shape}, {left.shape}, {worth.shape}, {extra.shape}")
    if np.isnan(eta).any() or (eta < 0).any() or not np.isfinite(left).all() or not np.isfinite(extra).all():
        raise ValueError("times must be numbers of at least 0, what is left and what is added plain numbers")
    if not (np.isfinite(worth).all() and (worth > 0).all()) or late_counts < 1.0:
        raise ValueError("weights must be above 0 and lateness must count at least as much as waiting")
    beyond = np.where(np.isfinite(eta), np.maximum(eta - np.maximum(left, 0.0)[:, None], 0.0), 0.0)
    return np.asarray(worth[:, None] * (eta + (late_counts - 1.0) * beyond + extra))


def batch_assign(may_fill: ArrayLike, cost: ArrayLike, empty: ArrayLike) -> Batch:
    """Serve all places at once with the least sum of costs; nobody goes twice.

    Parameters
    ----------
    may_fill
        Which unit has what a place asks for, shape (n_places, n_units), bool.
    cost
        What each unit at each place costs (`lateness`), shape (n_places, n_units); infinite for never.
    empty
        What a place costs that nobody goes to, shape (n_places,). A place is left empty only where all
        together are better off so.

    Raises ValueError for shapes that disagree and for numbers that are none.

    Source: the rectangular assignment problem, D. F. Crouse (2016), "On implementing 2D rectangular
    assignment algorithms", IEEE Trans. Aerospace and Electronic Systems 52:1679; that serving waiting calls
    together beats one after the other: C. J. Jagtenberg, S. Bhulai and R. D. van der Mei (2017), Health Care
    Management Science 20:517, and the policies compared there.
    """
    may, price = np.asarray(may_fill, dtype=bool), np.asarray(cost, dtype=np.float64)
    nobody = np.asarray(empty, dtype=np.float64)
    if may.ndim != 2 or price.shape != may.shape or nobody.shape != (len(may),):
        raise ValueError(f"one row per place is needed: got {may.shape}, {price.shape} and {nobody.shape}")
    if np.isnan(price).any() or (price == -np.inf).any() or not np.isfinite(nobody).all():
        raise ValueError("costs must be numbers, and finite for a place that stays empty")
    allowed = may & np.isfinite(price)
    greedy = one_by_one(allowed, price, nobody)
    n_places, n_units = may.shape
    rows = np.full(n_places, -1, dtype=np.int64)
    if n_places and n_units:
        # A column of its own for each place stands for nobody. What is forbidden costs more than nobody does.
        barred = nobody[:, None] + np.abs(nobody)[:, None] + 1.0
        table = np.hstack([np.where(allowed, price, barred), np.broadcast_to(nobody[:, None], (n_places, n_places))])
        places, columns = linear_sum_assignment(table)
        filled = (columns < n_units) & allowed[places, np.minimum(columns, n_units - 1)]
        rows[places[filled]] = columns[filled]
    together, apart = batch_total(rows, price, nobody), batch_total(greedy, price, nobody)
    if together > apart:  # the same filling, summed in another order
        rows, together = greedy, apart
    return Batch(rows, together, greedy, apart)


def one_by_one(allowed: ArrayLike, cost: ArrayLike, empty: ArrayLike) -> Rows:
    """Each place in its order takes the free unit that costs it least; of equals the first."""
    may, price, nobody = np.asarray(allowed, dtype=bool), np.asarray(cost), np.asarray(empty)
    rows = np.full(len(may), -1, dtype=np.int64)
    free = np.ones(may.shape[1], dtype=bool)
    for place in range(len(may)):
        here = np.where(may[place] & free, price[place], np.inf)
        best = int(np.argmin(here)) if len(here) else -1
        if best >= 0 and here[best] < nobody[place]:
            rows[place] = best
            free[best] = False
    return rows


def batch_total(rows: Rows, cost: Floats, empty: Floats) -> float:
    """The sum of what the filling costs, empty places included."""
    filled = rows >= 0
    return float(cost[np.flatnonzero(filled), rows[filled]].sum() + empty[~filled].sum())
