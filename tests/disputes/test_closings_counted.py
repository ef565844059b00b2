"""What one page counts of closings out of one question is what each question for itself would give."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from anlan.disputes.models import FileClosing
from anlan.disputes.selectors.survival import FOLLOWED_RESULTS, Asked, bodies_of, compared, quiet_by, quiet_of
from disputes.quarrel import later, opened, people_come
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
TODAY = timezone.localtime(T0).date() + timedelta(days=200)


@pytest.fixture
def asked(world, taxonomy):
    """Sixty closings of all kinds within a hundred days."""
    west, dice = people_come(world), random.Random(7)
    file = opened(west)
    for k in range(60):
        closed_at = later(days=dice.randrange(100), minutes=k)
        ended_at = closed_at + timedelta(days=dice.randrange(300)) if k % 3 else None
        FileClosing.objects.create(
            file=file, event_id=1_000_000 + k, opened_at=T0, closed_at=closed_at,
            closed_day=timezone.localtime(closed_at).date(), result=dice.choice(sorted(FOLLOWED_RESULTS)),
            code=file.code, level=dice.choice(("blue", "red")), track=dice.choice(("police", "joint", "")),
            push_level=dice.randrange(4), station=west.orgs["west"],
            mediating=west.orgs["mediation"] if k % 2 else None, ended_at=ended_at,
            ended_day=timezone.localtime(ended_at).date() if ended_at else None,
            end_kind=dice.choice(("came_back", "case", "void")) if ended_at else "",
        )  # fmt: skip
    first = timezone.localtime(T0).date()
    return Asked(west.actor("gus"), first, first + timedelta(days=90), TODAY)


@pytest.mark.parametrize("grouping", ["track", "push", "organisation"])
def test_the_groups_of_a_page_are_those_of_the_rows(asked, grouping):
    column = {"track": "track", "push": "push_level", "organisation": "mediating_id"}[grouping]
    rows = FileClosing.objects.filter(closed_day__lt=asked.end).exclude(end_kind="void")
    named = sum(value not in ("", None) for value in rows.values_list(column, flat=True))
    found = compared(asked, grouping)
    assert found.n == named > 0
    assert sum(group.n for group in found.comparison.groups + found.comparison.refused) == named


def test_a_return_counts_only_of_closings_watched_for_ninety_days(asked):
    early = FileClosing.objects.filter(closed_day__lte=TODAY - timedelta(days=90), closed_day__lt=asked.end)
    early = early.exclude(end_kind="void").exclude(mediating=None)
    back = [row for row in early if row.end_kind == "came_back" and (row.ended_day - row.closed_day).days <= 90]
    (unit,) = bodies_of(asked).units
    assert (unit.events, unit.n) == (len([row for row in back if row.ended_day <= TODAY]), early.count())


def test_a_page_asks_the_store_twice(asked, django_assert_num_queries):
    """Once for the sums, of which there are none here, and once for the rows."""
    with django_assert_num_queries(2):
        quiet_of(asked)
        quiet_by(asked, "track")
        bodies_of(asked)
        compared(asked, "push")
