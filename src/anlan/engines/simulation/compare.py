"""Policies side by side over the same calls: what differs, and how sure that is."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats

from anlan.engines.simulation.draws import CallProcess, Luck, luck_of
from anlan.engines.simulation.hindsight import Bound, bound_of, is_bounded
from anlan.engines.simulation.hindsight_search import found_of
from anlan.engines.simulation.outcomes import BOUNDED, METRICS, Tally, bounded, sums_of, tally_of, values_of
from anlan.engines.simulation.policies import Policy
from anlan.engines.simulation.run import Course, PolicyFailed, run
from anlan.engines.simulation.world import POLICE, Calls, Floats, World, WorldWrong

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
    `calls` the number a run had on average. `best` are the least late, late at P1 and mean response anybody could
    have had who knew all calls beforehand, for the first policy's fleet and way of waiting, and `left` what the first
    policy lies above that: at most so much is left to gain. `found` are those of the best way of sending that was
    found with all calls known, and `sure` what the first policy lies above it: so much could surely have been gained.
    All stand on the first `bound_runs` runs, and are empty where no bound was asked for or none can be told."""

    runs: int
    blocks: int
    calls: float
    figures: dict[str, dict[str, Told]]
    differences: dict[str, dict[str, Told]]
    failed: dict[str, str] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict, repr=False)
    best: dict[str, Told] = field(default_factory=dict)
    left: dict[str, Told] = field(default_factory=dict)
    found: dict[str, Told] = field(default_factory=dict)
    sure: dict[str, Told] = field(default_factory=dict)
    bound_runs: int = 0


@dataclass(frozen=True, eq=False)
class Done:
    """What a task found: sums by policy, refusals by policy, how many calls there were, and the first policy's sums
    with what hindsight could have had at best, and surely (None: not asked for, or not to be told)."""

    tallies: dict[str, Tally]
    failed: dict[str, str]
    calls: int
    hindsight: tuple[Tally, Tally] | None = None


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
    with_bound: bool = False

    def __call__(self) -> Done:
        """Run every policy, and the bound of the first."""
        rng = np.random.default_rng([self.seed, self.number])
        world = self.world if self.process is None else _with(self.world, self.process.draw(self.days, rng))
        luck = luck_of(len(world.calls), world.rules, rng)
        done, failed = {}, {}
        known = None
        for number, policy in enumerate(self.policies):
            try:
                course = run(world, policy, luck)
            except (PolicyFailed, WorldWrong) as problem:
                failed[policy.name] = str(problem)
                continue
            done[policy.name] = tally = tally_of(world, course)
            if self.with_bound and not number:
                known = _hindsight(world, policy, luck, course, tally)
        return Done(done, failed, len(world.calls), known)


def _hindsight(world: World, policy: Policy, luck: Luck, course: Course, tally: Tally) -> tuple[Tally, Tally] | None:
    """The policy's sums with what hindsight could have had: at best, and by the best way found.

    Each figure is told by the way that has least of it over all blocks, the policy's own among them.
    """
    first_s = course.first_s[:, POLICE]
    reached = np.isfinite(first_s)
    if not is_bounded(world, policy) or not reached.any():
        return None
    longest_s, own = float(first_s[reached].max()), Bound(*sums_of(world, first_s, reached))
    ways = found_of(world, policy, luck, longest_s=longest_s, reached=reached)
    sums = [sums_of(world, way, reached) for way in (first_s, *ways)]
    late, late_p1, wait_s = (min(each, key=lambda part: float(part.sum())) for each in zip(*sums, strict=True))
    bound = bound_of(world, policy, luck, longest_s=longest_s, reached=reached, own=own)
    return (
        bounded(tally, late=bound.late, late_p1=bound.late_p1, wait_s=bound.wait_s),
        bounded(tally, late=late, late_p1=late_p1, wait_s=wait_s),
    )


def trial_do(trial: Trial) -> Done:
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
    bound_runs: int = 0,
) -> Compared:
    """Run every policy through the same calls and the same luck, so many times.

    Without `process` the calls are the history's: their blocks (days) are what intervals stand on, averaged over
    runs, and the claim is about days like those. With it every run draws its own calls for so many `days`, and runs
    are the blocks. `executor` is anything with the interface of `concurrent.futures` (processes, Dask); none runs
    here. `told` hears how many runs are done; what it raises ends the comparison. A policy that raises is named in
    `failed`, and the others go on. In the first `bound_runs` runs it is also reckoned what is left to gain
    over the first policy.

    Raises ValueError without a run or a policy, or with two policies of one name.
    """
    names = [policy.name for policy in policies]
    if runs < 1 or not names or len(set(names)) < len(names):
        raise ValueError(f"at least one run and policies of different names are needed, got {runs} and {names}")
    trials = [
        Trial(world, tuple(policies), seed, number, process, days, with_bound=number < bound_runs)
        for number in range(runs)
    ]
    total: dict[str, list[Tally]] = {}
    failed: dict[str, str] = {}
    known: tuple[list[Tally], list[Tally], list[Tally]] = ([], [], [])
    bounds, calls = 0, 0
    for number, done in enumerate(_results(trials, executor), start=1):
        failed |= {name: why for name, why in done.failed.items() if name not in failed}
        calls += done.calls
        for name, tally in done.tallies.items():
            _gather(total.setdefault(name, []), tally if process is None else tally.in_one(), is_same=process is None)
        if done.hindsight is not None:
            bounds += 1
            for rows, tally in zip(known, (done.tallies[names[0]], *done.hindsight), strict=True):
                _gather(rows, tally if process is None else tally.in_one(), is_same=process is None)
        if told is not None:
            told(number)
    tallies = {name: _stacked(total[name]) for name in names if name in total and name not in failed}
    told_of = _told(tallies, runs=runs, calls=calls / runs, failed=failed, seed=seed)
    if not bounds or bounds < min(bound_runs, runs) or names[0] not in tallies:
        return told_of
    return _with_hindsight(told_of, [_stacked(rows) for rows in known], seed=seed, bound_runs=bounds)


def _results(trials: Sequence[Trial], executor: Executor | None) -> Iterator[Done]:
    """In order. Whoever stops listening stops what hasn't begun."""
    if executor is None:
        yield from (trial() for trial in trials)
        return
    futures = [executor.submit(trial_do, trial) for trial in trials]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


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
    if not blocks:
        return Compared(runs, 0, calls, {}, {}, failed)
    weight = _weight(blocks, seed)
    every = {name: _figures(tally, weight) for name, tally in tallies.items()}
    first, *others = every
    return Compared(
        runs,
        blocks,
        calls,
        {name: each.told(METRICS, blocks) for name, each in every.items()},
        {name: (every[name] - every[first]).told(METRICS, blocks) for name in others},
        failed,
        tallies,
    )


def _with_hindsight(told: Compared, known: Sequence[Tally], *, seed: int, bound_runs: int) -> Compared:
    """What the first policy had in these runs, beside the bound and the best way found."""
    blocks = len(known[0].counts)
    weight = _weight(blocks, seed)
    had, least, found = (_figures(tally, weight) for tally in known)
    return replace(
        told,
        best=least.told(BOUNDED, blocks),
        left=(had - least).told(BOUNDED, blocks),
        found=found.told(BOUNDED, blocks),
        sure=(had - found).told(BOUNDED, blocks),
        bound_runs=bound_runs,
    )


def _weight(blocks: int, seed: int) -> Floats:
    """How often each block comes in each drawing, shape (DRAWS, blocks)."""
    rng = np.random.default_rng([seed, 1_000_003])
    return rng.multinomial(blocks, np.full(blocks, 1.0 / blocks), size=DRAWS).astype(np.float64)


def _figures(tally: Tally, weight: Floats) -> "_Figures":
    return _Figures(values_of(tally.in_one()), values_of(tally.drawn(weight)))


@dataclass(frozen=True, eq=False)
class _Figures:
    """Each metric over all blocks, and over every drawing of blocks."""

    value: dict[str, Floats]
    drawn: dict[str, Floats]

    def __sub__(self, other: "_Figures") -> "_Figures":
        """Paired: the same drawings of both."""
        with np.errstate(invalid="ignore"):
            return _Figures(
                {key: self.value[key] - other.value[key] for key in self.value},
                {key: self.drawn[key] - other.drawn[key] for key in self.drawn},
            )

    def told(self, keys: Sequence[str], blocks: int) -> dict[str, Told]:
        """With intervals."""
        return {key: interval(float(self.value[key][0]), self.drawn[key], blocks) for key in keys}


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
