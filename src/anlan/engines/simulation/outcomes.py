"""What a run is judged by, summed by block (a day or a run), so that blocks can be added and drawn anew."""

from dataclasses import dataclass, replace

import numpy as np

from anlan.engines.simulation.run import Course
from anlan.engines.simulation.world import COMMUNITY, POLICE, Bools, Calls, Floats, World

BIN_S = 2.0
BINS = 3601
"""Responses are kept to two seconds up to two hours; the last bin holds what came later or never."""
METRICS = (
    "late",
    "late_p1",
    "mean_s",
    "p90_s",
    "p90_p1_s",
    "never",
    "cover",
    "km",
    "spread",
    "town_late",
    "town_p90_s",
)
"""Definitions, each over all calls of the blocks told:

``late``/``late_p1``: share of calls (P1 calls) whose first police unit came after the call's own target, those that
nobody came to included; ``mean_s``: mean seconds from call to first police unit, of those reached;
``p90_s``/``p90_p1_s``: the ninth decile of the same, of all calls; ``never``: share nobody came to; ``cover``: mean
share of expected demand a free police unit covers, by looks at even times; ``km``: driven a day; ``spread``:
standard deviation over mean of police units' bound hours; ``town_late``/``town_p90_s``: the community track's share
late and ninth decile, by its own target.
"""
BOUNDED = ("late", "late_p1", "mean_s")
"""Those whose least is told for one who knows all calls beforehand."""
LESS_IS_BETTER = {name: name != "cover" for name in METRICS}


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums by block (row): `counts` as named in `COUNTS`, responses by bins of all, of P1 and of the community
    track, and `busy_s` by police unit."""

    counts: Floats
    seen: Floats
    seen_p1: Floats
    seen_town: Floats
    busy_s: Floats

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def in_one(self) -> "Tally":
        """All blocks as one."""
        return Tally(*(getattr(self, name).sum(axis=0, keepdims=True) for name in self.__dataclass_fields__))

    def drawn(self, weight: Floats) -> "Tally":
        """Blocks weighed, shape (n_draws, n_blocks): one row for each draw."""
        return Tally(*(weight @ getattr(self, name) for name in self.__dataclass_fields__))


COUNTS = (
    "calls",
    "late",
    "p1",
    "p1_late",
    "reached",
    "wait_s",
    "cover",
    "looks",
    "way_m",
    "town",
    "town_late",
    "days",
)


def tally_of(world: World, course: Course) -> Tally:
    """The sums of a run by block of its calls."""
    calls, blocks = world.calls, world.calls.blocks
    asked = _asked(world)
    first, is_p1 = course.first_s, calls.priority == 1
    police, town = asked[:, POLICE], asked[:, COMMUNITY]
    reached = np.isfinite(first[:, POLICE])
    late = police & (first[:, POLICE] > calls.target_s)
    late_town = town & (first[:, COMMUNITY] > world.rules.community_target_s)

    def by_block(which: Bools, weight: Floats | None = None) -> Floats:
        values = None if weight is None else weight[which]
        return np.bincount(calls.block[which], weights=values, minlength=blocks).astype(np.float64)

    columns = {
        "calls": by_block(police),
        "late": by_block(late),
        "p1": by_block(police & is_p1),
        "p1_late": by_block(late & is_p1),
        "reached": by_block(police & reached),
        "wait_s": by_block(police & reached, first[:, POLICE]),
        "cover": course.cover,
        "looks": course.looks.astype(np.float64),
        "way_m": course.way_m.sum(axis=1),
        "town": by_block(town),
        "town_late": by_block(late_town),
        "days": np.ones(blocks),
    }
    units = course.busy_s.shape[1]
    is_police = np.zeros(units, dtype=bool)
    is_police[: len(world.fleet)] = (world.fleet.track == POLICE)[:units]
    is_police[len(world.fleet) :] = True
    return Tally(
        np.stack([columns[name] for name in COUNTS], axis=1),
        _binned(calls, police, first[:, POLICE]),
        _binned(calls, police & is_p1, first[:, POLICE]),
        _binned(calls, town, first[:, COMMUNITY]),
        course.busy_s[:, is_police],
    )


def sums_of(world: World, first_s: Floats, reached: Bools) -> tuple[Floats, Floats, Floats]:
    """By block, of courses told by the police's responses alone: calls late, P1 calls late, and seconds waited for
    calls that are `reached`."""
    calls, police = world.calls, _asked(world)[:, POLICE]
    late = police & (first_s > calls.target_s)
    waits = np.where(police & reached, first_s, 0.0)
    parts = (late.astype(np.float64), (late & (calls.priority == 1)).astype(np.float64), waits)
    late_sum, p1_sum, wait_sum = (
        np.bincount(calls.block, part, minlength=calls.blocks).astype(np.float64) for part in parts
    )
    return late_sum, p1_sum, wait_sum


def bounded(tally: Tally, *, late: Floats, late_p1: Floats, wait_s: Floats) -> Tally:
    """A policy's sums with other late calls, late P1 calls and waiting: only `BOUNDED` may be told of them."""
    counts = tally.counts.copy()
    for name, column in (("late", late), ("p1_late", late_p1), ("wait_s", wait_s)):
        counts[:, COUNTS.index(name)] = column
    return replace(tally, counts=counts)


def _asked(world: World) -> Bools:
    """Which tracks each call asks for, shape (n_calls, 2)."""
    of_answer = np.array(
        [[any(need.track == track for need in needs) for track in (0, 1)] for needs in world.answers]
    )
    return np.asarray(of_answer[world.calls.answer], dtype=bool)


def _binned(calls: Calls, which: Bools, first: Floats) -> Floats:
    bins = np.minimum(np.nan_to_num(first[which] / BIN_S, posinf=BINS - 1), BINS - 1).astype(np.int64)
    at = calls.block[which] * BINS + bins
    return np.bincount(at, minlength=calls.blocks * BINS).reshape(calls.blocks, BINS).astype(np.float64)


def values_of(tally: Tally) -> dict[str, Floats]:
    """Each metric for each row of the tally; not a number where nothing was counted."""
    c = {name: tally.counts[:, place] for place, name in enumerate(COUNTS)}
    busy = tally.busy_s
    mean = busy.mean(axis=1) if busy.shape[1] else np.zeros(len(busy))
    return {
        "late": _over(c["late"], c["calls"]),
        "late_p1": _over(c["p1_late"], c["p1"]),
        "mean_s": _over(c["wait_s"], c["reached"]),
        "p90_s": ninth_decile(tally.seen),
        "p90_p1_s": ninth_decile(tally.seen_p1),
        "never": _over(c["calls"] - c["reached"], c["calls"]),
        "cover": _over(c["cover"], c["looks"]),
        "km": _over(c["way_m"] / 1000.0, c["days"]),
        "spread": _over(busy.std(axis=1) if busy.shape[1] else mean, mean),
        "town_late": _over(c["town_late"], c["town"]),
        "town_p90_s": ninth_decile(tally.seen_town),
    }


def ninth_decile(seen: Floats) -> Floats:
    """The ninth decile of each row of bins, in seconds, even within a bin; infinite where it lies beyond the last."""
    total = seen.sum(axis=1)
    risen = np.cumsum(seen, axis=1)
    want = 0.9 * total
    place = np.minimum((risen < want[:, None]).sum(axis=1), seen.shape[1] - 1)
    rows = np.arange(len(seen))
    here = seen[rows, place]
    before = risen[rows, place] - here
    inside = np.where(here > 0, (want - before) / np.where(here > 0, here, 1.0), 0.0)
    told = np.where(place >= seen.shape[1] - 1, np.inf, (place + inside) * BIN_S)
    return np.where(total > 0, told, np.nan)


def _over(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)
