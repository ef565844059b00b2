"""What the trade expects of a deadline, each case small enough for paper."""

from datetime import UTC, datetime, timedelta

import pytest

from anlan.engines.workclock import (
    Clock,
    ClockError,
    ClockTime,
    DeadlineSum,
    Extension,
    ExtensionTooLateError,
    NaturalDays,
    Pause,
    WorkingDays,
    WorkingTime,
    around_the_clock,
    deadline,
    deadline_of,
    elapsed,
    explain,
    remaining,
    warn_at,
)
from engines.workclock.worlds import hours, local, office, weekdays


def counted(total: DeadlineSum) -> timedelta:
    return sum((line.amount for line in total.lines if line.kind == "counted" and line.amount), timedelta(0))


def test_time_that_fills_the_day_is_due_at_closing_not_next_morning() -> None:
    total = deadline(local("2026-06-01 10:00"), WorkingTime(hours(8)), weekdays("08:00-18:00"))
    assert total.due_at == local("2026-06-01 18:00")


def test_minutes_around_the_clock_ignore_every_calendar() -> None:
    total = deadline(local("2026-02-14 23:30"), ClockTime(timedelta(minutes=90)), office(2026))
    assert total.due_at == local("2026-02-15 01:00")


def test_working_days_do_not_count_the_day_of_the_start() -> None:
    total = deadline(local("2026-06-01 00:00"), WorkingDays(3), office(2026))
    assert total.due_at == local("2026-06-04 17:30")
    assert deadline(local("2026-06-01 23:59"), WorkingDays(3), office(2026)).due_at == total.due_at


def test_working_days_can_end_at_midnight_and_print_as_24_00() -> None:
    total = deadline(local("2026-06-01 09:00"), WorkingDays(3, until="midnight"), office(2026))
    assert total.due_at == local("2026-06-05 00:00")
    assert "Due 2026-06-04 Thu 24:00" in explain(total, office(2026), "en")


def test_a_start_on_a_holiday_counts_from_the_first_working_day() -> None:
    # 19 to 21 June 2026 is the Dragon Boat Festival, Friday to Sunday.
    total = deadline(local("2026-06-19 10:00"), WorkingDays(1), office(2026))
    assert total.due_at == local("2026-06-22 17:30")
    assert deadline(local("2026-06-19 10:00"), WorkingTime(hours(1)), office(2026)).due_at == local(
        "2026-06-22 09:30"
    )


def test_natural_days_roll_off_a_rest_day_only_when_the_rule_says_so() -> None:
    # Thirty days from 20 May 2026 end on Friday 19 June, the Dragon Boat Festival.
    start = local("2026-05-20 10:00")
    assert deadline(start, NaturalDays(30), office(2026)).due_at == local("2026-06-20 00:00")
    rolled = deadline(start, NaturalDays(30, roll=True), office(2026))
    assert rolled.due_at == local("2026-06-23 00:00")
    assert [line.kind for line in rolled.lines] == ["start", "counted", "roll", "due"]


def test_an_extension_of_days_rolls_once_at_the_very_end() -> None:
    # Twelve days from Monday 1 June end on Saturday 13th; two more make it Monday 15th.
    twice = deadline(
        local("2026-06-01 09:00"),
        NaturalDays(12, roll=True),
        office(2026),
        extensions=[Extension(NaturalDays(2, roll=True))],
    )
    assert twice.due_at == local("2026-06-16 00:00")


def test_an_extension_of_the_same_kind_is_as_if_granted_from_the_start() -> None:
    calendar = office(2026)
    for first, more, whole in [
        (WorkingTime(hours(5)), WorkingTime(hours(6)), WorkingTime(hours(11))),
        (WorkingDays(2), WorkingDays(3), WorkingDays(5)),
        (NaturalDays(30), NaturalDays(30), NaturalDays(60)),
        (ClockTime(hours(24)), ClockTime(hours(24)), ClockTime(hours(48))),
    ]:
        extended = deadline(local("2026-06-01 17:00"), first, calendar, extensions=[Extension(more)])
        assert extended.due_at == deadline(local("2026-06-01 17:00"), whole, calendar).due_at


def test_an_extension_in_days_follows_the_day_the_hours_ended() -> None:
    total = deadline(
        local("2026-06-01 09:00"),
        WorkingTime(hours(10)),
        weekdays("08:00-18:00"),
        extensions=[Extension(WorkingDays(1), "both sides agree")],
    )
    assert total.due_at == local("2026-06-03 18:00")  # ten hours end on Tuesday 09:00


def test_an_extension_after_the_deadline_is_too_late() -> None:
    clock = Clock(local("2026-06-01 09:00"), ClockTime(hours(2)))
    due_at = deadline_of(clock, around_the_clock()).due_at
    more = Extension(ClockTime(hours(2)))
    assert clock.extended(more, granted_at=local("2026-06-01 11:00"), due_at=due_at).extensions == (more,)
    with pytest.raises(ExtensionTooLateError):
        clock.extended(more, granted_at=local("2026-06-01 11:01"), due_at=due_at)


def test_a_pause_outside_working_hours_costs_nothing() -> None:
    night = Pause(local("2026-06-01 18:00"), local("2026-06-02 08:00"))
    total = deadline(local("2026-06-01 17:00"), WorkingTime(hours(2)), weekdays("08:00-18:00"), pauses=[night])
    assert total.due_at == local("2026-06-02 09:00")


def test_a_pause_before_the_start_or_after_the_deadline_changes_nothing() -> None:
    pauses = [
        Pause(local("2026-05-30 10:00"), local("2026-06-01 09:00")),
        Pause(local("2026-06-01 11:00")),
    ]
    total = deadline(local("2026-06-01 09:00"), ClockTime(hours(2)), around_the_clock(), pauses=pauses)
    assert total.due_at == local("2026-06-01 11:00")
    assert [line.kind for line in total.lines] == ["start", "counted", "due"]


def test_a_day_counts_when_the_clock_runs_as_it_ends() -> None:
    calendar = office(2026)
    start = local("2026-06-01 09:00")
    same_day = Pause(local("2026-06-02 09:00"), local("2026-06-02 16:00"))
    over_night = Pause(local("2026-06-02 09:00"), local("2026-06-04 16:00"))
    assert deadline(start, WorkingDays(3), calendar, pauses=[same_day]).due_at == local("2026-06-04 17:30")
    total = deadline(start, WorkingDays(3), calendar, pauses=[over_night])
    assert total.due_at == local("2026-06-08 17:30")  # the 2nd and 3rd, a Tuesday and Wednesday, are lost
    assert [line.days for line in total.lines if line.kind == "pause"] == [2]


def test_time_left_is_negative_once_overdue_and_stands_while_paused() -> None:
    calendar = weekdays("08:00-18:00")
    clock = Clock(local("2026-06-01 09:00"), WorkingTime(hours(4)))
    total = deadline_of(clock, calendar)
    assert remaining(total, local("2026-05-30 09:00"), calendar) == hours(4)
    assert remaining(total, local("2026-06-01 12:00"), calendar) == hours(1)
    assert remaining(total, local("2026-06-02 09:00"), calendar) == -hours(6)
    standing = deadline_of(clock.paused(local("2026-06-01 10:30")), calendar)
    assert remaining(standing, local("2026-06-04 10:30"), calendar) == hours(2.5)
    assert warn_at(standing, WorkingTime(hours(1)), calendar) is None


def test_a_warning_is_not_given_with_another_calendar_than_the_deadline() -> None:
    total = deadline(local("2026-06-01 09:00"), WorkingTime(hours(4)), office(2026))
    with pytest.raises(ClockError, match="compute it again"):
        warn_at(total, WorkingTime(hours(1)), office(2025, 2026))


def test_the_lines_add_up_to_what_was_allowed() -> None:
    pauses = [Pause(local("2026-02-13 09:00"), local("2026-02-13 15:00"), "waiting")]
    total = deadline(local("2026-02-12 20:00"), WorkingTime(hours(20)), office(2026), pauses=pauses)
    assert counted(total) == hours(20)
    assert [line.amount for line in total.lines if line.kind == "pause"] == [hours(4)]


def test_the_sum_can_be_printed_in_both_languages() -> None:
    calendar = office(2026)
    pause = Pause(local("2026-06-02 09:00"), local("2026-06-02 15:00"), "等待当事人")
    total = deadline(
        local("2026-06-01 20:00"),
        WorkingTime(hours(4)),
        calendar,
        pauses=[pause],
        extensions=[Extension(WorkingTime(hours(1)), "所长批准")],
    )
    assert explain(total, calendar, "zh").splitlines() == [
        "日历 cn，版本 2026r1",
        "登记时间2026-06-01 周一 20:00；时限工作时间4小时",
        "在工作时间以外提出：从2026-06-02 周二 08:30起算",
        "+ 2026-06-02 周二 08:30–09:00：计30分钟（累计30分钟）",
        "- 2026-06-02 周二 09:00至2026-06-02 周二 15:00中止计时（等待当事人）：不计4小时",
        "+ 2026-06-02 周二 15:00–17:30：计2小时30分钟（累计3小时）",
        "+ 2026-06-03 周三 08:30–09:30：计1小时（累计4小时）",
        "延长工作时间1小时（所长批准）",
        "+ 2026-06-03 周三 09:30–10:30：计1小时（累计1小时）",
        "= 到期时间2026-06-03 周三 10:30",
    ]
    english = explain(total, calendar, "en").splitlines()
    assert english[1] == "Opened 2026-06-01 Mon 20:00; allowed: 4 h of working time"
    assert english[-1] == "= Due 2026-06-03 Wed 10:30"
    assert len(english) == 10


def test_rest_days_and_holidays_are_named_in_the_sum() -> None:
    text = explain(deadline(local("2026-06-18 17:00"), WorkingDays(6), office(2026)), office(2026), "en")
    assert "2026-06-19 Fri – 2026-06-21 Sun: Dragon Boat Festival, not counted" in text
    assert "2026-06-27 Sat – 2026-06-28 Sun: rest day of the week, not counted" in text


def test_a_standing_clock_says_since_when() -> None:
    total = deadline(
        local("2026-06-01 09:00"),
        ClockTime(hours(4)),
        around_the_clock(),
        pauses=[Pause(local("2026-06-01 10:00"), None, "waiting for the other side")],
    )
    assert total.due_at is None
    assert total.paused_since == local("2026-06-01 10:00")
    text = explain(total, around_the_clock(), "en")
    assert "Clock stopped 2026-06-01 Mon 10:00 (waiting for the other side), and not yet started again" in text
    assert "= No deadline yet" in text


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: WorkingTime(timedelta(0)),
        lambda: ClockTime(timedelta(minutes=-5)),
        lambda: ClockTime(timedelta(days=9999)),
        lambda: WorkingDays(0),
        lambda: NaturalDays(-1),
        lambda: Clock(datetime(2026, 6, 1, 9), WorkingDays(1)),  # noqa: DTZ001 - the fault under test
        lambda: Pause(local("2026-06-01 10:00"), local("2026-06-01 09:00")),
        lambda: elapsed(local("2026-06-02 09:00"), local("2026-06-01 09:00"), around_the_clock()),
    ],
)
def test_a_clock_that_cannot_be_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ClockError):
        wrong()


def test_answers_come_in_utc_whatever_zone_was_asked_in() -> None:
    asked_in_utc = deadline(datetime(2026, 6, 1, 1, tzinfo=UTC), WorkingTime(hours(1)), office(2026))
    asked_in_china = deadline(local("2026-06-01 09:00"), WorkingTime(hours(1)), office(2026))
    assert asked_in_utc.due_at == asked_in_china.due_at
    assert asked_in_china.due_at is not None
    assert asked_in_china.due_at.tzinfo is UTC
