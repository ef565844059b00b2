"""Signs that the record isn't what it seems: silent days, many events on one coordinate, a level that jumped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anlan.engines.forecast.history import History

SURE_EVENTS = 20.0
"""A silence in which this many events were due isn't chance (e^-20): nobody was writing."""
LUMP_SHARE = 0.02
LUMP_SHARE_MIXED = 0.003
LUMP_MIX_DISTANCE = 0.2
LUMP_FEWEST = 30
BLOCK_DAYS = 28
JUMP = 1.5
JUMP_DEVIATIONS = 6.0


def watched_without_list(
    training: NDArray[np.int32], kept: NDArray[np.int32], *, test_until: int, today: int | None
) -> tuple[NDArray[np.int32], int]:
    """Days taken for complete where nobody says which are, and how many silent ones were taken for gaps.

    Every day from the first event to the last, without silences so long that at the training rows' usual
    rate twenty events were due in them.
    """
    if len(kept) == 0:
        return np.empty(0, dtype=np.int32), 0
    basis = training if len(training) else kept
    low, high = np.quantile(basis, (0.05, 0.95))
    rate = 0.9 * len(basis) / (float(high - low) + 1.0)
    seen = np.unique(kept[kept <= test_until])
    if len(seen) == 0:
        return np.empty(0, dtype=np.int32), 0
    last = int(seen[-1]) if today is None else min(int(seen[-1]), today)
    days = np.arange(int(seen[0]), last + 1, dtype=np.int32)
    silence = np.diff(seen) - 1
    gap = np.zeros(len(days), dtype=np.bool_)
    for before in np.flatnonzero(silence * rate >= SURE_EVENTS):
        start = int(seen[before]) + 1 - int(seen[0])
        gap[start : start + int(silence[before])] = True
    return days[~gap], int(gap.sum())


def geocoding_lumps(
    lon: NDArray[np.float64], lat: NDArray[np.float64], kind: NDArray[np.int32]
) -> list[dict[str, object]]:
    """Coordinates that hold an improbable share of all events, largest first (at most ten).

    A mall holds much of one kind; a default address of the geocoder holds every kind in the city's own mixture.
    So a point is told when it holds 2 % of the events, or 0.3 % in nearly the city's mixture.
    """
    if len(lon) < 200:
        return []
    spot = np.round(lon, 4) * 1e9 + np.round(lat, 4)
    _, first, place, number = np.unique(spot, return_index=True, return_inverse=True, return_counts=True)
    kinds = int(kind.max()) + 1
    city = np.bincount(kind, minlength=kinds) / len(kind)
    told: list[dict[str, object]] = []
    for index in np.argsort(-number)[:10]:
        share = float(number[index]) / len(lon)
        if share < LUMP_SHARE_MIXED or number[index] < LUMP_FEWEST:
            break
        mix = np.bincount(kind[place == index], minlength=kinds) / number[index]
        distance = float(np.abs(mix - city).sum()) / 2.0
        if share >= LUMP_SHARE or (distance <= LUMP_MIX_DISTANCE and kinds > 1):
            told.append(
                {
                    "note": "geocoding_lump",
                    "lon": round(float(lon[first[index]]), 4),
                    "lat": round(float(lat[first[index]]), 4),
                    "events": int(number[index]),
                    "share": round(share, 4),
                    "mixture_distance": round(distance, 3),
                }
            )
    return told


def level_shifts(history: History) -> list[dict[str, object]]:
    """Where a category's level jumped between neighbouring blocks of 28 watched days: the largest jump of each.

    Told when the blocks differ by half or more and by six Poisson deviations (doubled for the usual scatter).
    """
    told: list[dict[str, object]] = []
    blocks = len(history.days) // BLOCK_DAYS
    if blocks < 2:
        return told
    days = history.days[len(history.days) - blocks * BLOCK_DAYS :]
    for name in history.categories:
        level = history.totals(name, days).sum(axis=1).reshape(blocks, BLOCK_DAYS).sum(axis=1)
        before, after = level[:-1], level[1:]
        ratio = (after + 1.0) / (before + 1.0)
        sure = np.abs(after - before) / np.sqrt(2.0 * (after + before) + 1.0)
        jump = np.maximum(ratio, 1.0 / ratio)
        bad = (jump >= JUMP) & (sure >= JUMP_DEVIATIONS)
        if bad.any():
            worst = int(np.argmax(np.where(bad, sure, 0.0)))
            told.append(
                {
                    "note": "level_shift",
                    "category": name,
                    "day": int(days[(worst + 1) * BLOCK_DAYS]),
                    "from_per_day": round(float(before[worst]) / BLOCK_DAYS, 3),
                    "to_per_day": round(float(after[worst]) / BLOCK_DAYS, 3),
                }
            )
    return told
