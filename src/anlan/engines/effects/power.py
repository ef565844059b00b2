"""What an experiment can find, before it begins: in closed form, and by laying it on days that are over."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from anlan.engines.effects.analysis import ALPHA, chance_of, effect_of, flips_draw, tally
from anlan.engines.effects.design import Counts, Design, arms_of, by_coin, coins_draw, contrasts, days_used
from anlan.engines.effects.errors import EffectsRefused
from anlan.engines.intervals import wilson_interval

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Found:
    """Of ``runs`` placebo trials with a planted effect so many told one; with 95 % interval (Wilson 1927)."""

    effect: float
    found: int
    runs: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.found / self.runs


def least_fall(
    expected: float, *, coins: int, scatter: float = 1.0, alpha: float = ALPHA, power: float = POWER
) -> float:
    """The smallest fall (0.2 = a fifth fewer) found with ``power`` where ``expected`` calls come in both arms.

    With a fall ``f`` the arms differ by ``m = expected f / 2`` calls, with the variance ``v = scatter expected (2 -
    f) / 2`` (``scatter`` is 1 for Poisson, see ``scatter_of``). Coins thrown anew see the variance ``v + m² /
    coins``. The fall is found where ``m`` is the quantile of ``alpha / 2`` of the one deviation and that of ``power``
    of the other away from zero; 1.0 where not even a fall to nothing is.
    """
    if expected <= 0:
        raise EffectsRefused("no_calls")
    normal = NormalDist()
    far, sure = normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)

    def is_found(fall: float) -> bool:
        mean, variance = expected * fall / 2, scatter * expected * (2 - fall) / 2
        return bool(mean >= far * np.sqrt(variance + mean * mean / coins) + sure * np.sqrt(variance))

    low, high = 0.0, 1.0
    if not is_found(high):
        return 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if is_found(middle) else (middle, high)
    return high


def scatter_of(design: Design, counts: Counts, known: NDArray[np.bool_]) -> float:
    """How many times as much as Poisson the coins' differences scatter in a past of this length; 1 at least."""
    held = np.where(days_used(design, known)[None, :], counts, 0)
    differ = by_coin(design, contrasts(design, held))
    inside = held[[block for pair in design.pairs for block in pair]].sum()
    return max(float((differ.astype(np.float64) ** 2).sum() / inside), 1.0) if inside else 1.0


def windows_of(known: NDArray[np.bool_], days: int) -> NDArray[np.int64]:
    """The known days of a past in order, so that a trial can be laid on any ``days`` of them in a row.

    Raises ``history_too_short``: a trial longer than its past has no power that could be told.
    """
    whole = np.flatnonzero(known)
    if len(whole) < days:
        raise EffectsRefused("history_too_short", days=len(whole), wanted=days)
    return whole


def placebo_runs(
    design: Design,
    past: Counts,
    known: NDArray[np.bool_],
    *,
    effect: float = 0.0,
    runs: int = 400,
    seed: int,
    alpha: float = ALPHA,
) -> Found:
    """Lay the trial on past days, with new coins and another first day each time; how often it tells an effect.

    ``past`` are calls by block and day (blocks, past days). On extra visits each call is left out with the chance
    ``effect``: 0 counts false alarms, anything else power.
    """
    whole = windows_of(known, design.days)
    dice = np.random.default_rng([seed, 2])
    every = np.ones(design.days, dtype=np.bool_)
    found = 0
    for _ in range(runs):
        start = int(dice.integers(0, len(whole) - design.days + 1))
        counts = past[:, whole[start : start + design.days]]
        coins = coins_draw(design, seed=int(dice.integers(2**31)))
        told = tally(design, coins, counts, known=every)
        extra = dice.binomial(told.extra, 1 - effect) if effect else told.extra
        found += chance_of(extra - told.usual) <= alpha
    low, high = wilson_interval(found, runs)
    return Found(effect, found, runs, low, high)


@dataclass(frozen=True, slots=True)
class Held:
    """Of ``runs`` made-up trials so many had an interval that holds the true ratio; with 95 % interval."""

    held: int
    runs: int
    low: float
    high: float


def coverage_runs(
    design: Design, rates: NDArray[np.float64], *, ratio: float, runs: int, seed: int, draws: int = 999
) -> Held:
    """How often the interval holds the true ``ratio``, where calls are Poisson with ``rates`` by block and day.

    ``rates`` (blocks, days) are those of usual practice.
    """
    dice = np.random.default_rng([seed, 3])
    every = np.ones(design.days, dtype=np.bool_)
    held = 0
    for _ in range(runs):
        coins = coins_draw(design, seed=int(dice.integers(2**31)))
        counts = dice.poisson(np.where(_extra(design, coins, len(rates)), rates * ratio, rates))
        lot = int(dice.integers(2**31))
        flips = flips_draw(design.coins, seed=lot, draws=draws)
        found = effect_of(tally(design, coins, counts, known=every), blocks=design.blocks, flips=flips, seed=lot)
        held += found.low <= ratio <= found.high
    low, high = wilson_interval(held, runs)
    return Held(held, runs, low, high)


def _extra(design: Design, coins: NDArray[np.int8], n_blocks: int) -> NDArray[np.bool_]:
    return np.asarray(arms_of(design, coins, n_blocks=n_blocks) == 1)
