"""Selective asking of ratings: three looks at every unit, none of which needs anybody's opinion of it.

1. *Whom*: were matters that went smoothly asked more often than those that did not?
2. *What*: are those who were asked more content than those who were not, as a blind call found them?
3. *How fast*: do answers come in the very minute of asking, as they do when the asker holds the phone?

A unit is an organisation, never a person. Too few cases are said to be too few; of many units looked at, some
would stand out by chance alone, and that is allowed for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import scipy

from anlan.engines.intervals import wilson_interval

CONTENT_FROM = 4
"""Ratings of 4 and 5 count as content."""


@dataclass(frozen=True, slots=True)
class Closing:
    """One closed matter: of which unit, whether its reporter was asked, and what is known of how it went.

    ``rough`` - it was not settled, came back for correction, was sent back and forth, or was opened again.
    ``rating`` 1 to 5 where the asked one answered, ``answered_s`` seconds after being asked. ``blind_content``
    is what a call by somebody who did not handle it found, where one was made.
    """

    unit: str
    asked: bool
    rough: bool
    rating: int | None = None
    answered_s: float | None = None
    blind_content: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at one unit: two shares, what parts them, with interval, chance and whether it stands out.

    ``gap`` is first minus second; ``p`` the chance of such a gap or a larger one where nothing is amiss.
    """

    look: str
    first: tuple[int, int]
    second: tuple[int, int]
    gap: float
    low: float
    high: float
    p: float
    stands_out: bool = False


@dataclass(frozen=True, slots=True)
class UnitAsking:
    """What can be said of one unit; ``too_few`` names the looks its cases do not suffice for."""

    unit: str
    closings: int
    asked: int
    answered: int
    findings: tuple[Finding, ...] = ()
    too_few: tuple[str, ...] = ()

    @property
    def stands_out(self) -> bool:
        return any(finding.stands_out for finding in self.findings)


@dataclass
class _Counts:
    asked: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    all: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    content: int = 0
    answered: int = 0
    blind_content: int = 0
    blind: int = 0
    quick: int = 0


def asking_of(
    closings: Iterable[Closing],
    *,
    least: int = 30,
    false_share: float = 0.05,
    gap: float = 0.10,
    quick_s: float = 60.0,
) -> list[UnitAsking]:
    """Every unit with its three looks, by name. ``least`` cases are wanted on either side of a look.

    A finding stands out when it is at least ``gap`` wide and survives the step-up rule at ``false_share``: of
    all that stand out, that share at most is expected to be chance. Source: Y. Benjamini, Y. Hochberg (1995),
    "Controlling the false discovery rate", J. R. Stat. Soc. B 57:289-300.

    Raises ValueError for ``least`` < 1 or a share outside (0, 1).
    """
    if least < 1 or not 0.0 < false_share < 1.0:
        raise ValueError(f"least must be 1 or more and false_share within (0, 1): {least}, {false_share}")
    counts = _counted(closings, quick_s)
    quick_all = sum(c.quick for c in counts.values()), sum(c.answered for c in counts.values())
    looked = {unit: _looks(c, quick_all, least) for unit, c in counts.items()}
    return asking_weigh(
        [
            UnitAsking(
                unit,
                sum(c.all.values()),
                sum(c.asked.values()),
                c.answered,
                tuple(f for f in looked[unit] if isinstance(f, Finding)),
                tuple(f for f in looked[unit] if isinstance(f, str)),
            )
            for unit, c in sorted(counts.items())
        ],
        false_share=false_share,
        gap=gap,
    )


def _counted(closings: Iterable[Closing], quick_s: float) -> dict[str, _Counts]:
    counts: dict[str, _Counts] = {}
    for row in closings:
        unit = counts.setdefault(row.unit, _Counts())
        unit.all[row.rough] += 1
        unit.asked[row.rough] += row.asked
        if row.asked and row.rating is not None:
            unit.answered += 1
            unit.content += row.rating >= CONTENT_FROM
            unit.quick += row.answered_s is not None and row.answered_s <= quick_s
        elif not row.asked and row.blind_content is not None:
            unit.blind += 1
            unit.blind_content += row.blind_content
    return counts


def _looks(c: _Counts, quick_all: tuple[int, int], least: int) -> list[Finding | str]:
    """Each look as a finding, or its name where the cases do not suffice."""
    others = quick_all[0] - c.quick, quick_all[1] - c.answered
    return [
        _compared("whom", (c.asked[False], c.all[False]), (c.asked[True], c.all[True]), least),
        _compared("content", (c.content, c.answered), (c.blind_content, c.blind), least),
        _quick((c.quick, c.answered), others, least),
    ]


def _compared(look: str, first: tuple[int, int], second: tuple[int, int], least: int) -> Finding | str:
    """Two shares against each other, one-sided, exactly (R. A. Fisher 1922)."""
    if min(first[1], second[1]) < least:
        return look
    table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
    return _finding(look, first, second, float(scipy.stats.fisher_exact(table, alternative="greater").pvalue))


def _quick(own: tuple[int, int], others: tuple[int, int], least: int) -> Finding | str:
    """A unit's share of answers given at once against the share everywhere else."""
    if min(own[1], others[1]) < least:
        return "quick"
    # One is added on either side: where nobody else ever answered at once, the first to do so proves nothing yet.
    usual = (others[0] + 1) / (others[1] + 2)
    return _finding(
        "quick", own, others, float(scipy.stats.binomtest(own[0], own[1], usual, alternative="greater").pvalue)
    )


def _finding(look: str, first: tuple[int, int], second: tuple[int, int], p: float) -> Finding:
    low, high = _gap_interval(first, second)
    return Finding(look, first, second, first[0] / first[1] - second[0] / second[1], low, high, min(1.0, p))


def _gap_interval(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """95 % interval of the difference of two shares, from the two Wilson intervals.

    Source: R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 17:873-890, method 10.
    """
    (a, m), (b, n) = first, second
    low_a, high_a = wilson_interval(a, m)
    low_b, high_b = wilson_interval(b, n)
    one, two = a / m, b / n
    down: float = ((one - low_a) ** 2 + (high_b - two) ** 2) ** 0.5
    up: float = ((high_a - one) ** 2 + (two - low_b) ** 2) ** 0.5
    return max(-1.0, one - two - down), min(1.0, one - two + up)


def asking_weigh(units: Sequence[UnitAsking], *, false_share: float, gap: float) -> list[UnitAsking]:
    """Mark which findings stand out when all of them are looked at together."""
    chances = sorted(finding.p for unit in units for finding in unit.findings)
    passed = [p for rank, p in enumerate(chances, start=1) if p <= false_share * rank / len(chances)]
    bar = max(passed, default=-1.0)

    def marked(finding: Finding) -> Finding:
        out = finding.p <= bar and finding.gap >= gap
        f = finding
        return Finding(f.look, f.first, f.second, f.gap, f.low, f.high, f.p, out)

    return [
        UnitAsking(u.unit, u.closings, u.asked, u.answered, tuple(map(marked, u.findings)), u.too_few) for u in units
    ]
