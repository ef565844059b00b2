"""Deadlines in working days, by the calendar of public holidays and make-up days."""

from __future__ import annotations

from datetime import datetime

from anlan.core.calendars import office_calendar
from anlan.engines.workclock import KeptDue, WorkingDays, due_kept


def due_in_workdays(start: datetime, days: int) -> KeptDue:
    """The close of business ``days`` working days after ``start``, with its sum."""
    return due_kept(start, WorkingDays(days), office_calendar())
