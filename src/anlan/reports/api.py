"""JSON doors of this room: figures with what it takes to judge them, their records, and the bulletin."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from ninja import Router

from anlan.core.api import actor_of
from anlan.core.clock import now
from anlan.reports import selectors

router = Router(tags=["reports"])


@router.get("/kpi", response=dict)
def kpi(request: HttpRequest, start: datetime, end: datetime, organisation: str = "", source: str = "") -> Any:
    """All figures of a period: value, numerator, denominator, n, interval, version, formula, records."""
    actor = actor_of(request, "reports.view")
    org = selectors.organisation_asked(actor, organisation)
    found = selectors.kpi_all(actor, start=start, end=end, organisation=org, source=source, at=now())
    return {"start": start, "end": end, "figures": [_plain(asdict(figure)) for figure in found]}


@router.get("/kpi/clocks", response=dict)
def kpi_clocks(request: HttpRequest, start: datetime, end: datetime, organisation: str = "") -> Any:
    """The clocks of town rooms by the hour of routing and for the peak, up to this moment at most.

    Every figure comes with its counts, interval and version; its ``records`` open the orders behind it.
    """
    actor = actor_of(request, "reports.view")
    org = selectors.organisation_asked(actor, organisation)
    told = selectors.clock_hours(actor, start=start, end=end, at=now(), organisation=org)
    return {"start": told.start, "end": told.end, "rows": [_clock_row(row) for row in told.rows]}


def _clock_row(row: selectors.ClockRow) -> dict[str, Any]:
    clocks = [_plain(asdict(figure)) for figure in row.clocks]
    return {"kind": row.kind, "hours": row.hours, "orders": row.orders, "clocks": clocks}


@router.get("/kpi/{key}/records", response=dict)
def kpi_records(
    request: HttpRequest,
    key: str,
    start: datetime,
    end: datetime,
    part: str = "numerator",
    organisation: str = "",
    source: str = "",
    after: str = "",
    limit: int = 50,
) -> Any:
    """The records a figure counts (numerator), looks at (denominator) or leaves uncounted (missed)."""
    actor = actor_of(request, "reports.view")
    page = selectors.kpi_records(
        actor,
        key,
        part=part,
        start=start,
        end=end,
        organisation=selectors.organisation_asked(actor, organisation),
        source=source,
        after=after,
        limit=limit,
        at=now(),
    )
    return {"rows": [asdict(row) for row in page.rows], "after": page.after}


@router.get("/kpi/{key}/series", response=dict)
def kpi_series(
    request: HttpRequest,
    key: str,
    start: datetime,
    end: datetime,
    step: str = "day",
    organisation: str = "",
    source: str = "",
) -> Any:
    """A figure day by day or week by week."""
    actor = actor_of(request, "reports.view")
    org = selectors.organisation_asked(actor, organisation)
    steps = selectors.kpi_series(
        actor, key, start=start, end=end, step=step, organisation=org, source=source, at=now()
    )
    return {"key": key, "step": step, "steps": [_plain(asdict(row)) for row in steps]}


@router.get("/bulletin", response=dict)
def bulletin(request: HttpRequest, week_start: date, organisation: str = "", source: str = "") -> Any:
    """The weekly bulletin: buckets by organisation, each share with its interval; sheets not finished."""
    actor = actor_of(request, "reports.view")
    org = selectors.organisation_asked(actor, organisation)
    report = selectors.bulletin(actor, week_start=week_start, organisation=org, source=source)
    return {
        "start": report.start,
        "end": report.end,
        "version": report.version,
        "tables": [_table(table) for table in report.tables],
        "button": _table(report.button),
        "unfinished": [asdict(row) for row in report.unfinished],
        "unfinished_count": report.unfinished_count,
    }


def _table(table: selectors.BulletinTable) -> dict[str, Any]:
    return {
        "key": table.measure.key,
        "name": str(table.measure.name),
        "says": str(table.measure.says),
        "total": _row(table.total),
        "rows": [_row(row) for row in table.rows],
    }


def _row(row: selectors.BulletinRow) -> dict[str, Any]:
    return {
        "organisation": row.organisation.code if row.organisation else None,
        "name": selectors.organisation_name(row.organisation),
        "n": row.n,
        "buckets": [_plain(asdict(bucket)) for bucket in row.buckets],
        "compared": row.compared,
        "compared_text": str(row.compared_text),
    }


def _plain(value: Any) -> Any:
    """Texts in the reader's language, all the way down."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
