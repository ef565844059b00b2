"""The calendar of public holidays and make-up days that came with the program."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from anlan.engines.workclock import WorkCalendar, calendar_from_years


@lru_cache(maxsize=1)
def office_calendar() -> WorkCalendar:
    """The announced years, as they came with the program."""
    folder = files("anlan.core") / "data" / "calendars"
    years = sorted((year for year in folder.iterdir() if year.name.endswith(".json")), key=lambda year: year.name)
    return calendar_from_years(json.loads(year.read_text(encoding="utf-8")) for year in years)
