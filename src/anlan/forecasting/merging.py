"""Which neighbouring cells are told together, so that a place that stands by itself is home to enough people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NOWHERE = -1
"""The group of a cell that is told with its station's area only."""
AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def groups_of(
    cells: NDArray[np.int32],
    nx: int,
    station: NDArray[np.int64],
    residents: NDArray[np.float64],
    addresses: NDArray[np.int64],
    *,
    least_residents: int,
    least_addresses: int,
) -> NDArray[np.int64]:
    """The group of each cell, numbered from 0 by their first cells; ``NOWHERE`` for one told with its area.

    ``cells`` are ascending numbers in a grid ``nx`` wide; ``residents`` is NaN where nobody knows. A cell of unknown
    population stands by itself where it has ``least_addresses``. Cells of known population below either limit join
    the neighbour (of eight, same station, known) with the fewest residents, the smallest first, until both limits
    hold; what finds no neighbour has no group.
    """
    known = np.isfinite(residents)
    head = np.arange(len(cells))
    people = np.where(known, residents, 0.0).astype(np.float64)
    doors = addresses.astype(np.int64).copy()
    members = [[k] for k in range(len(cells))]
    beside = _neighbours(cells, nx, station, known)
    waiting = [k for k in range(len(cells)) if known[k]]
    stuck: set[int] = set()
    while True:
        short = [
            k
            for k in waiting
            if head[k] == k and k not in stuck and (people[k] < least_residents or doors[k] < least_addresses)
        ]
        if not short:
            break
        small = min(short, key=lambda k: (people[k], k))
        around = {int(head[other]) for k in members[small] for other in beside[k]} - {small}
        if not around:
            stuck.add(small)
            continue
        into = min(around, key=lambda k: (people[k], k))
        keep, gone = min(small, into), max(small, into)
        members[keep] += members[gone]
        head[members[gone]] = keep
        people[keep] += people[gone]
        doors[keep] += doors[gone]
        stuck.discard(keep)
    return _numbered(
        head, np.array([_stands(k, known, people, doors, least_residents, least_addresses) for k in head.tolist()])
    )


def _stands(
    k: int,
    known: NDArray[np.bool_],
    people: NDArray[np.float64],
    doors: NDArray[np.int64],
    least_residents: int,
    least_addresses: int,
) -> bool:
    return bool(doors[k] >= least_addresses and (not known[k] or people[k] >= least_residents))


def _numbered(head: NDArray[np.int64], stands: NDArray[np.bool_]) -> NDArray[np.int64]:
    found = np.full(len(head), NOWHERE, dtype=np.int64)
    if stands.any():
        _heads, number = np.unique(head[stands], return_inverse=True)
        found[stands] = number
    return found


def _neighbours(
    cells: NDArray[np.int32], nx: int, station: NDArray[np.int64], known: NDArray[np.bool_]
) -> list[list[int]]:
    row_of = {int(cell): k for k, cell in enumerate(cells.tolist())}
    found: list[list[int]] = []
    for k, cell in enumerate(cells.tolist()):
        column, row = cell % nx, cell // nx
        near = (
            row_of.get((row + dy) * nx + column + dx)
            for dy, dx in AROUND
            if known[k] and 0 <= column + dx < nx and row + dy >= 0
        )
        found.append([other for other in near if other is not None and known[other] and station[other] == station[k]])
    return found
