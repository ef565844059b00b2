"""A trial's blocks as a small drawing: squares of the forecast's grid to scale, numbered, with their rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WIDTH, MOST_HEIGHT, MARGIN, MOST_SIDE = 720.0, 520.0, 16.0, 48.0


@dataclass(frozen=True)
class Square:
    """A cell: its upper left corner on the sheet, and the number of the block it belongs to."""

    x: float
    y: float
    block: int


@dataclass(frozen=True)
class Blocks:
    """Squares of blocks and rings with ``side`` pixels a cell, and where each block's number stands."""

    width: float
    height: float
    side: float
    blocks: tuple[Square, ...]
    rings: tuple[Square, ...]
    numbers: tuple[Square, ...]
    metres: int
    bar_end: float


def blocks_drawing(protocol: dict[str, Any]) -> Blocks:
    """The blocks of a protocol, north up."""
    nx, told = protocol["grid"]["nx"], protocol["blocks"]
    every = [cell for block in told for cell in (*block["cells"], *block["ring"])]
    columns, rows = [cell % nx for cell in every], [cell // nx for cell in every]
    west, north = min(columns), max(rows)
    wide, high = max(columns) - west + 1, north - min(rows) + 1
    side = round(min((WIDTH - 2 * MARGIN) / wide, (MOST_HEIGHT - 2 * MARGIN) / high, MOST_SIDE), 2)

    def square(cell: int, number: int) -> Square:
        x, y = MARGIN + (cell % nx - west) * side, MARGIN + (north - cell // nx) * side
        return Square(round(x, 1), round(y, 1), number)

    def middle(block: dict[str, Any]) -> Square:
        spots = [square(cell, block["number"]) for cell in block["cells"]]
        x, y = (sum(getattr(spot, axis) for spot in spots) / len(spots) + side / 2 for axis in ("x", "y"))
        return Square(round(x, 1), round(y, 1), block["number"])

    cells = max(round(1000 / protocol["grid"]["cell_m"]), 1)
    return Blocks(
        round(wide * side + 2 * MARGIN, 1),
        round(high * side + 2 * MARGIN, 1),
        side,
        tuple(square(cell, block["number"]) for block in told for cell in block["cells"]),
        tuple(square(cell, block["number"]) for block in told for cell in block["ring"]),
        tuple(middle(block) for block in told),
        round(cells * protocol["grid"]["cell_m"]),
        round(MARGIN + cells * side, 1),
    )
