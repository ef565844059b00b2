"""Counting the days that are to be counted anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min
from django.utils import timezone

from anlan.core.asking import ask
from anlan.disputes.models import DaySheet
from anlan.disputes.selectors.day_sheets import COUNTERS, sheets_behind

_ANY_BEHIND = f"SELECT 1 FROM {DaySheet._meta.db_table} WHERE NOT (marks = counted_marks) LIMIT 1"


def day_sheets_count(*, at: datetime, limit: int = 72) -> int:
    """Count so many of the days that wait, outside any transaction; returns how many.

    A day that is marked again while it is counted stays marked, so nothing that happened meanwhile is lost.
    """
    rows = sheets_behind(limit) if ask(_ANY_BEHIND) else []
    for row in rows:
        counter = COUNTERS[row.kind]
        edition, content = counter.edition(), counter.count(row.day)
        DaySheet.objects.filter(pk=row.pk).update(
            edition=edition, content=content, counted_marks=row.marks, counted_at=at
        )
    return len(rows)


def day_sheets_differ(*, days: int, at: datetime) -> list[tuple[str, date]]:
    """Of the last days: whose sum says it is up to date and is not what its records add up to now."""
    since = timezone.localtime(at).date() - timedelta(days=days)
    found = []
    for kind, counter in COUNTERS.items():
        rows = DaySheet.objects.filter(kind=kind, day__gt=since, edition=counter.edition(), marks=F("counted_marks"))
        wrong = (row.day for row in rows.order_by("day") if bytes(row.content) != counter.count(row.day))
        found += [(kind, day) for day in wrong]
    return found


def day_sheets_told() -> dict[str, Any]:
    """How many days have a sum, how many of them wait to be counted, and since when."""
    waiting = DaySheet.objects.exclude(marks=F("counted_marks"))
    told = waiting.aggregate(waiting=Count("pk"), since=Min("marked_at"))
    return {"kinds": len(COUNTERS), "days": DaySheet.objects.count(), **told}
