"""The stacked map and its trees on a made-up town: sums, levels, no look ahead, the same bits on every way there."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from anlan.engines.forecast import Grid, History, Series, series_of
from anlan.engines.forecast.models import boosting, candidates
from anlan.engines.forecast.models.boosting import boost
from anlan.engines.forecast.models.sampling import Table
from anlan.engines.forecast.models.stack import FittedStack, Stack, tune_days

SIDE = 6
GRID = Grid(cell_m=500, lon0=115.8, lat0=28.6, nx=SIDE, ny=SIDE, lat_mid=28.6)
FIT_DAY, DAYS = 100, 120
MARKET, STATION = 7, 28


def town(seed: int = 1, *, days: int = DAYS) -> History:
    """Thefts at the market by day and at the station by night, quarrels all over with a few homes ahead."""
    random = np.random.default_rng(seed)
    everywhere = np.full(SIDE * SIDE, 0.02)
    theft = np.stack([everywhere, everywhere, everywhere])
    theft[0, STATION], theft[1:, MARKET] = 1.0, 1.0
    quarrel = np.tile(random.gamma(0.5, 0.2, SIDE * SIDE), (3, 1))
    return history_of({"theft": drawn(theft, days, random), "quarrel": drawn(quarrel, days, random)}, days)


def drawn(rate: np.ndarray, days: int, random: np.random.Generator) -> Series:
    counts = random.poisson(rate, (days, *rate.shape))
    day, shift, cell = (np.repeat(index.reshape(-1), counts.reshape(-1)) for index in np.indices(counts.shape))
    return series_of(day, shift, cell)


def history_of(series: dict[str, Series], days: int, *, asked: tuple[str, ...] = ("theft",)) -> History:
    every = series_of(*(np.concatenate([getattr(held, name) for held in series.values()]) for name in AXES))
    return History(
        GRID, np.arange(SIDE * SIDE, dtype=np.int32), 3, {name: series[name] for name in asked}, every,
        np.arange(days, dtype=np.int32), days, others={n: held for n, held in series.items() if n not in asked},
    )  # fmt: skip


AXES = ("day", "shift", "cell")
TOWN = town()


@pytest.fixture(scope="module")
def fitted() -> FittedStack:
    return Stack().fit(TOWN.until(FIT_DAY), seed=3)


def test_the_station_leads_at_night_and_the_market_by_day(fitted: FittedStack) -> None:
    means = fitted.means(TOWN.until(FIT_DAY), FIT_DAY)["theft"]
    assert means.shape == (3, SIDE * SIDE)
    assert means[0].argmax() == STATION
    assert means[1].argmax() == means[2].argmax() == MARKET


def test_means_are_above_zero_everywhere_and_add_up_to_the_citys_level(fitted: FittedStack) -> None:
    means = fitted.means(TOWN.until(FIT_DAY), FIT_DAY)["theft"]
    assert (means > 0).all()
    (level,) = fitted.levels.copy().expected(TOWN.until(FIT_DAY))
    assert means.sum(axis=1) == pytest.approx(level, rel=1e-5)
    # 35 quiet cells and one busy one a shift: 1.7 calls, a fifth more or less by the weekday's chance.
    assert level == pytest.approx([1.7, 1.7, 1.7], rel=0.25)


def test_weights_are_shares(fitted: FittedStack) -> None:
    (mix,) = fitted.mixes
    assert len(mix.names) == len(mix.final)
    for weights in (mix.prior, mix.final):
        assert (weights >= 0).all()
        assert weights.sum() == pytest.approx(1.0)


def test_nothing_on_or_after_the_day_moves_a_bit(fitted: FittedStack) -> None:
    """The same past with another future gives the same forecast, in the fit and on every day after it."""
    other = town(seed=2)
    joined = {
        name: joined_at(FIT_DAY + 5, past, future)
        for (name, past), future in zip(all_of(TOWN).items(), all_of(other).values(), strict=True)
    }
    changed = history_of(joined, DAYS)
    again = Stack().fit(changed.until(FIT_DAY), seed=3)
    for day in (FIT_DAY, FIT_DAY + 5):
        told, retold = (fit.means(town.until(day), day) for fit, town in ((fitted, TOWN), (again, changed)))
        assert (told["theft"] == retold["theft"]).all()
    later = FIT_DAY + 12
    moved = again.means(changed.until(later), later)["theft"] != fitted.means(TOWN.until(later), later)["theft"]
    assert moved.any()


def all_of(history: History) -> dict[str, Series]:
    return {**history.series, **history.others}


def joined_at(day: int, past: Series, future: Series) -> Series:
    before, after = past.between(-1, day), future.between(day, DAYS)
    return series_of(*(np.concatenate([getattr(before, name), getattr(after, name)]) for name in AXES))


def test_a_day_has_the_same_bits_whichever_days_were_asked_for_before(fitted: FittedStack) -> None:
    far = FIT_DAY + 18
    jumped = pickle.loads(pickle.dumps(fitted)).means(TOWN.until(far), far)["theft"]
    walked = pickle.loads(pickle.dumps(fitted))
    for day in range(FIT_DAY, far + 1):
        told = walked.means(TOWN.until(day), day)["theft"]
    assert (told == jumped).all()
    back = walked.means(TOWN.until(FIT_DAY + 2), FIT_DAY + 2)["theft"]
    assert (back == fitted.means(TOWN.until(FIT_DAY + 2), FIT_DAY + 2)["theft"]).all()


def test_the_same_seed_gives_the_same_bits_and_a_corrected_past_is_noticed(fitted: FittedStack) -> None:
    known = TOWN.until(FIT_DAY)
    again = Stack().fit(known, seed=3).means(known, FIT_DAY)["theft"]
    assert (again == fitted.means(known, FIT_DAY)["theft"]).all()
    held = known.series["theft"]
    fewer = replace(known, series={"theft": series_of(held.day[:-40], held.shift[:-40], held.cell[:-40])})
    assert fitted.means(fewer, FIT_DAY)["theft"].sum() < again.sum()


def test_the_last_days_can_lie_ahead_of_what_is_known(fitted: FittedStack) -> None:
    """A forecast for the day after tomorrow: the days between are unknown, not empty."""
    ahead = replace(TOWN.until(FIT_DAY), end=FIT_DAY + 2)
    unseen = fitted.means(ahead, FIT_DAY + 2)["theft"]
    seen = fitted.means(TOWN.until(FIT_DAY + 2), FIT_DAY + 2)["theft"]
    assert unseen.sum() == pytest.approx(seen.sum(), rel=0.05)
    assert (unseen != seen).any()


@pytest.mark.parametrize("events", [[], [(0, 0, 0)], [(0, 1, 4), (59, 1, 4)]])
def test_nearly_nothing_is_still_a_forecast(events: list[tuple[int, int, int]]) -> None:
    rows = np.array(events, dtype=np.int64).reshape(-1, 3)
    history = history_of({"theft": series_of(rows[:, 0], rows[:, 1], rows[:, 2])}, 60)
    for model in candidates():
        means = model.fit(history, seed=0).means(history, 60)["theft"]
        assert np.isfinite(means).all()
        assert (means > 0).all()
        assert means.sum() < 0.5


def test_one_day_and_one_cell_are_enough_to_start() -> None:
    held = series_of(np.array([0]), np.array([0]), np.array([0]))
    grid = replace(GRID, nx=1, ny=1)
    history = History(grid, np.zeros(1, dtype=np.int32), 1, {"theft": held}, held, np.zeros(1, dtype=np.int32), 1)
    assert Stack().fit(history, seed=0).means(history, 1)["theft"].shape == (1, 1)


def test_weights_are_learnt_on_late_days_and_not_on_more_than_are_worth_it() -> None:
    days = tune_days(TOWN.until(FIT_DAY), 3)
    assert days.min() >= 0.4 * (FIT_DAY - 1) - 1
    assert (np.diff(days) > 0).all()


def table_of(random: np.random.Generator, *, busy: bool) -> tuple[Table, np.ndarray]:
    """Rows whose calls are three times what the mixture says where the first map says more than it does."""
    rows = 6_000
    mixture = np.full(rows, 0.01, dtype=np.float32)
    above = random.random(rows) < 0.5
    maps = np.where(above[:, None], 0.02, 0.005).astype(np.float32)
    events = random.poisson(np.where(above, 3.0, 1.0) if busy else 0.01, rows).astype(np.float64)
    day = np.sort(random.integers(0, 50, rows))
    table = Table(
        ("own_10",), maps, events, np.full(rows, 200.0), np.ones(rows), day,
        random.integers(0, 3, rows), np.zeros((rows, 2), dtype=np.float32),
    )  # fmt: skip
    return table, mixture


def test_trees_find_where_the_mixture_is_wrong() -> None:
    table, mixture = table_of(np.random.default_rng(4), busy=True)
    found = boost(table, mixture, seed=1)
    assert found.rounds > 0
    assert found.gain > 0
    features = boosting._features([table.maps[:, 0]], mixture, table.shift, table.day, table.place)
    factor = found.factor(features)
    above = table.maps[:, 0] > 0.01
    assert factor[above].mean() / factor[~above].mean() == pytest.approx(3.0, rel=0.15)


def test_a_map_bent_by_trees_keeps_the_citys_level_and_its_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A town is too small for trees, so they are let grow on little here."""
    monkeypatch.setattr(boosting, "LEAST_EVENTS", 50)
    monkeypatch.setattr(boosting, "LEAST_ROWS", 20)
    known = TOWN.until(FIT_DAY)
    one, other = (Stack("blend", trees=True).fit(known, seed=3) for _ in range(2))
    assert one.mixes[0].boosted.trees is not None
    told, again = (fit.means(known, FIT_DAY)["theft"] for fit in (one, other))
    assert (told == again).all()
    (level,) = one.levels.copy().expected(known)
    assert told.sum(axis=1) == pytest.approx(level, rel=1e-5)
    assert told[0].argmax() == STATION
    assert (told != Stack().fit(known, seed=3).means(known, FIT_DAY)["theft"]).any()


def test_few_calls_grow_no_trees() -> None:
    table, mixture = table_of(np.random.default_rng(4), busy=False)
    found = boost(table, mixture, seed=1)
    assert (found.trees, found.say) == (None, 0.0)
    assert (found.factor(np.zeros((3, 6), dtype=np.float32)) == 1.0).all()
