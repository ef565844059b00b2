"""Weights from labelled calls: each picks one of its candidates or none, and the weights make that pick likely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from anlan.engines.recurrence.features import BY_PLACE, FINDINGS, SILENT, STANDINGS, Finding, standing_of
from anlan.engines.recurrence.match import Weights

PULL = 1.0
"""Strength of the pull of every weight towards zero."""
SEEN_AT_LEAST = 30
"""A weight by standing is fitted where so many candidates show it; elsewhere the plain weight has to do."""
_PLACES = 2
_Column = tuple[str, str, str]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """A call's candidates by file id with their findings, and which of them is truly its own (None: none is)."""

    found: Mapping[str, Sequence[Finding]]
    own: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _Choices:
    """The candidates of all calls: their findings, whose call each row is, and which row a call picks (-1: none)."""

    table: csr_matrix
    call: NDArray[np.int64]
    own: NDArray[np.int64]


def fit_weights(judged: Sequence[Judged], *, version: str, pull: float = PULL) -> Weights:
    """Weights by which `with_rivals` gives each call's own file, or none, the highest probability.

    A conditional logit: what is fitted is the very probability that is offered, rivals and "no file at all"
    included. (Pairs judged one by one, as in `recurrence-2`, know of no rivals: where many files stand at a place
    their scores came out too modest.) Source: D. McFadden (1974), "Conditional logit analysis of qualitative choice
    behavior", in P. Zarembka (ed.), "Frontiers in econometrics", 105-142. Rounded to two decimals, so that a table
    can be read and a refit compared. Raises ValueError unless some calls have a file of their own and some none.
    """
    has = [call.own in call.found for call in judged]
    if not any(has) or all(has):
        raise ValueError("the fit needs calls that bring a file back and calls that bring none")
    columns = _columns()
    choices = _choices(judged, {name: k for k, name in enumerate(columns)})
    shown = np.asarray(choices.table.sum(axis=0)).ravel()
    enough = [shown[k] >= (SEEN_AT_LEAST if column[2] else 1) for k, column in enumerate(columns)]
    kept = np.flatnonzero(enough)
    choices = replace(choices, table=choices.table[:, kept])
    start = np.zeros(kept.size + 1)
    best = minimize(_unlikely, start, args=(choices, pull), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    fitted = {columns[k]: round(float(value), _PLACES) + 0.0 for k, value in zip(kept, best.x[:-1], strict=True)}
    found = Weights(version, round(float(best.x[-1]), _PLACES), _plain(fitted), _by_standing(fitted))
    return silent_at_nought(found)


def _columns() -> list[_Column]:
    """(feature, finding, standing) of each weight: first those of the findings alone, then what standings add."""
    alone = [(f, x, "") for f, names in FINDINGS.items() for x in names if SILENT.get(f) != x]
    return [*alone, *((f, x, standing) for standing in STANDINGS for f in BY_PLACE for x in FINDINGS[f])]


def _plain(fitted: Mapping[_Column, float]) -> dict[str, dict[str, float]]:
    found = {}
    for feature, names in FINDINGS.items():
        known = {x: 0.0 if SILENT.get(feature) == x else fitted.get((feature, x, "")) for x in names}
        found[feature] = {x: weight for x, weight in known.items() if weight is not None}
    return found


def _by_standing(fitted: Mapping[_Column, float]) -> dict[str, dict[str, dict[str, float]]]:
    return {
        standing: {
            f: {x: fitted[f, x, standing] for x in FINDINGS[f] if (f, x, standing) in fitted} for f in BY_PLACE
        }
        for standing in STANDINGS
    }


def silent_at_nought(weights: Weights) -> Weights:
    """The same sums, so written that what is silent weighs nothing wherever the place stands.

    A fit may put what the place itself says into what all findings of another feature share there. That part goes
    back to the place, where a reader looks for it.
    """
    place = dict(weights.by_finding["place"])
    by_standing = {}
    for standing, features in weights.by_standing.items():
        shared = {f: names.get(SILENT[f], 0.0) for f, names in features.items()}
        by_standing[standing] = {
            f: {x: round(names.get(x, 0.0) - shared[f], _PLACES) + 0.0 for x in FINDINGS[f] if SILENT[f] != x}
            for f, names in features.items()
        }
        for finding in [finding for finding in FINDINGS["place"] if standing_of(finding) == standing]:
            place[finding] = round(place.get(finding, 0.0) + sum(shared.values()), _PLACES)
    return Weights(weights.version, weights.constant, {**weights.by_finding, "place": place}, by_standing)


def _choices(judged: Sequence[Judged], column: Mapping[_Column, int]) -> _Choices:
    own = np.full(len(judged), -1, dtype=np.int64)
    starts: list[int] = [0]
    places: list[int] = []
    calls: list[int] = []
    for k, call in enumerate(judged):
        for file_id, findings in call.found.items():
            if file_id == call.own:
                own[k] = len(calls)
            named = (column.get((t.feature, t.finding, s)) for t in findings for s in dict.fromkeys(("", t.standing)))
            places += [place for place in named if place is not None]
            starts.append(len(places))
            calls.append(k)
    shape = (len(calls), len(column))
    table = csr_matrix((np.ones(len(places)), np.array(places, dtype=np.int64), np.array(starts)), shape=shape)
    return _Choices(table, np.array(calls, dtype=np.int64), own)


def _unlikely(weights: Floats, choices: _Choices, pull: float) -> tuple[float, Floats]:
    """Minus the log-likelihood with the pull, and its slope; "no file at all" has odds 1."""
    each, constant = weights[:-1], weights[-1]
    sums = choices.table @ each + constant
    top = np.zeros(choices.own.size)
    np.maximum.at(top, choices.call, sums)
    odds = np.exp(sums - top[choices.call])
    whole = np.exp(-top)
    np.add.at(whole, choices.call, odds)
    picked = choices.own[choices.own >= 0]
    log_likely = sums[picked].sum() - (np.log(whole) + top).sum()
    missed = -odds / whole[choices.call]
    missed[picked] += 1.0
    slope = np.append(choices.table.T @ missed - pull * each, missed.sum())
    return float(pull / 2 * (each @ each) - log_likely), -slope
