"""Tiny calendars for the work-clock tests, and the announced ones."""

import json
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any

from anlan.engines.workclock import CHINA_TIME, WorkCalendar, calendar_from_years, parse_hours

ANNOUNCED = (2024, 2025, 2026)


def notice(year: int) -> dict[str, Any]:
    """The announced calendar of one year, as the platform ships it."""
    folder = resources.files("anlan").joinpath("core", "data", "calendars")
    document: dict[str, Any] = json.loads(folder.joinpath(f"cn-{year}.json").read_text(encoding="utf-8"))
    return document


def office(*years: int) -> WorkCalendar:
    """The national calendar with office hours 08:30-12:00 14:00-17:30."""
    return calendar_from_years(notice(year) for year in years or ANNOUNCED)


def weekdays(hours: str, *, key: str = "plain") -> WorkCalendar:
    """Monday to Friday with the same hours, no holidays."""
    working = parse_hours(hours)
    return WorkCalendar(key, "1", (working,) * 5 + ((), ()), {}, date(2020, 1, 1), date(2030, 12, 31))


def local(text: str) -> datetime:
    """A moment on the wall in China, from "2026-06-01 17:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA_TIME)


def hours(count: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)
