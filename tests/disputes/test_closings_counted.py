"""What one page counts of closings out of one question is what each question for itself would give."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from anlan.disputes.models import FileClosing
from anlan.disputes.selectors.survival import FOLLOWED_RESULTS, Asked, day_counts, whole_counts
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


@pytest.mark.parametrize("columns", [(), ("track",), ("push_level",), ("mediating_id",)])
def test_one_question_gives_what_each_would_give(asked, columns):
    alone = day_counts(asked, *columns)
    assert alone
    assert sorted(whole_counts(asked, *columns), key=str) == sorted(alone, key=str)


def test_closings_after_a_day_are_left_out(asked):
    until = asked.start + timedelta(days=30)
    early = Asked(asked.actor, asked.start, until, TODAY)
    assert sorted(whole_counts(asked, "track", until=until), key=str) == sorted(day_counts(early, "track"), key=str)


def test_a_page_asks_the_store_once(asked, django_assert_num_queries):
    with django_assert_num_queries(1):
        for columns in ((), ("track",), ("mediating_id",)):
            whole_counts(asked, *columns)
