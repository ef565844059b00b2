"""When to stop because calls rise where visits are paid: looked at daily, the error spent little by little.

At each look the sum of differences so far is set against the same sum under other throws of the coins. Of all throws
only a share may ever be stopped: up to the share ``t`` of the trial it is ``alpha * t`` (the power family of Kim and
DeMets 1987, with exponent 1). Throws that would have been stopped earlier don't count again (Lan and
DeMets 1983). The real throw is one of them, so where visits change nothing a trial is stopped with the chance
``alpha`` at most, however often one looks, whatever the calls' distribution is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.effects.analysis import flips_draw
from anlan.engines.effects.design import Coins, Counts, Design, contrasts

HARM_ALPHA = 0.05
FIRST_LOOK = 7
"""Days before the first look: earlier no bound could be reached."""
HARM_DRAWS = 9_999


@dataclass(frozen=True, slots=True)
class Look:
    """A look after so many days: calls more on extra visits than in usual practice, the bound, the error spent.

    ``bound`` is None where no excess could be told from chance yet.
    """

    day: int
    excess: int
    bound: int | None
    spent: float
    is_harm: bool


def harm_looks(
    design: Design,
    coins: Coins,
    counts: Counts,
    *,
    known: NDArray[np.bool_],
    seed: int,
    alpha: float = HARM_ALPHA,
    first_look: int = FIRST_LOOK,
    draws: int = HARM_DRAWS,
) -> list[Look]:
    """Every look over the days there are, (blocks, days so far); ends with the one that stops the trial.

    Days that aren't known or wash out bring nothing. The looks are those of a trial that was looked at daily.
    """
    so_far = counts.shape[1]
    steps = _steps(design, counts, design.counted[:so_far] & known[:so_far])
    flips = np.vstack([np.ones(design.coins), flips_draw(design.coins, seed=seed, draws=draws)])
    thrown = coins.ravel()[None, :] * flips
    sums, alive = np.zeros(len(flips)), np.ones(len(flips), dtype=np.bool_)
    looks: list[Look] = []
    for day in range(so_far):
        where, step = steps[day]
        sums = sums + thrown[:, where] @ step
        if day + 1 < first_look:
            continue
        may = int(np.floor(alpha * (day + 1) / design.days * len(flips))) - int((~alive).sum())
        bound = _bound(sums[alive], may)
        if bound is not None:
            alive &= sums < bound
        spent = float((~alive).mean())
        excess = round(float(sums[0]))
        looks.append(Look(day + 1, excess, None if bound is None else round(bound), spent, not alive[0]))
        if not alive[0]:
            break
    return looks


def _steps(
    design: Design, counts: Counts, used: NDArray[np.bool_]
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """The coins each day belongs to, and what the day adds to each of them."""
    so_far = counts.shape[1]
    whole = np.zeros((len(counts), design.days), dtype=np.int64)
    whole[:, :so_far] = np.where(used[None, :], counts, 0)
    differ = contrasts(design, whole)
    first = np.arange(len(design.pairs)) * (design.periods // 2)
    return [(first + day // (2 * design.period_days), differ[:, day].astype(np.float64)) for day in range(so_far)]


def _bound(sums: NDArray[np.float64], may: int) -> float | None:
    """The lowest excess above zero that at most ``may`` of these throws reach."""
    if may < 1 or not len(sums):
        return None
    values, counts = np.unique(np.rint(sums), return_counts=True)
    reach = np.cumsum(counts[::-1])[::-1]
    fits = np.flatnonzero((reach <= may) & (values > 0))
    return float(values[fits[0]]) if len(fits) else None
