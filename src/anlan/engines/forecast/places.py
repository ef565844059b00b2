"""How steady the flagged map is from week to week, and whether parts of the city are flagged out of proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.flagging import Bounds, need_shares
from anlan.engines.forecast.grid import Grid
from anlan.engines.forecast.history import History

Floats = NDArray[np.float64]
DISTRICTS_A_SIDE = 5
NEED_DAYS = 365
SMALLEST_SHARE = 0.02
"""Districts with less of the events than this aren't compared: their ratio would be noise."""


def unpacked(flags: NDArray[np.uint8], shifts: int, cells: int) -> NDArray[np.bool_]:
    """Flags (day, shift, cell) from packed bits (day, bytes)."""
    bits = np.unpackbits(flags, axis=1, count=shifts * cells)
    return bits.reshape(len(flags), shifts, cells).astype(np.bool_)


def stability(days: NDArray[np.int32], flags: NDArray[np.uint8], *, gap_days: int = 7) -> float | None:
    """Mean share of flagged cell-shifts that were flagged a week before too; ``None`` without such pairs."""
    place = {int(day): number for number, day in enumerate(days)}
    kept = []
    for day, number in place.items():
        before = place.get(day - gap_days)
        if before is not None:
            both = np.bitwise_count(flags[number] & flags[before]).sum()
            kept.append(float(both) / max(1, int(np.bitwise_count(flags[number]).sum())))
    return round(float(np.mean(kept)), 4) if kept else None


def districts(grid: Grid, active: NDArray[np.int32]) -> NDArray[np.int32]:
    """The district of each active cell: the city's rectangle cut five by five."""
    column, row = grid.column_row(active)
    side = DISTRICTS_A_SIDE
    return ((row * side // grid.ny) * side + column * side // grid.nx).astype(np.int32)


def district_bounds(history: History) -> dict[str, Bounds]:
    """Districts and their share of each category's need over the last 365 watched days, for cities without areas."""
    district = districts(history.grid, history.active).astype(np.int64)
    window = history.last_days(NEED_DAYS)
    if len(window) == 0:
        return {}
    first, count = int(window[0]), DISTRICTS_A_SIDE * DISTRICTS_A_SIDE

    def by_district(category: str | None) -> Floats:
        counts = history.counts(category, first, history.end).sum(axis=0)
        return np.bincount(district, weights=counts, minlength=count).astype(np.float64)

    every = by_district(None)
    return {name: Bounds(district, need_shares(by_district(name), every)) for name in history.categories}


def equity(flagged: Floats, events: Floats, district: NDArray[np.int32]) -> dict[str, float | None]:
    """Share of flags over share of events by district: the lowest and highest of the districts with enough events.

    ``flagged`` and ``events`` are totals by cell over the span.
    """
    count = DISTRICTS_A_SIDE * DISTRICTS_A_SIDE
    flag_share = np.bincount(district, weights=flagged, minlength=count) / max(1.0, float(flagged.sum()))
    event_share = np.bincount(district, weights=events, minlength=count) / max(1.0, float(events.sum()))
    enough = event_share >= SMALLEST_SHARE
    if not enough.any():
        return {"equity_low": None, "equity_high": None}
    ratio = flag_share[enough] / event_share[enough]
    return {"equity_low": round(float(ratio.min()), 3), "equity_high": round(float(ratio.max()), 3)}
