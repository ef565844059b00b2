"""Calls of station areas: recent level, the kind of day, and nothing learnt from days that are not on record."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.engines.forecast.grid import Grid
from anlan.engines.forecast.history import History, series_of
from anlan.engines.forecast.station import StationLevels

GRID = Grid(cell_m=500.0, lon0=0.0, lat0=0.0, nx=2, ny=1, lat_mid=0.0)
MONDAY = 4 + 7 * 2900  # 1970-01-05 was a Monday


def history(per_day, days=200, kinds=None):
    """``per_day(day) -> (west, east)`` calls, all in the second of three shifts."""
    rows = [
        (day, cell) for day in range(MONDAY, MONDAY + days) for cell, n in enumerate(per_day(day)) for _k in range(n)
    ]
    day, cell = (np.array([row[k] for row in rows], dtype=np.int32) for k in (0, 1))
    held = series_of(day, np.ones(len(day), dtype=np.int8), cell)
    watched = np.arange(MONDAY, MONDAY + days, dtype=np.int32)
    active = np.arange(2, dtype=np.int32)
    return History(GRID, active, 3, {"calls": held}, held, watched, MONDAY + days, None, kinds or {})


def told(held, day=None):
    return StationLevels().means(held, day or held.end)["calls"]


def test_a_steady_area_is_told_as_it_was():
    found = told(history(lambda day: (6, 3)))
    assert found.sum(axis=0) == pytest.approx([6.0, 3.0], rel=0.02)
    assert found[0].sum() == pytest.approx(0.0, abs=0.01)


def test_saturdays_with_twice_the_calls_are_told_with_more_than_mondays():
    held = history(lambda day: (12, 6) if (day + 3) % 7 == 5 else (6, 3), days=7 * 40)
    assert told(held, held.end + 5).sum() > 1.6 * told(held, held.end).sum()


def test_a_make_up_saturday_is_no_saturday():
    kinds = {MONDAY + 7 * 40 + 5: 3}
    held = history(lambda day: (12, 6) if (day + 3) % 7 == 5 else (6, 3), days=7 * 40, kinds=kinds)
    assert told(held, held.end + 5).sum() < 1.3 * told(held, held.end).sum()


def test_a_new_level_is_learnt_within_weeks():
    held = history(lambda day: (10, 5) if day > MONDAY + 140 else (4, 2))
    assert told(held).sum(axis=0)[0] == pytest.approx(8.5, abs=1.0)


def test_nothing_on_record_is_told_as_next_to_nothing():
    held = history(lambda day: (0, 0))
    assert (told(held) > 0).all()
    assert told(held).sum() < 0.001
