"""A city of four cells and three days, small enough to be scored with a pencil."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from anlan.engines.forecast import BAR, CHOSEN, ForecastRefused, Grid, History, Record, lines, run, series_of
from anlan.engines.forecast.contract import Means
from anlan.engines.forecast.history import History as Known
from anlan.engines.forecast.models.yearly_mean import YearlyMean

GRID = Grid(cell_m=500, lon0=115.8, lat0=28.6, nx=4, ny=1, lat_mid=28.6)
TRAINING = [(0, 0, 0), (1, 0, 0), (2, 0, 0), (0, 0, 1), (1, 0, 2), (2, 0, 3)]
"""(day, shift, cell): cell 0 had an event every day of three, the others one each."""


def record(test: list[tuple[int, int, int]], *, outside: int = 0, shifts: int = 1) -> Record:
    rows = np.array(TRAINING + test)
    series = series_of(rows[:, 0], rows[:, 1], rows[:, 2])
    days = np.arange(6, dtype=np.int32)
    history = History(GRID, np.arange(4, dtype=np.int32), shifts, {"theft": series}, series, days, 6)
    beyond = (np.full(outside, 3, dtype=np.int32), np.zeros(outside, dtype=np.int8))
    return Record(history, {"theft": beyond}, 3)


def test_the_bar_is_the_cells_own_mean_with_half_a_day_of_the_citys() -> None:
    known = record([]).history.until(3)
    means = YearlyMean().means(known, 3)["theft"]
    typical = 6 / (3 * 4)
    assert means[0] == pytest.approx([(3 + 0.5 * typical) / 3.5, *[(1 + 0.5 * typical) / 3.5] * 3])


def test_a_hit_is_an_event_in_the_flagged_cell_and_the_rest_are_misses() -> None:
    """One of four cells is flagged (5 % rounds up to one): cell 0. Two of the five events of the span fall there."""
    results = run(record([(3, 0, 0), (3, 0, 1), (4, 0, 0), (5, 0, 2), (5, 0, 3)]), (), np.array([3, 4, 5]))
    line = next(each for each in lines(results) if each["model"] == BAR and each["category"] == "theft")
    assert line["n"] == 5
    assert line["capture_5"] == pytest.approx(0.4)
    assert line["pai_5"] == pytest.approx(0.4 / 0.25)
    # With hindsight one cell a day catches 1 + 1 + 1 of the five.
    assert line["pei_5"] == pytest.approx(2 / 3, rel=1e-5)
    assert line["precision_5"] == pytest.approx(2 / 3, rel=1e-5)


def test_an_event_beyond_the_active_cells_is_missed_by_every_map() -> None:
    results = run(record([(3, 0, 0)], outside=3), (), np.array([3]))
    line = lines(results)[0]
    assert (line["n"], line["capture_20"], line["outside_share"]) == (4, pytest.approx(0.25), pytest.approx(0.75))


def test_what_is_shown_is_the_bar_where_there_is_nothing_to_judge_others_by() -> None:
    results = run(record([(3, 0, 0)]), (Shifted(),), np.array([3, 4, 5]))
    assert results.choices["theft"].model == BAR
    shown, bar = (next(each for each in lines(results) if each["model"] == name) for name in (CHOSEN, BAR))
    assert {name: shown[name] for name in bar if name != "model"} == {
        name: bar[name] for name in bar if name != "model"
    }


def test_a_test_day_that_training_saw_is_refused() -> None:
    with pytest.raises(ForecastRefused, match="test_day_in_training"):
        run(record([]), (), np.array([2, 3]))


@dataclass(frozen=True)
class Shifted:
    """Expects everything one cell farther east."""

    name: str = "shifted"

    def fit(self, history: Known, *, seed: int) -> Shifted:
        return self

    def means(self, history: Known, day: int) -> Means:
        return {name: np.roll(held, 1, axis=1) for name, held in YearlyMean().means(history, day).items()}
