"""Learn from simulated doors how to tell movements apart: rows with their truth, and trees from them."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.gate import MOVEMENTS, WIDTH, Passage, Trees, passages_of, table
from anlan.engines.gate_simulator import LAYOUTS, TruePassage, passages
from anlan.engines.rfid import Event

LEARNT_ON = range(1_000, 1_150)
"""Doors that are learnt on; rules were chosen on those up to 1,999; whoever judges takes others."""


@dataclass(frozen=True, slots=True)
class Day:
    """One door's stream cut into passages, each beside what truly happened then (None: nobody was there)."""

    seed: int
    passages: list[tuple[Passage, TruePassage | None]]
    truths: list[TruePassage]
    cut_s: float
    """Processor time it took to cut the events into passages."""


def planes_of(layout: str) -> dict[int, int]:
    """Antenna as readers count (from 1) -> -1 outer or 1 inner plane."""
    return dict(enumerate(LAYOUTS[layout].planes, start=1))


def day_of(seed: int, count: int, layout: str, *, scenario: str = "") -> Day:
    """So many passages at the door of a seed, as the pipeline sees them."""
    told = list(passages(seed, count, layout, scenario=scenario))
    events: list[Event] = [event for one in told for event in one.events]
    truths = [one.truth for one in told]
    reference = frozenset(t.epc for t in truths[0].things if t.kind == "reference")
    begin = time.process_time()
    cut = passages_of(events, reference)
    return Day(seed, list(beside(cut, truths)), truths, time.process_time() - begin)


def beside(cut: Iterable[Passage], truths: list[TruePassage]) -> Iterator[tuple[Passage, TruePassage | None]]:
    """Each passage with the true one it overlaps most, by the server's clock."""
    begins = [truth.t_us for truth in truths]
    for passage in cut:
        begin_us, end_us = passage.begin_us + passage.right_by_us, passage.end_us + passage.right_by_us
        near = truths[max(0, bisect_right(begins, begin_us) - 1) : bisect_right(begins, end_us)]
        overlaps = [(min(end_us, truth.until_us) - max(begin_us, truth.t_us), truth) for truth in near]
        most = max(overlaps, key=lambda one: one[0], default=(-1, None))
        yield passage, most[1] if most[0] >= 0 else None


def rows_of(day: Day, layout: str) -> tuple[NDArray[np.float64], list[str]]:
    """Figures of each tag heard in a passage and what it truly did."""
    planes = planes_of(layout)
    found, labels = [np.zeros((0, WIDTH))], []
    for passage, truth in day.passages:
        movement = {} if truth is None else {thing.epc: thing.movement for thing in truth.things}
        tags, rows = table(passage, planes)
        found.append(rows)
        labels += [movement.get(tag, "static") for tag in tags]
    return np.concatenate(found), labels


def learn(layout: str, seeds: Iterable[int], count: int, *, rounds: int = 200) -> Trees:
    """Trees from ``count`` passages at each of the doors."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    tables = [rows_of(day_of(seed, count, layout), layout) for seed in seeds]
    rows = np.concatenate([figures for figures, _ in tables])
    labels = [label for _, more in tables for label in more]
    # A door without barriers tells nothing of them: a column without a figure is none.
    rows[:, np.isnan(rows).all(0)] = 0.0
    model = HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=0.08,
        max_leaf_nodes=24,
        l2_regularization=2.0,
        max_features=0.3,
        random_state=0,
    ).fit(rows, labels)
    return trees_of(model)


def trees_of(model: object) -> Trees:
    """The nodes of scikit-learn's trees, laid one after the other."""
    parts, root, of_class, begin = [], [], [], 0
    for each in model._predictors:  # type: ignore[attr-defined]
        for number, one in enumerate(each):
            nodes = one.nodes
            root.append(begin)
            of_class.append(number)
            parts.append((nodes, begin))
            begin += len(nodes)
    leaf = np.concatenate([nodes["is_leaf"] for nodes, _ in parts]).astype(bool)
    feature = np.concatenate([nodes["feature_idx"] for nodes, _ in parts]).astype(np.int64)
    names = tuple(str(name) for name in model.classes_)  # type: ignore[attr-defined]
    assert names == MOVEMENTS
    return Trees(
        classes=names,
        width=WIDTH,
        baseline=np.asarray(model._baseline_prediction, dtype=np.float64).reshape(-1),  # type: ignore[attr-defined]
        root=np.array(root),
        of_class=np.array(of_class),
        feature=np.where(leaf, -1, feature),
        threshold=np.concatenate([nodes["num_threshold"] for nodes, _ in parts]).astype(float),
        left=np.concatenate([nodes["left"].astype(np.int64) + at for nodes, at in parts]),
        right=np.concatenate([nodes["right"].astype(np.int64) + at for nodes, at in parts]),
        unknown_left=np.concatenate([nodes["missing_go_to_left"] for nodes, _ in parts]).astype(bool),
        value=np.concatenate([nodes["value"] for nodes, _ in parts]).astype(float),
    )
