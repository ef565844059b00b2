"""Counts for outside the house: sums of released cells, and of nothing else (``engines.disclosure``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from anlan.accounts.models import Organisation
from anlan.core.services import keyed_hash
from anlan.engines.disclosure import Released, Rule, cell_released, table_of
from anlan.intake.models import Incident
from anlan.reports.models import ReleasedCell, ReleasedMonth
from anlan.reports.rules import AXES, HEAT_NEVER, OUTSIDE_CLOSED_AFTER, OUTSIDE_LEAST, OUTSIDE_STEP
from anlan.reports.selectors.exports import Cell, Sheet
from anlan.tagging.selectors import incident_types

RULE = Rule(k=OUTSIDE_LEAST, step=OUTSIDE_STEP)


def months_between(first: str, last: str) -> list[str]:
    """``2026-01`` to ``2026-03``: the three of them; none where the last lies before the first."""
    year, month = map(int, first.split("-"))
    found = []
    while (name := f"{year:04d}-{month:02d}") <= last:
        found.append(name)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """The first instant of the local month and of the next."""
    year, number = map(int, month.split("-"))
    zone = timezone.get_current_timezone()
    after = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=zone), datetime(*after, 1, tzinfo=zone)


def is_closed(month: str, *, at: datetime) -> bool:
    """Whether a month is long enough over for its counts to stand."""
    return at >= month_bounds(month)[1] + timedelta(days=OUTSIDE_CLOSED_AFTER)


def cells_of(month: str) -> dict[tuple[str, str], int | None]:
    """What may be told of each area and family in the month, those without any matter included.

    Counted are matters of their own, by station area; types that measure where officers look or who speaks up
    never leave the house, nor do matters without a type or an area.
    """
    start, end = month_bounds(month)
    rows = Incident.objects.filter(received_at__gte=start, received_at__lt=end, merged_into=None)
    counted = Counter(
        (area, code[:2])
        for area, code in rows.exclude(code="").exclude(station=None).values_list("station__code", "code")
        if not code.startswith(HEAT_NEVER)
    )
    areas = Organisation.objects.filter(kind=Organisation.Kind.STATION).values_list("code", flat=True)
    families = {row.code[:2] for row in incident_types() if not row.code[:2].startswith(HEAT_NEVER)}
    lattice = {(area, family) for area in areas for family in families} | set(counted)
    key = bytes.fromhex(keyed_hash("outside"))
    return {
        cell: cell_released((cell[0], month, cell[1]), counted[cell], rule=RULE, key=key) for cell in sorted(lattice)
    }


def outside_rows(months: Sequence[str], axes: Sequence[str]) -> dict[tuple[str, ...], Released]:
    """Sums of what was released in the months, by some of area, month and family."""
    released: dict[tuple[str, ...], int | None] = {
        (area, month, family): told
        for area, month, family, told in ReleasedCell.objects.filter(month__month__in=months).values_list(
            "area", "month__month", "family", "told"
        )
    }
    return table_of(released, [AXES.index(axis) for axis in axes])


def outside_sheet(months: Sequence[str], axes: Sequence[str]) -> Sheet:
    """The same as a table for a file, each row with how many cells it sums and how many were held back."""
    rule = gettext("of at least %(least)s, in steps of %(step)s") % {"least": RULE.k, "step": RULE.step}
    names = {"area": gettext("area"), "month": gettext("month"), "family": gettext("family of types")}
    head = [*(names[axis] for axis in axes), gettext("matters"), gettext("cells summed"), gettext("cells held back")]
    rows: list[list[Cell]] = [
        [*name, row.count, row.cells, row.held_back] for name, row in outside_rows(months, axes).items()
    ]
    when = sorted(ReleasedMonth.objects.filter(month__in=months).values_list("month", flat=True))
    return Sheet(f"{when[0]} – {when[-1]} ({rule})" if when else rule, head, rows)
