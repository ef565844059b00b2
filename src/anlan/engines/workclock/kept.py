"""A deadline with the sum that leads to it, as it is kept beside a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.engines.workclock.calendar import WorkCalendar
from anlan.engines.workclock.clock import Duration
from anlan.engines.workclock.deadline import deadline
from anlan.engines.workclock.explain import explain


@dataclass(frozen=True, slots=True)
class KeptDue:
    """A deadline, and its sum printed in both languages as it was at the time.

    ``total`` holds plain values only: ``zh`` and ``en``, the ``calendar`` counted by with its ``version``, and
    ``is_provisional`` where a year is not announced yet.
    """

    due_at: datetime
    total: dict[str, Any]


def due_kept(start: datetime, duration: Duration, calendar: WorkCalendar) -> KeptDue:
    """``duration`` counted from ``start`` without pauses; beyond the announced years by week days, and it says so."""
    found = deadline(start, duration, calendar, beyond="provisional")
    assert found.due_at is not None, "a clock without pauses has an end"
    return KeptDue(
        found.due_at,
        {
            "zh": explain(found, calendar, "zh"),
            "en": explain(found, calendar, "en"),
            "calendar": found.calendar_key,
            "version": found.calendar_version,
            "is_provisional": found.calendar_incomplete,
        },
    )
