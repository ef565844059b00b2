"""Weights from labelled comparisons: a logistic regression over the findings, pulled towards nothing."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from anlan.engines.recurrence.features import FINDINGS, SILENT, Finding
from anlan.engines.recurrence.match import Weights

PULL = 1.0
"""Inverse strength of the pull of every weight towards zero."""
_PLACES = 2


def fit_weights(
    compared: Sequence[Sequence[Finding]], is_same: Sequence[bool], *, version: str, pull: float = PULL
) -> Weights:
    """Weights by which the sum over the findings is the log-odds that call and file are one quarrel.

    `compared[k]` are the findings of one pair, `is_same[k]` whether it truly is one quarrel. Rounded
    to two decimals, so that a table can be read and a refit compared. Raises ValueError unless
    there are pairs of both sorts.
    """
    if len(compared) != len(is_same) or not any(is_same) or all(is_same):
        raise ValueError("the fit needs as many labels as pairs, and pairs of both sorts")
    column = {(f, x): k for k, (f, x) in enumerate((f, x) for f, names in FINDINGS.items() for x in names)}
    table = np.zeros((len(compared), len(column)))
    for row, findings in enumerate(compared):
        for told in findings:
            table[row, column[told.feature, told.finding]] = 1.0
    model = LogisticRegression(C=pull, max_iter=2000, tol=1e-6).fit(table, np.asarray(is_same))
    found: dict[str, dict[str, float]] = {feature: {} for feature in FINDINGS}
    for (feature, finding), k in column.items():
        if table[:, k].any():
            found[feature][finding] = float(model.coef_[0, k])
    constant = float(model.intercept_[0])
    for feature, silent in SILENT.items():
        # Moving all weights of a feature and the constant against each other changes no sum.
        shift = found[feature].get(silent, 0.0)
        constant += shift
        found[feature] = {finding: weight - shift for finding, weight in found[feature].items()}
    rounded = {f: {name: round(w, _PLACES) + 0.0 for name, w in names.items()} for f, names in found.items()}
    return Weights(version, round(constant, _PLACES), rounded)
