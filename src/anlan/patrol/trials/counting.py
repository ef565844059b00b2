"""What is counted: citizens' calls by block, ring and day, visits planned and paid, days wholly on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.engines.effects import Counts
from anlan.engines.forecast.grid import Grid
from anlan.forecasting.selectors import FAMILIES, days_on_record, forecast_place
from anlan.intake.models import Incident
from anlan.intake.selectors.places_of_calls import CITIZEN
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.trials.protocol import Layout
from anlan.patrol.trials.rules import EVERYTHING
from anlan.tagging.selectors import incident_types


@dataclass(frozen=True, eq=False)
class Calls:
    """Citizens' calls within the hours looked at: row numbers, day since the first one, place."""

    ids: NDArray[np.int64]
    day: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


def codes_of(family: str) -> list[str]:
    """Types that are counted: those of the family that may be told by cell, or of every family."""
    return [
        row.code
        for row in incident_types()
        if forecast_place(row.code) == "cell" and (family == EVERYTHING or row.family == family)
    ]


def families_offered() -> tuple[str, ...]:
    """What a trial may count."""
    return (EVERYTHING, *FAMILIES)


def calls_between(first_day: date, days: int, *, start_minute: int, minutes: int, family: str) -> Calls:
    """Valid calls of citizens that were not merged into another, within the hours of these days, with a place.

    What officers enter or find themselves has another origin and is never read: no stop and no arrest counts.
    """
    begin = timezone.make_aware(datetime.combine(first_day, time())) + timedelta(minutes=start_minute)
    rows = Incident.objects.filter(
        origin=CITIZEN,
        is_valid=True,
        merged_into=None,
        code__in=codes_of(family),
        received_at__gte=begin,
        received_at__lt=begin + timedelta(days=days),
        lon__isnull=False,
        lat__isnull=False,
    ).order_by("received_at", "id")
    zone = timezone.get_current_timezone()
    kept = []
    for pk, at, lon, lat in rows.values_list("id", "received_at", "lon", "lat").iterator(chunk_size=5_000):
        local = at.astimezone(zone).replace(tzinfo=None) - timedelta(minutes=start_minute)
        if (local - datetime.combine(local.date(), time())).total_seconds() < minutes * 60:
            kept.append((pk, (local.date() - first_day).days, lon, lat))
    columns = list(zip(*kept, strict=True)) if kept else [(), (), (), ()]
    return Calls(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.float64),
        np.array(columns[3], dtype=np.float64),
    )


def counted(calls: Calls, place: NDArray[np.int64], *, places: int, days: int) -> Counts:
    """Calls by place and day, (places, days)."""
    inside = (place >= 0) & (place < places) & (calls.day >= 0) & (calls.day < days)
    flat = np.bincount(place[inside] * days + calls.day[inside], minlength=places * days)
    return flat.reshape(places, days).astype(np.int64)


def calls_of_trial(layout: Layout, family: str, *, days: int) -> tuple[Calls, NDArray[np.int64]]:
    """The calls of the first ``days`` days of a trial, and the block or ring of each."""
    calls = calls_between(
        layout.first_day, days, start_minute=layout.start_minute, minutes=layout.minutes, family=family
    )
    return calls, layout.place_of(calls.lon, calls.lat)


def days_known(first_day: date, days: int, *, wraps: bool, at: datetime) -> NDArray[np.bool_]:
    """Which days are wholly on record; with ``wraps`` the next day must be too, for the hours after midnight."""
    known = days_on_record(first_day, days + 1, end=timezone.localdate(at))
    return known[:-1] & known[1:] if wraps else known[:-1]


def visits_by_block(layout: Layout, organisations: frozenset[int], number: int) -> dict[str, Any]:
    """Visits planned and paid in each block within the hours of a day, of plans that were published for it."""
    begin, end = layout.span(number)
    plans = PatrolPlan.objects.filter(
        organisation_id__in=organisations, state__in=("published", "ended"), starts_at__lt=end, ends_at__gt=begin
    )
    ids = list(plans.values_list("id", flat=True))
    stops = PatrolStop.objects.filter(route__plan_id__in=ids, arrives_at__gte=begin, arrives_at__lt=end)
    rows = list(stops.exclude(kind="meal").values_list("lon", "lat", "state"))
    place = layout.place_of(*(np.array([row[axis] for row in rows], dtype=np.float64) for axis in (0, 1)))
    paid = np.array([row[2] == "dwelt" for row in rows], dtype=np.bool_)
    return {"plans": len(ids), "planned": _by(place, layout.blocks), "paid": _by(place[paid], layout.blocks)}


def _by(place: NDArray[np.int64], blocks: int) -> list[int]:
    inside = place[(place >= 0) & (place < blocks)]
    return [int(n) for n in np.bincount(inside, minlength=blocks)]


def centres_of(grid: Grid, groups: Sequence[Sequence[int]], calls: Calls) -> list[tuple[float, float]]:
    """The middle of the calls of each group of cells; the middle of its cells where there are none."""
    cell = grid.to_cell(calls.lon, calls.lat)
    found = []
    for cells in groups:
        inside = np.isin(cell, np.asarray(cells, dtype=np.int32))
        lon, lat = (calls.lon[inside], calls.lat[inside]) if inside.any() else grid.centre(np.array(cells, np.int32))
        found.append((float(lon.mean()), float(lat.mean())))
    return found
