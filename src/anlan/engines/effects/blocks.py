"""Which places take part: apart from each other, large enough, each with a ring of neighbours around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True, slots=True)
class Block:
    """Cells of a grid that are randomised together, with the calls expected of them.

    ``residents`` is None where nobody knows how many live there.
    """

    cells: tuple[int, ...]
    expected: float
    residents: float | None = None
    addresses: int | None = None

    def is_large_enough(self, *, least_residents: int, least_addresses: int) -> bool:
        """Not below the smallest area a forecast may show, as far as it is known."""
        return (self.residents is None or self.residents >= least_residents) and (
            self.addresses is None or self.addresses >= least_addresses
        )


def around(cells: Sequence[int], *, nx: int, ny: int) -> set[int]:
    """The cells of the grid that touch these, by edge or corner."""
    held = set(cells)
    found = set()
    for cell in held:
        x, y = cell % nx, cell // nx
        found |= {(y + dy) * nx + x + dx for dy, dx in AROUND if 0 <= x + dx < nx and 0 <= y + dy < ny}
    return found - held


def blocks_apart(blocks: Sequence[Block], *, nx: int, ny: int, most: int) -> list[int]:
    """Numbers of at most ``most`` blocks of which no two touch, those with most calls first.

    Blocks that touch would give their calls to each other, and leave no ring between them.
    """
    order = sorted(range(len(blocks)), key=lambda k: (-blocks[k].expected, blocks[k].cells))
    taken: set[int] = set()
    chosen: list[int] = []
    for k in order:
        if len(chosen) == most:
            break
        if blocks[k].expected > 0 and not taken & set(blocks[k].cells):
            chosen.append(k)
            taken |= set(blocks[k].cells) | around(blocks[k].cells, nx=nx, ny=ny)
    return chosen


def rings_of(blocks: Sequence[Block], *, nx: int, ny: int) -> list[tuple[int, ...]]:
    """The cells next to each block that belong to none; one that touches several goes to the nearest middle."""
    inside = {cell for block in blocks for cell in block.cells}
    middles = [_middle(block.cells, nx) for block in blocks]
    owner: dict[int, tuple[float, int]] = {}
    for k, block in enumerate(blocks):
        for cell in around(block.cells, nx=nx, ny=ny) - inside:
            x, y = cell % nx, cell // nx
            far = float(np.hypot(x - middles[k][0], y - middles[k][1]))
            owner[cell] = min(owner.get(cell, (far, k)), (far, k))
    return [tuple(sorted(cell for cell, (_, k) in owner.items() if k == mine)) for mine in range(len(blocks))]


def _middle(cells: Sequence[int], nx: int) -> tuple[float, float]:
    return float(np.mean([cell % nx for cell in cells])), float(np.mean([cell // nx for cell in cells]))
