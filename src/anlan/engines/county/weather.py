"""Hourly weather of the fictional county: plum rain, typhoons, cold waves; synthetic throughout."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Floats

LOCAL_OFFSET_S = 8 * 3600
"""Asia/Shanghai is UTC+8 all year."""

_MEAN_C = (6.0, 8.0, 12.0, 17.5, 22.0, 25.5, 29.8, 29.3, 25.0, 19.5, 13.5, 7.8)
_WET_SHARE = (0.36, 0.42, 0.50, 0.50, 0.48, 0.58, 0.38, 0.40, 0.36, 0.24, 0.28, 0.28)
_WET_MM = (4.5, 5.0, 7.0, 8.0, 9.5, 14.0, 11.0, 11.5, 10.0, 6.0, 5.0, 4.5)


@dataclass(frozen=True, slots=True)
class WeatherSeries:
    """Hourly values from `start` (an aware UTC datetime on the hour); all arrays have one length."""

    start: datetime
    temperature_c: Floats
    rain_mm: Floats
    wind_ms: Floats

    def hour_index(self, at: datetime) -> int:
        """The row of the hour that holds `at`; IndexError outside the series."""
        row = int((at - self.start).total_seconds() // 3600)
        if not 0 <= row < len(self.rain_mm):
            raise IndexError(f"no weather for {at.isoformat()}")
        return row


def weather_series(seed: int, *, start: datetime, end: datetime) -> WeatherSeries:
    """The county's weather from `start` to `end` (aware, cut to whole hours).

    Two spans of one seed agree wherever they overlap: each local year is drawn on its own.
    """
    first = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = max(0, int((end - first).total_seconds() // 3600))
    local_first, local_last = first + timedelta(hours=8), first + timedelta(hours=8 + hours)
    years = range(local_first.year, local_last.year + 1)
    blocks = [_year(seed, year) for year in years]
    joined = [np.concatenate([block[k] for block in blocks]) for k in range(3)]
    origin = datetime(years[0], 1, 1, tzinfo=UTC) - timedelta(seconds=LOCAL_OFFSET_S)
    at = int((first - origin).total_seconds() // 3600)
    temperature, rain, wind = (values[at : at + hours] for values in joined)
    return WeatherSeries(first, temperature, rain, wind)


def _year(seed: int, year: int) -> tuple[Floats, Floats, Floats]:
    rng = generator_for(seed, "weather", year)
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    month = np.array([(date(year, 1, 1) + timedelta(days=k)).month - 1 for k in range(days)])
    wet = _wet_days(rng, month)
    amount = np.where(wet, rng.gamma(0.75, np.array(_WET_MM)[month] / 0.75), 0.0)
    anomaly = _lingering(rng.normal(0, 2.1, days)) - 1.6 * wet
    wind = np.clip(rng.gamma(4.0, 0.55, days), 0.3, 9.0)
    for day in _typhoon_days(rng, year):
        amount[day : day + 2] += rng.uniform(60, 170, len(amount[day : day + 2]))
        wind[day : day + 2] += rng.uniform(8, 16, len(wind[day : day + 2]))
    level = np.interp(np.arange(days * 24) / 24, np.arange(-1, days + 1) + 0.5, _padded(_seasonal(days) + anomaly))
    clock = np.tile(np.arange(24), days)
    swing = np.repeat(np.where(wet, 2.2, 4.6), 24) * np.sin((clock - 8.5) / 24 * 2 * np.pi)
    gust = np.repeat(wind, 24) * rng.lognormal(0, 0.25, days * 24)
    return np.round(level + swing, 1), np.round(_hourly_rain(rng, amount), 1), np.round(gust, 1)


def _padded(values: Floats) -> Floats:
    return np.concatenate([values[:1], values, values[-1:]])


def _seasonal(days: int) -> Floats:
    mid = np.arange(-1, 13) * 30.44 + 15.2
    means = np.array([_MEAN_C[-1], *_MEAN_C, _MEAN_C[0]])
    level: Floats = np.interp(np.arange(days), mid, means)
    return level


def _lingering(shocks: Floats) -> Floats:
    """Each day keeps 0.72 of the day before. A loop: the library's filter takes seconds to import."""
    kept, before = np.empty_like(shocks), 0.0
    for day, shock in enumerate(shocks.tolist()):
        before = kept[day] = shock + 0.72 * before
    return kept


def _wet_days(rng: np.random.Generator, month: np.ndarray) -> np.ndarray:
    """Rain comes in spells: a wet day follows a wet day more often than chance."""
    share = np.array(_WET_SHARE)[month]
    draw = rng.random(len(month))
    wet = np.zeros(len(month), dtype=bool)
    for k in range(len(month)):
        wet[k] = draw[k] < share[k] + (0.22 * (1 - share[k]) if k and wet[k - 1] else -0.22 * share[k])
    return wet


def _typhoon_days(rng: np.random.Generator, year: int) -> list[int]:
    first = date(year, 7, 5).timetuple().tm_yday - 1
    return [int(first + rng.integers(0, 85)) for _ in range(int(rng.integers(1, 4)))]


def _hourly_rain(rng: np.random.Generator, amount: Floats) -> Floats:
    share = rng.gamma(0.35, 1.0, (len(amount), 24))
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    rain: Floats = (share * amount[:, None]).reshape(-1)
    return rain
