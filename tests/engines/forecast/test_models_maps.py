"""Maps of places: how they fade, spread, shrink and mix, checked on towns of a few cells."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.forecast import Grid, History, series_of
from anlan.engines.forecast.models.channels import REST, Channels
from anlan.engines.forecast.models.decays import FadingCounts, shift_classes, slot
from anlan.engines.forecast.models.densities import (
    Kernels,
    blended,
    low_rank,
    mixture_weights,
    normalised,
    posterior_counts,
    shares_in_steps,
    shrunk_shares,
    trimmed,
)

GRID = Grid(cell_m=500, lon0=115.8, lat0=28.6, nx=5, ny=5, lat_mid=28.6)
MONDAY = 4
"""1970-01-05."""


def town(events: list[tuple[int, int, int]], *, days: int = 30, kinds: dict[int, int] | None = None) -> History:
    rows = np.array(events, dtype=np.int64).reshape(-1, 3)
    held = series_of(rows[:, 0], rows[:, 1], rows[:, 2])
    return History(
        GRID, np.arange(25, dtype=np.int32), 3, {"theft": held}, held, np.arange(days, dtype=np.int32), days,
        None, kinds or {},
    )  # fmt: skip


def numbers(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_an_event_counts_half_after_a_half_life_and_whole_for_ever_in_the_endless_memory() -> None:
    memory = FadingCounts.empty(categories=1, shifts=1, cells=2)
    memory.day_passes(numbers(0, 0), numbers(0, 0), numbers(1, 1))
    for _ in range(10):
        memory.day_passes(numbers(), numbers(), numbers())
    assert memory.counts[slot(10.0), 0, 0] == pytest.approx([0.0, 1.0], rel=1e-5)
    assert memory.counts[slot(math.inf), 0, 0].tolist() == [0.0, 2.0]


def test_the_night_before_a_free_day_belongs_to_the_weekend() -> None:
    week = town([])
    friday, saturday, sunday = MONDAY + 4, MONDAY + 5, MONDAY + 6
    assert shift_classes(week, MONDAY).tolist() == [0, 1, 2]
    assert shift_classes(week, friday).tolist() == [0, 1, 5]
    assert shift_classes(week, saturday).tolist() == [3, 4, 5]
    assert shift_classes(week, sunday).tolist() == [3, 4, 2]


def test_a_make_up_working_day_on_a_saturday_is_no_weekend() -> None:
    assert shift_classes(town([], kinds={MONDAY + 5: 3}), MONDAY + 5).tolist() == [0, 1, 5]


def test_a_kernel_keeps_what_stays_in_town_and_is_highest_where_the_events_were() -> None:
    values = np.zeros(25, dtype=np.float32)
    values[12] = 4.0
    spread = Kernels(town([])).smooth(values, 0.6)
    assert spread.argmax() == 12
    assert spread.sum() == pytest.approx(4.0, rel=1e-3)
    assert spread[11] == pytest.approx(spread[13])


counts_of_cells = st.lists(st.integers(0, 40), min_size=3, max_size=9)


@settings(max_examples=40, deadline=None)
@given(counts_of_cells, st.floats(0.1, 20.0))
def test_a_posterior_lies_between_what_was_expected_and_what_was_seen(seen: list[int], strength: float) -> None:
    counts = np.array(seen, dtype=np.float32)
    prior = normalised(np.arange(1, len(seen) + 1, dtype=np.float32))
    expected = prior * counts.sum()
    post = posterior_counts(counts, prior, strength)
    assert (post >= np.minimum(counts, expected) * (1 - 1e-5)).all()
    assert (post <= np.maximum(counts, expected) * (1 + 1e-5) + 1e-6).all()


def test_a_posterior_by_hand() -> None:
    """Ten events, four expected in the cell, eight seen, one pseudo-event: 4 (1 + 8) / (1 + 4) = 7.2."""
    counts = np.array([8.0, 2.0], dtype=np.float32)
    prior = np.array([0.4, 0.6], dtype=np.float32)
    assert posterior_counts(counts, prior, 1.0)[0] == pytest.approx(7.2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.floats(0.0, 5.0), min_size=4, max_size=4), min_size=0, max_size=20))
def test_weights_of_a_mixture_are_no_debts_and_sum_to_one(told: list[list[float]]) -> None:
    densities = np.array(told, dtype=np.float32).reshape(-1, 4)
    weights = mixture_weights(densities, credit=np.full(4, 2.5))
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1.0)
    assert trimmed(weights).sum() == pytest.approx(1.0)


def test_the_map_that_foretold_the_events_gets_the_weight() -> None:
    densities = np.tile(np.array([[0.5, 0.1]], dtype=np.float32), (200, 1))
    weights = mixture_weights(densities, credit=np.full(2, 1.0))
    assert weights[0] > 0.98


def test_without_events_the_weights_are_those_granted_beforehand() -> None:
    weights = mixture_weights(np.empty((0, 2), dtype=np.float32), credit=np.array([3.0, 1.0]))
    assert weights.tolist() == [0.75, 0.25]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=12, max_size=12), st.sampled_from([4.0, 20.0]))
def test_shares_of_the_shifts_sum_to_one_in_every_cell(seen: list[int], pseudo: float) -> None:
    own = np.array(seen, dtype=np.float32).reshape(6, 2)
    every = own + 3.0
    share, by_class = shares_in_steps(own, every, 3, pseudo)
    assert share.sum(axis=0) == pytest.approx([1.0, 1.0], rel=1e-4)
    assert by_class.sum(axis=0) == pytest.approx([1.0, 1.0], rel=1e-4)
    assert (by_class > 0).all()


def test_a_cell_without_events_has_a_shift_share_between_the_citys_and_all_calls_there() -> None:
    own = np.array([[0.0, 30.0], [0.0, 10.0]], dtype=np.float32)
    every = np.array([[10.0, 30.0], [90.0, 10.0]], dtype=np.float32)
    share = shrunk_shares(own, every, 4.0)
    # The city has three quarters in the first shift; all calls of the empty cell have a tenth.
    assert 0.1 < share[0, 0] < 0.75
    assert share[0, 1] == pytest.approx(0.75, abs=0.03)


def test_a_blend_of_maps_is_a_map_and_leaves_no_place_impossible() -> None:
    place = np.array([1.0, 0.0, 0.0], dtype=np.float32)
    by_shift = np.array([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]], dtype=np.float32)
    mixed = blended([place, by_shift], np.array([0.25, 0.75]), 0.001)
    assert mixed.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert (mixed > 0).all()
    assert mixed[0, 1] > mixed[0, 0] > mixed[0, 2]


def test_low_rank_factors_return_a_town_of_two_kinds_of_places() -> None:
    offices = np.array([9.0, 9.0, 0.0, 0.0], dtype=np.float32)
    homes = np.array([0.0, 0.0, 6.0, 6.0], dtype=np.float32)
    counts = np.stack([offices, homes, offices + homes])
    picture = low_rank(counts, rank=2, rounds=200, seed=3)
    assert picture == pytest.approx(counts, abs=0.3)
    assert (low_rank(counts, rank=2, rounds=20, seed=3) == low_rank(counts, rank=2, rounds=20, seed=3)).all()


def test_events_of_unnamed_categories_make_the_rest() -> None:
    named = series_of(np.array([0, 0]), np.array([0, 1]), np.array([3, 3]))
    every = series_of(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0]), np.array([3, 3, 7, 9]))
    days = np.arange(2, dtype=np.int32)
    history = History(GRID, np.arange(25, dtype=np.int32), 3, {"theft": named}, every, days, 2)
    channels = Channels.of(history)
    assert channels.names == ("theft", REST)
    rows = channels.rows(history, 0)
    assert rows.channel.tolist() == [0, 0, 1]
    assert rows.cell.tolist() == [3, 3, 7]
    assert channels.count_before(history, 2) == 4
