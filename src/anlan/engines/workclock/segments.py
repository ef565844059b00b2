"""Count one duration of a clock (the first, or an extension) and write down the lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anlan.engines.workclock.calendar import SpecialDay, WorkCalendar
from anlan.engines.workclock.clock import ClockTime, NaturalDays, WorkingDays, WorkingTime
from anlan.engines.workclock.sums import SumLine
from anlan.engines.workclock.walk import (
    Guard,
    Piece,
    Stretches,
    wall_pieces,
    without_pauses,
    work_pieces,
)

_ONE_DAY = timedelta(days=1)
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the count has come: the instant, and the local day it closes."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Segment:
    """One counted duration: where it ended (None: never, an open pause holds it) and its lines."""

    reached: Reached | None
    lines: list[SumLine]


def count_time(duration: WorkingTime | ClockTime, origin: Reached, guard: Guard, pauses: Stretches) -> Segment:
    """Spend the duration on running time from `origin` on."""
    working = isinstance(duration, WorkingTime)
    pieces = without_pauses((work_pieces if working else wall_pieces)(guard, origin.at), pauses)
    left, lines, last = duration.amount, [], None
    for piece in pieces:
        spent = min(left, piece.end - piece.start)
        left -= spent
        last = Piece(piece.day, piece.start, piece.start + spent)
        lines.append(_time_line(last, duration.amount - left, guard.calendar))
        if not left:
            break
    if left or last is None:
        return Segment(None, lines)
    # An end at 24:00 belongs to the day it closes, not to the next one.
    end_day = guard.calendar.local_date(last.end - timedelta.resolution)
    return Segment(Reached(last.end, end_day), lines)


def _time_line(piece: Piece, total: timedelta, calendar: WorkCalendar) -> SumLine:
    special = calendar.special_days.get(piece.day)
    return SumLine(
        "counted",
        from_at=piece.start,
        to_at=piece.end,
        first_day=piece.day,
        last_day=calendar.local_date(piece.end - timedelta.resolution),
        amount=piece.end - piece.start,
        total=total,
        name_zh=special.name_zh if special else "",
        name_en=special.name_en if special else "",
    )


def count_days(
    duration: WorkingDays | NaturalDays, origin: Reached, guard: Guard, pauses: Stretches, *, is_last: bool
) -> Segment:
    """Count whole days after the day of `origin`; a day counts if the clock runs as it ends."""
    counted: list[date] = []
    reached = None
    for day, end in _days_that_end_running(duration, origin, guard, pauses):
        counted.append(day)
        if len(counted) == duration.days:
            reached = Reached(end, day)
            break
    make_up = guard.calendar.special_days if isinstance(duration, WorkingDays) else {}
    lines = _day_lines(counted, make_up)
    if reached and is_last and isinstance(duration, NaturalDays) and duration.roll:
        return _rolled(reached, lines, guard, pauses)
    return Segment(reached, lines)


def _days_that_end_running(
    duration: WorkingDays | NaturalDays, origin: Reached, guard: Guard, pauses: Stretches
) -> Iterator[tuple[date, datetime]]:
    day = origin.day
    while True:
        day += _ONE_DAY
        if isinstance(duration, WorkingDays):
            hours = guard.hours_on(day)
            if not hours:
                continue
            minute = hours[-1].end_minute if duration.until == "close" else _MIDNIGHT
        else:
            minute = _MIDNIGHT
        end = guard.calendar.instant(day, minute)
        if pauses and pauses[-1][1] is None and pauses[-1][0] < end:
            return
        if not stands_still_at(end, pauses):
            yield day, end


def stands_still_at(day_end: datetime, pauses: Stretches) -> bool:
    """Whether the clock stands still as a day ends: paused before, not yet resumed."""
    return any(start < day_end and (end is None or day_end <= end) for start, end in pauses)


def _rolled(reached: Reached, lines: list[SumLine], guard: Guard, pauses: Stretches) -> Segment:
    """Move a last day that is a rest day to the next working day on which the clock runs."""
    if guard.hours_on(reached.day):
        return Segment(reached, lines)
    following = Reached(reached.at, reached.day)
    for day, _ in _days_that_end_running(WorkingDays(1, "midnight"), following, guard, pauses):
        line = SumLine("roll", first_day=reached.day, last_day=day)
        return Segment(Reached(guard.calendar.instant(day, _MIDNIGHT), day), [*lines, line])
    return Segment(None, lines)


def _day_lines(days: list[date], named: Mapping[date, SpecialDay]) -> list[SumLine]:
    """One line per run of days in a row; a make-up day stands on a line of its own."""
    lines: list[SumLine] = []
    for count, day in enumerate(days, start=1):
        special = named.get(day)
        previous = lines[-1] if lines else None
        if previous and previous.last_day == day - _ONE_DAY and not special and not previous.name_en:
            first, run = previous.first_day, (previous.days or 0) + 1
            lines.pop()
        else:
            first, run = day, 1
        lines.append(
            SumLine(
                "counted",
                first_day=first,
                last_day=day,
                days=run,
                total_days=count,
                name_zh=special.name_zh if special else "",
                name_en=special.name_en if special else "",
            )
        )
    return lines
