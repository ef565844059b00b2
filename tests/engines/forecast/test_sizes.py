"""Sizes of cells compared by stops: what repeated coordinates lend to small cells is not counted for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anlan.engines.forecast.day_scores import COLUMN, SUMS, VISITS, Budgets
from anlan.engines.forecast.sizes import SizeRun, advice, scattered
from engines.forecast.rows import LAT, city, rows


def sums(caught: dict[int, float], *, days: int = 40) -> np.ndarray:
    """Every day ten events, of which ``caught[stops]`` lie where one stops."""
    held = np.zeros((days, len(SUMS)))
    held[:, COLUMN["events"]] = 10.0
    held[:, COLUMN["cell_shifts"]] = 3000.0
    for stops, hits in caught.items():
        for name in ("visit", "ground", "day"):
            held[:, COLUMN[f"hits_{name}_{stops}"]] = hits
        held[:, COLUMN[f"met_visit_{stops}"]] = min(hits, stops)
        held[:, COLUMN[f"met_day_{stops}"]] = min(hits, stops)
    return held


def runs(small: float, small_scattered: float, large: float) -> dict[float, SizeRun]:
    def told(hits: float) -> np.ndarray:
        return sums(dict.fromkeys(VISITS, hits))

    return {
        250.0: SizeRun(250.0, 1000, told(small), told(small - 0.5), told(small_scattered)),
        500.0: SizeRun(500.0, 1000, told(large), told(large - 0.5), told(large)),
    }


def test_a_small_cell_that_lives_on_repeated_coordinates_is_not_advised():
    told = advice(runs(6.0, 3.0, 4.0), seed=0)
    assert {line["best_cell_m"] for line in told} == {500.0}
    assert told[0]["by_size"] == {"250": 0.6, "500": 0.4}
    assert told[0]["capture"] == pytest.approx(0.4)
    assert told[0]["yearly_mean"] == pytest.approx(0.35)


def test_of_sizes_that_catch_the_same_the_smaller_is_advised():
    assert advice(runs(4.0, 4.0, 4.0), seed=0)[0]["best_cell_m"] == 250.0


def test_the_share_of_stops_that_met_a_call_stands_beside():
    line = next(
        line for line in advice(runs(4.0, 4.0, 3.0), seed=0) if line["way"] == "place" and line["stops"] == 20
    )
    assert line["stops_that_met_a_call"] == pytest.approx(4.0 / (3 * 20), rel=1e-3)


def test_a_cell_of_500_m_takes_four_stops_by_ground():
    small, large = (Budgets(4000, side * side / 1e6, 4000).by_sum() for side in (250.0, 500.0))
    assert [small[f"hits_ground_{stops}"] for stops in VISITS] == [20, 60, 200]
    assert [large[f"hits_ground_{stops}"] for stops in VISITS] == [5, 15, 50]
    assert small["hits_visit_60"] == large["hits_visit_60"] == 60


def test_scattering_moves_real_places_only_and_no_farther_than_said():
    ours = city()
    moved = scattered(ours, within_m=120.0, seed=1)
    north = (moved.lat - ours.lat) * 111_320
    east = (moved.lon - ours.lon) * 111_320 * np.cos(np.deg2rad(LAT))
    assert np.hypot(north, east).max() <= 121.0
    assert np.hypot(north, east).mean() == pytest.approx(80.0, rel=0.1)
    none = replace(rows([20_010.5, 20_011.5]), lon=np.array([0.0, np.nan]), lat=np.array([0.0, 1.0]))
    assert np.array_equal(scattered(none, within_m=120.0, seed=1).lon, none.lon, equal_nan=True)
    assert np.array_equal(scattered(ours, within_m=120.0, seed=1).lon, moved.lon)
