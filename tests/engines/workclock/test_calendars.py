"""The announced calendars say what the State Council said, and nothing else is believed."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from anlan.engines.workclock import (
    CalendarError,
    CalendarIncompleteError,
    ClockTime,
    HourSpan,
    NaturalDays,
    SpecialDay,
    WorkCalendar,
    WorkingDays,
    WorkingTime,
    calendar_changes,
    calendar_from_years,
    deadline,
    elapsed,
    explain,
    parse_hours,
    recompute,
)
from engines.workclock.worlds import ANNOUNCED, hours, local, notice, office, weekdays


def test_2025_by_its_numbers() -> None:
    calendar = office(2025)
    assert len(calendar.holidays) == 28
    assert sorted(day.isoformat() for day in calendar.make_up_days) == [
        "2025-01-26",
        "2025-02-08",
        "2025-04-27",
        "2025-09-28",
        "2025-10-11",
    ]


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(year: int, working_days: int) -> None:
    calendar = office(year)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    assert sum(bool(calendar.hours_on(day)) for day in days if day.year == year) == working_days


@pytest.mark.parametrize("year", ANNOUNCED)
def test_the_dates_are_those_of_the_quoted_notice(year: int) -> None:
    document = notice(year)
    for row, sentence in zip(document["holidays"], document["source"]["text"], strict=True):
        name, _, rest = sentence.partition("：")
        off, _, back = re.sub("（[^）]*）", "", rest).partition("。")
        first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        assert row["name_zh"] == name
        assert off.startswith(f"{first.month}月{first.day}日")
        told = re.search(r"(?:共|放假)(\d+)天", off)
        assert not told or (last - first).days + 1 == int(told[1])
        worked = {f"{year}-{int(m):02}-{int(d):02}" for m, d in re.findall(r"(\d+)月(\d+)日", back)}
        assert worked == {r["date"] for r in document["make_up_days"] if r["name_zh"].startswith(f"{name}调休")}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", document["source"]["announced_on"])


@pytest.mark.parametrize("year", ANNOUNCED)
def test_the_weekdays_printed_in_the_notice_are_right(year: int) -> None:
    for sentence in notice(year)["source"]["text"]:
        for month, day, weekday in re.findall(
            r"(\d+)月(\d+)日（(?:[^）]*、)?(?:星期|周)([一二三四五六日])）", sentence
        ):
            assert "一二三四五六日"[date(year, int(month), int(day)).weekday()] == weekday


def test_a_make_up_saturday_is_worked_and_a_holiday_monday_is_not() -> None:
    calendar = office(2026)
    # Saturday 14 February 2026 is worked, Sunday 15 to Monday 23 are the Spring Festival.
    assert elapsed(local("2026-02-14 00:00"), local("2026-02-24 00:00"), calendar) == hours(7)
    total = deadline(local("2026-02-13 17:00"), WorkingTime(hours(8)), calendar)
    assert total.due_at == local("2026-02-24 09:00")


def test_a_year_not_yet_announced_is_refused_and_says_what_is_missing() -> None:
    calendar = office(2025, 2026)
    with pytest.raises(CalendarIncompleteError, match="load the announced calendar for 2027") as refusal:
        deadline(local("2026-12-30 10:00"), WorkingDays(5), calendar)
    assert refusal.value.needed == date(2027, 1, 1)
    assert refusal.value.known_until == date(2026, 12, 31)
    assert refusal.value.calendar_version == "2025r1+2026r1"


def test_a_provisional_deadline_is_flagged_and_settled_when_the_year_is_announced() -> None:
    calendar = office(2026)
    total = deadline(local("2026-12-30 10:00"), WorkingDays(2), calendar, beyond="provisional")
    assert total.calendar_incomplete
    assert total.due_at == local("2027-01-01 17:30")  # the bare weekly pattern: a Friday
    assert "PROVISIONAL" in explain(total, calendar, "en")
    assert "暂定" in explain(total, calendar, "zh")
    new_year = {"name_zh": "元旦", "name_en": "New Year's Day", "first": "2027-01-01", "last": "2027-01-03"}
    announced = {**notice(2026), "year": 2027, "holidays": [new_year], "make_up_days": []}
    change = recompute(total, calendar_from_years([notice(2026), announced]))
    assert change.moved
    assert not change.after.calendar_incomplete
    assert change.after.due_at == local("2027-01-04 17:30")


def test_a_deadline_that_ends_with_the_last_known_day_needs_no_more() -> None:
    total = deadline(local("2026-12-31 14:00"), WorkingTime(hours(3.5)), office(2026))
    assert total.due_at == local("2026-12-31 17:30")
    assert not total.calendar_incomplete


@pytest.mark.parametrize("duration", [ClockTime(hours(48)), NaturalDays(5)])
def test_clocks_that_ask_no_calendar_need_none(duration: ClockTime | NaturalDays) -> None:
    assert deadline(local("2026-12-30 10:00"), duration, office(2026)).due_at is not None


def test_a_day_before_the_first_known_one_is_refused_too() -> None:
    with pytest.raises(CalendarIncompleteError):
        elapsed(local("2024-12-31 09:00"), local("2025-01-02 09:00"), office(2025))


def test_local_closures_win_over_the_notice() -> None:
    closed = {date(2026, 6, 2): SpecialDay("台风停工", "typhoon closure")}
    calendar = calendar_from_years([notice(2026)], local_days=closed, key="cn-county")
    assert deadline(local("2026-06-01 16:30"), WorkingTime(hours(2)), calendar).due_at == local("2026-06-03 09:30")


def test_a_desk_that_works_weekends_keeps_its_own_hours_on_a_make_up_day() -> None:
    week = (parse_hours("08:00-20:00"),) * 5 + (parse_hours("10:00-16:00"),) * 2
    calendar = calendar_from_years([notice(2026)], weekly_hours=week)
    assert calendar.hours_on(date(2026, 2, 14)) == (HourSpan(600, 960),)


def test_hours_are_read_as_people_write_them() -> None:
    assert parse_hours("14:00-17:30, 08:30-12:00") == (HourSpan(510, 720), HourSpan(840, 1050))
    assert parse_hours("00:00-24:00") == (HourSpan(0, 1440),)
    assert parse_hours("") == ()


@pytest.mark.parametrize(
    "text", ["8-12", "09:00-08:00", "08:00-12:00 11:00-13:00", "08:60-09:00", "20:00-25:00", "x"]
)
def test_hours_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(CalendarError):
        parse_hours(text)


def _change(**parts: Any) -> dict[str, Any]:
    return {**notice(2026), **parts}


HOLIDAY = {"name_zh": "节", "name_en": "feast", "first": "2026-03-02", "last": "2026-03-02"}
WORKED = {"name_zh": "班", "name_en": "make-up", "date": "2026-03-07"}


@pytest.mark.parametrize(
    ("documents", "complaint"),
    [
        ([], "at least one"),
        ([_change(format_version=9)], "version 9"),
        ([notice(2026), notice(2026)], "announced twice|follow one another"),
        ([notice(2024), notice(2026)], "follow one another"),
        ([_change(holidays=[HOLIDAY, HOLIDAY])], "announced twice"),
        ([_change(holidays=[{**HOLIDAY, "last": "2026-03-01"}])], "0 days off"),
        ([_change(holidays=[{**HOLIDAY, "first": "2025-03-02"}])], "belongs to another year"),
        ([_change(holidays=[{**HOLIDAY, "first": "2.3.2026"}])], "is not a date"),
        ([_change(make_up_days=[{**WORKED, "date": "2026-02-15"}])], "announced twice"),
        ([_change(make_up_days=[{**WORKED, "date": "2026-03-04"}])], "no weekend day"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused(documents: list[dict[str, Any]], complaint: str) -> None:
    with pytest.raises(CalendarError, match=complaint):
        calendar_from_years(documents)


def test_a_calendar_without_any_working_hours_is_refused() -> None:
    with pytest.raises(CalendarError, match="no working hours"):
        WorkCalendar("empty", "1", ((),) * 7, {}, date(2026, 1, 1), date(2026, 12, 31))


def test_other_weekly_hours_are_another_calendar_not_a_new_version() -> None:
    with pytest.raises(CalendarError, match="another calendar"):
        calendar_changes(weekdays("08:00-18:00"), weekdays("09:00-17:00"))
