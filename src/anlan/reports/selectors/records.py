"""The records behind a figure: the very conditions that counted them, newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_datetime

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.shut import FILE, INCIDENT, shutter_of
from anlan.reports.definitions import BASES, FILE_OF, Kind, Kpi, Records, years_before
from anlan.reports.selectors.kpi import conditions_of, kpi_find, part_of, rows_of

PARTS = ("numerator", "denominator", "missed")
PAGE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One counted record: what it is, when its incident was received (a call: when it rang), and how long
    it took where the figure is about a time.

    ``subject`` is the number of the incident (a call without one: of the call); ``unit`` the call sign of
    a dispatch sheet. Of a dispute ``subject`` and ``file`` are the number of its file, and ``at`` is when the file
    was opened, the push sent, the file closed, the revisit drawn or the agreement made.
    """

    records: str
    id: int
    at: datetime
    subject: str
    incident_id: int | None
    code: str
    priority: str
    unit: str = ""
    file: str = ""
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of records; ``after`` opens the next one and is empty on the last."""

    rows: list[Record]
    after: str


def kpi_records(
    actor: Actor,
    key: str,
    *,
    part: str = "numerator",
    start: datetime,
    end: datetime,
    organisation: Organisation | None = None,
    source: str | None = None,
    after: str | None = None,
    limit: int = 50,
    at: datetime | None = None,
) -> RecordPage:
    """The records a figure counts (``numerator``), looks at (``denominator``), or looks at without
    counting them (``missed``); newest first. ``after`` is the mark of the page before. Those of a matter that
    is shut to the actor are left out, and what is not due by ``at`` (see ``kpi_one``).

    Raises ``FigureUnknown``, ``PeriodRefused``, ``BadInput`` for another part or an unreadable mark.
    """
    if part not in PARTS:
        raise BadInput(field="part", problem=part)
    kpi, split = kpi_find(key, on=start)
    piece = part_of(actor, start, end, organisation, source, at)
    if kpi.kind != Kind.RATIO or part == "denominator":
        piece = years_before(piece, kpi.years_back)
    looked_at, counting = conditions_of(kpi, split)
    rows = rows_of(kpi.records, piece).filter(looked_at)
    if kpi.kind == Kind.MISSING or (kpi.kind == Kind.RATIO and part == "missed"):
        rows = rows.none()
    if part == "numerator":
        rows = rows.filter(counting)
    elif part == "missed":
        # Not by a plain "not": where a time is missing the condition is neither true nor false.
        rows = rows.exclude(pk__in=rows_of(kpi.records, piece).filter(counting).values("pk"))
    return _page(kpi, _unshut(kpi, rows, actor), after, max(1, min(limit, PAGE_LIMIT)))


def _unshut(kpi: Kpi, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Without records of matters shut to the actor for a while; the figure itself counts them all the same."""
    if kpi.records in FILE_OF:
        sort, column = FILE, f"{FILE_OF[kpi.records]}pk"
    else:
        sort, column = INCIDENT, "pk" if kpi.records == Records.INCIDENT else "incident_id"
    shutter = shutter_of(sort)
    keys = shutter.keys(actor) if shutter is not None else None
    return rows if keys is None else rows.exclude(**{f"{column}__in": keys})


def _page(kpi: Kpi, rows: QuerySet[Any], after: str | None, limit: int) -> RecordPage:
    order = BASES[kpi.records].order
    if after:
        at, pk = _mark(after)
        rows = rows.filter(Q(**{f"{order}__lt": at}) | Q(**{order: at, "pk__lt": pk}))
    columns = _columns(kpi, order)
    found = list(rows.order_by(f"-{order}", "-pk").values(**columns)[: limit + 1])
    page = found[:limit]
    mark = f"{page[-1]['at_'].isoformat()}|{page[-1]['id_']}" if len(found) > limit else ""
    return RecordPage([_record(kpi, row) for row in page], mark)


def _mark(after: str) -> tuple[datetime, int]:
    moment, _, pk = after.rpartition("|")
    try:
        at = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not pk.isdecimal() or len(pk) > 18:
        raise BadInput(field="after", problem=after[:60])
    return at, int(pk)


def _columns(kpi: Kpi, order: str) -> dict[str, F]:
    """What is read of a row, under names no column of a model has."""
    if kpi.records in FILE_OF:
        return _file_columns(kpi, order)
    to = "" if kpi.records == Records.INCIDENT else "incident__"
    columns = {
        "id_": F("pk"),
        "at_": F(order),
        "number_": F(f"{to}number"),
        "incident_": F("pk") if not to else F("incident_id"),
        "code_": F(f"{to}code"),
        "priority_": F(f"{to}priority"),
    }
    if kpi.records == Records.CALL:
        columns["call_"] = F("number")
    if kpi.records == Records.ASSIGNMENT:
        columns["unit_"] = F("unit__call_sign")
    if kpi.span is not None:
        columns |= {"from_": F(kpi.span[0]), "to_": F(kpi.span[1])}
    return columns


def _file_columns(kpi: Kpi, order: str) -> dict[str, F]:
    to = FILE_OF[kpi.records]
    columns = {
        "id_": F("pk"),
        "at_": F(order),
        "file_": F(f"{to}number"),
        "code_": F(f"{to}code"),
    }
    if kpi.span is not None:
        columns |= {"from_": F(kpi.span[0]), "to_": F(kpi.span[1])}
    return columns


def _record(kpi: Kpi, row: dict[str, Any]) -> Record:
    begun, done = row.get("from_"), row.get("to_")
    return Record(
        records=kpi.records.value,
        id=row["id_"],
        at=row["at_"],
        subject=row.get("number_") or row.get("call_") or row.get("file_", ""),
        incident_id=row.get("incident_"),
        code=row["code_"] or "",
        priority=row.get("priority_") or "",
        unit=row.get("unit_", ""),
        file=row.get("file_", ""),
        duration_s=(done - begun).total_seconds() if begun and done else None,
    )
