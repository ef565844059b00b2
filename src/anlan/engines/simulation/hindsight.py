"""How much is left to gain at all: a bound on what anybody could have done who knew every call beforehand.

The bound speaks of every way to choose who goes, for the same calls, luck and fleet, while free units wait as the
policy has them, every call the policy got to is got to, and nobody waits longer until a unit is there than the
policy's own longest. It is a relaxation, so the best possible lies at or above it:

- Units needn't agree who serves a call: prices make them (`hindsight_prices`), and any prices prove a bound.
- When a unit is where is known to half a minute (`hindsight_net`).
- A call may be kept waiting although a unit is free.
- Each block (a day) begins with every unit free, and calls of the blocks before may have left one on its way.
- Where units are taken from lesser calls, those sent to a P1 may be anywhere; all may, where free units don't wait at
  home.

`hindsight_search` looks for a way of sending that comes near, which bounds the best possible from the other side.

Source: the clairvoyant benchmark is that of C. J. Jagtenberg, P. L. van den Berg and R. D. van der Mei (2017),
"Benchmarking online dispatch algorithms for Emergency Medical Services", European Journal of Operational Research
258:715; the relaxation is our own.
"""

from dataclasses import dataclass

import numpy as np

from anlan.engines.simulation.draws import Luck
from anlan.engines.simulation.hindsight_net import Net, net_of
from anlan.engines.simulation.hindsight_prices import least_cost
from anlan.engines.simulation.hindsight_stops import Facts, asks_police, facts_of, kinds_of, roams, stops_of
from anlan.engines.simulation.policies import Policy
from anlan.engines.simulation.run import fleet_for
from anlan.engines.simulation.world import Bools, Floats, Ints, World

MOST_PAIRS = 12_000
"""Kinds of units times calls of the fullest block: above it the bound would take minutes a day and isn't reckoned."""
MOST_BLOCKS = 62
"""Nor over more blocks than two months have days."""
PART = 110
"""Long blocks are asked in parts of so many calls first: prices are soon good there."""
WHOLE = 1e-6
"""A number of calls so little above a whole one is that one."""


@dataclass(frozen=True, eq=False)
class Bound:
    """By block: at least so many calls late, so many P1 calls late, and so many seconds of waiting in all."""

    late: Floats
    late_p1: Floats
    wait_s: Floats


def is_bounded(world: World, policy: Policy) -> bool:
    """Whether a bound can be told: one unit a call (no whole plans), calls that wait, not too many or too long."""
    if policy.is_plan or not world.rules.waits or world.calls.blocks > MOST_BLOCKS:
        return False
    kinds = kinds_of(fleet_for(world.fleet, policy), is_anywhere=policy.stands != "home")
    return len(kinds.home) * int(np.bincount(world.calls.block).max()) <= MOST_PAIRS


def bound_of(
    world: World, policy: Policy, luck: Luck, *, longest_s: float, reached: Bools, own: Bound | None = None
) -> Bound:
    """The bound for a policy's fleet and way of waiting, with the same luck as its run.

    `longest_s` is the longest time from call to arrival that is allowed anybody: the policy's own worst. `reached`
    says which calls (shape (n_calls,)) it got to at all: these must be got to, and their waiting is summed. `own` is
    what the policy had: where the bound comes to that, no better one is looked for.
    Raises ValueError where `is_bounded` says no.
    """
    if not is_bounded(world, policy):
        raise ValueError("no bound for whole plans, for calls that are lost, or for so many units and calls")
    rows = np.flatnonzero(asks_police(world))
    is_anywhere = roams(world, policy)
    kinds = kinds_of(fleet_for(world.fleet, policy), is_anywhere=is_anywhere)
    facts = facts_of(world, policy, luck, kinds, is_anywhere=is_anywhere)
    told = Bound(*(np.zeros(world.calls.blocks) for _ in range(3)))
    for block in np.unique(facts.block).tolist():
        here = np.flatnonzero(facts.block == block)
        parts = [here] if len(here) < 2 * PART else [*np.array_split(here, len(here) // PART), here]
        nets = [
            _Least(
                net_of(stops_of(world, kinds, facts, part, longest_s=longest_s), is_loose=facts.is_loose),
                kinds.count, facts, part, reached[rows[part]], longest_s,
            ) for part in parts
        ]  # fmt: skip
        most = [np.inf if own is None else float(figure[block]) for figure in _parts(own or told)]
        told.late[block] = _late(nets, np.ones(len(facts.at_s)), most[0])
        told.late_p1[block] = _late(nets, (facts.priority == 1).astype(np.float64), most[1])
        told.wait_s[block] = _wait_s(nets, most[2])
    return told


def _parts(bound: Bound) -> tuple[Floats, Floats, Floats]:
    return bound.late, bound.late_p1, bound.wait_s


def _late(nets: "list[_Least]", weight: Floats, most: float) -> float:
    """So many of the calls weighed 1 are late at the least."""
    if not weight[nets[-1].here].any() or most <= 0.0:
        return 0.0
    least = _found([(net, *net.late(weight)) for net in nets], scale=1.0, enough=most - 1.0 + 2.0 * WHOLE)
    return float(max(np.ceil(least - WHOLE), 0.0)) + 0.0


def _wait_s(nets: "list[_Least]", most: float) -> float:
    """Seconds from call to arrival at the least, of all calls reached together."""
    return _found([(net, *net.waits()) for net in nets], scale=nets[-1].usual_s, enough=most)


def _found(asked: "list[tuple[_Least, Floats, Floats]]", *, scale: float, enough: float) -> float:
    """Prices for the parts of a block, and from these on for the whole of it, which is the last of the nets.

    Each is asked with the cost of its places and what not serving its calls costs.
    """
    begin: Floats | None = None
    if len(asked) > 1:
        told = [least_cost(net.net, net.count, cost, most=most, scale=scale, enough=np.inf)
                for net, cost, most in asked[:-1]]  # fmt: skip
        begin = np.concatenate([prices for _best, prices in told])
    net, cost, most = asked[-1]
    return least_cost(net.net, net.count, cost, most=most, scale=scale, enough=enough, begin=begin)[0]


@dataclass(frozen=True, eq=False)
class _Least:
    """A net of calls (`here`), and what its places cost by figure."""

    net: Net
    count: Floats
    facts: Facts
    here: Ints
    reached: Bools
    longest_s: float

    def late(self, weight: Floats) -> tuple[Floats, Floats]:
        """Being late at calls that weigh 1; one never reached is late too."""
        mine = weight[self.here]
        return np.where(self.net.is_late, self._of_place(mine), 0.0), np.where(self.reached, np.inf, mine)

    def waits(self) -> tuple[Floats, Floats]:
        """Seconds waited; calls the policy didn't reach aren't counted."""
        waited = self.net.since_s - self._of_place(self.facts.at_s[self.here])
        counted = self._of_place(self.reached.astype(np.float64))
        return np.where(self.net.call >= 0, counted * waited, 0.0), np.where(self.reached, np.inf, 0.0)

    @property
    def usual_s(self) -> float:
        allowed_s = float((self.facts.due_s - self.facts.at_s)[self.here].mean())
        return max(allowed_s, self.longest_s / 3.0)

    def _of_place(self, by_call: Floats) -> Floats:
        return np.asarray(np.append(by_call, 0.0)[self.net.call])
