"""What a clock is made of: its start, its duration, its pauses and its extensions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from anlan.engines.workclock.errors import ClockError, ExtensionTooLateError

_LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """So much time inside working hours."""

    amount: timedelta

    def __post_init__(self) -> None:
        _check_amount(self.amount)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """So much time on the wall clock, nights and holidays included (24/7)."""

    amount: timedelta

    def __post_init__(self) -> None:
        _check_amount(self.amount)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """So many working days (工作日), the day of the start not counted.

    Ends at the close of business of the last day, or with `until="midnight"` at its 24:00
    (Civil Code of the PRC, arts. 201 and 203).
    """

    days: int
    until: Literal["close", "midnight"] = "close"

    def __post_init__(self) -> None:
        _check_days(self.days)


@dataclass(frozen=True, slots=True)
class NaturalDays:
    """So many days of the calendar, the day of the start not counted, ending at 24:00.

    With `roll`, a last day that is a rest day moves to the next working day (Civil Code of
    the PRC, art. 203). Custody clocks do not roll.
    """

    days: int
    roll: bool = False

    def __post_init__(self) -> None:
        _check_days(self.days)


Duration = WorkingTime | ClockTime | WorkingDays | NaturalDays


def _check_amount(amount: timedelta) -> None:
    if not timedelta(0) < amount <= timedelta(days=_LONGEST_DAYS):
        raise ClockError(f"a clock runs for more than nothing and at most ten years, got {amount}")


def _check_days(days: int) -> None:
    if not 1 <= days <= _LONGEST_DAYS:
        raise ClockError(f"a clock runs for at least one day and at most ten years, got {days} days")


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still from `start` until `end`; `end=None` means it still does."""

    start: datetime
    end: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        check_aware(self.start)
        if self.end is not None:
            check_aware(self.end)
            if self.end < self.start:
                raise ClockError(f"a pause cannot end ({self.end}) before it starts ({self.start})")


@dataclass(frozen=True, slots=True)
class Extension:
    """More time added to the end, in any kind of duration, with who-said-so in `reason`."""

    duration: Duration
    reason: str = ""


def check_aware(instant: datetime) -> datetime:
    """Refuse a datetime without a time zone; return the others in UTC."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ClockError(f"{instant.isoformat()} has no time zone")
    return instant.astimezone(UTC)


def merge_pauses(pauses: Iterable[Pause]) -> tuple[tuple[datetime, datetime | None], ...]:
    """The paused stretches in order, overlapping and touching ones joined, empty ones dropped."""
    merged: list[tuple[datetime, datetime | None]] = []
    for pause in sorted(pauses, key=lambda p: p.start):
        start, end = check_aware(pause.start), pause.end and check_aware(pause.end)
        if end == start:
            continue
        if merged and (merged[-1][1] is None or start <= merged[-1][1]):
            last_start, last_end = merged[-1]
            joined = None if last_end is None or end is None else max(last_end, end)
            merged[-1] = (last_start, joined)
        else:
            merged.append((start, end))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Clock:
    """One running clock of one matter. Every change gives a new value; the start never moves.

    Whatever changes the priority changes `duration` only, so time already paused stays paused.
    """

    start: datetime
    duration: Duration
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", check_aware(self.start))

    @property
    def paused_since(self) -> datetime | None:
        """Since when the clock has been standing still, or None while it runs."""
        merged = merge_pauses(self.pauses)
        return merged[-1][0] if merged and merged[-1][1] is None else None

    def paused(self, at: datetime, reason: str = "") -> "Clock":
        """The clock stopped at `at`. Refuses a stopped clock and a time before the last change."""
        if self.paused_since is not None:
            raise ClockError(f"already paused since {self.paused_since.isoformat()}")
        at = self._not_back_dated(at)
        return replace(self, pauses=(*self.pauses, Pause(at, None, reason)))

    def resumed(self, at: datetime) -> "Clock":
        """The clock running again from `at`. Refuses a running clock and a back-dated time."""
        if self.paused_since is None:
            raise ClockError("the clock is running: there is nothing to resume")
        at = self._not_back_dated(at)
        pauses = tuple(p if p.end is not None else replace(p, end=at) for p in self.pauses)
        return replace(self, pauses=pauses)

    def extended(self, extension: Extension, *, granted_at: datetime, due_at: datetime | None) -> "Clock":
        """The clock with more time. `due_at` is the deadline so far, None while paused.

        Raises ExtensionTooLateError when the deadline had already passed.
        """
        if due_at is not None and check_aware(granted_at) > check_aware(due_at):
            raise ExtensionTooLateError(granted_at=granted_at, due_at=due_at)
        return replace(self, extensions=(*self.extensions, extension))

    def with_duration(self, duration: Duration) -> "Clock":
        """The clock under another priority or agreement; start, pauses and extensions stay."""
        return replace(self, duration=duration)

    def _not_back_dated(self, at: datetime) -> datetime:
        at = check_aware(at)
        latest = max([self.start, *(p.end or p.start for p in self.pauses)])
        if at < latest:
            raise ClockError(f"{at.isoformat()} lies before the last change at {latest.isoformat()}")
        return at
