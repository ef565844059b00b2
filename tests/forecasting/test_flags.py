"""Flags leave by one door: an area holds its share of citizens' reports, whatever the map says of its cells."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.engines.forecast.grid import Grid
from anlan.engines.forecast.history import History, series_of
from anlan.forecasting.flagging import flags_by_need, need_of, need_stored
from anlan.forecasting.rules import FLAG_FACTOR

CENTRE = np.array([0] * 40 + [1] * 60)
"""Forty hot cells of one station, sixty of another; nobody's cells have the last row."""


def hot_centre(shifts: int = 3) -> np.ndarray:
    return np.tile(np.where(CENTRE == 0, 1.0, 0.2) + np.linspace(0.0, 0.1, 100), (shifts, 1))


def share(flags: np.ndarray) -> float:
    return float(flags[:, CENTRE == 0].sum() / flags.sum())


def test_over_four_weeks_no_area_holds_more_than_its_share_by_the_stated_factor():
    need = [0.5, 0.5, 0.0]
    found = [flags_by_need(hot_centre(), CENTRE, need, day=day, seed=1) for day in range(20_000, 20_028)]
    kept = np.concatenate([each.kept for each in found])
    assert share(np.concatenate([each.plain for each in found])) == 1.0
    assert kept.sum(axis=1).tolist() == [5] * 84
    assert 0.5 < share(kept) <= 0.5 * FLAG_FACTOR + 0.01


def test_the_same_day_is_flagged_the_same_whoever_asks():
    first, second = (flags_by_need(hot_centre(), CENTRE, [0.7, 0.3, 0.0], day=20_001, seed=1) for _ in range(2))
    assert (first.kept == second.kept).all()


def test_a_stations_own_list_is_shared_with_nobody():
    mine = np.zeros(30, dtype=np.int64)
    found = flags_by_need(np.linspace(1.0, 2.0, 30)[None, :], mine, [0.1, 0.9], day=1, seed=1, budget=10)
    assert np.flatnonzero(found.kept[0]).tolist() == list(range(20, 30))


def test_a_run_made_before_there_were_bounds_keeps_the_order_it_was_shown_in():
    found = flags_by_need(hot_centre(), CENTRE, None, day=1, seed=1)
    assert (found.kept == found.plain).all()


def test_need_is_what_citizens_reported_before_the_day_and_a_small_family_follows_all_reports():
    """Ninety reports of help in the first area and ten in the other; one theft in the other."""
    day = np.sort(np.arange(101) % 90).astype(np.int32)
    cell = np.array([0] * 90 + [1] * 11, dtype=np.int32)
    shift = np.zeros(101, dtype=np.int8)
    grid = Grid(cell_m=500.0, lon0=0.0, lat0=0.0, nx=2, ny=1, lat_mid=0.0)
    series = {
        "help": series_of(day[:100], shift[:100], cell[:100]),
        "theft": series_of(day[100:], shift[100:], cell[100:]),
    }
    days = np.arange(90, dtype=np.int32)
    history = History(grid, np.arange(2, dtype=np.int32), 3, series, series_of(day, shift, cell), days, 90)
    need = need_stored(need_of(history, np.array([0, 1]), 2))
    assert need["help"] == pytest.approx([0.9, 0.1, 0.0], abs=0.01)
    assert need["theft"] == pytest.approx([0.86, 0.14, 0.0], abs=0.02)
    assert sum(need["theft"]) == pytest.approx(1.0, abs=1e-5)
