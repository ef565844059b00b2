"""Walk along the stretches of time in which a clock runs, forwards or backwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from anlan.engines.workclock.calendar import DayHours, WorkCalendar

Beyond = Literal["refuse", "provisional"]
Stretches = tuple[tuple[datetime, datetime | None], ...]
_ONE_DAY = timedelta(days=1)
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC) - timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch [start, end) in UTC, and the local date it belongs to."""

    day: date
    start: datetime
    end: datetime


class Guard:
    """Asks the calendar for hours and remembers whether an unannounced day was needed.

    With `beyond="refuse"` such a day raises CalendarIncompleteError; with "provisional" the weekly
    pattern answers and `incomplete` turns true.
    """

    def __init__(self, calendar: WorkCalendar, beyond: Beyond) -> None:
        self.calendar = calendar
        self.beyond = beyond
        self.incomplete = False

    def hours_on(self, day: date) -> DayHours:
        """Working hours of a local date, under the rule for unannounced days."""
        if not self.calendar.knows(day):
            if self.beyond == "refuse":
                self.calendar.require(day)
            self.incomplete = True
        return self.calendar.hours_on(day)

    def spans_on(self, day: date) -> Iterator[Piece]:
        """The working spans of a local date as UTC pieces, in order."""
        for span in self.hours_on(day):
            start = self.calendar.instant(day, span.start_minute)
            end = self.calendar.instant(day, span.end_minute)
            # A span can vanish where summer time swallows it.
            if end > start:
                yield Piece(day, start, end)


def work_pieces(guard: Guard, start: datetime, until: datetime | None = None) -> Iterator[Piece]:
    """Working spans in [start, until); without `until` there is no end."""
    day = guard.calendar.local_date(start)
    # No day is asked for that holds nothing of the stretch: it may not be announced yet.
    last = guard.calendar.local_date(until - timedelta.resolution) if until else date.max
    while day <= last:
        for piece in guard.spans_on(day):
            if piece.end > start and (until is None or piece.start < until):
                yield Piece(day, max(piece.start, start), min(piece.end, until or piece.end))
        day += _ONE_DAY


def work_pieces_back(guard: Guard, end: datetime, floor: datetime) -> Iterator[Piece]:
    """Working spans before `end`, latest first, none before `floor`."""
    day = guard.calendar.local_date(end - timedelta.resolution)
    first = guard.calendar.local_date(floor)
    while day >= first:
        for piece in reversed(tuple(guard.spans_on(day))):
            if piece.start < end and piece.end > floor:
                yield Piece(day, max(piece.start, floor), min(piece.end, end))
        day -= _ONE_DAY


def wall_pieces(guard: Guard, start: datetime, until: datetime | None = None) -> Iterator[Piece]:
    """All time in [start, until) as one piece."""
    end = until or _FAR_FUTURE
    if end > start:
        yield Piece(guard.calendar.local_date(start), start, end)


def wall_pieces_back(guard: Guard, end: datetime, floor: datetime) -> Iterator[Piece]:
    """All time in [floor, end) as one piece."""
    yield from wall_pieces(guard, floor, end)


def without_pauses(pieces: Iterator[Piece], pauses: Stretches) -> Iterator[Piece]:
    """Forward pieces with the paused stretches cut out; ends where an open pause begins."""
    index = 0
    for piece in pieces:
        start = piece.start
        while start < piece.end:
            while index < len(pauses) and _end_of(pauses[index]) <= start:
                index += 1
            if index == len(pauses) or pauses[index][0] >= piece.end:
                yield Piece(piece.day, start, piece.end)
                break
            pause_start, pause_end = pauses[index]
            if pause_start > start:
                yield Piece(piece.day, start, pause_start)
            if pause_end is None:
                return
            start = pause_end


def without_pauses_back(pieces: Iterator[Piece], pauses: Stretches) -> Iterator[Piece]:
    """Backward pieces with the paused stretches cut out."""
    for piece in pieces:
        end = piece.end
        for pause in reversed(pauses):
            pause_start, pause_end = pause[0], _end_of(pause)
            if pause_start >= end or pause_end <= piece.start:
                continue
            if pause_end < end:
                yield Piece(piece.day, pause_end, end)
            end = pause_start
        if end > piece.start:
            yield Piece(piece.day, piece.start, end)


def _end_of(pause: tuple[datetime, datetime | None]) -> datetime:
    return _FAR_FUTURE if pause[1] is None else pause[1]
