"""One map for weeks or months ahead, judged as in the challenge of the US National Institute of Justice (2017):
a quarter to three quarters of a square mile of Portland may be flagged, and PEI* says how much of what the best map
of that size would have caught is caught.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from anlan.engines.forecast.contract import Model
from anlan.engines.forecast.history import History
from anlan.engines.forecast.rolling import Here

Floats = NDArray[np.float64]
FOOT_M = 0.3048
MILE2_M2 = 1609.344**2
CELLS_FT = (250.0, 400.0, 600.0)
AREAS_MI2 = (0.25, 0.5, 0.75)
CITY_MI2 = 147.7
HORIZON_DAYS = (7, 14, 31, 61, 92)
YEAR_DAYS = 365
TUNED_FT = (150.0, 200.0, 300.0, 400.0, 500.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """PEI* and hits of one map from one origin with one cell size: arrays (horizon, area)."""

    pei: Floats
    hits: Floats
    events: Floats


def expected_hits(score: Floats, counts: Floats, budget: int) -> float:
    """Events in the ``budget`` best cells; equal cells at the edge are drawn by lot, so their mean is counted."""
    edge = float(np.partition(score, len(score) - budget)[len(score) - budget])
    above = score > edge
    tied = score == edge
    left = budget - int(above.sum())
    return float(counts[above].sum() + counts[tied].sum() * left / max(1, int(tied.sum())))


def judge(score: Floats, later: Sequence[Floats], *, cell_ft: float) -> Judged:
    """A map over all cells against the counts of each horizon."""
    pei, hits = np.zeros((len(later), len(AREAS_MI2))), np.zeros((len(later), len(AREAS_MI2)))
    for row, counts in enumerate(later):
        for column, area in enumerate(AREAS_MI2):
            budget = max(1, round(area * MILE2_M2 / (cell_ft * FOOT_M) ** 2))
            hits[row, column] = expected_hits(score, counts, budget)
            best = float(-np.sort(-counts)[:budget].sum())
            pei[row, column] = hits[row, column] / best if best else np.nan
    return Judged(pei, hits, np.array([counts.sum() for counts in later]))


def on_all_cells(history: History, held: Floats) -> Floats:
    """Values of active cells put on the whole grid, zero elsewhere: (cells of the grid,)."""
    full = np.zeros(history.grid.nx * history.grid.ny)
    full[history.active] = held
    return full


def kernel_density(history: History, category: str, *, bandwidth_ft: float, days: int | None) -> Floats:
    """Gaussian kernel density of the last ``days`` (all where none is given), over the whole grid."""
    first = history.end - days if days else -(2**31)
    counts = on_all_cells(history, history.counts(category, first, history.end).sum(axis=0))
    grid = history.grid
    sigma = bandwidth_ft * FOOT_M / grid.cell_m
    smooth = gaussian_filter(counts.reshape(grid.ny, grid.nx), sigma, mode="constant", truncate=4.0)
    return np.asarray(smooth, dtype=np.float64).ravel()


def plain_maps(history: History, category: str) -> dict[str, Floats]:
    """The maps anyone has: counts of a year and of all years, kernel densities of several widths."""
    maps = {
        "count_365": on_all_cells(
            history, history.counts(category, history.end - YEAR_DAYS, history.end).sum(axis=0)
        ),
        "count_all": on_all_cells(history, history.counts(category, -(2**31), history.end).sum(axis=0)),
    }
    for width in sorted({*TUNED_FT, 800.0, 1500.0}):
        maps[f"kde_365_{width:.0f}ft"] = kernel_density(history, category, bandwidth_ft=width, days=YEAR_DAYS)
    for width in (150.0, 300.0, 500.0):
        maps[f"kde_all_{width:.0f}ft"] = kernel_density(history, category, bandwidth_ft=width, days=None)
    return maps


@dataclass(frozen=True, slots=True)
class Origin:
    """What was known on a morning, and what came: ``later[category]`` are (day, grid cell) of the days from then on.

    ``known`` ends on the origin and its active cells were all seen before it: a list of places that held the future
    ones too would tell a map which of the empty cells to prefer.
    """

    known: History
    later: Mapping[str, tuple[NDArray[np.int32], NDArray[np.int32]]]

    def counts(self, category: str, days: int) -> Floats:
        """Events of the first ``days`` days by grid cell."""
        day, cell = self.later[category]
        mine = (day >= self.known.end) & (day < self.known.end + days)
        grid = self.known.grid
        return np.bincount(cell[mine], minlength=grid.nx * grid.ny).astype(np.float64)


def from_origin(
    origin: Origin, models: Sequence[Model], *, cell_ft: float, seed: int
) -> dict[tuple[str, str], Judged]:
    """All maps made on the morning of one origin, by (map, category)."""
    known = origin.known
    later = {name: [origin.counts(name, days) for days in HORIZON_DAYS] for name in known.categories}
    told = {}
    for name in known.categories:
        for title, score in plain_maps(known, name).items():
            told[title, name] = judge(score, later[name], cell_ft=cell_ft)
    for model in models:
        means = model.fit(known, seed=seed).means(known, known.end)
        for name in known.categories:
            score = on_all_cells(known, means[name].sum(axis=0))
            told[model.name, name] = judge(score, later[name], cell_ft=cell_ft)
    return told


def all_origins(
    origins: Mapping[tuple[int, float], Origin], models: Sequence[Model], *, seed: int, executor: Executor | None
) -> dict[tuple[int, float], dict[tuple[str, str], Judged]]:
    """Every origin and cell size, by (origin, cell size in feet)."""
    pool = executor or Here()
    tasks = {
        key: pool.submit(from_origin, origin, models, cell_ft=key[1], seed=seed) for key, origin in origins.items()
    }
    return {key: task.result() for key, task in tasks.items()}


def by_origin(
    judged: Mapping[tuple[int, float], Mapping[tuple[str, str], Judged]], title: str, category: str
) -> Floats:
    """Mean PEI* over cell sizes, horizons and areas for each origin, in their order."""
    origins = sorted({origin for origin, _ in judged})
    return np.array(
        [
            np.nanmean([held[title, category].pei for (mine, _), held in judged.items() if mine == origin])
            for origin in origins
        ]
    )


def tuned_width(judged: Mapping[tuple[int, float], Mapping[tuple[str, str], Judged]], category: str) -> str:
    """The one-year kernel density with the best mean PEI* over these (earlier) origins."""
    titles = [f"kde_365_{width:.0f}ft" for width in TUNED_FT]
    return max(titles, key=lambda title: float(by_origin(judged, title, category).mean()))


def gain(mine: Floats, other: Floats, *, seed: int, draws: int = 2000) -> tuple[float, float, float]:
    """Mean difference over origins with its 95 % interval by redrawing origins (windows overlap: a little narrow)."""
    difference = mine - other
    drawn = np.random.default_rng(seed).integers(0, len(difference), (draws, len(difference)))
    low, high = np.quantile(difference[drawn].mean(axis=1), (0.025, 0.975))
    return float(difference.mean()), float(low), float(high)
