"""Does a forecast that decides where patrols go come to believe in its own patrols? Simulated before release.

Areas with known true demand; each step the forecast places patrols, citizens report, patrols find what lies where
they are; the forecast learns from what it is allowed to learn from; and so on. Fed with what patrols find, the
share of an area drifts away from the truth; fed with what citizens report, it cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEARNS_FROM = ("citizens", "patrols", "both")
MEAN_LIMIT = 1.1
RUN_LIMIT = 1.25
RUN_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class LoopResult:
    """What a loop ended in. `ratio` is each area's forecast share by its true share, mean over the runs.

    `worst` is the largest of them, `beyond` the share of runs and areas that ended more than a quarter above the
    truth, `passes` whether no area's mean is above 1.1 and at most 1 % are beyond.
    """

    learns_from: str
    areas: int
    steps: int
    runs: int
    ratio: NDArray[np.float64]
    worst: float
    beyond: float
    passes: bool


def loop_simulate(
    *,
    learns_from: str,
    areas: int = 50,
    steps: int = 2_000,
    runs: int = 100,
    reports_a_step: float = 120.0,
    found_a_step: float = 40.0,
    shares: Sequence[float] | None = None,
    seed: int,
) -> LoopResult:
    """Run the loop `runs` times from even beliefs; `shares` are true shares of demand (drawn from `seed` if None).

    `reports_a_step` citizens' reports fall by true shares. Patrols find `found_a_step` things at most: in each area
    by its true share and by the patrols that are there, as the forecast of that step placed them. The forecast is
    the mean of all that was learnt, with one pseudo-count an area.

    The set-up is that of D. Ensign et al. (2018), "Runaway feedback loops in predictive policing", PMLR 81:160-171,
    with many areas and a report stream beside discoveries. Raises ValueError for another stream or sizes below 1.
    """
    if learns_from not in LEARNS_FROM:
        raise ValueError(f"a forecast learns from one of {LEARNS_FROM}, got {learns_from!r}")
    if min(areas, steps, runs) < 1:
        raise ValueError("areas, steps and runs are 1 or more")
    rng = np.random.default_rng(seed)
    truth = _truth(rng, areas, shares)
    learnt = np.ones((runs, len(truth)))
    for _step in range(steps):
        belief = learnt / learnt.sum(axis=1, keepdims=True)
        if learns_from != "patrols":
            learnt += rng.poisson(reports_a_step * truth, learnt.shape)
        if learns_from != "citizens":
            learnt += rng.poisson(found_a_step * len(truth) * truth * belief)
    ended = learnt / learnt.sum(axis=1, keepdims=True) / truth
    ratio = ended.mean(axis=0)
    worst, beyond = float(ratio.max()), float((ended > RUN_LIMIT).mean())
    return LoopResult(
        learns_from, len(truth), steps, runs, ratio, worst, beyond, worst <= MEAN_LIMIT and beyond <= RUN_SHARE
    )


def _truth(rng: np.random.Generator, areas: int, shares: Sequence[float] | None) -> NDArray[np.float64]:
    """True shares of demand that add to 1; drawn ones differ about fivefold, as stations of a county do."""
    drawn = rng.gamma(4.0, size=areas) + 0.5 if shares is None else np.asarray(shares, dtype=np.float64)
    if drawn.ndim != 1 or not np.isfinite(drawn).all() or (drawn <= 0).any():
        raise ValueError("true shares are positive numbers, one an area")
    found: NDArray[np.float64] = drawn / drawn.sum()
    return found
