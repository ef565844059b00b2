"""Generated cases against the minute-by-minute oracle: not one may differ."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.workclock import (
    CHINA_TIME,
    ClockTime,
    Duration,
    Extension,
    NaturalDays,
    Pause,
    SpecialDay,
    WorkCalendar,
    WorkingDays,
    WorkingTime,
    around_the_clock,
    calendar_from_years,
    deadline,
    elapsed,
    parse_hours,
    warn_at,
)
from engines.workclock.oracle import DAY, MinuteWorld, mark
from engines.workclock.worlds import local, notice

FIRST_DAY = date(2025, 1, 1)
BASE = local("2025-01-01 00:00")
DAYS = 730
CASES_PER_CALENDAR = 2600


def night_desk() -> WorkCalendar:
    """Works 20:00 to 06:00 around midnight, not on the night to Sunday."""
    night = parse_hours("00:00-06:00 20:00-24:00")
    week = (night,) * 5 + (parse_hours("00:00-06:00"), parse_hours("20:00-24:00"))
    return WorkCalendar("night", "1", week, {}, FIRST_DAY, date(2026, 12, 31))


CALENDARS = {
    "office": calendar_from_years([notice(2025), notice(2026)]),
    "counter": calendar_from_years(
        [notice(2025), notice(2026)],
        weekly_hours=(parse_hours("09:00-16:45"),) * 6 + ((),),
        local_days={date(2025, 8, 12): SpecialDay("台风停工", "typhoon closure")},
    ),
    "night": night_desk(),
    "always": around_the_clock(),
}


def world_of(calendar: WorkCalendar) -> MinuteWorld:
    """Mark every minute from the plain facts of the calendar, one day after the other."""
    working = np.zeros(DAYS * DAY, dtype=np.bool_)
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        special = calendar.special_days.get(day)
        spans = calendar.weekly_hours[day.isoweekday() - 1] if special is None else special.hours
        for span in spans:
            for minute in range(span.start_minute, span.end_minute):
                working[number * DAY + minute] = True
    return MinuteWorld(working)


def instant(minute: int) -> datetime:
    return BASE + timedelta(minutes=minute)


def minute_of(at: datetime) -> int:
    minutes = (at - BASE) / timedelta(minutes=1)
    assert minutes == int(minutes)
    return int(minutes)


def some_duration(rng: random.Random) -> Duration:
    kind = rng.randrange(4)
    if kind == 0:
        return WorkingTime(timedelta(minutes=rng.choice([1, 30, 210, 420, rng.randint(1, 6000)])))
    if kind == 1:
        return ClockTime(timedelta(minutes=rng.choice([1, 90, 1440, rng.randint(1, 20000)])))
    if kind == 2:
        return WorkingDays(rng.randint(1, 15), rng.choice(["close", "midnight"]))
    return NaturalDays(rng.randint(1, 45), roll=rng.random() < 0.5)


def some_pauses(rng: random.Random, start: int) -> list[tuple[int, int | None]]:
    spans: list[tuple[int, int | None]] = []
    for _ in range(rng.choice([0, 0, 1, 2, 4])):
        begin = start + rng.randint(-2000, 15000)
        # Pauses at closing time and at midnight are where mistakes live.
        begin -= rng.choice([0, 0, begin % DAY, (begin - 1050) % DAY])
        spans.append((begin, begin + rng.choice([0, 10, 600, DAY, rng.randint(1, 9000)])))
    if rng.random() < 0.08:
        spans.append((start + rng.randint(-500, 20000), None))
    return spans


def expected(
    world: MinuteWorld, start: int, durations: list[Duration], spans: list[tuple[int, int | None]]
) -> int | None:
    """The oracle's due minute."""
    paused = mark(len(world.working), spans)
    minute, day = start, start // DAY
    for index, duration in enumerate(durations):
        if isinstance(duration, WorkingTime | ClockTime):
            amount = int(duration.amount / timedelta(minutes=1))
            spent = world.spend(minute, amount, paused, working_only=isinstance(duration, WorkingTime))
            if spent is None:
                return None
            minute, day = spent, (spent - 1) // DAY
            continue
        kind = "natural" if isinstance(duration, NaturalDays) else duration.until
        found = world.count_days(day, duration.days, paused, kind=kind)
        if found and index == len(durations) - 1 and isinstance(duration, NaturalDays) and duration.roll:
            found = world.roll(*found, paused)
        if found is None:
            return None
        minute, day = found
    return minute


@pytest.mark.parametrize("name", CALENDARS)
def test_ten_thousand_deadlines_agree_with_counting_minutes(name: str) -> None:
    calendar, rng, seen = CALENDARS[name], random.Random(f"workclock-{name}"), Counter[str]()
    world = world_of(calendar)
    for _ in range(CASES_PER_CALENDAR):
        start = rng.randint(3000, 360 * DAY)
        durations = [some_duration(rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        spans = some_pauses(rng, start)
        pauses = [Pause(instant(a), None if b is None else instant(b)) for a, b in spans]
        total = deadline(
            instant(start),
            durations[0],
            calendar,
            pauses=pauses,
            extensions=[Extension(d) for d in durations[1:]],
        )
        want = expected(world, start, durations, spans)
        case = (name, start, durations, spans)
        assert (None if total.due_at is None else minute_of(total.due_at)) == want, case
        seen["paused for good" if want is None else type(durations[-1]).__name__] += 1
        if want is None:
            continue
        paused = mark(len(world.working), spans)
        for working_only in (True, False):
            counting = "working" if working_only else "clock"
            passed = elapsed(instant(start), instant(want), calendar, counting=counting, pauses=pauses)
            assert passed == timedelta(minutes=world.elapsed(start, want, paused, working_only=working_only)), case
            lead = timedelta(minutes=rng.choice([1, 60, 210, rng.randint(1, 4000)]))
            at = warn_at(total, WorkingTime(lead) if working_only else ClockTime(lead), calendar)
            minutes = int(lead / timedelta(minutes=1))
            assert at is not None
            assert minute_of(at) == world.warn(start, want, minutes, paused, working_only=working_only), case
    assert min(seen.values()) > 50, f"every kind of case is met often: {seen}"


HOURS = st.sampled_from(["", "08:30-12:00 14:00-17:30", "00:00-24:00", "09:00-09:01", "00:00-01:00 23:00-24:00"])


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    week = tuple(parse_hours(draw(HOURS)) for _ in range(7))
    if not any(week):
        week = (parse_hours("10:00-11:00"), *week[1:])
    offsets = draw(st.lists(st.integers(0, 40), unique=True, max_size=8))
    special = {FIRST_DAY + timedelta(days=n): SpecialDay("特", "special", parse_hours(draw(HOURS))) for n in offsets}
    return WorkCalendar("drawn", "1", week, special, FIRST_DAY, date(2026, 12, 31))


@settings(max_examples=150, deadline=None)
@given(calendars(), st.integers(0, 20 * DAY), st.integers(1, 3000), st.lists(st.integers(0, 9000), max_size=6))
def test_any_calendar_agrees_with_stepping_one_minute_at_a_time(
    calendar: WorkCalendar, start: int, amount: int, marks: list[int]
) -> None:
    edges = sorted(start + m for m in marks)
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    at, left, steps = instant(start), amount, 0
    while left and steps < 40_000:
        day = at.astimezone(CHINA_TIME).date()
        minute = at.hour * 60 + at.minute
        special = calendar.special_days.get(day)
        hours = special.hours if special else calendar.weekly_hours[day.weekday()]
        open_now = any(h.start_minute <= minute < h.end_minute for h in hours)
        if open_now and not any(a <= start + steps < b for a, b in spans):
            left -= 1
        at += timedelta(minutes=1)
        steps += 1
    if left:
        return  # a minute a week would take years: the sweep above covers long runs
    pauses = [Pause(instant(a), instant(b)) for a, b in spans]
    total = deadline(instant(start), WorkingTime(timedelta(minutes=amount)), calendar, pauses=pauses)
    assert total.due_at == at


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(CALENDARS)),
    st.datetimes(datetime(2025, 2, 1), datetime(2025, 12, 31)),  # noqa: DTZ001 - drawn naive, zoned below
    st.timedeltas(timedelta(microseconds=1), timedelta(hours=60)),
)
def test_what_was_allowed_has_elapsed_at_the_deadline_to_the_microsecond(
    name: str, start: datetime, amount: timedelta
) -> None:
    calendar = CALENDARS[name]
    began = start.replace(tzinfo=UTC)
    total = deadline(began, WorkingTime(amount), calendar)
    assert total.due_at is not None
    assert elapsed(began, total.due_at, calendar) == amount
    assert elapsed(began, total.due_at - timedelta.resolution, calendar) < amount
    assert sum((line.amount for line in total.lines if line.amount), timedelta(0)) == amount
