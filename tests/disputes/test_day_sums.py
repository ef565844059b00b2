"""Sums by day say what the files say, whatever happened to them, and say so when they lag behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from anlan.core.actor import SYSTEM
from anlan.disputes.closing_handlers import file_closings_follow
from anlan.disputes.models import DaySheet, DisputeFile, FileClosing
from anlan.disputes.selectors import pushes_told
from anlan.disputes.selectors.survival import Asked, bodies_of, compared, quiet_by, quiet_of
from anlan.disputes.services import file_close, file_follow_up
from anlan.disputes.sheet_handlers import day_sheets_begin, day_sheets_follow, day_sheets_renew
from anlan.disputes.sheet_jobs import day_sheets_count, day_sheets_differ
from anlan.reports.selectors import Sums, kpi_some
from disputes import course
from disputes.quarrel import later, opened, people_come
from world import T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]
FIRST = timezone.localtime(T0).date()
END = later(days=400)
KEYS = (
    "push_1", "push_1_settled", "push_2_settled", "push_3", "file_settled", "file_settled:push-2", "loop_close",
    "settle_time_p50", "settle_time_p90", "back_90", "revisit_file_cov", "revisit_on_time", "file_red", "back_hurt",
    "divert_rate", "repeat_rate", "bounced", "promise_on_time", "party_a_satisfied",
)  # fmt: skip


def caught_up(at=END):
    while file_closings_follow(at=at):
        pass
    while day_sheets_follow(at=at):
        pass
    while day_sheets_count(at=at):
        pass


def lived(west, seed):
    """Three files live through half of a history, and through the rest when told to."""
    history = course.History(west, course.beginning(west), seed)

    def go_on():
        for _ in range(course.STEPS):
            history.step()

    go_on()
    return go_on


def figures(actor, **which):
    """Everything the pages add up, once as they do it and once from the records."""
    sums = Sums()
    span = {"start": T0 - timedelta(hours=5), "end": END, **which}
    added = kpi_some(actor, KEYS, sums=sums, **span)
    return sums, added, kpi_some(actor, KEYS, **span)


def told(actor):
    asked = Asked(actor, FIRST, FIRST + timedelta(days=300), FIRST + timedelta(days=399))
    return repr(
        (
            pushes_told(actor, first=FIRST, last=FIRST + timedelta(days=300), at=END).steps,
            quiet_of(asked).readouts, quiet_of(asked).n, quiet_by(asked, "track").keys(),
            compared(asked, "push").n, bodies_of(asked).units,
        )
    )  # fmt: skip


def test_what_is_added_up_from_days_is_what_the_records_say(world, taxonomy):
    """Begun in the middle of things: some days were there before, to others things happened since."""
    west = people_come(world)
    days = [lived(west, seed) for seed in range(2)]
    caught_up()
    days[0]()
    days[1]()
    caught_up()
    assert not day_sheets_differ(days=4000, at=END)
    for name in ("gus", "dan", "cleo"):
        actor = west.actor(name)
        sums, added, counted = figures(actor)
        assert sums.of.keys()
        assert sums.as_of is None
        assert repr(added) == repr(counted)
        from_days = told(actor)
        DaySheet.objects.update(edition="of old")
        assert told(actor) == from_days
        day_sheets_renew(at=END)
        caught_up()
    for hours in (2, 30, 100, 400):  # what is due meanwhile is missed from then on, without any event
        sums, added, counted = figures(SYSTEM, organisation=west.orgs["town-west"], at=later(hours=hours))
        assert repr(added) == repr(counted)
    assert any(figure.numerator for figure in added.values())


def test_a_sum_that_lags_behind_says_since_when_and_is_counted_anew(world, taxonomy):
    west = people_come(world)
    file = opened(west)
    caught_up()
    gus = west.actor("gus")
    before = pushes_told(gus, first=FIRST, last=FIRST, at=later(hours=9))
    assert (before.steps[1].files, before.as_of) == (0, None)
    file_follow_up(file=file, by=SYSTEM, at=later(hours=2))
    behind = pushes_told(gus, first=FIRST, last=FIRST, at=later(hours=9))
    assert (behind.steps[1].files, behind.as_of) == (0, later(hours=2))
    caught_up()
    now = pushes_told(gus, first=FIRST, last=FIRST, at=later(hours=9))
    assert (now.steps[1].files, now.as_of) == (1, None)


def test_a_file_changed_behind_the_back_of_the_events_is_found_and_put_right_within_two_weeks(world, taxonomy):
    west = people_come(world)
    file = opened(west)
    caught_up()
    DisputeFile.objects.filter(pk=file.pk).update(push_level=3, case_linked_at=END)
    assert ("of-file", FIRST) in day_sheets_differ(days=4000, at=END)
    for hour in range(14 * 24):
        day_sheets_renew(at=END + timedelta(hours=hour))
        caught_up(at=END + timedelta(hours=hour))
        if not day_sheets_differ(days=4000, at=END):
            break
    assert not day_sheets_differ(days=4000, at=END)


def test_a_day_marked_while_it_is_counted_stays_marked(world, taxonomy, monkeypatch):
    from anlan.disputes.selectors.day_sheets import COUNTERS, Counter

    west = people_come(world)
    file = opened(west)
    day_sheets_begin(at=END)
    real = COUNTERS["pushes"]

    def meanwhile(day):
        found = real.count(day)
        DaySheet.objects.filter(kind="pushes", day=day).update(marks=5)
        return found

    monkeypatch.setitem(COUNTERS, "pushes", Counter("pushes", "file", real.edition, meanwhile))
    day_sheets_count(at=END, limit=50)
    sheet = DaySheet.objects.get(kind="pushes", day=timezone.localtime(file.opened_at).date())
    assert sheet.marks != sheet.counted_marks


def test_closings_are_told_apart_by_all_their_kinds_from_sums_as_from_rows(world, taxonomy):
    west = people_come(world)
    file = opened(west)
    file_follow_up(file=file, by=SYSTEM, at=later(hours=1))
    file_close(file=file, result="settled_follow_up", by=SYSTEM, at=later(days=1))
    caught_up()
    assert FileClosing.objects.count() == 1
    asked = Asked(west.actor("gus"), FIRST, FIRST + timedelta(days=9), FIRST + timedelta(days=30))
    assert quiet_of(asked).n == 1
    assert asked.as_of is None
    other = Asked(west.actor("cleo"), FIRST, FIRST + timedelta(days=9), FIRST + timedelta(days=30))
    assert quiet_of(other).n == 0
