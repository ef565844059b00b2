"""Groups side by side on one day, as if all had the same mix of cases; and when that can't be said.

Groups are tracks, push levels, organisations, never people: a room that asks sees to that.
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from anlan.engines.intervals.counts import check_confidence
from anlan.engines.survival.curves import cumulative_incidence
from anlan.engines.survival.logrank import LogRank, log_rank
from anlan.engines.survival.table import EVENT

SMALLEST_GROUP = 30
SMALLEST_CELL = 5
"""A stratum counts in the adjusted figures only where every compared group has so many cases in it."""
Verdict = Literal["higher", "lower", "cannot_tell", "not_comparable"]


Estimate = tuple[float, float]
"""A share and its variance."""
Cells = dict[tuple[Hashable, Hashable], Estimate | None]
"""Estimates by group and stratum."""
_REST = "all other groups"


@dataclass(frozen=True, slots=True)
class Followed:
    """One file: days watched, outcome (0 none yet, 1 came back, 2 and up competing), group and kind of case.

    `count` files of which all that is the same are one of these.
    """

    days: float
    outcome: int
    group: Hashable
    stratum: Hashable = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """The files of one group and stratum."""

    files: tuple[Followed, ...]
    n: int


Table = dict[tuple[Hashable, Hashable], Cell]
"""Files by group and stratum."""


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """One group on the day: recurrence-free share as it is, and adjusted to the common mix.

    `covered` is the share of the group's files in the strata used. `difference` is adjusted share
    minus that of all other groups together (also adjusted), with its interval; `verdict` says
    "cannot_tell" where that interval holds 0, and "not_comparable" where no adjusted figure exists.
    Intervals of differences are widened for the number of groups looked at (Bonferroni).
    """

    group: Hashable
    n: int
    events: int
    competing: int
    crude: tuple[float, float, float] | None
    adjusted: tuple[float, float, float] | None
    covered: float
    difference: tuple[float, float, float] | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Refusal:
    """A group that is not shown, with its n and the id of the reason."""

    group: Hashable
    n: int
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it: figures in the order of first appearance, never in order of rank."""

    day: float
    groups: tuple[GroupFigure, ...]
    refused: tuple[Refusal, ...]
    strata: tuple[Hashable, ...]
    strata_left_out: tuple[Hashable, ...]
    test: LogRank | None
    told_apart: bool


def compare_groups(
    files: Sequence[Followed],
    *,
    day: float,
    smallest: int = SMALLEST_GROUP,
    smallest_cell: int = SMALLEST_CELL,
    confidence: float = 0.95,
) -> Comparison:
    """Recurrence-free shares of groups on `day`, crude and with the same mix of cases for all.

    Groups with fewer than `smallest` files are refused ("too_few"), not shown small. The adjusted
    share is a direct standardisation: the share within each stratum, weighted by how common that
    stratum is among all compared files (D. Machin, Y. B. Cheung and M. Parmar, "Survival analysis",
    2nd ed. 2006, chapter 4; variances add with squared weights). A stratum in which some group has
    fewer than `smallest_cell` files, or was not watched until `day`, is left out and named. The
    recurrence-free share is one minus the cumulative incidence, so competing ends count as what
    they are. `told_apart` says whether any verdict differs from chance.

    Raises ValueError for a day not above 0 and as `life_table` does.
    """
    check_confidence(confidence)
    if not day > 0:
        raise ValueError(f"compare on a day above 0, not {day!r}")
    sizes: Counter[Hashable] = Counter()
    for file in files:
        sizes[file.group] += file.count
    names = [name for name, n in sizes.items() if n >= smallest]
    refused = tuple(Refusal(name, n, "too_few") for name, n in sizes.items() if n < smallest)
    table = _by_cell(files, names)
    cells: Cells = {key: _free(cell.files, day) for key, cell in table.items()}
    shared, left_out = _shared_strata(table, cells, names, smallest_cell)
    weights = _weights(table, shared)
    wide = 1.0 - (1.0 - confidence) / max(1, len(names))
    figures = tuple(_figure(table, g, weights, cells, day, confidence, wide) for g in names)
    test = None
    if len(names) > 1:
        kept = [file for cell in table.values() for file in cell.files]
        lists = ([f.days for f in kept], [f.outcome for f in kept], [f.group for f in kept])
        test = log_rank(*lists, strata=[f.stratum for f in kept], counts=[f.count for f in kept])
    apart = any(figure.verdict in ("higher", "lower") for figure in figures)
    return Comparison(day, figures, refused, tuple(shared), tuple(left_out), test, apart)


def _by_cell(files: Sequence[Followed], names: Sequence[Hashable]) -> Table:
    """The files of the named groups by group and stratum."""
    found: dict[tuple[Hashable, Hashable], list[Followed]] = {}
    wanted = frozenset(names)
    for file in files:
        if file.group in wanted:
            found.setdefault((file.group, file.stratum), []).append(file)
    return {key: Cell(tuple(cell), sum(file.count for file in cell)) for key, cell in found.items()}


def _shared_strata(
    table: Table, cells: Cells, names: Sequence[Hashable], smallest: int
) -> tuple[list[Hashable], list[Hashable]]:
    """(strata in which every group can be judged, the rest), in the order of first appearance."""
    shared: list[Hashable] = []
    left_out: list[Hashable] = []
    for stratum in dict.fromkeys(stratum for _, stratum in table):
        keys = [(name, stratum) for name in names]
        fit = all(key in table and table[key].n >= smallest and cells[key] is not None for key in keys)
        (shared if fit else left_out).append(stratum)
    return shared, left_out


def _weights(table: Table, strata: Sequence[Hashable]) -> dict[Hashable, float]:
    counts = dict.fromkeys(strata, 0)
    for (_, stratum), cell in table.items():
        if stratum in counts:
            counts[stratum] += cell.n
    return {stratum: count / sum(counts.values()) for stratum, count in counts.items()}


def _free(files: Sequence[Followed], day: float) -> Estimate | None:
    """(share without recurrence on the day, its variance); None if nobody was watched until then.

    Once nobody is left to have the event, the share can move no more and is known for any later day.
    """
    counts = [f.count for f in files]
    curve = cumulative_incidence([f.days for f in files], [f.outcome for f in files], counts=counts)
    if day > curve.last_day and any(f.outcome == 0 and f.days == curve.last_day for f in files):
        return None
    until = min(day, curve.last_day)
    read = curve.at(until)
    variance = curve.std_error_at(until) ** 2
    if variance <= 0.0:
        # Five files none of which came back are no proof of certainty: half an event among those left.
        half_event = 0.5 / (read.at_risk + 1)
        variance = half_event * (1.0 - half_event) / (read.at_risk + 1)
    return 1.0 - read.share, variance


def _standardised(
    cells: Cells,
    group: Hashable,
    weights: dict[Hashable, float],
) -> Estimate | None:
    """(adjusted share, variance) of a group over the shared strata."""
    if not weights:
        return None
    share = variance = 0.0
    for stratum, weight in weights.items():
        cell = cells[group, stratum]
        if cell is None:
            return None
        share += weight * cell[0]
        variance += weight * weight * cell[1]
    return share, variance


def _figure(
    table: Table,
    group: Hashable,
    weights: dict[Hashable, float],
    cells: Cells,
    day: float,
    confidence: float,
    wide: float,
) -> GroupFigure:
    mine = [file for (its, _), cell in table.items() if its == group for file in cell.files]
    n = sum(file.count for file in mine)
    crude, adjusted = _free(mine, day), _standardised(cells, group, weights)
    rest = _rest(table, group, weights, day)
    difference, verdict = _verdict(adjusted, rest, wide)
    covered = sum(file.count for file in mine if file.stratum in weights) / n
    return GroupFigure(
        group,
        n,
        sum(file.count for file in mine if file.outcome == EVENT),
        sum(file.count for file in mine if file.outcome > EVENT),
        _interval(crude, confidence),
        _interval(adjusted, confidence),
        covered,
        difference,
        verdict,
    )


def _rest(table: Table, group: Hashable, weights: dict[Hashable, float], day: float) -> Estimate | None:
    """All other groups together, adjusted to the same mix."""
    others: dict[Hashable, list[Followed]] = {stratum: [] for stratum in weights}
    for (its, stratum), cell in table.items():
        if its != group and stratum in others:
            others[stratum] += cell.files
    if not all(others.values()):
        return None
    cells: Cells = {(_REST, stratum): _free(cell, day) for stratum, cell in others.items()}
    return _standardised(cells, _REST, weights)


def _verdict(
    mine: Estimate | None, rest: Estimate | None, confidence: float
) -> tuple[tuple[float, float, float] | None, Verdict]:
    if mine is None or rest is None:
        return None, "not_comparable"
    gap, spread = mine[0] - rest[0], math.sqrt(mine[1] + rest[1])
    half = NormalDist().inv_cdf(0.5 + confidence / 2.0) * spread
    low, high = gap - half, gap + half
    return (gap, low, high), "higher" if low > 0 else "lower" if high < 0 else "cannot_tell"


def _interval(share: Estimate | None, confidence: float) -> tuple[float, float, float] | None:
    """(share, low, high) on the scale log(-log).

    At exactly 0 or 1 that scale has no width: there it is Wilson's limit for none of as many files
    as the variance stands for.
    """
    if share is None:
        return None
    value, variance = share
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    if not 1e-12 < value < 1.0 - 1e-12:
        away = z * z / (math.sqrt(0.5 / variance) + z * z)
        return (1.0, 1.0 - away, 1.0) if value > 0.5 else (0.0, 0.0, away)
    spread = z * math.sqrt(variance) / (value * math.log(value))
    ends = sorted(float(np.power(value, math.exp(sign * spread))) for sign in (-1.0, 1.0))
    return value, ends[0], ends[1]
