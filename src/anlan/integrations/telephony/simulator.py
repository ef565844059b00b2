"""A switch without telephones: lines ring, are answered and hung up by chance, from a seed.

Some callers give up while it rings; the rough position is off by a radius the network admits to. A caller
is answered after a time of their own, or, where that is left open, when the desk says so (``answer``).
Used for demonstrations and tests; what it does is the same for the same seed.
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
TRY_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class SimulatedCaller:
    """Somebody who will ring: when, from where, and how long they hold the line.

    ``patience`` is how long they let it ring; ``answered_after`` when somebody takes the call, None where
    the desk decides. ``lon, lat`` are None where the network knows nothing; with ``radius_m`` they are
    the rough position already, without it the switch makes one. ``ref`` is the drill's own name for them.
    """

    rings_at: datetime
    phone: str
    lon: float | None
    lat: float | None
    answered_after: timedelta | None = timedelta(seconds=6)
    talks_for: timedelta = timedelta(seconds=70)
    patience: timedelta = timedelta(seconds=40)
    radius_m: float | None = None
    ref: str = ""


@dataclass
class CallSimulator:
    """A switch with some lines. ``callers`` ring on the first free line; with none free they try again."""

    seed: int
    lines: tuple[str, ...] = ("110-1", "110-2", "110-3", "110-4")
    is_up: bool = True
    orders: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    _waiting: list[tuple[datetime, int, LineEvent | SimulatedCaller]] = field(default_factory=list)
    _busy: dict[str, SimulatedCaller] = field(default_factory=dict)
    _end_of: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    @property
    def next_at(self) -> datetime | None:
        """When something happens next, as far as is known now."""
        return self._waiting[0][0] if self._waiting else None

    def caller_add(self, caller: SimulatedCaller) -> None:
        """Let somebody ring at their time."""
        self._put(caller.rings_at, caller)

    def caller_on(self, line: str) -> SimulatedCaller | None:
        """Who rings or speaks on a line now."""
        return self._busy.get(line)

    def events(self, *, until: datetime) -> Iterator[LineEvent]:
        """What happens on the lines up to ``until``, in order of time. A switch that is down tells nothing."""
        while self.is_up and self._waiting and self._waiting[0][0] <= until:
            at, number, what = heapq.heappop(self._waiting)
            if isinstance(what, SimulatedCaller):
                yield from self._ring(what, at)
            elif what.kind != HANG_UP:
                yield what
            elif self._end_of.get(what.line) == number:
                self._free(what.line)
                yield what

    def _ring(self, caller: SimulatedCaller, at: datetime) -> Iterator[LineEvent]:
        line = next((line for line in self.lines if line not in self._busy), None)
        if line is None:
            self._put(at + TRY_AGAIN, caller)
            return
        self._busy[line] = caller
        lon, lat, radius_m = self._rough(caller)
        recording = f"sim/{self.seed}/{self._count}"
        if caller.answered_after is not None and caller.answered_after <= caller.patience:
            answered_at = at + caller.answered_after
            self._put(answered_at, LineEvent(ANSWER, answered_at, line))
            self._end(line, answered_at + caller.talks_for, recording)
        else:
            self._end(line, at + caller.patience, recording)
        yield LineEvent(RING, at, line, caller.phone, lon, lat, radius_m, recording_ref=recording)

    def answer(self, line: str, *, seat: str, at: datetime, talks_for: timedelta | None = None) -> bool:
        """Put a ringing line through to a seat: the caller now speaks for ``talks_for`` instead of giving up."""
        caller = self._busy.get(line)
        if caller is None or not self._order("answer", line, seat, at):
            return False
        self._end(line, at + (talks_for or caller.talks_for))
        return True

    def hang_up(self, line: str, *, at: datetime) -> bool:
        """End the call on a line."""
        if line not in self._busy or not self._order("hang_up", line, "", at):
            return False
        self._end(line, at)
        return True

    def fail(self) -> list[str]:
        """The switch goes down: every line is cut at once. Returns the lines that were in use."""
        self.is_up = False
        cut = list(self._busy)
        for line in cut:
            self._free(line)
        return cut

    def restore(self) -> None:
        """The switch works again; who rang in the meantime has given up."""
        self.is_up = True

    def _end(self, line: str, at: datetime, recording: str = "") -> None:
        """The one end of the call on a line; an earlier plan for it is void."""
        self._put(at, LineEvent(HANG_UP, at, line, recording_ref=recording))
        self._end_of[line] = self._count

    def _free(self, line: str) -> None:
        self._busy.pop(line, None)
        self._end_of.pop(line, None)

    def _rough(self, caller: SimulatedCaller) -> tuple[float | None, float | None, float | None]:
        """A point at random within the radius, as even over the disc as the network's guess is."""
        if caller.lon is None or caller.lat is None or caller.radius_m is not None:
            return caller.lon, caller.lat, caller.radius_m
        radius_m = self._chance.choice(RADII_M)
        off_m = radius_m * math.sqrt(self._chance.random())
        angle = self._chance.uniform(0.0, math.tau)
        east = off_m * math.cos(angle) / (_M_PER_DEGREE * math.cos(math.radians(caller.lat)))
        lon, lat = caller.lon + east, caller.lat + off_m * math.sin(angle) / _M_PER_DEGREE
        return round(lon, 6), round(lat, 6), radius_m

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
