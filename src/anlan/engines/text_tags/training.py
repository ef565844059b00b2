"""Fitting the linear model from examples; the same examples and seed give the same weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from anlan.engines.text_tags.danger import DangerRule, fired_rules
from anlan.engines.text_tags.features import WEIGHTS, features
from anlan.engines.text_tags.grammar import Example
from anlan.engines.text_tags.lexicon import Lexicon
from anlan.engines.text_tags.model import ANY_DANGER, IN_DANGER, TOLD_STEP, LinearModel
from anlan.engines.text_tags.reading import read
from anlan.engines.text_tags.tables import Table

LEAST_COUNT = {"g": 3, "p": 5, "c": 2, "n": 2, "x": 8, "k": 1, "r": 1}
"""A feature of each kind must occur in so many examples to be kept."""
LEAST_OF_THREE = 4
"""Runs of three characters are many; a rarer one says more about the pattern than about the call."""
STRENGTH_CODES, STRENGTH_FLAGS = 12.0, 8.0
ROUNDS, CLOSE_ENOUGH = 150, 3e-3
SMOOTHING = 0.05
KIND_SMOOTHING = 0.002
"""So little that a word never used for a kind counts against it; chosen on tellings of writers left out."""
BYTE, STEP = 127, 8


def fit(
    examples: Sequence[Example],
    lexicon: Lexicon,
    rules: Sequence[DangerRule],
    flags: Sequence[str],
    *,
    version: str,
    seed: int,
) -> LinearModel:
    """Both tables of a model (see ``model``), from the same features.

    Logistic regression weighs words against one another. Naive Bayes counts each word on its own and so
    holds up better where a narrative shares few words with the training texts; counting each code with
    and without danger apart lets one word mean danger in one matter and nothing in another. The columns
    of the flags are the mean of both.
    """
    names, table = counted(examples, lexicon, rules)
    codes = sorted({example.pattern.code for example in examples})
    target = np.array([codes.index(example.pattern.code) for example in examples])
    main = LogisticRegression(C=STRENGTH_CODES, max_iter=ROUNDS, tol=CLOSE_ENOUGH, random_state=seed).fit(
        table, target
    )
    columns, offsets = [main.coef_ / 2], list(main.intercept_ / 2)
    for flag in (*flags, ANY_DANGER):
        column, offset = flag_column(table, raised(examples, flag), seed)
        columns.append(column)
        offsets.append(offset)
    weights, scales = in_bytes(np.vstack(columns).T)
    kinds, told, slopes = told_by_kind(table, examples)
    known = (*flags, ANY_DANGER)
    lifts = np.array(offsets, np.float32)
    return LinearModel(names, tuple(codes), known, kinds, Table.of(weights), scales, lifts, told, slopes, version)


def counted(
    examples: Sequence[Example], lexicon: Lexicon, rules: Sequence[DangerRule]
) -> tuple[dict[str, int], csr_matrix]:
    """The features that are kept, each with its row in the tables, and what each example has of them."""
    bags = [_bag(example.text, lexicon, rules) for example in examples]
    names = _vocabulary(bags)
    return names, design(bags, names)


def raised(examples: Sequence[Example], flag: str) -> NDArray[np.bool_]:
    """In which examples a flag is true; ``ANY_DANGER`` where any is."""
    return np.array(
        [
            flag in example.pattern.danger or (flag == ANY_DANGER and bool(example.pattern.danger))
            for example in examples
        ]
    )


def told_by_kind(
    table: csr_matrix, examples: Sequence[Example]
) -> tuple[tuple[str, ...], Table, NDArray[np.float32]]:
    """How often each kind uses each feature: log(1 + count / smoothing) in steps, and the slope of each kind.

    That is the log-likelihood of a multinomial naive Bayes with additive smoothing, less what is the same
    for every kind, so that a feature a kind never uses is nought.
    """
    said = [example.pattern.code + (IN_DANGER if example.pattern.danger else "") for example in examples]
    kinds = sorted(set(said))
    rows = np.array([kinds.index(kind) for kind in said])
    belongs = csr_matrix((np.ones(len(said)), (rows, np.arange(len(said)))), shape=(len(kinds), len(said)))
    counts = (belongs @ table).toarray().T
    told = np.round(np.log1p(counts / KIND_SMOOTHING) / TOLD_STEP)
    slopes = -np.log(counts.sum(axis=0) + KIND_SMOOTHING * counts.shape[0])
    return tuple(kinds), Table.of(np.minimum(told, BYTE).astype(np.int8)), slopes.astype(np.float32)


def flag_column(table: csr_matrix, truth: NDArray[np.bool_], seed: int) -> tuple[NDArray[np.float64], float]:
    """Weights and offset of a flag: the mean of the log-odds of both models."""
    one = LogisticRegression(C=STRENGTH_FLAGS, max_iter=ROUNDS, tol=CLOSE_ENOUGH, random_state=seed).fit(table, truth)
    counted = MultinomialNB(alpha=SMOOTHING).fit(table, truth)
    without, having = counted.feature_log_prob_
    prior = counted.class_log_prior_[1] - counted.class_log_prior_[0]
    return (one.coef_ + (having - without)) / 2, float(one.intercept_[0] + prior) / 2


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
    kept = sorted(name for name, count in counts.items() if count >= _least(name))
    return {name: row for row, name in enumerate(kept)}


def _least(name: str) -> int:
    return LEAST_OF_THREE if name[0] == "g" and len(name) == 4 else LEAST_COUNT[name[0]]


def in_bytes(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Each column rounded to multiples of ``STEP`` between -127 and 127 of its own scale.

    So coarse a grid halves the file; on the labelled calls it moved no figure by more than chance does.
    """
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / BYTE
    steps = np.round(np.round(weights / scales) / STEP) * STEP
    return np.clip(steps, -BYTE, BYTE).astype(np.int8), scales.astype(np.float32)
