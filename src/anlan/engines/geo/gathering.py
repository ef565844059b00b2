"""Counts by cell from which nobody can be picked out: the few are gathered into larger cells."""

from collections import Counter
from collections.abc import Mapping

import h3.api.numpy_int as h3

FINEST = 8
"""Hexagons of about 0.7 square kilometres."""
COARSEST = 6
"""Hexagons of about 36 square kilometres."""


def gather_few(
    counts: Mapping[int, int], *, least: int, finest: int = FINEST, coarsest: int = COARSEST
) -> tuple[dict[int, int], int]:
    """Cells with at least `least` each, and how many are left over.

    `counts` is by cells of resolution `finest` or finer. A cell of resolution `finest` that holds enough
    stands alone; what is in the others is added up in the next larger cells, and so on up to `coarsest`.
    A larger cell therefore counts only what does not stand in a smaller one inside it. What is still too
    little belongs to no cell and is only a number.

    Raises ValueError where `least` is below 1 or a cell is larger than `finest`.
    """
    if least < 1:
        raise ValueError(f"at least one must count, got {least}")
    level: Counter[int] = Counter()
    for cell, count in counts.items():
        if h3.get_resolution(cell) < finest:
            raise ValueError(f"cell {cell} is larger than resolution {finest}")
        level[int(h3.cell_to_parent(cell, finest))] += count
    shown: dict[int, int] = {}
    for resolution in range(finest, coarsest - 1, -1):
        few: Counter[int] = Counter()
        for cell, count in level.items():
            if count >= least:
                shown[cell] = count
            elif resolution > coarsest:
                few[int(h3.cell_to_parent(cell, resolution - 1))] += count
            else:
                few[cell] += count
        level = few
    return shown, sum(level.values())


def is_gathered(cell: int, shown: Mapping[int, int], *, finest: int = FINEST, coarsest: int = COARSEST) -> bool:
    """Whether what lies in `cell` (of resolution `finest` or finer) is counted by one of the cells `shown`."""
    return any(int(h3.cell_to_parent(cell, resolution)) in shown for resolution in range(finest, coarsest - 1, -1))


def cell_ring(cell: int) -> list[tuple[float, float]]:
    """The border of a cell as (lon, lat), its first point again at the end."""
    ring = [(float(lon), float(lat)) for lat, lon in h3.cell_to_boundary(cell)]
    return [*ring, ring[0]]
