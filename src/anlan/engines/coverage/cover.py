"""Cover of expected demand by the units that are free, and what each of them carries alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cover:
    """`share` of the demand that at least one unit reaches in time, and `loss` per unit if it is taken away.

    `reached` and `total` are the numerator and denominator of the share, in units of demand. With no
    demand at all the share is 0 and so is every loss.
    """

    share: float
    reached: float
    total: float
    loss: Floats

    def after(self, unit: int) -> float:
        """The share left when this unit is sent."""
        return max(self.share - float(self.loss[unit]), 0.0)


def reach_and_demand(reach: ArrayLike, demand: ArrayLike) -> tuple[Bools, Floats]:
    """Both as arrays, checked: reach (n_units, n_cells) bool, demand (n_cells,) >= 0. Raises ValueError."""
    within = np.asarray(reach, dtype=bool)
    wanted = np.asarray(demand, dtype=np.float64)
    if within.ndim != 2 or wanted.ndim != 1 or within.shape[1] != len(wanted):
        raise ValueError(f"one column per cell is needed: got shapes {within.shape} and {wanted.shape}")
    if not np.isfinite(wanted).all() or (wanted < 0).any():
        raise ValueError("expected demand must be numbers of at least 0")
    return within, wanted


def cover_of(reach: ArrayLike, demand: ArrayLike) -> Cover:
    """Cover by all units together, and the part of it that is lost with each single one.

    Parameters
    ----------
    reach
        Which unit gets to which cell within the target, shape (n_units, n_cells), bool.
    demand
        Expected calls of each cell, shape (n_cells,), >= 0.

    Only cells that a unit reaches alone are lost with it, so losses of several units do not add up.

    Source: the maximal covering model, R. Church and C. ReVelle (1974), "The maximal covering location
    problem", Papers of the Regional Science Association 32:101.
    """
    within, wanted = reach_and_demand(reach, demand)
    total = float(wanted.sum())
    if total <= 0.0:
        return Cover(0.0, 0.0, 0.0, np.zeros(len(within)))
    times = within.sum(axis=0)
    reached = float(wanted[times > 0].sum())
    alone = np.where(times == 1, wanted, 0.0)
    loss = within @ alone / total
    return Cover(reached / total, reached, total, loss)


def expected_cover(reach: ArrayLike, demand: ArrayLike, *, busy: float) -> Cover:
    """Cover where each unit is taken with chance `busy`: a second and third unit in reach are worth something.

    A cell reached by k units counts `1 - busy**k`; losing one of them costs `(1 - busy) * busy**(k - 1)`.

    Raises ValueError for `busy` outside [0, 1) and as `cover_of`.

    Source: M. S. Daskin (1983), "A maximum expected covering location model (MEXCLP)", Transportation
    Science 17:48.
    """
    within, wanted = reach_and_demand(reach, demand)
    if not 0.0 <= busy < 1.0:
        raise ValueError(f"the busy share must lie from 0 to below 1, got {busy}")
    total = float(wanted.sum())
    if total <= 0.0:
        return Cover(0.0, 0.0, 0.0, np.zeros(len(within)))
    times = within.sum(axis=0)
    reached = float((wanted * (1.0 - busy**times)).sum())
    last = np.where(times > 0, wanted * (1.0 - busy) * busy ** np.maximum(times - 1, 0), 0.0)
    return Cover(reached / total, reached, total, within @ last / total)
