"""Build a working calendar from the yearly notices, and refuse a notice that cannot be right."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import Any

from anlan.engines.workclock.calendar import (
    CHINA_TIME,
    DayHours,
    SpecialDay,
    WorkCalendar,
    parse_hours,
)
from anlan.engines.workclock.errors import CalendarError

FORMAT = "anlan.calendar-year"
FORMAT_VERSION = 1
# Usual office hours of a Chinese county bureau; a bureau hands in its own where they differ.
OFFICE_HOURS = "08:30-12:00 14:00-17:30"
_LONGEST_HOLIDAY_DAYS = 16


def office_week(hours: str = OFFICE_HOURS) -> tuple[DayHours, ...]:
    """Monday to Friday with the same hours, Saturday and Sunday off."""
    working = parse_hours(hours)
    return (working,) * 5 + ((), ())


def calendar_from_years(
    documents: Iterable[Mapping[str, Any]],
    *,
    weekly_hours: Sequence[DayHours] | None = None,
    make_up_hours: DayHours | None = None,
    local_days: Mapping[date, SpecialDay] | None = None,
    key: str | None = None,
    zone: tzinfo = CHINA_TIME,
) -> WorkCalendar:
    """A calendar from one document a year (format `anlan.calendar-year`, version 1).

    `weekly_hours` defaults to the office week; `make_up_hours`, the hours of a worked rest
    day, to Monday's. `local_days` (a typhoon closure, a local festival) win over the notices.
    The years must follow one another without a gap. The version names each year with its
    revision, e.g. "2025r1+2026r1"; a bureau with local days gives the calendar its own key.

    Raises CalendarError, naming the year and the day, for a document of another format, two
    documents of one year, a gap, a holiday that runs backwards or longer than 16 days, dates
    outside the year (December of the year before is allowed: New Year reaches back), a make-up
    day inside a holiday, or one that falls on a day worked anyway.
    """
    week = tuple(weekly_hours) if weekly_hours is not None else office_week()
    years = sorted(documents, key=lambda document: int(document.get("year", 0)))
    if not years:
        raise CalendarError("a calendar needs at least one announced year")
    special: dict[date, SpecialDay] = {}
    for document in years:
        _check_format(document)
        _add_holidays(special, document)
        _add_make_up_days(special, document, week, make_up_hours or week[0])
    numbers = [int(document["year"]) for document in years]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise CalendarError(f"the announced years must follow one another, each once: {numbers}")
    special.update(local_days or {})
    return WorkCalendar(
        key=key or str(years[0]["calendar"]),
        version="+".join(f"{d['year']}r{d['revision']}" for d in years),
        weekly_hours=week,
        special_days=special,
        known_from=date(numbers[0], 1, 1),
        known_until=date(numbers[-1], 12, 31),
        zone=zone,
    )


def _check_format(document: Mapping[str, Any]) -> None:
    found = (document.get("format"), document.get("format_version"))
    if found != (FORMAT, FORMAT_VERSION):
        raise CalendarError(f"expected {FORMAT} version {FORMAT_VERSION}, found {found[0]} version {found[1]}")


def _date_of(document: Mapping[str, Any], text: str) -> date:
    year = int(document["year"])
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CalendarError(f"calendar {year}: {text!r} is not a date") from error
    if not date(year - 1, 12, 1) <= day <= date(year, 12, 31):
        raise CalendarError(f"calendar {year}: {day} belongs to another year")
    return day


def _add_holidays(special: dict[date, SpecialDay], document: Mapping[str, Any]) -> None:
    for row in document["holidays"]:
        first, last = _date_of(document, row["first"]), _date_of(document, row["last"])
        length = (last - first).days + 1
        # A feed that lists anniversaries as closures is caught here, not by a late deadline.
        if not 1 <= length <= _LONGEST_HOLIDAY_DAYS:
            raise CalendarError(f"{row['name_en']} from {first} to {last}: {length} days off cannot be right")
        for offset in range(length):
            day = first + timedelta(days=offset)
            if day in special:
                raise CalendarError(f"{day} is announced twice: {special[day].name_en} and {row['name_en']}")
            special[day] = SpecialDay(row["name_zh"], row["name_en"])


def _add_make_up_days(
    special: dict[date, SpecialDay], document: Mapping[str, Any], week: tuple[DayHours, ...], hours: DayHours
) -> None:
    if document["make_up_days"] and not hours:
        raise CalendarError("make-up days need working hours: say which")
    for row in document["make_up_days"]:
        day = _date_of(document, row["date"])
        if day in special:
            raise CalendarError(f"{day} is announced twice: {special[day].name_en} and {row['name_en']}")
        if day.weekday() < 5:
            raise CalendarError(f"{day} is announced as a make-up day but is no weekend day")
        # A desk that works weekends anyway keeps its own hours that day.
        special[day] = SpecialDay(row["name_zh"], row["name_en"], week[day.weekday()] or hours)
