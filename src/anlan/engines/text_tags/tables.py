"""A table of small whole numbers, nearly all of them nought, kept by row.

A narrative touches some two hundred rows with a dozen entries each. Kept whole, the tables of the model
would take fifty times the memory, and reading them would cost most of a suggestion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries of chosen rows: which of the chosen, in which column, how much."""

    chosen: NDArray[np.intp]
    columns: NDArray[np.uint8]
    values: NDArray[np.float64]

    def added(self, strengths: NDArray[np.float64], width: int) -> NDArray[np.float64]:
        """The sum of the chosen rows, each times its strength: one number per column."""
        strong = self.values * strengths[self.chosen]
        return np.bincount(self.columns, weights=strong, minlength=width).astype(np.float64)

    def column(self, column: int, rows: int) -> NDArray[np.float64]:
        """One column of the chosen rows, written out."""
        here = self.columns == column
        return np.bincount(self.chosen[here], weights=self.values[here], minlength=rows).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Table:
    """Row ``r`` has its entries at ``starts[r]`` up to ``starts[r + 1]``; fewer than 256 columns."""

    starts: NDArray[np.int64]
    columns: NDArray[np.uint8]
    values: NDArray[np.int8]
    width: int

    @classmethod
    def of(cls, whole: NDArray[np.int8]) -> Table:
        """Keep what is not nought of a whole table."""
        rows, columns = np.nonzero(whole)
        counts = np.bincount(rows, minlength=len(whole)).astype(np.uint8)
        return cls.read(counts, columns.astype(np.uint8), whole[rows, columns], whole.shape[1])

    @classmethod
    def read(
        cls, counts: NDArray[np.uint8], columns: NDArray[np.uint8], values: NDArray[np.int8], width: int
    ) -> Table:
        """From the number of entries of each row, and all entries row by row."""
        starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
        return cls(starts, columns, values, width)

    @property
    def counts(self) -> NDArray[np.uint8]:
        return np.diff(self.starts).astype(np.uint8)

    def entries(self, rows: NDArray[np.intp]) -> Entries:
        """All entries of the given rows."""
        first = self.starts[rows]
        sizes = self.starts[rows + 1] - first
        chosen = np.repeat(np.arange(len(rows)), sizes)
        # Each entry's place: the start of its row, plus how far it is into the row.
        ends = np.cumsum(sizes)
        at = np.arange(len(chosen)) + (first - ends + sizes)[chosen]
        return Entries(chosen, self.columns[at], self.values[at].astype(np.float64))
