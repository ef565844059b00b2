"""Rate ratio of extra visits to usual practice, judged by the coins that were really thrown.

Both arms have the same blocks on the same number of days, so the ratio of calls is the ratio of rates. That visits
change nothing is tested by throwing all coins anew: each coin turns the sign of its own difference, and the
distribution of their sum is worked out exactly (Fisher 1935; Edgington and Onghena, Randomization Tests, 2007). The
interval holds every ratio ``r`` that the same test would not reject (test inversion; Garthwaite 1996). That extra
visits leave one call in so many out is undone by leaving as many out of the other side, by lot: then both sides are
alike again, whatever the calls' distribution is, and the coins may be thrown anew. For ratios above one it is the
other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.effects.design import Coins, Counts, Design, by_coin, contrasts, days_used
from anlan.engines.effects.errors import EffectsRefused

DRAWS = 9_999
ALPHA = 0.05
FARTHEST = 50.0
"""Ratios beyond this, or below its inverse, are not looked for."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Calls by coin on extra visits and in usual practice, (coins,), and the days that were counted."""

    extra: Counts
    usual: Counts
    days: int


@dataclass(frozen=True, slots=True)
class Effect:
    """``ratio`` of calls (None where usual practice had none), its interval, and how often chance does as much.

    ``low`` is 0 and ``high`` infinite where the calls say nothing. ``extra`` and ``usual`` are calls, ``block_days``
    how many days of a block each arm has, ``coins`` how many of them were thrown.
    """

    extra: int
    usual: int
    block_days: int
    coins: int
    ratio: float | None
    low: float
    high: float
    p: float

    @property
    def is_seen(self) -> bool:
        """Whether the difference is more than the coins bring about by themselves."""
        return self.p <= ALPHA


def tally(design: Design, coins: Coins, counts: Counts, *, known: NDArray[np.bool_]) -> Tally:
    """Calls of each arm by coin, from calls by block and day, (blocks, days). ``known`` are days wholly on record."""
    used = days_used(design, known)
    if not used.any():
        raise EffectsRefused("no_counted_days")
    held = np.where(used[None, :], counts, 0)
    differ = by_coin(design, contrasts(design, held)) * coins.ravel()
    both = by_coin(design, held[[a for a, _ in design.pairs]] + held[[b for _, b in design.pairs]])
    return Tally((both + differ) // 2, (both - differ) // 2, int(used.sum()))


def chance_of(differences: Counts) -> float:
    """How often coins alone make a sum at least as far from zero as that of ``differences``: exact, two-sided.

    The sum of signed whole numbers has the characteristic function ``prod cos(d t)``; its inverse discrete Fourier
    transform over as many points as the sum has values is their distribution, to the last few bits.
    """
    seen = abs(int(differences.sum()))
    sizes, times = np.unique(np.abs(differences), return_counts=True)
    reach = int((sizes * times).sum())
    turn = 2 * np.pi * np.arange(2 * reach + 1) / (2 * reach + 1)
    wave = np.prod(np.cos(turn[:, None] * sizes[None, :]) ** times[None, :], axis=1)
    spread = np.fft.fftshift(np.fft.ifft(wave).real)
    far = np.abs(np.arange(-reach, reach + 1)) >= seen
    return float(np.clip(spread[far].sum(), 0.0, 1.0))


def flips_draw(coins: int, *, seed: int, draws: int = DRAWS) -> Floats:
    """So many throws of all coins, (draws, coins) of +1 and -1."""
    dice = np.random.default_rng([seed, 1])
    return np.where(dice.random((draws, coins), dtype=np.float32) < 0.5, np.float32(-1), np.float32(1)).astype(float)


def effect_of(counted: Tally, *, blocks: int, flips: Floats, alpha: float = ALPHA, seed: int | None = None) -> Effect:
    """The effect with its ``1 - alpha`` interval. ``flips`` are throws of the coins (``flips_draw``).

    ``seed`` draws which calls are left out where the interval is looked for. Without one calls are scaled instead, as
    protocols of the first edition say: a little short where one side has half the calls of the other.
    """
    extra, usual = int(counted.extra.sum()), int(counted.usual.sum())
    low, high = 0.0, float("inf")
    if extra + usual:
        told = _scaled(counted, flips) if seed is None else _thinned(counted, flips, seed)
        low, high = _interval(*told, alpha=alpha)
    if usual:
        low, high = min(low, extra / usual), max(high, extra / usual)
    return Effect(
        extra=extra,
        usual=usual,
        block_days=counted.days * blocks // 2,
        coins=len(counted.extra),
        ratio=extra / usual if usual else None,
        low=low,
        high=high,
        p=chance_of(counted.extra - counted.usual),
    )


Chance = Callable[[float], float]


def _scaled(counted: Tally, flips: Floats) -> tuple[Chance, float]:
    """How often coins alone bring about as much at a ratio, calls scaled by its root; and a ratio that stands."""
    extra, usual = counted.extra.sum(), counted.usual.sum()
    thrown_extra, thrown_usual = flips @ counted.extra, flips @ counted.usual

    def chance(ratio: float) -> float:
        root = float(np.sqrt(ratio))
        seen = abs(extra / root - usual * root)
        as_far = np.abs(thrown_extra / root - thrown_usual * root) >= seen * (1 - 1e-12)
        return float((1 + as_far.sum()) / (len(flips) + 1))

    return chance, float(extra / usual) if usual and extra else 1.0


def _thinned(counted: Tally, flips: Floats, seed: int) -> tuple[Chance, float]:
    """The same, the side with more calls thinned to the ratio; each call's lot is the same at every ratio."""
    dice, both, coins = np.random.default_rng([seed, 4]), (counted.extra, counted.usual), len(counted.extra)
    sides = [(np.repeat(np.arange(coins), calls), dice.random(int(calls.sum()))) for calls in both]

    def left(side: int, share: float) -> Counts:
        coin, lot = sides[side]
        return np.bincount(coin[lot < share], minlength=coins).astype(np.int64)

    def chance(ratio: float) -> float:
        differ = counted.extra - left(1, ratio) if ratio <= 1 else left(0, 1 / ratio) - counted.usual
        as_far = np.abs(flips @ differ) >= abs(int(differ.sum())) - 1e-9
        return float((1 + as_far.sum()) / (len(flips) + 1))

    extra, usual = (int(calls.sum()) for calls in both)
    if not extra or not usual:
        return chance, 1.0
    if extra <= usual:
        return chance, _share_for(sides[1][1], extra)
    return chance, 1 / _share_for(sides[0][1], usual)


def _share_for(lots: Floats, wanted: int) -> float:
    """The share at which exactly ``wanted`` of these calls are left."""
    return float(np.nextafter(np.sort(lots)[wanted - 1], 2.0))


def _interval(chance: Chance, inside: float, *, alpha: float) -> tuple[float, float]:
    """From where to where ratios stand, about one that does."""

    def stands(ratio: float) -> bool:
        return chance(ratio) > alpha

    start = min(max(inside, 1 / FARTHEST), FARTHEST)
    low = 0.0 if stands(1 / FARTHEST) else _edge(stands, start, 1 / FARTHEST)
    high = float("inf") if stands(FARTHEST) else _edge(stands, start, FARTHEST)
    return low, high


def _edge(stands: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where, between a ratio that stands and one that doesn't, the test begins to reject; to one in ten thousand."""
    near, far = np.log(inside), np.log(outside)
    while abs(far - near) > 1e-4:
        middle = (near + far) / 2
        near, far = (middle, far) if stands(float(np.exp(middle))) else (near, middle)
    return float(np.exp(near))
