"""The one door through which counts leave the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.reports import events
from anlan.reports.errors import AxisUnknown, MonthOpen
from anlan.reports.models import ReleasedCell, ReleasedMonth
from anlan.reports.rules import AXES, OUTSIDE_CLOSED_AFTER
from anlan.reports.selectors.exports import Sheet
from anlan.reports.selectors.outside import RULE, cells_of, is_closed, month_bounds, months_between, outside_sheet


@transaction.atomic
def month_release(*, month: str, by: Actor, at: datetime) -> ReleasedMonth:
    """Say for ever what may be told of each cell of a closed month; one that was released stays as it is.

    Raises ``MonthOpen``.
    """
    if not is_closed(month, at=at):
        raise MonthOpen(month=month, until=month_bounds(month)[1], days=OUTSIDE_CLOSED_AFTER)
    row, is_new = ReleasedMonth.objects.get_or_create(
        month=month, defaults={"least": RULE.k, "step": RULE.step, "released_at": at}
    )
    if not is_new:
        return row
    cells = cells_of(month)
    ReleasedCell.objects.bulk_create(
        ReleasedCell(month=row, area=area, family=family, told=told) for (area, family), told in cells.items()
    )
    held_back = sum(told is None for told in cells.values())
    event_record(events.MONTH_RELEASED, subject=row, by=by, at=at, month=month, cells=len(cells), held_back=held_back)
    return row


@transaction.atomic
def export_outside(*, first: str, last: str, axes: Sequence[str], by: Actor, at: datetime) -> Sheet:
    """A table of counts for outside, by some of area, month and family; on the record who took out what.

    Months not released yet are released first. Raises ``AxisUnknown`` and ``MonthOpen``.
    """
    require(by, "reports.export_outside")
    if not set(axes) <= set(AXES) or len(set(axes)) < len(axes):
        raise AxisUnknown(axes=", ".join(axes), choices=", ".join(AXES))
    months = months_between(first, last)
    rows = [month_release(month=month, by=by, at=at) for month in months]
    if rows:
        event_record(events.EXPORTED, subject=rows[-1], by=by, at=at, first=first, last=last, axes=",".join(axes))
    return outside_sheet(months, axes)
