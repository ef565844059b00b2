"""Fitting the linear model from examples; the same examples and seed give the same weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from anlan.engines.text_tags.danger import DangerRule, fired_rules
from anlan.engines.text_tags.features import WEIGHTS, features
from anlan.engines.text_tags.grammar import Example
from anlan.engines.text_tags.lexicon import Lexicon
from anlan.engines.text_tags.model import LinearModel
from anlan.engines.text_tags.reading import read

LEAST_COUNT = {"g": 3, "p": 4, "c": 2, "n": 2, "x": 5, "k": 1, "r": 1}
"""A feature of each kind must occur in so many examples to be kept."""
STRENGTH_CODES, STRENGTH_FLAGS = 12.0, 8.0
BYTE = 127


def fit(
    examples: Sequence[Example],
    lexicon: Lexicon,
    rules: Sequence[DangerRule],
    flags: Sequence[str],
    *,
    version: str,
    seed: int,
) -> LinearModel:
    """Multinomial logistic regression for the codes, one logistic regression for each flag."""
    bags = [_bag(example.text, lexicon, rules) for example in examples]
    names = _vocabulary(bags)
    table = design(bags, names)
    codes = sorted({example.pattern.code for example in examples})
    target = np.array([codes.index(example.pattern.code) for example in examples])
    main = LogisticRegression(C=STRENGTH_CODES, max_iter=400, tol=1e-3, random_state=seed).fit(table, target)
    columns, offsets = [main.coef_], list(main.intercept_)
    for flag in flags:
        truth = np.array([flag in example.pattern.danger for example in examples])
        one = LogisticRegression(C=STRENGTH_FLAGS, max_iter=400, tol=1e-3, random_state=seed).fit(table, truth)
        columns.append(one.coef_)
        offsets.append(float(one.intercept_[0]))
    weights, scales = _bytes(np.vstack(columns).T)
    return LinearModel(names, tuple(codes), tuple(flags), weights, scales, np.array(offsets, np.float32), version)


def design(bags: Sequence[Sequence[str]], names: dict[str, int]) -> csr_matrix:
    """Rows of length one over the kept features."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for bag in bags:
        kept = [name for name in bag if name in names]
        strength = np.array([WEIGHTS[name[0]] for name in kept])
        columns.extend(names[name] for name in kept)
        values.extend(strength / (np.sqrt(np.sum(strength**2)) or 1.0))
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(bags), len(names)))


def _bag(text: str, lexicon: Lexicon, rules: Sequence[DangerRule]) -> list[str]:
    reading = read(text, lexicon)
    return features(reading, [fired.rule_id for fired in fired_rules(reading, rules)])


def _vocabulary(bags: Sequence[Sequence[str]]) -> dict[str, int]:
    counts = Counter(name for bag in bags for name in bag)
    kept = sorted(name for name, count in counts.items() if count >= LEAST_COUNT[name[0]])
    return {name: row for row, name in enumerate(kept)}


def _bytes(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Each column rounded to whole numbers between -127 and 127 of its own scale."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / BYTE
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)
