"""One cell at a time, and sums of what was released."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """``k``: the least count that is told at all. ``step``: told are multiples of it; no more than ``k``.

    Raises ``ValueError`` for a rule that holds nothing back.
    """

    k: int = 10
    step: int = 5

    def __post_init__(self) -> None:
        if not 2 <= self.step <= self.k:
            raise ValueError(f"a rule needs 2 <= step <= k; these are step {self.step}, k {self.k}")


@dataclass(frozen=True, slots=True)
class Released:
    """One row of an export: the sum of released cells, of how many, and how many beside them were held back."""

    count: int
    cells: int
    held_back: int


def cell_released(cell: Cell, count: int, *, rule: Rule, key: bytes) -> int | None:
    """What is told of a cell that counts ``count``: None where it is held back, nought included.

    Else ``count`` brought down or up to a multiple of ``rule.step``, up with the probability of the rest over the
    step, so that it is right on average. The draw comes from ``key`` and the cell's name alone: asked again it is the
    same, and nothing can be averaged out.

    >>> cell_released(("west", "2026-01", "04"), 9, rule=Rule(k=10, step=5), key=b"k") is None
    True
    """
    if count < rule.k:
        return None
    low, rest = count - count % rule.step, count % rule.step
    return low + rule.step * (_draw(cell, key) * rule.step < rest)


def table_of(released: Mapping[Cell, int | None], axes: Sequence[int]) -> dict[Cell, Released]:
    """Sums of released cells by some of the axes of their names (``(0, 2)``: area and family), in the order of names.

    The only way to anything coarser. A row of which every cell is held back is there with nothing counted.
    """
    rows: dict[Cell, list[int | None]] = {}
    for cell, told in released.items():
        rows.setdefault(tuple(cell[axis] for axis in axes), []).append(told)
    return {name: _summed(rows[name]) for name in sorted(rows)}


def _summed(told: Iterable[int | None]) -> Released:
    values = list(told)
    kept = [value for value in values if value is not None]
    return Released(count=sum(kept), cells=len(kept), held_back=len(values) - len(kept))


def _draw(cell: Cell, key: bytes) -> float:
    """A number from 0 up to 1 that belongs to the cell."""
    name = "\x1f".join(cell).encode()
    return int.from_bytes(hmac.digest(key, name, hashlib.sha256)[:7], "big") / (1 << 56)
