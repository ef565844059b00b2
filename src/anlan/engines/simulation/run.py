"""One run: events in order of time, each unit somewhere, each call answered by a policy."""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from anlan.engines.coverage import Cover
from anlan.engines.simulation.draws import Luck
from anlan.engines.simulation.policies import Asked, Policy, cover_by, is_gap, moves_after, post_after
from anlan.engines.simulation.world import (
    COMMUNITY,
    FAR_S,
    NEVER,
    POLICE,
    TRACKS,
    Bools,
    Fleet,
    Floats,
    Ints,
    Need,
    World,
    WorldWrong,
)

ARRIVE, DONE, SHIFT, LOOK, VIA = range(5)
OFF, FREE, DRIVING, THERE = range(4)
MOST_CELLS = 300
"""Cover is reckoned on the zones with most demand, at most so many."""
WALK_S = 900.0
"""Nobody is moved up farther than this."""


class PolicyFailed(RuntimeError):
    """A policy raised or sent somebody it can't; says which, at which call and why."""

    def __init__(self, policy: str, call: int, why: str) -> None:
        super().__init__(policy, call, why)
        self.policy, self.call, self.why = policy, call, why

    def __str__(self) -> str:
        return f"{self.policy}: call {self.call}: {self.why}"


@dataclass(eq=False)
class Course:
    """What became of each call and unit in one run.

    By call: `first_s` seconds until the first unit of each track was there, shape (n, 2), infinite where none came;
    `sent_s` until the first was sent; `unit` the police unit that was there first, -1 for none. By block and unit:
    `busy_s` bound to calls, `way_m` driven (to calls, on and home). By block: `cover` and `looks` at it. `in_use` is
    the number of looks that found so many units bound.
    """

    first_s: Floats
    sent_s: Floats
    unit: Ints
    busy_s: Floats
    way_m: Floats
    cover: Floats
    looks: Ints
    in_use: Ints
    diverted: int = 0
    moved: int = 0


def fleet_for(fleet: Fleet, policy: Policy) -> Fleet:
    """The fleet with the policy's more or fewer police units and its start positions.

    Units are taken from the end; added ones are like those at the beginning, one after the other. Raises WorldWrong
    where none is left.
    """
    police = np.flatnonzero(fleet.track == POLICE)
    rows = np.arange(len(fleet))
    if policy.more < 0:
        if -policy.more >= len(police):
            raise WorldWrong("fleet", f"{len(police)} police units, {-policy.more} taken away")
        rows = np.setdiff1d(rows, police[policy.more :])
    elif policy.more:
        if not len(police):
            raise WorldWrong("fleet", "no police unit to add another like it")
        rows = np.concatenate([rows, police[np.arange(policy.more) % len(police)]])
    home = fleet.home[rows].copy()
    if policy.starts:
        given = np.array(policy.starts[: len(home)], dtype=np.int64)
        home[: len(given)] = np.where(given >= 0, given, home[: len(given)])
    names = tuple(fleet.names[row] + ("+" if place >= len(fleet) else "") for place, row in enumerate(rows))
    shifts = None if fleet.shifts is None else tuple(fleet.shifts[row] for row in rows)
    return Fleet(home, fleet.track[rows], fleet.station[rows], fleet.group[rows], fleet.able[rows], names, shifts)


def run(world: World, policy: Policy, luck: Luck) -> Course:
    """Run the world under a policy. The same world, policy and luck give the same course.

    Raises PolicyFailed where the policy raises or sends who can't go, WorldWrong where the fleet is used up.
    """
    return Centre(world, policy, luck).play()


class Centre:
    """The state of a run. Units are rows; a move in hand has a number, so that an overtaken event is known."""

    def __init__(self, world: World, policy: Policy, luck: Luck) -> None:
        self.world, self.policy, self.rules = world, policy, world.rules
        self.fleet = fleet_for(world.fleet, policy)
        self.ground, calls, n = world.ground, world.calls, len(self.fleet)
        self.at, self.zone = calls.at_s.tolist(), calls.zone.tolist()
        self.priority, self.scene, self.then_zone = (
            calls.priority.tolist(),
            calls.scene_s.tolist(),
            calls.then_zone.tolist(),
        )
        self.then, self.block_of, self.answer = calls.then_s.tolist(), calls.block.tolist(), calls.answer.tolist()
        self.station, self.group = calls.station.tolist(), calls.group.tolist()
        self.turnout, self.drive = luck.turnout.tolist(), luck.drive.tolist()
        self.first_answers = tuple(_first_of_tracks(needs) for needs in world.answers)
        # Where each unit is: on the way between two zones, from one time to another (equal where it stands).
        self.state = np.full(n, FREE)
        self.free = np.ones(n, dtype=bool)
        self.origin, self.goal = self.fleet.home.copy(), self.fleet.home.copy()
        self.left, self.there, self.pace = np.zeros(n), np.zeros(n), np.full(n, 1e-9)
        self.home, self.moves = self.fleet.home.copy(), [0] * n
        self.beyond = [(home, 0.0, 0.0) for home in self.fleet.home.tolist()]
        self.call = [-1] * n
        self.sent_at = [0.0] * n
        self.ends = [False] * n
        self.police = self.fleet.track == POLICE
        every = (*world.answers, *self.first_answers)
        self.able = {need: self._able(need.track, need.able) for needs in every for need in needs}
        self.events: list[tuple[float, int, int, int, int]] = []
        self.count = 0
        self.queue: list[tuple[int, float, int, int]] = []
        self.now, self.row, self.until = 0.0, 0, len(self.at)
        self.block = self.block_of[0]
        blocks = calls.blocks
        self.course = Course(
            np.full((len(calls), TRACKS), np.inf), np.full(len(calls), np.inf), np.full(len(calls), -1),
            np.zeros((blocks, n)), np.zeros((blocks, n)), np.zeros(blocks), np.zeros(blocks, dtype=np.int64),
            np.zeros(n + 1, dtype=np.int64),
        )  # fmt: skip
        self.asks: dict[int, list[tuple[int, int]]] = {}
        self._cover_ready()

    # -- the clock -----------------------------------------------------------------------------------------
    def play(self) -> Course:
        self._shifts()
        self._push(self.at[0], LOOK, 0, 0)
        while self.step():
            pass
        return self.course

    def step(self) -> bool:
        """Whatever happens next; False where nothing does."""
        row, events = self.row, self.events
        if row < self.until and (not events or self.at[row] + self.rules.delay_s <= events[0][0]):
            self.now = self.at[row] + self.rules.delay_s
            self.block = self.block_of[row]
            self._come(row)
            self.row += 1
            return True
        if not events:
            return False
        self.now, _, kind, who, number = heappop(events)
        if kind == ARRIVE:
            self._arrive(who, number)
        elif kind == DONE:
            self._done(who, number)
        elif kind == VIA:
            self._via(who, number)
        elif kind == SHIFT:
            self._shift(who, bool(number))
        elif row < self.until:  # a look after the last call would tell of nothing
            self._look()
        return True

    def _push(self, at: float, kind: int, who: int, number: int) -> None:
        self.count += 1
        heappush(self.events, (at, self.count, kind, who, number))

    # -- calls ---------------------------------------------------------------------------------------------
    def _come(self, call: int) -> None:
        answer = self.answer[call]
        needs = self.world.answers[answer] if self.policy.is_plan else self.first_answers[answer]
        open_ = self._send(call, needs)
        if self.rules.waits:
            for need in open_:
                heappush(self.queue, (self.priority[call], self.at[call], call, needs.index(need)))

    def _send(self, call: int, needs: tuple[Need, ...]) -> list[Need]:
        """Send whom the policy chooses; the needs left open."""
        priority = self.priority[call]
        eta = self._eta(call)
        may = np.array([self.able[need] & self.free for need in needs])
        may &= eta < FAR_S
        rows = self._choose(call, needs, eta, may) if may.any() else [-1] * len(needs)
        open_: list[Need] = []
        for need, unit in zip(needs, rows, strict=True):
            if priority == 1 and need.track == POLICE and self.policy.diverts:
                unit = self._divert(call, need, eta, unit)
            if unit < 0:
                open_.append(need)
            else:
                self._assign(unit, call, float(eta[unit]))
        return open_

    def _choose(self, call: int, needs: tuple[Need, ...], eta: Floats, may: Bools) -> list[int]:
        asked = Asked(
            self.priority[call], self.station[call], self.group[call], needs,
            np.where(self.free & (eta < FAR_S), eta, np.inf), may, self.free, self.fleet, self.ground, self._cover,
        )  # fmt: skip
        try:
            rows = [int(unit) for unit in self.policy.send(asked)]
        except Exception as wrong:
            raise PolicyFailed(self.policy.name, call, f"{type(wrong).__name__}: {wrong}") from wrong
        sent = [unit for unit in rows if unit >= 0]
        legal = len(rows) == len(needs) and len(set(sent)) == len(sent)
        if not legal or any(
            unit >= 0 and not (unit < len(self.fleet) and may[need, unit]) for need, unit in enumerate(rows)
        ):
            raise PolicyFailed(self.policy.name, call, f"sent {rows}, who can't all go")
        return rows

    def _divert(self, call: int, need: Need, eta: Floats, unit: int) -> int:
        """A unit on its way to a lesser call, where it gains enough over the free one; else the free one."""
        best = float(eta[unit]) if unit >= 0 else NEVER
        taken, won = -1, 0.0
        for other in np.flatnonzero(self.able[need] & (self.state == DRIVING)).tolist():
            lesser = self.priority[self.call[other]]
            gain = best - float(eta[other])
            if lesser > 1 and gain >= self.rules.divert_least_s[lesser - 1] and gain > won:
                taken, won = other, gain
        if taken < 0:
            return unit
        lesser_call = self.call[taken]
        self.course.diverted += 1
        self._stop(taken)
        heappush(
            self.queue,
            (self.priority[lesser_call], self.at[lesser_call], lesser_call, self._need_of(lesser_call, taken)),
        )
        self._push(self.now, DONE, -1, 0)  # the lesser call is looked at anew when this one is served
        return taken

    def _need_of(self, call: int, unit: int) -> int:
        needs = self._needs(call)
        track = int(self.fleet.track[unit])
        return next(row for row, need in enumerate(needs) if need.track == track and self.able[need][unit])

    def _needs(self, call: int) -> tuple[Need, ...]:
        return (self.world.answers if self.policy.is_plan else self.first_answers)[self.answer[call]]

    # -- units ---------------------------------------------------------------------------------------------
    def _eta(self, call: int) -> Floats:
        """Median seconds of every unit from now until it is there, turn-out included."""
        ways = (self.ground.to_urgent_s if self.priority[call] <= 2 else self.ground.to_calm_s)[self.zone[call]]
        on_road = self.there > self.now
        share = np.minimum((self.now - self.left) * self.pace, 1.0)
        start = ways[self.origin]
        eta = start + share * (ways[self.goal] - start)
        return np.asarray(eta + np.where(on_road, self.rules.turnout_road_s, self.rules.turnout_s))

    def _assign(self, unit: int, call: int, eta_s: float) -> None:
        rules = self.rules
        base = rules.turnout_road_s if self.there[unit] > self.now else rules.turnout_s
        drive_s = (eta_s - base) * self.drive[call]
        here = self._stand(unit)
        self._leave(unit)
        self.course.way_m[self.block, unit] += self._way_m(unit, self.zone[call])
        after = base * self.turnout[call] + drive_s
        self.state[unit], self.free[unit] = DRIVING, False
        self._go(unit, here, self.zone[call], after)
        self.call[unit], self.sent_at[unit] = call, self.now
        self.course.sent_s[call] = min(self.course.sent_s[call], self.now - self.at[call])
        self._push(self.now + after, ARRIVE, unit, self.moves[unit])
        if self.policy.stands == "move_up" and self.police[unit]:
            self._move_up()

    def _leave(self, unit: int) -> None:
        """A unit that turns off before the end of its way hasn't driven the rest of it."""
        rest = 1.0 - min((self.now - self.left[unit]) * self.pace[unit], 1.0)
        left_m = rest * self.ground.way_m[self.origin[unit], self.goal[unit]] + self.beyond[unit][2]
        self.course.way_m[self.block, unit] -= left_m

    def _go(self, unit: int, origin: int, goal: int, seconds: float) -> None:
        """Set off; on a long way by a place about half-way, so that where it is meanwhile is nearly right."""
        self.moves[unit] += 1
        via, share = self.ground.via(origin, goal) if seconds > 0.0 else (goal, 1.0)
        if via == goal:
            self._piece(unit, origin, goal, seconds)
            self.beyond[unit] = (goal, 0.0, 0.0)
            return
        self._piece(unit, origin, via, share * seconds)
        self.beyond[unit] = (goal, (1.0 - share) * seconds, float(self.ground.way_m[via, goal]))
        self._push(self.now + share * seconds, VIA, unit, self.moves[unit])

    def _via(self, unit: int, number: int) -> None:
        if number == self.moves[unit]:
            goal, seconds, _ = self.beyond[unit]
            self._piece(unit, int(self.goal[unit]), goal, seconds)
            self.beyond[unit] = (goal, 0.0, 0.0)

    def _piece(self, unit: int, origin: int, goal: int, seconds: float) -> None:
        self.origin[unit], self.goal[unit] = origin, goal
        self.left[unit], self.there[unit] = self.now, self.now + seconds
        self.pace[unit] = 1.0 / seconds if seconds > 0 else 1e9

    def _stand(self, unit: int) -> int:
        """The zone a unit is nearer to of the two it is between."""
        late = (self.now - self.left[unit]) * self.pace[unit] >= 0.5 or self.there[unit] <= self.now
        return int(self.goal[unit] if late else self.origin[unit])

    def _way_m(self, unit: int, zone: int) -> float:
        """Metres from where a unit is, on its way or standing."""
        begin = float(self.ground.way_m[self.origin[unit], zone])
        share = min(float((self.now - self.left[unit]) * self.pace[unit]), 1.0)
        return begin + share * (float(self.ground.way_m[self.goal[unit], zone]) - begin)

    def _arrive(self, unit: int, number: int) -> None:
        if number != self.moves[unit]:
            return
        call, track = self.call[unit], int(self.fleet.track[unit])
        since = self.now - self.at[call]
        if since < self.course.first_s[call, track]:
            if track == POLICE:
                self.course.unit[call] = unit
            self.course.first_s[call, track] = since
        self.state[unit] = THERE
        stays = self.scene[call]
        goes_on = self.then_zone[call]
        if goes_on >= 0 and track == POLICE:
            stays += self.then[call] + float(self.ground.urgent_s[self.zone[call], goes_on])
            self.course.way_m[self.block, unit] += self.ground.way_m[self.zone[call], goes_on]
        self._push(self.now + stays, DONE, unit, number)
        self._hand_over(call)

    def _hand_over(self, call: int) -> None:
        """Both tracks there: police leave when the matter is handed over, if that is sooner."""
        first = self.course.first_s[call]
        if not np.isfinite(first).all():
            return
        for unit in np.flatnonzero((self.state == THERE) & self.police).tolist():
            if self.call[unit] == call:
                self._push(self.now + self.rules.hand_over_s, DONE, unit, self.moves[unit])

    def _done(self, unit: int, number: int) -> None:
        if unit < 0:
            self._serve()
            return
        if number != self.moves[unit] or self.state[unit] != THERE:
            return
        call = self.call[unit]
        self.course.busy_s[self.block, unit] += self.now - self.sent_at[unit]
        goes_on = self.then_zone[call] if self.police[unit] else -1
        here = goes_on if goes_on >= 0 else self.zone[call]
        self.call[unit] = -1
        if self.ends[unit]:
            self.state[unit], self.ends[unit] = OFF, False
            self._go(unit, int(self.home[unit]), int(self.home[unit]), 0.0)
            return
        self.state[unit], self.free[unit] = FREE, True
        self._go(unit, here, here, 0.0)
        self._serve()
        if self.free[unit]:
            self._wait_somewhere(unit, here)

    def _serve(self) -> None:
        """Whoever waits, most urgent and longest first, as long as somebody can go."""
        waiting, self.queue = self.queue, []
        while waiting:
            entry = heappop(waiting)
            call, row = entry[2], entry[3]
            need = self._needs(call)[row]
            if not (self.able[need] & self.free).any() or self._send(call, (need,)):
                self.queue.append(entry)
            if not self.free.any():
                break
        self.queue += waiting
        self.queue.sort()

    def _stop(self, unit: int) -> None:
        """A unit that leaves its way stands where it is, and its call has no unit."""
        self.course.busy_s[self.block, unit] += self.now - self.sent_at[unit]
        self.moves[unit] += 1
        self.call[unit] = -1

    # -- where free units wait -----------------------------------------------------------------------------
    def _wait_somewhere(self, unit: int, here: int) -> None:
        post = int(self.fleet.home[unit])
        if self.policy.stands == "post" and self.police[unit] and len(self.world.posts):
            others = self.free & self.police
            others[unit] = False
            best = post_after(self._reach(others), self.post_reach, self.cells_demand, self.policy.busy)
            post = int(self.world.posts[best])
        self._send_to_wait(unit, here, post)

    def _send_to_wait(self, unit: int, here: int, post: int) -> None:
        seconds = float(self.ground.calm_s[here, post])
        if not np.isfinite(seconds):
            post, seconds = here, 0.0
        else:
            self.course.way_m[self.block, unit] += self.ground.way_m[here, post]
        self.home[unit] = post
        self._go(unit, here, post, seconds)

    def _move_up(self) -> None:
        posts = self.world.posts
        units = np.flatnonzero(self.free & self.police)
        if not len(posts) or not len(units):
            return
        late = ((self.now - self.left[units]) * self.pace[units] >= 0.5) | (self.there[units] <= self.now)
        stands = np.where(late, self.goal[units], self.origin[units])
        reach = self.reach_of[stands]
        if not is_gap(reach, self.post_worth, self.cells_demand):
            return
        may = self.ground.calm_s[np.ix_(stands, posts)] <= WALK_S
        for move in moves_after(reach, self.post_reach, self.cells_demand, may):
            unit = int(units[move.unit])
            self.course.moved += 1
            self._leave(unit)
            self._send_to_wait(unit, int(stands[move.unit]), int(posts[move.post]))

    # -- shifts, cover -------------------------------------------------------------------------------------
    def _shifts(self) -> None:
        for unit, spans in enumerate(self.fleet.shifts or ()):
            if spans is None:
                continue
            begun = any(start <= self.at[0] < end for start, end in spans)
            self.free[unit], self.state[unit] = begun, FREE if begun else OFF
            for start, end in spans:
                if end > self.at[0]:
                    self._push(max(start, self.at[0]), SHIFT, unit, 1)
                    self._push(end, SHIFT, unit, 0)

    def _shift(self, unit: int, begins: bool) -> None:
        self.ends[unit] = False
        if begins and self.state[unit] == OFF:
            self.state[unit], self.free[unit] = FREE, True
            home = int(self.fleet.home[unit])
            self._go(unit, home, home, 0.0)
            self._serve()
        elif not begins and self.state[unit] == FREE:
            self.state[unit], self.free[unit] = OFF, False
        elif not begins and self.state[unit] != OFF:
            self.ends[unit] = True  # finishes what it is at

    def _cover_ready(self) -> None:
        demand = self.ground.demand
        kept = np.sort(np.argsort(-demand, kind="stable")[:MOST_CELLS])
        self.cells_demand = demand[kept]
        self.reach_of = self.ground.urgent_s[:, kept] + self.rules.turnout_s <= self.ground.cover_s[kept][None, :]
        self.post_reach = self.reach_of[self.world.posts]
        self.post_worth = self.post_reach.astype(np.float64)
        self.nobody = np.zeros((0, len(kept)), dtype=bool)

    def _reach(self, who: Bools) -> Bools:
        """What units cover from the zone each is nearer to, shape (n_who, n_cells)."""
        late = ((self.now - self.left) * self.pace >= 0.5) | (self.there <= self.now)
        return np.asarray(self.reach_of[np.where(late, self.goal, self.origin)[who]])

    def _cover(self) -> Cover:
        who = self.free & self.police
        told = cover_by(self._reach(who), self.cells_demand)
        loss = np.zeros(len(who))
        loss[who] = told.loss
        return Cover(told.share, told.reached, told.total, loss)

    def _look(self) -> None:
        block = self.block
        self.course.cover[block] += self._cover().share
        self.course.looks[block] += 1
        self.course.in_use[int((self.state >= DRIVING).sum())] += 1
        self._push(self.now + self.rules.cover_every_s, LOOK, 0, 0)

    def _able(self, track: int, able: int) -> Bools:
        return np.asarray((self.fleet.track == track) & ((self.fleet.able & able) == able))


def _first_of_tracks(needs: tuple[Need, ...]) -> tuple[Need, ...]:
    """Without a plan one unit of each track goes that the answer asks for."""
    tracks = {need.track for need in needs}
    return tuple(Need(track) for track in (POLICE, COMMUNITY) if track in tracks)
