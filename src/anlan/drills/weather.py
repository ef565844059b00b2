"""The demo's weather feed: the county's invented weather, told as a real service would, and marked as invented."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from anlan.core.actor import SYSTEM
from anlan.engines.county import WeatherSeries, weather_series
from anlan.places.rules import WEATHER_ROWS_MAX
from anlan.places.selectors import weather_known
from anlan.places.services import Reading, WarningTold, weather_take

SOURCE = "synthetic"
EVERY = timedelta(hours=1)
HOURS_AHEAD = 24
WARN_HOURS = 6
RAIN_STEPS = ((50.0, "yellow"), (30.0, "blue"))
"""Millimetres in the next six hours; the ladder of the national warning signals, its lower end."""
WIND_STEPS = ((24.5, "orange"), (17.2, "yellow"), (10.8, "blue"))
"""Metres a second, Beaufort 10, 8 and 6."""


def weather_report(seed: int, at: datetime) -> None:
    """Hand in the hour's measurement, a forecast issued now, and warnings that are not in force yet."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    series = weather_series(seed, start=hour, end=hour + timedelta(hours=HOURS_AHEAD + 1))
    readings = [_reading(series, 0, valid_at=hour), *_forecast(series, seed, hour)]
    in_force = {warning.kind for warning in weather_known(at=at).warnings}
    warnings = [told for told in _warnings(series, hour) if told.kind not in in_force]
    weather_take(source=SOURCE, readings=readings, warnings=warnings, is_synthetic=True, by=SYSTEM, at=at)


def weather_past(seed: int, *, start: datetime, until: datetime, at: datetime) -> int:
    """Hand in what was measured hour by hour from ``start`` to ``until``; how many hours were news."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    taken = 0
    while hour < until:
        end = min(hour + WEATHER_ROWS_MAX * EVERY, until)
        series = weather_series(seed, start=hour, end=end)
        rows = [_reading(series, k, valid_at=hour + k * EVERY) for k in range(len(series.rain_mm))]
        told = weather_take(source=SOURCE, readings=rows, warnings=[], is_synthetic=True, by=SYSTEM, at=at)
        taken += told.taken
        hour = end
    return taken


def _reading(series: WeatherSeries, k: int, *, valid_at: datetime) -> Reading:
    rain = float(series.rain_mm[k])
    return Reading(
        valid_at=valid_at,
        temperature_c=float(series.temperature_c[k]),
        rain_mm_h=rain,
        wind_mps=float(series.wind_ms[k]),
        visibility_m=round(max(800.0, 15_000.0 / (1.0 + rain)), -2),
    )


def _forecast(series: WeatherSeries, seed: int, issued_at: datetime) -> list[Reading]:
    """A forecast that errs more the further it looks, so that issue and truth differ as they do in life."""
    rng = np.random.default_rng([seed, int(issued_at.timestamp())])
    rows = []
    for k in range(1, HOURS_AHEAD + 1):
        doubt = 0.15 * k**0.5
        rain = float(series.rain_mm[k]) * float(rng.lognormal(-0.5 * doubt**2, doubt))
        rows.append(
            Reading(
                valid_at=issued_at + k * EVERY,
                issued_at=issued_at,
                temperature_c=round(float(series.temperature_c[k]) + float(rng.normal(0, doubt)), 1),
                rain_mm_h=round(rain, 1),
                wind_mps=round(float(series.wind_ms[k]) * float(rng.lognormal(0, doubt / 3)), 1),
            )
        )
    return rows


def _warnings(series: WeatherSeries, issued_at: datetime) -> list[WarningTold]:
    ahead = slice(0, WARN_HOURS)
    found = (
        ("rainstorm", float(series.rain_mm[ahead].sum()), RAIN_STEPS),
        ("wind", float(series.wind_ms[ahead].max()), WIND_STEPS),
    )
    return [
        WarningTold(
            number=f"{kind}-{issued_at:%Y%m%d%H}",
            kind=kind,
            level=level,
            issued_at=issued_at,
            ends_at=issued_at + WARN_HOURS * EVERY,
        )
        for kind, value, steps in found
        if (level := next((word for least, word in steps if value >= least), None))
    ]
