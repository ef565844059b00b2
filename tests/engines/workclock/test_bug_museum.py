"""Mistakes other help desks made with clocks, each one kept as a rule here.

The issue or change that tells the story is named with each test.
"""

import pytest

from anlan.engines.workclock import (
    CalendarError,
    Clock,
    ClockError,
    ClockTime,
    LadderStep,
    Pause,
    WorkCalendar,
    WorkingTime,
    around_the_clock,
    calendar_changes,
    calendar_from_years,
    deadline,
    deadline_of,
    elapsed,
    ladder_times,
    next_due,
    office_week,
    steps_due,
    warn_at,
)
from engines.workclock.worlds import hours, local, notice, office, weekdays


def test_a_holiday_feed_cannot_add_days_off_unseen() -> None:
    """Zammad #390: a feed lists observances, and each silently became a closed day."""
    announced = notice(2026)
    longer = {**announced, "revision": 2, "holidays": [*announced["holidays"], _off("2026-03-08", "2026-03-09")]}
    changes = calendar_changes(calendar_from_years([announced]), calendar_from_years([longer]))
    assert [change.day.isoformat() for change in changes] == ["2026-03-09"]  # the 8th is a Sunday anyway


def test_a_feed_that_closes_the_office_for_a_month_is_refused() -> None:
    """Zammad #390, the gross form."""
    announced = notice(2026)
    wild = {**announced, "holidays": [_off("2026-07-01", "2026-07-31")]}
    with pytest.raises(CalendarError, match="31 days off cannot be right"):
        calendar_from_years([wild])


def _off(first: str, last: str) -> dict[str, str]:
    return {"name_zh": "纪念日", "name_en": "anniversary", "first": first, "last": last}


@pytest.mark.parametrize("opened", ["2026-06-05 17:00", "2026-06-06 03:00", "2026-06-18 17:29", "2026-12-31 16:00"])
@pytest.mark.parametrize("lead_h", [0.5, 1, 3.5, 7, 20])
def test_no_reminder_falls_at_midnight_or_on_a_weekend(opened: str, lead_h: float) -> None:
    """Zammad #4432: reminders sent at night although the calendar says when people work."""
    calendar = calendar_from_years([notice(2026), _without_holidays(2027)])
    total = deadline(local(opened), WorkingTime(hours(9)), calendar)
    at = warn_at(total, WorkingTime(hours(lead_h)), calendar)
    assert at is not None
    assert elapsed(at, at + hours(0.01), calendar) == hours(0.01), "the warning falls into working time"


def _without_holidays(year: int) -> dict[str, object]:
    return {**notice(2026), "year": year, "holidays": [], "make_up_days": []}


def test_a_short_update_clock_does_not_override_the_first_response() -> None:
    """Zammad #5177: the update clock, being shorter, took the place of the first response."""
    calendar = weekdays("08:00-18:00")
    opened = local("2026-06-01 09:00")
    sums = {
        "first_response": deadline(opened, WorkingTime(hours(4)), calendar),
        "update": deadline(opened, WorkingTime(hours(2)), calendar),
    }
    assert next_due(sums) == ("update", local("2026-06-01 11:00"))
    assert next_due(sums, met={"update"}) == ("first_response", local("2026-06-01 13:00"))
    assert sums["first_response"].due_at == local("2026-06-01 13:00")


def test_the_clock_stands_still_while_we_wait_for_the_citizen() -> None:
    """Zammad #3140: time spent waiting for the person was charged to the desk."""
    calendar = weekdays("08:00-18:00")
    clock = Clock(local("2026-06-01 09:00"), WorkingTime(hours(4)))
    waiting = clock.paused(local("2026-06-01 10:00"), "waiting for the citizen")
    assert deadline_of(waiting, calendar).state == "paused"
    answered = waiting.resumed(local("2026-06-03 15:00"))
    assert deadline_of(answered, calendar).due_at == local("2026-06-03 18:00")


def test_the_first_reply_moves_the_next_deadline_on() -> None:
    """Zammad #2082: after the first reply the list went on showing the old clock."""
    calendar = weekdays("08:00-18:00")
    opened, replied = local("2026-06-01 09:00"), local("2026-06-01 09:30")
    sums = {
        "first_response": deadline(opened, WorkingTime(hours(1)), calendar),
        "update": deadline(replied, WorkingTime(hours(2)), calendar),
        "settlement": deadline(opened, WorkingTime(hours(20)), calendar),
    }
    assert next_due(sums) == ("first_response", local("2026-06-01 10:00"))
    assert next_due(sums, met={"first_response"}) == ("update", local("2026-06-01 11:30"))
    assert next_due(sums, met=set(sums)) is None


def test_a_warning_before_the_deadline_crosses_the_closing_time() -> None:
    """GLPI change 22678: Mon-Fri 08-18, four hours from Monday 17:00, warn one hour before."""
    calendar = weekdays("08:00-18:00")
    total = deadline(local("2026-06-01 17:00"), WorkingTime(hours(4)), calendar)
    assert total.due_at == local("2026-06-02 11:00")
    assert warn_at(total, WorkingTime(hours(1)), calendar) == local("2026-06-02 10:00")


def test_a_warning_that_reaches_past_the_night_falls_in_the_day_before() -> None:
    """GLPI change 22678: it fell at 00:00 instead."""
    calendar = weekdays("08:00-18:00")
    total = deadline(local("2026-06-01 17:00"), WorkingTime(hours(4)), calendar)
    assert warn_at(total, WorkingTime(hours(3)), calendar) == local("2026-06-02 08:00")
    assert warn_at(total, WorkingTime(hours(3.5)), calendar) == local("2026-06-01 17:30")
    assert warn_at(total, WorkingTime(hours(40)), calendar) == local("2026-06-01 17:00")


@pytest.mark.parametrize("calendar", [around_the_clock(), weekdays("08:00-18:00"), office(2026)], ids=lambda c: c.key)
def test_warnings_work_on_every_calendar_not_only_around_the_clock(calendar: WorkCalendar) -> None:
    """GLPI #15429: escalation before the deadline worked only with a 24/7 calendar."""
    total = deadline(local("2026-06-05 16:30"), WorkingTime(hours(5)), calendar)
    at = warn_at(total, WorkingTime(hours(2)), calendar)
    assert at is not None
    assert total.due_at is not None
    assert elapsed(at, total.due_at, calendar) == hours(2)


def test_paused_time_survives_a_change_of_priority() -> None:
    """GLPI #6902: a new priority computed the deadline afresh and forgot the pauses."""
    calendar = weekdays("08:00-18:00")
    clock = Clock(local("2026-06-01 09:00"), WorkingTime(hours(8)))
    clock = clock.paused(local("2026-06-01 10:00")).resumed(local("2026-06-01 15:00"))
    urgent = clock.with_duration(WorkingTime(hours(2)))
    assert deadline_of(urgent, calendar).due_at == local("2026-06-01 16:00")
    assert urgent.pauses == clock.pauses


def test_a_change_of_priority_while_paused_keeps_the_clock_standing() -> None:
    """GLPI #6902, asked the harder way: re-graded while waiting."""
    calendar = weekdays("08:00-18:00")
    clock = Clock(local("2026-06-01 09:00"), WorkingTime(hours(8))).paused(local("2026-06-01 10:00"))
    urgent = clock.with_duration(WorkingTime(hours(2)))
    assert deadline_of(urgent, calendar).paused_since == local("2026-06-01 10:00")
    assert deadline_of(urgent.resumed(local("2026-06-02 08:00")), calendar).due_at == local("2026-06-02 09:00")


def test_every_step_of_the_ladder_fires_and_missed_ones_are_made_up_for() -> None:
    """GLPI #5319: only the first step ran, and the fix left the missed ones behind."""
    calendar = weekdays("08:00-18:00")
    total = deadline(local("2026-06-01 09:00"), WorkingTime(hours(8)), calendar)
    steps = [
        LadderStep("owner", "before", WorkingTime(hours(4))),
        LadderStep("leader", "before", WorkingTime(hours(1))),
        LadderStep("overdue"),
        LadderStep("bureau", "after", WorkingTime(hours(2))),
    ]
    times = ladder_times(total, steps, calendar)
    assert times == (
        ("owner", local("2026-06-01 13:00")),
        ("leader", local("2026-06-01 16:00")),
        ("overdue", local("2026-06-01 17:00")),
        ("bureau", local("2026-06-02 09:00")),
    )
    assert steps_due(times, local("2026-06-01 12:59")) == ()
    assert steps_due(times, local("2026-06-02 10:00"), fired={"owner"}) == ("leader", "overdue", "bureau")


def test_the_ladder_moves_with_the_deadline_and_rests_with_the_clock() -> None:
    """GLPI #5319: steps kept the times of a deadline that no longer held."""
    calendar = weekdays("08:00-18:00")
    steps = [LadderStep("owner", "before", WorkingTime(hours(1)))]
    clock = Clock(local("2026-06-01 09:00"), WorkingTime(hours(4))).paused(local("2026-06-01 10:00"))
    assert ladder_times(deadline_of(clock, calendar), steps, calendar) == ()
    clock = clock.resumed(local("2026-06-01 14:00"))
    assert ladder_times(deadline_of(clock, calendar), steps, calendar) == (("owner", local("2026-06-01 16:00")),)


@pytest.mark.parametrize("opened", ["2026-06-05 22:00", "2026-06-06 10:00", "2026-06-07 23:59", "2026-06-08 07:59"])
def test_a_matter_opened_outside_hours_has_its_whole_time(opened: str) -> None:
    """GLPI #687: opened at night or on a weekend, the matter got zero duration."""
    calendar = weekdays("08:00-18:00")
    total = deadline(local(opened), WorkingTime(hours(4)), calendar)
    assert total.due_at == local("2026-06-08 12:00")
    assert total.lines[1].kind == "wait"


def test_inside_and_outside_teams_keep_different_clocks() -> None:
    """GLPI #21155: one calendar for everybody."""
    opened = local("2026-06-05 17:00")
    desk = deadline(opened, WorkingTime(hours(2)), around_the_clock())
    town = deadline(opened, WorkingTime(hours(2)), office(2026))
    assert desk.due_at == local("2026-06-05 19:00")
    assert town.due_at == local("2026-06-08 10:00")


def test_nobody_back_dates_a_clock() -> None:
    """GLPI #21155: opening times were moved back to look better."""
    clock = Clock(local("2026-06-01 09:00"), ClockTime(hours(4)))
    with pytest.raises(ClockError, match="before the last change"):
        clock.paused(local("2026-06-01 08:00"))
    waiting = clock.paused(local("2026-06-01 10:00"))
    with pytest.raises(ClockError, match="before the last change"):
        waiting.resumed(local("2026-06-01 09:59"))
    with pytest.raises(ClockError, match="already paused"):
        waiting.paused(local("2026-06-01 11:00"))
    with pytest.raises(ClockError, match="nothing to resume"):
        clock.resumed(local("2026-06-01 11:00"))


def test_a_new_holiday_moves_open_deadlines_and_shows_the_sum() -> None:
    """Alaveteli #5101 and #7292: show how the date was computed; a new holiday moves open cases."""
    from anlan.engines.workclock import explain, recompute

    before = calendar_from_years([notice(2026)])
    typhoon = {**notice(2026), "revision": 2}
    typhoon["holidays"] = [*typhoon["holidays"], {**_off("2026-08-11", "2026-08-11"), "name_en": "typhoon closure"}]
    after = calendar_from_years([typhoon])
    total = deadline(local("2026-08-10 16:30"), WorkingTime(hours(4)), before)
    change = recompute(total, after)
    assert total.due_at == local("2026-08-11 11:30")
    assert change.moved
    assert change.after.due_at == local("2026-08-12 11:30")
    assert change.after.calendar_version == "2026r2"
    assert "typhoon closure, not counted" in explain(change.after, after, "en")


def test_a_pause_entered_twice_is_not_counted_twice() -> None:
    calendar = around_the_clock()
    twice = [Pause(local("2026-06-01 10:00"), local("2026-06-01 12:00"))] * 2
    overlapping = [*twice, Pause(local("2026-06-01 11:00"), local("2026-06-01 13:00"))]
    total = deadline(local("2026-06-01 09:00"), ClockTime(hours(2)), calendar, pauses=overlapping)
    assert total.due_at == local("2026-06-01 14:00")


def test_office_hours_are_five_days_of_seven_hours() -> None:
    week = office_week()
    assert [sum(s.end_minute - s.start_minute for s in day) for day in week] == [420] * 5 + [0, 0]
