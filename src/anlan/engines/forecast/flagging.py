"""Which places are flagged: those with most expected, and no area far beyond its share of citizens' own reports.

A share of all cells goes where cells are hot, and hot cells stand close together: a dense centre gets twice the flags
its calls would ask for, the country half. So flags are given out by area. An area may hold at most ``factor`` times
its share of need and gets at least that share divided by ``factor``; inside these bounds the map decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.day_scores import ranking

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CAP_FACTOR = 1.15
"""The audit's limits are 0.67 and 1.5 on what then comes. Need is known from the past only, and an area of thirty
calls strays by a fifth by chance alone, so the bounds stand well inside them."""
NEED_PSEUDO_EVENTS = 30.0
GOLDEN = 0.6180339887498949
"""Steps of the golden section spread a remainder over the shifts more evenly than any lot."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Areas and what they may hold: ``area`` (cells) numbers them, ``need`` (areas) are shares that sum to one.

    Cells of no area are an area of their own, the last. ``factor`` is 1 or more.
    """

    area: Ints
    need: Floats
    factor: float = CAP_FACTOR


@dataclass(frozen=True, slots=True)
class Flags:
    """Flags of a day by (shift, cell): ``kept`` within the bounds, ``plain`` the same number without them."""

    kept: Bools
    plain: Bools


def need_shares(own: Floats, every: Floats, *, pseudo: float = NEED_PSEUDO_EVENTS) -> Floats:
    """Each area's share of a category's reports, drawn to its share of all reports by ``pseudo`` events; (areas,).

    ``own`` and ``every`` are citizens' reports by area before the forecast; without any, all areas are equal.
    """
    own, every = np.asarray(own, dtype=np.float64), np.asarray(every, dtype=np.float64)
    even = np.full(len(own), 1.0 / max(1, len(own)))
    common = every / every.sum() if every.sum() > 0 else even
    shares: Floats = (own + pseudo * common) / (own.sum() + pseudo)
    return shares


def allowances(need: Floats, budget: int, factor: float, turn: float) -> tuple[Ints, Ints]:
    """The least and the most flags each area may hold in one shift, whole numbers: (areas,), (areas,).

    ``need * budget`` divided and multiplied by ``factor``, rounded down or up by systematic sampling: over many
    shifts with evenly spread ``turn`` (0 to 1) each area comes to its exact bound, an area of half a flag a shift
    too. The least sum to ``budget`` at most and the most to ``budget`` at least.
    """
    even = need * budget
    upto = np.concatenate([[0.0], np.cumsum(even)]) + turn + 1e-9
    given = np.diff(np.floor(upto)).astype(np.int64)
    # One remainder an area for both bounds: with two, a small area's least and most would fall on different shifts.
    left = upto[:-1] % 1.0
    least = np.minimum(np.floor(even / factor + left).astype(np.int64), given)
    most = np.maximum(np.floor(even * factor + left).astype(np.int64), given)
    return least, most


def flags_of(means: Floats, noise: Floats, bounds: Bounds, *, budget: int, first_shift: int) -> Flags:
    """Flag ``budget`` cells of each shift of a day, most expected first, within the bounds of their areas.

    ``means`` (shift, cell); equal cells in the order of ``noise``. ``first_shift`` counts shifts since some
    beginning: it turns the remainders, so that the same day gives the same flags and many days come to the exact
    shares. Fewer than ``budget`` are flagged only where the areas with room have no more cells.
    """
    order = ranking(means, noise)
    kept, plain = np.zeros(means.shape, dtype=np.bool_), np.zeros(means.shape, dtype=np.bool_)
    np.put_along_axis(plain, order[:, :budget], True, axis=1)
    for shift, ranked in enumerate(order):
        turn = ((first_shift + shift) * GOLDEN) % 1.0
        least, most = allowances(bounds.need, budget, bounds.factor, turn)
        kept[shift, _picked(ranked, bounds.area, least, most, budget)] = True
    return Flags(kept, plain)


def _picked(ranked: Ints, area: Ints, least: Ints, most: Ints, budget: int) -> Ints:
    """The cells flagged in one shift: the first ``least`` of each area, then by rank where there is room."""
    where = area[ranked]
    place = _place_in_area(where, len(most))
    sure = place < least[where]
    open_ = ~sure & (place < most[where])
    left = max(0, budget - int(sure.sum()))
    taken = sure | (open_ & (np.cumsum(open_) <= left))
    cells: Ints = ranked[taken]
    return cells


def _place_in_area(where: Ints, areas: int) -> Ints:
    """For cells in the order of rank, how many of the same area stand before each."""
    order = np.argsort(where, kind="stable")
    number = np.bincount(where, minlength=areas)
    begins = np.concatenate([[0], np.cumsum(number)[:-1]])
    place = np.empty(len(where), dtype=np.int64)
    place[order] = np.arange(len(where)) - begins[where[order]]
    return place
