"""Policies side by side over the same calls: what differs, and how sure that is."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from anlan.engines.simulation.draws import CallProcess, luck_of
from anlan.engines.simulation.outcomes import METRICS, Tally, tally_of, values_of
from anlan.engines.simulation.policies import Policy
from anlan.engines.simulation.run import PolicyFailed, run
from anlan.engines.simulation.world import Calls, Floats, World, WorldWrong

DRAWS = 400
"""So many drawings of blocks tell how much a figure varies."""
LEAST_BLOCKS = 2


@dataclass(frozen=True, slots=True)
class Told:
    """A figure with its 95 % interval; None for both ends with too few blocks, and for a figure nothing was counted
    for."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def is_sure(self) -> bool:
        """Whether 0 lies outside: for differences, that there is one."""
        return self.low is not None and self.high is not None and (self.low > 0.0 or self.high < 0.0)


@dataclass(frozen=True, eq=False)
class Compared:
    """`figures` of each policy and `differences` of each from the first, by metric; `failed` says which policy
    stopped and why; `blocks` is how many days or runs the intervals stand on, `runs` how often chance was drawn,
    `calls` the number a run had on average."""

    runs: int
    blocks: int
    calls: float
    figures: dict[str, dict[str, Told]]
    differences: dict[str, dict[str, Told]]
    failed: dict[str, str] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, eq=False)
class Trial:
    """One task: a run of chance through every policy. Whole, so that a process or a machine elsewhere can do it.

    `process` draws the calls anew where it is given (fitted); without it the calls are those of the world (history).
    """

    world: World
    policies: tuple[Policy, ...]
    seed: int
    number: int
    process: CallProcess | None = None
    days: int = 0
    scale: float = 1.0

    def __call__(self) -> tuple[dict[str, Tally], dict[str, str], int]:
        """Sums by policy, refusals by policy, and how many calls there were."""
        rng = np.random.default_rng([self.seed, self.number])
        world = self.world if self.process is None else _with(self.world, self.process.draw(self.days, rng))
        luck = luck_of(len(world.calls), world.rules, rng)
        done, failed = {}, {}
        for policy in self.policies:
            try:
                done[policy.name] = tally_of(world, run(world, policy, luck))
            except (PolicyFailed, WorldWrong) as problem:
                failed[policy.name] = str(problem)
        return done, failed, len(world.calls)


def trial_do(trial: Trial) -> tuple[dict[str, Tally], dict[str, str], int]:
    """Do one task: what is handed to an executor."""
    return trial()


def compare(
    world: World,
    policies: Sequence[Policy],
    *,
    runs: int,
    seed: int,
    process: CallProcess | None = None,
    days: int = 0,
    executor: Executor | None = None,
    told: Callable[[int], None] | None = None,
) -> Compared:
    """Run every policy through the same calls and the same luck, so many times.

    Without `process` the calls are the history's: their blocks (days) are what intervals stand on, averaged over
    runs, and the claim is about days like those. With it every run draws its own calls for so many `days`, and runs
    are the blocks. `executor` is anything with the interface of `concurrent.futures` (processes, Dask); none runs
    here. `told` hears how many runs are done. A policy that raises is named in `failed`, and the others go on.

    Raises ValueError without a run or a policy, or with two policies of one name.
    """
    names = [policy.name for policy in policies]
    if runs < 1 or not names or len(set(names)) < len(names):
        raise ValueError(f"at least one run and policies of different names are needed, got {runs} and {names}")
    trials = [Trial(world, tuple(policies), seed, number, process, days) for number in range(runs)]
    total: dict[str, list[Tally]] = {}
    failed: dict[str, str] = {}
    calls = 0
    for number, (done, stopped, n) in enumerate(_results(trials, executor), start=1):
        failed |= {name: why for name, why in stopped.items() if name not in failed}
        calls += n
        for name, tally in done.items():
            _gather(total.setdefault(name, []), tally if process is None else tally.in_one(), is_same=process is None)
        if told is not None:
            told(number)
    tallies = {name: _stacked(total[name]) for name in names if name in total and name not in failed}
    return _told(tallies, runs=runs, calls=calls / runs, failed=failed, seed=seed)


def _results(trials: Sequence[Trial], executor: Executor | None):  # type: ignore[no-untyped-def]
    if executor is None:
        yield from (trial() for trial in trials)
        return
    for future in [executor.submit(trial_do, trial) for trial in trials]:
        yield future.result()


def _gather(rows: list[Tally], tally: Tally, *, is_same: bool) -> None:
    """Runs of the same days are added up; runs of days of their own stand one after the other."""
    if is_same and rows:
        rows[0] = rows[0] + tally
    else:
        rows.append(tally)


def _stacked(rows: Sequence[Tally]) -> Tally:
    return Tally(*(np.concatenate([getattr(row, name) for row in rows]) for name in Tally.__dataclass_fields__))


def _with(world: World, calls: Calls) -> World:
    return World(world.ground, world.fleet, calls, world.answers, world.rules, world.posts)


def _told(tallies: dict[str, Tally], *, runs: int, calls: float, failed: dict[str, str], seed: int) -> Compared:
    blocks = len(next(iter(tallies.values())).counts) if tallies else 0
    rng = np.random.default_rng([seed, 1_000_003])
    weight = rng.multinomial(blocks, np.full(blocks, 1.0 / blocks), size=DRAWS).astype(np.float64) if blocks else None
    values = {name: values_of(tally.in_one()) for name, tally in tallies.items()}
    drawn = {name: values_of(tally.drawn(weight)) for name, tally in tallies.items()} if weight is not None else {}
    figures = {
        name: {key: interval(float(values[name][key][0]), drawn[name][key], blocks) for key in METRICS}
        for name in values
    }
    first, *others = values or [""]
    differences = {
        name: {
            key: interval(
                float(values[name][key][0] - values[first][key][0]), drawn[name][key] - drawn[first][key], blocks
            )
            for key in METRICS
        }
        for name in others
    }
    return Compared(runs, blocks, calls, figures, differences, failed, tallies)


def interval(value: float, drawn: Floats, blocks: int) -> Told:
    """A 95 % interval: Student's t times the spread of the figure over drawings of whole blocks.

    The spread of drawings of n blocks is too small by sqrt((n - 1) / n), which is put right; with few blocks the
    percentiles of drawings are too narrow, t is not.

    Source: B. Efron and R. Tibshirani (1993), An Introduction to the Bootstrap, ch. 6 and 12; blocks that don't
    depend on each other: B. D. Ripley (1987), Stochastic Simulation, ch. 6.
    """
    if not np.isfinite(value):
        return Told(None, None, None)
    known = drawn[np.isfinite(drawn)]
    if blocks < LEAST_BLOCKS or len(known) < len(drawn) / 2:
        return Told(value, None, None)
    wide = float(stats.t.ppf(0.975, blocks - 1) * known.std(ddof=1) * np.sqrt(blocks / (blocks - 1)))
    return Told(value, value - wide, value + wide)
