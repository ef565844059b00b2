"""Units in the funnel: which of them cannot be told from chance, and when no order may be given."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from scipy.special import gammaincc

from anlan.engines.funnel.limits import ALARM, WARNING, Kind, Limits, funnel_limits, z_score

SMALLEST_UNIT = 30
WINSORISED = 0.1
"""This share of units at either end is pulled in before dispersion is judged: outliers shall not hide themselves."""
FEWEST_FOR_DISPERSION = 10
_STANDARD_NORMAL = NormalDist()
Verdict = Literal["within", "watch", "outside"]
Side = Literal["higher", "lower", "level"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: events of so many cases (share), or over so much exposure (rate). `n` is what the
    floor of thirty is held against: the cases, or for a rate the events expected or watched."""

    name: Hashable
    events: int
    size: float
    n: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit in the funnel. `verdict`: within both limits, between them (watch), outside the outer."""

    unit: Unit
    value: float
    z: float
    limits: Limits
    verdict: Verdict
    side: Side


@dataclass(frozen=True, slots=True)
class Left:
    """A unit that is not placed: its name, n, and the id of the reason."""

    name: Hashable
    n: int
    reason: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """Target, dispersion, and all units in the order they were given: a funnel ranks nobody."""

    kind: Kind
    target: float
    dispersion: float
    placed: tuple[Placed, ...]
    left_out: tuple[Left, ...]


def funnel(
    units: Sequence[Unit], *, kind: Kind, target: float | None = None, smallest: int = SMALLEST_UNIT
) -> Funnel | None:
    """Place units in a funnel around `target` (their common level unless given).

    Units with n below `smallest` are left out ("too_few"). Dispersion is the mean squared z of the
    winsorised units; it widens the limits only where it is more than chance would give (above 1 by
    more than two standard errors, see `over_dispersion`). None when fewer than two units are left
    or the common level is 0 or (for a share) 1, where no funnel exists.

    Raises ValueError for negative counts, more events than cases, or a target no funnel can have.
    """
    for unit in units:
        _check(unit, kind)
    kept = [unit for unit in units if unit.n >= smallest and unit.size > 0]
    left = _too_small(units, smallest)
    total = math.fsum(unit.size for unit in kept)
    if len(kept) < 2 or total <= 0:
        return None
    level = sum(unit.events for unit in kept) / total if target is None else target
    if target is None and (level <= 0.0 or (kind == "share" and level >= 1.0)):
        return None
    scores = [z_score(kind, level, unit.events, unit.size) for unit in kept]
    spread = over_dispersion(scores)
    return Funnel(
        kind, level, spread, tuple(_place(u, z, kind, level, spread) for u, z in zip(kept, scores, strict=True)), left
    )


def over_dispersion(scores: Sequence[float], *, winsorised: float = WINSORISED) -> float:
    """The factor by which units vary more than chance, 1.0 where they don't.

    The multiplicative model: mean of squared z after the outer `winsorised` at either end are set to
    the nearest value kept. Taken only above 1 + 2 sqrt(2 / n), which equal units pass about one
    time in forty; below that it would widen the limits for nothing. Fewer than ten units cannot
    tell a wide spread from one outlier: 1.0.
    """
    if len(scores) < FEWEST_FOR_DISPERSION:
        return 1.0
    ordered = sorted(scores)
    cut = max(1, math.floor(len(ordered) * winsorised)) if winsorised > 0 else 0
    low, high = ordered[cut], ordered[len(ordered) - 1 - cut]
    factor = math.fsum(min(max(z, low), high) ** 2 for z in ordered) / len(ordered)
    return factor if factor > 1.0 + 2.0 * math.sqrt(2.0 / len(ordered)) else 1.0


def _check(unit: Unit, kind: Kind) -> None:
    if unit.events < 0 or unit.size < 0 or not math.isfinite(unit.size):
        raise ValueError(f"{unit.name!r}: counts and sizes are not negative")
    if kind == "share" and (unit.events > unit.size or unit.size != math.floor(unit.size)):
        raise ValueError(f"{unit.name!r}: {unit.events} of {unit.size} is no share of whole cases")


def _place(unit: Unit, z: float, kind: Kind, level: float, spread: float) -> Placed:
    limits = funnel_limits(kind, level, unit.size, dispersion=spread)
    value = unit.events / unit.size
    if value < limits.low_998 or value > limits.high_998:
        verdict: Verdict = "outside"
    elif value < limits.low_95 or value > limits.high_95:
        verdict = "watch"
    else:
        verdict = "within"
    side: Side = "level" if verdict == "within" else "higher" if value > level else "lower"
    return Placed(unit, value, z / math.sqrt(spread), limits, verdict, side)


@dataclass(frozen=True, slots=True)
class Ranking:
    """An order, or the refusal of one.

    `refused` is the id of the reason or "" where an order is given: "within_noise", "too_few_units",
    or "no_variation" (nothing happened anywhere, or everything did). `tiers` then holds groups of
    names, highest level first; within a tier nobody can be told from anybody, and its names stand
    in the order they came in, not by value. `p_value` is the test that all units have one level,
    `detectable` the smallest gap to the common level that a unit of middle size would have to show.
    """

    refused: str
    tiers: tuple[tuple[Hashable, ...], ...]
    p_value: float | None
    detectable: float | None
    left_out: tuple[Left, ...]


def rank_or_refuse(units: Sequence[Unit], *, kind: Kind, smallest: int = SMALLEST_UNIT) -> Ranking:
    """Order units only as far as their differences exceed chance; refuse where they don't.

    First all units together: the sum of squared z against chi-square on n - 1 degrees. Not below
    0.05 means refused: the differences are within noise, whatever the table looks like. Otherwise
    three tiers at most: those above the outer limit, those within or at watch, those below the outer
    limit. No finer order is given, because the middle cannot carry one. Units that vary more than
    chance all over have wide limits, and are then refused as within noise too.

    Raises ValueError as `funnel` does.
    """
    placed = funnel(units, kind=kind, smallest=smallest)
    if placed is None:
        left = _too_small(units, smallest)
        return Ranking("too_few_units" if len(units) - len(left) < 2 else "no_variation", (), None, None, left)
    squares = math.fsum(z_score(kind, placed.target, p.unit.events, p.unit.size) ** 2 for p in placed.placed)
    degrees = len(placed.placed) - 1
    p_value = float(gammaincc(degrees / 2.0, squares / 2.0))
    sizes = sorted(p.unit.size for p in placed.placed)
    middle = funnel_limits(kind, placed.target, sizes[len(sizes) // 2], dispersion=placed.dispersion)
    detectable = max(middle.high_998 - placed.target, placed.target - middle.low_998)
    if p_value >= 1.0 - WARNING:
        return Ranking("within_noise", (), p_value, detectable, placed.left_out)
    tiers = tuple(
        names
        for side in ("higher", "middle", "lower")
        if (names := tuple(p.unit.name for p in placed.placed if _tier(p) == side))
    )
    if len(tiers) < 2:
        return Ranking("within_noise", (), p_value, detectable, placed.left_out)
    return Ranking("", tiers, p_value, detectable, placed.left_out)


def _tier(placed: Placed) -> str:
    return placed.side if placed.verdict == "outside" else "middle"


def _too_small(units: Sequence[Unit], smallest: int) -> tuple[Left, ...]:
    return tuple(Left(unit.name, unit.n, "too_few") for unit in units if unit.n < smallest or unit.size <= 0)


def rank_range(units: Sequence[Unit], *, kind: Kind, confidence: float = 0.90) -> dict[Hashable, tuple[int, int]]:
    """For each unit the best and worst place it could hold: 1 is the highest value.

    Place a unit above another only where their values differ by more than chance (two-sided z of
    the difference on the even scale, not corrected for the number of pairs, so a range errs on
    the narrow side only where hundreds of units stand together). Source of the idea: H. Goldstein and
    D. J. Spiegelhalter (1996), "League tables and their limitations", J. R. Statist. Soc. A 159:385.
    """
    limit = _STANDARD_NORMAL.inv_cdf(0.5 + confidence / 2.0)
    spots = [(unit.name, *_even(unit, kind)) for unit in units if unit.size > 0]
    found = {}
    for name, mine, error in spots:
        gaps = [(its - mine) / math.hypot(error, other) for who, its, other in spots if who != name]
        surely_above = sum(gap > limit for gap in gaps)
        surely_below = sum(gap < -limit for gap in gaps)
        found[name] = (1 + surely_above, len(spots) - surely_below)
    return found


def _even(unit: Unit, kind: Kind) -> tuple[float, float]:
    """(value, standard error) on the scale where the error depends on the size alone."""
    _check(unit, kind)
    if kind == "share":
        return math.asin(math.sqrt(unit.events / unit.size)), 0.5 / math.sqrt(unit.size)
    return math.sqrt(unit.events / unit.size), 0.5 / math.sqrt(unit.size)


__all__ = [
    "ALARM",
    "SMALLEST_UNIT",
    "WARNING",
    "Funnel",
    "Left",
    "Placed",
    "Ranking",
    "Unit",
    "funnel",
    "over_dispersion",
    "rank_or_refuse",
    "rank_range",
]
