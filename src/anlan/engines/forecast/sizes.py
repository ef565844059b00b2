"""Which size of cell serves a station best: capture by number of stops, with what repeated coordinates lend to it.

Three ways to spend ``n`` stops a shift: ``place`` (one stop a cell, wherever in it), ``ground`` (one stop for
every square of 250 m, so that all sizes cover the same ground), ``day`` (as ``place``, but the day's stops lie where
most is expected of the day). Larger cells win by place because each is a larger place; small ones by ground. What a
size loses when every event is thrown about by half a block came from events written to one coordinate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.card import day_weights, told_number
from anlan.engines.forecast.columns import Rows
from anlan.engines.forecast.day_scores import COLUMN, VISITS
from anlan.engines.forecast.grid import METRES_PER_DEGREE

Floats = NDArray[np.float64]
WAYS = {"place": "hits_visit_{}", "ground": "hits_ground_{}", "day": "hits_day_{}"}
MET = {"place": "met_visit_{}", "day": "met_day_{}"}
HALF_BLOCK_M = 120.0


@dataclass(frozen=True, slots=True)
class SizeRun:
    """Day sums (day, SUMS) of one cell size: the model shown, the bar, and the model with events thrown about."""

    cell_m: float
    cells: int
    shown: Floats
    bar: Floats
    scattered: Floats


def scattered(rows: Rows, *, within_m: float, seed: int) -> Rows:
    """The same rows, each at a random point of the disc of ``within_m`` around its place."""
    rng = np.random.default_rng([seed, 3])
    far = within_m * np.sqrt(rng.random(len(rows)))
    turn = 2.0 * np.pi * rng.random(len(rows))
    north = far * np.sin(turn) / METRES_PER_DEGREE
    east = far * np.cos(turn) / (METRES_PER_DEGREE * np.cos(np.deg2rad(np.nan_to_num(rows.lat))))
    # A row without a place, or at 0, 0, must still be known for what it is.
    real = np.isfinite(rows.lon) & np.isfinite(rows.lat) & ((rows.lon != 0.0) | (rows.lat != 0.0))
    return Rows(
        rows.wall_s,
        rows.has_hour,
        rows.kind,
        rows.kinds,
        rows.origin,
        rows.origins,
        np.where(real, rows.lon + east, rows.lon),
        np.where(real, rows.lat + north, rows.lat),
        rows.ident,
        rows.file,
    )


def advice(runs: Mapping[float, SizeRun], *, seed: int) -> list[dict[str, object]]:
    """For every way and number of stops the best honest size: the most caught with events thrown about.

    A smaller size is preferred where the best isn't surely better (95 % by redrawing days, the same for all sizes).
    """
    return [_advised(runs, way, stops, seed) for way in WAYS for stops in VISITS]


def _advised(runs: Mapping[float, SizeRun], way: str, stops: int, seed: int) -> dict[str, object]:
    column = COLUMN[WAYS[way].format(stops)]
    some = next(iter(runs.values()))
    weights = day_weights(len(some.shown), seed=seed)
    drawn = {size: _capture(run.scattered, column, weights) for size, run in runs.items()}
    best = max(drawn, key=lambda size: float(drawn[size][0]))
    sizes = sorted(runs)
    chosen = next(size for size in sizes if float(np.quantile((drawn[best] - drawn[size])[1:], 0.025)) <= 0.0)
    mine = runs[chosen]
    shown, bar = _capture(mine.shown, column, weights), _capture(mine.bar, column, weights)
    low, high = np.quantile(shown[1:], (0.025, 0.975))
    told: dict[str, object] = {
        "stops": stops,
        "way": way,
        "best_cell_m": chosen,
        "capture": told_number(shown[0]),
        "capture_lo": told_number(low),
        "capture_hi": told_number(high),
        "yearly_mean": told_number(bar[0]),
        "scattered": told_number(drawn[chosen][0]),
        "by_size": {f"{size:g}": told_number(_capture(runs[size].shown, column, weights)[0]) for size in sizes},
        "by_size_scattered": {f"{size:g}": told_number(drawn[size][0]) for size in sizes},
    }
    if way in MET:
        met = mine.shown[:, COLUMN[MET[way].format(stops)]].sum()
        visits = mine.shown[:, COLUMN["cell_shifts"]].sum() * min(stops, mine.cells) / mine.cells
        told["stops_that_met_a_call"] = told_number(float(met / visits))
    return told


def _capture(sums: Floats, column: int, weights: Floats) -> Floats:
    events = weights @ sums[:, COLUMN["events"]]
    captured: Floats = (weights @ sums[:, column]) / np.maximum(events, 1e-9)
    return captured
