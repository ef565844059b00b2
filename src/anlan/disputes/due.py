"""When something of a file is due, with the sum that leads there: kept as it was counted, and counted again alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anlan.core.calendars import office_calendar
from anlan.disputes.rules import TERMS
from anlan.engines.workclock import ClockTime, Duration, NaturalDays, WorkingDays, WorkingTime
from anlan.engines.workclock import due_kept as counted


@dataclass(frozen=True, slots=True)
class Due:
    """A moment, what for (a key of ``TERMS``), and the sum as it is kept beside it."""

    due_at: datetime
    kind: str
    total: dict[str, Any]

    def columns(self) -> dict[str, Any]:
        """As columns of a file."""
        return {"due_at": self.due_at, "due_kind": self.kind, "due_sum": self.total}


def due_after(kind: str, start: datetime, *, seconds: int | None = None) -> Due:
    """``kind``'s term counted from ``start``; ``seconds`` on the wall clock instead, where the matter has its own.

    Years whose holidays are not announced yet are counted by their week days, and the sum says so.
    """
    unit, amount = TERMS[kind] if seconds is None else ("clock", seconds)
    found = counted(start, _duration(unit, amount), office_calendar())
    own = {"rule": kind, "start": start.isoformat(), "unit": unit, "amount": amount}
    return Due(found.due_at, kind, own | found.total)


def due_again(total: dict[str, Any]) -> datetime:
    """The moment a kept sum leads to, counted anew from its start; ``unit`` "at" is the moment itself."""
    start = datetime.fromisoformat(total["start"])
    if total["unit"] == "at":
        return start
    return counted(start, _duration(total["unit"], total["amount"]), office_calendar()).due_at


def due_on(kind: str, moment: datetime, *, zh: str = "", en: str = "") -> Due:
    """A moment that was agreed, not counted (a session, a date of performance)."""
    total = {"rule": kind, "start": moment.isoformat(), "unit": "at", "amount": 0, "zh": zh, "en": en}
    return Due(moment, kind, total)


def earlier(first: Due, second: Due) -> Due:
    """The one that is due first; a colour that rises never buys time."""
    return second if second.due_at < first.due_at else first


def due_kept(kind: str, due_at: datetime, total: dict[str, Any]) -> Due:
    """A kept deadline as a value again."""
    return Due(due_at, kind, total)


def _duration(unit: str, amount: int) -> Duration:
    if unit == "clock":
        return ClockTime(timedelta(seconds=amount))
    if unit == "working":
        return WorkingTime(timedelta(seconds=amount))
    return WorkingDays(amount) if unit == "workdays" else NaturalDays(amount)
