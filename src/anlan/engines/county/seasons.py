"""What kind of day it is: the turn of the year that the demo's calls follow.

For drawing the demo only: the lunar dates are a short table, and legal deadlines never use it
(they belong to `engines.workclock`).
"""

from datetime import date, timedelta

SPRING_FESTIVAL = {
    2019: date(2019, 2, 5), 2020: date(2020, 1, 25), 2021: date(2021, 2, 12), 2022: date(2022, 2, 1),
    2023: date(2023, 1, 22), 2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17),
    2027: date(2027, 2, 6), 2028: date(2028, 1, 26), 2029: date(2029, 2, 13), 2030: date(2030, 2, 3),
    2031: date(2031, 1, 23), 2032: date(2032, 2, 11),
}  # fmt: skip
_MID_AUTUMN = {
    2019: date(2019, 9, 13), 2020: date(2020, 10, 1), 2021: date(2021, 9, 21), 2022: date(2022, 9, 10),
    2023: date(2023, 9, 29), 2024: date(2024, 9, 17), 2025: date(2025, 10, 6), 2026: date(2026, 9, 25),
    2027: date(2027, 9, 15), 2028: date(2028, 10, 3),
}  # fmt: skip

WORKDAY, WEEKEND, HOLIDAY, FESTIVAL = range(4)
"""Kinds of day; FESTIVAL is the Spring Festival week, HOLIDAY the other days off."""


def spring_festival(year: int) -> date:
    """New Year's Day of the lunar calendar; 5 February where the table has no entry."""
    return SPRING_FESTIVAL.get(year, date(year, 2, 5))


def day_kind(day: date) -> int:
    """WORKDAY, WEEKEND, HOLIDAY or FESTIVAL; make-up workdays are left out."""
    new_year = spring_festival(day.year)
    if new_year - timedelta(days=1) <= day <= new_year + timedelta(days=6):
        return FESTIVAL
    fixed = (day.month, day.day) in ((1, 1), (4, 4), (4, 5)) or (day.month == 5 and day.day <= 5)
    if fixed or (day.month == 10 and day.day <= 7) or day == _MID_AUTUMN.get(day.year):
        return HOLIDAY
    return WEEKEND if day.weekday() >= 5 else WORKDAY


def wage_season(day: date) -> float:
    """How much more wages are fought over: up to threefold in the month before Spring Festival."""
    ahead = (spring_festival(day.year) - day).days
    return 1.0 + 2.0 * max(0.0, 1.0 - abs(ahead - 14) / 30.0) if 0 <= ahead <= 45 else 1.0


def fireworks_season(day: date) -> float:
    """How much more fireworks are reported: tenfold around Spring Festival to the Lantern Feast."""
    since = (day - spring_festival(day.year)).days
    return 10.0 if -2 <= since <= 15 else 1.0
