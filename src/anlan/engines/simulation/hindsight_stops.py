"""What the bound by hindsight knows of each call beforehand, and how units of one kind can stop there."""

from dataclasses import dataclass

import numpy as np

from anlan.engines.simulation.draws import Luck
from anlan.engines.simulation.policies import Policy
from anlan.engines.simulation.world import COMMUNITY, FAR_S, POLICE, Bools, Fleet, Floats, Ints, World

SLACK_S = 1e-6
Shifts = tuple[tuple[float, float], ...] | None


@dataclass(frozen=True, eq=False)
class Kinds:
    """Units alike: where each kind waits, how many there are, when it is on duty."""

    home: Ints
    count: Floats
    shifts: tuple[Shifts, ...]


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of each police call (row): when it can be sent to, within what, and what it takes then.

    `ways` are seconds from each zone, shape (n, n_zones), the call's own luck in them, 0 where units may be anywhere;
    `stand_s` turn-out where a unit stands, `road_s` on the road; `least_s` and `most_s` on the spot and onward; `end`
    the zone where that ends. `is_loose` says that units may be sent later than a call asks, or from elsewhere.
    """

    at_s: Floats
    sent_s: Floats
    due_s: Floats
    stand_s: Floats
    road_s: Floats
    ways: Floats
    least_s: Floats
    most_s: Floats
    end: Ints
    priority: Ints
    block: Ints
    is_loose: bool


@dataclass(frozen=True, eq=False)
class Stops:
    """The calls of a block (n), as units of one kind see them.

    `sent_s` when a unit can be sent, `due_s` and `last_s` until when it is in time, and allowed at all; `least_s` and
    `most_s` bound from arrival on; `trip_s` home from there, half-way at `via_s`; `home_s` seconds from home until
    there, turn-out included; `spot_s` (n, n) the same from where the call before (row) ends, `road_s` three of these
    from where the way home begins, is half-way, and ends, and `nearest_s` the least of all. `stray_s` is that of a
    unit the block before may have left on its way, infinite where it can't have.
    """

    sent_s: Floats
    due_s: Floats
    last_s: Floats
    least_s: Floats
    most_s: Floats
    trip_s: Floats
    via_s: Floats
    home_s: Floats
    spot_s: Floats
    road_s: tuple[Floats, Floats, Floats]
    nearest_s: Floats
    stray_s: Floats


def asks_police(world: World) -> Bools:
    """Which calls ask for a police unit."""
    wanted = np.array([any(need.track == POLICE for need in needs) for needs in world.answers])
    return np.asarray(wanted[world.calls.answer], dtype=bool)


def roams(world: World, policy: Policy) -> bool:
    """Whether free units may be anywhere: they wait where the policy says, or can't get home."""
    return policy.stands != "home" or not bool(np.isfinite(world.ground.calm_s).all())


def kinds_of(fleet: Fleet, *, is_anywhere: bool) -> Kinds:
    """Units by home and shifts; by shifts alone where home is nowhere in particular."""
    seen: dict[tuple[int, Shifts], int] = {}
    for unit in np.flatnonzero(fleet.track == POLICE).tolist():
        key = (0 if is_anywhere else int(fleet.home[unit]), None if fleet.shifts is None else fleet.shifts[unit])
        seen[key] = seen.get(key, 0) + 1
    homes = np.array([home for home, _shifts in seen], dtype=np.int64)
    return Kinds(homes, np.array(list(seen.values()), dtype=np.float64), tuple(shifts for _home, shifts in seen))


def facts_of(world: World, policy: Policy, luck: Luck, kinds: Kinds, *, is_anywhere: bool) -> Facts:
    """All calls that ask for police, in order."""
    rows = np.flatnonzero(asks_police(world))
    calls, rules, ground = world.calls.take(rows), world.rules, world.ground
    ways = np.where((calls.priority <= 2)[:, None], ground.to_urgent_s[calls.zone], ground.to_calm_s[calls.zone])
    is_whole = bool((ways < FAR_S).all())
    free = np.full(len(rows), is_anywhere) | (policy.diverts & (calls.priority == 1))
    ways = np.where(free[:, None], 0.0, np.where(ways < FAR_S, ways * luck.drive[rows][:, None], np.inf))
    goes_on = calls.then_zone >= 0
    stays = calls.scene_s + np.where(goes_on, calls.then_s + ground.urgent_s[calls.zone, calls.then_zone], 0.0)
    joint = np.array([any(need.track == COMMUNITY for need in needs) for needs in world.answers])[calls.answer]
    road_s = rules.turnout_road_s * luck.turnout[rows]
    stand_s = rules.turnout_s * luck.turnout[rows]
    is_loose = policy.diverts or is_anywhere or not is_whole or any(shifts is not None for shifts in kinds.shifts)
    return Facts(
        at_s=calls.at_s,
        sent_s=calls.at_s + rules.delay_s,
        due_s=calls.at_s + calls.target_s + SLACK_S,
        stand_s=np.where(free, np.minimum(stand_s, road_s), stand_s),
        road_s=np.where(free, np.minimum(stand_s, road_s), road_s),
        ways=ways,
        least_s=np.where(joint, np.minimum(stays, rules.hand_over_s), stays),
        most_s=stays,
        end=np.where(goes_on, calls.then_zone, calls.zone),
        priority=calls.priority,
        block=calls.block,
        is_loose=is_loose,
    )


def stops_of(world: World, kinds: Kinds, facts: Facts, here: Ints, *, longest_s: float) -> list[Stops]:
    """The calls of a block (`here`) for each kind of units."""
    earlier = np.flatnonzero(facts.block < facts.block[here[0]])
    return [_stops(world, kinds, kind, facts, here, earlier, longest_s) for kind in range(len(kinds.home))]


def _stops(world: World, kinds: Kinds, kind: int, facts: Facts, here: Ints, earlier: Ints, longest_s: float) -> Stops:
    home, shifts = int(kinds.home[kind]), kinds.shifts[kind]
    sent_s, last_s = facts.sent_s[here], facts.at_s[here] + longest_s
    off = np.array([not _is_on(shifts, sent, last) for sent, last in zip(sent_s, last_s, strict=True)])
    ways = np.where(off[:, None], np.inf, facts.ways[here]).T
    ends, half, trip_s, via_s = _trips(world, facts.end[here], home, is_at_once=shifts is not None)
    stand_s, road_s = facts.stand_s[here][None], facts.road_s[here][None]
    at_home = np.broadcast_to(ways[home], (len(here), len(here)))
    spot_s = ways[ends] + stand_s
    road = (ways[ends] + road_s, ways[half] + road_s, at_home + road_s)
    home_s = ways[home] + stand_s[0]
    return Stops(
        sent_s=sent_s,
        due_s=facts.due_s[here],
        last_s=last_s,
        least_s=facts.least_s[here],
        most_s=facts.most_s[here],
        trip_s=trip_s,
        via_s=via_s,
        home_s=home_s,
        spot_s=spot_s,
        road_s=road,
        nearest_s=np.minimum.reduce([spot_s, *road]),
        stray_s=_stray(world, facts, here, earlier, home, ways, longest_s),
    )


def _trips(world: World, ends: Ints, home: int, *, is_at_once: bool) -> tuple[Ints, Ints, Floats, Floats]:
    """Home from where calls end: (from where, half-way, seconds, seconds until half-way).

    Who goes off duty on the way is at home when it comes on again: with shifts home may be at once.
    """
    via = [world.ground.via(int(end), home) for end in ends]
    trip_s = np.where(np.isfinite(world.ground.calm_s[ends, home]), world.ground.calm_s[ends, home], 0.0)
    share = np.array([share for _place, share in via])
    half = np.array([place for place, _share in via], dtype=np.int64)
    return ends, half, np.zeros(len(ends)) if is_at_once else trip_s, share * (0.0 if is_at_once else trip_s)


def _stray(
    world: World, facts: Facts, here: Ints, earlier: Ints, home: int, ways: Floats, longest_s: float
) -> Floats:
    """Seconds to each call from the best place a call of the blocks before may have left a unit at."""
    sent_s = facts.sent_s[here]
    trip_s = np.where(np.isfinite(world.ground.calm_s[:, home]), world.ground.calm_s[:, home], 0.0)
    back_s = facts.at_s[earlier] + longest_s + facts.most_s[earlier] + trip_s[facts.end[earlier]]
    out = earlier[back_s >= sent_s.min(initial=np.inf)]
    nearest = np.full(len(here), np.inf)
    for spring, until_s in zip(out.tolist(), back_s[back_s >= sent_s.min(initial=np.inf)].tolist(), strict=True):
        places = [int(facts.end[spring]), world.ground.via(int(facts.end[spring]), home)[0], home]
        nearest = np.minimum(nearest, np.where(until_s >= sent_s, ways[places].min(axis=0), np.inf))
    return nearest + np.minimum(facts.road_s, facts.stand_s)[here]


def _is_on(shifts: Shifts, begin: float, end: float) -> bool:
    return shifts is None or any(start <= end and until >= begin for start, until in shifts)
