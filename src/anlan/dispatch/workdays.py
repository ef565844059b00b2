"""Deadlines in working days, by the calendar of public holidays and make-up days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.core.calendars import office_calendar
from anlan.engines.workclock import WorkingDays, deadline, explain


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline with the sum that leads to it, printed in both languages as it was at the time."""

    due_at: datetime
    total: dict[str, Any]


def due_in_workdays(start: datetime, days: int) -> Due:
    """The close of business ``days`` working days after ``start``; beyond the announced years provisional."""
    calendar = office_calendar()
    found = deadline(start, WorkingDays(days), calendar, beyond="provisional")
    assert found.due_at is not None, "a clock without pauses has an end"
    return Due(
        found.due_at,
        {
            "zh": explain(found, calendar, "zh"),
            "en": explain(found, calendar, "en"),
            "calendar": found.calendar_key,
            "version": found.calendar_version,
            "is_provisional": found.calendar_incomplete,
        },
    )
