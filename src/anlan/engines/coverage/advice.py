"""Whom to send when cover counts too: the quickest, or one within a cap that leaves more behind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Advice:
    """The row advised and the quickest row (-1 where nobody can go), with what the choice costs and saves.

    `added_s` is how much later than the quickest the advised unit is, `saved` the share of expected demand
    that stays covered by it.
    """

    unit: int
    quickest: int
    added_s: float
    saved: float

    @property
    def is_quickest(self) -> bool:
        return self.unit == self.quickest


def advise(eta_s: ArrayLike, loss: ArrayLike, *, cap_s: float, least_saved: float = 0.005) -> Advice:
    """Of the units at most `cap_s` later than the quickest, the one whose going costs least cover.

    Parameters
    ----------
    eta_s
        When each unit is there, shape (n_units,), >= 0; infinite for one that can't get there.
    loss
        Share of demand no longer reached in time once it is sent, shape (n_units,).
    cap_s
        Seconds that may be added for the sake of cover; 0 for a top priority: always the quickest.
    least_saved
        Below this share saved the quickest goes all the same.

    Of equals the quicker one, then the first. Raises ValueError for shapes that disagree or a cap below 0.

    Source: closest-idle is not best for later calls, but the first call must not pay for it:
    C. J. Jagtenberg, S. Bhulai and R. D. van der Mei (2017), "Dynamic ambulance dispatching: is the
    closest-idle policy always optimal?", Health Care Management Science 20:517.
    """
    eta = np.asarray(eta_s, dtype=np.float64)
    cost = np.asarray(loss, dtype=np.float64)
    if eta.ndim != 1 or cost.shape != eta.shape or np.isnan(eta).any() or np.isnan(cost).any():
        raise ValueError(f"one time and one loss per unit are needed: got shapes {eta.shape} and {cost.shape}")
    if cap_s < 0.0:
        raise ValueError(f"the cap must be at least 0 s, got {cap_s}")
    if not np.isfinite(eta).any():
        return Advice(-1, -1, 0.0, 0.0)
    quickest = int(np.argmin(eta))
    near = np.flatnonzero(eta <= eta[quickest] + cap_s)
    best = int(near[np.lexsort((near, eta[near], cost[near]))[0]])
    saved = float(cost[quickest] - cost[best])
    if cap_s == 0.0 or saved < least_saved:
        return Advice(quickest, quickest, 0.0, 0.0)
    return Advice(best, quickest, float(eta[best] - eta[quickest]), saved)
