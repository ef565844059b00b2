"""The sum behind a deadline: what was counted, what was left out and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from anlan.engines.workclock.clock import Clock, Duration

LineKind = Literal[
    "start",  # the matter was opened
    "wait",  # opened outside working hours: counting starts later
    "counted",  # time or days that count
    "rest",  # days without working hours
    "pause",  # the clock stood still; what that left out of the count
    "extension",  # more time granted
    "roll",  # the last day was a rest day and moved
    "incomplete",  # computed past the announced calendar
    "due",  # the deadline
    "standing",  # no deadline: the clock stands still
]


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of the sum. Fields that do not apply to its kind are None or empty.

    `first_day`/`last_day` are local dates; `amount` or `days` is what this line adds (or, on
    a pause, leaves out), `total` or `total_days` what has been counted so far under the
    same duration.
    """

    kind: LineKind
    from_at: datetime | None = None
    to_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    amount: timedelta | None = None
    total: timedelta | None = None
    days: int | None = None
    total_days: int | None = None
    duration: Duration | None = None
    name_zh: str = ""
    name_en: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineSum:
    """A deadline and the printable sum that leads to it.

    `due_at` (UTC) is None exactly while an open pause keeps the clock from reaching it;
    `paused_since` then says since when. `calendar_incomplete` marks a provisional deadline
    that used days no calendar has been announced for: compute it again when it is.
    """

    clock: Clock
    due_at: datetime | None
    paused_since: datetime | None
    due_day: date | None
    calendar_key: str
    calendar_version: str
    calendar_incomplete: bool
    lines: tuple[SumLine, ...]

    @property
    def state(self) -> Literal["running", "paused"]:
        """Paused while no deadline can be named, else running."""
        return "paused" if self.due_at is None else "running"
