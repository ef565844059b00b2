"""The expected number of events an hour, code by code: the rate of the Poisson process."""

from datetime import date, timedelta

import numpy as np

from anlan.engines.county.frame import Floats
from anlan.engines.county.mix import HOURS, INVALID_SHARE, MIX, SEASONS, WEEK
from anlan.engines.county.seasons import FESTIVAL, HOLIDAY, WORKDAY, day_kind, fireworks_season, wage_season
from anlan.engines.county.weather import WeatherSeries

WEEK_ZERO = date(1970, 1, 5)
"""Monday of week 0."""

MAX_RETURNS = 4
_NEAR_REPEAT = {"0105": 0.15, "0106": 0.12, "0107": 0.04}


def near_repeat_chance() -> Floats:
    """Chance, by code row, that a theft is followed by another nearby within a fortnight."""
    return np.array([_NEAR_REPEAT.get(mix.code, 0.0) for mix in MIX])


def returns_mean(back: Floats) -> Floats:
    """Mean number of returns when each return happens with chance `back`, at most MAX_RETURNS."""
    mean: Floats = np.sum([back**k for k in range(1, MAX_RETURNS + 1)], axis=0)
    return mean


def base_rates(rate_per_day: float) -> Floats:
    """First events a day by code row, such that all calls (invalid, further callers, returns,
    near repeats included) average `rate_per_day` before season and weather."""
    share = np.array([mix.share for mix in MIX])
    invalid = np.array([mix.code.startswith("90") for mix in MIX])
    calls = 1 + np.array([mix.further_callers for mix in MIX])
    events = 1 + returns_mean(np.array([mix.comes_back for mix in MIX])) + near_repeat_chance()
    valid_calls = float((share * calls * events)[~invalid].sum())
    invalid_calls = float((share * calls * events)[invalid].sum())
    scale = np.where(invalid, INVALID_SHARE / invalid_calls, (1 - INVALID_SHARE) / valid_calls)
    rates: Floats = rate_per_day * share * scale
    return rates


def week_rates(week: int, rates: Floats, weather: WeatherSeries) -> Floats:
    """Expected first events for the 168 local hours of a week and every code, shape (168, codes).

    `weather` holds exactly the week's 168 hours.
    """
    monday = WEEK_ZERO + timedelta(weeks=week)
    days = [monday + timedelta(days=k) for k in range(7)]
    hour = np.array([np.array(HOURS[mix.hours]) / sum(HOURS[mix.hours]) for mix in MIX]).T
    table = np.empty((168, len(MIX)))
    for k, day in enumerate(days):
        table[k * 24 : k * 24 + 24] = hour * _day_factor(day)[None, :]
    return table * rates[None, :] * _weather_factor(weather)


def _day_factor(day: date) -> Floats:
    kind = day_kind(day)
    factors = np.empty(len(MIX))
    for row, mix in enumerate(MIX):
        factor = WEEK.get(mix.hours, (1.0,) * 7)[6 if kind in (HOLIDAY, FESTIVAL) else day.weekday()]
        if mix.season in SEASONS:
            factor *= SEASONS[mix.season][day.month - 1]
        elif mix.season == "wages":
            factor *= wage_season(day)
        elif mix.season == "firework":
            factor *= fireworks_season(day)
        elif mix.season == "holiday":
            factor *= 1.0 if kind == WORKDAY else 2.6 if kind in (HOLIDAY, FESTIVAL) else 1.5
        if kind == FESTIVAL:
            factor *= {"office": 0.5, "commute": 0.85, "school": 0.1}.get(mix.hours, 1.0)
            factor *= 1.5 if mix.season == "festival" else 1.0
        factors[row] = factor
    return factors


def _weather_factor(weather: WeatherSeries) -> Floats:
    rain, wind, heat = weather.rain_mm, weather.wind_ms, weather.temperature_c
    storm = 0.8 + 0.10 * np.minimum(rain, 30) + 0.25 * np.maximum(wind - 7, 0)
    by_kind = {
        "-": np.ones(168),
        "wet": 0.96 + 0.07 * np.minimum(rain, 8),
        "fair": np.where(rain > 1.5, 0.6, 1.03) * (1 + 0.05 * np.maximum(heat - 31, 0)),
        "storm": storm,
        "flood": 0.5 + 0.4 * np.minimum(rain, 25) + 0.5 * np.maximum(wind - 9, 0),
    }
    return np.column_stack([by_kind[mix.weather] for mix in MIX])
