"""What may be noted about a place, and for how long; what weather can be true."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta

NOTE_KEPT_AT_MOST = timedelta(days=365)
DWELLING_NOTE_KEPT_AT_MOST = timedelta(days=90)
NOTES_WITHIN_M = 60.0
PLACE_CONFIDENT = 0.75

# Beyond these a feed has mixed up units or columns: 45 mm in an hour is a cloudburst, 200 has been measured.
WEATHER_BOUNDS = {
    "temperature_c": (-60.0, 60.0),
    "rain_mm_h": (0.0, 300.0),
    "wind_mps": (0.0, 120.0),
    "visibility_m": (0.0, 100_000.0),
}
WEATHER_FRESH = timedelta(minutes=90)
"""Stations report hourly; what is older than this is shown as old."""
WEATHER_FUTURE = timedelta(minutes=10)
FORECAST_REACH = timedelta(days=15)
WARNING_LASTS = timedelta(hours=24)
"""Taken for a warning that doesn't say when it ends."""
WEATHER_ROWS_MAX = 500

ROAD_NEAR_M = 60.0
"""A closure set by one point means the road this near; farther off, nobody knows which was meant."""
ROAD_CIRCLE_MOST_M = 5_000.0
ROAD_SLOW_MOST = 20.0
ROAD_CONDITION_LASTS_AT_MOST = timedelta(days=400)
"""Longer than a year of road works, it is the map that should change."""

PACE_DRIVES_LEAST = 50
"""With fewer drives roads are driven as the map says: a handful of drives is an anecdote."""
PACE_NEWS = 0.02

# Words of people that also name buildings (居民楼, 女子学校, 其他) pass.
_PEOPLE = re.compile(
    r"住户|户主|租客|租户|房东|业主(?!委)|居民(?!楼|区|小区|点|委)|老人(?!院|公寓|活动)|老头|老太|小孩|孩子|"
    r"男子(?!中|学|职)|女子(?!中|学|职|医)|男的|女的|夫妻|夫妇|丈夫|妻子|儿子|女儿|母亲|父亲|"
    r"(?<![其吉排])他(?!处|用)|她|"
    r"精神(?:病(?!院)|障碍|异常|分裂)|疯|吸毒|涉毒|前科|有案底|刑满|酗酒|醉酒|脾气|暴力倾向|艾滋|肝炎|残疾人(?!通道|坡道)|"
    r"上访|信访人|信教|教徒|少数民族|维吾尔|维族|藏族|回族|回民|外地人|"
    r"\b(?:he|she|him|his|hers?|tenants?|landlords?|owners?|occupants?|residents?|man|men|wom[ae]n|husband|wife|"
    r"child|children|drunks?|drunkard|alcoholic|addicts?|mental|mentally|psychiatric|disabled|violent|hiv|hepatitis|"
    r"convict(?:s|ed|ions?)?|offenders?|muslims?|tibetans?|uyghurs?)\b"
    r"|(?<!\d)1[3-9]\d{9}(?!\d)|\d{17}[\dXx]",
    re.IGNORECASE,
)


def word_about_people(text: str) -> str | None:
    """The first word in ``text`` that speaks of occupants instead of the place, or None."""
    found = _PEOPLE.search(unicodedata.normalize("NFKC", text))
    return found.group(0) if found else None


def weather_problem(values: Mapping[str, float | None]) -> str | None:
    """The first figure that can't be weather, or ``empty`` when there is none at all; None for a sound row."""
    if all(value is None for value in values.values()):
        return "empty"
    for name, value in values.items():
        least, most = WEATHER_BOUNDS[name]
        if value is not None and not least <= value <= most:
            return name
    return None


def note_kept_at_most(*, is_dwelling: bool) -> timedelta:
    """Notes run out: twelve months, and ninety days for a dwelling."""
    return DWELLING_NOTE_KEPT_AT_MOST if is_dwelling else NOTE_KEPT_AT_MOST
