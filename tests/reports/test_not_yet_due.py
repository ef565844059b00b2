"""What is not due yet was not missed: neither kept nor broken before its day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.disputes.models import FileRevisit, Obligation, Push
from anlan.reports.selectors import kpi_one, kpi_records, kpi_some
from reports.conftest import T0, WEEK, Desk
from reports.quarrels import quarrel_told

pytestmark = pytest.mark.django_db
PERIOD = {"start": WEEK[0], "end": WEEK[1]}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def gus(desk: Desk):
    """One quarrel: two pushes acted on in time, and a push, a revisit and a promise that nobody has kept."""
    file = quarrel_told(desk, 0, desk.incident(T0))
    Push.objects.filter(file=file).update(closed_at=T0 + HOUR / 2)
    Push.objects.filter(file=file, seq=3).update(state="sent", closed_at=None, outcome="", due_at=T0 + 30 * HOUR)
    FileRevisit.objects.filter(file=file).update(state="drawn", ended_at=None, finding="", due_at=T0 + 4 * DAY)
    Obligation.objects.filter(file=file).update(state="open", performed_on=None)  # due on the third day after T0
    return desk.actor("gus")


def told(gus, key, at):
    figure = kpi_one(gus, key, at=at, **PERIOD)
    missed = kpi_records(gus, key, part="missed", at=at, **PERIOD).rows
    assert len(missed) == figure.denominator - figure.numerator
    assert kpi_some(gus, [key], at=at, **PERIOD)[key] == figure
    return figure.fraction


@pytest.mark.parametrize(
    ("key", "due", "before", "after"),
    [
        ("loop_close", T0 + 30 * HOUR, "2/2", "2/3"),
        ("revisit_on_time", T0 + 4 * DAY, "0/0", "0/1"),
        # T0 is nine in the morning in Shanghai: the day of the promise is over fifteen hours after its third.
        ("promise_on_time", T0 + 3 * DAY + 15 * HOUR, "0/0", "0/1"),
    ],
)
def test_it_is_missed_from_the_moment_it_was_due_and_not_before(gus, key, due, before, after):
    second = timedelta(seconds=1)
    assert told(gus, key, due - second) == before
    assert told(gus, key, due + second) == after


def test_what_was_done_before_its_day_counts_at_once(gus):
    Obligation.objects.update(state="performed", performed_on=T0.date())
    FileRevisit.objects.update(state="done", finding="settled", ended_at=T0 + DAY)
    assert told(gus, "promise_on_time", T0 + DAY) == "1/1"
    assert told(gus, "revisit_on_time", T0 + 2 * DAY) == "1/1"


def test_a_week_long_over_still_learns_what_became_due_after_it(gus):
    """Drawn on its last day, due the week after and never made: asked a month later it was missed."""
    FileRevisit.objects.update(drawn_at=WEEK[1] - HOUR, due_at=WEEK[1] + 3 * DAY)
    assert told(gus, "revisit_on_time", WEEK[1]) == "0/0"
    assert told(gus, "revisit_on_time", WEEK[1] + 30 * DAY) == "0/1"
