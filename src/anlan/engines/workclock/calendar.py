"""Working calendars: which hours of which local day are working hours, and how far we know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import pairwise
from types import MappingProxyType

from anlan.engines.workclock.errors import CalendarError, CalendarIncompleteError

# China has kept one hour, without summer time, since 1991. A fixed offset keeps the engine
# free of the system's time zone files; any other tzinfo can be handed in instead.
CHINA_TIME: tzinfo = timezone(timedelta(hours=8), "Asia/Shanghai")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class HourSpan:
    """Working hours inside one local day: [start_minute, end_minute) counted from midnight.

    A night shift is written as two spans on two days; 1440 is the midnight that ends the day.
    """

    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_minute < self.end_minute <= _MINUTES_A_DAY:
            raise CalendarError(
                f"working hours must run forward inside one day: {self.start_minute} to {self.end_minute} "
                "minutes (write a night shift as two spans)"
            )


DayHours = tuple[HourSpan, ...]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day whose hours differ from its weekday's: a holiday has none, a make-up day has some."""

    name_zh: str
    name_en: str
    hours: DayHours = ()


def parse_hours(text: str) -> DayHours:
    """Hours of a day from text such as "08:30-12:00 14:00-17:30"; an empty text is a day off.

    Raises CalendarError for text it cannot read and for spans that overlap.
    """
    spans = []
    for part in text.replace(",", " ").split():
        opening, _, closing = part.partition("-")
        spans.append(HourSpan(_minute_of_day(opening), _minute_of_day(closing)))
    return _checked_hours(tuple(spans))


def _minute_of_day(text: str) -> int:
    hour, separator, minute = text.partition(":")
    if not (separator and hour.isdecimal() and minute.isdecimal() and int(minute) < 60):
        raise CalendarError(f"not a time of day: {text!r} (write it as 08:30)")
    return int(hour) * 60 + int(minute)


def _checked_hours(hours: DayHours) -> DayHours:
    ordered = tuple(sorted(hours))
    for earlier, later in pairwise(ordered):
        if later.start_minute < earlier.end_minute:
            raise CalendarError(f"working hours of one day overlap: {earlier} and {later}")
    return ordered


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working hours by weekday, the days that differ, and the span of dates it speaks for.

    `weekly_hours` has seven entries, Monday first. `version` names the data, so that a
    deadline can say which calendar it was computed with. Dates outside `known_from` ..
    `known_until` (both included) have no announced calendar: see `hours_on`.
    """

    key: str
    version: str
    weekly_hours: tuple[DayHours, ...]
    special_days: Mapping[date, SpecialDay]
    known_from: date
    known_until: date
    zone: tzinfo = CHINA_TIME

    def __post_init__(self) -> None:
        if len(self.weekly_hours) != 7:
            raise CalendarError(f"a week has seven days, got hours for {len(self.weekly_hours)}")
        object.__setattr__(self, "weekly_hours", tuple(_checked_hours(h) for h in self.weekly_hours))
        if not any(self.weekly_hours):
            raise CalendarError(f"calendar {self.key} has no working hours in any week")
        if self.known_until < self.known_from:
            raise CalendarError(f"calendar {self.key} ends ({self.known_until}) before it begins")
        object.__setattr__(self, "special_days", MappingProxyType(dict(self.special_days)))

    @property
    def holidays(self) -> frozenset[date]:
        """Special days without working hours."""
        return frozenset(day for day, special in self.special_days.items() if not special.hours)

    @property
    def make_up_days(self) -> frozenset[date]:
        """Rest days of the week that are worked all the same (调休上班)."""
        return frozenset(
            day
            for day, special in self.special_days.items()
            if special.hours and not self.weekly_hours[day.weekday()]
        )

    def knows(self, day: date) -> bool:
        """Whether the calendar for this local date has been announced."""
        return self.known_from <= day <= self.known_until

    def require(self, day: date) -> None:
        """Raise CalendarIncompleteError unless the calendar speaks for this local date."""
        if not self.knows(day):
            raise CalendarIncompleteError(
                calendar_key=self.key,
                calendar_version=self.version,
                known_from=self.known_from,
                known_until=self.known_until,
                needed=day,
            )

    def hours_on(self, day: date) -> DayHours:
        """Working hours of a local date; outside the known dates, the bare weekly pattern.

        The pattern is a guess there. Callers that must not guess ask `require` first.
        """
        special = self.special_days.get(day)
        return self.weekly_hours[day.weekday()] if special is None else special.hours

    def local_date(self, instant: datetime) -> date:
        """The calendar date on the wall at this instant."""
        return instant.astimezone(self.zone).date()

    def instant(self, day: date, minute: int) -> datetime:
        """The UTC instant of a minute of a local day; 1440 is the midnight that ends it."""
        if minute == _MINUTES_A_DAY:
            day, minute = day + timedelta(days=1), 0
        wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=self.zone)
        return wall.astimezone(UTC)


def around_the_clock(*, key: str = "24x7", zone: tzinfo = CHINA_TIME) -> WorkCalendar:
    """The calendar of a desk that never closes: every minute counts, for all time."""
    every_day = (HourSpan(0, _MINUTES_A_DAY),)
    # The last dates of the type are kept free so that "the next midnight" can always be named.
    return WorkCalendar(
        key=key,
        version="1",
        weekly_hours=(every_day,) * 7,
        special_days={},
        known_from=date.min + timedelta(days=2),
        known_until=date.max - timedelta(days=2),
        zone=zone,
    )


@dataclass(frozen=True, slots=True)
class DayChange:
    """One date whose working hours differ between two versions of a calendar."""

    day: date
    before: DayHours
    after: DayHours


def calendar_changes(before: WorkCalendar, after: WorkCalendar) -> tuple[DayChange, ...]:
    """Every date whose hours differ by special day, so that no update changes a day unseen.

    A change of the weekly pattern itself is refused (CalendarError): it is a new calendar.
    """
    if before.weekly_hours != after.weekly_hours:
        raise CalendarError("the weekly hours differ: that is another calendar, not a new version")
    days: Iterable[date] = sorted(set(before.special_days) | set(after.special_days))
    pairs = ((day, before.hours_on(day), after.hours_on(day)) for day in days)
    return tuple(DayChange(day, old, new) for day, old, new in pairs if old != new)
