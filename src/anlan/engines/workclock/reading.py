"""Read a running clock: time used, time left, when to warn, which steps of a ladder are due."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from anlan.engines.workclock.calendar import WorkCalendar
from anlan.engines.workclock.clock import ClockTime, Pause, WorkingTime, check_aware, merge_pauses
from anlan.engines.workclock.deadline import deadline, deadline_of
from anlan.engines.workclock.errors import ClockError
from anlan.engines.workclock.sums import DeadlineSum
from anlan.engines.workclock.walk import (
    Beyond,
    Guard,
    wall_pieces,
    wall_pieces_back,
    without_pauses,
    without_pauses_back,
    work_pieces,
    work_pieces_back,
)

Lead = WorkingTime | ClockTime


def elapsed(
    start: datetime,
    until: datetime,
    calendar: WorkCalendar,
    *,
    counting: Literal["working", "clock"] = "working",
    pauses: Sequence[Pause] = (),
    beyond: Beyond = "refuse",
) -> timedelta:
    """Time that counts in [start, until): inside working hours (or all), outside pauses.

    Raises ClockError when `until` lies before `start`, CalendarIncompleteError as `deadline` does.
    """
    start, until = check_aware(start), check_aware(until)
    if until < start:
        raise ClockError(f"{until.isoformat()} lies before the start {start.isoformat()}")
    pieces = (work_pieces if counting == "working" else wall_pieces)(Guard(calendar, beyond), start, until)
    running = without_pauses(pieces, merge_pauses(pauses))
    return sum((piece.end - piece.start for piece in running), timedelta(0))


def remaining(total: DeadlineSum, now: datetime, calendar: WorkCalendar, *, beyond: Beyond = "refuse") -> timedelta:
    """Time left on the clock at `now`; negative once it is overdue.

    Counted as the clock counts: working time for a clock in working time, wall-clock time for
    the others. While the clock stands still this is what would be left if it resumed now.
    """
    now = check_aware(now)
    clock = total.clock
    counting: Literal["working", "clock"] = "working" if isinstance(clock.duration, WorkingTime) else "clock"
    if total.due_at is None:
        since = clock.paused_since
        resumed = clock.resumed(max(now, since)) if since else clock
        total = deadline_of(resumed, calendar, beyond=beyond)
    due_at = total.due_at
    assert due_at is not None, "a resumed clock ends"
    if now > due_at:
        return -elapsed(due_at, now, calendar, counting=counting, beyond=beyond)
    from_at = max(now, clock.start)
    pauses = total.clock.pauses
    return elapsed(from_at, due_at, calendar, counting=counting, pauses=pauses, beyond=beyond)


def warn_at(total: DeadlineSum, lead: Lead, calendar: WorkCalendar, *, beyond: Beyond = "refuse") -> datetime | None:
    """The last instant at which `lead` of running time is still left before the deadline.

    With a lead in working time the warning always falls inside working hours (a lead that
    reaches exactly back to an opening falls on the opening, never into the night before), and
    never into a pause. A lead longer than the whole clock warns as soon as the clock runs.
    None while the clock stands still. Raises ClockError for a calendar other than the one
    the sum was computed with.
    """
    _check_same_calendar(total, calendar)
    if total.due_at is None:
        return None
    guard = Guard(calendar, "provisional" if total.calendar_incomplete else beyond)
    back = work_pieces_back if isinstance(lead, WorkingTime) else wall_pieces_back
    left, earliest = lead.amount, total.clock.start
    pieces = back(guard, total.due_at, total.clock.start)
    for piece in without_pauses_back(pieces, merge_pauses(total.clock.pauses)):
        if left <= piece.end - piece.start:
            return piece.end - left
        left -= piece.end - piece.start
        earliest = piece.start
    return earliest


def _check_same_calendar(total: DeadlineSum, calendar: WorkCalendar) -> None:
    if (total.calendar_key, total.calendar_version) != (calendar.key, calendar.version):
        raise ClockError(
            f"the deadline was computed with calendar {total.calendar_key} {total.calendar_version}, "
            f"not with {calendar.key} {calendar.version}: compute it again first"
        )


def next_due(sums: Mapping[str, DeadlineSum], *, met: Collection[str] = ()) -> tuple[str, datetime] | None:
    """Of several clocks on one matter (first contact, update, settlement): the next to run out.

    Each clock keeps its own deadline; a met one and one that stands still are left out.
    """
    open_sums = [(s.due_at, key) for key, s in sums.items() if key not in met and s.due_at is not None]
    if not open_sums:
        return None
    due_at, key = min(open_sums)
    return key, due_at


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One step of an escalation: so much `by` before or after the deadline (None: at it)."""

    key: str
    side: Literal["before", "after"] = "before"
    by: Lead | None = None


def ladder_times(
    total: DeadlineSum, steps: Sequence[LadderStep], calendar: WorkCalendar, *, beyond: Beyond = "refuse"
) -> tuple[tuple[str, datetime], ...]:
    """When each step falls, in order of time; nothing while the clock stands still.

    Computed from the sum alone, so a changed deadline moves every step with it.
    """
    if total.due_at is None:
        return ()
    times = []
    for position, step in enumerate(steps):
        at: datetime | None = total.due_at
        if step.by is not None and step.side == "before":
            at = warn_at(total, step.by, calendar, beyond=beyond)
        elif step.by is not None:
            at = deadline(total.due_at, step.by, calendar, beyond=beyond).due_at
        assert at is not None, "only a clock that stands still has no times"
        times.append((at, position, step.key))
    return tuple((key, at) for at, _, key in sorted(times))


def steps_due(
    times: Sequence[tuple[str, datetime]], now: datetime, *, fired: Collection[str] = ()
) -> tuple[str, ...]:
    """Every step that should have fired by `now` and has not: missed ones too, oldest first."""
    now = check_aware(now)
    return tuple(key for key, at in times if at <= now and key not in fired)
