"""Daily weather as it comes: units put right, gaps left as gaps, and what was done told."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import Weather

Floats = NDArray[np.float64]
NO_DAY = np.iinfo(np.int32).min
HOTTEST_C = 60.0
"""No place has seen it: a temperature column that goes above was written in Fahrenheit."""


def weather_by_day(
    day: NDArray[np.int32], columns: Mapping[str, Floats], *, issued: NDArray[np.int32] | None = None
) -> tuple[Weather, list[dict[str, object]]]:
    """Weather from a table, and notes. ``issued`` marks rows that are forecasts, by the day they were made.

    Rows whose ``issued`` is ``NO_DAY`` were measured. Models learn what weather does from measured days and use it
    by forecasts alone: without any of these they do without, and a note says so.

    Columns named for a temperature (``tmax``, ``temp_min_f`` …) come out in degrees Celsius under a name ending
    in ``_c``. A day told twice keeps its last row. Gaps stay NaN and are counted.
    """
    notes: list[dict[str, object]] = []
    tidy = {}
    for name, values in columns.items():
        celsius, told, fahrenheit = in_celsius(name, np.asarray(values, dtype=np.float64))
        tidy[told] = celsius
        if fahrenheit:
            notes.append({"note": "weather_was_fahrenheit", "column": name})
        missing = int(np.isnan(celsius).sum())
        if missing:
            notes.append({"note": "weather_gaps", "column": told, "days": missing})
    told_on = np.full(len(day), NO_DAY, dtype=np.int32) if issued is None else issued
    ahead, seen = np.flatnonzero(told_on != NO_DAY), np.flatnonzero(told_on == NO_DAY)
    if len(seen) and not len(ahead):
        notes.append({"note": "weather_without_forecasts", "days": len(seen)})
    last = seen[len(seen) - 1 - np.unique(day[seen][::-1], return_index=True)[1]]
    observed, expected = ({name: values[rows] for name, values in tidy.items()} for rows in (last, ahead))
    return Weather(day[last].astype(np.int32), observed, told_on[ahead], day[ahead], expected), notes


def in_celsius(name: str, values: Floats) -> tuple[Floats, str, bool]:
    """A column in Celsius with its new name, and whether it was in Fahrenheit; other columns as they are."""
    words = name.lower().split("_")
    if not any(word in ("tmax", "tmin", "tavg", "tmean", "temp", "temperature") for word in words):
        return values, name, False
    bare = "_".join(word for word in words if word not in ("c", "f", "degc", "degf", "celsius", "fahrenheit"))
    said_f = any(word in ("f", "degf", "fahrenheit") for word in words)
    if said_f or (np.isfinite(values).any() and float(np.nanmax(values)) > HOTTEST_C):
        return (values - 32.0) / 1.8, f"{bare}_c", True
    return values, f"{bare}_c", False
