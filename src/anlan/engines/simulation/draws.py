"""Chance, drawn before anything is decided: every policy meets the same calls, turn-outs and roads.

That is what makes differences between policies far surer than each policy's own figures (common random numbers).
"""

from dataclasses import dataclass

import numpy as np

from anlan.engines.simulation.world import Calls, Floats, Ints, Rules

HOURS = 168
HOUR_S = 3600.0
DAY_S = 86_400.0


@dataclass(frozen=True, eq=False)
class Luck:
    """By call: how its turn-out and its drive differ from their medians, as factors."""

    turnout: Floats
    drive: Floats


def luck_of(n_calls: int, rules: Rules, rng: np.random.Generator) -> Luck:
    """Log-normal factors with median 1; all 1 where the rules know no spread."""
    normal = rng.standard_normal((2, n_calls))
    return Luck(np.exp(rules.turnout_spread * normal[0]), np.exp(rules.drive_spread * normal[1]))


@dataclass(frozen=True, eq=False)
class CallProcess:
    """Calls at random whose number follows the hour of the week: a Poisson process that isn't homogeneous.

    `per_hour` is the mean number of calls of each hour of the week (168, from Monday midnight on).
    Where, how urgent and how long is drawn, all together, from the history's calls of hours alike: the same third
    of the day, working day or weekend.
    """

    per_hour: Floats
    pool: Calls
    pool_of_hour: tuple[Ints, ...]

    def draw(self, days: int, rng: np.random.Generator) -> Calls:
        """The calls of so many days, the day being the block. Raises ValueError below one day."""
        if days < 1:
            raise ValueError(f"at least one day is drawn, got {days}")
        hours = np.arange(days * 24)
        counts = rng.poisson(self.per_hour[hours % HOURS])
        hour = np.repeat(hours, counts)
        at_s = (hour + rng.random(len(hour))) * HOUR_S
        rows = np.empty(len(hour), dtype=np.int64)
        kind = _alike(hour % HOURS)
        for group, pool in enumerate(self.pool_of_hour):
            mine = np.flatnonzero(kind == group)
            rows[mine] = pool[rng.integers(len(pool), size=len(mine))]
        order = np.argsort(at_s, kind="stable")
        when = at_s[order]
        drawn = {name: getattr(self.pool, name)[rows[order]] for name in Calls.__dataclass_fields__}
        return Calls(**{**drawn, "at_s": when, "block": (when // DAY_S).astype(np.int64)})


def call_process(history: Calls, *, days: int, missing: tuple[int, ...] = ()) -> CallProcess:
    """A process fitted to so many whole days of history; second 0 is a Monday midnight, days `missing` are left out.

    The mean of an hour of the week is its calls divided by the weeks that hour was seen, drawn towards the mean
    of hours alike (same third of the day, working day or weekend) as much as one week weighs: with few weeks a single
    hour is mostly chance. Raises ValueError without a whole day, or with hours that saw no day at all.
    """
    seen = np.ones(days, dtype=bool)
    seen[[day for day in missing if 0 <= day < days]] = False
    if not seen.any():
        raise ValueError("no whole day to learn from")
    day = (history.at_s // DAY_S).astype(np.int64)
    kept = history.take(np.flatnonzero((day < days) & seen[np.minimum(day, days - 1)]))
    hour = (kept.at_s // HOUR_S).astype(np.int64) % HOURS
    exposure = np.bincount((np.flatnonzero(seen)[:, None] * 24 + np.arange(24)).ravel() % HOURS, minlength=HOURS)
    counts = np.bincount(hour, minlength=HOURS)
    alike = _alike(np.arange(HOURS))
    per_hour, pools = np.zeros(HOURS), []
    whole = float(counts.sum() / exposure.sum())
    for group in range(int(alike.max()) + 1):
        mine = alike == group
        exposed = exposure[mine].sum()
        mean = counts[mine].sum() / exposed if exposed else whole
        per_hour[mine] = (counts[mine] + mean) / (exposure[mine] + 1.0)
        pool = np.flatnonzero(alike[hour] == group)
        pools.append(pool if len(pool) else np.arange(len(kept)))
    return CallProcess(per_hour, kept, tuple(pools))


def _alike(hour: Ints) -> Ints:
    """Thirds of the day, Monday to Friday and the weekend apart: six groups."""
    return np.asarray((hour % 24) // 8 + 3 * (hour // 24 % 7 >= 5), dtype=np.int64)
