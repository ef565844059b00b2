"""Trees answer the same as those they were taken from, and survive being written down."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.engines.gate import Trees
from anlan.equipment.learnt import trees_read, trees_write


def one_tree() -> Trees:
    """Below or at 2.5 speaks for "in" (+1), above against it (-1); unknown goes left. "out" always says 0."""
    return Trees(
        classes=("in", "out"), width=1, baseline=np.zeros(2), root=np.array([0, 3]), of_class=np.array([0, 1]),
        feature=np.array([0, -1, -1, -1]), threshold=np.array([2.5, 0, 0, 0]), left=np.array([1, 0, 0, 0]),
        right=np.array([2, 0, 0, 0]), unknown_left=np.array([True, False, False, False]),
        value=np.array([0.0, 1.0, -1.0, 0.0]),
    )  # fmt: skip


def test_one_tree_by_hand():
    chances = one_tree().chances(np.array([[2.5], [2.6], [np.nan]]))
    yes = np.e / (np.e + 1)
    assert chances[:, 0] == pytest.approx([yes, 1 - yes, yes])


def test_written_and_read_they_answer_the_same():
    rows = np.linspace(0, 5, 7)[:, None]
    assert trees_read(trees_write(one_tree())).chances(rows) == pytest.approx(one_tree().chances(rows))


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="1 figures"):
        one_tree().chances(np.zeros((2, 3)))


def test_they_answer_as_scikit_learn_does():
    from sklearn.ensemble import HistGradientBoostingClassifier

    from anlan.config import gate_learning

    rng = np.random.default_rng(1)
    rows = rng.normal(size=(300, gate_learning.WIDTH))
    rows[rng.random(rows.shape) < 0.1] = np.nan
    movements = np.array(gate_learning.MOVEMENTS)[rng.integers(0, 5, 300)]
    model = HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=6, random_state=0).fit(rows, movements)
    assert gate_learning.trees_of(model).chances(rows) == pytest.approx(model.predict_proba(rows), abs=1e-6)
