"""What lies between a reader and the centre: clocks that are wrong, messages late, twice, out of order or split.

Put on top of a stream, so that the physics stay what they are: the same passages told over a good line and a bad
one must be judged alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
import numpy as np

from anlan.engines.rfid import Event

NO_CLOCK_US = 0
"""Where a reader without a battery begins to count: the first of January 1970."""


@dataclass(frozen=True, slots=True)
class Line:
    """``clock_ahead_s`` the reader's clock before the right one (negative: behind); ``since_1970`` it counts from
    when it was switched on; ``jump_s`` what its clock is set by once, before event ``jump_at``; ``late_s`` the mean
    of what a message takes; ``twice`` the share told again; ``astray`` how many places an event may come late."""

    clock_ahead_s: float = 0.0
    since_1970: bool = False
    jump_at: int = -1
    jump_s: float = 0.0
    late_s: float = 0.05
    twice: float = 0.0
    astray: int = 0


GOOD = Line()
LINES = {
    "good": GOOD,
    "hours_ahead": Line(clock_ahead_s=8 * 3600.0),
    "no_clock": Line(since_1970=True),
    "clock_set": Line(clock_ahead_s=-40.0, jump_at=400, jump_s=40.0),
    "twice": Line(twice=0.3),
    "reordered": Line(astray=60, late_s=0.4),
    "bad": Line(clock_ahead_s=-7200.0, twice=0.2, astray=200, late_s=1.5),
}
"""Lines by name, from good to bad."""


def over(seed: int, line: Line, events: Iterable[Event]) -> Iterator[Event]:
    """The events as they arrive at the centre: in another order, some twice, with the reader's time in ``t_us``."""
    rng = np.random.default_rng((seed, 2))
    waiting: list[tuple[int, int, Event]] = []
    first_us: int | None = None
    for number, event in enumerate(events):
        first_us = event.t_us if first_us is None else first_us
        for again in range(1 + int(rng.random() < line.twice)):
            told = _told(line, number, event, first_us, rng, again)
            place = number + int(rng.integers(0, line.astray + 1)) if line.astray else number
            waiting.append((place, number, told))
        if len(waiting) > 4 * (line.astray + 1):
            waiting.sort(key=lambda one: one[:2])
            ready = [one for one in waiting if one[0] <= number]
            yield from (event for _, _, event in ready)
            waiting = waiting[len(ready) :]
    yield from (event for _, _, event in sorted(waiting, key=lambda one: one[:2]))


def _told(line: Line, number: int, event: Event, first_us: int, rng: np.random.Generator, again: int) -> Event:
    """With what the reader's clock showed, and when it came in; told again it comes later."""
    received_us = event.t_us + int(rng.exponential(line.late_s) * 1e6) + again * 2_000_000
    t_us = event.t_us - first_us + NO_CLOCK_US if line.since_1970 else event.t_us + int(line.clock_ahead_s * 1e6)
    if 0 <= line.jump_at <= number:
        t_us += int(line.jump_s * 1e6)
    return msgspec.structs.replace(event, t_us=t_us, received_us=received_us)
