"""By when a citizen's request is answered, with the sum."""

from __future__ import annotations

from datetime import datetime

from anlan.citizen.rules import ANSWER_WORKDAYS
from anlan.core.calendars import office_calendar
from anlan.engines.workclock import KeptDue, WorkingDays, due_kept


def answer_due(kind: str, start: datetime) -> KeptDue:
    """The close of business so many working days after ``start``, with its sum."""
    return due_kept(start, WorkingDays(ANSWER_WORKDAYS[kind]), office_calendar())
