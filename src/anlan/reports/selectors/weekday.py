"""Today against the same weekday: the last eight of them, up to the same moment of the day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.engines.intervals import mean_interval, next_interval
from anlan.reports.definitions import BASES, Kpi, Slice
from anlan.reports.selectors.kpi import conditions_of, kpi_find, part_of, rows_of

WEEKS = 8
HOUR_S = 3600.0
WEEKDAY_VERSION = 1
"""Edition of the comparison: eight weeks, days before the first record left out, Student's intervals."""
ALL_TIME = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2990, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class WeekdayPast:
    """When the records of each of the same weekdays came, in seconds since that day's midnight, ascending."""

    key: str
    part: str
    days: tuple[date, ...]
    moments: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Against:
    """Today's count beside the mean of ``n`` like days, up to the same moment.

    ``low``–``high`` is the interval of the mean, ``usual_low``–``usual_high`` where nineteen in twenty like
    days would lie; all None with fewer than two days. ``counts`` are the days themselves, newest first.
    """

    now: int
    mean: float | None
    low: float | None
    high: float | None
    usual_low: float | None
    usual_high: float | None
    counts: tuple[tuple[date, int], ...]

    @property
    def n(self) -> int:
        return len(self.counts)

    @property
    def verdict(self) -> str:
        """ "above", "below" or "usual"; empty where there are too few days to tell."""
        if self.usual_low is None or self.usual_high is None:
            return ""
        if self.now > self.usual_high:
            return "above"
        return "below" if self.now < self.usual_low else "usual"


def weekday_past(
    actor: Actor,
    key: str,
    *,
    day: date,
    part: str = "numerator",
    organisation: Organisation | None = None,
) -> WeekdayPast:
    """The records a figure counts (or looks at: ``part="denominator"``) on the eight same weekdays before ``day``.

    Days before the first record of that kind are left out: nothing was on record then, not nothing happened.
    Two queries, each over the index of its moments; what came on other weekdays is not read.
    Raises ``FigureUnknown``.
    """
    kpi, split = kpi_find(key, on=_midnight(day))
    looked_at, counting = conditions_of(kpi, split)
    condition = counting if part == "numerator" else looked_at
    first = _first_day(kpi)
    days = [day - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    days = [each for each in days if first is not None and each > first]
    order = BASES[kpi.records].order
    rows = [_rows(kpi, actor, each, organisation).filter(condition).values_list(order, flat=True) for each in days]
    moments: dict[date, list[float]] = {each: [] for each in days}
    zone = timezone.get_current_timezone()
    for at in rows[0].union(*rows[1:], all=True) if rows else ():
        local = at.astimezone(zone)
        moments[local.date()].append((at - _midnight(local.date())).total_seconds())
    return WeekdayPast(key, part, tuple(days), tuple(tuple(sorted(moments[each])) for each in days))


def against_weekday(past: WeekdayPast, count: int, *, at: datetime) -> Against:
    """``count`` of today so far beside the same weekdays up to the same moment."""
    second = (at - _midnight(timezone.localtime(at).date())).total_seconds()
    return _against(past, count, [bisect_left(row, second) for row in past.moments])


def against_hours(past: WeekdayPast, counts: Mapping[int, int]) -> list[Against]:
    """The 24 hours of the day, each of today's counts beside the same hour of the same weekdays."""
    return [
        _against(
            past,
            counts.get(hour, 0),
            [bisect_left(row, (hour + 1) * HOUR_S) - bisect_left(row, hour * HOUR_S) for row in past.moments],
        )
        for hour in range(24)
    ]


def _against(past: WeekdayPast, count: int, before: list[int]) -> Against:
    counts = [float(n) for n in before]
    low, high = mean_interval(counts) or (None, None)
    usual_low, usual_high = next_interval(counts) or (None, None)
    return Against(
        now=count,
        mean=sum(counts) / len(counts) if counts else None,
        low=None if low is None else max(0.0, low),
        high=high,
        usual_low=None if usual_low is None else max(0.0, usual_low),
        usual_high=usual_high,
        counts=tuple(zip(past.days, before, strict=True)),
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _rows(kpi: Kpi, actor: Actor, day: date, organisation: Organisation | None) -> QuerySet[Any]:
    piece = part_of(actor, _midnight(day), _midnight(day + timedelta(days=1)), organisation, None)
    return rows_of(kpi.records, piece)


def _first_day(kpi: Kpi) -> date | None:
    """The day of the first record of that kind anywhere; that day itself may be cut short."""
    order = BASES[kpi.records].order
    everything = Slice(SYSTEM, *ALL_TIME)
    first = rows_of(kpi.records, everything).order_by(order).values_list(order, flat=True)[:1]
    return next((timezone.localtime(at).date() for at in first), None)
