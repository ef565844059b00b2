"""By when a citizen's request is answered, with the sum."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.citizen.rules import ANSWER_WORKDAYS
from anlan.core.calendars import office_calendar
from anlan.engines.workclock import WorkingDays, deadline, explain


def answer_due(kind: str, start: datetime) -> tuple[datetime, dict[str, Any]]:
    """The close of business so many working days after ``start``, and how it was counted, in both languages."""
    calendar = office_calendar()
    found = deadline(start, WorkingDays(ANSWER_WORKDAYS[kind]), calendar, beyond="provisional")
    assert found.due_at is not None, "a clock without pauses has an end"
    total = {"zh": explain(found, calendar, "zh"), "en": explain(found, calendar, "en")}
    return found.due_at, {**total, "version": found.calendar_version, "is_provisional": found.calendar_incomplete}
