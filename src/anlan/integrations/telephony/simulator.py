"""A switch without telephones: lines ring, are answered and hung up by chance, from a seed.

Some callers give up while it rings; the rough position is off by a radius the network admits to. Used
for demonstrations and tests; what it does is the same for the same seed.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.integrations.telephony.port import ANSWER, HANG_UP, RING, LineEvent

_M_PER_DEGREE = 111_195.0
RADII_M = (50.0, 150.0, 500.0, 1500.0)
"""From a satellite fix to a single mast in the country."""


@dataclass(frozen=True, slots=True)
class SimulatedCaller:
    """Somebody who will ring: when, from where, and how long they hold the line.

    ``patience`` is how long they let it ring; ``answered_after`` when somebody takes the call.
    """

    rings_at: datetime
    phone: str
    lon: float
    lat: float
    answered_after: timedelta = timedelta(seconds=6)
    talks_for: timedelta = timedelta(seconds=70)
    patience: timedelta = timedelta(seconds=40)


@dataclass
class CallSimulator:
    """A switch with some lines. ``callers`` ring on the first free line; with none free they try again."""

    seed: int
    lines: tuple[str, ...] = ("110-1", "110-2", "110-3", "110-4")
    is_up: bool = True
    orders: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    _waiting: list[tuple[datetime, int, LineEvent | SimulatedCaller]] = field(default_factory=list)
    _busy: set[str] = field(default_factory=set)
    _count: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def caller_add(self, caller: SimulatedCaller) -> None:
        """Let somebody ring at their time."""
        self._put(caller.rings_at, caller)

    def events(self, *, until: datetime) -> Iterator[LineEvent]:
        """What happens on the lines up to ``until``, in order of time."""
        while self._waiting and self._waiting[0][0] <= until:
            at, _, what = heapq.heappop(self._waiting)
            if isinstance(what, SimulatedCaller):
                yield from self._ring(what, at)
            else:
                if what.kind == HANG_UP:
                    self._busy.discard(what.line)
                yield what

    def _ring(self, caller: SimulatedCaller, at: datetime) -> Iterator[LineEvent]:
        free = [line for line in self.lines if line not in self._busy]
        if not free:
            self._put(at + timedelta(seconds=5), caller)
            return
        line = free[0]
        self._busy.add(line)
        lon, lat, radius_m = self._rough(caller.lon, caller.lat)
        recording = f"sim/{self.seed}/{self._count}"
        if caller.answered_after <= caller.patience:
            answered_at = at + caller.answered_after
            self._put(answered_at, LineEvent(ANSWER, answered_at, line))
            ended_at = answered_at + caller.talks_for
        else:
            ended_at = at + caller.patience
        self._put(ended_at, LineEvent(HANG_UP, ended_at, line, recording_ref=recording))
        yield LineEvent(RING, at, line, caller.phone, lon, lat, radius_m, recording_ref=recording)

    def _rough(self, lon: float, lat: float) -> tuple[float, float, float]:
        """A point at random within the radius, as even over the disc as the network's guess is."""
        radius_m = self._chance.choice(RADII_M)
        off_m = radius_m * math.sqrt(self._chance.random())
        angle = self._chance.uniform(0.0, math.tau)
        east = off_m * math.cos(angle) / (_M_PER_DEGREE * math.cos(math.radians(lat)))
        return round(lon + east, 6), round(lat + off_m * math.sin(angle) / _M_PER_DEGREE, 6), radius_m

    def _put(self, at: datetime, what: LineEvent | SimulatedCaller) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (at, self._count, what))

    def ring_back(self, phone: str, *, line: str, at: datetime) -> bool:
        """Note the order to ring somebody; refused while the switch is down."""
        return self._order("ring_back", line, phone, at)

    def conference(self, line: str, partner: str, *, at: datetime) -> bool:
        """Note the order to bring a partner in; only a line in use can be joined."""
        return line in self._busy and self._order("conference", line, partner, at)

    def _order(self, kind: str, line: str, whom: str, at: datetime) -> bool:
        if self.is_up:
            self.orders.append((kind, line, whom, at))
        return self.is_up
