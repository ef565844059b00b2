"""Whose records, of which time: what every kind of record is narrowed by."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import DateField, DateTimeField, F, Q, QuerySet, Value
from django.utils import timezone

from anlan.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Slice:
    """Whose records, of which time, and optionally of which organisations and source.

    ``start`` belongs to the period, ``end`` does not. ``at`` is the moment up to which anything is known, where the
    period may end later: what is due after it has not been missed.
    """

    actor: Actor
    start: datetime
    end: datetime
    org_ids: frozenset[int] | None = None
    source: str | None = None
    at: datetime | None = None

    @property
    def known_until(self) -> datetime:
        """The end of the period, or the moment it is asked at where that comes first."""
        return self.end if self.at is None else min(self.end, self.at)

    @property
    def asked_at(self) -> datetime:
        """The moment it is asked at; the end of the period where nobody said."""
        return self.end if self.at is None else self.at


def years_before(part: Slice, years: int) -> Slice:
    """The same local days ``years`` earlier; 29 February becomes the 28th."""
    if not years:
        return part
    return replace(part, start=_years_before(part.start, years), end=_years_before(part.end, years))


FIRST_YEAR = 2
"""The calendar of this language begins with year 1, and zones need a day to spare; nothing was counted before."""


def _years_before(moment: datetime, years: int) -> datetime:
    local = timezone.localtime(moment)
    year = max(FIRST_YEAR, local.year - years)
    day = min(local.day, monthrange(year, local.month)[1])
    return local.replace(year=year, day=day)


@dataclass(frozen=True, slots=True)
class Base:
    """One kind of record: its rows, what is derived for each, and the order in which they are listed.

    ``due`` is the column that says by when, or on which day, it is due; rows then know when they are asked about.
    """

    rows: Callable[[Slice], QuerySet[Any]]
    derived: Mapping[str, Any]
    order: str
    due: str = ""

    @property
    def past_due(self) -> Q:
        """Was due by the moment it is asked at; a day is past once it is over."""
        return Q(**{f"{self.due}__lt": F(ASKED)})


ASKED = "asked"
"""Under what the rows of a base with ``due`` know the moment, or the local day, they are asked at."""


def asked_on(part: Slice) -> Value:
    """For what is due by days: the local day it is asked on."""
    return Value(timezone.localtime(part.asked_at).date(), output_field=DateField())


def asked_at(part: Slice) -> Value:
    """For what is due by a moment."""
    return Value(part.asked_at, output_field=DateTimeField())


def in_period(part: Slice, column: str) -> Q:
    """The moment in this column lies in the period."""
    return Q(**{f"{column}__gte": part.start, f"{column}__lt": part.end})


def within_orgs(part: Slice, *columns: str) -> Q:
    """Rows of the asked organisations, by any of the owning columns."""
    found = Q()
    if part.org_ids is not None:
        for column in columns:
            found |= Q(**{f"{column}__in": part.org_ids})
    return found
