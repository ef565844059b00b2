"""The one door through which flags leave: places are picked by need, and no area holds far more than its share.

Scores, the audit, the lists, maps and files, and whatever plans patrols ask here; a map's own order is never enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.day_scores import flag_budget
from anlan.engines.forecast.flagging import Bounds, Flags, flags_of, need_shares
from anlan.engines.forecast.history import History
from anlan.engines.forecast.rolling import tie_noise
from anlan.forecasting.rules import FLAG_FACTOR, FLAG_SHARE, NEED_DAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def need_of(history: History, station: Ints, stations: int) -> dict[str, Floats]:
    """Each area's share of citizens' reports of a family over the last year on record, (areas + 1,), by family.

    ``station`` is the row of each cell's area; the last row is for cells of none. A family with few reports is
    shared out as all reports are.
    """
    window = history.last_days(NEED_DAYS)
    first, width = (int(window[0]) if len(window) else history.end), stations + 1

    def by_area(family: str | None) -> Floats:
        counts = history.counts(family, first, history.end).sum(axis=0)
        return np.bincount(station, weights=counts, minlength=width).astype(np.float64)

    every = by_area(None)
    return {family: need_shares(by_area(family), every) for family in history.categories}


def bounds_of(history: History, station: Ints, stations: int) -> dict[str, Bounds]:
    """The bounds of every family, as the engine takes them."""
    need = need_of(history, station, stations)
    return {family: Bounds(station, shares, FLAG_FACTOR) for family, shares in need.items()}


def need_stored(need: Mapping[str, Floats]) -> dict[str, list[float]]:
    """Shares as a run keeps them, beside what else it was made from."""
    return {family: [round(float(share), 6) for share in shares] for family, shares in need.items()}


def flags_by_need(
    means: Floats,
    station: Ints,
    need: Sequence[float] | None,
    *,
    day: int,
    seed: int,
    budget: int | None = None,
) -> Flags:
    """The flags of a day, (shift, place), and beside them the same number without bounds.

    ``station`` is the row of each place's area, ``need`` the shares by row as the run stored them; None, of runs made
    before there were bounds, leaves the map's own order. ``budget`` is 5 % of the places where left out.
    """
    shifts, places = means.shape
    noise = tie_noise(seed, day, (shifts, places))
    count = flag_budget(places, FLAG_SHARE) if budget is None else budget
    bounds = Bounds(station, _of_these(need, station), FLAG_FACTOR)
    found = flags_of(means, noise, bounds, budget=count, first_shift=day * shifts)
    return found if need is not None else Flags(found.plain, found.plain)


def _of_these(need: Sequence[float] | None, station: Ints) -> Floats:
    """Shares of the areas that have places here, summing to one: a station's own list is shared with nobody."""
    width = max(int(station.max(initial=0)) + 1, len(need or ()))
    shares = np.ones(width) if need is None else np.pad(np.asarray(need, np.float64), (0, width - len(need)))
    here = np.where(np.bincount(station, minlength=width) > 0, shares, 0.0)
    total = float(here.sum())
    if total > 0:
        return here / total
    even = (np.bincount(station, minlength=width) > 0).astype(np.float64)
    return even / max(1.0, float(even.sum()))
