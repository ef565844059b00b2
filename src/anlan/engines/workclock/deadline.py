"""Deadlines over working calendars, each with the sum that leads to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from anlan.engines.workclock.calendar import WorkCalendar
from anlan.engines.workclock.clock import (
    Clock,
    ClockTime,
    Duration,
    Extension,
    NaturalDays,
    Pause,
    WorkingDays,
    WorkingTime,
    merge_pauses,
)
from anlan.engines.workclock.segments import Reached, Segment, count_days, count_time, stands_still_at
from anlan.engines.workclock.sums import DeadlineSum, SumLine
from anlan.engines.workclock.walk import Beyond, Guard, Stretches, work_pieces

_ONE_DAY = timedelta(days=1)


def deadline(
    start: datetime,
    duration: Duration,
    calendar: WorkCalendar,
    *,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
    beyond: Beyond = "refuse",
) -> DeadlineSum:
    """When a clock started at `start` runs out, and why exactly then.

    Time counts in half-open stretches: four hours that end with the working day are due at
    its close, not at the next opening. Time opened outside hours starts at the next opening.
    Paused stretches do not count; for durations in days, a day counts when the clock is
    running as the day ends. Extensions are counted on from the end reached so far; a last
    day that is a rest day is rolled once, at the very end.

    Raises CalendarIncompleteError when a day without an announced calendar is needed, unless
    `beyond="provisional"`: then the weekly pattern is used and the sum is marked
    `calendar_incomplete`. Raises ClockError for a start or pause without time zone.
    """
    return deadline_of(Clock(start, duration, tuple(pauses), tuple(extensions)), calendar, beyond=beyond)


def deadline_of(clock: Clock, calendar: WorkCalendar, *, beyond: Beyond = "refuse") -> DeadlineSum:
    """`deadline` for a clock kept as one value."""
    guard = Guard(calendar, beyond)
    pauses = merge_pauses(clock.pauses)
    reached: Reached | None = Reached(clock.start, calendar.local_date(clock.start))
    lines = [SumLine("start", from_at=clock.start, duration=clock.duration)]
    durations = [clock.duration, *(e.duration for e in clock.extensions)]
    for index, duration in enumerate(durations):
        if reached is None:
            break
        if index:
            reason = clock.extensions[index - 1].reason
            lines.append(SumLine("extension", from_at=reached.at, duration=duration, reason=reason))
        segment = _count(duration, reached, guard, pauses, is_last=index == len(durations) - 1)
        lines += _with_what_was_left_out(segment, duration, reached, clock, guard, pauses)
        reached = segment.reached
    return _closed(clock, calendar, guard, reached, lines)


def _count(duration: Duration, origin: Reached, guard: Guard, pauses: Stretches, *, is_last: bool) -> Segment:
    if isinstance(duration, WorkingTime | ClockTime):
        return count_time(duration, origin, guard, pauses)
    return count_days(duration, origin, guard, pauses, is_last=is_last)


def _closed(
    clock: Clock, calendar: WorkCalendar, guard: Guard, reached: Reached | None, lines: list[SumLine]
) -> DeadlineSum:
    paused_since = clock.paused_since if reached is None else None
    if guard.incomplete:
        lines.append(SumLine("incomplete", last_day=calendar.known_until))
    if reached:
        lines.append(SumLine("due", from_at=reached.at, last_day=reached.day))
    else:
        lines.append(SumLine("standing", from_at=paused_since))
    return DeadlineSum(
        clock=clock,
        due_at=reached.at if reached else None,
        paused_since=paused_since,
        due_day=reached.day if reached else None,
        calendar_key=calendar.key,
        calendar_version=calendar.version,
        calendar_incomplete=guard.incomplete,
        lines=tuple(lines),
    )


def _with_what_was_left_out(
    segment: Segment, duration: Duration, origin: Reached, clock: Clock, guard: Guard, pauses: Stretches
) -> list[SumLine]:
    """The segment's lines with rest days, pauses and a late first opening put in their place."""
    end = segment.reached
    last_day = end.day if end else max((line.last_day or origin.day for line in segment.lines), default=origin.day)
    calendar, end_at = guard.calendar, end.at if end else None
    wait = _wait_line(duration, origin, guard) if origin.at == clock.start else None
    lines = [
        *([wait] if wait else []),
        *segment.lines,
        *_rest_lines(duration, origin, last_day, calendar),
        *_pause_lines(duration, origin, end_at, clock, guard, pauses),
    ]
    # A day off on which the matter was opened comes after the line that says it was opened.
    return sorted(lines, key=lambda line: max(_order(line, calendar), origin.at))


def _order(line: SumLine, calendar: WorkCalendar) -> datetime:
    if line.from_at is not None:
        return line.from_at
    day = line.last_day if line.kind == "roll" else line.first_day
    assert day is not None, "a line has an instant or a day"
    return calendar.instant(day, 24 * 60 if line.kind == "roll" else 0)


def _wait_line(duration: Duration, origin: Reached, guard: Guard) -> SumLine | None:
    if not isinstance(duration, WorkingTime):
        return None
    opening = next(work_pieces(guard, origin.at)).start
    if opening == origin.at:
        return None
    return SumLine("wait", from_at=origin.at, to_at=opening)


def _rest_lines(duration: Duration, origin: Reached, last: date, calendar: WorkCalendar) -> list[SumLine]:
    """Days off between the first and the last day, a run of the same name on one line."""
    if isinstance(duration, ClockTime | NaturalDays):
        return []
    lines: list[SumLine] = []
    day = origin.day if isinstance(duration, WorkingTime) else origin.day + _ONE_DAY
    while day <= last:
        if not calendar.hours_on(day):
            special = calendar.special_days.get(day)
            zh, en = (special.name_zh, special.name_en) if special else ("休息日", "rest day of the week")
            previous = lines[-1] if lines else None
            if previous and previous.last_day == day - _ONE_DAY and previous.name_en == en:
                lines[-1] = replace(previous, last_day=day, days=(previous.days or 0) + 1)
            else:
                lines.append(SumLine("rest", first_day=day, last_day=day, days=1, name_zh=zh, name_en=en))
        day += _ONE_DAY
    return lines


def _pause_lines(
    duration: Duration,
    origin: Reached,
    end: datetime | None,
    clock: Clock,
    guard: Guard,
    pauses: Stretches,
) -> list[SumLine]:
    lines = []
    for start, stop in pauses:
        if (stop is not None and stop <= origin.at) or (end is not None and start >= end):
            continue
        start = max(start, origin.at)
        reasons = [p.reason for p in clock.pauses if p.reason and _touches(p, start, stop)]
        line = SumLine("pause", from_at=start, to_at=stop, reason=", ".join(dict.fromkeys(reasons)))
        lines.append(_with_loss(line, duration, start, stop, guard))
    return lines


def _touches(pause: Pause, start: datetime, stop: datetime | None) -> bool:
    return (pause.end is None or pause.end > start) and (stop is None or pause.start < stop)


def _with_loss(line: SumLine, duration: Duration, start: datetime, stop: datetime | None, guard: Guard) -> SumLine:
    """The pause line with what it left out of the count; an open pause leaves out who knows what."""
    if stop is None:
        return line
    if isinstance(duration, ClockTime):
        return replace(line, amount=stop - start)
    if isinstance(duration, WorkingTime):
        lost = (piece.end - piece.start for piece in work_pieces(guard, start, stop))
        return replace(line, amount=sum(lost, timedelta(0)))
    return replace(line, days=_days_left_out(duration, start, stop, guard.calendar))


def _days_left_out(
    duration: WorkingDays | NaturalDays, start: datetime, stop: datetime, calendar: WorkCalendar
) -> int:
    day, last, lost = calendar.local_date(start), calendar.local_date(stop), 0
    while day <= last:
        hours = calendar.hours_on(day)
        if isinstance(duration, NaturalDays) or hours:
            close = isinstance(duration, WorkingDays) and duration.until == "close"
            end = calendar.instant(day, hours[-1].end_minute if close else 24 * 60)
            lost += stands_still_at(end, ((start, stop),))
        day += _ONE_DAY
    return lost


@dataclass(frozen=True, slots=True)
class DeadlineChange:
    """One clock computed under two calendars (or two agreements)."""

    before: DeadlineSum
    after: DeadlineSum

    @property
    def moved(self) -> bool:
        """Whether the deadline is another one now."""
        return self.before.due_at != self.after.due_at


def recompute(before: DeadlineSum, calendar: WorkCalendar, *, beyond: Beyond = "refuse") -> DeadlineChange:
    """The same clock under a new version of the calendar, beside the old sum."""
    return DeadlineChange(before, deadline_of(before.clock, calendar, beyond=beyond))
