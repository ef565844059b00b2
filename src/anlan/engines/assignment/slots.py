"""Fill the places of a response plan: which unit for which need, nobody twice."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

_FIRST = 1e-4
"""By how much more the first place weighs than the last: enough to give it the quicker of two equal fillings."""


def slots_fill(may_fill: ArrayLike, eta_s: ArrayLike, *, allowance_s: ArrayLike | None = None) -> NDArray[np.int64]:
    """The unit for each place, as rows of units, shape (n_slots,); -1 for a place nobody is left for.

    Fills as many places as can be filled, and among those fillings takes the one with the least sum of
    times; the earlier a place stands, the quicker the unit it gets.

    Parameters
    ----------
    may_fill
        Which unit has what a place asks for, shape (n_slots, n_units), bool.
    eta_s
        When each unit is there, shape (n_units,), >= 0; infinite for one that can't get there.
    allowance_s
        How many seconds later than another each unit may be and still go before it, shape (n_units,),
        >= 0: how a home station is preferred, within a stated number of seconds.

    Raises ValueError for shapes that disagree and for numbers that are none or negative.

    Source: the rectangular assignment problem, D. F. Crouse (2016), "On implementing 2D rectangular
    assignment algorithms", IEEE Trans. Aerospace and Electronic Systems 52:1679.
    """
    may = np.asarray(may_fill, dtype=bool)
    eta = np.asarray(eta_s, dtype=np.float64)
    ahead = np.zeros_like(eta) if allowance_s is None else np.asarray(allowance_s, dtype=np.float64)
    if eta.ndim != 1 or may.ndim != 2 or may.shape[1] != len(eta) or ahead.shape != eta.shape:
        raise ValueError(f"one time per unit is needed: got shapes {may.shape}, {eta.shape}, {ahead.shape}")
    if np.isnan(eta).any() or (eta < 0).any() or not np.isfinite(ahead).all() or (ahead < 0).any():
        raise ValueError("times and allowances must be numbers of at least 0")
    n_slots = len(may)
    rows = np.full(n_slots, -1, dtype=np.int64)
    if not n_slots or not len(eta):
        return rows
    allowed = may & np.isfinite(eta)
    cost = np.where(np.isfinite(eta), eta - ahead, 0.0)
    cost = cost - cost.min()
    weight = 1.0 + _FIRST * np.arange(n_slots, 0, -1) / n_slots
    # Dearer than all places together: a place stays empty only where it must.
    never = (cost.max() + 1.0) * 2.0 * (n_slots + 1)
    slots, units = linear_sum_assignment(np.where(allowed, cost * weight[:, None], never))
    filled = allowed[slots, units]
    rows[slots[filled]] = units[filled]
    return rows
