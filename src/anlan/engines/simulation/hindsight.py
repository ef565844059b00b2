"""How much is left to gain at all: a bound on what anybody could have done who knew every call beforehand.

The bound speaks of every way to choose who goes, for the same calls, luck and fleet, while free units wait as the
policy has them, no call is kept waiting that a free unit could go to, and nobody waits longer until a unit is there
than the policy's own longest. It is a relaxation (`hindsight_lp`), so the best possible lies at or above it:

- Units and calls are shared out in fractions.
- A call reached late binds nobody; what a unit that served it can do next is told by its number alone.
- A unit sent on its way home may be at the best of the places it passes, and is free as soon as it can be at all.
- Each block (a day) begins with every unit free, and calls of the block before may have left one anywhere on its way.

Source: the clairvoyant benchmark is that of C. J. Jagtenberg, P. L. van den Berg and R. D. van der Mei (2017),
"Benchmarking online dispatch algorithms for Emergency Medical Services", European Journal of Operational Research
258:715; the relaxation is our own.
"""

from dataclasses import dataclass

import numpy as np

from anlan.engines.simulation.draws import Luck
from anlan.engines.simulation.hindsight_lp import Pieces, least_cost
from anlan.engines.simulation.policies import Policy
from anlan.engines.simulation.run import fleet_for
from anlan.engines.simulation.world import COMMUNITY, FAR_S, POLICE, Bools, Fleet, Floats, Ints, World

MOST_PAIRS = 12_000
"""Kinds of units times calls of the fullest block: above it the bound would take minutes a day and isn't reckoned."""
WHOLE = 1e-4
"""A number of calls so little above a whole one is that one: what the solver may be off by."""
SLACK_S = 1e-6
DAY_S = 86_400.0
Shifts = tuple[tuple[float, float], ...] | None


@dataclass(frozen=True, eq=False)
class Bound:
    """By block: at least so many calls late, so many P1 calls late, and so many seconds of waiting in all."""

    late: Floats
    late_p1: Floats
    wait_s: Floats


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Units alike: where each kind waits, how many there are, when it is on duty."""

    home: Ints
    count: Floats
    shifts: tuple[Shifts, ...]


@dataclass(frozen=True, eq=False)
class _Facts:
    """What is known of each police call (row): when it can be sent to, within what, and what it takes then.

    `ways` are seconds from each zone, shape (n, n_zones), the call's own luck in them, 0 where units may be anywhere;
    `stand_s` turn-out where a unit stands, `road_s` at the least; `least_stay_s` and `most_stay_s` on the spot and
    onward; `end` the zone where that ends. `at_once` says that the moment of sending a unit at home is known.
    """

    at_s: Floats
    sent_s: Floats
    due_s: Floats
    stand_s: Floats
    road_s: Floats
    ways: Floats
    least_stay_s: Floats
    most_stay_s: Floats
    end: Ints
    at_once: Bools
    priority: Ints
    block: Ints


def is_bounded(world: World, policy: Policy) -> bool:
    """Whether a bound can be told: one unit a call (no whole plans), calls that wait, and not too many a block."""
    if policy.is_plan or not world.rules.waits:
        return False
    kinds = _kinds(fleet_for(world.fleet, policy), roams=policy.stands != "home")
    return len(kinds.home) * int(np.bincount(world.calls.block).max()) <= MOST_PAIRS


def bound_of(world: World, policy: Policy, luck: Luck, *, longest_s: float, reached: Bools) -> Bound:
    """The bound for a policy's fleet and way of waiting, with the same luck as its run.

    `longest_s` is the longest time from call to arrival that is allowed anybody: the policy's own worst. `reached`
    says which calls (shape (n_calls,)) it got to at all: their waiting is summed. Where free units don't wait at
    home, they may be anywhere; where units are taken from lesser calls, those that go to a P1 may.
    Raises ValueError where `is_bounded` says no.
    """
    if not is_bounded(world, policy):
        raise ValueError("no bound for whole plans, for calls that are lost, or for so many units and calls")
    calls = world.calls
    rows = np.flatnonzero(_asks_police(world))
    roams = policy.stands != "home" or not np.isfinite(world.ground.calm_s).all()
    kinds = _kinds(fleet_for(world.fleet, policy), roams=roams)
    facts = _facts(world, policy, luck, rows, kinds, roams=roams)
    told = Bound(*(np.zeros(calls.blocks) for _ in range(3)))
    for block in np.unique(facts.block).tolist():
        here = np.flatnonzero(facts.block == block)
        pieces = _pieces(world, kinds, facts, here, longest_s=longest_s, roams=roams)
        is_p1 = (facts.priority[here] == 1).astype(np.float64)
        told.late[block] = np.ceil(least_cost(pieces, late=np.ones(len(here))) - WHOLE)
        told.late_p1[block] = np.ceil(least_cost(pieces, late=is_p1) - WHOLE) if is_p1.any() else 0.0
        counted = reached[rows[here]].astype(np.float64)
        told.wait_s[block] = least_cost(pieces, late=counted * (facts.due_s - facts.at_s)[here], waits=counted)
    return told


def _asks_police(world: World) -> Bools:
    wanted = np.array([any(need.track == POLICE for need in needs) for needs in world.answers])
    return np.asarray(wanted[world.calls.answer], dtype=bool)


def _kinds(fleet: Fleet, *, roams: bool) -> _Kinds:
    """Units by home and shifts; by shifts alone where home is nowhere in particular."""
    seen: dict[tuple[int, Shifts], int] = {}
    for unit in np.flatnonzero(fleet.track == POLICE).tolist():
        key = (0 if roams else int(fleet.home[unit]), None if fleet.shifts is None else fleet.shifts[unit])
        seen[key] = seen.get(key, 0) + 1
    homes = np.array([home for home, _shifts in seen], dtype=np.int64)
    return _Kinds(homes, np.array(list(seen.values()), dtype=np.float64), tuple(shifts for _home, shifts in seen))


def _facts(world: World, policy: Policy, luck: Luck, rows: Ints, kinds: _Kinds, *, roams: bool) -> _Facts:
    calls, rules, ground = world.calls.take(rows), world.rules, world.ground
    ways = np.where((calls.priority <= 2)[:, None], ground.to_urgent_s[calls.zone], ground.to_calm_s[calls.zone])
    whole = (ways < FAR_S).all(axis=1)
    free = np.full(len(rows), roams) | (policy.diverts & (calls.priority == 1))
    ways = np.where(free[:, None], 0.0, np.where(ways < FAR_S, ways * luck.drive[rows][:, None], np.inf))
    goes_on = calls.then_zone >= 0
    stays = calls.scene_s + np.where(goes_on, calls.then_s + ground.urgent_s[calls.zone, calls.then_zone], 0.0)
    joint = np.array([any(need.track == COMMUNITY for need in needs) for needs in world.answers])[calls.answer]
    road_s = min(rules.turnout_s, rules.turnout_road_s) * luck.turnout[rows]
    is_plain = not (policy.diverts or roams) and all(shifts is None for shifts in kinds.shifts)
    return _Facts(
        at_s=calls.at_s,
        sent_s=calls.at_s + rules.delay_s,
        due_s=calls.at_s + calls.target_s + SLACK_S,
        stand_s=np.where(free, road_s, rules.turnout_s * luck.turnout[rows]),
        road_s=road_s,
        ways=ways,
        least_stay_s=np.where(joint, np.minimum(stays, rules.hand_over_s), stays),
        most_stay_s=stays,
        end=np.where(goes_on, calls.then_zone, calls.zone),
        at_once=np.asarray(whole & is_plain, dtype=bool),
        priority=calls.priority,
        block=calls.block,
    )


def _pieces(world: World, kinds: _Kinds, facts: _Facts, here: Ints, *, longest_s: float, roams: bool) -> Pieces:
    """A block's programme: how each kind of unit can be at each call in time, and when it is free again."""
    earlier = np.flatnonzero((facts.block < facts.block[here[0]]) & (facts.at_s > facts.at_s[here[0]] - DAY_S))
    before, road = len(earlier), _road(world, kinds, facts, np.concatenate([earlier, here]), here, roams=roams)
    sent_s, due_s, roused_s, stay_s = (
        facts.sent_s[here],
        facts.due_s[here],
        facts.road_s[here],
        facts.least_stay_s[here],
    )
    # From home: when it is there is known, and when it is free again nearly so.
    home_s = sent_s + facts.stand_s[here] + facts.ways[here][:, kinds.home].T
    by_home = road.duty & (home_s <= due_s)
    home_s = np.where(by_home, home_s, due_s)
    home_last = np.where(facts.at_once[here], home_s, due_s) + facts.most_stay_s[here]
    home_take_s = np.where(facts.at_once[here], sent_s, sent_s + due_s - home_s)
    # After a call reached late: from the best of all places passed.
    strays = road.fits(road.barely_s, facts.at_s[road.springs] + longest_s + road.stay_s)
    stray_way_s = np.where(strays, road.way_s, np.inf).min(axis=1)
    by_stray = np.isfinite(stray_way_s)
    stray_s = np.where(by_stray, sent_s + roused_s + stray_way_s, due_s)
    # On the way home after a call reached in time.
    mine = road.since(before)
    last = due_s + facts.most_stay_s[here]
    after_home = mine.fits(home_s + stay_s, home_last + mine.trip_s) & by_home[:, :, None]
    after_stray = mine.fits(stray_s + stay_s, last + mine.trip_s) & by_stray[:, :, None]
    after_road = mine.fits(mine.barely_s, last + mine.trip_s)
    there = [
        np.where(after, np.maximum(sent_s, free[:, :, None]) + roused_s + mine.way_s, np.inf)
        for after, free in (
            (after_home, home_s + stay_s), (after_stray, stray_s + stay_s), (after_road, mine.barely_s),
        )
    ]  # fmt: skip
    road_free_s = np.minimum.reduce([each.min(axis=1) for each in there]) + stay_s
    there[2] = np.where(road_free_s[:, :, None] <= mine.last_s, there[2], np.inf)
    return Pieces(
        count=kinds.count,
        take_s=np.stack([home_take_s, sent_s + due_s - stray_s]),
        there_s=np.stack([np.where(by_home, home_s, np.inf), np.where(by_stray, stray_s, np.inf)]),
        is_given=np.asarray(strays[:, :before].any(axis=1), dtype=bool),
        after_s=np.stack(there),
        free_s=np.stack([home_s + stay_s, stray_s + stay_s, np.where(np.isfinite(road_free_s), road_free_s, due_s)]),
        trip_s=mine.trip_s,
        at_s=facts.at_s[here],
    )


@dataclass(frozen=True, eq=False)
class _Road:
    """Being on the road after earlier calls (`springs`), arrays (kinds, springs) or (kinds, springs, calls).

    `trip_s` home from there; `stay_s` until home at the most from arrival; `barely_s` when it can be free at the
    soonest; `way_s` to a call from the best place passed; `last_s` when it must be sent; `may` whether that can be.
    """

    springs: Ints
    sent_s: Floats
    trip_s: Floats
    stay_s: Floats
    barely_s: Floats
    way_s: Floats
    last_s: Floats
    may: Bools
    duty: Bools

    def fits(self, free_s: Floats, home_s: Floats) -> Bools:
        """Free early enough for the call, and not home yet when it comes."""
        soon = free_s[:, :, None] <= self.last_s
        return np.asarray(self.may & soon & (home_s[:, :, None] >= self.sent_s - SLACK_S))

    def since(self, first: int) -> "_Road":
        """Without the first springs."""
        two = {
            name: getattr(self, name)[:, first:]
            for name in ("trip_s", "stay_s", "barely_s", "way_s", "last_s", "may")
        }
        return _Road(springs=self.springs[first:], sent_s=self.sent_s, duty=self.duty, **two)


def _road(world: World, kinds: _Kinds, facts: _Facts, springs: Ints, here: Ints, *, roams: bool) -> _Road:
    ends, homes, to = facts.end[springs], kinds.home, facts.ways[here].T
    via = np.array([[world.ground.via(int(end), int(home))[0] for end in ends] for home in homes])
    trip_s = np.zeros(via.shape) if roams else world.ground.calm_s[ends][:, homes].T
    way_s = np.minimum(np.minimum(to[ends][None], to[via]), to[homes][:, None, :])
    last_s = facts.due_s[here] - facts.road_s[here] - way_s
    duty = np.array([[_is_on(each, facts.sent_s[j], facts.due_s[j]) for j in here] for each in kinds.shifts])
    may = duty[:, None, :] & (springs[None, :, None] != here) & (facts.sent_s[here] <= last_s)
    barely_s = facts.sent_s[springs] + facts.road_s[springs] + facts.least_stay_s[springs]
    return _Road(
        springs, facts.sent_s[here], trip_s, facts.most_stay_s[springs] + trip_s,
        np.broadcast_to(barely_s, trip_s.shape), way_s, last_s, may, duty,
    )  # fmt: skip


def _is_on(shifts: Shifts, begin: float, end: float) -> bool:
    return shifts is None or any(start <= end and until >= begin for start, until in shifts)
