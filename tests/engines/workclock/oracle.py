"""A slow second opinion: every minute of two years is marked working or not, and then counted.

It shares no code with the engine but the values that describe a case.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.bool_]
DAY = 1440


@dataclass(frozen=True)
class MinuteWorld:
    """Minute 0 is local midnight of the first day; `working[m]` says whether minute m is worked."""

    working: Minutes

    def day_of(self, minute: int) -> int:
        return minute // DAY

    def spend(self, start: int, amount: int, paused: Minutes, *, working_only: bool) -> int | None:
        """The minute at whose end `amount` running minutes are used up."""
        running = ~paused[start:]
        if working_only:
            running = running & self.working[start:]
        at = np.flatnonzero(running)
        return start + int(at[amount - 1]) + 1 if len(at) >= amount else None

    def count_days(self, day: int, amount: int, paused: Minutes, *, kind: str) -> tuple[int, int] | None:
        """(minute, day) at the end of the last of `amount` days after `day`."""
        while amount:
            day += 1
            if (day + 1) * DAY > len(self.working):
                return None
            worked = np.flatnonzero(self.working[day * DAY : (day + 1) * DAY])
            if kind != "natural" and not len(worked):
                continue
            end = day * DAY + (int(worked[-1]) + 1 if kind == "close" else DAY)
            if not paused[end - 1]:
                amount -= 1
        return end, day

    def roll(self, minute: int, day: int, paused: Minutes) -> tuple[int, int] | None:
        if self.working[day * DAY : (day + 1) * DAY].any():
            return minute, day
        return self.count_days(day, 1, paused, kind="midnight")

    def elapsed(self, start: int, until: int, paused: Minutes, *, working_only: bool) -> int:
        running = ~paused[start:until]
        return int((running & self.working[start:until]).sum() if working_only else running.sum())

    def warn(self, start: int, due: int, lead: int, paused: Minutes, *, working_only: bool) -> int:
        """The latest running minute with `lead` running minutes left, the first if there are fewer."""
        running = ~paused[start:due]
        if working_only:
            running = running & self.working[start:due]
        at = np.flatnonzero(running)
        if not len(at):
            return start
        return start + int(at[-lead] if len(at) >= lead else at[0])


def mark(minutes: int, spans: list[tuple[int, int | None]]) -> Minutes:
    """A world of minutes with the given stretches marked."""
    marked = np.zeros(minutes, dtype=np.bool_)
    for start, end in spans:
        marked[max(start, 0) : minutes if end is None else max(end, 0)] = True
    return marked
