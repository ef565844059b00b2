"""Nothing that happens later may reach a forecast; the harness ships the ways to find out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.forecast import Asked, History, Means, YearlyMean, lines, open_door, run
from anlan.engines.forecast.leaks import labels_permuted, leaks, times_moved
from anlan.engines.forecast.models import candidates, parts
from engines.forecast.rows import city

ASKED = Asked(test_from=20_045, test_until=20_059)


@dataclass(frozen=True)
class Seer:
    """Kept the whole record from somewhere and looks up the day: what the leak tests are there to catch."""

    whole: History
    name: str = "seer"

    def fit(self, history: History, *, seed: int) -> Seer:
        return self

    def means(self, history: History, day: int) -> Means:
        return {name: self.whole.counts(name, day, day + 1) + 0.01 for name in history.categories}


def test_what_happens_later_changes_no_bit_of_any_model():
    record, _ = open_door(city(), ASKED)
    assert leaks(record, (YearlyMean(), *candidates(), parts()[0]), np.array([20_052])) == []


def test_a_seer_scores_like_one_and_is_found_by_permuted_labels():
    """With places of the test days permuted, a forecast can only score like chance, unless it knew them."""
    record, _ = open_door(city(), ASKED)
    permuted = labels_permuted(record, seed=1)
    days = record.days_between(20_045, 20_060)
    told = {
        line["model"]: line
        for line in lines(run(permuted, (Seer(permuted.history),), days))
        if line["category"] == "all"
    }
    assert told["seer"]["pei_5"] > 0.99
    assert told["yearly_mean"]["capture_20"] < 0.3
    honest = lines(run(record, (), days))[-2]
    assert honest["model"] == "yearly_mean"
    assert honest["capture_20"] > 0.4


@given(st.integers(1, 40))
@settings(max_examples=5, deadline=None)
def test_events_moved_by_weeks_move_the_bar_with_them(weeks):
    """The mean of a cell knows no date: the same rows seven days later make the same map seven days later."""
    moved = Asked(ASKED.test_from + 7 * weeks, ASKED.test_until + 7 * weeks)
    here, there = (
        open_door(given_rows, asked)[0]
        for given_rows, asked in ((city(), ASKED), (times_moved(city(), days=7 * weeks), moved))
    )
    for day in (20_045, 20_055):
        before = YearlyMean().means(here.history.until(day), day)
        after = YearlyMean().means(there.history.until(day + 7 * weeks), day + 7 * weeks)
        for name in before:
            assert np.array_equal(before[name], after[name])


@given(st.integers(19_990, 20_070))
@settings(max_examples=30, deadline=None)
def test_a_piece_of_history_holds_nothing_on_or_after_its_end(day):
    record, _ = open_door(city(), ASKED)
    piece = record.history.until(day)
    held = [*piece.series.values(), piece.all_events]
    assert all((series.day < day).all() for series in held)
    assert (piece.days < day).all()
    assert piece.end == min(day, record.history.end)


def test_adding_events_to_the_test_span_moves_neither_grid_nor_active_cells():
    few, many = (open_door(rows, ASKED)[0] for rows in (city(), _with_more_later()))
    assert few.history.grid == many.history.grid
    assert np.array_equal(few.history.active, many.history.active)
    assert few.history.days[0] == many.history.days[0]


def _with_more_later():
    from dataclasses import replace

    from engines.forecast.rows import joined

    later = city(days=15, a_day=90, first=20_045, seed=5)
    return joined(city(), replace(later, lon=later.lon + 0.3))
