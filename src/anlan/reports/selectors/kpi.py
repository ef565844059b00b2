"""Figures of a period: counted in the database by the conditions of their definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisation_by_code, organisation_ids_beneath
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.disputes.selectors.day_sheets import Unread
from anlan.reports.definitions import (
    BASES,
    CATALOGUE,
    CLOCKS,
    Kind,
    Kpi,
    Records,
    Slice,
    Split,
    definitions_in_force,
    hours_part,
    years_before,
)
from anlan.reports.errors import FigureUnknown, PeriodRefused, PeriodTooFine
from anlan.reports.selectors.day_sums import Summed, count_where, span_key, summed
from anlan.reports.selectors.day_sums import conditions_of as conditions_of
from anlan.reports.selectors.figures import Figure, figure_of

STEPS_LIMIT = 400
STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}


def kpi_all(
    actor: Actor,
    *,
    start: datetime,
    end: datetime,
    organisation: Organisation | None = None,
    source: str | None = None,
    at: datetime | None = None,
) -> list[Figure]:
    """Every figure of the period, in the order of the page, parts right behind their whole.

    ``start`` belongs to the period, ``end`` does not; both are aware. Only what ``actor`` may see is
    counted; ``organisation`` narrows it to that one and all beneath, ``source`` to live calls ("live") or
    to one import. ``at`` as for ``kpi_one``. Raises ``PeriodRefused``.
    """
    wanted = definitions_in_force(_day(start)).values()
    return list(_figures(wanted, part_of(actor, start, end, organisation, source, at), _asked(organisation, source)))


def kpi_one(
    actor: Actor,
    key: str,
    *,
    start: datetime,
    end: datetime,
    organisation: Organisation | None = None,
    source: str | None = None,
    at: datetime | None = None,
) -> Figure:
    """One figure, or one part of a figure (``key:part``). Raises ``FigureUnknown``, ``PeriodRefused``.

    ``at``: the moment it is asked at, by default the end of the period; what is not due by then is not looked at.
    """
    kpi, split = kpi_find(key, on=start)
    part = part_of(actor, start, end, organisation, source, at)
    found = _figures([kpi], part, _asked(organisation, source), only=split)
    return next(figure for figure in found if figure.key == key)


def figure_counted(key: str, *, numerator: int, denominator: int, on: datetime) -> Figure:
    """A share as the edition of that day prints it, from counts that somebody else took. Raises ``FigureUnknown``."""
    kpi, split = kpi_find(key, on=on)
    return figure_of(kpi, numerator=numerator, denominator=denominator, split=split, records={"key": key})


def kpi_some(
    actor: Actor,
    keys: Iterable[str],
    *,
    start: datetime,
    end: datetime,
    organisation: Organisation | None = None,
    source: str | None = None,
    sums: Sums | None = None,
    at: datetime | None = None,
) -> dict[str, Figure]:
    """The figures, or parts of figures, asked for by key; one counting query for each kind of record.

    With ``sums`` what has been added up by days already is taken from there, and ``sums`` is told how far that goes.
    ``at`` as for ``kpi_one``. Raises ``FigureUnknown``, ``PeriodRefused``.
    """
    held = _held(start)
    found = [_find_in(held, key) for key in dict.fromkeys(keys)]
    parts: dict[str, list[Split | None]] = {}
    for kpi, split in found:
        parts.setdefault(kpi.key, []).append(split)
    wanted = {kpi.key: kpi for kpi, _split in found}.values()
    part = part_of(actor, start, end, organisation, source, at)
    figures = _figures(wanted, part, _asked(organisation, source), parts=parts, sums=sums)
    return {figure.key: figure for figure in figures}


@dataclass(slots=True)
class Sums:
    """What was taken from sums by day. ``as_of``: since when changes may not be in it; None where all are."""

    of: dict[Records, Summed] = field(default_factory=dict)
    unread: Unread = field(default_factory=Unread)

    @property
    def as_of(self) -> datetime | None:
        return min((found.as_of for found in self.of.values() if found.as_of is not None), default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trend: ``start`` belongs to it, ``end`` does not."""

    start: datetime
    end: datetime
    figure: Figure


def kpi_series(
    actor: Actor,
    key: str,
    *,
    start: datetime,
    end: datetime,
    step: str = "day",
    organisation: Organisation | None = None,
    source: str | None = None,
    at: datetime | None = None,
) -> list[Step]:
    """The figure day by day, or week by week from Monday, in local days; first and last may be cut short.

    ``at`` as for ``kpi_one``. Raises ``FigureUnknown``, ``PeriodRefused``, and ``PeriodTooFine`` beyond 400 steps.
    """
    kpi, split = kpi_find(key, on=start)
    part_of(actor, start, end, organisation, source)
    asked = _asked(organisation, source)
    found = []
    for left, right in steps_between(start, end, step):
        part = part_of(actor, left, right, organisation, source, at)
        figures = _figures([kpi], part, asked, only=split)
        found.append(Step(left, right, next(figure for figure in figures if figure.key == key)))
    return found


def kpi_find(key: str, *, on: datetime) -> tuple[Kpi, Split | None]:
    """The definition behind ``key`` or ``key:part``, as it is official on that day; clocks of town rooms too."""
    return _find_in(_held(on), key)


def _held(on: datetime) -> dict[str, Kpi]:
    return definitions_in_force(_day(on), (*CATALOGUE, *CLOCKS))


def _find_in(held: Mapping[str, Kpi], key: str) -> tuple[Kpi, Split | None]:
    name, _, part = key.partition(":")
    kpi = held.get(name)
    if kpi is None:
        raise FigureUnknown(key=key, choices=", ".join(held))
    if not part:
        return kpi, None
    if (hours := hours_part(kpi, part)) is not None:
        return kpi, hours
    parts = {split.key: split for split in kpi.splits()}
    if part not in parts:
        raise FigureUnknown(key=key, choices=", ".join(f"{name}:{other}" for other in parts) or name)
    return kpi, parts[part]


def part_of(
    actor: Actor,
    start: datetime,
    end: datetime,
    organisation: Organisation | None,
    source: str | None,
    at: datetime | None = None,
) -> Slice:
    """What is to be counted. Raises ``PeriodRefused`` for a period without length or without zone."""
    if timezone.is_naive(start) or timezone.is_naive(end) or not start < end:
        raise PeriodRefused(field="start", problem="", start=start.isoformat(), end=end.isoformat())
    org_ids = organisation_ids_beneath(organisation) if organisation is not None else None
    return Slice(actor=actor, start=start, end=end, org_ids=org_ids, source=source or None, at=at)


def rows_of(records: Records, part: Slice) -> QuerySet[Any]:
    """The records of that kind in the slice, with what is derived ready to be asked."""
    base = BASES[records]
    rows: QuerySet[Any] = base.rows(part).order_by().annotate(**base.derived)
    return rows


def steps_between(start: datetime, end: datetime, step: str) -> list[tuple[datetime, datetime]]:
    """The local days or weeks (from Monday) that cover the period, cut at its ends."""
    if step not in STEPS:
        raise FigureUnknown(key=step, choices=", ".join(STEPS))
    zone = timezone.get_current_timezone()
    day = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if step == "week":
        day -= timedelta(days=day.weekday())
    edges = []
    while (edge := timezone.make_aware(day, zone)) < end:
        edges.append(max(edge, start))
        day += STEPS[step]
        if len(edges) > STEPS_LIMIT:
            raise PeriodTooFine(field="step", problem="", steps=f"> {STEPS_LIMIT}", limit=STEPS_LIMIT)
    return list(zip(edges, [*edges[1:], end], strict=True))


def _day(at: datetime) -> date:
    try:
        return timezone.localtime(at).date() if timezone.is_aware(at) else at.date()
    except OverflowError:
        return at.date()


def organisation_asked(actor: Actor, code: str) -> Organisation | None:
    """The organisation a page is narrowed to; one beyond the actor's reach is as good as none: ``NotFound``."""
    if not code:
        return None
    found = organisation_by_code(code)
    if found is None or not (actor.sees_all or found.pk in actor.org_ids):
        raise NotFound
    return found


def _asked(organisation: Organisation | None, source: str | None) -> dict[str, str]:
    return {"organisation": organisation.code if organisation else "", "source": source or ""}


def _figures(
    wanted: Iterable[Kpi],
    part: Slice,
    asked: dict[str, str],
    *,
    only: Split | None = None,
    parts: Mapping[str, list[Split | None]] | None = None,
    sums: Sums | None = None,
) -> Iterator[Figure]:
    """Figures of one slice: per kind of record one counting query, and one for each pair of moments.

    Whole figures with all their parts, unless ``only`` names one part or ``parts`` says which. With ``sums`` from
    sums by day where there are such.
    """
    kpis = list(wanted)
    if parts is None:
        parts = {kpi.key: [only] if only else [None, *kpi.splits()] for kpi in kpis}
    known = sums or Sums()
    counts = _counted(kpis, parts, part, None if sums is None else known)
    spans: dict[object, list[float]] = {}
    period = {"start": part.start.isoformat(), "end": part.end.isoformat()}
    for kpi in kpis:
        for split in parts[kpi.key]:
            key = kpi.key if split is None else f"{kpi.key}:{split.key}"
            denominator, numerator = counts.get(key, (0, 0))
            yield figure_of(
                kpi,
                numerator=numerator,
                denominator=denominator,
                seconds=_seconds(kpi, split, part, spans, known),
                pairs=_pairs(kpi, part) if kpi.kind == Kind.KAPPA else (),
                split=split,
                records={"key": key, **period, **{name: value for name, value in asked.items() if value}},
            )


def _counted(
    kpis: Sequence[Kpi], parts: Mapping[str, list[Split | None]], part: Slice, sums: Sums | None
) -> dict[str, tuple[int, int]]:
    """Denominator and numerator of every figure, one query for each kind of record and each year asked."""
    found: dict[str, tuple[int, int]] = {}
    kept = [kpi for kpi in kpis if kpi.kind != Kind.MISSING]
    for records, years in dict.fromkeys((kpi.records, kpi.years_back) for kpi in kept):
        keys: list[str] = []
        asked: dict[str, Q] = {}
        for kpi in kept:
            if (kpi.records, kpi.years_back) != (records, years):
                continue
            for split in parts[kpi.key]:
                looked_at, counting = conditions_of(kpi, split)
                asked[f"d{len(keys)}"] = looked_at
                asked[f"n{len(keys)}"] = counting
                keys.append(kpi.key if split is None else f"{kpi.key}:{split.key}")
        added = None if sums is None or years else summed(records, part, asked.values(), sums.unread)
        if sums is not None and added is not None:
            sums.of[records] = added
            row = {name: added.counts[str(condition)] for name, condition in asked.items()}
        else:
            counts = {name: count_where(condition) for name, condition in asked.items()}
            row = rows_of(records, years_before(part, years)).aggregate(**counts)
        found |= {key: (row[f"d{k}"], row[f"n{k}"]) for k, key in enumerate(keys)}
    for kpi in kept:
        if kpi.kind == Kind.RATIO:
            # Of the year before only the denominator; what counts is this period's.
            found[kpi.key] = found[kpi.key][0], rows_of(kpi.records, part).filter(conditions_of(kpi, None)[1]).count()
    return found


def _pairs(kpi: Kpi, part: Slice) -> list[tuple[str, str]]:
    """For each record looked at, the value of the first person and of the one who took its place."""
    rows = rows_of(kpi.records, part).filter(kpi.denominator)
    return list(rows.values_list("value", "superseded_by__value"))


def _seconds(
    kpi: Kpi, split: Split | None, part: Slice, held: dict[object, list[float]], sums: Sums
) -> Sequence[float] | NDArray[np.float64]:
    """The durations behind a percentile or total, read once for all figures on the same records."""
    if kpi.span is None:
        return []
    _, counting = conditions_of(kpi, split)
    added = sums.of.get(kpi.records)
    if added is not None and (lasted := added.seconds.get(span_key(kpi, counting))) is not None:
        return lasted
    name = (kpi.records, kpi.span, str(counting))
    if name not in held:
        pairs = rows_of(kpi.records, part).filter(counting).values_list(*kpi.span)
        held[name] = [(later - earlier).total_seconds() for earlier, later in pairs.iterator(chunk_size=20_000)]
    return held[name]
