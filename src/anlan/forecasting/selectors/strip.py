"""The strip of station areas above their own normal level, and what is missing where nothing is forecast yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.engines.forecast.anomaly import WEEKS, Level, levels
from anlan.forecasting import rules
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.rules import FAMILIES, LEAST_DAYS, LEAST_SHOWN
from anlan.forecasting.selectors.ground import family_codes, world_of
from anlan.forecasting.selectors.record import Kept, day_number
from anlan.intake.models import Incident

WEEK_DAYS = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A family in a station's area beside its own normal: the seven days before, against the fifteen weeks before."""

    station_id: int
    family: str
    level: Level
    first: date
    last: date


def strip_of(kept: Kept) -> list[Anomaly]:
    """Areas above their own normal in the seven days before ``kept.end``, surest first.

    All areas and families of the bureau are judged together: what stands out doesn't depend on who looks. Only
    counts of five and more are told.
    """
    history, row = kept.record.history, {pk: k for k, pk in enumerate(kept.stations)}
    place = np.array([row.get(int(pk), len(row)) for pk in kept.station_of], dtype=np.int64)
    width, end = len(row), day_number(kept.end)
    first = end - WEEK_DAYS * (WEEKS + 1)
    if not width or not len(history.active):
        return []
    week = [WEEK_DAYS * k + first for k in range(WEEKS + 2)]
    days = [int(((history.days >= low) & (history.days < low + WEEK_DAYS)).sum()) for low in week[:-1]]
    counts = np.zeros((len(FAMILIES) * width, WEEKS + 1), dtype=np.int64)
    for f, family in enumerate(FAMILIES):
        for k, low in enumerate(week[:-1]):
            by_cell = history.counts(family, low, low + WEEK_DAYS).sum(axis=0)
            totals = np.bincount(place, weights=by_cell, minlength=width + 1)[:width]
            counts[f * width : (f + 1) * width, k] = totals
    judged = levels(
        counts[:, WEEKS], counts[:, :WEEKS], days_now=days[WEEKS], days_past=days[:WEEKS], least=LEAST_SHOWN
    )
    span = kept.end - timedelta(days=WEEK_DAYS), kept.end - timedelta(days=1)
    found = [
        Anomaly(kept.stations[k % width], list(FAMILIES)[k // width], level, *span)
        for k, level in enumerate(judged)
        if level.verdict in ("above", "edge")
    ]
    return sorted(found, key=lambda each: (each.level.verdict != "above", each.level.p))


def strip_stored(kept: Kept) -> list[dict[str, object]]:
    """The strip as a run keeps it."""
    return [
        {
            "station": each.station_id,
            "family": each.family,
            "first": each.first.isoformat(),
            "last": each.last.isoformat(),
            "count": each.level.count,
            "expected": round(each.level.expected, 2),
            "low": each.level.low,
            "high": each.level.high,
            "p": float(f"{each.level.p:.3g}"),
            "verdict": each.level.verdict,
        }
        for each in strip_of(kept)
    ]


def strip_shown(run: ForecastRun, actor: Actor) -> list[Anomaly]:
    """The strip of a run, in the actor's reach."""
    return [
        Anomaly(
            row["station"],
            row["family"],
            Level(row["count"], row["expected"], row["low"], row["high"], row["p"], row["verdict"]),
            date.fromisoformat(row["first"]),
            date.fromisoformat(row["last"]),
        )
        for row in run.facts.get("strip", [])
        if actor.sees_all or row["station"] in actor.org_ids
    ]


def strip_item(run: ForecastRun, actor: Actor, *, station_id: int, family: str) -> Anomaly:
    """One item of the strip. Raises ``NotFound`` where there is none in the actor's reach."""
    for each in strip_shown(run, actor):
        if (each.station_id, each.family) == (station_id, family):
            return each
    raise NotFound


def strip_records(run: ForecastRun, item: Anomaly) -> list[Incident]:
    """The very reports an item counts, newest first: the family's, by citizens, in the cells of its area."""
    start, end = (timezone.make_aware(datetime.combine(day, time())) for day in (item.first, item.last + DAY))
    rows = list(
        Incident.objects.filter(
            origin__in=rules.LEARNT_ORIGINS,
            is_valid=True,
            merged_into=None,
            code__in=family_codes(item.family),
            received_at__gte=start,
            received_at__lt=end,
            lon__isnull=False,
        ).order_by("-received_at")
    )
    world = world_of(run)
    mine = set(world.cells[world.station == item.station_id].tolist())
    lon, lat = (np.array([getattr(row, axis) for row in rows], dtype=np.float64) for axis in ("lon", "lat"))
    return [row for row, cell in zip(rows, world.grid.to_cell(lon, lat).tolist(), strict=True) if cell in mine]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a forecast can be issued, and if not what is missing and since when."""

    days: int
    needed: int
    first_day: date | None
    reports: int
    stations: int
    holes: tuple[tuple[datetime, datetime, float], ...]

    @property
    def is_ready(self) -> bool:
        return self.days >= self.needed and self.reports > 0 and self.stations > 0


def readiness(kept: Kept) -> Readiness:
    """What the record holds, for a page without a forecast."""
    return Readiness(kept.days, LEAST_DAYS, kept.first_day, kept.reports, len(kept.stations), kept.holes)
