"""Policies: which free unit goes, where free units wait. The rules are those the live rooms advise by."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from anlan.engines.assignment import home_ahead_s, rank_by_times, slots_fill
from anlan.engines.coverage import Cover, Move, advise, cover_of, move_up, post_for
from anlan.engines.simulation.world import Bools, Fleet, Floats, Ground, Ints, Need

TAIL = 1.35
"""Ninth decile over median of a trip, as `assignment.RankRules` has it."""

LEAST_GAIN = 0.01
"""A move that wins a smaller share of the expected calls isn't made."""


@dataclass(slots=True)
class Asked:
    """One call as a policy sees it: nothing of it lies in the future.

    `eta_s` is the median time of every unit (row), infinite for those that can't go; `reach` what each unit
    covers from where it stands (shape (n_units, n_cells)), made when it is asked for; `free` who is free.
    """

    priority: int
    station: int
    group: int
    needs: tuple[Need, ...]
    eta_s: Floats
    may: Bools
    free: Bools
    fleet: Fleet
    ground: Ground
    cover: Callable[[], Cover]
    """Cover by the free police units; `loss` has one number for each unit, 0 for those that aren't free."""


Send = Callable[[Asked], Ints]
"""A unit (row) for each need, -1 where none can or should go."""


@dataclass(frozen=True)
class Policy:
    """Who is sent (`send`), whether whole response plans are answered, and where free units wait.

    `stands`: ``home`` (each at its own), ``post`` (a freed unit goes where it adds most expected cover, DMEXCLP) or
    ``move_up`` (at home, and at most two are moved when a unit has left and a point of cover is won by it). `more`
    adds (or takes, below 0) police units; `diverts` takes units from lesser calls; `starts` are zones units wait at
    instead of their homes (a patrol plan), one per unit.
    """

    name: str
    send: Send
    is_plan: bool = False
    stands: str = "home"
    busy: float = 0.3
    diverts: bool = True
    more: int = 0
    starts: tuple[int, ...] = field(default=(), repr=False)
    is_patrol: bool = False


def closest(asked: Asked) -> Ints:
    """Whoever is there soonest nine times in ten."""
    return _each(asked, lambda eta, asked: int(rank_by_times(eta, eta * TAIL).order[0]))


@dataclass(frozen=True)
class HomeFirst:
    """A unit of the home station goes before others up to so many seconds quicker, one of the zone likewise.

    Neither at a P1. Zones 1+1+N with seconds for the zone, home station first without.
    """

    home_s: float = 180.0
    zone_s: float = 0.0

    def __call__(self, asked: Asked) -> Ints:
        return slots_fill(asked.may, asked.eta_s, allowance_s=self.ahead_s(asked))

    def ahead_s(self, asked: Asked) -> Floats:
        """By how many seconds each unit may be later than another and still go first."""
        if asked.station < 0:
            return np.zeros(len(asked.fleet))
        whose = zip(asked.fleet.station.tolist(), asked.fleet.group.tolist(), strict=True)
        ahead = [
            home_ahead_s(
                is_home=station == asked.station,
                is_zone=group == asked.group >= 0,
                home_s=self.home_s,
                zone_s=self.zone_s,
                is_urgent=asked.priority == 1,
            )
            for station, group in whose
        ]
        return np.array(ahead)


@dataclass(frozen=True)
class CoverAware:
    """Within the cap of the priority, the unit that leaves most cover behind (`coverage.advise`)."""

    cap_s: tuple[float, float, float, float] = (0.0, 60.0, 180.0, 300.0)
    least: float = 0.005

    def __call__(self, asked: Asked) -> Ints:
        return _each(asked, self._one)

    def _one(self, eta: Floats, asked: Asked) -> int:
        cap = self.cap_s[asked.priority - 1]
        loss = asked.cover().loss if cap > 0.0 else np.zeros(len(eta))
        return advise(eta, loss, cap_s=cap, least_saved=self.least).unit


def _each(asked: Asked, one: Callable[[Floats, Asked], int]) -> Ints:
    """Need by need, nobody twice."""
    rows = np.full(len(asked.needs), -1, dtype=np.int64)
    taken: list[int] = []
    for need, may in enumerate(asked.may):
        eta = np.where(may, asked.eta_s, np.inf)
        eta[taken] = np.inf
        if eta.min() < np.inf:
            rows[need] = one(eta, asked)
            taken.append(int(rows[need]))
    return rows


def post_after(reach: Bools, post_reach: Bools, demand: Floats, busy: float) -> int:
    """The post (row) a freed unit waits at."""
    return post_for(reach, post_reach, demand, busy=busy)[0]


def is_gap(reach: Bools, post_reach: Floats, demand: Floats) -> bool:
    """Whether a unit at any post (1 for what it reaches) could win enough for a move.

    No move wins more than its post reaches of what nobody does: what a unit keeps of its own is at most what it
    leaves.
    """
    open_ = np.where(reach.any(axis=0), 0.0, demand)
    return bool((post_reach @ open_).max(initial=0.0) >= (LEAST_GAIN - 1e-9) * demand.sum())


def moves_after(reach: Bools, post_reach: Bools, demand: Floats, may_move: Bools) -> list[Move]:
    """Who is moved up now that a unit has left."""
    return move_up(reach, post_reach, demand, may_move=may_move, least_gain=LEAST_GAIN)


def cover_by(reach: Bools, demand: Floats) -> Cover:
    """Cover as the live strip tells it."""
    return cover_of(reach, demand)
