"""What a simulated centre consists of: places and ways, units with their shifts, and calls."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

POLICE, COMMUNITY = 0, 1
"""Tracks: whose units go."""
TRACKS = 2
NEVER = float("inf")
FAR_S = 1e7
"""Nobody drives so long: what stands for no way at all, where sums with infinity would be no numbers."""


class WorldWrong(ValueError):
    """A world that can't be run: `field` is what is wrong, `value` what stands there."""

    def __init__(self, field: str, value: object) -> None:
        self.field, self.value = field, value
        super().__init__(f"{field}: {value}")


@dataclass(frozen=True, eq=False)
class Ground:
    """Places (zones) and the ways between them.

    `urgent_s` and `calm_s` are median driving seconds from each zone (row) to each (column), with blue
    light and without, shape (n, n), infinite where no road leads; `way_m` the metres of that way. `demand`
    are expected calls of each zone (any unit), `cover_s` the seconds from sending within which a zone counts
    as covered, both shape (n,).
    """

    urgent_s: Floats
    calm_s: Floats
    way_m: Floats
    demand: Floats
    cover_s: Floats

    def __post_init__(self) -> None:
        n = len(self.demand)
        shapes = {"urgent_s": (n, n), "calm_s": (n, n), "way_m": (n, n), "demand": (n,), "cover_s": (n,)}
        for name, shape in shapes.items():
            values = getattr(self, name)
            if values.shape != shape or np.isnan(values).any() or (values < 0).any():
                raise WorldWrong(name, f"numbers of at least 0 are needed, shape {shape}; got shape {values.shape}")

    def __len__(self) -> int:
        return len(self.demand)

    @cached_property
    def _vias(self) -> dict[int, tuple[int, float]]:
        return {}

    def via(self, origin: int, goal: int) -> tuple[int, float]:
        """A place about half-way and the share of the way that lies before it; the goal itself where none lies so.

        It lies on the way where going by it takes at most a tenth longer, and between a fourth and three fourths of
        it.
        """
        key = origin * len(self.demand) + goal
        if (known := self._vias.get(key)) is None:
            known = self._vias[key] = self._via(origin, goal)
        return known

    def _via(self, origin: int, goal: int) -> tuple[int, float]:
        whole = self.calm_s[origin, goal]
        if origin == goal or not 0.0 < whole < FAR_S:
            return goal, 1.0
        before, after = self.calm_s[origin], self.calm_s[:, goal]
        both = before + after
        place = int(np.argmin(np.abs(before - after) + 4.0 * (both - whole)))
        share = float(before[place] / both[place]) if both[place] > 0 else 0.0
        return (place, share) if both[place] <= 1.1 * whole and 0.25 <= share <= 0.75 else (goal, 1.0)

    @cached_property
    def to_urgent_s(self) -> Floats:
        """Ways by where they lead (row) and where they begin (column): one row is one call."""
        return np.ascontiguousarray(np.where(np.isfinite(self.urgent_s), self.urgent_s, 2.0 * FAR_S).T)

    @cached_property
    def to_calm_s(self) -> Floats:
        return np.ascontiguousarray(np.where(np.isfinite(self.calm_s), self.calm_s, 2.0 * FAR_S).T)


@dataclass(frozen=True, eq=False)
class Fleet:
    """Units, one row each: where each waits, whose it is, what it can do and when it is on duty.

    `home` are zones; `track` POLICE or COMMUNITY; `station` and `group` (a zone of command) are numbers of
    organisations, -1 for none; `able` a sum of powers of two, one for each ability. `shifts` are
    (from, until) in seconds for each unit, in order; None for always. `names` are for people.
    """

    home: Ints
    track: Ints
    station: Ints
    group: Ints
    able: Ints
    names: tuple[str, ...]
    shifts: tuple[tuple[tuple[float, float], ...] | None, ...] | None = None

    def __post_init__(self) -> None:
        n = len(self.home)
        for name in ("track", "station", "group", "able", "names"):
            if len(getattr(self, name)) != n:
                raise WorldWrong(name, f"one per unit is needed, {n}; got {len(getattr(self, name))}")
        if self.shifts is not None and len(self.shifts) != n:
            raise WorldWrong("shifts", f"one list per unit is needed, {n}; got {len(self.shifts)}")

    def __len__(self) -> int:
        return len(self.home)


@dataclass(frozen=True, slots=True)
class Need:
    """One unit of a track with these abilities (a sum of powers of two, 0 for none)."""

    track: int = POLICE
    able: int = 0


@dataclass(frozen=True, eq=False)
class Calls:
    """Calls in order of time, one row each.

    `at_s` seconds from the beginning, rising; `zone` where; `priority` 1 to 4; `scene_s` seconds on the spot;
    `target_s` the seconds from the call within which the first unit is due; `answer` the row of `answers`;
    `station` and `group` those of the place, -1 for none. `then_zone` is where the unit goes after the spot
    (a hospital, a station), -1 for nowhere, and `then_s` how long it stays there. `block` is the day (or any
    piece of the span) results are told by.
    """

    at_s: Floats
    zone: Ints
    priority: Ints
    scene_s: Floats
    target_s: Floats
    answer: Ints
    station: Ints
    group: Ints
    then_zone: Ints
    then_s: Floats
    block: Ints

    def __post_init__(self) -> None:
        n = len(self.at_s)
        for name in self.__dataclass_fields__:
            if len(getattr(self, name)) != n:
                raise WorldWrong(name, f"one per call is needed, {n}; got {len(getattr(self, name))}")
        if n and (np.diff(self.at_s) < 0).any():
            raise WorldWrong("at_s", "calls must stand in order of time")
        for name in ("at_s", "scene_s", "target_s", "then_s"):
            values = getattr(self, name)
            if not np.isfinite(values).all() or (values < 0).any():
                raise WorldWrong(name, "numbers of at least 0 are needed")

    def __len__(self) -> int:
        return len(self.at_s)

    def take(self, rows: Ints) -> "Calls":
        """These rows, in this order."""
        return Calls(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    @property
    def blocks(self) -> int:
        return int(self.block.max()) + 1 if len(self) else 0


def calls_of(
    at_s: Floats, zone: Ints, *, scene_s: Floats, priority: Ints | None = None, target_s: float = 600.0
) -> Calls:
    """Calls for one police unit each, of one day, with everything else as usual: for small worlds."""
    n = len(at_s)
    none = np.full(n, -1, dtype=np.int64)
    return Calls(
        at_s=np.asarray(at_s, dtype=np.float64),
        zone=np.asarray(zone, dtype=np.int64),
        priority=np.full(n, 2, dtype=np.int64) if priority is None else np.asarray(priority, dtype=np.int64),
        scene_s=np.asarray(scene_s, dtype=np.float64),
        target_s=np.full(n, target_s),
        answer=np.zeros(n, dtype=np.int64),
        station=none,
        group=none,
        then_zone=none,
        then_s=np.zeros(n),
        block=np.zeros(n, dtype=np.int64),
    )


def fleet_of(home: list[int], *, station: list[int] | None = None) -> Fleet:
    """Police units that wait at these zones and are always on duty: for small worlds."""
    n = len(home)
    zeros = np.zeros(n, dtype=np.int64)
    stations = np.full(n, -1, dtype=np.int64) if station is None else np.array(station, dtype=np.int64)
    return Fleet(
        np.array(home, dtype=np.int64), zeros, stations, np.full(n, -1, dtype=np.int64), zeros,
        tuple(str(row + 1) for row in range(n)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What passes between a call and wheels turning, and what a caller who finds nobody gets.

    `delay_s` from the call until a unit can be sent; `turnout_s` the median from sending until it drives
    and `turnout_road_s` that of one already on the road; `turnout_spread` and `drive_spread` the standard
    deviations of the logarithm of both (`0.234` is a ninth decile 1.35 times the median). `hand_over_s` is how long
    both tracks stay together before police leave a joint matter. `waits` False: who finds nobody free is lost, as in
    Erlang's first model. `divert_least_s` by priority: a unit on its way to such a call is taken for a P1 where it
    gains so many seconds; `diverts` is a policy's. `cover_every_s` between two looks at cover.
    """

    delay_s: float = 0.0
    turnout_s: float = 30.0
    turnout_road_s: float = 30.0
    turnout_spread: float = 0.0
    drive_spread: float = 0.0
    hand_over_s: float = 300.0
    waits: bool = True
    divert_least_s: tuple[float, float, float, float] = (NEVER, 180.0, 60.0, 60.0)
    cover_every_s: float = 1800.0
    community_target_s: float = 1800.0


@dataclass(frozen=True, eq=False)
class World:
    """A centre to be run: ground, fleet, calls, what calls are answered with, rules, and where units may wait.

    `answers` are lists of needs a call's `answer` points to: the whole of a response plan. Policies without plans
    send the first of each track in it. `posts` are zones a unit may be moved to.
    """

    ground: Ground
    fleet: Fleet
    calls: Calls
    answers: tuple[tuple[Need, ...], ...] = ((Need(),),)
    rules: Rules = field(default_factory=Rules)
    posts: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        if not len(self.fleet):
            raise WorldWrong("fleet", "no units")
        if not len(self.calls):
            raise WorldWrong("calls", "no calls")
        n = len(self.ground)
        for name, zones in (("home", self.fleet.home), ("zone", self.calls.zone), ("posts", self.posts)):
            if len(zones) and (zones.min() < 0 or zones.max() >= n):
                raise WorldWrong(name, f"zones are numbers from 0 to {n - 1}")
        if self.calls.answer.min() < 0 or self.calls.answer.max() >= len(self.answers):
            raise WorldWrong("answer", f"there are {len(self.answers)} answers")
