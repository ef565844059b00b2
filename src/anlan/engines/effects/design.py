"""How an experiment is laid out: which blocks stand beside each other, and which has extra visits on which day.

Blocks of like expected calls are paired, periods follow each other in pairs. One fair coin for each pair of blocks
and pair of periods says which of the two blocks has extra visits in the first of the two periods; the other has them
in the second. So half of the blocks have extra visits on every day, and every block has them on half of its days:
what blocks differ in, and what days differ in, cancels. With a period of a day this is a switchback; with two periods
of half the trial each, a crossover (Jones and Kenward, Design and Analysis of Cross-Over Trials, 2014; Bojinov,
Simchi-Levi and Zhao, Design and Analysis of Switchback Experiments, 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.effects.errors import EffectsRefused

Counts = NDArray[np.int64]
Coins = NDArray[np.int8]
LEAST_COINS = 6
"""Five coins have 32 assignments: the rarest two-sided result would still be one in 16 by chance alone."""
SWITCHBACK, CROSSOVER = "switchback", "crossover"


@dataclass(frozen=True, slots=True)
class Design:
    """Pairs of block numbers, an even number of periods of ``period_days``, of which the first ``washout_days`` of
    each don't count: what was done before may still work then."""

    pairs: tuple[tuple[int, int], ...]
    periods: int
    period_days: int
    washout_days: int

    @property
    def days(self) -> int:
        return self.periods * self.period_days

    @property
    def coins(self) -> int:
        """How many fair coins decide the whole assignment."""
        return len(self.pairs) * self.periods // 2

    @property
    def blocks(self) -> int:
        return 2 * len(self.pairs)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which days count, (days,)."""
        return np.arange(self.days) % self.period_days >= self.washout_days

    @property
    def partner(self) -> NDArray[np.int64]:
        """The day that stands against each day: the same one of the other period of its pair, (days,)."""
        day = np.arange(self.days)
        in_first = (day // self.period_days) % 2 == 0
        return np.where(in_first, day + self.period_days, day - self.period_days)


def design_make(
    kind: str, *, expected: Sequence[float], days: int, period_days: int = 1, washout_days: int = 0
) -> Design:
    """A design over at most ``days`` for blocks with so many ``expected`` calls.

    An odd block (that with the fewest calls) is left out, and so are days that make no whole pair of periods.
    Raises ``EffectsRefused``.
    """
    if not len(expected):
        raise EffectsRefused("no_blocks")
    if len(expected) == 1:
        raise EffectsRefused("one_block")
    long = days // 2 if kind == CROSSOVER else period_days
    periods = days // long // 2 * 2 if long >= 1 else 0
    order = np.lexsort((np.arange(len(expected)), -np.asarray(expected, dtype=np.float64))).tolist()
    pairs = tuple((order[k], order[k + 1]) for k in range(0, len(order) - 1, 2))
    if not 0 <= washout_days < max(long, 1):
        raise EffectsRefused("no_counted_days")
    made = Design(pairs, periods, max(long, 1), washout_days)
    if made.coins < LEAST_COINS:
        raise EffectsRefused("too_few_coins", coins=made.coins, least=LEAST_COINS)
    return made


def coins_draw(design: Design, *, seed: int) -> Coins:
    """+1 or -1 for each pair of blocks and pair of periods, (pairs, periods / 2); the same seed, the same coins."""
    dice = np.random.default_rng(seed)
    return (2 * dice.integers(0, 2, (len(design.pairs), design.periods // 2)) - 1).astype(np.int8)


def arms_of(design: Design, coins: Coins, *, n_blocks: int) -> NDArray[np.int8]:
    """1 extra visits, 0 usual practice, -1 not in the trial, by block and day, (n_blocks, days)."""
    signs = _signs(design)[None, :] * np.repeat(coins, 2 * design.period_days, axis=1)
    arms = np.full((n_blocks, design.days), -1, dtype=np.int8)
    for k, (a, b) in enumerate(design.pairs):
        arms[a], arms[b] = signs[k] > 0, signs[k] < 0
    return arms


def _signs(design: Design) -> NDArray[np.int8]:
    """+1 in the first period of each pair, -1 in the second, (days,)."""
    return np.where((np.arange(design.days) // design.period_days) % 2 == 0, 1, -1).astype(np.int8)


def contrasts(design: Design, counts: Counts) -> Counts:
    """Calls of the first block less those of the second, turned round in second periods, (pairs, days).

    Times its coin this is calls on extra visits less calls in usual practice.
    """
    first, second = (counts[[pair[side] for pair in design.pairs]] for side in (0, 1))
    return np.asarray((first - second) * _signs(design)[None, :], dtype=np.int64)


def by_coin(design: Design, values: Counts) -> Counts:
    """Sums over the days of each coin: (pairs, days) to (coins,)."""
    shape = (len(design.pairs), design.periods // 2, 2 * design.period_days)
    return np.asarray(values.reshape(shape).sum(axis=2).ravel(), dtype=np.int64)


def days_used(design: Design, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Days that count: known, no washout, and their partner known too, so that both arms keep the same days."""
    return np.asarray(design.counted & known & known[design.partner])
