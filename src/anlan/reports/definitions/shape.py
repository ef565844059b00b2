"""What a definition of a figure is made of. Counting and drill-down read the very same conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.db.models import Q
from django.utils.functional import Promise

Words = str | Promise


class Kind(StrEnum):
    """How a figure is computed from its records, and with it which interval belongs to it."""

    SHARE = "share"  # numerator / denominator, Wilson interval
    PERCENTILE = "percentile"  # of the time between two moments, order-statistic interval
    COUNT = "count"  # number of records, Poisson interval
    TOTAL = "total"  # summed time between two moments; a full sum, not a sample: no interval
    RATIO = "ratio"  # count of the period / count of the same period a year before, interval from both counts
    KAPPA = "kappa"  # agreement of two people beyond chance, over pairs of values; no interval
    MISSING = "missing"  # defined, but the platform doesn't hold what it takes


class Records(StrEnum):
    """What one counted record is."""

    CALL = "call"
    INCIDENT = "incident"
    ASSIGNMENT = "assignment"
    FEEDBACK = "feedback"
    ORDER = "order"
    CLOCK = "clock"
    REVISIT = "revisit"
    TAG = "tag"
    FILE = "file"
    PUSH = "push"
    CLOSING = "closing"
    PROMISE = "promise"
    FILE_REVISIT = "file_revisit"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a figure's records that gets a figure of its own: ``key:split``.

    ``numerator`` may say more shortly what counts within the part; by default it is the figure's own.
    """

    key: str
    name: Words
    condition: Q
    numerator: Q | None = None


def no_splits() -> tuple[Split, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Kpi:
    """One edition of one figure.

    ``denominator`` says which records of the period are looked at, ``numerator`` which of those count.
    For percentiles and totals these are the records that should have both moments of ``span``, and those
    that have them in order. ``counter`` names the figures that show the price of driving this one up.
    ``years_back`` tells the figure of the same days so many years earlier. ``owing`` says which records still owe
    what they are counted by: those are looked at only once they were due (``Base.past_due``).
    ``valid_from`` is the first day for which the edition is the official one.
    """

    key: str
    group: str
    kind: Kind
    records: Records
    name: Words
    formula: Words
    denominator: Q = field(default_factory=Q)
    numerator: Q = field(default_factory=Q)
    span: tuple[str, str] | None = None
    q: float = 50.0
    counter: tuple[str, ...] = ()
    splits: Callable[[], tuple[Split, ...]] = no_splits
    lacking: Words = ""
    years_back: int = 0
    owing: Q | None = None
    version: int = 1
    valid_from: date = date(2026, 1, 1)
