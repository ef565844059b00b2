"""Small sets of rows for tests of the data door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from anlan.engines.forecast import Rows

DAY_S = 86_400
LON, LAT = 115.86, 28.68


def rows(
    days: list[float], *, kind: str = "theft", origin: str | None = "citizen", lon: float = LON, lat: float = LAT
) -> Rows:
    """One row per entry of ``days``: whole days and their fraction since 1970-01-01, all alike in the rest."""
    count = len(days)
    return Rows(
        wall_s=np.array([round(day * DAY_S) for day in days], dtype=np.int64),
        has_hour=np.ones(count, dtype=bool),
        kind=np.zeros(count, dtype=np.int32),
        kinds=(kind,),
        origin=np.full(count, 0 if origin else -1, dtype=np.int32),
        origins=(origin,) if origin else (),
        lon=np.full(count, lon),
        lat=np.full(count, lat),
        ident=np.arange(count, dtype=np.int64),
        file=np.zeros(count, dtype=np.int32),
    )


def joined(*pieces: Rows, files: bool = False) -> Rows:
    """Rows of several sets as one; with ``files`` each set is a file of its own."""
    kinds = tuple(sorted({name for piece in pieces for name in piece.kinds}))
    origins = tuple(sorted({name for piece in pieces for name in piece.origins}))

    def renumbered(piece: Rows, numbers: Any, old: tuple[str, ...], new: tuple[str, ...]) -> Any:
        return np.array([new.index(old[number]) if number >= 0 else -1 for number in numbers], dtype=np.int32)

    return Rows(
        kind=np.concatenate([renumbered(piece, piece.kind, piece.kinds, kinds) for piece in pieces]),
        kinds=kinds,
        origin=np.concatenate([renumbered(piece, piece.origin, piece.origins, origins) for piece in pieces]),
        origins=origins,
        file=np.concatenate(
            [np.full(len(piece), number if files else 0, dtype=np.int32) for number, piece in enumerate(pieces)]
        ),
        **{
            name: np.concatenate([getattr(piece, name) for piece in pieces])
            for name in ("wall_s", "has_hour", "lon", "lat", "ident")
        },
    )


def city(*, days: int = 60, a_day: int = 12, seed: int = 0, first: int = 20_000) -> Rows:
    """A made city: two kinds of calls from one mixture of places, each day ``a_day`` of them on average."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(a_day * days)
    day = first + rng.integers(0, days, count)
    place = 0.5 + rng.exponential(1.0, count) ** 1.5
    angle = rng.random(count) * 6.28
    base = rows(list((day + rng.random(count)).astype(float)))
    return replace(
        base,
        kind=rng.integers(0, 2, count).astype(np.int32),
        kinds=("dispute", "theft"),
        lon=LON + 0.01 * place * np.cos(angle),
        lat=LAT + 0.01 * place * np.sin(angle),
    )
