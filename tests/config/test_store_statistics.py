"""The planner of SQLite is told of tables as they fill, each by a short write of its own."""

from __future__ import annotations

import pytest
from django.db import connection

from anlan.config.store_statistics import SMALLEST, statistics_take
from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite]


def events_come(count: int) -> None:
    rows = [
        Event(kind="core.made_up", at=T0, actor_kind=SYSTEM.kind, subject_type="x", subject_id=k)
        for k in range(count)
    ]
    Event.objects.bulk_create(rows)


def rows_known() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'core_event'")
        found = [int(stat.split()[0]) for (stat,) in cursor.fetchall()]
    return max(found, default=0)


def test_a_table_is_counted_once_it_is_large_and_again_when_it_has_grown():
    events_come(SMALLEST)
    assert statistics_take(at=T0) >= 1
    assert rows_known() >= SMALLEST
    assert statistics_take(at=T0) == 0
    events_come(SMALLEST)
    assert statistics_take(at=T0) == 0
    events_come(3 * SMALLEST)
    assert statistics_take(at=T0) == 1
    assert rows_known() >= 4 * SMALLEST


def test_a_new_index_makes_its_table_due():
    events_come(SMALLEST)
    statistics_take(at=T0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX made_up ON core_event (subject_id, at)")
    assert statistics_take(at=T0) == 1


def test_a_table_of_a_few_rows_with_high_numbers_is_not_due_for_ever():
    statistics_take(at=T0)
    Event.objects.create(
        pk=10 * SMALLEST, kind="core.made_up", at=T0, actor_kind=SYSTEM.kind, subject_type="x", subject_id=1
    )
    assert statistics_take(at=T0) == 0
