"""The clocks of town rooms by the hour of routing, and for the hours in which most orders come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.reports.definitions import (
    CLOCKS,
    PEAK_SHARE,
    Kpi,
    Records,
    definitions_in_force,
    hours_key,
    hours_named,
    hours_part,
)
from anlan.reports.selectors.day_sums import conditions_of, count_where
from anlan.reports.selectors.exports import Cell, Sheet
from anlan.reports.selectors.figures import Figure, figure_of
from anlan.reports.selectors.kpi import part_of, rows_of

HOURS = tuple(range(24))
Counts = dict[int, dict[str, int]]


@dataclass(frozen=True, slots=True)
class ClockRow:
    """The clocks over the orders routed in some hours of the day; ``orders`` is how many there were.

    ``kind`` is "all", "peak", "other" or "hour".
    """

    kind: str
    hours: tuple[int, ...]
    orders: int
    clocks: tuple[Figure, ...]

    @property
    def named(self) -> str:
        """The hours in words; empty for the whole day."""
        return hours_named(self.hours) if len(self.hours) < len(HOURS) else ""


@dataclass(frozen=True, slots=True)
class ClockHours:
    """Every clock for the whole day, the peak, the other hours, and hour by hour; ``end`` as it was counted."""

    start: datetime
    end: datetime
    clocks: tuple[Kpi, ...]
    rows: tuple[ClockRow, ...]

    @property
    def whole(self) -> ClockRow:
        return self.rows[0]


def clock_hours(
    actor: Actor, *, start: datetime, end: datetime, at: datetime, organisation: Organisation | None = None
) -> ClockHours:
    """The clocks of the orders of a period as known ``at``, and never later than its end. One query.

    Each figure opens to its records by its ``records``. Raises ``PeriodRefused`` where nothing has happened yet.
    """
    end = min(end, at)
    part = part_of(actor, start, end, organisation, None)
    held = definitions_in_force(timezone.localtime(start).date(), CLOCKS)
    clocks = tuple(held.values())
    asked = {"all": Count("pk")}
    for kpi in clocks:
        looked_at, counting = conditions_of(kpi, None)
        asked |= {f"d_{kpi.key}": count_where(looked_at), f"n_{kpi.key}": count_where(counting)}
    counts: Counts = {row.pop("hour"): row for row in rows_of(Records.CLOCK, part).values("hour").annotate(**asked)}
    period = {"start": start.isoformat(), "end": end.isoformat()}
    if organisation is not None:
        period["organisation"] = organisation.code
    peak = peak_hours({hour: row["all"] for hour, row in counts.items()})
    wanted: list[tuple[str, tuple[int, ...]]] = [("all", HOURS)]
    if peak:
        wanted += [("peak", peak), ("other", tuple(hour for hour in HOURS if hour not in peak))]
    wanted += [("hour", (hour,)) for hour in HOURS]
    return ClockHours(
        start, end, clocks, tuple(_row(clocks, kind, hours, counts, period) for kind, hours in wanted if hours)
    )


def peak_hours(orders: Mapping[int, int]) -> tuple[int, ...]:
    """The fewest hours of the day that hold half of all orders, of two alike the earlier; empty without orders."""
    whole, found, held = sum(orders.values()), [], 0
    for hour, count in sorted(orders.items(), key=lambda pair: (-pair[1], pair[0])):
        if held >= PEAK_SHARE * whole:
            break
        found.append(hour)
        held += count
    return tuple(sorted(found))


def _row(
    clocks: tuple[Kpi, ...], kind: str, hours: tuple[int, ...], counts: Counts, period: Mapping[str, str]
) -> ClockRow:
    def summed(name: str) -> int:
        return sum(counts[hour][name] for hour in hours if hour in counts)

    figures = []
    for kpi in clocks:
        key = hours_key(hours)
        split = None if kind == "all" else hours_part(kpi, key)
        figures.append(
            figure_of(
                kpi,
                numerator=summed(f"n_{kpi.key}"),
                denominator=summed(f"d_{kpi.key}"),
                split=split,
                records={"key": kpi.key if split is None else f"{kpi.key}:{key}", **period},
            )
        )
    return ClockRow(kind, hours, summed("all"), tuple(figures))


def clock_hours_sheet(told: ClockHours) -> Sheet:
    """The same as a table for a spreadsheet: a row for each clock in each stretch of hours."""
    head = [
        _("Hours"), _("Orders"), _("Figure"), _("Name"), _("Value"), _("Counted"), _("Looked at"), "n",
        _("Interval from"), _("Interval to"), _("Method"), _("Formula"), _("Version"),
    ]  # fmt: skip
    kinds = {"all": _("All day"), "peak": _("Peak"), "other": _("Other hours"), "hour": ""}
    rows: list[list[Cell]] = [
        [
            f"{kinds[row.kind]} {row.named}".strip(), row.orders, figure.key, str(kpi.name), figure.value,
            figure.numerator, figure.denominator, figure.n, figure.low, figure.high, str(figure.method),
            str(figure.formula), figure.version,
        ]
        for row in told.rows
        for kpi, figure in zip(told.clocks, row.clocks, strict=True)
    ]  # fmt: skip
    rows.append([_("Period"), None, _local(told.start), _local(told.end)])
    return Sheet(_("Clocks of town rooms by hour"), head, rows)


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
