"""Maps that sum to one, and how they are smoothed, shrunk and mixed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from anlan.engines.forecast.history import History

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

EM_ROUNDS = 400
EM_CHECK_ROUNDS = 20
EM_TOLERANCE = 2e-6
"""EM stops when so many rounds together gain less than this per event; its weights settle slowly."""
KERNEL_REACH = 3.0
"""A kernel ends after so many of its widths."""


def normalised(values: Floats) -> Floats:
    """Each row of the last axis divided by its sum; a row of nothing becomes the even map."""
    total = values.sum(axis=-1, keepdims=True, dtype=np.float64)
    even = 1.0 / values.shape[-1]
    out: Floats = np.where(total > 0, values / np.maximum(total, 1e-30), even).astype(np.float32)
    return out


class Kernels:
    """Gaussian smoothing of values that stand on the active cells of a grid."""

    def __init__(self, history: History) -> None:
        column, row = history.grid.column_row(history.active)
        least = np.iinfo(np.int32).max
        self.column, self.row = column - column.min(initial=least), row - row.min(initial=least)
        self.shape = (int(self.row.max(initial=0)) + 1, int(self.column.max(initial=0)) + 1)

    def smooth(self, values: Floats, width_cells: float) -> Floats:
        """``values`` (..., cells) spread by a Gaussian; what leaves the active cells is lost."""
        flat = values.reshape(-1, values.shape[-1])
        plane = np.zeros((len(flat), *self.shape), dtype=np.float32)
        plane[:, self.row, self.column] = flat
        width = (0.0, width_cells, width_cells)
        spread = gaussian_filter(plane, sigma=width, mode="constant", truncate=KERNEL_REACH)
        out: Floats = spread[:, self.row, self.column].reshape(values.shape)
        return out


def posterior_counts(counts: Floats, prior: Floats, strength: float) -> Floats:
    """Events expected per cell after ``counts`` were seen, gamma-Poisson with a prior map.

    The rate of a cell is gamma beforehand, with shape ``strength`` (pseudo-events) and the mean
    ``M = prior * counts.sum()``; after n events its mean is ``M (strength + n) / (strength + M)``,
    which lies between M and n.
    """
    expected = prior * counts.sum(axis=-1, keepdims=True)
    out: Floats = expected * (strength + counts) / (strength + expected)
    return out


def mixture_weights(densities: Floats, *, credit: Doubles) -> Doubles:
    """Non-negative weights summing to 1 under which the events are most likely (EM of a mixture).

    ``densities`` (events, maps): what each map gave the place of each event. ``credit`` (maps), above
    zero: pseudo-events each map is granted beforehand, so that few events don't decide alone.
    """
    events, maps = densities.shape
    total = events + float(credit.sum())
    mix = np.full(maps, 1.0 / maps)
    if events == 0:
        return np.asarray(credit / total, dtype=np.float64)
    scaled = densities / np.maximum(densities.max(axis=1, keepdims=True), np.float32(1e-30))
    before = -np.inf
    for number in range(EM_ROUNDS):
        seen = np.maximum(scaled @ mix.astype(np.float32), np.float32(1e-30))
        mix = (mix * (scaled.T @ (1.0 / seen)) + credit) / total
        mix = mix / mix.sum()
        if number % EM_CHECK_ROUNDS == 0:
            likelihood = float(np.log(seen).mean(dtype=np.float64))
            if likelihood - before < EM_TOLERANCE:
                break
            before = likelihood
    return mix


def trimmed(weights: Doubles, *, least: float = 1e-5) -> Doubles:
    """The weights without those too small to be worth drawing a map for."""
    kept = np.where(weights < least, 0.0, weights)
    return np.asarray(kept / kept.sum(), dtype=np.float64)


def blended(maps: Iterable[Floats], weights: Doubles, floor_share: float) -> Floats:
    """The weighted sum of maps of one shape or of (cells,), with ``floor_share`` of it spread evenly."""
    chosen = [(held, np.float32(weight)) for held, weight in zip(maps, weights, strict=True) if weight > 0]
    flat = sum((weight * held for held, weight in chosen if held.ndim == 1), start=np.float32(0))
    out = sum((weight * held for held, weight in chosen if held.ndim > 1), start=flat)
    cells = chosen[0][0].shape[-1]
    mixed: Floats = np.asarray((1.0 - floor_share) * out + floor_share / cells, dtype=np.float32)
    return mixed


def low_rank(counts: Floats, *, rank: int, rounds: int, seed: int) -> Floats:
    """Non-negative factors of ``counts`` (profiles, cells) under Poisson loss, multiplied back.

    The multiplicative updates of Lee and Seung (2001) for the Kullback-Leibler divergence. Each profile, a
    category in a class of shift, becomes a sum of a few maps all profiles share: kinds of land use.
    """
    random = np.random.default_rng(seed)
    profiles, cells = counts.shape
    rank = max(1, min(rank, profiles, cells))
    left = random.uniform(0.5, 1.5, (profiles, rank)).astype(np.float32)
    right = random.uniform(0.5, 1.5, (rank, cells)).astype(np.float32)
    right *= (counts.sum(axis=0) + np.float32(0.01)) / right.sum(axis=0)
    tiny = np.float32(1e-9)
    for _ in range(rounds):
        ratio = counts / np.maximum(left @ right, tiny)
        left *= (ratio @ right.T) / np.maximum(right.sum(axis=1), tiny)
        ratio = counts / np.maximum(left @ right, tiny)
        right *= (left.T @ ratio) / np.maximum(left.sum(axis=0), tiny)[:, None]
    out: Floats = left @ right
    return out


def shrunk_shares(own: Floats, every: Floats, pseudo: float, *, steady: float = 20.0) -> Floats:
    """Each cell's shares of the classes of shift, (classes, cells): between its own counts and a prior.

    ``own`` and ``every`` (classes, cells) are events of the category and of all categories. The prior is half
    the city's share of the category and half the cell's share among all calls (itself steadied by the
    city's) carried to the category by the ratio of city shares; ``pseudo`` events weigh it.
    """
    city = (own.sum(axis=1) + 1.0) / (own.sum() + len(own))
    city_every = (every.sum(axis=1) + 1.0) / (every.sum() + len(every))
    local = (every + steady * city_every[:, None]) / (every.sum(axis=0) + steady)
    carried = local * (city / city_every)[:, None]
    carried = carried / carried.sum(axis=0)
    prior = 0.5 * city[:, None] + 0.5 * carried
    out: Floats = ((own + pseudo * prior) / (own.sum(axis=0) + pseudo)).astype(np.float32)
    return out


def shares_in_steps(own: Floats, every: Floats, shifts: int, pseudo: float) -> tuple[Floats, Floats]:
    """Shares of the shifts (shifts, cells), and of the classes (classes, cells): the shift, then the week's part."""
    own_parts = own.reshape(-1, shifts, own.shape[-1])
    every_parts = every.reshape(-1, shifts, own.shape[-1])
    share = shrunk_shares(own_parts.sum(axis=0), every_parts.sum(axis=0), pseudo)
    parts = [
        share[shift] * shrunk_shares(own_parts[:, shift], every_parts[:, shift], pseudo) for shift in range(shifts)
    ]
    return share, np.stack(parts, axis=1).reshape(own.shape)
