"""Boosted trees on top of a map: one function for the whole city says where and when the mixture is a little wrong.

Its features are the logarithms of single maps against the mixture, the shift, the weekday and the position. The
Poisson likelihood with the mixture as offset o is written as a weighted target: minimising
``w (exp(f) - (y / o) f)`` with ``w = o`` is the likelihood of y with mean ``o exp(f)``. All cell-shifts with events
are used; of the empty ones, many times as many, a sample drawn in proportion to a known map stands for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from anlan.engines.forecast.models.decays import weekday_of
from anlan.engines.forecast.models.sampling import Table
from anlan.engines.forecast.models.surfaces import Maps

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_EVENTS = 5_000
MOST_TREES = 120
LEARNING_RATE = 0.1
LEAVES = 10
LEAST_ROWS = 250
RIDGE = 20.0
BINS = 63
PATIENCE_TREES = 12
JUDGED_SHARE = 0.25
"""The latest quarter of the days decides how many trees, and how much they say."""
FEATURE_MAPS = (
    *("own_10", "own_30", "own_90", "own_240", "own_730", "own_inf"),
    *("near_repeat", "kernel_90_1", "kernel_inf_1", "kernel_inf_5"),
    *("all_90", "all_inf", "all_kernel", "land_use", "land_use_shift"),
    *("shift_inf_1_4", "shift_240_3_20", "week_inf_3_20", "week_240_3_4"),
    *("news_10_1", "news_30_3", "news_90_10", "calls_30", "calls_inf"),
)


@dataclass(frozen=True, slots=True)
class Boosted:
    """Trees and their say in the blend with the mixture: 0 leaves it as it is. ``gain``: share of loss saved."""

    trees: HistGradientBoostingRegressor | None = None
    edges: tuple[Floats, ...] = ()
    say: float = 0.0
    rounds: int = 0
    gain: float = 0.0

    def factor(self, features: Floats) -> Doubles:
        """What the trees would multiply the mixture by."""
        if self.trees is None:
            return np.ones(len(features))
        with threadpool_limits(limits=1, user_api="openmp"):
            out: Doubles = self.trees.predict(stepped(features, self.edges))
        return out


@dataclass(frozen=True, slots=True)
class Exposed:
    """Rows with features, events and exposure (mixture mean times the rows each stands for)."""

    features: Floats
    events: Doubles
    exposure: Doubles

    def part(self, mask: NDArray[np.bool_]) -> Exposed:
        return Exposed(self.features[mask], self.events[mask], self.exposure[mask])

    def loss(self, factor: Doubles) -> float:
        """Negative Poisson log likelihood of a factor on the mixture, without constants."""
        return float((self.exposure * factor - self.events * np.log(np.maximum(factor, 1e-9))).sum())


def boost(table: Table, mixture: Floats, *, seed: int) -> Boosted:
    """Trees stopped early on the latest days, then grown on all.

    ``mixture`` (rows): the stacked map at the table's rows. There are no trees under ``LEAST_EVENTS`` events, nor
    where the latest days are explained no better with them.
    """
    if table.events.sum() < LEAST_EVENTS:
        return Boosted()
    features = _features(table.columns(_used(table.names)), mixture, table.shift, table.day, table.place)
    edges = steps_of(features)
    rows = Exposed(
        stepped(features, edges),
        table.events,
        np.maximum(mixture * table.in_shift * table.stands_for, 1e-12),
    )
    days = np.unique(table.day)
    cut = days[int(len(days) * (1.0 - JUDGED_SHARE))]
    late = rows.part(table.day >= cut)
    rounds, factor, gain = _stopped(rows.part(table.day < cut), late, seed)
    if rounds == 0:
        return Boosted()
    say = min(np.linspace(0.0, 1.0, 21), key=lambda share: late.loss(1.0 - share + share * factor))
    return Boosted(_grown(rows, rounds, seed), edges, float(say), rounds, gain)


def steps_of(features: Floats) -> tuple[Floats, ...]:
    """Where each feature is cut into at most ``BINS`` steps of equal numbers of rows.

    The library would weigh the rows in every quantile by itself, which takes ten times as long as the trees.
    """
    shares = np.linspace(0.0, 1.0, BINS + 1)[1:-1]
    return tuple(np.unique(np.quantile(column, shares, method="lower")) for column in features.T)


def stepped(features: Floats, edges: tuple[Floats, ...]) -> Floats:
    """The number of the step each value lies on."""
    out = np.empty_like(features)
    for number, cuts in enumerate(edges):
        out[:, number] = np.searchsorted(cuts, features[:, number], side="right")
    return out


def _stopped(early: Exposed, late: Exposed, seed: int) -> tuple[int, Doubles, float]:
    """How many trees explain the late days best, their factor there and the share of the loss saved."""
    trial = _grown(early, MOST_TREES, seed, judged=late)
    rounds = int(np.argmax(trial.validation_score_))
    factor = np.ones(len(late.events))
    still = late.loss(factor)
    if rounds == 0:
        return 0, factor, 0.0
    with threadpool_limits(limits=1, user_api="openmp"):
        factor = next(islice(trial.staged_predict(late.features), rounds - 1, None))
    gain = (still - late.loss(factor)) / max(abs(still), 1e-12)
    return (rounds, factor, gain) if gain > 0 else (0, factor, 0.0)


def _grown(rows: Exposed, trees: int, seed: int, *, judged: Exposed | None = None) -> HistGradientBoostingRegressor:
    """``trees`` trees, fewer where ``judged`` rows gain nothing any more.

    One thread: processes already share the cores, and the sums keep their order.
    """
    # Takes 1.5 s to load: every web process imports this module, few ever grow a tree.
    from sklearn.ensemble import HistGradientBoostingRegressor

    grower = HistGradientBoostingRegressor(
        loss="poisson",
        learning_rate=LEARNING_RATE,
        max_iter=trees,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST_ROWS,
        l2_regularization=RIDGE,
        max_bins=BINS,
        early_stopping=judged is not None,
        n_iter_no_change=PATIENCE_TREES,
        tol=0.0,
        scoring="loss",
        random_state=seed,
    )
    beside = {}
    if judged is not None:
        beside = {
            "X_val": judged.features,
            "y_val": judged.events / judged.exposure,
            "sample_weight_val": judged.exposure,
        }
    with threadpool_limits(limits=1, user_api="openmp"):
        grower.fit(rows.features, rows.events / rows.exposure, sample_weight=rows.exposure, **beside)
    return grower


def _used(names: tuple[str, ...]) -> list[int]:
    """The maps the trees look at, by number."""
    return [number for number, name in enumerate(names) if name in FEATURE_MAPS or name.startswith("sister_shift")]


def features_of(maps: Maps, mixture: Floats, places: Floats, day: int) -> Floats:
    """Features of every cell in every shift of a day, rows by shift, then cell. ``places`` (cells, 2)."""
    shifts, cells = mixture.shape
    names = tuple(maps)
    held = [np.broadcast_to(maps[names[number]], mixture.shape).reshape(-1) for number in _used(names)]
    return _features(
        held, mixture.reshape(-1), np.repeat(np.arange(shifts), cells), day, np.tile(places, (shifts, 1))
    )


def _features(columns: list[Floats], mixture: Floats, shift: Ints, day: Ints | int, place: Floats) -> Floats:
    out = np.empty((len(mixture), len(columns) + 5), dtype=np.float32)
    log_mixture = np.log(mixture)
    for number, held in enumerate(columns):
        # A map may call a place impossible; the trees need only know that it was very low.
        out[:, number] = np.maximum(np.log(np.maximum(held, np.float32(1e-12))) - log_mixture, -6.0)
    weekday = (day + 3) % 7 if isinstance(day, np.ndarray) else weekday_of(day)
    out[:, -5], out[:, -4], out[:, -3] = log_mixture, shift, weekday
    out[:, -2:] = place
    return out
