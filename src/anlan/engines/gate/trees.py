"""Boosted trees read and answered with numpy alone: what was learnt is a table of nodes, not a program.

Each class has trees of its own whose values are added up; the sums go through a softmax. Learning is done elsewhere
(scikit-learn's histogram boosting); this gives the same answers, which a test holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Trees:
    """``root`` (trees,) the first node of each and ``of_class`` (trees,) what it speaks for; node by node ``feature``
    (-1 at a leaf), ``threshold`` (at most this goes left), ``left``, ``right``, ``unknown_left``, ``value``;
    ``baseline`` (classes,)."""

    classes: tuple[str, ...]
    width: int
    baseline: Floats
    root: Whole
    of_class: Whole
    feature: Whole
    threshold: Floats
    left: Whole
    right: Whole
    unknown_left: NDArray[np.bool_]
    value: Floats

    def chances(self, rows: Floats) -> Floats:
        """Probabilities (rows, classes) for figures (rows, width); NaN goes the way learnt for it."""
        if rows.ndim != 2 or rows.shape[1] != self.width:
            raise ValueError(f"rows of {self.width} figures expected, not {rows.shape}")
        if not len(rows):
            return np.zeros((0, len(self.classes)))
        node = np.broadcast_to(self.root, (len(rows), len(self.root))).copy()
        line = np.arange(len(rows))[:, None]
        while True:
            feature = self.feature[node]
            inner = feature >= 0
            if not inner.any():
                break
            figure = rows[line, np.maximum(feature, 0)]
            left = np.where(np.isnan(figure), self.unknown_left[node], figure <= self.threshold[node])
            node = np.where(inner, np.where(left, self.left[node], self.right[node]), node)
        values = self.value[node]
        sums = self.baseline + np.stack([values[:, self.of_class == k].sum(1) for k in range(len(self.classes))], 1)
        powers = np.exp(sums - sums.max(1, keepdims=True))
        chances: Floats = powers / powers.sum(1, keepdims=True)
        return chances
